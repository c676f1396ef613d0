"""Pixels become metres on the floor, where the view is steep enough to tell."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from association.geometry import FloorRuler, FloorView, Lens, camera_pose
from association.standing import Standing
from scenes.camera import Camera, look_at
from tests.builders import SIZE_PX

NORTH = look_at((0.0, -6.0, 3.0), (0.0, 0.0, 0.0), 80.0, SIZE_PX)
"""A camera that looks over the middle of the floor from the south."""
EAST = look_at((-6.0, 0.0, 3.0), (0.0, 0.0, 0.0), 80.0, SIZE_PX)
ABOVE = look_at((0.0, 0.0, 5.0), (0.0, 0.05, 0.0), 80.0, SIZE_PX)
PLACES = np.array([[0.0, 0.0], [1.0, 2.0], [-2.0, -1.5]])


def view(camera: Camera, scale: float = 1.0) -> FloorView:
    return FloorView(scale * camera.floor_to_image, SIZE_PX)


def feet(camera: Camera, places_m: NDArray[np.float64]) -> NDArray[np.float64]:
    pixels, _ = camera.project(np.column_stack([places_m, np.zeros(len(places_m))]))
    return pixels


def heights(places_m: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.full(len(places_m), 100.0)


@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-4], ids=["as-is", "other-sign", "scaled"])
@pytest.mark.parametrize("camera", [NORTH, EAST, ABOVE], ids=["north", "east", "above"])
def test_feet_are_found_where_they_stand(camera: Camera, scale: float) -> None:
    found, _ = view(camera, scale).locate(feet(camera, PLACES), heights(PLACES))
    assert found == pytest.approx(PLACES, abs=1e-6)


def test_nobody() -> None:
    found, blur_m = view(NORTH).locate(np.zeros((0, 2)), np.zeros(0))
    assert (found.shape, blur_m.shape) == ((0, 2), (0,))


@pytest.mark.parametrize(
    ("foot", "height", "known"),
    [
        pytest.param((320.0, 400.0), 150.0, True, id="near"),
        pytest.param((320.0, 60.0), 20.0, False, id="too-flat-to-tell"),
        pytest.param((320.0, -100.0), 50.0, False, id="above-the-horizon"),
    ],
)
def test_where_the_view_tells_nothing(foot: tuple[float, float], height: float, known: bool) -> None:
    low = look_at((0.0, -6.0, 1.0), (0.0, 8.0, 1.2), 60.0, SIZE_PX)
    camera = low if not known else NORTH
    found, _ = view(camera).locate(np.array([foot]), np.array([height]))
    assert np.isfinite(found).all() == known


def test_far_away_is_less_certain() -> None:
    _, blur_m = view(NORTH).locate(feet(NORTH, np.array([[0.0, -3.0], [0.0, 6.0]])), np.array([200.0, 60.0]))
    assert 0.0 < blur_m[0] < blur_m[1]


def standing(camera: int, pixels: NDArray[np.float64]) -> Standing:
    count = len(pixels)
    some = np.ones(count)
    slots = np.arange(count)
    return Standing(camera, 0.0, pixels, 100.0 * some, some, 0.0 * some, some > 0.0, slots, slots)


def test_distances_between_cameras() -> None:
    ruler = FloorRuler({0: view(NORTH), 1: view(EAST)})
    away_m = ruler.distances_m(standing(0, feet(NORTH, PLACES)), standing(1, feet(EAST, PLACES[:2])))
    assert away_m is not None
    assert away_m == pytest.approx(np.linalg.norm(PLACES[:, None] - PLACES[:2], axis=2), abs=1e-6)


@pytest.mark.parametrize("cameras", [(0, 2), (2, 0), (2, 3)])
def test_nothing_is_known_of_other_cameras(cameras: tuple[int, int]) -> None:
    ruler = FloorRuler({0: view(NORTH), 1: view(EAST)})
    assert ruler.distances_m(standing(cameras[0], PLACES), standing(cameras[1], PLACES)) is None


def test_no_inverse_no_place() -> None:
    """Beyond where a strong barrel folds back, no straight point looks like this."""
    lens = Lens(np.array([[500.0, 0.0, 320.0], [0.0, 500.0, 240.0], [0.0, 0.0, 1.0]]), np.array([-0.4, *[0.0] * 7]))
    straight = lens.straightened(np.array([[320.0, 240.0], [1300.0, 240.0]]))
    assert straight[0] == pytest.approx([320.0, 240.0])
    assert np.isnan(straight[1]).all()


@pytest.mark.parametrize("scale", [1.0, -1.0, 1e-3], ids=["as-is", "other-sign", "scaled"])
@pytest.mark.parametrize("camera", [NORTH, EAST], ids=["north", "east"])
def test_where_a_camera_hangs(camera: Camera, scale: float) -> None:
    pose = camera_pose(view(camera, scale))
    assert pose is not None
    assert pose[0] == pytest.approx(camera.position_m, abs=1e-6)
    assert pose[1] == pytest.approx(camera.forward, abs=1e-6)


def test_where_a_camera_with_a_known_lens_hangs() -> None:
    matrix = np.array([[NORTH.focal_px, 0.0, 320.0], [0.0, NORTH.focal_px, 240.0], [0.0, 0.0, 1.0]])
    pose = camera_pose(FloorView(NORTH.floor_to_image, SIZE_PX, Lens(matrix, np.zeros(8))))
    assert pose is not None
    assert pose[0] == pytest.approx([0.0, -6.0, 3.0])


@pytest.mark.parametrize(
    "floor_to_image",
    [
        pytest.param(np.diag([30.0, 90.0, 1.0]), id="a-drawing-not-a-camera"),
        pytest.param(np.diag([50.0, 50.0, 1.0]), id="a-plan"),
        pytest.param(NORTH.floor_to_image @ [[1.0, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], id="slanting-axes"),
    ],
)
def test_no_camera_sees_it_like_this(floor_to_image: NDArray[np.float64]) -> None:
    assert camera_pose(FloorView(floor_to_image, SIZE_PX)) is None
