"""The thread that writes: whoever has something to be written hands it over and goes on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from buffers import Buffer, Closed, WhenFull
from store.backlog import Backlog
from store.batch import Batch

logger = logging.getLogger(__name__)

IDLE_S: Final = 60.0
"""A job of which nothing came for so long, e.g. because it is paused, says that it is still there."""
CAPACITY: Final = 1000
"""Batches handed over while one is being written; a database that hangs for longer costs the oldest."""


class Writer:
    """Writes batches in a thread of its own.

    Args:
        write: See `Backlog`.
        on_note: Takes a line for people, from that thread.
        name: The thread's name.
        now_s: A monotonic clock, replaceable in tests.
        idle_s: After so long without a batch an empty one is written.
    """

    def __init__(
        self,
        write: Callable[[Batch], None],
        on_note: Callable[[str], None],
        name: str,
        now_s: Callable[[], float] = time.monotonic,
        idle_s: float = IDLE_S,
    ) -> None:
        self._buffer: Buffer[Batch] = Buffer(CAPACITY, WhenFull.DROP_OLDEST)
        self._backlog = Backlog(write, on_note, now_s)
        self._on_note = on_note
        self._idle_s = idle_s
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def put(self, batch: Batch) -> None:
        """Hand a batch over; never waits."""
        self._buffer.put(batch)

    def close(self, timeout_s: float) -> bool:
        """Write what is left and end; False when that took too long."""
        self._buffer.close()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._write_all()
        except Exception as error:  # last line of the thread
            logger.exception("the store's writer failed unexpectedly")
            self._on_note(f"store: nothing more is written: {error!r}; this is a fault of the program")
        finally:
            self._buffer.close(discard=True)

    def _write_all(self) -> None:
        media_s = 0.0
        while True:
            retry_s = self._backlog.wait_s
            try:
                batch = self._buffer.get(self._idle_s if retry_s is None else retry_s)
            except TimeoutError:
                if retry_s is None:
                    self._backlog.add(Batch(media_s))
                else:
                    self._backlog.drain()
            except Closed:
                break
            else:
                media_s = batch.media_s
                self._backlog.add(batch)
        self._backlog.finish()
        if self._buffer.dropped:
            self._on_note(f"store: lost {self._buffer.dropped} batches while the database did not answer")
