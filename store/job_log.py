"""The life of jobs as the store tells it: begun, over, or interrupted because the process that ran it died."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from address import redacted
from entities import Source
from errors import TrackingError
from store.corrections import apply_late
from store.ids import give_back, take_block
from store.schema import CameraRow, ForgottenRow, IdentityRow, JobRow, SightingRow
from store.writing import JobKey

PROCESSING: Final = "processing"
STALE_S: Final = 600.0
"""A job of another machine that has not been heard of for so long is over."""


def this_process() -> str:
    """A name that no other process has, also not one that gets the same number later."""
    started = psutil.Process().create_time()
    return f"{socket.gethostname()}/{os.getpid()}/{started:.2f}"


def begin(session: Session, key: JobKey, sources: Sequence[Source], results: Path | None) -> JobRow:
    """Enter a job that starts now, with numbers set aside for the people it will find."""
    first, end = take_block(session)
    row = JobRow(
        id=key.job_id,
        status=PROCESSING,
        owner=this_process(),
        begins_unix_s=key.begins_unix_s,
        heartbeat_unix_s=key.begins_unix_s,
        media_s=0.0,
        results=None if results is None else str(results.absolute()),
        embedder=key.embedder,
        first_id=first,
        end_id=end,
    )
    session.add(row)
    session.flush()
    for position, each in enumerate(sources):
        size = {"width_px": each.size_px[0], "height_px": each.size_px[1]}
        session.add(
            CameraRow(
                job_id=key.job_id,
                name=each.camera_id,
                position=position,
                source=redacted(each.uri),
                fps=each.fps,
                **size,
            )
        )
    return row


def finish(session: Session, job_id: str, outcome: str, error: TrackingError | None, now_unix_s: float) -> None:
    """Enter how a job ended."""
    row = session.get(JobRow, job_id)
    if row is None:
        return
    row.status, row.finished_unix_s = outcome, now_unix_s
    if error is not None:
        row.error_code, row.error_message = error.code, error.message
    session.flush()
    apply_late(session, row)
    _release(session, row)


def mark_interrupted(session: Session, now_unix_s: float) -> list[str]:
    """Enter the end of jobs whose process is gone; returns their names.

    Numbers are given back of this machine's jobs only: one of another machine may live, cut off, and go on giving its.
    """
    rows = [
        row
        for row in session.scalars(select(JobRow).where(JobRow.status == PROCESSING))
        if not _is_alive(row.owner, now_unix_s - row.heartbeat_unix_s)
    ]
    for row in rows:
        row.status, row.finished_unix_s = "interrupted", row.heartbeat_unix_s
        session.flush()
        apply_late(session, row)
        if _is_local(row.owner):
            _release(session, row)
    return [row.id for row in rows]


def runs_elsewhere(row: JobRow, now_unix_s: float) -> bool:
    """Whether another process than this one is at a job."""
    elsewhere = row.status == PROCESSING and row.owner != this_process()
    return elsewhere and _is_alive(row.owner, now_unix_s - row.heartbeat_unix_s)


def _is_alive(owner: str, silent_s: float) -> bool:
    _, number, started = owner.rsplit("/", 2)
    if not _is_local(owner):
        return silent_s < STALE_S
    try:
        return abs(float(psutil.Process(int(number)).create_time()) - float(started)) < 1.0
    except psutil.Error:
        return False


def _is_local(owner: str) -> bool:
    return owner.rsplit("/", 2)[0] == socket.gethostname()


def _release(session: Session, row: JobRow) -> None:
    """Give back the numbers that the job did not use; those of people who were erased since are used, too."""
    columns = (IdentityRow.id, SightingRow.identity_id, ForgottenRow.id)
    mine = (select(func.max(each)).where(each >= row.first_id, each < row.end_id) for each in columns)
    used = max(session.scalar(query) or row.first_id - 1 for query in mine)
    give_back(session, row.end_id, used + 1)
    session.execute(update(JobRow).where(JobRow.id == row.id).values(end_id=used + 1))
