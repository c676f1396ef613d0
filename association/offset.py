"""How far the clocks of two videos are apart, found by trying which offset makes people stand where they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_S = 2.0
"""Offsets are looked for up to this."""
COARSE_S = 0.25
FINE_S = 0.1
LEAST_CHANGE_S = 0.1
"""A smaller change is none: people hardly move in that time."""
CLEARLY_BETTER = 0.7
"""The best offset's residual is at most this share of the present one's."""
LEAST_GAIN_M = 0.05
"""And smaller by this much."""
CLEARLY_BEST = 0.7
"""And of the median over all offsets: where nobody moves, every offset is as good as any."""


class OffsetSearch:
    """Tries one offset at a time, as a trial may cost a fit: a coarse grid, then around its best, then the present one.

    The residual is a smooth function of the offset near its minimum, so that a parabola through the three best trials
    is finer than their distance.

    Args:
        present_s: The offset in use.
    """

    def __init__(self, present_s: float = 0.0) -> None:
        self._present_s = present_s
        self._coarse: Array = np.arange(-MOST_S, MOST_S + COARSE_S / 2.0, COARSE_S)
        self._fine: Array = np.zeros(0)
        self._residuals: list[float] = []

    @property
    def trial_s(self) -> float:
        """The offset to be tried next, while the search is not over."""
        return float(np.concatenate([self._coarse, self._fine])[len(self._residuals)])

    @property
    def begun(self) -> bool:
        """Whether anything has been tried."""
        return len(self._residuals) > 0

    @property
    def over(self) -> bool:
        """Whether all has been tried."""
        return len(self._residuals) >= len(self._coarse) + len(self._fine)

    def tell(self, residual_m: float) -> None:
        """Take the residual of the offset that was tried.

        Args:
            residual_m: How badly people's places agree, bounded; NaN where that cannot be told.
        """
        self._residuals.append(residual_m)
        if len(self._residuals) == len(self._coarse):
            self._refine()

    @property
    def found_s(self) -> float | None:
        """The offset that is clearly better than the present one; None when there is none, or before the end."""
        coarse, fine = np.split(np.array(self._residuals), [len(self._coarse)])
        if not self.over or len(fine) == 0 or np.isnan(fine).any():
            return None
        around, present = fine[:-1], fine[-1]
        best = around.min()
        better = best <= min(CLEARLY_BETTER * present, present - LEAST_GAIN_M)
        found_s = float(np.clip(_lowest(self._fine[:-1], around), -MOST_S, MOST_S))
        clear = better and best <= CLEARLY_BEST * np.nanmedian(coarse)
        return found_s if clear and abs(found_s - self._present_s) > LEAST_CHANGE_S else None

    def _refine(self) -> None:
        """Plan the trials around the best of the grid, if it has one inside."""
        residuals = np.array(self._residuals)
        if np.isnan(residuals).all():
            return
        best = int(np.nanargmin(residuals))
        inner = slice(max(0, best - 1), best + 2)
        centre = _lowest(self._coarse[inner], residuals[inner])
        self._fine = np.array([centre - FINE_S, centre, centre + FINE_S, self._present_s])


def _lowest(offsets: Array, residuals: Array) -> float:
    """Where the parabola through three equally distant offsets is lowest; the best of them where there is none."""
    best = float(offsets[np.nanargmin(residuals)])
    if len(residuals) < 3 or np.isnan(residuals).any():
        return best
    left, middle, right = residuals
    curvature = left - 2.0 * middle + right
    if curvature <= 0.0 or middle > min(left, right):
        return best
    return float(offsets[1] + 0.5 * (offsets[1] - offsets[0]) * (left - right) / curvature)
