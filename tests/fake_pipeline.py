"""A pipeline that does nothing until told, for tests of whatever runs pipelines."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from config import TrackingConfig
from entities import CameraId, Source, TrackedRound
from errors import TrackingError
from recording import RecordingHeader, describe
from sinks import Sink
from telemetry import CameraProgress, CameraState, Progress, StageTime

WAIT_S = 5.0

SOURCES = tuple(Source(CameraId(name), f"{name}.mp4", (160, 96), 10.0, 100, 10.0) for name in ("cam11", "cam44"))

HALF_WAY = Progress(
    rounds_done=50,
    rounds_total=100,
    fraction=0.5,
    fps=12.5,
    eta_s=4.0,
    media_time_s=3.3,
    people_now=3,
    people_total=7,
    cameras=(
        CameraProgress(CameraId("cam11"), CameraState.READING, 50, 100, {"damaged": 2, "late": 1}),
        CameraProgress(CameraId("cam44"), CameraState.FAILED, 20, None, {}, "cut off at 0:01"),
    ),
    stages={"detect": StageTime(50, 2.0, 40.0, 55.0)},
)


class FakePipeline:
    """Runs until `finish`, `stop` or `fail`.

    Args:
        config: As for the real one.
        name: As for the real one.
        more_sinks: As for the real one.
        refuse: What `check` raises.
    """

    def __init__(
        self,
        config: TrackingConfig,
        name: str = "job",
        more_sinks: Callable[[RecordingHeader], Sequence[Sink]] = lambda _: (),
        refuse: TrackingError | None = None,
    ) -> None:
        self.config = config
        self.name = name
        self.progress = HALF_WAY
        self.notes: tuple[str, ...] = ("no display: running without a window",)
        self.stopped = False
        self.paused = False
        self.running = threading.Event()
        self.thread_name = ""
        self.sinks: list[Sink] = []
        self._more_sinks = more_sinks
        self._refuse = refuse
        self._error: Exception | None = None
        self._over = threading.Event()

    def check(self) -> tuple[()]:
        if self._refuse is not None:
            raise self._refuse
        return ()

    def run(self) -> None:
        self.thread_name = threading.current_thread().name
        header = describe(SOURCES, self.config, None, {}, "0")
        with ExitStack() as open_:
            self.sinks = [open_.enter_context(sink) for sink in self._more_sinks(header)]
            self.running.set()
            assert self._over.wait(WAIT_S), "nobody ended the fake pipeline"
        if self._error is not None:
            raise self._error

    def show(self, tracked: TrackedRound) -> None:
        """Hand a round to the further sinks, once `running` is set."""
        for sink in self.sinks:
            sink.write(tracked)

    def stop(self) -> None:
        self.stopped = True
        self._over.set()

    def pause(self) -> None:
        self.paused = True

    def resume(self) -> None:
        self.paused = False

    def finish(self) -> None:
        self._over.set()

    def fail(self, error: Exception) -> None:
        self._error = error
        self._over.set()


class Workshop:
    """Makes fake pipelines and remembers them in order; `refuse` makes the next preflights fail."""

    def __init__(self) -> None:
        self.made: list[FakePipeline] = []
        self.refuse: TrackingError | None = None

    def __call__(
        self,
        config: TrackingConfig,
        name: str,
        more_sinks: Callable[[RecordingHeader], Sequence[Sink]] = lambda _: (),
    ) -> FakePipeline:
        self.made.append(FakePipeline(config, name, more_sinks, self.refuse))
        return self.made[-1]
