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
        self._rows: FloatArray = np.zeros((0, 0), np.float32)
        self._times_s: NDArray[np.float64] = np.zeros(0)
        self._unclean_sum: FloatArray | None = None

    @property
    def size(self) -> int:
        """Most embeddings kept."""
        return self._size

    @property
    def rows(self) -> FloatArray:
        """`(K, D)` clean unit embeddings, oldest first; `(0, 0)` before the first."""
        return self._rows

    @property
    def looks(self) -> FloatArray:
        """`rows`; while there are none, one row, the mean of the unclean looks; `(0, 0)` without any look."""
        if not len(self._rows) and self._unclean_sum is not None:
            return mean_look(self._unclean_sum[None, :])[None, :]
        return self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def learn(self, embedding: FloatArray, time_s: float) -> None:
        """Take a clean look, unless one was taken just before.

        A full bank gives up the older of its two most alike embeddings: what is kept stays varied.

        Args:
            embedding: `(D,)` of length 1.
            time_s: Media time, not before the last one.
        """
        if len(self) >= LEARN_AT_ONCE and time_s - self._times_s[-1] < LEARN_EVERY_S - TIME_SLACK_S:
            return
        self._append(embedding[None, :], np.array([time_s]))
        self._unclean_sum = None
        if len(self) > self._size:
            drop = _older_of_most_alike(self._rows)
            self._rows = np.delete(self._rows, drop, axis=0)
            self._times_s = np.delete(self._times_s, drop)

    def glimpse(self, embedding: FloatArray) -> None:
        """Take a look that is not clean: kept apart, for want of better, until the first clean one."""
        if not len(self):
            self._unclean_sum = embedding if self._unclean_sum is None else self._unclean_sum + embedding

    def take_over(self, older: LookBank) -> None:
        """Put the looks of an earlier piece of the same person before the own ones; the newest are kept."""
        own_rows, own_times = self._rows, self._times_s
        self._rows, self._times_s = older._rows, older._times_s
        self._append(own_rows, own_times)
        self._rows, self._times_s = self._rows[-self._size :], self._times_s[-self._size :]

    def _append(self, rows: FloatArray, times_s: NDArray[np.float64]) -> None:
        if len(rows):
            self._rows = np.concatenate([self._rows, rows]) if len(self._rows) else rows.copy()
            self._times_s = np.concatenate([self._times_s, times_s])


def _older_of_most_alike(rows: FloatArray) -> int:
    alike = rows @ rows.T
    np.fill_diagonal(alike, -np.inf)
    first, second = np.unravel_index(int(alike.argmax()), alike.shape)
    return int(min(first, second))


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
    if not len(filled) or not len(embeddings):
        return out
    known = np.asarray(~np.isnan(embeddings).any(axis=1), np.bool_)
    columns = np.where(known[:, None], embeddings, 0.0).T
    cosines = np.full((len(filled), max(int(lengths.max()), TOP_LOOKS), len(embeddings)), -np.inf, np.float32)
    for place, index in enumerate(filled.tolist()):
        np.matmul(banks[index], columns, out=cosines[place, : lengths[index]])
    best = np.partition(cosines, -TOP_LOOKS, axis=1)[:, -TOP_LOOKS:]
    counted = np.minimum(lengths[filled], TOP_LOOKS)
    out[filled] = np.where(np.isinf(best), 0.0, best).sum(axis=1) / counted[:, None]
    out[:, ~known] = np.nan
    return out


def mean_look(rows: FloatArray) -> FloatArray:
    """The mean direction, `(D,)` of length 1, of `(K, D)` embeddings, K at least 1."""
    mean = rows.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)
