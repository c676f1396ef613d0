"""What a track looks like: a small bank of clean embeddings, and how alike a bank and an embedding are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from entities import FloatArray

TOP_LOOKS = 3
"""Cosines averaged into a similarity; 1, 3 and 6 do equally well (identity study, part 1)."""
LEARN_EVERY_S = 0.2
"""Frames that follow each other tell nothing new."""
LEARN_AT_ONCE = 3
"""The first looks are all taken, so that a young track is known soon."""
TIME_SLACK_S = 0.005
"""Containers round timestamps to a millisecond and more; three frames of 15 fps must count as 0.2 s."""


class LookBank:
    """The clean embeddings a track remembers, spread over time and over looks.

    Args:
        size: Most embeddings kept, at least 1.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._count = 0
        self._rows: FloatArray = np.zeros((0, 0), np.float32)  # room for one more than `size`
        self._alike: FloatArray = np.zeros((0, 0), np.float32)  # cosine of row i and an older row j < i
        self._times_s: NDArray[np.float64] = np.zeros(0)
        self._unclean_sum: FloatArray | None = None

    @property
    def size(self) -> int:
        """Most embeddings kept."""
        return self._size

    @property
    def rows(self) -> FloatArray:
        """`(K, D)` clean unit embeddings, oldest first, until the next `learn`; `(0, 0)` before the first."""
        return self._rows[: self._count]

    @property
    def looks(self) -> FloatArray:
        """`rows`; while there are none, one row, the mean of the unclean looks; `(0, 0)` without any look."""
        if not self._count and self._unclean_sum is not None:
            return mean_look(self._unclean_sum[None, :])[None, :]
        return self.rows

    def __len__(self) -> int:
        return self._count

    def learn(self, embedding: FloatArray, time_s: float) -> None:
        """Take a clean look, unless one was taken just before.

        A full bank gives up the older of its two most alike embeddings: what is kept stays varied.

        Args:
            embedding: `(D,)` of length 1.
            time_s: Media time, not before the last one.
        """
        if self._count >= LEARN_AT_ONCE and time_s - self._times_s[self._count - 1] < LEARN_EVERY_S - TIME_SLACK_S:
            return
        self._append(embedding, time_s)
        self._unclean_sum = None
        if self._count > self._size:
            _, older = np.unravel_index(int(self._alike.argmax()), self._alike.shape)
            self._drop(int(older))

    def glimpse(self, embedding: FloatArray) -> None:
        """Take a look that is not clean: kept apart, for want of better, until the first clean one."""
        if not self._count:
            self._unclean_sum = embedding if self._unclean_sum is None else self._unclean_sum + embedding

    def take_over(self, older: LookBank) -> None:
        """Put the looks of an earlier piece of the same person before the own ones; the newest are kept."""
        rows = [*older.rows, *self.rows.copy()][-self._size :]
        times_s = [*older._times_s[: older._count], *self._times_s[: self._count]][-self._size :]
        self._count = 0
        for row, time_s in zip(rows, times_s, strict=True):
            self._append(row, float(time_s))

    def _append(self, embedding: FloatArray, time_s: float) -> None:
        if not self._rows.size:
            room = self._size + 1
            self._rows = np.empty((room, len(embedding)), np.float32)
            self._alike = np.full((room, room), -np.inf, np.float32)
            self._times_s = np.empty(room)
        row = self._count
        self._alike[row, :row] = self._rows[:row] @ embedding
        self._rows[row], self._times_s[row] = embedding, time_s
        self._count += 1

    def _drop(self, row: int) -> None:
        last = self._count - 1
        for array in (self._rows, self._times_s, self._alike, self._alike.T):
            array[row:last] = array[row + 1 : last + 1]
        self._count = last


def bank_similarity(banks: Sequence[FloatArray], embeddings: FloatArray) -> NDArray[np.float64]:
    """How alike each bank and each embedding are.

    Args:
        banks: N arrays `(K, D)` of unit rows. N and any K may be 0.
        embeddings: `(M, D)` unit rows, a row of NaN where the look is unknown. M and D may be 0.

    Returns:
        `(N, M)` mean of the `TOP_LOOKS` largest cosines, in [-1, 1]; NaN for an empty bank or an unknown look.
    """
    lengths = np.array([len(bank) for bank in banks], np.intp)
    out = np.full((len(banks), len(embeddings)), np.nan)
    filled = np.flatnonzero(lengths)
    known = np.flatnonzero(~np.isnan(embeddings).any(axis=1))
    if not len(filled) or not len(known) or not embeddings.size:
        return out
    looks = embeddings[known]
    cosines = np.full((len(filled), len(looks), max(int(lengths.max()), TOP_LOOKS)), -np.inf, np.float32)
    for place, index in enumerate(filled.tolist()):
        cosines[place, :, : lengths[index]] = looks @ banks[index].T
    cosines.sort(axis=2)
    best = cosines[:, :, -TOP_LOOKS:]
    counted = np.minimum(lengths[filled], TOP_LOOKS)
    out[filled[:, None], known] = np.where(np.isinf(best), 0.0, best).sum(axis=2) / counted[:, None]
    return out


def mean_look(rows: FloatArray) -> FloatArray:
    """The mean direction, `(D,)` of length 1, of `(K, D)` embeddings, K at least 1."""
    mean = rows.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)
