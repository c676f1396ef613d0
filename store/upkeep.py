"""The thread that keeps a store in order while a server runs: what is too old goes, at the start and once a day."""

from __future__ import annotations

import logging
import threading
from typing import Final

from errors import TrackingError
from store.retention import DAY_S
from store.store import Store
from store_settings import StoreConfig

logger = logging.getLogger(__name__)

JOIN_S: Final = 60.0
"""A purge under way is waited for this long."""


class Upkeep:
    """Purges a store from time to time, in a thread of its own.

    Args:
        store: What to purge.
        config: What may be kept for how long.
        period_s: From one purge to the next.
    """

    def __init__(self, store: Store, config: StoreConfig, period_s: float = DAY_S) -> None:
        self._store = store
        self._config = config
        self._period_s = period_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="service/upkeep", daemon=True)

    def start(self) -> None:
        """Begin with a purge."""
        self._thread.start()

    def stop(self) -> bool:
        """End; False when a purge under way took too long."""
        self._stop.set()
        self._thread.join(JOIN_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._purge()
        while not self._stop.wait(self._period_s):
            self._purge()

    def _purge(self) -> None:
        try:
            erased = self._store.purge(self._config)
        except TrackingError as error:
            logger.warning("%s; purging again in %.0f s", error.message, self._period_s)
        else:
            logger.info("store: purged %d sightings, %d pictures", erased.sightings, erased.crops)
            for line in erased.left:
                logger.warning("store: could not be removed: %s", line)
