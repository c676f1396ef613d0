"""The readers of a job and the rounds that come of them: from files whole and in order, from cameras as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, Protocol

from buffers import Buffer, LatestValue, WhenFull
from config import TrackingConfig
from entities import CameraId, Frame, Round
from errors import TrackingError
from frame_reader import FrameReader
from live_reader import LiveReader
from live_rounds import LiveRoundAssembler
from probe import Input, is_live
from rounds import RoundAssembler, smallest_period_s
from sources.opening import open_live, open_recorded
from telemetry import CameraProgress
from thread_trace import NO_TRACE, ThreadTrace

READ_AHEAD: Final = 4
"""Decoded frames a reader of a file keeps ready."""
LIVE_AHEAD: Final = 2
"""Frames of a camera that may wait for a tracker that is busy; more would be older, not more."""


class Reader(Protocol):
    """A thread that reads one camera."""

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def join(self, timeout_s: float) -> bool: ...

    @property
    def name(self) -> str: ...

    @property
    def progress(self) -> CameraProgress: ...

    @property
    def error(self) -> TrackingError | None: ...


class Inputs:
    """All readers of a job; nothing runs before `start`.

    Attributes:
        readers: One a camera, in the job's order.
        rounds: What they make; to be iterated once.
        live: Whether the cameras set the pace.

    Args:
        readers: See above.
        rounds: See above.
    """

    def __init__(self, readers: Sequence[Reader], rounds: RoundAssembler | LiveRoundAssembler) -> None:
        self.readers = tuple(readers)
        self.rounds: Iterable[Round] = rounds
        self.live = isinstance(rounds, LiveRoundAssembler)
        self._late = rounds.late if isinstance(rounds, LiveRoundAssembler) else {}

    def start(self) -> None:
        """Start every reader."""
        for reader in self.readers:
            reader.start()

    def stop(self) -> None:
        """Ask every reader to end; returns at once."""
        for reader in self.readers:
            reader.stop()

    def join(self, timeout_s: float) -> list[str]:
        """Wait for every reader under one deadline; the names of those that did not end."""
        deadline_s = time.monotonic() + timeout_s
        return [reader.name for reader in self.readers if not reader.join(max(0.0, deadline_s - time.monotonic()))]

    @property
    def progress(self) -> tuple[CameraProgress, ...]:
        """How each camera is doing; may be asked from any thread."""
        return tuple(self._with_late(reader.progress) for reader in self.readers)

    def _with_late(self, camera: CameraProgress) -> CameraProgress:
        late = self._late.get(camera.camera_id, 0)
        return replace(camera, dropped={**camera.dropped, "late": late}) if late else camera


def build_inputs(found: Sequence[Input], config: TrackingConfig, job: str, trace: ThreadTrace = NO_TRACE) -> Inputs:
    """The readers and the rounds of a job.

    Args:
        found: What its inputs are, in order.
        config: The job's settings; `live` and `max_seconds` count here.
        job: Name of the job, for the threads' names.
        trace: Takes what the readers of files do.
    """
    if is_live([item.address for item in found], config.live):
        return _live_inputs(found, config, job)
    buffers = {item.source.camera_id: Buffer[Frame](READ_AHEAD) for item in found}
    readers = [
        FrameReader(
            item.source,
            buffers[item.source.camera_id],
            job,
            config.max_seconds,
            partial(open_recorded, item.address, config.live),
            stride=item.camera.stride,
            trace=trace,
        )
        for item in found
    ]
    return Inputs(readers, RoundAssembler(buffers, smallest_period_s(item.source for item in found)))


def _live_inputs(found: Sequence[Input], config: TrackingConfig, job: str) -> Inputs:
    bell = LatestValue(None)
    now_s = _clock()
    buffers: dict[CameraId, Buffer[Frame]] = {
        item.source.camera_id: Buffer(LIVE_AHEAD, WhenFull.DROP_OLDEST, bell) for item in found
    }
    readers = [
        LiveReader(
            item.source,
            buffers[item.source.camera_id],
            partial(open_live, item.address, config.live),
            config.live,
            now_s=now_s,
            job=job,
            stride=item.camera.stride,
        )
        for item in found
    ]
    periods_s = {item.source.camera_id: 1.0 / item.source.fps for item in found}
    rounds = LiveRoundAssembler(
        buffers,
        bell,
        periods_s,
        skew_s=config.live.skew_s,
        now_s=now_s,
        states=lambda: {reader.progress.camera_id: reader.progress.state.value for reader in readers},
        until_s=config.max_seconds,
    )
    return Inputs(readers, rounds)


def _clock() -> Callable[[], float]:
    """The clock of a live job: seconds since now."""
    start_s = time.monotonic()
    return lambda: time.monotonic() - start_s
