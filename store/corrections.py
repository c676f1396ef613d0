"""Putting right by hand: rows that say what was done, and the sightings, pictures and looks that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from errors import StoreError
from store.cutting import cut
from store.ids import take_id
from store.people import current
from store.resolving import Resolver, correction_of
from store.schema import CorrectionRow, CropRow, HeardRow, IdentityRow, JobRow, LookRow, SightingRow
from store.values import Correction, CorrectionKind

TIMES: Final = ((SightingRow, SightingRow.start_unix_s), (CropRow, CropRow.unix_s), (LookRow, LookRow.first_unix_s))
"""What has a `person_id`, and the time that decides on which side of a split it lies."""


def merge(session: Session, keep: int, gone: int, now_unix_s: float) -> Correction:
    """Make one person of two.

    Raises:
        StoreError: `person_unknown`, or `correction_invalid`: they are one already, or said to be two.
    """
    keep, gone = known(session, keep), known(session, gone)
    if keep == gone:
        raise StoreError(f"merge: {keep} and {gone} are one person already", code="correction_invalid")
    if (min(keep, gone), max(keep, gone)) in Resolver.read(session).apart:
        raise StoreError(
            f"merge: somebody said that {keep} and {gone} are two people; undo that first", code="correction_invalid"
        )
    return _make(session, _row(CorrectionKind.MERGE, keep, gone, now_unix_s))


def split(session: Session, person: int, at_unix_s: float, now_unix_s: float) -> Correction:
    """Make two people of one: what is seen at the time or later becomes somebody new.

    Raises:
        StoreError: `person_unknown`, or `correction_invalid`: all of the person is on one side.
    """
    person = known(session, person)
    mine = select(SightingRow.id).where(SightingRow.person_id == person).limit(1)
    before = session.scalar(mine.where(SightingRow.start_unix_s < at_unix_s))
    after = session.scalar(mine.where(SightingRow.end_unix_s >= at_unix_s))
    if before is None or after is None:
        raise StoreError(
            f"split: all that is seen of {person} is {'after' if before is None else 'before'} that time; choose one "
            "between",
            code="correction_invalid",
        )
    new = take_id(session)
    session.add(IdentityRow(id=new))
    return _make(session, _row(CorrectionKind.SPLIT, person, new, now_unix_s, at_unix_s))


def keep_apart(session: Session, one: int, other: int, now_unix_s: float) -> Correction:
    """Say that two are two people.

    Raises:
        StoreError: `person_unknown`, or `correction_invalid`: they are one person; split it first.
    """
    one, other = known(session, one), known(session, other)
    if one == other:
        raise StoreError(f"{one} and {other} are one person; split it first", code="correction_invalid")
    return _make(session, _row(CorrectionKind.APART, one, other, now_unix_s))


def undo(session: Session, correction_id: int, now_unix_s: float) -> Correction:
    """Take a correction back; nothing happens when it was.

    Raises:
        StoreError: `correction_unknown`.
    """
    row = session.get(CorrectionRow, correction_id)
    if row is None:
        raise StoreError(f"undo: there is no correction {correction_id}", code="correction_unknown")
    if row.undone_unix_s is None:
        row.undone_unix_s = now_unix_s
        session.flush()
        apply(session)
    return correction_of(row)


def made(session: Session, *, undone: bool) -> tuple[Correction, ...]:
    """All corrections, oldest first, with those that were taken back or without."""
    query = select(CorrectionRow).order_by(CorrectionRow.id)
    if not undone:
        query = query.where(CorrectionRow.undone_unix_s.is_(None))
    return tuple(correction_of(row) for row in session.scalars(query))


def apply(session: Session, corrections: Sequence[Correction] | None = None) -> None:
    """Write anew who everything belongs to.

    Args:
        session: Takes the changes.
        corrections: Only these, on top of what there is; None for all, from the beginning.
    """
    if corrections is None:
        for table, _ in TIMES:
            changed = table.person_id.is_distinct_from(table.identity_id)
            session.execute(update(table).where(changed).values(person_id=table.identity_id))
    for each in Resolver.read(session).corrections if corrections is None else corrections:
        if each.kind is CorrectionKind.MERGE:
            for table, _ in TIMES:
                moved: Any = table.person_id == each.other_id
                session.execute(update(table).where(moved).values(person_id=each.person_id))
        elif each.kind is CorrectionKind.SPLIT and each.at_unix_s is not None:
            cut(session, each.id, each.person_id, each.at_unix_s)
            for table, time in TIMES:
                moved = (table.person_id == each.person_id) & (time >= each.at_unix_s)
                session.execute(update(table).where(moved, *_untold(table, each)).values(person_id=each.other_id))


def apply_late(session: Session, job: JobRow) -> None:
    """Let a job that is over have the splits that it did not hear of any more: of these, sightings were left whole."""
    heard = select(HeardRow.correction_id).where(HeardRow.job_id == job.id)
    splits = select(CorrectionRow.id).where(
        CorrectionRow.kind == CorrectionKind.SPLIT,
        CorrectionRow.undone_unix_s.is_(None),
        CorrectionRow.other_id > job.first_id,
        CorrectionRow.id.not_in(heard),
    )
    if session.scalar(splits.limit(1)) is not None:
        apply(session)


def divide(session: Session, job_id: str, number: int, until_unix_s: float) -> None:
    """Enter that a job tells two people apart by itself, also in what it had written of them; nothing if undone.

    Args:
        session: Takes the changes.
        job_id: The job.
        number: The split that it has heard of.
        until_unix_s: What it finds of the person from then on, it finds in that knowledge.
    """
    resolver = Resolver.read(session)
    for place, split in enumerate(resolver.corrections):
        if split.id != number or split.kind is not CorrectionKind.SPLIT or split.at_unix_s is None:
            continue
        cut(session, split.id, split.person_id, split.at_unix_s)
        for table, time in TIMES:
            mine: Any = (table.job_id == job_id) & table.identity_id.in_(resolver.numbers(place))
            then = (time >= split.at_unix_s) & (time < until_unix_s)
            session.execute(update(table).where(mine, then).values(identity_id=split.other_id))


def _untold(table: Any, split: Correction) -> list[Any]:
    """Conditions on what jobs wrote that do not know of a split, see `Resolver.person`."""
    knew = select(JobRow.id).where(JobRow.first_id > split.other_id)
    heard = select(HeardRow.job_id).where(HeardRow.correction_id == split.id)
    return [table.job_id.not_in(knew), table.job_id.not_in(heard)]


def known(session: Session, number: int) -> int:
    """Who a number stands for.

    Raises:
        StoreError: `person_unknown`.
    """
    name = current(session, number)
    seen = session.scalar(select(SightingRow.id).where(SightingRow.person_id == name).limit(1))
    if seen is None:
        raise StoreError(f"nobody has the number {number} (any more)", code="person_unknown")
    return name


def _make(session: Session, row: CorrectionRow) -> Correction:
    session.add(row)
    session.flush()
    correction = correction_of(row)
    apply(session, [correction])
    return correction


def _row(
    kind: CorrectionKind, person: int, other: int, made_unix_s: float, at_unix_s: float | None = None
) -> CorrectionRow:
    return CorrectionRow(
        kind=kind, person_id=person, other_id=other, at_unix_s=at_unix_s, made_unix_s=made_unix_s, undone_unix_s=None
    )
