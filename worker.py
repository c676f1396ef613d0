"""A named daemon thread that an object owns: begun once, waited for under a deadline."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Worker:
    """What everybody does who owns a thread.

    Args:
        work: What the thread does; to raise nothing.
        name: Of the thread.
    """

    def __init__(self, work: Callable[[], None], name: str) -> None:
        self._thread = threading.Thread(target=work, name=name, daemon=True)

    @property
    def name(self) -> str:
        """The thread's name, for messages about one that is stuck."""
        return self._thread.name

    def start(self) -> None:
        """Begin; to be called once."""
        self._thread.start()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; True when it has, or was never started."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()
