"""How long every two pieces of tracks stood how far apart: a histogram of distances for each pair that ever met.

It gives the median without keeping positions, and can be added up when pieces are. What there is to keep grows with
the pieces times the people around each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from association.standing import Metres
from entities import IntArray

Array = NDArray[np.float64]
Cameras = tuple[int, int]

MEMORY_S = 30.0
"""Of two pieces seen at once for longer, what is older fades."""
BIN_M, BINS = 0.2, 16
"""Distances are counted in bins of this width; the last one has all from 3 m on."""
NO_SLOT = -1


class Histograms:
    """Seconds by distance, by pairs of slots as in `Coexistence`; those that wait do not count yet."""

    def __init__(self) -> None:
        self._row: dict[tuple[int, int], int] = {}
        self._free: list[int] = []
        self._pairs: IntArray = np.zeros((0, 2), np.int64)
        self._cameras: IntArray = np.zeros((0, 2), np.int64)
        self._seconds: Array = np.zeros((0, BINS))
        self._waiting: Array = np.zeros((0, BINS))

    def __len__(self) -> int:
        return len(self._row)

    @property
    def pairs(self) -> IntArray:
        """`(P, 2)` slots, `NO_SLOT` in rows that are free."""
        return self._pairs

    @property
    def seconds(self) -> Array:
        """`(P, BINS)` what counts."""
        return self._seconds

    def note(self, pairs: Sequence[tuple[int, int]], away_m: Metres, seconds: float, cameras: Cameras) -> None:
        """Let these pairs `(K,)` have stood so far apart `(K,)` for so long."""
        rows = self._rows_of(pairs, cameras)
        self._seconds[rows, _bins(away_m)] += seconds
        self._fade(rows)

    def note_for_later(
        self, pairs: Sequence[tuple[int, int]], away_m: Metres, seconds: float, cameras: Cameras
    ) -> None:
        """The same, to wait until it is settled or dropped."""
        rows = self._rows_of(pairs, cameras)  # first: the tables may grow
        self._waiting[rows, _bins(away_m)] += seconds

    def settle(self, cameras: Cameras) -> None:
        """Let count what has waited of these cameras."""
        rows = np.flatnonzero((self._cameras == cameras).all(axis=1) & self._waiting.any(axis=1))
        self._seconds[rows] += self._waiting[rows]
        self._waiting[rows] = 0.0
        self._fade(rows)

    def drop(self, cameras: Cameras) -> None:
        """Forget what has waited of these cameras."""
        self._waiting[(self._cameras == cameras).all(axis=1)] = 0.0

    def free_slot(self, slot: int) -> None:
        """Forget what is known of a slot."""
        for pair, row in self._of(slot):
            del self._row[pair]
            self._pairs[row] = self._cameras[row] = NO_SLOT
            self._seconds[row] = self._waiting[row] = 0.0
            self._free.append(row)

    def absorb(self, slot: int, other: int) -> None:
        """Let `slot` have stood where `other` stood, too."""
        for (a, b), row in self._of(other):
            partner = b if a == other else a
            kept = self._row_of(slot, partner)
            self._seconds[kept] += self._seconds[row]
            self._waiting[kept] += self._waiting[row]
            self._cameras[kept] = self._cameras[row]
            self._fade(np.array([kept]))

    def _of(self, slot: int) -> list[tuple[tuple[int, int], int]]:
        rows = np.flatnonzero((self._pairs == slot).any(axis=1))
        return [((int(a), int(b)), int(row)) for (a, b), row in zip(self._pairs[rows], rows, strict=True)]

    def _fade(self, rows: IntArray) -> None:
        total_s = np.maximum(self._seconds[rows].sum(axis=1, keepdims=True), MEMORY_S)
        self._seconds[rows] *= MEMORY_S / total_s

    def _rows_of(self, pairs: Sequence[tuple[int, int]], cameras: Cameras) -> IntArray:
        rows = np.array([self._row_of(*pair) for pair in pairs], np.int64)
        self._cameras[rows] = cameras
        return rows

    def _row_of(self, slot: int, other: int) -> int:
        """The row of two slots' histogram, a new one when they meet for the first time."""
        pair = (min(slot, other), max(slot, other))
        row = self._row.get(pair)
        if row is None:
            row = self._row[pair] = self._new_row()
            self._pairs[row] = pair
        return row

    def _new_row(self) -> int:
        if not self._free:
            old, new = len(self._pairs), max(64, 2 * len(self._pairs))
            more = ((0, new - old), (0, 0))
            self._pairs = np.pad(self._pairs, more, constant_values=NO_SLOT)
            self._cameras = np.pad(self._cameras, more, constant_values=NO_SLOT)
            self._seconds, self._waiting = np.pad(self._seconds, more), np.pad(self._waiting, more)
            self._free = list(range(new - 1, old - 1, -1))
        return self._free.pop()


def medians(histograms: NDArray[np.float64]) -> Metres:
    """Median distance of each histogram.

    Args:
        histograms: `(P, BINS)` seconds in each bin, not all 0 in a row.

    Returns:
        `(P,)` metres, beyond the last bin's beginning when it is in the last bin.
    """
    total = histograms.cumsum(axis=1)
    half = total[:, -1] / 2.0
    middle = (total >= half[:, None]).argmax(axis=1)
    rows = np.arange(len(histograms))
    inside = histograms[rows, middle]
    before = total[rows, middle] - inside
    return np.asarray((middle + (half - before) / inside) * BIN_M)


def _bins(away_m: Metres) -> IntArray:
    return np.minimum(away_m / BIN_M, BINS - 1).astype(np.int64)
