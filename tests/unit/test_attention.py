"""Which boxes are worth an embedding."""

from __future__ import annotations

import numpy as np
import pytest

from association.attention import ALONE_IOU, CROWDED_IOU, SAME_IOU, Attention, worth_a_look
from camera_tracker import CameraTracker
from config import CameraTrackingConfig
from entities import CameraTracks
from tests.builders import CAM1, box, detections, frame_detections, look


def attention(iou: list[list[float]], **known: list[float]) -> Attention:
    """Confirmed, settled tracks and sure, uncovered boxes, where nothing else is said."""
    overlaps = np.array(iou, np.float64)
    tracks, boxes = overlaps.shape

    def given(name: str, count: int, default: float) -> np.ndarray:
        return np.array(known.get(name, [default] * count))

    return Attention(
        overlaps,
        given("confirmed", tracks, 1).astype(np.bool_),
        given("settled", tracks, 1).astype(np.bool_),
        given("just_seen", tracks, 0).astype(np.bool_),
        given("fresh", tracks, 0).astype(np.bool_),
        given("sure", boxes, 1).astype(np.bool_),
        given("overlap", boxes, 0.0),
    )


@pytest.mark.parametrize(
    ("known", "worth"),
    [
        pytest.param(attention([[0.9]]), [False], id="alone-and-settled"),
        pytest.param(attention([[0.9]], settled=[0]), [True], id="due-for-a-look"),
        pytest.param(attention([[SAME_IOU]]), [False], id="at-the-overlap"),
        pytest.param(attention([[SAME_IOU - 0.01]]), [True], id="below-the-overlap"),
        pytest.param(attention([[0.9]], overlap=[0.31]), [True], id="covered"),
        pytest.param(attention([[0.9, ALONE_IOU]]), [False, True], id="other-box-far-enough"),
        pytest.param(attention([[0.9, ALONE_IOU + 0.01]]), [True, True], id="other-box-near"),
        pytest.param(attention([[0.9], [ALONE_IOU + 0.01]]), [True], id="other-track-near"),
        pytest.param(attention([[0.9], [0.2]], just_seen=[1, 0]), [False], id="just-seen-in-a-crowd"),
        pytest.param(attention([[0.9], [CROWDED_IOU + 0.01]], just_seen=[1, 0]), [True], id="crowd-too-dense"),
        pytest.param(attention([[0.9], [0.6]], fresh=[1, 0]), [False], id="seen-this-very-moment"),
        pytest.param(attention([[0.9, 0.4]], fresh=[1]), [False, True], id="somebody-beside-may-be-new"),
        pytest.param(attention([[0.39]], sure=[0]), [False], id="doubtful-out-of-reach"),
        pytest.param(attention([[0.4]], sure=[0]), [True], id="doubtful-within-reach"),
        pytest.param(attention([[0.01]], sure=[0], confirmed=[0], settled=[0]), [True], id="doubtful-for-a-newcomer"),
        pytest.param(attention([[0.0]], sure=[1]), [True], id="somebody-new"),
    ],
)
def test_worth_a_look(known: Attention, worth: list[bool]) -> None:
    assert worth_a_look(known, None).tolist() == worth


def test_nobody_and_nothing() -> None:
    nobody = np.zeros(0, np.bool_)
    nothing = Attention(np.zeros((0, 0)), nobody, nobody, nobody, nobody, nobody, np.zeros(0))
    assert worth_a_look(nothing, None).tolist() == []
    first = Attention(np.zeros((0, 2)), nobody, nobody, nobody, nobody, np.array([True, False]), np.zeros(2))
    assert worth_a_look(first, None).tolist() == [True, False]


def test_the_users_least_overlap_counts_in_every_stage() -> None:
    doubtful = attention([[0.5]], sure=[0], settled=[0])
    assert worth_a_look(doubtful, 0.5).tolist() == [True]
    assert worth_a_look(doubtful, 0.51).tolist() == [False]


def walk(look_again_s: float, asked: bool) -> tuple[list[CameraTracks], list[bool]]:
    """One person walking alone for two seconds, embedded only where asked for."""
    tracker = CameraTracker(CameraTrackingConfig(look_again_s=look_again_s), CAM1)
    out, worth = [], []
    for index in range(30):
        found = frame_detections(detections([box(100 + 3 * index)], looks=[look(1)]), index)
        if asked:
            worth.append(bool(tracker.worth_a_look(found)[0]))
        out.append(tracker.step(found))
    return out, worth


def test_asking_changes_nothing() -> None:
    asked, _ = walk(0.2, True)
    unasked, _ = walk(0.2, False)
    for a, b in zip(asked, unasked, strict=True):
        np.testing.assert_array_equal(a.boxes_xyxy, b.boxes_xyxy)
        np.testing.assert_array_equal(a.local_ids, b.local_ids)


def test_zero_seconds_embed_everybody_always() -> None:
    _, worth = walk(0.0, True)
    assert all(worth)
