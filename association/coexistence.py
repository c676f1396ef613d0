"""Which pieces of tracks were seen at once: in one frame of a camera, or at one time in two cameras."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities import BoolArray, FloatArray, IntArray

TimeArray = NDArray[np.float64]

NO_FRAME = np.iinfo(np.int64).max

DISJOINT_ALIKE = 0.6
"""Pairs this alike are taken for one person when camera pairs are judged."""
DISJOINT_PIECE_S = 0.5
"""Pieces with fewer seconds of boxes have no say in it."""
DISJOINT_PIECES = 8
"""Least number of pieces with such a partner in the other camera, from both cameras."""
UNANIMOUS_PIECES = 5
"""As long as no such pair was there at once in any two cameras, so many pieces in all are enough."""
DISJOINT_SHARE = 0.3
"""Most of them that may have a partner at the same time."""
AT_ONCE_S = 0.3
"""Common time from which a pair counts as being in both cameras at once."""
APART_S = 0.5
"""In cameras that do not overlap, pieces with more common time than this are different people."""


class Coexistence:
    """First and last common frame and the common seconds of every two pieces, in slots that are used again.

    First and last are enough to divide a piece in two: each part has met whom it met on its side of the
    cut. Only where two pieces parted and met again may a part be held to have met one it did not: too careful,
    never wrong.
    """

    def __init__(self, capacity: int = 64) -> None:
        self._first: IntArray = np.full((capacity, capacity), NO_FRAME, np.int64)
        self._last: IntArray = np.full((capacity, capacity), -1, np.int64)
        self._common_s: TimeArray = np.zeros((capacity, capacity))
        self._free = list(range(capacity - 1, -1, -1))

    def take_slot(self) -> int:
        """A slot that has met nobody."""
        if not self._free:
            self._grow()
        return self._free.pop()

    def free_slot(self, slot: int) -> None:
        """Forget a slot's meetings and let it be used again."""
        self._first[slot] = self._first[:, slot] = NO_FRAME
        self._last[slot] = self._last[:, slot] = -1
        self._common_s[slot] = self._common_s[:, slot] = 0.0
        self._free.append(slot)

    def meet(self, slots: IntArray, frame_index: int) -> None:
        """Note that the pieces of these slots are all in one frame of a camera."""
        rows = slots[:, None]
        self._first[rows, slots] = np.minimum(self._first[rows, slots], frame_index)
        self._last[rows, slots] = frame_index

    def part(self, slot: int, others: IntArray) -> None:
        """Note that a piece of the past met those of other slots, some time long ago."""
        for table in (self._first, self._last):
            table[slot, others] = table[others, slot] = 0

    def divide(self, slot: int, later: int, frame_index: int) -> None:
        """Hand over to slot `later` whom `slot` met from `frame_index` on."""
        first, last = self._first[slot].copy(), self._last[slot].copy()
        first[slot], last[slot] = NO_FRAME, -1  # the two parts follow each other
        self._set(slot, first, np.minimum(last, frame_index - 1), first < frame_index)
        self._set(later, np.maximum(first, frame_index), last, last >= frame_index)

    def absorb(self, slot: int, other: int) -> None:
        """Let `slot` have met whom `other` met, too."""
        first = np.minimum(self._first[slot], self._first[other])
        last = np.maximum(self._last[slot], self._last[other])
        self._set(slot, first, last, last >= 0)
        common_s = self._common_s[slot] + self._common_s[other]
        self._common_s[slot] = self._common_s[:, slot] = common_s

    def met(self, slots: IntArray) -> BoolArray:
        """`(N, N)`: whether two pieces of one camera were ever in one frame; with itself each one was."""
        return np.asarray(self._last[np.ix_(slots, slots)] >= 0)

    def common_s(self, slots: IntArray, first_s: TimeArray, last_s: TimeArray, absorbed: BoolArray) -> TimeArray:
        """Seconds that every two pieces were there at once, in one camera or two; `<= 0` for never.

        Args:
            slots: `(N,)` the pieces.
            first_s: `(N,)` media time of the first box.
            last_s: `(N,)` media time of the last box.
            absorbed: `(N,)` pieces that absorbed others: their span has holes, so what is remembered counts.

        Returns:
            `(N, N)` seconds.
        """
        grid = np.ix_(slots, slots)
        spans = np.minimum(last_s[:, None], last_s) - np.maximum(first_s[:, None], first_s)
        common = np.where(absorbed[:, None] | absorbed, self._common_s[grid], np.maximum(spans, 0.0))
        self._common_s[grid] = common
        return common

    def _set(self, slot: int, first: IntArray, last: IntArray, where: BoolArray) -> None:
        self._first[slot] = self._first[:, slot] = np.where(where, first, NO_FRAME)
        self._last[slot] = self._last[:, slot] = np.where(where, last, -1)

    def _grow(self) -> None:
        old = len(self._first)
        self._first = np.pad(self._first, (0, old), constant_values=NO_FRAME)
        self._last = np.pad(self._last, (0, old), constant_values=-1)
        self._common_s = np.pad(self._common_s, (0, old))
        self._free = list(range(2 * old - 1, old - 1, -1))


def disjoint_cameras(
    similarity: FloatArray, cameras: IntArray, seconds: FloatArray, common_s: TimeArray, count: int
) -> BoolArray:
    """Which pairs of cameras see no place in common, learnt from looks.

    A person in a place that both cameras see has a piece in either at once. Where the pieces with a partner in the
    other camera, one that looks like the same person, hardly ever have one at the same time, nobody is in both at once:
    the cameras do not overlap. Pieces are counted, not pairs, because the pairs of one person with pieces of other
    times grow with every return.

    Who hangs up cameras apart hangs up all of them apart: while none of the first people were in any two cameras at
    once, they speak for all pairs, and the first errors are avoided. A pair that does overlap says so with its first
    person who is in both.

    Args:
        similarity: `(N, N)` similarity of pieces.
        cameras: `(N,)` camera of each piece, 0 to `count` - 1.
        seconds: `(N,)` seconds of boxes of each piece.
        common_s: `(N, N)` common seconds, see `Coexistence.common_s`.
        count: Number of cameras.

    Returns:
        `(count, count)` symmetric, False on the diagonal and where there is too little evidence.
    """
    long_enough = seconds >= DISJOINT_PIECE_S
    alike = (similarity >= DISJOINT_ALIKE) & long_enough[:, None] & long_enough
    of_camera = (cameras[:, None] == np.arange(count)).astype(np.float32)
    pieces = _with_partner(alike, of_camera)
    at_once = _with_partner(alike & (common_s >= AT_ONCE_S), of_camera)
    unanimous = not np.triu(at_once, 1).any() and np.triu(pieces, 1).sum() >= UNANIMOUS_PIECES
    disjoint = ((pieces >= DISJOINT_PIECES) | unanimous) & (at_once <= DISJOINT_SHARE * pieces)
    np.fill_diagonal(disjoint, False)
    return np.asarray(disjoint)


def _with_partner(partners: BoolArray, of_camera: FloatArray) -> FloatArray:
    """Pieces of either camera that have a partner in the other one, for each pair of cameras."""
    has_partner = (partners.astype(np.float32) @ of_camera > 0.0).astype(np.float32)
    counts: FloatArray = of_camera.T @ has_partner
    return counts + counts.T
