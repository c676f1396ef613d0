"""Runs one sink in a thread of its own, fed through a bounded buffer."""

from __future__ import annotations

import logging

from buffers import Buffer
from entities import IdentityEvent, Segment, TrackedRound
from errors import OutputError, TrackingError
from sinks import Sink
from thread_trace import NO_TRACE, ThreadTrace
from worker import Worker

CAPACITY = 4
"""Rounds a sink may lag behind; each holds the full pictures of all cameras."""

logger = logging.getLogger(__name__)


class SinkThread(Worker):
    """Owns the life of one sink: opened, fed, told the corrected history, closed, all in one thread.

    A sink that fails stops taking rounds; the producer is never left waiting for it.

    Args:
        sink: What to run.
        name: Thread name, e.g. `job-3f2/video`.
        capacity: Most rounds waiting at once.
        trace: Takes how long each round took.
    """

    def __init__(self, sink: Sink, name: str, capacity: int = CAPACITY, trace: ThreadTrace = NO_TRACE) -> None:
        super().__init__(self._run, name)
        self.sink = sink
        self.error: Exception | None = None
        self._trace = trace
        self._buffer: Buffer[TrackedRound] = Buffer(capacity)
        self._segments: tuple[Segment, ...] | None = None
        self._events: tuple[IdentityEvent, ...] = ()

    def put(self, tracked: TrackedRound, timeout_s: float | None = None) -> bool:
        """Hand a round over, waiting for room; False when the sink takes no more.

        Raises:
            TimeoutError: There was no room in time; the round was not taken.
        """
        return self._buffer.put(tracked, timeout_s)

    def failure(self) -> TrackingError:
        """`error` as something to tell the user."""
        if isinstance(self.error, TrackingError):
            return self.error
        failure = OutputError(
            f"{self.sink.name}: {self.error!r}; this is a fault of the program, its log shows where (MCT_DEBUG=1)",
            code="sink_failed",
        )
        failure.__cause__ = self.error
        return failure

    def close(self, segments: tuple[Segment, ...] | None, events: tuple[IdentityEvent, ...] = ()) -> None:
        """No more rounds: drain, tell the corrected history, close; returns at once.

        Args:
            segments: The corrected history, which may be empty; None when there is none.
            events: What was decided for it.
        """
        self._segments, self._events = segments, events
        self._buffer.close()

    def _run(self) -> None:
        try:
            with self.sink:
                for tracked in self._buffer:
                    with self._trace.span(self.sink.name):
                        self.sink.write(tracked)
                if self._segments is not None:
                    self.sink.finish(self._segments, self._events)
        except Exception as error:
            foreseen = isinstance(error, TrackingError)
            level = logging.INFO if foreseen else logging.ERROR
            logger.log(level, "sink %s failed: %s", self.sink.name, error, exc_info=not foreseen)
            self.error = error
        finally:
            self._buffer.close(discard=True)  # a producer must never wait for a dead consumer
