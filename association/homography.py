"""The floor seen by two cameras: the map from one picture to the other, learnt from the feet of people.

Feet stand on one plane, so a 3x3 homography takes them from picture to picture. Nobody measures anything: people
that are known to be the same by their looks give the points. Some of them are wrong, and four right ones
would fit anything, so the map has to prove itself on people that it was not made from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from association.feet import LEAST_PEOPLE, LEAST_POINTS, FootPairs
from entities import BoolArray, IntArray

Array = NDArray[np.float64]

BODY_M = 1.7
"""A box is taken to be this high, so that pixels over box height are metres."""
NEAR_M = 1.0
"""A pair of feet agrees with the map up to this distance."""
LEAST_SHARE = 0.5
"""Of the points, at least this share has to agree."""
MOST_MEDIAN_M = 0.3
"""The median distance is at most this: a map that is worse makes up for something else, clocks that differ, say."""
BETTER_THAN_CHANCE = 0.34
"""And it has to be smaller than this share of the one between different people."""
LEAST_SPREAD = 0.05
"""Box heights (standard deviation) that the feet spread across their main direction: a line fixes no plane."""
SAMPLES = 200
"""Of four points; all four are right once with probability 1 - 2.5e-6 when half of the points are wrong."""
MOST_VOTES = 200
"""Pairs that say which sampled map is best."""
SAMPLE_BODIES = 0.25
"""A point supports a sampled map up to this distance in box heights."""
REFIT_M = (1.0, 0.7, 0.5, 0.5)
"""A map is fitted again to the pairs that agree up to these distances, one after the other."""
MOST_FOLDS = 4
"""Groups of people that are left out in turn, to see whether a map made without them holds for them."""
FAR_M = 99.0
"""Stands for points beyond the horizon and distances beyond all reason."""


@dataclass(frozen=True, slots=True, eq=False)
class LearntHomography:
    """A map between the floors of two pictures, and how well it did on people it was not made from.

    Attributes:
        matrix: `(3, 3)` takes homogeneous floor pixels of picture A to those of B, with positive depth.
        points: Pairs of feet that it was made from.
        people: People that agree with it.
        share: Of the pairs, those that agree, in [0, 1].
        median_m: Median distance of all pairs.
        chance_m: Median distance of feet of different people.
    """

    matrix: Array
    points: int
    people: int
    share: float
    median_m: float
    chance_m: float

    def distance_m(self, points_a: Array, points_b: Array, heights_a: Array, heights_b: Array) -> Array:
        """Rough metres between two feet, the larger of those seen by either camera.

        Args:
            points_a: `(N, 2)` pixels of feet in picture A.
            points_b: `(N, 2)` pixels of feet in picture B.
            heights_a: `(N,)` pixels, heights of the boxes in A, positive.
            heights_b: `(N,)` the same in B.

        Returns:
            `(N,)` in [0, `FAR_M`].
        """
        return _distance_m(self.matrix, points_a, points_b, heights_a, heights_b)

    def holds(self, pairs: FootPairs) -> bool:
        """Whether it is right about these pairs of feet, too, or there are too few to say that it is not."""
        near = self.distance_m(*pairs[:4]) < NEAR_M
        return not pairs.enough or bool(near.mean() >= LEAST_SHARE)


def fit_homography(pairs: FootPairs) -> LearntHomography | None:
    """Learn the map from pairs of feet; the same pairs give the same map.

    RANSAC over an evenly spread sequence of samples (no chance in it), then the normalised direct linear transform
    (Hartley, "In Defense of the Eight-Point Algorithm", 1997) on the pairs that agree.

    Returns:
        The map; None when there are too few points or people, when their feet are on one line, or when it
        does not hold for people that were left out while fitting.
    """
    feet = _Feet(pairs) if pairs.enough else None
    matrix = _best(feet) if feet else None
    if feet is None or matrix is None:
        return None
    distance = feet.distance_m(matrix)
    near, people = distance < NEAR_M, pairs.people
    seen = len(np.unique(people[near]))
    median, chance = float(np.median(distance)), _chance_m(pairs, matrix)
    agreed = near.mean() >= LEAST_SHARE and seen >= LEAST_PEOPLE
    proven = agreed and median <= min(MOST_MEDIAN_M, BETTER_THAN_CHANCE * chance)
    if not proven or not _holds_for_others(feet, matrix, people):
        return None
    return LearntHomography(matrix, len(people), seen, float(near.mean()), median, chance)


def residual_m(pairs: FootPairs) -> float:
    """How badly the best map fits the pairs, be it right or wrong.

    Returns:
        Mean distance, each counted as at most `NEAR_M`; that itself when no map fits at all; NaN when there are too few
        points or people to tell.
    """
    if not pairs.enough:
        return float("nan")
    feet = _Feet(pairs)
    matrix = _best(feet)
    return NEAR_M if matrix is None else float(np.minimum(feet.distance_m(matrix), NEAR_M).mean())


class _Feet:
    """Pairs of feet, with the pictures scaled so that the equations are well conditioned."""

    def __init__(self, pairs: FootPairs) -> None:
        self.points_a, self.points_b, self.heights_a, self.heights_b, _ = pairs
        self._scale_a, self._scale_b = _normaliser(self.points_a), _normaliser(self.points_b)
        self._scaled_a = scaled_a = _homogeneous(self.points_a) @ self._scale_a.T
        self._scaled_b = scaled_b = _homogeneous(self.points_b) @ self._scale_b.T
        u, v = scaled_b[:, :2].T[:, :, None]
        none = np.zeros_like(scaled_a)
        self._equations = np.stack(
            [np.hstack([-scaled_a, none, u * scaled_a]), np.hstack([none, -scaled_a, v * scaled_a])], axis=1
        )

    def through(self, rows: IntArray) -> Array:
        """Maps `(S, 3, 3)` in pixels through each sample of four rows `(S, 4)`; zeros where three are on a line.

        By way of the projective basis of either picture that the four points are.
        """
        basis_a, basis_b = _basis(self._scaled_a[rows]), _basis(self._scaled_b[rows])
        return self._pixels(basis_b @ _adjugate(basis_a))

    def least_squares(self, rows: BoolArray, matrix: Array) -> Array:
        """The map `(3, 3)` that fits these rows best.

        Args:
            rows: `(N,)` the pairs that count.
            matrix: The map so far: distances in picture B are weighed by its depth and by the height of the box, so
                that what is made small is metres, not an algebraic residual.
        """
        depth = np.abs(_homogeneous(self.points_a[rows]) @ matrix[2])
        weight = 1.0 / (self.heights_b[rows] * np.maximum(depth, 1e-3 * np.median(depth) + 1e-300))
        equations = (self._equations[rows] * (weight / weight.mean())[:, None, None]).reshape(-1, 9)
        _, vectors = np.linalg.eigh(equations.T @ equations)
        return np.asarray(self._pixels(vectors[:, :1].reshape(1, 3, 3))[0])

    def distance_m(self, matrix: Array) -> Array:
        return _distance_m(matrix, self.points_a, self.points_b, self.heights_a, self.heights_b)

    def disagreement(self, matrices: Array) -> Array:
        """How far `(S,)` the pairs are off under each map: the sum of truncated distances in picture B (MSAC)."""
        some = slice(None, None, -(-len(self.points_a) // MOST_VOTES))
        mapped = _homogeneous(self.points_a[some]) @ matrices.transpose(0, 2, 1)
        bodies = _apart(mapped, self.points_b[some]) / self.heights_b[some]
        return np.asarray(np.minimum(bodies, SAMPLE_BODIES).sum(axis=1))

    def is_plane(self, rows: BoolArray) -> bool:
        """Whether these feet lie on more than a line, in both pictures."""
        pictures = ((self.points_a[rows], self.heights_a[rows]), (self.points_b[rows], self.heights_b[rows]))
        return all(_spread(points) >= LEAST_SPREAD * np.median(heights) for points, heights in pictures)

    def _pixels(self, scaled: Array) -> Array:
        """Back from scaled coordinates; the sign that gives most of the feet positive depth, length 1."""
        matrices = np.linalg.inv(self._scale_b) @ scaled @ self._scale_a
        depths = (scaled[:, 2] @ self._scaled_a.T > 0.0).mean(axis=1)
        matrices *= np.where(depths >= 0.5, 1.0, -1.0)[:, None, None]
        return np.asarray(matrices / np.maximum(np.linalg.norm(matrices, axis=(1, 2), keepdims=True), 1e-300))


def _best(feet: _Feet) -> Array | None:
    """The map `(3, 3)` that most pairs agree with; None if those do not fix a plane."""
    matrices = feet.through(_samples(len(feet.points_a)))
    matrix = matrices[feet.disagreement(matrices).argmin()]
    for limit_m in REFIT_M:
        near = feet.distance_m(matrix) < limit_m
        if near.sum() < LEAST_POINTS * LEAST_SHARE:
            return None
        matrix = feet.least_squares(near, matrix)
    return np.asarray(matrix) if feet.is_plane(near) else None


def _samples(count: int) -> IntArray:
    """Four rows below `count` for each of `SAMPLES`, evenly spread over all fours: as good as chance, always the same.

    Kronecker sequence of the generalised golden ratio (Roberts, 2018).
    """
    ratio = 1.1673039782614187  # x^5 = x + 1
    steps = ratio ** -np.arange(1.0, 5.0)
    places = (0.5 + np.arange(1, SAMPLES + 1)[:, None] * steps) % 1.0
    return np.asarray((places * count).astype(np.int64))


def _holds_for_others(feet: _Feet, matrix: Array, people: IntArray) -> bool:
    """Whether maps made without some of the people are right about them."""
    near = feet.distance_m(matrix) < NEAR_M
    _, number = np.unique(people, return_inverse=True)
    fold = number % MOST_FOLDS
    agree = 0
    for held_out in range(int(fold.max()) + 1):
        rest = near & (fold != held_out)
        if rest.sum() < LEAST_POINTS * LEAST_SHARE or not feet.is_plane(rest):
            continue
        without = feet.least_squares(rest, matrix)
        agree += int((feet.distance_m(without)[fold == held_out] < NEAR_M).sum())
    return agree >= LEAST_SHARE * len(people)


def _chance_m(pairs: FootPairs, matrix: Array) -> float:
    """Median distance of feet of different people: sorted by person, moved on by quarters of the list."""
    order = np.argsort(pairs.people, kind="stable")
    distances = []
    for quarter in (1, 2, 3):
        other = np.roll(order, len(order) * quarter // 4)
        different = pairs.people[order] != pairs.people[other]
        a, b = pairs.only(order[different]), pairs.only(other[different])
        distances.append(_distance_m(matrix, a.points_a, b.points_b, a.heights_a, b.heights_b))
    return float(np.median(np.concatenate(distances)))


def _distance_m(matrix: Array, points_a: Array, points_b: Array, heights_a: Array, heights_b: Array) -> Array:
    if abs(np.linalg.det(matrix)) < 1e-300:
        return np.full(len(points_a), FAR_M)
    in_b = _apart(_homogeneous(points_a) @ matrix.T, points_b) / heights_b
    in_a = _apart(_homogeneous(points_b) @ np.linalg.inv(matrix).T, points_a) / heights_a
    return np.asarray(np.minimum(BODY_M * np.maximum(in_a, in_b), FAR_M))


def _apart(mapped: Array, points: Array) -> Array:
    """Pixels `(..., N)` between homogeneous and other points; infinite beyond the horizon."""
    depth = mapped[..., 2]
    ahead = depth > 0.0
    pixels = mapped[..., :2] / np.where(ahead, depth, 1.0)[..., None]
    return np.where(ahead, np.hypot(pixels[..., 0] - points[:, 0], pixels[..., 1] - points[:, 1]), np.inf)


def _basis(points: Array) -> Array:
    """The matrices `(S, 3, 3)` that take the unit vectors and their sum to four points `(S, 4, 3)`, up to scale."""
    first, second, third, fourth = points.transpose(1, 0, 2)
    crosses = np.stack([np.cross(second, third), np.cross(third, first), np.cross(first, second)], axis=1)
    factors = crosses @ fourth[:, :, None]
    return np.asarray((points[:, :3] * factors).transpose(0, 2, 1))


def _adjugate(matrices: Array) -> Array:
    """The inverse `(S, 3, 3)` but for a factor; there is one of every matrix."""
    first, second, third = matrices.transpose(2, 0, 1)
    return np.stack([np.cross(second, third), np.cross(third, first), np.cross(first, second)], axis=1)


def _normaliser(points: Array) -> Array:
    """Takes the points' centre to 0 and their mean distance from it to the root of 2 (Hartley 1997, section 4.4)."""
    centre = points.mean(axis=0)
    size = max(float(np.hypot(*(points - centre).T).mean()), 1e-9)
    scale = np.sqrt(2.0) / size
    return np.array([[scale, 0.0, -scale * centre[0]], [0.0, scale, -scale * centre[1]], [0.0, 0.0, 1.0]])


def _homogeneous(points: Array) -> Array:
    return np.asarray(np.column_stack([points, np.ones(len(points))]), np.float64)


def _spread(points: Array) -> float:
    """Standard deviation across the main direction of the points."""
    centred = points - points.mean(axis=0)
    (xx, xy), (_, yy) = centred.T @ centred / len(points)
    return float(np.sqrt(max((xx + yy) / 2.0 - np.hypot((xx - yy) / 2.0, xy), 0.0)))
