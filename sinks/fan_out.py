"""All sinks of a job, each in a thread of its own: fed, closed and joined together."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from entities import IdentityEvent, Segment, TrackedRound
from errors import OutputError, TrackingError
from sinks.thread import SinkThread

JOIN_S: Final = 300.0
JOIN_SHARE: Final = 0.25
"""Writing the corrected history of a long job takes a while, at most the one and this share of the time that the job
took; but a stuck disk must not hold it for ever."""
ROOM_S: Final = 1.0
"""Who waits for a slow sink looks this often whether the job was stopped."""
PATIENCE_S: Final = 10.0


class FanOut:
    """Gives every round to every sink.

    A required sink that fails fails the job; an optional one is let go.

    Args:
        threads: The sinks; none is no error.
        stopped: Whether somebody wants the job to end early.
        patience_s: A sink of a stopped job that has had no room for so long is stuck.
    """

    def __init__(
        self, threads: Sequence[SinkThread], stopped: Callable[[], bool], patience_s: float = PATIENCE_S
    ) -> None:
        self._threads = tuple(threads)
        self._stopped = stopped
        self._patience_s = patience_s
        self._began_s = time.monotonic()

    def start(self) -> None:
        """Start all threads."""
        for thread in self._threads:
            thread.start()

    def put(self, tracked: TrackedRound) -> None:
        """Hand a round over, waiting for room.

        Raises:
            TrackingError: What went wrong in a required sink, or `stuck`.
        """
        for thread in self._threads:
            if not self._put(thread, tracked) and thread.sink.required:
                thread.join(JOIN_S)
                raise thread.failure()

    def close(self, segments: tuple[Segment, ...] | None, events: tuple[IdentityEvent, ...]) -> None:
        """No more rounds; returns at once. See `SinkThread.close`."""
        for thread in self._threads:
            thread.close(segments, events)

    def join(self) -> list[str]:
        """Wait for all threads to end; the names of those that do not."""
        now_s = time.monotonic()
        deadline_s = now_s + JOIN_S + JOIN_SHARE * (now_s - self._began_s)
        return [each.name for each in self._threads if not each.join(max(0.0, deadline_s - time.monotonic()))]

    def given_up(self) -> list[str]:
        """What the user should know of sinks that were let go."""
        lost = [thread for thread in self._threads if thread.error and not thread.sink.required]
        return [f"{thread.name} was given up: {thread.error}" for thread in lost]

    def failure(self) -> TrackingError | None:
        """What went wrong in a required sink."""
        return next((each.failure() for each in self._threads if each.error and each.sink.required), None)

    def _put(self, thread: SinkThread, tracked: TrackedRound) -> bool:
        """Wait for a slow sink as long as it takes, unless the job was stopped."""
        waited_s = 0.0
        while True:
            try:
                return thread.put(tracked, ROOM_S)
            except TimeoutError as error:
                waited_s = waited_s + ROOM_S if self._stopped() else 0.0
                if waited_s >= self._patience_s:
                    raise stuck([thread.name]) from error


def stuck(threads: Sequence[str]) -> OutputError:
    """Threads that did not end, as an error."""
    return OutputError(f"stuck and left behind: {', '.join(threads)}; is a disk not answering?", code="stuck")
