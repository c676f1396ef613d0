"""What is too old goes, and what somebody asks to be forgotten: rows, pictures and looks, for good."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, delete, exists, or_, select
from sqlalchemy.orm import Session

from errors import StoreError
from store import people
from store.crop_files import remove_files
from store.engine import SQLITE, reading, shown, writing
from store.job_log import PROCESSING, runs_elsewhere
from store.records import jobs
from store.records_erasing import erase_from_records
from store.resolving import Resolver, insights
from store.schema import (
    Base,
    CropRow,
    EventRow,
    ForgottenRow,
    IdentityRow,
    JobRow,
    LookRow,
    MeanRow,
    SightingRow,
)
from store.values import Erased, StoredJob
from store.writing import upsert
from store_settings import StoreConfig

DAY_S: Final = 86400.0
PICTURE: Final = re.compile(r"[^/]+/[^/]+-\d+-\d+\.jpg")
MOST_JOBS: Final = 1_000_000
YOUNG_S: Final = 3600.0
"""A picture without a row is left alone for so long: its row may be on its way."""


def purge(engine: Engine, folder: Path, config: StoreConfig, now_unix_s: float) -> Erased:
    """Remove what is older than it may get, and pictures that no row refers to.

    Raises:
        StoreError: `store_unavailable`.
    """
    before = {
        CropRow: now_unix_s - config.crops_days * DAY_S,
        LookRow: now_unix_s - config.embeddings_days * DAY_S,
        SightingRow: now_unix_s - config.sightings_days * DAY_S,
        EventRow: now_unix_s - config.events_days * DAY_S,
    }
    with writing(engine) as session:
        crops = _drop_crops(session, CropRow.unix_s < before[CropRow])
        looks = _drop(session, LookRow, LookRow.last_unix_s < before[LookRow])
        sightings = _drop(session, SightingRow, SightingRow.end_unix_s < before[SightingRow])
        events = _drop(session, EventRow, EventRow.unix_s < before[EventRow])
        _drop(session, MeanRow, MeanRow.unix_s < before[LookRow])
        _drop_empty_jobs(session, min(before.values()))
        _drop_empty_identities(session)
    left = remove_files(folder, crops) + remove_files(folder, _strays(engine, folder, now_unix_s))
    if crops or looks or sightings or events:
        left += compact(engine)
    return Erased(sightings, events, looks, len(crops), tuple(left))


def forget(engine: Engine, folder: Path, number: int, now_unix_s: float) -> Erased | None:
    """Erase a person, also from the results folders of the jobs; None when nobody has the number.

    What jobs that run now still see of the person is thrown away from now on.

    Raises:
        StoreError: `store_unavailable`.
    """
    with writing(engine) as session:
        name = people.current(session, number)
        aliases = people.aliases_of(session, name)
        resolver = Resolver.read(session)
        mine: dict[type[Base], ColumnElement[bool]] = {
            table: table.person_id == name for table in (SightingRow, CropRow, LookRow)
        }
        if session.get(IdentityRow, name) is None and not any(
            session.scalar(select(exists().where(condition))) for condition in mine.values()
        ):
            return None
        only = _only(resolver, name, aliases)
        upsert(session, ForgottenRow, [{"id": each, "unix_s": now_unix_s} for each in only], ("id",))
        found = jobs(session, MOST_JOBS, 0).items
        crops = _drop_crops(session, mine[CropRow])
        looks = _drop(session, LookRow, mine[LookRow])
        sightings = _drop(session, SightingRow, mine[SightingRow])
        events = _drop(session, EventRow, EventRow.id.in_(list(_events_of(session, resolver, name, aliases))))
        session.execute(delete(IdentityRow).where(IdentityRow.id.in_(only)))
    erased = Erased(sightings, events, looks, len(crops), tuple(remove_files(folder, crops)))
    lines = compact(engine) + list(_erase_records(found, only))
    return replace(erased, left=(*erased.left, *lines))


def delete_job(engine: Engine, folder: Path, job_id: str, now_unix_s: float, *, with_results: bool) -> Erased | None:
    """Remove a job that is over with all it wrote here but the looks of people; None when there is none of that name.

    Its results folder is left alone. Of this process's own jobs the caller knows whether they are over.

    Args:
        engine: The database.
        folder: Where the pictures are.
        job_id: The job.
        now_unix_s: The wall clock.
        with_results: The caller is about to remove the job's records, too; refused while another job writes there.

    Raises:
        StoreError: `store_unavailable`, `job_not_over` or `output_in_use`.
    """
    with writing(engine) as session:
        row = session.get(JobRow, job_id)
        if row is None:
            return None
        if runs_elsewhere(row, now_unix_s):
            host, process, _ = row.owner.rsplit("/", 2)
            raise StoreError(
                f"job {job_id} is not over: process {process} on {host} runs it; stop it there first",
                code="job_not_over",
            )
        same_folder = select(JobRow).where(JobRow.results == row.results, JobRow.id != job_id)
        for other in session.scalars(same_folder) if with_results else ():
            if runs_elsewhere(other, now_unix_s):
                raise StoreError(
                    f"{row.results} belongs to job {other.id}, which is not over; wait for that job",
                    code="output_in_use",
                )
        crops = _drop_crops(session, CropRow.job_id == job_id)
        sightings = _drop(session, SightingRow, SightingRow.job_id == job_id)
        events = _drop(session, EventRow, EventRow.job_id == job_id)
        session.execute(delete(JobRow).where(JobRow.id == job_id))
        _drop_empty_identities(session)
    left = remove_files(folder, crops)
    left += compact(engine)
    return Erased(sightings, events, 0, len(crops), tuple(left))


def compact(engine: Engine) -> list[str]:
    """Give the room of what was removed back to the disk; on SQLite only then it is gone for good.

    Returns:
        A line for people when that was not possible now, e.g. because a job is writing.
    """
    if engine.dialect.name != SQLITE:
        return []
    with engine.connect() as connection:
        connection.rollback()  # not within a transaction
        raw: Any = connection.connection.dbapi_connection
        try:
            raw.execute("VACUUM").close()
            busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:
            busy = True
    if busy:
        return [f"{shown(engine.url)}: in use, so what was removed may still be in the file; purge again later"]
    return []


def _drop(session: Session, table: type[Base], condition: ColumnElement[bool]) -> int:
    done: Any = session.execute(delete(table).where(condition))
    return int(done.rowcount)


def _drop_crops(session: Session, condition: ColumnElement[bool]) -> list[str]:
    """Remove rows; returns the paths of the files that have to follow."""
    paths = list(session.scalars(select(CropRow.path).where(condition)))
    session.execute(delete(CropRow).where(condition))
    return paths


def _drop_empty_jobs(session: Session, before_unix_s: float) -> None:
    used = [exists().where(table.job_id == JobRow.id) for table in (SightingRow, CropRow, EventRow)]
    over = JobRow.finished_unix_s < before_unix_s
    session.execute(delete(JobRow).where(over, ~or_(*used)).execution_options(synchronize_session=False))


def _drop_empty_identities(session: Session) -> None:
    """Remove people of whom nothing is left, but none of a job that runs: by them it knows what numbers it gave."""
    used = [exists().where(table.person_id == IdentityRow.id) for table in (SightingRow, CropRow, LookRow)]
    heir = IdentityRow.__table__.alias()
    used.append(exists().where(heir.c.id == IdentityRow.merged_into))
    running = (JobRow.status == PROCESSING, JobRow.first_id <= IdentityRow.id, JobRow.end_id > IdentityRow.id)
    used.append(exists().where(*running))
    session.execute(delete(IdentityRow).where(~or_(*used)).execution_options(synchronize_session=False))


def _strays(engine: Engine, folder: Path, now_unix_s: float) -> list[str]:
    """Pictures that no row refers to any more, e.g. since a crash."""
    with reading(engine) as session:
        known = set(session.scalars(select(CropRow.path)))
    found = (path.relative_to(folder).as_posix() for path in folder.glob("*/*.jpg") if _is_old(path, now_unix_s))
    return [path for path in found if PICTURE.fullmatch(path) and path not in known]


def _is_old(path: Path, now_unix_s: float) -> bool:
    try:
        return path.stat().st_mtime < now_unix_s - YOUNG_S
    except OSError:
        return False


def _events_of(session: Session, resolver: Resolver, name: int, aliases: Sequence[int]) -> Iterator[int]:
    named = or_(EventRow.identity_id.in_(aliases), EventRow.other_id.in_(aliases))
    jobs_know = insights(session)
    for row in session.scalars(select(EventRow).where(named)):
        job = jobs_know[row.job_id]
        if name in {resolver.person(each, row.unix_s, job) for each in (row.identity_id, row.other_id)}:
            yield row.id


def _only(resolver: Resolver, name: int, aliases: Sequence[int]) -> list[int]:
    """The numbers that stand for nobody else, also not before a split."""
    return [each for each in aliases if resolver.heir(each) == name or each == name]


def _erase_records(found: Sequence[StoredJob], names: Sequence[int]) -> Iterator[str]:
    for job in found:
        if job.results is None or not job.results.is_dir():
            continue
        if job.status == PROCESSING:
            yield f"job {job.id} runs: its results folder {job.results} names the person; forget again when it is over"
            continue
        yield from erase_from_records(job.results, set(names))
