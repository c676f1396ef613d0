"""A round of pictures becomes a result: detection, embedding where it pays, and association, each measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from config import TrackingConfig
from entities import (
    BoolArray,
    Detections,
    FloatArray,
    Frame,
    FrameDetections,
    Round,
    RoundDetections,
    Segment,
    TrackedRound,
)
from multi_camera_tracker import MultiCameraTracker
from perception import Detector, Embedder
from telemetry import StageClock


class RoundTracker:
    """Pictures in, tracked people out: detection, embedding and association of one round.

    Args:
        tracker: What associates.
        detector: What finds people; called once a round for all cameras.
        embedder: What tells their looks; called once a round for those boxes whose look can tell something.
        config: The job's settings; `stride` counts here.
        clock: Takes the time of the stages `detect`, `select`, `embed` and `associate`.
    """

    def __init__(
        self,
        tracker: MultiCameraTracker,
        detector: Detector,
        embedder: Embedder,
        config: TrackingConfig,
        clock: StageClock,
    ) -> None:
        self._tracker = tracker
        self._detector = detector
        self._embedder = embedder
        self._stride = config.stride
        self._clock = clock

    def process(self, round_: Round) -> TrackedRound:
        """Track the people of one round; between the rounds that are looked at, tracks move on by themselves."""
        seen = RoundDetections(round_.index, round_.timestamp_s, tuple(map(_unseen, round_.frames)))
        if round_.index % self._stride == 0:
            seen = self._embedded(round_, self._detected(round_, seen))
        with self._clock.measure("associate"):
            return TrackedRound(round_, seen, self._tracker.associate(seen))

    def finish(self) -> tuple[Segment, ...]:
        """The corrected history of every row of every result, after the last round."""
        return self._tracker.finish()

    def _detected(self, round_: Round, seen: RoundDetections) -> RoundDetections:
        with self._clock.measure("detect"):
            found = self._detector.detect(
                [frame.camera_id for frame in round_.frames], [frame.image_bgr for frame in round_.frames]
            )
        return _with(seen, found)

    def _embedded(self, round_: Round, seen: RoundDetections) -> RoundDetections:
        """The detections with the looks of those boxes whose look can tell something."""
        found = [frame.detections for frame in seen.frames if frame.detections is not None]
        with self._clock.measure("select"):
            worth = self._tracker.worth_a_look(seen)
        boxes = [detections.boxes_xyxy[chosen] for detections, chosen in zip(found, worth, strict=True)]
        with self._clock.measure("embed"):
            looks = self._embedder.embed([frame.image_bgr for frame in round_.frames], boxes)
        return _with(seen, list(map(self._spread, found, worth, looks)))

    def _spread(self, detections: Detections, chosen: BoolArray, looks: FloatArray) -> Detections:
        """The detections with the looks of the chosen ones, NaN for the others."""
        rows = np.full((len(detections), self._embedder.dimension), np.nan, np.float32)
        rows[chosen] = looks
        return Detections(detections.boxes_xyxy, detections.scores, rows)


def _unseen(frame: Frame) -> FrameDetections:
    return FrameDetections(frame.camera_id, frame.index, frame.timestamp_s, frame.size_px, None)


def _with(seen: RoundDetections, found: Sequence[Detections]) -> RoundDetections:
    frames = tuple(replace(frame, detections=detections) for frame, detections in zip(seen.frames, found, strict=True))
    return replace(seen, frames=frames)
