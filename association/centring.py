"""Looks made comparable: what a camera and people in general share is taken away before two looks are compared."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from association.clustering import cluster
from entities import BoolArray, FloatArray, IntArray

PRIOR_PEOPLE = 6.0
"""The generic mean person counts like this many people seen by the camera."""
PRE_CLUSTER = 0.30
"""Similarity down to which pieces are taken for one person while the camera's mean is formed."""
FULL_VOICE_S = 2.0 / 3.0
"""Seconds of boxes after which a person counts fully in the camera's mean."""
MOST_S = 4.0
"""A piece of a track counts by its seconds of boxes, at most these."""


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Rows scaled to length 1; a row of zeros (nothing known) stays zero.

    Args:
        vectors: `(N, D)`. N may be 0.
    """
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def camera_means(
    vectors: FloatArray,
    cameras: IntArray,
    seconds: FloatArray,
    apart: BoolArray,
    *,
    mean_person: FloatArray,
    count: int,
) -> FloatArray:
    """The mean look of the people of each camera, drawn to the generic mean person while few were seen.

    People count, not pieces: a first rough clustering around the generic mean tells which pieces are one person, so
    that somebody who stays does not become the mean. The prior keeps the look of a single person from vanishing.

    Args:
        vectors: `(N, D)` unit looks of the pieces.
        cameras: `(N,)` camera of each piece, 0 to `count` - 1.
        seconds: `(N,)` seconds of boxes of each piece.
        apart: `(N, N)` pieces that cannot be one person.
        mean_person: `(D,)` mean look over many people, of the network that made the vectors.
        count: Number of cameras.

    Returns:
        `(count, D)`; row c is to be taken away from looks of camera c.
    """
    weight = np.clip(seconds, 1e-3, MOST_S)
    generic = unit_rows(vectors - mean_person)
    people = cluster(generic @ generic.T, weight, apart, PRE_CLUSTER)
    _, of_person = np.unique(cameras * (len(people) + 1) + people, return_inverse=True)
    amount = np.bincount(of_person, weight)
    voice = np.minimum(1.0, amount / FULL_VOICE_S)
    share = np.where(cameras == np.arange(count)[:, None], weight * (voice / amount)[of_person], 0.0)
    means = share @ vectors + PRIOR_PEOPLE * mean_person
    return np.asarray(means / (share.sum(axis=1, keepdims=True) + PRIOR_PEOPLE), np.float32)


class LookSpace(Protocol):
    """Where looks are compared: impostors fall near 0 and one threshold serves every camera."""

    def learn(self, vectors: FloatArray, cameras: IntArray, seconds: FloatArray, apart: BoolArray) -> None:
        """Take in all pieces known now, as `camera_means` wants them."""

    def place(self, vectors: FloatArray, cameras: IntArray) -> FloatArray:
        """Unit looks `(N, D)` made comparable: `(N, D)` rows of length 1, or 0 for no look."""

    def compare(self, placed: FloatArray, vectors: FloatArray, cameras: IntArray) -> FloatArray:
        """Cosines `(K, N)` of placed looks `(K, D)` and unit looks `(N, D)` of these cameras, without placing all N."""

    @property
    def means(self) -> FloatArray | None:
        """`(C, D)` what is taken away from the looks of each camera; None where they are compared as they are."""

    @property
    def stretch(self) -> float:
        """Similarity of placed looks is 1 - stretch * (1 - cosine): the scale on which one threshold serves."""


class CentredLooks:
    """Looks around their camera's mean person.

    Args:
        mean_person: `(D,)` generic mean person of the embedding network.
        cameras: Number of cameras.
    """

    def __init__(self, mean_person: FloatArray, cameras: int) -> None:
        self._mean_person = np.asarray(mean_person, np.float32)
        self._means: FloatArray = np.tile(self._mean_person, (cameras, 1))

    def learn(self, vectors: FloatArray, cameras: IntArray, seconds: FloatArray, apart: BoolArray) -> None:
        self._means = camera_means(
            vectors, cameras, seconds, apart, mean_person=self._mean_person, count=len(self._means)
        )

    def place(self, vectors: FloatArray, cameras: IntArray) -> FloatArray:
        known = np.any(vectors != 0.0, axis=1, keepdims=True)
        return unit_rows(np.where(known, vectors - self._means[cameras], 0.0))

    def compare(self, placed: FloatArray, vectors: FloatArray, cameras: IntArray) -> FloatArray:
        # p . (v - m) / |v - m|, by products with v alone
        means = self._means
        products = vectors @ np.concatenate([placed, means]).T
        along = products[np.arange(len(vectors)), len(placed) + cameras]
        length = np.sqrt(np.maximum(1.0 - 2.0 * along + (means**2).sum(axis=1)[cameras], 1e-9))
        return np.asarray((products[:, : len(placed)].T - (placed @ means.T)[:, cameras]) / length, np.float32)

    @property
    def means(self) -> FloatArray | None:
        return self._means

    @property
    def stretch(self) -> float:
        return 1.0


class RawLooks:
    """Looks as they are, for a threshold given by the user or a network whose mean person is not known.

    The distance 1 - cosine is stretched so that `cos_thresh` falls on `similarity`: everything else that is
    decided by similarity then keeps its meaning.

    Args:
        cos_thresh: Cosine that two looks of one person have at least.
        similarity: Where it lies on the common scale, below 1.
    """

    def __init__(self, cos_thresh: float, similarity: float) -> None:
        self._stretch = max(1.0 - similarity, 1e-6) / max(1.0 - cos_thresh, 1e-6)

    def learn(self, vectors: FloatArray, cameras: IntArray, seconds: FloatArray, apart: BoolArray) -> None:
        """Nothing to learn."""

    def place(self, vectors: FloatArray, cameras: IntArray) -> FloatArray:
        return unit_rows(vectors)

    def compare(self, placed: FloatArray, vectors: FloatArray, cameras: IntArray) -> FloatArray:
        return np.asarray(placed @ vectors.T, np.float32)

    @property
    def means(self) -> FloatArray | None:
        return None

    @property
    def stretch(self) -> float:
        return self._stretch
