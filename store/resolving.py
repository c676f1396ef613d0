"""Who somebody is once everything that was put right by hand counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from by_hand import ByHand, Pins, Split
from entities import GlobalId
from store.schema import CorrectionRow, HeardRow, JobRow
from store.values import Correction, CorrectionKind

NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class Insight:
    """What a job knows of splits by itself.

    Attributes:
        first_id: The first number that it could give. Who was split before it began has two numbers in it: those
            that it gives count on from that of the second half.
        heard_unix_s: By correction: from when on it tells the two halves apart.
    """

    first_id: int = 0
    heard_unix_s: Mapping[int, float] = field(default_factory=dict)

    def tells(self, split: Correction, unix_s: float) -> bool:
        """Whether what it says at a time of somebody who was split is said with that in mind."""
        return self.first_id > split.other_id or unix_s >= self.heard_unix_s.get(split.id, float("inf"))


@dataclass(frozen=True, slots=True)
class Resolver:
    """Applies corrections in the order in which they were made.

    Attributes:
        corrections: Those that count, oldest first.
    """

    corrections: Sequence[Correction]

    @classmethod
    def read(cls, session: Session) -> Self:
        """With all that counts now; a split that was undone counts as a merge of those whom it had made two."""
        counts = or_(CorrectionRow.undone_unix_s.is_(None), CorrectionRow.kind == CorrectionKind.SPLIT)
        rows = session.scalars(select(CorrectionRow).where(counts).order_by(CorrectionRow.id))
        return cls([_as_it_counts(correction_of(row)) for row in rows])

    def person(self, identity: int | None, unix_s: float, job: Insight) -> int | None:
        """Who it is that a job called `identity` at a time; None stays None.

        A split divides what jobs had said until they heard of it: from then on they know both halves by their own
        numbers, as do those that begin later.

        Args:
            identity: As the program found.
            unix_s: When the person was seen.
            job: What the job knows of splits.
        """
        person = identity
        for each in self.corrections:
            if each.kind is CorrectionKind.MERGE and person == each.other_id:
                person = each.person_id
            elif each.kind is CorrectionKind.SPLIT and person == each.person_id:
                later = unix_s >= (each.at_unix_s or 0.0) and not job.tells(each, unix_s)
                person = each.other_id if later else person
        return person

    def heir(self, identity: int) -> int:
        """Who stands for a person as a whole: merges count, splits do not."""
        return self.person(identity, NEVER, Insight()) or identity

    def by_hand(self, begins_unix_s: float, first_id: int) -> ByHand:
        """What a running job goes by.

        Args:
            begins_unix_s: The wall-clock time of its media time 0.
            first_id: The first number that it may give.
        """
        links = self._links
        splits = tuple(
            Split(self.numbers(place), GlobalId(each.other_id), (each.at_unix_s or 0.0) - begins_unix_s)
            for place, each in enumerate(self.corrections)
            if each.kind is CorrectionKind.SPLIT and each.other_id > first_id
        )
        return ByHand(self._pins(links), links, splits)

    @property
    def _links(self) -> dict[int, int]:
        gone = {each.other_id for each in self.corrections if each.kind is CorrectionKind.MERGE}
        return {name: heir for name in gone if (heir := self.heir(name)) != name}

    def numbers(self, place: int) -> tuple[GlobalId, ...]:
        """All that stood for the person of a correction when it was made, the person's own first.

        Args:
            place: Of the correction among all.
        """
        person = self.corrections[place].person_id
        links = Resolver(self.corrections[:place])._links
        return tuple(map(GlobalId, (person, *(gone for gone, heir in links.items() if heir == person))))

    def _pins(self, links: Mapping[int, int]) -> Pins:
        """Pairs that are two people, under every number that each of the two has."""
        names: dict[int, set[int]] = {}
        for gone, heir in links.items():
            names.setdefault(heir, {heir}).add(gone)
        return frozenset(
            (GlobalId(one), GlobalId(other))
            for pair in self.apart | self._halves
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

    @property
    def _halves(self) -> set[tuple[int, int]]:
        """The pairs that splits have made, unless they were merged again."""
        splits = [each for each in self.corrections if each.kind is CorrectionKind.SPLIT]
        pairs = {(self.heir(each.person_id), self.heir(each.other_id)) for each in splits}
        return {(one, other) for one, other in pairs if one != other}


def insight(session: Session, job_id: str) -> Insight:
    """What a job knows by itself of all that it writes from now on: the splits that it has heard of."""
    first_id = session.scalar(select(JobRow.first_id).where(JobRow.id == job_id)) or 0
    heard = session.scalars(select(HeardRow.correction_id).where(HeardRow.job_id == job_id))
    return Insight(first_id, dict.fromkeys(heard, NEVER))


def insights(session: Session) -> dict[str, Insight]:
    """What each job knew when something happened."""
    heard: dict[str, dict[int, float]] = {}
    for row in session.scalars(select(HeardRow)):
        heard.setdefault(row.job_id, {})[row.correction_id] = row.unix_s
    jobs = session.execute(select(JobRow.id, JobRow.first_id))
    return {row.id: Insight(row.first_id, heard.get(row.id, {})) for row in jobs}


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


def _as_it_counts(correction: Correction) -> Correction:
    """The same, but for a split that was undone: jobs may have told the two apart meanwhile."""
    if correction.kind is CorrectionKind.SPLIT and correction.undone_unix_s is not None:
        return replace(correction, kind=CorrectionKind.MERGE)
    return correction
