"""Association alone, from a recording: no videos, no networks, the same ids as the job that was recorded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from buffers import LatestValue
from calibration import FloorViews, floor_ruler, missing_note, read_calibration
from config import TrackingConfig
from entities import BoolArray, CameraId, Detections, FrameDetections, Round, RoundDetections, TrackedRound
from errors import TrackingError
from halt import Halt
from multi_camera_tracker import MultiCameraTracker
from progress import ProgressMeter, people_in
from recording import Recording
from run_report import RunReport
from sinks.records import record_sinks
from sinks.results_folder import check_results_folder
from telemetry import CameraProgress, CameraState, Progress, StageClock


class Replay:
    """A job from a recording to its records, in the thread that runs it; there are no pictures, hence no crops.

    Args:
        config: The settings; those of association count, and where the records go.
        recording: What association saw.
    """

    def __init__(self, config: TrackingConfig, recording: Recording) -> None:
        self._config = config
        self._recording = recording
        self._stop = threading.Event()
        self._halt = Halt()
        self._progress: LatestValue[Progress] = LatestValue(Progress())
        self._notes: tuple[str, ...] = ()
        self._frames_read: Counter[CameraId] = Counter()
        self._clock = StageClock()

    @property
    def progress(self) -> Progress:
        """How far the replay is."""
        return self._progress.get()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know: what was learnt of the cameras, and whether the recording was cut off."""
        return self._notes

    @property
    def stopped(self) -> bool:
        """Whether `stop` was asked for."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Ask the replay to end early; returns at once; any thread, any time, any number of times."""
        self._stop.set()
        self._halt.end()

    def pause(self) -> None:
        """Halt after the round under way, until `resume` or `stop`."""
        self._halt.begin()

    def resume(self) -> None:
        """Go on after `pause`."""
        self._halt.end()

    def check(self) -> None:
        """Look whether the calibration, if there is one, is sound and the records could be written.

        Raises:
            ConfigError: The calibration is not.
            OutputError: They could not.
        """
        read_calibration(self._config.identity.calibration, self._recording.header.sources)
        if self._config.output.results is not None:
            check_results_folder(self._config.output.results, self._config.output.overwrite)

    def run(self) -> None:
        """Replay to the end of the recording or until stopped.

        Raises:
            TrackingError: The first error, after the records so far were made valid.
        """
        self.check()
        threadpool_limits(limits=1, user_api="blas")  # as in the job that was recorded: sums keep their order
        header = self._recording.header
        report = RunReport(self._config, header.sources)
        report.loaded(header.models | {"recording": str(self._recording.path)})
        failure: TrackingError | None = None
        path = self._config.identity.calibration
        views = read_calibration(path, header.sources)
        missing = missing_note(path, views, header.sources)
        self._notes = (missing,) if missing else ()
        try:
            self._track(views)
        except TrackingError as error:
            failure = error
        self._conclude(failure)
        report.write(self.progress, self.notes, self._outcome(failure), failure)
        if failure is not None:
            raise failure

    def _track(self, views: FloorViews) -> None:
        header = self._recording.header
        ruler = floor_ruler(views, header.camera_ids)
        core = MultiCameraTracker(header.camera_ids, self._config, header.prior, ruler)
        meter = ProgressMeter(header.sources, self._config.max_seconds, self._halt)
        with ExitStack() as stack:
            wanted = record_sinks(header.sources, self._config.output, views)
            sinks = [stack.enter_context(sink) for sink in wanted]
            for recorded in self._recording:
                self._halt.wait()
                seen = narrowed(recorded, self._config, header.conf)
                if self.stopped or (recorded.frames and not seen.frames):  # a round of silence has none either
                    break
                with self._clock.measure("associate"):
                    seen = without_looks(seen, core.worth_a_look(seen))
                    result = core.associate(seen)
                self._notes += result.notes
                with self._clock.measure("write"):
                    for sink in sinks:
                        sink.write(TrackedRound(Round(seen.index, seen.timestamp_s, ()), seen, result))
                self._frames_read.update(frame.camera_id for frame in seen.frames)
                self._progress.set(meter.update(result, self._cameras(CameraState.READING), {}))
            segments = core.finish()
            events = core.last_events
            for sink in sinks:
                sink.finish(segments, events)
        self._progress.set(replace(self.progress, people_now=0, people_total=people_in(segments)))

    def _conclude(self, failure: TrackingError | None) -> None:
        """Say the last word on progress, and whether the recording was whole."""
        if self._recording.shortfall is not None:
            self._notes += (self._recording.shortfall,)
        early = self.stopped or failure is not None
        state = CameraState.READING if early else CameraState.ENDED
        fraction = self.progress.fraction if early else 1.0
        self._progress.set(
            replace(
                self.progress,
                cameras=self._cameras(state),
                fraction=fraction,
                eta_s=None,
                stages=self._clock.snapshot(),
            )
        )

    def _cameras(self, state: CameraState) -> tuple[CameraProgress, ...]:
        return tuple(
            CameraProgress(source.camera_id, state, self._frames_read[source.camera_id], source.frames_total)
            for source in self._recording.header.sources
        )

    def _outcome(self, failure: TrackingError | None) -> str:
        if failure is not None:
            return "failed"
        return "stopped" if self.stopped else "done"


def narrowed(recorded: RoundDetections, config: TrackingConfig, recorded_conf: float) -> RoundDetections:
    """What association would have seen under a higher `conf`, a larger `stride`, an earlier end.

    Args:
        recorded: What it saw.
        config: The settings of the replay.
        recorded_conf: Boxes that scored less are not in the recording.

    Returns:
        Without frames when the end is past; what was recorded when nothing is asked for beyond it.
    """
    looked_at = recorded.index % config.stride == 0
    conf = config.detection.conf if config.detection.conf > recorded_conf else 0.0
    end_s = float("inf") if config.max_seconds is None else config.max_seconds
    frames = tuple(
        replace(frame, detections=_sure(frame, conf) if looked_at else None)
        for frame in recorded.frames
        if frame.timestamp_s < end_s
    )
    return replace(recorded, frames=frames)


def without_looks(seen: RoundDetections, worth: Sequence[BoolArray]) -> RoundDetections:
    """The round as a job sees it that embeds only what is worth a look; the same when it was such a job that recorded.

    Args:
        seen: The round with all the looks that were recorded.
        worth: Of each frame, `(N,)` whether each box is to have its look.
    """
    frames = tuple(map(_without_looks, seen.frames, worth))
    return replace(seen, frames=frames)


def _without_looks(frame: FrameDetections, worth: BoolArray) -> FrameDetections:
    found = frame.detections
    if found is None or found.embeddings is None:
        return frame
    looks = np.where(worth[:, None], found.embeddings, np.float32(np.nan))
    return replace(frame, detections=replace(found, embeddings=looks))


def _sure(frame: FrameDetections, conf: float) -> Detections | None:
    """The frame's detections that score at least this."""
    found = frame.detections
    if found is None or not conf:
        return found
    sure = np.asarray(found.scores >= conf)
    looks = None if found.embeddings is None else found.embeddings[sure]
    return Detections(found.boxes_xyxy[sure], found.scores[sure], looks)
