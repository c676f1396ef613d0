"""What to say of a camera that shows nothing new."""

from __future__ import annotations

from dataclasses import dataclass

from entities import Source
from sinks.lettering import clock

SILENCE_S = 0.5
"""A camera that sends nothing for longer than this (and than a few of its frames) is marked."""
SILENCE_FRAMES = 2.5
QUIET_STATES = frozenset({"", "ended", "live"})
"""States of a reader that say nothing of a fault; files have none."""


@dataclass(frozen=True, slots=True)
class Badge:
    """Two lines on a camera's tile.

    Attributes:
        title: What is the matter.
        detail: Since when.
        alarming: Whether something is wrong.
    """

    title: str
    detail: str
    alarming: bool = False


class Silence:
    """Judges one camera by its last picture.

    Args:
        source: What it promised.
    """

    def __init__(self, source: Source) -> None:
        self.most_s = max(SILENCE_S, SILENCE_FRAMES / source.fps)
        frames_s = source.frames_total / source.fps if source.frames_total else None
        self._promised_s = source.duration_s or frames_s

    def badge(self, time_s: float, last_s: float | None, state: str) -> Badge | None:
        """What to say at an instant; None while the camera shows something.

        Args:
            time_s: The instant.
            last_s: When its last picture was taken; None when it has shown none.
            state: What its reader is doing, see `Round.states`; empty for files.
        """
        why = "" if state in QUIET_STATES else state.upper()
        if last_s is None:
            return Badge(why or "WAITING", "no picture yet")
        if state == "live" or time_s - last_s <= self.most_s:
            return None  # a reader knows better what is too long for its camera
        if state == "ended" or (not state and self._at_its_end(last_s)):
            return Badge("ENDED", f"at {clock(last_s)}")
        return Badge(why or "NO SIGNAL", f"since {clock(last_s)}", alarming=True)

    def _at_its_end(self, last_s: float) -> bool:
        """Whether its last picture was about the last one it promised."""
        return self._promised_s is None or last_s >= self._promised_s - self.most_s
