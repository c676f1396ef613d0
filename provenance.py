"""Why: what a step of the gallery knew of every piece of track whose identity it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from association.encounters import PairEvidence, bonus
from atoms import Atom
from by_hand import Split
from entities import (
    NOBODY,
    BoolArray,
    CameraId,
    EventKind,
    Evidence,
    FloatArray,
    GlobalId,
    IdentityEvent,
    IntArray,
    Piece,
    Rival,
)
from strays import STRAY_S

MOST_PIECES = 3
"""Pieces that are named of what changed, and of what it is most like."""
LEAST_TOLD = 0.005
"""What positions add is not told where it would read as nothing."""
PINNED = "said by hand to be two people"
SEEN_AT_ONCE = "seen at once in {here}"
FAR_APART = "at once in {here} and {there}, far from each other"
ELSEWHERE = "at once in {here} and {there}, which see no place in common"


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """What a clustering of N atoms went by.

    Attributes:
        similarity: `(N, N)` as compared, without a bonus for staying as it was.
        weight: `(N,)` how much each atom counts.
        positions: What is known of them apart from their looks.
        blind: `(N,)` atoms that have shown no look: who they are is said by their camera's track.
        bars: What keeps atoms apart, `(N, N)` each, under words for people in which `{here}` and `{there}` stand for
            the cameras of the two.
        threshold: Similarity that makes two clusters one.
        stretch: Similarity is 1 - stretch * (1 - cosine).
        raw: Whether that is the cosine of looks as they are.
    """

    similarity: FloatArray
    weight: FloatArray
    positions: PairEvidence
    blind: BoolArray
    bars: tuple[tuple[str, BoolArray], ...]
    threshold: float
    stretch: float
    raw: bool

    def shown(self, similarity: float) -> float:
        """As a cosine: what a user knows, and may have given as threshold."""
        return 1.0 - (1.0 - similarity) / self.stretch

    def position(self, rows: BoolArray, others: BoolArray) -> float:
        """What positions add to the similarity of two clusters, on the scale of `shown`."""
        pairs = np.ix_(rows, others)
        added = bonus(self.positions.votes[pairs].sum(), self.positions.seconds[pairs].sum())
        return float(added) / self.stretch


@dataclass(frozen=True, slots=True, eq=False)
class Renaming:
    """Who everybody was before a step, who after it, and what it went by; row i of every array is one atom.

    Attributes:
        now_s: Media time of the step.
        atoms: The N atoms.
        before: `(N,)` who they were, `NOBODY` for new ones.
        after: `(N,)` who they are.
        grounds: What decided.
        camera_ids: All cameras of the job.
    """

    now_s: float
    atoms: Sequence[Atom]
    before: IntArray
    after: IntArray
    grounds: Grounds
    camera_ids: Sequence[CameraId]

    def events(self) -> list[IdentityEvent]:
        """What leads from one naming to the next, one for each identity or moved atom, with the evidence."""
        if np.array_equal(self.before, self.after):
            return []
        return self._new_identities() + self._gone_identities() + self._moved_atoms()

    def _new_identities(self) -> list[IdentityEvent]:
        events = []
        for name, was in sorted(self._origins().items()):
            kind = EventKind.SPLIT if was else EventKind.APPEARED
            events.append(self._event(kind, name, was, self.after == name))
        return events

    def _gone_identities(self) -> list[IdentityEvent]:
        return [
            self._event(EventKind.MERGED, heir, gone, (self.before == gone) & (self.after == heir))
            for gone, heir in sorted(self._heirs().items())
        ]

    def _moved_atoms(self) -> list[IdentityEvent]:
        origins, heirs = self._origins(), self._heirs()
        events = []
        for row in np.flatnonzero(self.before != self.after).tolist():
            was, name = GlobalId(int(self.before[row])), GlobalId(int(self.after[row]))
            told = heirs.get(was) == name or (was and origins.get(name) == was) or row == self._founder(name)
            if not told:
                only = np.arange(len(self.after)) == row
                kind = EventKind.RELABELLED if was else EventKind.JOINED
                events.append(self._event(kind, name, was, only, self.atoms[row]))
        return events

    def _origins(self) -> dict[GlobalId, GlobalId]:
        """Every new identity with the one it was part of; `NOBODY` where it is of new atoms only."""
        new = set(self.after.tolist()) - set(self.before.tolist())
        return {
            GlobalId(name): next((GlobalId(was) for was in self.before[self.after == name].tolist() if was), NOBODY)
            for name in new
        }

    def _heirs(self) -> dict[GlobalId, GlobalId]:
        """Every identity that is no more with the one it became."""
        gone = set(self.before.tolist()) - set(self.after.tolist()) - {NOBODY}
        return {GlobalId(name): GlobalId(int(self.after[self.before == name][0])) for name in gone}

    def _founder(self, name: GlobalId) -> int:
        """The atom that an identity of new atoms only began with; -1 for others."""
        rows = np.flatnonzero(self.after == name)
        if np.any(self.before == name) or np.any(self.before[rows] != NOBODY):
            return -1
        return int(rows[np.argmax(self.grounds.weight[rows])])

    def _event(
        self, kind: EventKind, name: GlobalId, was: GlobalId, moved: BoolArray, atom: Atom | None = None
    ) -> IdentityEvent:
        evidence = self.evidence(moved, name, was)
        camera_id = None if atom is None else self.camera_ids[atom.camera]
        local_id = None if atom is None else atom.spans[-1].local_id
        return IdentityEvent(self.now_s, kind, name, was, camera_id, local_id, in_words(evidence, name), evidence)

    def evidence(self, moved: BoolArray, name: GlobalId, was: GlobalId) -> Evidence:
        """Why some atoms are `name` now.

        Args:
            moved: `(N,)` which atoms; at least one.
            name: Who they are.
            was: Who they were.
        """
        grounds = self.grounds
        weight = grounds.weight[moved]
        alike = (weight / weight.sum()) @ grounds.similarity[moved]  # of every atom to what moved
        rest = (self.after == name) & ~moved
        told = rest.any() and not grounds.blind[moved].all()
        return Evidence(
            grounds.shown(self._mean(alike, rest)) if told else None,
            grounds.shown(grounds.threshold),
            grounds.raw,
            self._rivals(alike, moved, name, was),
            tuple(self._piece(row) for row in _first(np.where(moved, grounds.weight, -np.inf))),
            tuple(self._piece(row, grounds.shown(float(alike[row]))) for row in _first(np.where(rest, alike, -np.inf))),
            grounds.position(moved, rest),
        )

    def _mean(self, alike: FloatArray, rows: BoolArray) -> float:
        return float(np.average(alike[rows], weights=self.grounds.weight[rows]))

    def _rivals(self, alike: FloatArray, moved: BoolArray, name: GlobalId, was: GlobalId) -> tuple[Rival, ...]:
        """The other identity most like the atoms, and the one they were part of, best first."""
        if self.grounds.blind[moved].all():
            return ()
        names, column = np.unique(self.after, return_inverse=True)
        mass = np.bincount(column, self.grounds.weight)
        means = np.bincount(column, self.grounds.weight * alike) / mass
        means[names == name] = -np.inf
        best = int(np.argmax(means))
        chosen = {best, *np.flatnonzero((names == was) & (names != name)).tolist()}
        return tuple(
            Rival(
                GlobalId(int(names[i])),
                self.grounds.shown(float(means[i])),
                self._bar(moved, column == i),
                self.grounds.position(moved, column == i),
            )
            for i in sorted(chosen, key=lambda i: -means[i])
            if names[i] != name
        )

    def _bar(self, moved: BoolArray, other: BoolArray) -> str:
        """What rules out that the atoms are one with the others, by themselves or by who is one with them."""
        ours = np.isin(self.after, self.after[moved])
        for rows, prefix in ((moved, ""), (ours, "others of its identity ")):
            for words, apart in self.grounds.bars:
                pairs = apart[np.ix_(rows, other)]
                if pairs.any():
                    place = divmod(int(pairs.argmax()), pairs.shape[1])
                    here, there = (self._camera(of, at) for of, at in zip((rows, other), place, strict=True))
                    return prefix + words.format(here=here, there=there)
        return ""

    def _camera(self, rows: BoolArray, place: int) -> CameraId:
        return self.camera_ids[self.atoms[int(np.flatnonzero(rows)[place])].camera]

    def _piece(self, row: int, similarity: float | None = None) -> Piece:
        atom = self.atoms[row]
        return Piece(self.camera_ids[atom.camera], atom.spans[-1].local_id, atom.first_s, atom.last_s, similarity)


def lost(atom: Atom, camera_ids: Sequence[CameraId], now_s: float) -> IdentityEvent:
    """An atom becomes nobody again, before its name is taken off.

    Args:
        atom: What turned out to be a thing, or is too short since it was cut.
        camera_ids: All cameras of the job.
        now_s: Media time.
    """
    kind, reason = (
        EventKind.RELABELLED,
        f"cut at a change: {atom.span_s:.1f} s of track tell too little",
    )
    if atom.static:
        kind, reason = EventKind.STATIC, f"has not moved for {atom.span_s:.1f} s: a thing or a picture of a person"
    camera_id, local_id = camera_ids[atom.camera], atom.spans[-1].local_id
    return IdentityEvent(now_s, kind, NOBODY, atom.identity, camera_id, local_id, reason)


def stray(atom: Atom, camera_ids: Sequence[CameraId], now_s: float) -> IdentityEvent:
    """An atom of somebody who was hardly in view becomes nobody again, before its name is taken off.

    Args:
        atom: One of those of an identity that is gone.
        camera_ids: All cameras of the job.
        now_s: Media time.
    """
    reason = f"in view of all cameras for {STRAY_S:.1f} s at most: hardly a person"
    where = (camera_ids[atom.camera], atom.spans[-1].local_id)
    return IdentityEvent(now_s, EventKind.RELABELLED, NOBODY, atom.identity, *where, reason)


def split_by_hand(split: Split, now_s: float) -> IdentityEvent:
    """Somebody said that from a time on a person is somebody else.

    Args:
        split: What was said.
        now_s: Media time from which on the two are known by their looks.
    """
    reason = f"by hand: who is seen from {split.at_s:.1f} s on is somebody else"
    return IdentityEvent(now_s, EventKind.SPLIT, split.new, split.numbers[0], reason=reason)


def in_words(evidence: Evidence, name: GlobalId) -> str:
    """The evidence as half a sentence.

    Args:
        evidence: Why something is `name`.
        name: Who it is.
    """
    measure = "cosine" if evidence.raw else "likeness"
    needs = f"needs {evidence.threshold:.2f}"
    others = [
        f"{rival.similarity:.2f} to {rival.global_id}{_by_position(rival.position)}"
        + (f", ruled out: {rival.barred}" if rival.barred else "")
        for rival in evidence.rivals
    ]
    if evidence.similarity is None and evidence.likest:
        return "shows no look: known by its track"
    if evidence.similarity is None:
        return f"nobody known fits ({measure} {needs}): {'; '.join(others)}" if others else "nobody to compare with"
    parts = [f"{measure} {evidence.similarity:.2f} to {name}{_by_position(evidence.position)} ({needs})"]
    if evidence.similarity + evidence.position < evidence.threshold:
        likest = evidence.likest[0]
        parts.append(f"{likest.similarity:.2f} to {likest.camera_id} track {likest.local_id}")
    return "; ".join(parts + others)


def _by_position(added: float) -> str:
    return f", {added:+.2f} by position" if abs(added) >= LEAST_TOLD else ""


def _first(scores: FloatArray) -> list[int]:
    """The rows with the highest scores, without those of `-inf`, some of many."""
    order = np.argsort(-scores, kind="stable")[:MOST_PIECES]
    return [row for row in order.tolist() if scores[row] > -np.inf]
