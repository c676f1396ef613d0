"""What a frame's boxes are worth before anybody tracks them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from association.sightings import Judge, Sightings, judge
from entities import FrameDetections
from tests.builders import box, detections, frame_detections, look


def looks(count: int) -> list[np.ndarray]:
    return [look(i) for i in range(count)]


def test_an_empty_frame() -> None:
    assert len(judge(detections(), 0.0, 640, 0.5)) == 0


@pytest.mark.parametrize(
    ("score", "kept"), [pytest.param(0.1, 1, id="at-the-limit"), pytest.param(0.09, 0, id="noise")]
)
def test_noise_is_dropped(score: float, kept: int) -> None:
    assert len(judge(detections([box()], [score]), 0.0, 640, 0.5)) == kept


def test_doubles_go_and_the_best_comes_first() -> None:
    found = judge(detections([box(100), box(104), box(300)], [0.6, 0.5, 0.9], looks(3)), 1.5, 640, 0.5)
    np.testing.assert_allclose(found.scores, [0.9, 0.6], rtol=1e-6)
    np.testing.assert_array_equal(found.embeddings, [look(2), look(0)])
    assert found.row(0).time_s == 1.5


@pytest.mark.parametrize(
    ("boxes", "scores", "clean"),
    [
        pytest.param([box()], [0.5], True, id="at-the-score"),
        pytest.param([box()], [0.49], False, id="unsure"),
        pytest.param([[6.4, 0, 50, 100]], [0.9], True, id="at-the-left-edge"),
        pytest.param([[6.3, 0, 50, 100]], [0.9], False, id="cut-left"),
        pytest.param([[600, 0, 633.7, 100]], [0.9], False, id="cut-right"),
        pytest.param([[100, 0, 140, 100], [124, 0, 164, 100]], [0.9, 0.8], True, id="covered-0.4"),
        pytest.param([[100, 0, 140, 100], [123, 0, 163, 100]], [0.9, 0.8], False, id="covered-more"),
        pytest.param([[100, 0, 140, 100], [123, 0, 163, 100]], [0.9, 0.29], True, id="covered-by-a-doubtful-box"),
    ],
)
def test_clean(boxes: list[list[float]], scores: list[float], clean: bool) -> None:
    found = judge(detections(boxes, scores, looks(len(boxes))), 0.0, 640, 0.5)
    assert bool(found.clean[0]) is clean


def test_an_unknown_look_is_not_clean() -> None:
    found = judge(detections([box(100), box(300)], None, [np.full(32, np.nan, np.float32), look(1)]), 0.0, 640, 0.5)
    assert found.clean.tolist() == [False, True]
    assert found.row(0).embedding is None
    np.testing.assert_array_equal(found.row(1).embedding, look(1))


def test_a_frame_without_looks() -> None:
    found = judge(detections([box()]), 0.0, 640, 0.5)
    assert found.embeddings.shape == (1, 0)
    assert found.row(0).embedding is None
    assert not found.clean[0]


# Frame after frame


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="the-same-frame"),
        pytest.param({"timestamp_s": 2.0}, id="later"),
        pytest.param({"size_px": (320, 240)}, id="other-size"),
        pytest.param({"detections": detections([box(100)], None, looks(1))}, id="other-boxes"),
        pytest.param({"detections": None}, id="nothing-in-between"),
    ],
)
def test_a_judge_judges_as_judge_does(change: dict[str, Any]) -> None:
    judging = Judge(0.5)
    bare = detections([box(100), box(102), box(620)], [0.9, 0.8, 0.7])
    embedded = replace(bare, embeddings=np.stack(looks(3)))
    first = frame_detections(bare, 3)
    second = replace(first, detections=embedded)
    for seen in (first, second, replace(second, **change), second):
        assert_judged(judging([seen]), [seen])


def assert_judged(judged: list[Sightings | None], frames: list[FrameDetections]) -> None:
    """Each frame is judged as it is alone."""
    for sightings, seen in zip(judged, frames, strict=True):
        assert (sightings is None) == (seen.detections is None)
        if sightings is not None and seen.detections is not None:
            wanted = judge(seen.detections, seen.timestamp_s, seen.size_px[0], 0.5)
            for field in fields(Sightings):
                np.testing.assert_array_equal(getattr(sightings, field.name), getattr(wanted, field.name))


def random_frame(seed: int) -> FrameDetections:
    """Boxes of any score, some of them one on top of the other; or none; or not looked at."""
    rng = np.random.default_rng(seed)
    count = int(rng.choice([0, 1, 5, 12]))
    boxes = [box(float(cx), foot=float(foot)) for cx, foot in rng.uniform(20, 400, (count, 2))]
    scores = list(rng.choice([0.05, 0.1, 0.3, 0.5, 0.9], count))
    found = detections(boxes + boxes[:3], scores + scores[:3], looks(len(boxes + boxes[:3])) or None)
    return replace(frame_detections(None if rng.random() < 0.2 else found, seed), size_px=(300 + 50 * (seed % 3), 400))


@pytest.mark.parametrize("seed", range(5))
def test_the_frames_of_a_round_are_judged_as_each_is_alone(seed: int) -> None:
    frames = [random_frame(10 * seed + camera) for camera in range(6)]
    assert_judged(Judge(0.5)(frames), frames)


def test_a_round_of_nothing() -> None:
    assert Judge(0.5)([]) == []
    assert Judge(0.5)([frame_detections(None)]) == [None]
