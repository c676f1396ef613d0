"""One call of the detector and the embedder a round that is looked at, measured; none for the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from config import TrackingConfig
from detect_ahead import Looked, RoundDetector
from entities import Detections, FloatArray, Round
from multi_camera_tracker import MultiCameraTracker
from pace import Pace
from round_tracker import RoundTracker
from telemetry import StageClock
from tests.builders import CAM1, CAM2, box, detections, frame, look


class FakeDetector:
    """Finds one walking person in every picture and remembers what it was asked."""

    name = "fake"
    at_once = 1

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def detect(self, camera_ids: Sequence[str], images_bgr: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        self.asked.append(list(camera_ids))
        return [detections([box(100.0 + 4.0 * len(self.asked), 300.0, 150.0)]) for _ in images_bgr]


class FakeEmbedder:
    """Everybody looks the same."""

    name = "fake"
    dimension = 32
    mean_person = None

    def embed(self, images_bgr: Sequence[NDArray[np.uint8]], boxes_xyxy: Sequence[FloatArray]) -> list[FloatArray]:
        assert len(images_bgr) == len(boxes_xyxy)
        return [np.tile(look(1), (len(boxes), 1)) for boxes in boxes_xyxy]


def looked(eyes: RoundDetector, round_: Round) -> Looked:
    return eyes.look(round_, wanted=eyes.wants(round_))


@pytest.mark.parametrize(
    ("stride", "looked_at"),
    [
        pytest.param(1, list(range(30)), id="every-round"),
        pytest.param(4, list(range(0, 30, 4)), id="every-fourth"),
        pytest.param(100, [0], id="only-the-first"),
    ],
)
def test_stride(stride: int, looked_at: list[int]) -> None:
    config, clock, detector = TrackingConfig(stride=stride), StageClock(), FakeDetector()
    core = MultiCameraTracker([CAM1, CAM2], config, None)
    eyes, tracker = RoundDetector(detector, Pace(stride)), RoundTracker(core, FakeEmbedder(), clock)
    for index in range(30):
        frames = (frame(index, camera_id=CAM1), frame(index, camera_id=CAM2))
        done = tracker.process(looked(eyes, Round(index, index / 15.0, frames)))
        for part in (done.round, done.detections, done.result):
            assert (part.index, [item.camera_id for item in part.frames]) == (index, [CAM1, CAM2])
        assert [item.detections is not None for item in done.detections.frames] == [index in looked_at] * 2
    assert detector.asked == [[CAM1, CAM2]] * len(looked_at)
    counts = {stage: time.count for stage, time in clock.snapshot().items()}
    looks = dict.fromkeys(("detect", "select", "embed"), len(looked_at))
    assert counts == {**looks, "associate": 30}
    assert {segment.camera_id for segment in tracker.finish()} <= {CAM1, CAM2}


def test_somebody_walking_alone_is_not_embedded_in_every_frame() -> None:
    config = TrackingConfig()
    eyes = RoundDetector(FakeDetector(), Pace(config.stride))
    tracker = RoundTracker(MultiCameraTracker([CAM1], config, None), FakeEmbedder(), StageClock())
    known = []
    for index in range(60):
        done = tracker.process(looked(eyes, Round(index, index / 15.0, (frame(index),))))
        found = done.detections.frames[0].detections
        assert found is not None
        assert found.embeddings is not None
        known.append(not np.isnan(found.embeddings).any())
        assert not np.isnan(found.embeddings).all() or not known[-1]
    assert all(known[:3])
    assert known.count(True) == pytest.approx(60 / 3, abs=4)  # every 0.2 s at 15 frames a second


def test_a_round_without_frames() -> None:
    config = TrackingConfig()
    eyes = RoundDetector(FakeDetector(), Pace(config.stride))
    tracker = RoundTracker(MultiCameraTracker([CAM1], config, None), FakeEmbedder(), StageClock())
    assert tracker.process(looked(eyes, Round(0, 0.0, ()))).result.frames == ()
