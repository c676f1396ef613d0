"""Cuts a region in which several people overlap into one box each.

People on a floor are lower in the picture the nearer they are, and taller: a straight line from the row of the feet to
the height, learnt from people seen alone, says how tall somebody who stands there must be. A region is then explained
greedily by upright boxes of the right size, after the idea of Fleuret et al. (2008), Probabilistic Occupancy Map.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.uint8]
Box = tuple[float, float, float, float]

LEAST_SAMPLES = 60
MOST_SAMPLES = 240
FIT_EVERY = 5
SPOT_PX = 3.0
"""Feet in one square of this size are one sample: a thing that stays where it is would outvote all who walk."""
LEAST_RUN = 8.0
"""Pairs of people whose feet are fewer rows apart say nothing of the slope."""
STEEPEST = 0.9
"""The slope is a person's height by the camera's, and cameras hang higher than heads."""
WIDTH = 0.36
"""Width of an explaining box by its height."""
TALLEST, WIDEST = 1.22, 0.8
"""One person is at most this much taller than expected, and this wide by height."""
COMPLETE = 0.8
"""A person seen whole may be this share of the expected height."""
LEAST_NEW = 0.3
"""A box must explain pixels of this share of its area that no box explained before."""
MOST_PEOPLE = 8


class HeightModel:
    """How tall people are in the picture, by the row of their feet."""

    def __init__(self) -> None:
        self._samples: dict[tuple[int, int], tuple[float, float]] = {}
        self._line: tuple[float, float] | None = None
        self._taken = 0

    def learn(self, column: float, foot: float, height: float) -> None:
        """Take in one person seen alone, head to foot; pixels."""
        spot = (int(column / SPOT_PX), int(foot / SPOT_PX))
        self._samples.pop(spot, None)
        self._samples[spot] = (foot, height)
        if len(self._samples) > MOST_SAMPLES:
            del self._samples[next(iter(self._samples))]
        self._taken += 1
        if len(self._samples) >= LEAST_SAMPLES and self._taken % FIT_EVERY == 0:
            self._line = _fit(np.array(list(self._samples.values())))

    def height_at(self, foot: float) -> float | None:
        """Height of a person whose feet are in that row; None while unknown."""
        if self._line is None:
            return None
        return max(8.0, self._line[0] * foot + self._line[1])

    def is_one_person(self, foot: float, height: float, width: float) -> bool:
        """Whether a region can be one person."""
        expected = self.height_at(foot)
        if expected is None:
            return width < WIDEST * height
        return height < TALLEST * expected and width < WIDEST * expected

    def completeness(self, foot: float, height: float) -> float:
        """1 for a region as tall as a person there is, less for a mere piece of one."""
        expected = self.height_at(foot)
        return 1.0 if expected is None else min(1.0, height / (COMPLETE * expected))


def _fit(samples: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of the line through foot rows and heights after Theil and Sen: medians, so pieces do no harm."""
    foot, height = samples.T
    run = foot[:, None] - foot
    apart = run > LEAST_RUN
    # Feet all in one row say nothing of the slope: heights are then taken as constant.
    slope = float(np.median((height[:, None] - height)[apart] / run[apart])) if apart.any() else 0.0
    slope = min(max(slope, 0.0), STEEPEST)
    return slope, float(np.median(height - slope * foot))


def separate(blob: Mask, corner: tuple[int, int], heights: HeightModel) -> list[tuple[Box, float]]:
    """Explain a region by upright people.

    Args:
        blob: `(h, w)` 1 where the region is.
        corner: Column and row of the blob's corner in the picture.
        heights: How tall people are.

    Returns:
        Boxes `x1, y1, x2, y2` in the picture, each with the share of its area that the region fills and no
        box before it does.
    """
    candidates = _candidates(blob.shape[0], blob.shape[1], corner, heights)
    left = blob.astype(np.float64)
    found: list[tuple[Box, float]] = []
    while len(candidates) and len(found) < MOST_PEOPLE:
        area = (candidates[:, 2] - candidates[:, 0]) * (candidates[:, 3] - candidates[:, 1])
        new = _inside(left, candidates) / area
        whole = _inside(blob.astype(np.float64), candidates) / area
        # A box is good when the region fills it; what was explained before counts less but is no fault.
        worth = (new + 0.35 * (whole - new) - 0.25) * area
        best = int(np.argmax(worth))
        if new[best] < LEAST_NEW or worth[best] <= 0.0:
            break
        x1, y1, x2, y2 = candidates[best].tolist()
        left[max(0, y1) : max(0, y2), max(0, x1) : max(0, x2)] = 0.0
        box = (float(x1 + corner[0]), float(y1 + corner[1]), float(x2 + corner[0]), float(y2 + corner[1]))
        found.append((box, float(whole[best])))
    return found


def _candidates(height: int, width: int, corner: tuple[int, int], heights: HeightModel) -> NDArray[np.int64]:
    """`(K, 4)` boxes of the right size in the blob's own pixels, every few pixels."""
    rows = []
    step = max(2, min(height, width) // 16)
    for foot in range(height, int(0.2 * height), -step):
        tall = heights.height_at(foot + corner[1])
        tall = float(height) if tall is None else tall
        half = max(2.0, WIDTH * tall / 2)
        if foot > 0.88 * tall:
            middles = range(int(0.6 * half), max(int(width - 0.6 * half), int(0.6 * half) + 1) + 1, step)
            rows += [(middle - half, foot - tall, middle + half, foot) for middle in middles]
    return np.array(rows, np.float64).reshape(-1, 4).round().astype(np.int64)


def _inside(values: NDArray[np.float64], boxes: NDArray[np.int64]) -> NDArray[np.float64]:
    """`(K,)` sum of the values inside each box, by a summed-area table."""
    height, width = values.shape
    table = np.zeros((height + 1, width + 1))
    table[1:, 1:] = values.cumsum(axis=0).cumsum(axis=1)
    x1, x2 = boxes[:, 0].clip(0, width), boxes[:, 2].clip(0, width)
    y1, y2 = boxes[:, 1].clip(0, height), boxes[:, 3].clip(0, height)
    return np.asarray(table[y2, x2] - table[y1, x2] - table[y2, x1] + table[y1, x1])
