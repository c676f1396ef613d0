"""Is somebody who appears the one who left? A likelihood ratio of look and place, for every pair.

The identity study, part 1, step 9: the part worth most. All logarithms are natural.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entities import BoolArray

# Similarities (mean of the three largest cosines) as measured with OSNet on clean boxes.
SAME_MEAN, SAME_STD = 0.88, 0.08
OTHER_MEAN, OTHER_STD = 0.55, 0.09
PRIOR_PAIRS = 20.0
"""Pairs that the generic mean counts for, beside those that a camera has seen."""
MIN_SIMILARITY = 0.5
"""Less alike is forbidden, wherever it is."""
MAX_LOOK_GAIN = 8.0
MIN_PLACE_GAIN = -6.0
"""People do cross a picture unseen; a place never speaks more strongly against a pair."""
CARRY_S = 0.7
"""A person keeps the last velocity about this long."""
PLACE_STD, PLACE_STD_RATE = 0.3, 0.6
"""Box heights, and box heights a second of gap: how far from the expected place a person reappears."""
HEIGHT_STD, HEIGHT_STD_RATE, HEIGHT_MAX_GAP_S = 0.15, 0.15, 3.0
"""The same for the logarithm of the height."""
PLACE_WEIGHT = 0.5
CROWD_WEIGHT = 0.5
"""Weight of the logarithm of the number of lost people: among many, one is alike by chance."""
UNCLEAN_PENALTY = 2.0
"""Where one side never had a clean look."""
EARLY_PENALTY = 1.0
"""Where the newcomer has not yet shown to be a person."""


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Where and when N tracks end, or begin.

    Attributes:
        times_s: `(N,)` media time.
        centres: `(N, 2)` pixels.
        heights: `(N,)` pixels, above 0.
        velocities: `(N, 2)` pixels a second.
    """

    times_s: NDArray[np.float64]
    centres: NDArray[np.float64]
    heights: NDArray[np.float64]
    velocities: NDArray[np.float64]


class Others:
    """How alike different people look to one camera, which people seen in one frame tell.

    Where everybody wears the same, a look says less. Where people differ more than usual it is not trusted more: those
    seen so far may differ, and the next two may not.
    """

    def __init__(self) -> None:
        self._sum, self._count = PRIOR_PAIRS * OTHER_MEAN, PRIOR_PAIRS

    def learn(self, similarity: NDArray[np.float64]) -> None:
        """Take similarities of people who are different for certain."""
        self._sum += float(similarity.sum())
        self._count += similarity.size

    @property
    def mean(self) -> float:
        """Their mean, never below the generic one."""
        return max(self._sum / self._count, OTHER_MEAN)


def look_gain(similarity: NDArray[np.float64], other_mean: float = OTHER_MEAN) -> NDArray[np.float64]:
    """Log-likelihood ratio of "same person" against "somebody else", from the look.

    Args:
        similarity: Any shape, in [-1, 1]; NaN where unknown.
        other_mean: What different people have on average, see `Others`.

    Returns:
        The same shape, at most `MAX_LOOK_GAIN`; minus infinity below `MIN_SIMILARITY` and where unknown.
    """
    same = -0.5 * ((np.minimum(similarity, SAME_MEAN) - SAME_MEAN) / SAME_STD) ** 2 - math.log(SAME_STD)
    other = -0.5 * ((np.maximum(similarity, other_mean) - other_mean) / OTHER_STD) ** 2 - math.log(OTHER_STD)
    return np.where(similarity >= MIN_SIMILARITY, np.minimum(same - other, MAX_LOOK_GAIN), -np.inf)


def place_gain(begun: Ends, ended: Ends, picture_area_px: float) -> NDArray[np.float64]:
    """Log-likelihood ratio of "same person" against "anybody anywhere in the picture", from place and height.

    Args:
        begun: C tracks that begin.
        ended: P tracks that ended.
        picture_area_px: Width times height of the picture.

    Returns:
        `(C, P)`, at least `MIN_PLACE_GAIN`; minus infinity where the track began before the other ended.
    """
    gap_s = begun.times_s[:, None] - ended.times_s[None, :]
    gap = np.maximum(gap_s, 0.0)
    height = np.maximum(ended.heights, 1.0)[None, :]
    expected = ended.centres[None] + ended.velocities[None] * np.minimum(gap, CARRY_S)[..., None]
    distance2 = ((begun.centres[:, None] - expected) ** 2).sum(axis=-1) / height**2
    area = np.maximum(picture_area_px / height**2, 4.0)
    spread = np.minimum(PLACE_STD + PLACE_STD_RATE * gap, np.sqrt(area) / 2.5)
    place = -distance2 / (2 * spread**2) - np.log(2 * np.pi * spread**2) + np.log(area)
    taller = np.log(np.maximum(begun.heights, 1.0)[:, None] / height)
    height_spread = HEIGHT_STD + HEIGHT_STD_RATE * np.minimum(gap, HEIGHT_MAX_GAP_S)
    # 0.6 stands for the width of the range of log heights that people of a picture have
    size = -(taller**2) / (2 * height_spread**2) - np.log(height_spread) + math.log(0.6)
    return np.where(gap_s > 0.0, np.maximum(place + size, MIN_PLACE_GAIN), -np.inf)


def caution(newcomer_clean: BoolArray, lost_clean: BoolArray, newcomer_is_person: BoolArray) -> NDArray[np.float64]:
    """What is taken off the evidence of weak pairs.

    Args:
        newcomer_clean: `(C,)` whether it ever had a clean look.
        lost_clean: `(P,)` likewise.
        newcomer_is_person: `(C,)` whether it could be confirmed as somebody new by now.

    Returns:
        `(C, P)`, at least 0.
    """
    both_clean = newcomer_clean[:, None] & lost_clean[None, :]
    return UNCLEAN_PENALTY * ~both_clean + EARLY_PENALTY * ~newcomer_is_person[:, None]


def recovery_gain(
    look: NDArray[np.float64], place: NDArray[np.float64], penalty: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How much more likely each newcomer is each lost person than anybody else.

    Args:
        look: `(C, P)` from `look_gain`.
        place: `(C, P)` from `place_gain`.
        penalty: `(C, P)` from `caution`.

    Returns:
        `(C, P)`; above 0 where the pair should be joined, minus infinity where it must not be.
    """
    crowd = CROWD_WEIGHT * math.log(max(look.shape[1], 1))
    return np.asarray(look + PLACE_WEIGHT * place - crowd - penalty, np.float64)
