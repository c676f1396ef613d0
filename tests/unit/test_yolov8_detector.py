"""From a network's raw answers to people, with a network that answers what the test says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from config import DetectionConfig
from detection.decoding import BINS, cells, decode
from detection.yolov8 import MOST_CELLS, Yolov8Detector, likeliest
from entities import FloatArray

SHAPE = (64, 64)
CELLS = 64 + 16 + 4


class FakeNetwork:
    """Sees the same people in every picture: `(cell, score, distance of every side in strides)`."""

    def __init__(self, people: Sequence[tuple[int, float, int]]) -> None:
        self.people = people
        self.batches: list[tuple[int, ...]] = []

    def __call__(self, pictures_bgr: NDArray[np.uint8]) -> tuple[FloatArray, FloatArray]:
        count, height, width, _ = pictures_bgr.shape
        self.batches.append(pictures_bgr.shape)
        scores = np.zeros((count, len(cells((height, width)))), np.float32)
        sides = np.zeros((count, 4 * BINS, scores.shape[1]), np.float32)
        for cell, score, distance in self.people:
            scores[:, cell] = score
            sides[:, distance::BINS, cell] = 50.0
        return scores, sides


def detector(people: Sequence[tuple[int, float, int]], conf: float = 0.3, nms_iou: float = 0.7) -> Yolov8Detector:
    config = DetectionConfig(conf=conf, nms_iou=nms_iou, input_pixels=SHAPE[0] * SHAPE[1])
    return Yolov8Detector(FakeNetwork(people), "fake", config)


def picture(width: int = 64, height: int = 64) -> NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


def test_cells_are_centres_row_by_row_grid_by_grid() -> None:
    grid = cells(SHAPE)
    assert grid.shape == (CELLS, 3)
    np.testing.assert_array_equal(
        grid[[0, 1, 8, 64, -1]], [[4, 4, 8], [12, 4, 8], [4, 12, 8], [8, 8, 16], [48, 48, 32]]
    )


def test_sides_are_expected_distances() -> None:
    sides = np.full((1, 4, BINS), -100.0, np.float32)
    sides[0, 0, 1] = sides[0, 1, 2] = sides[0, 2, 3] = 0.0
    sides[0, 3, [0, 1]] = 0.0  # evenly between 0 and 1
    box = decode(sides.reshape(1, -1), np.array([[100.0, 100.0, 8.0]], np.float32))
    np.testing.assert_allclose(box, [[92, 84, 124, 104]], atol=1e-4)


def test_huge_logits_do_not_overflow() -> None:
    sides = np.zeros((1, 4 * BINS), np.float32)
    sides[0, ::BINS] = 1e4
    assert np.isfinite(decode(sides, cells(SHAPE)[:1])).all()


@pytest.mark.parametrize(
    ("people", "conf", "found"),
    [
        pytest.param([], 0.3, [], id="nobody"),
        pytest.param([(27, 0.9, 1)], 0.3, [0.9], id="one"),
        pytest.param([(27, 0.5, 1)], 0.5, [0.5], id="at-the-threshold-counts"),
        pytest.param([(27, 0.49, 1)], 0.5, [], id="below-does-not"),
        pytest.param([(0, 0.4, 1), (27, 0.9, 1)], 0.3, [0.9, 0.4], id="best-first"),
        pytest.param([(27, 0.9, 0)], 0.3, [], id="no-area"),
        pytest.param([(27, 0.8, 2), (28, 0.9, 2)], 0.3, [0.9, 0.8], id="overlap-0.6-stays"),
        pytest.param([(27, 0.8, 8), (28, 0.9, 8)], 0.3, [0.9], id="doubles-become-the-better-one"),
    ],
)
def test_people(people: list[tuple[int, float, int]], conf: float, found: list[float]) -> None:
    (seen,) = detector(people, conf).detect(["cam"], [picture()])
    np.testing.assert_allclose(seen.scores, found)
    assert seen.embeddings is None


def test_boxes_are_in_pixels_of_the_picture() -> None:
    (seen,) = detector([(27, 0.9, 1)]).detect(["cam"], [picture(640, 640)])  # ten times the network's input
    np.testing.assert_allclose(seen.boxes_xyxy, [[200, 200, 360, 360]], atol=1e-2)


def test_pictures_of_one_shape_go_together_and_answers_keep_the_order() -> None:
    network = FakeNetwork([(0, 0.9, 1)])
    sut = Yolov8Detector(network, "fake", DetectionConfig(input_pixels=SHAPE[0] * SHAPE[1]))
    seen = sut.detect(["a", "b", "c"], [picture(640, 640), picture(640, 160), picture(64, 64)])
    assert network.batches == [(2, 64, 64, 3), (1, 32, 128, 3)]
    assert [float(item.boxes_xyxy[0, 2]) for item in seen] == pytest.approx([120.0, 60.0, 12.0])


def test_no_pictures() -> None:
    assert detector([(0, 0.9, 1)]).detect([], []) == []


def test_of_more_cells_than_any_crowd_scores_in_the_best_are_kept() -> None:
    scores = np.linspace(0.0, 1.0, 3 * MOST_CELLS, dtype=np.float32)[::-1].copy()
    np.testing.assert_array_equal(likeliest(scores, 0.0), np.arange(MOST_CELLS))
    np.testing.assert_array_equal(likeliest(scores[:10], 0.9999), np.flatnonzero(scores[:10] >= 0.9999))
