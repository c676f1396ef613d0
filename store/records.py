"""Questions about jobs, sightings, events and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from store.resolving import Insight, Resolver, insights
from store.samples import unpack
from store.schema import CameraRow, CropRow, EventRow, JobRow, SightingRow
from store.values import JobStatus, Page, Sighting, StoredCamera, StoredCrop, StoredEvent, StoredJob

FETCH_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class When:
    """A filter of sightings; what is None does not count.

    Attributes:
        job_id: Of this job.
        camera: In cameras of this name.
        since_unix_s: In view at this time or later.
        until_unix_s: In view at this time or earlier.
    """

    job_id: str | None = None
    camera: str | None = None
    since_unix_s: float | None = None
    until_unix_s: float | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """For `where`."""
        out = []
        if self.job_id is not None:
            out.append(SightingRow.job_id == self.job_id)
        if self.camera is not None:
            out.append(SightingRow.camera == self.camera)
        if self.since_unix_s is not None:
            out.append(SightingRow.end_unix_s >= self.since_unix_s)
        if self.until_unix_s is not None:
            out.append(SightingRow.start_unix_s <= self.until_unix_s)
        return out


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose events are asked for.

    Attributes:
        aliases: All numbers that the person ever went by in a job.
        own: Those that are nobody else's: a number that was split is, at another time, somebody else's.
    """

    aliases: Sequence[int]
    own: frozenset[int]

    def concerns(self, event: StoredEvent) -> bool:
        """Whether it is about the person, as of the time of the event."""
        return event.person_id in self.own or event.other_id in self.own


def jobs(session: Session, limit: int, offset: int) -> Page[StoredJob]:
    """The jobs, the latest first."""
    total = session.scalar(select(func.count()).select_from(JobRow)) or 0
    rows = session.scalars(select(JobRow).order_by(JobRow.begins_unix_s.desc(), JobRow.id).limit(limit).offset(offset))
    return Page(_jobs(session, rows.all()), total)


def job(session: Session, job_id: str) -> StoredJob | None:
    """One job; None when there is none of that name."""
    row = session.get(JobRow, job_id)
    return None if row is None else _jobs(session, [row])[0]


def sightings(
    session: Session, when: When, person: int | None, *, boxes: bool, newest: bool, limit: int, offset: int
) -> Page[Sighting]:
    """Sightings in order of time, counted from the first or from the newest."""
    conditions = when.conditions()
    if person is not None:
        conditions.append(SightingRow.person_id == person)
    total = session.scalar(select(func.count()).select_from(SightingRow).where(*conditions)) or 0
    order = (SightingRow.start_unix_s, SightingRow.id)
    ordered = select(SightingRow).where(*conditions).order_by(*(each.desc() if newest else each for each in order))
    rows = session.scalars(ordered.limit(limit).offset(offset)).all()
    return Page(tuple(_sighting(row, boxes=boxes) for row in (reversed(rows) if newest else rows)), total)


def events(
    session: Session,
    *,
    job_id: str | None,
    whose: Whose | None,
    kinds: Sequence[str],
    after: int,
    limit: int,
    last: bool = False,
) -> tuple[StoredEvent, ...]:
    """Events behind the cursor `after`, in the order they were written: the first of them, or the `last`."""
    query = select(EventRow).where(EventRow.id > after).order_by(EventRow.id.desc() if last else EventRow.id)
    if job_id is not None:
        query = query.where(EventRow.job_id == job_id)
    if whose is not None:
        query = query.where(EventRow.identity_id.in_(whose.aliases) | EventRow.other_id.in_(whose.aliases))
    else:
        query = query.limit(limit)
    if kinds:
        query = query.where(EventRow.kind.in_(kinds))
    resolver, jobs_know = Resolver.read(session), insights(session)
    with session.scalars(query.execution_options(yield_per=FETCH_ROWS)) as rows:  # closed though there may be more
        found = (_event(row, resolver, jobs_know[row.job_id]) for row in rows)
        some = tuple(islice((each for each in found if whose is None or whose.concerns(each)), limit))
    return some[::-1] if last else some


def last_event(session: Session) -> int:
    """The cursor behind which nothing is yet."""
    return session.scalar(select(func.max(EventRow.id))) or 0


def crops(session: Session, folder: Path, person: int, limit: int) -> tuple[StoredCrop, ...]:
    """Pictures of a person, the best first."""
    query = select(CropRow).where(CropRow.person_id == person)
    rows = session.scalars(query.order_by(CropRow.quality.desc(), CropRow.id).limit(limit))
    return tuple(crop_of(row, folder) for row in rows)


def crop_of(row: CropRow, folder: Path) -> StoredCrop:
    """The value of a row."""
    return StoredCrop(row.id, folder / row.path, row.job_id, row.camera, row.time_s, row.unix_s, row.quality)


def _jobs(session: Session, rows: Sequence[JobRow]) -> tuple[StoredJob, ...]:
    """The values of rows: however many jobs there are, their cameras and their people are asked for once."""
    names = [row.id for row in rows]
    cameras: dict[str, list[StoredCamera]] = {name: [] for name in names}
    of_these = select(CameraRow).where(CameraRow.job_id.in_(names)).order_by(CameraRow.job_id, CameraRow.position)
    for each in session.scalars(of_these):
        cameras[each.job_id].append(StoredCamera(each.name, each.source, (each.width_px, each.height_px), each.fps))
    counted = select(SightingRow.job_id, func.count(SightingRow.person_id.distinct())).group_by(SightingRow.job_id)
    people = dict(iter(session.execute(counted.where(SightingRow.job_id.in_(names)))))
    return tuple(_job(row, cameras[row.id], people.get(row.id, 0)) for row in rows)


def _job(row: JobRow, cameras: Sequence[StoredCamera], people: int) -> StoredJob:
    return StoredJob(
        row.id,
        cast("JobStatus", row.status),
        row.begins_unix_s,
        row.finished_unix_s,
        row.media_s,
        None if row.results is None else Path(row.results),
        row.error_code,
        row.error_message,
        tuple(cameras),
        people,
    )


def _sighting(row: SightingRow, *, boxes: bool) -> Sighting:
    return Sighting(
        row.id,
        row.job_id,
        row.camera,
        row.local_id,
        row.person_id,
        row.identity_id,
        row.start_s,
        row.end_s,
        row.start_unix_s,
        row.end_unix_s,
        row.boxes,
        (row.first_frame, row.last_frame),
        unpack(row.samples) if boxes else (),
    )


def _event(row: EventRow, resolver: Resolver, job: Insight) -> StoredEvent:
    return StoredEvent(
        row.id,
        row.job_id,
        row.time_s,
        row.unix_s,
        row.kind,
        resolver.person(row.identity_id, row.unix_s, job),
        resolver.person(row.other_id, row.unix_s, job),
        row.camera,
        row.local_id,
        row.reason,
        row.evidence,
    )
