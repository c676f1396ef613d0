"""Notices new events in the store, whichever process wrote them, and wakes those who wait for some."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from errors import StoreError
from store.store import Store

logger = logging.getLogger(__name__)

PERIOD_S: Final = 0.5
"""How often is looked: jobs write their events about as often."""
JOIN_S: Final = 5.0

Listener = Callable[[int], object]
"""Told the cursor behind which nothing is yet; called from the watch's thread, so it must not wait."""


class EventWatch:
    """One look at the store for all who wait, and none while nobody does.

    Args:
        store: Where events are.
        period_s: See `PERIOD_S`.
    """

    def __init__(self, store: Store, period_s: float = PERIOD_S) -> None:
        self._store = store
        self._period_s = period_s
        self._listeners: tuple[Listener, ...] = ()  # replaced as a whole, by the event loop only
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="server/events", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more, and wait for the look under way."""
        self._stop.set()
        self._thread.join(JOIN_S)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be told of new events from now on.

        Returns:
            Ends it; may be called twice.
        """
        self._listeners += (listener,)

        def leave() -> None:
            self._listeners = tuple(other for other in self._listeners if other is not listener)

        return leave

    def _run(self) -> None:
        told = -1
        while not self._stop.wait(self._period_s):
            listeners = self._listeners
            if not listeners:
                continue
            try:
                last = self._store.last_event()
            except StoreError as error:
                logger.info("events: %s", error.message)
                continue
            if last != told:
                told = last
                for listener in listeners:
                    listener(last)
