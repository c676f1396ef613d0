"""What a track looks like: a small bank of clean embeddings, and how alike a bank and an embedding are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from entities import BoolArray, FloatArray

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
        self._order: list[int] = []  # where each embedding lies, oldest first
        self._looks: FloatArray = np.zeros((0, 0), np.float32)  # room for `size`
        self._alike: FloatArray = np.zeros((0, 0), np.float32)  # cosine of every two, minus infinity with itself
        self._newest_s = -np.inf
        self._unclean_sum: FloatArray | None = None

    @property
    def size(self) -> int:
        """Most embeddings kept."""
        return self._size

    @property
    def rows(self) -> FloatArray:
        """`(K, D)` clean unit embeddings, oldest first; `(0, 0)` before the first."""
        return np.asarray(self._looks[self._order], np.float32)

    @property
    def clean(self) -> FloatArray:
        """`rows` in any order, and only until the next `learn`, but without a copy."""
        return self._looks[: len(self._order)]

    @property
    def looks(self) -> FloatArray:
        """`clean`; while there are none, one row, the mean of the unclean looks; `(0, 0)` without any look."""
        if not self._order and self._unclean_sum is not None:
            return mean_look(self._unclean_sum[None, :])[None, :]
        return self.clean

    @property
    def known(self) -> bool:
        """Whether there was any look, clean or not."""
        return bool(self._order) or self._unclean_sum is not None

    def __len__(self) -> int:
        return len(self._order)

    def learn(self, embedding: FloatArray, time_s: float) -> None:
        """Take a clean look, unless one was taken just before.

        A full bank gives up the older of its two most alike embeddings: what is kept stays varied.

        Args:
            embedding: `(D,)` of length 1.
            time_s: Media time, not before the last one.
        """
        if len(self._order) >= LEARN_AT_ONCE and time_s - self._newest_s < LEARN_EVERY_S - TIME_SLACK_S:
            return
        self._put(embedding)
        self._newest_s = time_s
        self._unclean_sum = None

    def glimpse(self, embedding: FloatArray) -> None:
        """Take a look that is not clean: kept apart, for want of better, until the first clean one."""
        if not self._order:
            self._unclean_sum = embedding if self._unclean_sum is None else self._unclean_sum + embedding

    def take_over(self, older: LookBank) -> None:
        """Put the looks of an earlier piece of the same person before the own ones; the newest are kept."""
        rows = [*older.rows, *self.rows][-self._size :]
        self._newest_s = max(self._newest_s, older._newest_s)
        self._order = []
        for row in rows:
            self._put(row)

    def _put(self, embedding: FloatArray) -> None:
        if not self._looks.size:
            self._looks = np.zeros((self._size, len(embedding)), np.float32)
            self._alike = np.full((self._size, self._size), -np.inf, np.float32)
        count = len(self._order)
        alike = self._looks[:count] @ embedding
        place = count if count < self._size else self._older_of_most_alike(alike)
        if place < count:
            self._order.remove(place)
        self._order.append(place)
        self._looks[place] = embedding
        self._alike[place, :count] = self._alike[:count, place] = alike
        self._alike[place, place] = -np.inf

    def _older_of_most_alike(self, newest: FloatArray) -> int:
        """Of two embeddings in a full bank, or one and the newest, of which these are the cosines with all."""
        best = int(newest.argmax())
        one, other = divmod(int(self._alike.argmax()), self._size)
        if newest[best] > self._alike[one, other]:
            return best
        return min(one, other, key=self._order.index)


def bank_similarity(
    banks: Sequence[FloatArray], embeddings: FloatArray, wanted: BoolArray | None = None
) -> NDArray[np.float64]:
    """How alike each bank and each embedding are.

    Args:
        banks: N arrays `(K, D)` of unit rows, in any order. N and any K may be 0.
        embeddings: `(M, D)` unit rows, a row of NaN where the look is unknown. M and D may be 0.
        wanted: `(N, M)` the pairs to work out; None for all.

    Returns:
        `(N, M)` mean of the `TOP_LOOKS` largest cosines, in [-1, 1]; NaN for an empty bank, an unknown look, and
        what is not wanted.
    """
    out = np.full((len(banks), len(embeddings)), np.nan)
    lengths = np.array([len(bank) for bank in banks], np.intp)
    known = ~np.isnan(embeddings.sum(axis=1))
    pairs = (lengths[:, None] > 0) & known if wanted is None else (lengths[:, None] > 0) & known & wanted
    rows, columns = np.nonzero(pairs)
    if not len(rows) or not embeddings.size:
        return out
    cosines = np.full((len(rows), max(int(lengths.max()), TOP_LOOKS)), -np.inf, np.float32)
    looks, start = embeddings[columns], 0
    for bank, count in zip(banks, np.bincount(rows, minlength=len(banks)).tolist(), strict=True):
        if count:
            np.matmul(looks[start : start + count], bank.T, out=cosines[start : start + count, : len(bank)])
            start += count
    cosines.sort(axis=1)
    best = cosines[:, -TOP_LOOKS:]
    out[rows, columns] = np.where(np.isinf(best), 0.0, best).sum(axis=1) / np.minimum(lengths[rows], TOP_LOOKS)
    return out


def mean_look(rows: FloatArray) -> FloatArray:
    """The mean direction, `(D,)` of length 1, of `(K, D)` embeddings, K at least 1."""
    mean = rows.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)
