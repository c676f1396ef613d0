"""How long the stages of a round take and how far a job is; each object has one writer."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from entities import CameraId
from thread_trace import NO_TRACE, ThreadTrace

RECENT = 512
"""Measurements kept per stage for the percentiles."""
RENEW = 1.0 / 16.0
"""Percentiles are worked out again when a stage has run more often by this share: they cost as much as a stage."""


@dataclass(frozen=True, slots=True)
class StageTime:
    """Time spent in one stage.

    Attributes:
        count: How often it ran.
        total_s: Seconds in all.
        p50_ms: Median of the recent runs, milliseconds.
        p95_ms: 95th percentile of the recent runs, milliseconds.
    """

    count: int
    total_s: float
    p50_ms: float
    p95_ms: float


class StageClock:
    """Measures named stages; belongs to one thread.

    Args:
        now_s: A monotonic clock in seconds, replaceable in tests.
        trace: Takes each measurement, too.
    """

    def __init__(self, now_s: Callable[[], float] = time.perf_counter, trace: ThreadTrace = NO_TRACE) -> None:
        self._now_s = now_s
        self._trace = trace
        self._count: dict[str, int] = {}
        self._total_s: dict[str, float] = {}
        self._recent_s: dict[str, deque[float]] = {}
        self._told: dict[str, tuple[int, float, float]] = {}

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Count the time inside the `with` block towards `stage`, also when it raises."""
        start = self._now_s()
        try:
            yield
        finally:
            seconds = self._now_s() - start
            self.add(stage, seconds)
            self._trace.add(stage, start, seconds)

    def add(self, stage: str, seconds: float) -> None:
        """Count `seconds` towards `stage`."""
        self._count[stage] = self._count.get(stage, 0) + 1
        self._total_s[stage] = self._total_s.get(stage, 0.0) + seconds
        self._recent_s.setdefault(stage, deque(maxlen=RECENT)).append(seconds)

    def snapshot(self) -> dict[str, StageTime]:
        """The figures so far, stages in the order they first ran; percentiles may be of a moment ago, see `RENEW`."""
        return {
            stage: StageTime(count, self._total_s[stage], *self._percentiles_ms(stage, count))
            for stage, count in self._count.items()
        }

    def _percentiles_ms(self, stage: str, count: int) -> tuple[float, float]:
        at, p50_ms, p95_ms = self._told.get(stage, (0, 0.0, 0.0))
        if count - at >= RENEW * count:
            p50_ms, p95_ms = (float(each) for each in np.percentile(np.array(self._recent_s[stage]) * 1e3, [50, 95]))
            self._told[stage] = (count, p50_ms, p95_ms)
        return p50_ms, p95_ms


class CameraState(StrEnum):
    """What a reader is doing: files are READING, cameras that send by themselves CONNECTING to RECONNECTING."""

    WAITING = "waiting"
    READING = "reading"
    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CameraProgress:
    """How one camera's reader is doing.

    Attributes:
        camera_id: The camera.
        state: What the reader is doing.
        frames_read: Frames decoded and handed over.
        frames_total: Frames the container promises, None when unknown.
        dropped: Frames lost, by cause: `damaged` could not be decoded; `buffer_full` came while the tracker was busy;
            `late` belonged to an instant that was over.
        error: One line when something is or was wrong with the source.
        reconnects: How often a lost connection was made anew.
    """

    camera_id: CameraId
    state: CameraState = CameraState.WAITING
    frames_read: int = 0
    frames_total: int | None = None
    dropped: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None
    reconnects: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; published by the tracker thread every round.

    Attributes:
        rounds_done: Rounds tracked.
        rounds_total: Rounds expected, None when unknown.
        fraction: Share done in [0, 1]; 0 when unknown.
        fps: Rounds per second of wall time, recent.
        eta_s: Seconds left, None when unknown.
        media_time_s: Where in the videos the tracker is.
        people_now: Different people in view.
        people_total: People identified so far.
        cameras: One entry a camera.
        stages: Time per stage.
    """

    rounds_done: int = 0
    rounds_total: int | None = None
    fraction: float = 0.0
    fps: float = 0.0
    eta_s: float | None = None
    media_time_s: float = 0.0
    people_now: int = 0
    people_total: int = 0
    cameras: tuple[CameraProgress, ...] = ()
    stages: Mapping[str, StageTime] = field(default_factory=dict)
