"""Questions about people, with everything that was put right by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, String, cast, func, or_, select
from sqlalchemy.orm import Session

from store.records import When, Whose, crop_of, crops
from store.resolving import Resolver, concerning
from store.schema import CorrectionRow, CropRow, IdentityRow, JobRow, LookRow, SightingRow
from store.values import CorrectionKind, Page, PeopleOrder, Person, PersonDetail, Stay, StoredCrop

HERE_S: Final = 2.0
"""Who was seen within so much media time of a running job's latest round is in view."""
GAP_S: Final = 1.0
"""Two times in view nearer than this are one, as in `identities.json`."""
MOST_CROPS: Final = 100


@dataclass(frozen=True, slots=True)
class Whom:
    """Which people are asked for.

    Attributes:
        when: Those with a sighting of this kind; figures are of these sightings only.
        search: Part of a name, or how a number begins; empty for everybody.
        here_now: Only those in view of a job that is running.
    """

    when: When = field(default_factory=When)
    search: str = ""
    here_now: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """For `where`, over sightings joined with identities and jobs."""
        out: list[Any] = [SightingRow.person_id.is_not(None), *self.when.conditions()]
        if self.search:
            text = self.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            by_name = IdentityRow.name.ilike(f"%{text}%", escape="\\")
            out.append(or_(by_name, cast(SightingRow.person_id, String).like(f"{text}%", escape="\\")))
        if self.here_now:
            latest = JobRow.begins_unix_s + JobRow.media_s
            out += [JobRow.status == "processing", SightingRow.end_unix_s >= latest - HERE_S]
        return out


def people(
    session: Session, folder: Path, whom: Whom, order: PeopleOrder, *, descending: bool, limit: int, offset: int
) -> Page[Person]:
    """People page by page."""
    columns: dict[str, ColumnElement[Any]] = {
        "first_seen": func.min(SightingRow.start_unix_s),
        "last_seen": func.max(SightingRow.end_unix_s),
        "seconds": func.sum(SightingRow.end_unix_s - SightingRow.start_unix_s),
    }
    grouped = (
        select(SightingRow.person_id, IdentityRow.name, *columns.values(), func.sum(SightingRow.boxes))
        .outerjoin(IdentityRow, IdentityRow.id == SightingRow.person_id)
        .where(*whom.conditions())
        .group_by(SightingRow.person_id, IdentityRow.name)
    )
    if whom.here_now:
        grouped = grouped.join(JobRow, JobRow.id == SightingRow.job_id)
    total = session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    by = columns.get(order, SightingRow.person_id)
    ordered = grouped.order_by(by.desc() if descending else by.asc(), SightingRow.person_id)
    rows = session.execute(ordered.limit(limit).offset(offset)).all()
    names = [row[0] for row in rows]
    cameras, best = _cameras(session, names, whom.when), best_crops(session, folder, names)
    return Page(
        tuple(
            Person(name, label, first, last, seconds, boxes, cameras[name], best.get(name))
            for name, label, first, last, seconds, boxes in rows
        ),
        total,
    )


def summaries(session: Session, folder: Path, names: Sequence[int]) -> dict[int, Person]:
    """People by number; those without any sighting are left out."""
    found: dict[int, Person] = {}
    for name in names:
        rows = session.execute(
            select(
                func.min(SightingRow.start_unix_s),
                func.max(SightingRow.end_unix_s),
                func.sum(SightingRow.end_unix_s - SightingRow.start_unix_s),
                func.sum(SightingRow.boxes),
            ).where(SightingRow.person_id == name)
        ).one()
        if rows[0] is not None:
            identity = session.get(IdentityRow, name)
            label = None if identity is None else identity.name
            cameras = _cameras(session, [name], When())[name]
            found[name] = Person(name, label, *rows, cameras, best_crops(session, folder, [name]).get(name))
    return found


def person(session: Session, folder: Path, number: int) -> PersonDetail | None:
    """One person by any of its numbers; None when nobody has it."""
    name = current(session, number)
    summary = summaries(session, folder, [name]).get(name)
    if summary is None:
        return None
    aliases = aliases_of(session, name)
    return PersonDetail(
        summary,
        _used(session, name, aliases),
        _stays(session, name),
        crops(session, folder, name, MOST_CROPS),
        concerning(session, aliases),
        session.scalar(select(func.count()).select_from(LookRow).where(LookRow.person_id == name)) != 0,
    )


def current(session: Session, number: int) -> int:
    """Who a number stands for now: the program's own merges, then those by hand."""
    seen = set()
    while number not in seen:
        seen.add(number)
        row = session.get(IdentityRow, number)
        if row is not None and row.merged_into is not None:
            number = row.merged_into
    return Resolver.read(session).heir(number)


def aliases_of(session: Session, name: int) -> tuple[int, ...]:
    """All numbers that stand for a person, its own first."""
    found = {name}
    for each in reversed(Resolver.read(session).corrections):
        if each.kind == "merge" and each.person_id in found:
            found.add(each.other_id)
    shown = session.scalars(select(SightingRow.identity_id).where(SightingRow.person_id == name).distinct())
    found |= {each for each in shown if each is not None}
    new = set(found)
    while new:
        gone = session.scalars(select(IdentityRow.id).where(IdentityRow.merged_into.in_(new)))
        new = set(gone) - found
        found |= new
    return (name, *sorted(found - {name}))


def _used(session: Session, name: int, aliases: Sequence[int]) -> tuple[int, ...]:
    """Those of a person's numbers that somebody may meet: a split undone in time leaves one that nobody gave."""
    undone = select(CorrectionRow.other_id).where(
        CorrectionRow.kind == CorrectionKind.SPLIT, CorrectionRow.undone_unix_s.is_not(None)
    )
    given = select(SightingRow.identity_id).where(SightingRow.person_id == name)
    idle = set(session.scalars(undone)) - set(session.scalars(given.distinct()))
    return tuple(each for each in aliases if each == name or each not in idle)


def whose(session: Session, number: int) -> Whose:
    """The numbers by which the events of a person are found."""
    name = current(session, number)
    aliases = aliases_of(session, name)
    return Whose(aliases, frozenset(each for each in aliases if current(session, each) == name))


def best_crops(session: Session, folder: Path, names: Sequence[int]) -> dict[int, StoredCrop]:
    """The best picture of each person who has one."""
    rank = func.row_number().over(partition_by=CropRow.person_id, order_by=(CropRow.quality.desc(), CropRow.id))
    ranked = select(CropRow.id, rank.label("rank")).where(CropRow.person_id.in_(names)).subquery()
    rows = session.scalars(select(CropRow).join(ranked, ranked.c.id == CropRow.id).where(ranked.c.rank == 1))
    return {row.person_id: crop_of(row, folder) for row in rows if row.person_id is not None}


def _cameras(session: Session, names: Sequence[int], when: When) -> dict[int, tuple[str, ...]]:
    query = select(SightingRow.person_id, SightingRow.camera).where(SightingRow.person_id.in_(names))
    found: dict[int, list[str]] = defaultdict(list)
    conditions: list[Any] = when.conditions()
    for name, camera in session.execute(query.where(*conditions).distinct().order_by(SightingRow.camera)):
        if name is not None:
            found[name].append(camera)
    return {name: tuple(found[name]) for name in names}


def _stays(session: Session, name: int) -> tuple[Stay, ...]:
    columns = (
        SightingRow.job_id,
        SightingRow.camera,
        SightingRow.start_s,
        SightingRow.end_s,
        SightingRow.start_unix_s,
        SightingRow.end_unix_s,
        SightingRow.boxes,
    )
    places: dict[tuple[str, str], list[Any]] = {}
    query = select(*columns).where(SightingRow.person_id == name).order_by(SightingRow.start_unix_s)
    for row in session.execute(query):
        places.setdefault((row[0], row[1]), []).append(row)
    return tuple(
        Stay(
            job_id,
            camera,
            joined([(row[2], row[3]) for row in rows]),
            joined([(row[4], row[5]) for row in rows]),
            sum(row[6] for row in rows),
        )
        for (job_id, camera), rows in places.items()
    )


def joined(intervals: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The intervals with gaps of up to `GAP_S` closed.

    >>> joined([(0.0, 2.0), (2.5, 3.0), (9.0, 9.5)])
    ((0.0, 3.0), (9.0, 9.5))
    """
    out: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if out and start - out[-1][1] <= GAP_S:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return tuple(out)
