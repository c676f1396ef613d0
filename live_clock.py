"""When pictures were taken, on the clock of the job, and how long to wait before the next try."""

from __future__ import annotations

from typing import Final

JUMP_S: Final = 0.5
"""A sender's clock that is off by more than this has jumped."""
MOST_LAG_S: Final = 0.1
"""A picture is never said to be taken longer than this before it came."""
DRIFT: Final = 0.01
"""How fast later arrivals move the offset: clocks drift by little, delays change by much."""
LEAST_STEP_S: Final = 1e-3


class CaptureClock:
    """Stamps pictures at arrival, the jitter of the way taken out; rises always.

    The sender's times are trusted for the distance from one picture to the next, as long as they agree with the
    arrivals: the picture that took the shortest way says how the clocks stand to each other.
    """

    def __init__(self) -> None:
        self._offset_s: float | None = None
        self._last_s = -LEAST_STEP_S

    def stamp(self, arrival_s: float, media_s: float | None) -> float:
        """When the picture was taken, in seconds of the job's clock.

        Args:
            arrival_s: When it came, by the job's clock.
            media_s: When it was taken by the sender's clock; None when not said.
        """
        taken_s = arrival_s if media_s is None else self._smoothed(arrival_s, media_s)
        self._last_s = max(taken_s, arrival_s - MOST_LAG_S, self._last_s + LEAST_STEP_S)
        return self._last_s

    def _smoothed(self, arrival_s: float, media_s: float) -> float:
        offset_s = arrival_s - media_s
        if self._offset_s is None or abs(offset_s - self._offset_s) > JUMP_S or offset_s < self._offset_s:
            self._offset_s = offset_s
        else:
            self._offset_s += DRIFT * (offset_s - self._offset_s)
        return media_s + self._offset_s


class Backoff:
    """How long to wait before the next try: twice as long each time, up to a bound.

    Args:
        first_s: The first pause.
        most_s: The longest.
    """

    def __init__(self, first_s: float, most_s: float) -> None:
        self._first_s = first_s
        self._most_s = max(first_s, most_s)
        self._next_s = first_s

    def failed(self, lasted_s: float = 0.0) -> float:
        """The pause after a failure; it begins again after a connection that lasted longer than the last pause.

        Args:
            lasted_s: How long the connection had been good.
        """
        if lasted_s > self._next_s:
            self._next_s = self._first_s
        pause_s = self._next_s
        self._next_s = min(self._most_s, 2.0 * pause_s)
        return pause_s
