"""Which rounds are looked at: every so many, or as many as a live stream leaves time for."""

from __future__ import annotations

import math
from typing import Final

MOST_PASSED_OVER: Final = 9
"""Rounds passed over in a row at most: tracks that only coast are lost in the end."""
SMOOTHING: Final = 0.2
"""Share of the newest measurement in a running mean."""


class Pace:
    """Says which rounds to look at.

    Looking costs more than passing over. When rounds come faster than they can all be looked at, looking at every
    n-th keeps up with them, where n is the least number with n rounds' time for one look and n - 1 passes.

    Args:
        stride: Every how many rounds at least.
        keep_up: Whether to pass over more when there is not enough time; else the result depends on `stride` alone.
    """

    def __init__(self, stride: int, *, keep_up: bool = False) -> None:
        self._stride = stride
        self._keep_up = keep_up
        self._look_s: float | None = None
        self._pass_s: float | None = None
        self._period_s: float | None = None
        self._last_s: float | None = None
        self._passed = 0

    @property
    def stride(self) -> int:
        """Every how many rounds it looks now."""
        if not self._keep_up or self._look_s is None or self._period_s is None:
            return self._stride
        passing_s = self._pass_s or 0.0
        spare_s = self._period_s - passing_s
        needed = math.ceil((self._look_s - passing_s) / spare_s - 0.05) if spare_s > 0.0 else MOST_PASSED_OVER + 1
        return max(self._stride, min(needed, MOST_PASSED_OVER + 1))

    def looks_at(self, index: int, time_s: float) -> bool:
        """Whether to look at the next round.

        Args:
            index: Its number.
            time_s: Its media time.
        """
        if not self._keep_up:
            return index % self._stride == 0
        if self._last_s is not None and time_s > self._last_s:
            self._period_s = _mean(self._period_s, time_s - self._last_s)
        self._last_s = time_s
        self._passed += 1
        if index and self._passed < self.stride:
            return False
        self._passed = 0
        return True

    def took(self, seconds: float, *, looked: bool) -> None:
        """Learn what a round cost.

        Args:
            seconds: Wall time after which the next one could be taken.
            looked: Whether it was looked at.
        """
        if looked:
            self._look_s = _mean(self._look_s, seconds)
        else:
            self._pass_s = _mean(self._pass_s, seconds)


def _mean(before: float | None, value: float) -> float:
    return value if before is None else before + SMOOTHING * (value - before)
