"""How long people take from one camera to another that sees another place, learnt from those who went there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities import NOBODY, BoolArray, IntArray

Array = NDArray[np.float64]

LEAST_WALKS = 4
"""With fewer, nothing is known of a way."""
FULL_WALKS = 8
"""From so many on, what is known counts fully."""
LEAST_SPREAD_S = 1.0
"""People do not walk alike to the second."""
TO_SIGMA = 1.4826
"""Times the median absolute deviation is the standard deviation of a normal distribution."""
OVERLAP_S = 1.0
"""Somebody who was still seen this long after he was seen elsewhere did not walk there."""
LATE = 6.0
"""Who comes this many spreads late was somewhere else meanwhile: the way says nothing."""
BONUS = 0.05
"""What the right time adds to similarity at most; a wrong one takes as much away. Looks have to say the rest."""


def transit_bonus(
    identities: IntArray, cameras: IntArray, first_s: Array, last_s: Array, *, walked: BoolArray, disjoint: BoolArray
) -> Array:
    """What the time between two pieces of tracks says of their being one person.

    Args:
        identities: `(N,)` who each piece is as of now, `NOBODY` while unknown: who walks is known by these.
        cameras: `(N,)` its camera.
        first_s: `(N,)` media time of its first box.
        last_s: `(N,)` media time of its last box.
        walked: `(N,)` pieces that are one stretch of time, which can be the end of a walk.
        disjoint: `(C, C)` pairs of cameras that see no place in common; nothing is said of others.

    Returns:
        `(N, N)` symmetric, in [-BONUS, BONUS]; 0 where nothing is known.
    """
    bonus = np.zeros((len(cameras), len(cameras)))
    starts, ends, walk_s = _walks(identities, cameras, first_s, last_s, walked)
    for here, there in np.argwhere(disjoint):
        taken_s = walk_s[(starts == here) & (ends == there)]
        if len(taken_s) >= LEAST_WALKS:
            rows, columns = np.flatnonzero(walked & (cameras == here)), np.flatnonzero(walked & (cameras == there))
            known = _judged(first_s[columns] - last_s[rows, None], taken_s)
            bonus[np.ix_(rows, columns)] += known
            bonus[np.ix_(columns, rows)] += known.T
    return np.asarray(bonus.clip(-BONUS, BONUS))


def _walks(
    identities: IntArray, cameras: IntArray, first_s: Array, last_s: Array, walked: BoolArray
) -> tuple[IntArray, IntArray, Array]:
    """From where, to where and how long: each person's pieces in order of time, those in two cameras in a row."""
    known = np.flatnonzero(walked & (identities != NOBODY))
    order = known[np.lexsort((first_s[known], identities[known]))]
    one, next_one = order[:-1], order[1:]
    went = (identities[one] == identities[next_one]) & (cameras[one] != cameras[next_one])
    one, next_one = one[went], next_one[went]
    return cameras[one], cameras[next_one], first_s[next_one] - last_s[one]


def _judged(between_s: Array, taken_s: Array) -> Array:
    """How well times between pieces fit the times that walks took; same shape, in [-BONUS, BONUS]."""
    usual_s = np.median(taken_s)
    spread_s = max(LEAST_SPREAD_S, TO_SIGMA * float(np.median(np.abs(taken_s - usual_s))))
    late = (between_s - usual_s) / spread_s
    fit = 2.0 * np.exp(-(late**2) / 4.0) - 1.0
    sure = BONUS * min(1.0, len(taken_s) / FULL_WALKS)
    return np.where((between_s < -OVERLAP_S) | (late > LATE), 0.0, sure * fit)
