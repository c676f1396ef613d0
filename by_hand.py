"""What somebody put right by hand, as the clustering takes it: who stays two people, whose numbers are one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from entities import NOBODY, BoolArray, FloatArray, GlobalId, IntArray

Pins = frozenset[tuple[GlobalId, GlobalId]]
"""Pairs of people of whom somebody said that they are two."""
Links = Mapping[int, int]
"""Numbers of whom somebody said that they are another's, with the number that stands for all of them."""


@dataclass(frozen=True, slots=True)
class Split:
    """Somebody of whom somebody said that from a time on it is somebody else.

    Attributes:
        numbers: All that stood for the person when that was said, the person's own first.
        new: The number of somebody else.
        at_s: Media time: what was seen then or later, until the job hears of it, is somebody else.
    """

    numbers: tuple[GlobalId, ...]
    new: GlobalId
    at_s: float


@dataclass(frozen=True, slots=True)
class ByHand:
    """Everything that counts now.

    Attributes:
        pins: Who stays two; also the two that a split has made.
        links: Whose numbers are one person; also what a split has made once it is undone.
        splits: Who became two while the job runs, oldest first.
    """

    pins: Pins = frozenset()
    links: Links = field(default_factory=dict)
    splits: tuple[Split, ...] = ()

    @property
    def people(self) -> frozenset[int]:
        """All numbers that somebody spoke of: people for certain, however short they were seen."""
        of_splits = {number for split in self.splits for number in (*split.numbers, split.new)}
        of_pins = {number for pair in self.pins for number in pair}
        return frozenset({*of_splits, *of_pins, *self.links, *self.links.values()})

    def as_one(self, identities: IntArray) -> IntArray:
        """`(N,)` the number that stands for each person."""
        out = identities.copy()
        for gone, heir in self.links.items():
            out[identities == gone] = heir
        return out

    def apart(self, identities: IntArray) -> BoolArray:
        """`(N, N)` what may not become one person; `NOBODY` may become anybody.

        Args:
            identities: `(N,)` who each piece is.
        """
        apart = np.zeros((len(identities), len(identities)), np.bool_)
        for one, other in self.pins:
            apart |= np.outer(identities == one, identities == other)
        return apart | apart.T

    def share_looks(
        self, similarity: NDArray[np.floating], weight: FloatArray | NDArray[np.float64], identities: IntArray
    ) -> IntArray:
        """Let every look of somebody with several numbers stand for the whole person.

        Who was joined by hand usually looks different under each number, or the program had found it. On average
        nobody would be alike to both, not even they to each other. So each of their pieces becomes as alike to
        anybody as the likeliest of the numbers is.

        Args:
            similarity: `(N, N)` symmetric; changed.
            weight: `(N,)` how much each piece counts, positive.
            identities: `(N,)` who each piece is, by its own number.

        Returns:
            `(N,)` the likeliest number of such a person for each piece that is nobody yet or one of its own,
            `NOBODY` where there is none.
        """
        nearest = np.full(len(identities), NOBODY, np.int64)
        if not self.links:
            return nearest
        people = self.as_one(identities)
        best_yet = np.full(len(identities), -np.inf)
        before = similarity.copy()
        for person in sorted({*self.links.values()}):
            mine = people == person
            numbers = np.unique(identities[mine])
            if len(numbers) < 2:
                continue
            masks = [identities == number for number in numbers]
            faces = np.array([np.average(before[rows], axis=0, weights=weight[rows]) for rows in masks])
            best = faces.max(axis=0)
            similarity[mine] = best
            similarity[:, mine] = best[:, None]
            similarity[np.ix_(mine, mine)] = np.minimum.outer(best[mine], best[mine])
            asked = (mine | (identities == NOBODY)) & (best > best_yet)
            nearest[asked] = numbers[faces.argmax(axis=0)][asked]
            best_yet[asked] = best[asked]
        return nearest

    def keep_numbers(self, before: IntArray, after: IntArray, nearest: IntArray) -> IntArray:
        """Let those who are one person by hand keep their own numbers, so that it can be undone.

        Args:
            before: `(N,)` who each piece was.
            after: `(N,)` who it is, clusters being one person each; `NOBODY` for somebody new.
            nearest: `(N,)` see `share_looks`; what new pieces are called.

        Returns:
            `(N,)` who it is; no number is in two clusters.
        """
        if not self.links:
            return after
        wanted = np.where(before == NOBODY, nearest, before)
        free = (wanted != NOBODY) & ~np.isin(wanted, after) & (self.as_one(wanted) == self.as_one(after))
        out = after.copy()
        for number in np.unique(wanted[free]):
            rows = free & (wanted == number)
            out[rows & (after == after[rows][0])] = number
        return out


NOTHING_BY_HAND: Final = ByHand()
