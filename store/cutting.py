"""A sighting cut in two: its track went over from one person to another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from store.gathering import GAP_S
from store.samples import pack, unpack
from store.schema import HeardRow, JobRow, SightingRow
from store.values import BoxSample


def piece(row: SightingRow, first: int, last: int) -> dict[str, Any]:
    """The columns of some frames of a sighting, but for who it is.

    Args:
        row: The sighting.
        first: First frame of the piece, in the sighting.
        last: Last frame, likewise.
    """
    samples = unpack(row.samples)
    start_s, end_s = (_time_s(samples, frame) for frame in (first, last))
    inside = tuple(each for each in samples if first <= each.frame <= last) or (_nearest(samples, first),)
    share = (last - first + 1) / (row.last_frame - row.first_frame + 1)
    shift_s = row.start_unix_s - row.start_s
    return {
        "camera": row.camera,
        "local_id": row.local_id,
        "first_frame": first,
        "last_frame": last,
        "start_s": start_s,
        "end_s": end_s,
        "start_unix_s": start_s + shift_s,
        "end_unix_s": end_s + shift_s,
        "boxes": round(row.boxes * share),
        "samples": pack(inside),
    }


def cut(session: Session, split: int, person: int, at_unix_s: float) -> None:
    """Cut what is seen of a person at a time, so that one sighting ends before it and another begins then or later.

    A sighting that its job may still add to is left whole: it would grow over the cut. It is cut once the job has
    heard of the split, for then it goes on as somebody else's, or once the job is over.

    Args:
        session: Takes the changes.
        split: The correction.
        person: Who.
        at_unix_s: When.
    """
    heard = exists().where(HeardRow.job_id == JobRow.id, HeardRow.correction_id == split)
    over = (JobRow.status != "processing") | (SightingRow.end_s < JobRow.media_s - GAP_S) | heard
    query = (
        select(SightingRow)
        .join(JobRow, JobRow.id == SightingRow.job_id)
        .where(SightingRow.person_id == person, over)
        .where(SightingRow.start_unix_s < at_unix_s, SightingRow.end_unix_s >= at_unix_s)
    )
    for row in session.scalars(query).all():
        frame = _first_frame(row, at_unix_s)
        if not row.first_frame < frame <= row.last_frame:
            continue
        later = piece(row, frame, row.last_frame)
        earlier = piece(row, row.first_frame, frame - 1)
        later["start_unix_s"] = max(later["start_unix_s"], at_unix_s)  # sums of times are exact to a microsecond
        who = {"identity_id": row.identity_id, "person_id": row.person_id}
        session.execute(update(SightingRow).where(SightingRow.id == row.id).values(**earlier))
        session.add(SightingRow(job_id=row.job_id, **later, **who))
    session.flush()


def _first_frame(row: SightingRow, at_unix_s: float) -> int:
    """The first frame at a time or later."""
    samples = unpack(row.samples)
    at_s = at_unix_s - (row.start_unix_s - row.start_s)
    frame = np.interp(at_s, [each.time_s for each in samples], [each.frame for each in samples])
    return math.ceil(float(frame) - 1e-3)


def _time_s(samples: Sequence[BoxSample], frame: int) -> float:
    """Media time of a frame between samples, whose first and last are the ends of the sighting."""
    return float(np.interp(frame, [each.frame for each in samples], [each.time_s for each in samples]))


def _nearest(samples: Sequence[BoxSample], frame: int) -> BoxSample:
    return min(samples, key=lambda each: abs(each.frame - frame))
