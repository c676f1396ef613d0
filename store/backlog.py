"""Batches on their way to a database that may be gone for a while: kept, tried again, or named as lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from errors import TrackingError
from store.batch import Batch

MOST_ROWS: Final = 200_000
"""Most rows that wait for the database: half an hour of a busy hall."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
UNAVAILABLE: Final = "store_unavailable"
"""The code of an error after which it is worth trying again."""


class Backlog:
    """Writes batches in their order, and speaks up when that fails, works again, or something had to go.

    Args:
        write: Writes one batch whole or raises `TrackingError`; writing one twice does no harm.
        on_note: Takes a line for people.
        now_s: A monotonic clock.
        most_rows: Most rows that wait; of more the oldest are lost.
    """

    def __init__(
        self,
        write: Callable[[Batch], None],
        on_note: Callable[[str], None],
        now_s: Callable[[], float],
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._write = write
        self._on_note = on_note
        self._now_s = now_s
        self._most_rows = most_rows
        self._waiting: deque[Batch] = deque()
        self._pause_s = 0.0
        self._next_try_s = 0.0
        self._behind_rows = 0
        self._lost: list[Batch] = []

    @property
    def wait_s(self) -> float | None:
        """Seconds until the next attempt is due; None when nothing waits."""
        return max(0.0, self._next_try_s - self._now_s()) if self._waiting else None

    def add(self, batch: Batch) -> None:
        """Take a batch and write what can be written."""
        self._waiting.append(batch)
        while len(self._waiting) > 1 and sum(each.rows for each in self._waiting) > self._most_rows:
            self._lost.append(self._waiting.popleft())
        self.drain()

    def drain(self) -> None:
        """Write what waits, unless it failed just before."""
        if self._now_s() >= self._next_try_s:
            self._try_all()

    def finish(self) -> None:
        """Try a last time, whenever the last attempt was, and say what is lost."""
        self._try_all()
        self._lost += self._waiting
        self._waiting.clear()
        self.tell_lost()

    def tell_lost(self) -> None:
        """Say what could not be kept, once."""
        if self._lost:
            sightings = sum(len(each.stretches) for each in self._lost)
            events = sum(len(each.happenings) for each in self._lost)
            count = "1 batch" if len(self._lost) == 1 else f"{len(self._lost)} batches"
            first, last = self._lost[0].media_s, self._lost[-1].media_s
            history = any(each.segments is not None for each in self._lost)
            self._on_note(
                f"store: lost {count} (sightings: {sightings}, events: {events}) of about {first:.0f} s to {last:.0f} s"
                " of media time; the records in the results folder have them"
                + ("; the corrected history of the job is not in the store" if history else "")
            )
            self._lost = []

    def _try_all(self) -> None:
        while self._waiting:
            try:
                self._write(self._waiting[0])
            except TrackingError as error:
                if error.code != UNAVAILABLE:
                    self._refused(error)
                    continue
                self._on_failure(error)
                return
            self._behind_rows += self._waiting.popleft().rows
        self._on_success()

    def _refused(self, error: TrackingError) -> None:
        """The database is there and will not have this batch: the next one may fare better."""
        self._on_note(error.message)
        self._lost.append(self._waiting.popleft())

    def _on_failure(self, error: TrackingError) -> None:
        if not self._pause_s:
            self._on_note(f"{error.message}; the job goes on, and writes it later if it can")
        self._pause_s = min(2.0 * self._pause_s or FIRST_PAUSE_S, LONGEST_PAUSE_S)
        self._next_try_s = self._now_s() + self._pause_s

    def _on_success(self) -> None:
        if self._pause_s:
            self._on_note(f"store: answers again; caught up on {self._behind_rows} rows")
        self.tell_lost()
        self._pause_s = self._next_try_s = 0.0
        self._behind_rows = 0
