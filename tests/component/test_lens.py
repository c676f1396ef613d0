"""Our inverse of the lens model agrees with OpenCV's model."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from association.geometry import FloorView, Lens

WIDTH, HEIGHT = 1280, 720
MATRIX = np.array([[900.0, 0.0, 640.0], [0.0, 880.0, 350.0], [0.0, 0.0, 1.0]])
PIXELS = np.stack(np.meshgrid(np.linspace(0, WIDTH, 9), np.linspace(0, HEIGHT, 7)), axis=-1).reshape(-1, 2)
LENSES = [
    pytest.param([0.0, 0.0, 0.0, 0.0], id="none"),
    pytest.param([-0.3, 0.1, 0.001, -0.002], id="four-barrel"),
    pytest.param([0.2, -0.05, 0.001, 0.0005, 0.01], id="five-pincushion"),
    pytest.param([0.5, -0.2, 0.001, 0.0002, 0.05, 0.8, -0.1, 0.02], id="eight-rational"),
]


def lens(distortion: list[float]) -> Lens:
    return Lens(MATRIX, np.array(distortion + [0.0] * (8 - len(distortion))))


@pytest.mark.parametrize("distortion", LENSES)
def test_distorting_the_straightened_gives_what_was_seen(distortion: list[float]) -> None:
    straight = lens(distortion).straightened(PIXELS)
    rays = np.column_stack([straight, np.ones(len(straight))]) @ np.linalg.inv(MATRIX).T
    seen, _ = cv2.projectPoints(rays, np.zeros(3), np.zeros(3), MATRIX, np.array(distortion))
    assert seen[:, 0] == pytest.approx(PIXELS, abs=0.01)


@pytest.mark.parametrize("distortion", [[-0.03, 0.01, 0.001, -0.0005], [0.02, 0.0, 0.0, 0.001, 0.0]])
def test_agrees_with_undistort_points(distortion: list[float]) -> None:
    """Weak lenses only: OpenCV takes few steps and is pixels off at the corners of strong ones."""
    theirs = cv2.undistortPoints(PIXELS[:, None], MATRIX, np.array(distortion), P=MATRIX)[:, 0]
    assert lens(distortion).straightened(PIXELS) == pytest.approx(theirs, abs=0.02)


def test_places_are_those_of_the_straightened_picture() -> None:
    floor_to_image = np.array([[100.0, 0.0, 600.0], [0.0, 80.0, 300.0], [0.0, 0.0, 1.0]])
    bent = lens([-0.3, 0.1, 0.001, -0.002])
    feet, heights = PIXELS[PIXELS[:, 1] > 0], np.full(len(PIXELS[PIXELS[:, 1] > 0]), 50.0)
    with_lens, _ = FloorView(floor_to_image, (WIDTH, HEIGHT), bent).locate(feet, heights)
    without, _ = FloorView(floor_to_image, (WIDTH, HEIGHT)).locate(bent.straightened(feet), heights)
    assert with_lens == pytest.approx(without)
