"""One job's threads: build, start, stop, join, outcome."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from acquaintances import NOBODY_KNOWN
from buffers import LatestValue
from calibration import FloorViews, floor_ruler, missing_note, read_calibration
from config import TrackingConfig
from detect_ahead import DetectAhead, RoundDetector
from entities import CameraId, Round, Segment
from errors import ConfigError, OutputError, StoreError, TrackingError
from halt import Halt
from inputs import Inputs, build_inputs
from models import Models, check_models, load_models, model_facts
from multi_camera_tracker import MultiCameraTracker
from pace import Pace
from probe import Input, probe_inputs
from progress import ProgressMeter, people_in
from recording import RecordingHeader, describe
from round_tracker import RoundTracker
from run_report import VERSION, RunReport
from runtimes import one_thread_a_library
from sinks import Sink
from sinks.fan_out import FanOut, stuck
from sinks.outputs import check_outputs, create_sinks, for_viewers
from sinks.thread import SinkThread
from telemetry import CameraState, Progress, StageClock
from thread_trace import ThreadTrace

if TYPE_CHECKING:
    from store.memory import JobMemory  # SQLAlchemy takes half a second to load: only a job with a store pays for it

logger = logging.getLogger(__name__)

READERS_JOIN_S: Final = 10.0
MOST_NOTES: Final = 100


@dataclass(frozen=True)
class Parts:
    """What a running job is made of."""

    inputs: Inputs
    ahead: DetectAhead
    tracker: RoundTracker
    sinks: FanOut

    def stop_reading(self) -> None:
        """No more input; what is under way comes to its end."""
        self.inputs.stop()
        self.ahead.stop()


class Pipeline:
    """A job from its inputs to its outputs; every thread it starts has ended when `run` returns.

    Only the reader of a camera that hangs may end later, see `LiveReader.join`.

    Files are read with back-pressure all the way: every frame is tracked, and the same input gives the same ids.

    Args:
        config: What to do.
        name: Prefix of the thread names, e.g. `job-3f2`.
        check: Looks whether the models could be loaded; replaceable in tests together with `load`.
        load: Makes the detector and the embedder.
        more_sinks: Makes sinks beyond those of the settings, for whoever watches the job.
    """

    def __init__(
        self,
        config: TrackingConfig,
        *,
        name: str = "job",
        check: Callable[[TrackingConfig], None] = check_models,
        load: Callable[[TrackingConfig], Models] = load_models,
        more_sinks: Callable[[RecordingHeader], Sequence[Sink]] = lambda _: (),
    ) -> None:
        self._config = config
        self._name = name
        self._check_models = check
        self._load_models = load
        self._more_sinks = more_sinks
        self._stop = threading.Event()
        self._halt = Halt()
        self._parts: Parts | None = None
        self._memory: JobMemory | None = None
        self._progress: LatestValue[Progress] = LatestValue(Progress())
        self._notes: deque[str] = deque(maxlen=MOST_NOTES)  # several threads append, which a deque allows
        self._trace = ThreadTrace(on=config.output.profile is not None)
        self._clock = StageClock(trace=self._trace)

    @property
    def progress(self) -> Progress:
        """How far the job is; the cameras as they are now, also while no round comes."""
        progress = self._progress.get()
        return progress if self._parts is None else replace(progress, cameras=self._parts.inputs.progress)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know although the job goes on, oldest first."""
        return tuple(self._notes)

    @property
    def stopped(self) -> bool:
        """Whether `stop` was asked for."""
        return self._stop.is_set()

    def check(self) -> tuple[Input, ...]:
        """Look at inputs, outputs and weights without starting anything.

        Raises:
            TrackingError: The first thing that would make the job fail, in the user's words.
        """
        inputs = probe_inputs(self._config)
        sources = [item.source for item in inputs]
        views = read_calibration(self._config.identity.calibration, sources, _own_calibrations(inputs))
        if self._config.output.top_view and not views:
            raise ConfigError("top view: is drawn on the calibrated floor; give a calibration as well, or leave it out")
        if self._config.store.url:
            from store.memory import check_store

            check_store(self._config.store)
        check_outputs(self._config.output, [item.address.target for item in inputs if item.address.recorded])
        self._check_models(self._config)
        return inputs

    def stop(self) -> None:
        """Ask the job to end early; returns at once; any thread, any time, any number of times."""
        self._stop.set()
        self._halt.end()
        if self._parts is not None:
            self._parts.stop_reading()

    def pause(self) -> None:
        """Halt after the round under way, until `resume` or `stop`; files wait, live streams drop what they send."""
        self._halt.begin()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._halt.end()

    def run(self) -> None:
        """Do the job; blocks until it is done, stopped or has failed, and all threads have ended.

        Raises:
            TrackingError: The first error, after everything written so far was closed and made valid.
        """
        inputs = self.check()
        sources = tuple(item.source for item in inputs)
        one_thread_a_library()
        report = RunReport(self._config, sources)
        try:
            failure = self._work(inputs, report)
            segments = self._finished()
        except BaseException:
            self._teardown(None)  # a bug: close what was written, then let it out
            self._conclude("failed", None)
            raise
        late = self._teardown(segments)
        failure = failure or late
        self._write_profile()
        self._progress.set(self._final_progress(failure, segments))
        try:
            report.write(self._progress.get(), self.notes, self._outcome(failure), failure)
        except OutputError as error:
            failure = error
        self._conclude(self._outcome(failure), failure)
        if failure is not None:
            raise failure

    def _work(self, inputs: tuple[Input, ...], report: RunReport) -> TrackingError | None:
        """Load, build and track; what went wrong on a foreseen path."""
        sources = tuple(item.source for item in inputs)
        try:
            with self._clock.measure("load models"):
                models = self._load_models(self._config)
            facts = model_facts(models)
            report.loaded(facts)
            self._notes.extend(models.notes)
            header = describe(sources, self._config, models.embedder.mean_person, facts, VERSION)
            self._notes.extend(f"{item.away.message}; trying again" for item in inputs if item.away is not None)
            self._memory = self._remember(header)
            self._parts = self._build(header, models, self._floor_views(inputs), inputs)
            self._track(self._parts, ProgressMeter(sources, self._config.max_seconds, self._halt))
        except TrackingError as error:
            return error
        return None

    def _final_progress(self, failure: TrackingError | None, segments: tuple[Segment, ...] | None) -> Progress:
        """The last progress with the readers' last words and the people of the corrected history."""
        progress = self._progress.get()
        people = progress.people_total if segments is None else people_in(segments)
        cameras = self._parts.inputs.progress if self._parts else ()
        fraction = progress.fraction if failure or self.stopped else 1.0
        stages = self._clock.snapshot()
        return replace(
            progress, cameras=cameras, fraction=fraction, eta_s=None, people_now=0, people_total=people, stages=stages
        )

    def _finished(self) -> tuple[Segment, ...] | None:
        """The corrected history, and everything that was learnt of people's looks."""
        if self._parts is None:
            return None
        tracker = self._parts.tracker
        segments = tracker.finish()
        if self._memory is not None:
            self._memory.learn(math.inf, lambda: tracker.looks(everybody=True))
        return segments

    def _remember(self, header: RecordingHeader) -> JobMemory | None:
        """The job's place in the store, if there is one."""
        if not self._config.store.url:
            return None
        from store.memory import JobFacts, begin_memory

        facts = JobFacts(self._name.removeprefix("job-"), header, self._config.output.results)
        try:
            return begin_memory(self._config.store, facts, self._notes.append)
        except StoreError as error:
            self._notes.append(f"{error.message}; the job goes on, and nothing of it will be remembered")
            return None

    def _names(self) -> Mapping[int, int]:
        """Who goes by another number by hand; nobody without a store."""
        return self._memory.names if self._memory is not None else {}

    def _conclude(self, outcome: str, failure: TrackingError | None) -> None:
        """Tell the store how the job ended."""
        if self._memory is not None:
            self._memory.finish(outcome, failure)

    def _write_profile(self) -> None:
        """Leave the trace for whoever asked for it; the job is not worth less without it."""
        path = self._config.output.profile
        if path is not None:
            try:
                self._trace.write(path)
            except OSError as error:
                self._notes.append(f"profile {path}: {error.strerror}; it was not written")

    def _outcome(self, failure: TrackingError | None) -> str:
        if failure is not None:
            return "failed"
        return "stopped" if self.stopped else "done"

    def _floor_views(self, inputs: Sequence[Input]) -> FloorViews:
        """What the calibration says, and a note on what it does not say."""
        path = self._config.identity.calibration
        sources = [item.source for item in inputs]
        views = read_calibration(path, sources, _own_calibrations(inputs))
        note = missing_note(path, views, sources)
        self._notes.extend([note] if note else [])
        return views

    def _build(self, header: RecordingHeader, models: Models, views: FloorViews, inputs: Sequence[Input]) -> Parts:
        """Make every part; nothing runs yet."""
        ruler = floor_ruler(views, header.camera_ids)
        known = self._memory.known if self._memory else NOBODY_KNOWN
        config = self._memory.remembering(self._config) if self._memory else self._config
        core = MultiCameraTracker(header.camera_ids, config, models.embedder.mean_person, ruler, known)
        tracker = RoundTracker(core, models.embedder, self._clock)
        ready = build_inputs(inputs, self._config, self._name, self._trace)
        eyes = RoundDetector(models.detector, Pace(self._config.stride, keep_up=ready.live), self._trace)
        ahead = DetectAhead(self._unpaused(ready.rounds), eyes, f"{self._name}/detector")
        output, names = self._config.output, self._names
        sinks = create_sinks(header, output, views, self._notes.append, names)
        sinks += [for_viewers(sink, output, names) for sink in self._more_sinks(header)]
        sinks += [self._memory.sink(self._name)] if self._memory else []
        threads = [SinkThread(sink, f"{self._name}/{sink.name}", trace=self._trace) for sink in sinks]
        return Parts(ready, ahead, tracker, FanOut(threads, self._stop.is_set))

    def _unpaused(self, rounds: Iterable[Round]) -> Iterator[Round]:
        """The rounds, halted while the job is paused: nobody looks ahead then."""
        for round_ in rounds:
            self._halt.wait()
            if self.stopped:
                return
            yield round_

    def _track(self, parts: Parts, meter: ProgressMeter) -> None:
        """Start the threads and track round by round until the inputs end or somebody stops the job."""
        parts.sinks.start()
        parts.inputs.start()
        parts.ahead.start()
        for looked in parts.ahead:
            self._halt.wait()
            if self.stopped:
                break
            if self._memory is not None:
                parts.tracker.heed(self._memory.by_hand)
            tracked = parts.tracker.process(looked)
            self._notes.extend(tracked.result.notes)
            with self._clock.measure("hand over"):
                if self._memory is not None:
                    self._memory.learn(tracked.result.timestamp_s, parts.tracker.looks)
                parts.sinks.put(tracked)
            self._progress.set(meter.update(tracked.result, parts.inputs.progress, self._clock.snapshot()))
        self._judge(parts.inputs)

    def _judge(self, inputs: Inputs) -> None:
        """Tell of inputs that went wrong; the job fails only when not one of them could be read."""
        states = inputs.progress
        self._notes.extend(f"{camera.camera_id}: {camera.error}" for camera in states if camera.error)
        if all(camera.state is CameraState.FAILED for camera in states):
            raise next(reader.error for reader in inputs.readers if reader.error)

    def _teardown(self, segments: tuple[Segment, ...] | None) -> TrackingError | None:
        """One path for end, stop and error: readers stop, sinks drain and close, every thread is joined.

        Returns:
            What went wrong in a required sink, or a thread that did not end, by name.
        """
        if self._parts is None:
            return None
        self._parts.stop_reading()
        self._parts.sinks.close(segments, self._parts.tracker.last_events)
        timeouts_s = self._config.live.open_timeout_s + self._config.live.read_timeout_s
        late = self._parts.inputs.join(READERS_JOIN_S + timeouts_s)
        late += [] if self._parts.ahead.join(READERS_JOIN_S) else [self._parts.ahead.name]
        late += self._parts.sinks.join()
        self._notes.extend(self._parts.sinks.given_up())
        return self._parts.sinks.failure() or (stuck(late) if late else None)


def _own_calibrations(inputs: Sequence[Input]) -> dict[CameraId, Path]:
    return {item.source.camera_id: item.camera.calibration for item in inputs if item.camera.calibration is not None}
