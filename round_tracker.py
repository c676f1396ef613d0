"""A round of pictures becomes a result: detection, embedding and association, each measured."""

from __future__ import annotations

from config import TrackingConfig
from entities import Detections, FrameDetections, Round, RoundDetections, Segment, TrackedRound
from multi_camera_tracker import MultiCameraTracker
from perception import Detector, Embedder
from telemetry import StageClock


class RoundTracker:
    """Pictures in, tracked people out: detection, embedding and association of one round.

    Args:
        tracker: What associates.
        detector: What finds people; called once a round for all cameras.
        embedder: What tells their looks; called once a round for all cameras.
        config: The job's settings; `stride` counts here.
        clock: Takes the time of the stages `detect`, `embed` and `associate`.
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
        looked_at = round_.index % self._stride == 0
        found = self._look(round_) if looked_at else [None] * len(round_.frames)
        frames = tuple(
            FrameDetections(frame.camera_id, frame.index, frame.timestamp_s, frame.size_px, detections)
            for frame, detections in zip(round_.frames, found, strict=True)
        )
        seen = RoundDetections(round_.index, round_.timestamp_s, frames)
        with self._clock.measure("associate"):
            return TrackedRound(round_, seen, self._tracker.associate(seen))

    def finish(self) -> tuple[Segment, ...]:
        """The corrected history of every row of every result, after the last round."""
        return self._tracker.finish()

    def _look(self, round_: Round) -> list[Detections | None]:
        images = [frame.image_bgr for frame in round_.frames]
        with self._clock.measure("detect"):
            found = self._detector.detect([frame.camera_id for frame in round_.frames], images)
        with self._clock.measure("embed"):
            looks = self._embedder.embed(images, [detections.boxes_xyxy for detections in found])
        return [
            Detections(detections.boxes_xyxy, detections.scores, look)
            for detections, look in zip(found, looks, strict=True)
        ]
