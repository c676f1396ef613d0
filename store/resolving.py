"""Who somebody is once everything that was put right by hand counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from by_hand import ByHand, Pins
from entities import GlobalId
from store.schema import CorrectionRow, JobRow
from store.values import Correction, CorrectionKind

NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Applies corrections in the order in which they were made.

    Attributes:
        corrections: Those that count, oldest first.
    """

    corrections: Sequence[Correction]

    @classmethod
    def read(cls, session: Session) -> Self:
        """With all that counts now."""
        query = select(CorrectionRow).where(CorrectionRow.undone_unix_s.is_(None)).order_by(CorrectionRow.id)
        return cls([correction_of(row) for row in session.scalars(query)])

    def person(self, identity: int | None, unix_s: float, first_id: int) -> int | None:
        """Who it is that a job called `identity` at a time; None stays None.

        A split divides what jobs had said until somebody made it: later ones know both halves by their own numbers,
        and the numbers that they give count on from that of the second half.

        Args:
            identity: As the program found.
            unix_s: When the person was seen.
            first_id: The first number that the job could give.
        """
        person = identity
        for each in self.corrections:
            if each.kind is CorrectionKind.MERGE and person == each.other_id:
                person = each.person_id
            elif each.kind is CorrectionKind.SPLIT and person == each.person_id:
                later = unix_s >= (each.at_unix_s or 0.0) and first_id < each.other_id
                person = each.other_id if later else person
        return person

    def heir(self, identity: int) -> int:
        """Who stands for a person as a whole: merges count, splits do not."""
        return self.person(identity, NEVER, 0) or identity

    @property
    def by_hand(self) -> ByHand:
        """What a running job goes by."""
        gone = {each.other_id for each in self.corrections if each.kind is CorrectionKind.MERGE}
        links = {name: self.heir(name) for name in gone}
        return ByHand(self._pins(links), links)

    def names(self, unix_s: float, first_id: int) -> dict[int, int]:
        """Who goes by another number at a time of a job, because of merges and splits."""
        touched = {number for each in self.corrections for number in (each.person_id, each.other_id)}
        now = {number: self.person(number, unix_s, first_id) or number for number in touched}
        return {number: person for number, person in now.items() if person != number}

    def _pins(self, links: Mapping[int, int]) -> Pins:
        """Pairs that are two people, under every number that each of the two has."""
        names: dict[int, set[int]] = {}
        for gone, heir in links.items():
            names.setdefault(heir, {heir}).add(gone)
        return frozenset(
            (GlobalId(one), GlobalId(other))
            for pair in self.apart
            for one in names.get(pair[0], {pair[0]})
            for other in names.get(pair[1], {pair[1]})
        )

    @property
    def apart(self) -> set[tuple[int, int]]:
        """Pairs that are two people, the smaller number first."""
        return {
            (min(pair), max(pair))
            for each in self.corrections
            if each.kind is CorrectionKind.APART
            for pair in [(self.heir(each.person_id), self.heir(each.other_id))]
        }


def first_ids(session: Session) -> dict[str, int]:
    """The first number that each job could give."""
    return {row.id: row.first_id for row in session.execute(select(JobRow.id, JobRow.first_id))}


def concerning(session: Session, names: Sequence[int]) -> tuple[Correction, ...]:
    """What was put right of anybody of these numbers, oldest first, without what was taken back."""
    mine = or_(CorrectionRow.person_id.in_(names), CorrectionRow.other_id.in_(names))
    query = select(CorrectionRow).where(CorrectionRow.undone_unix_s.is_(None), mine).order_by(CorrectionRow.id)
    return tuple(correction_of(row) for row in session.scalars(query))


def correction_of(row: CorrectionRow) -> Correction:
    """The value of a row."""
    return Correction(
        row.id,
        CorrectionKind(row.kind),
        row.person_id,
        row.other_id,
        row.at_unix_s,
        row.made_unix_s,
        row.undone_unix_s,
    )
