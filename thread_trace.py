"""What every thread did when, for ui.perfetto.dev: where a job's time goes, and who waited for whom."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

T = TypeVar("T")

MOST_SPANS: Final = 1_000_000
"""Of a longer job the last ones are kept, some hundred bytes each."""


class Span(NamedTuple):
    """Something a thread did, by `time.perf_counter`."""

    name: str
    thread: str
    start_s: float
    seconds: float


class ThreadTrace:
    """Collects spans from any thread; costs next to nothing while it is off.

    Args:
        on: Whether to collect.
    """

    def __init__(self, *, on: bool = True) -> None:
        self._on = on
        self._spans: deque[Span] = deque(maxlen=MOST_SPANS)  # several threads append, which a deque allows

    def add(self, name: str, start_s: float, seconds: float) -> None:
        """Note what the calling thread did."""
        if self._on:
            self._spans.append(Span(name, threading.current_thread().name, start_s, seconds))

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Note the time inside the `with` block, also when it raises."""
        start_s = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, start_s, time.perf_counter() - start_s)

    def each(self, name: str, items: Iterable[T]) -> Iterator[T]:
        """The same items; what it takes to get each one is noted."""
        source = iter(items)
        while True:
            start_s = time.perf_counter()
            try:
                item = next(source)
            except StopIteration:
                return
            self.add(name, start_s, time.perf_counter() - start_s)
            yield item

    def write(self, path: Path) -> None:
        """Write the spans in the trace event format (JSON; times in microseconds from the first).

        Raises:
            OSError: The file cannot be written.
        """
        spans = list(self._spans)
        threads = {name: number for number, name in enumerate(sorted({span.thread for span in spans}), start=1)}
        zero_s = min((span.start_s for span in spans), default=0.0)
        names = [
            {"ph": "M", "name": "thread_name", "pid": 1, "tid": number, "args": {"name": name}}
            for name, number in threads.items()
        ]
        events = [
            {
                "ph": "X",
                "name": span.name,
                "pid": 1,
                "tid": threads[span.thread],
                "ts": round((span.start_s - zero_s) * 1e6, 1),
                "dur": round(span.seconds * 1e6, 1),
            }
            for span in spans
        ]
        path.write_text(json.dumps({"traceEvents": names + events, "displayTimeUnit": "ms"}), encoding="utf-8")


NO_TRACE: Final = ThreadTrace(on=False)
"""For everybody who is not watched."""
