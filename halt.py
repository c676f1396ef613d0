"""A wish that work stands still for a while, and how long it stood."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Halt:
    """Halts who waits at it. Begun and ended by one thread at a time; waited at and asked by any.

    Args:
        now_s: A monotonic clock in seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._open = threading.Event()
        self._open.set()
        self._stood: tuple[float, float | None] = (0.0, None)  # seconds in all before, and since when; read as one

    @property
    def seconds(self) -> float:
        """How long it was halted so far, the halt under way included."""
        before_s, since_s = self._stood
        return before_s if since_s is None else before_s + self._now_s() - since_s

    def begin(self) -> None:
        """Halt who comes by; nothing when it is halted already."""
        if self._stood[1] is None:
            self._stood = (self._stood[0], self._now_s())
        self._open.clear()

    def end(self) -> None:
        """Let everybody go on; nothing when nobody is halted."""
        self._stood = (self.seconds, None)
        self._open.set()

    def wait(self) -> None:
        """Stand still for as long as it is halted."""
        self._open.wait()
