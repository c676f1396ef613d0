"""The floor from above: everybody once, in their colour, where cameras say, north up."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from association.geometry import FloorView
from entities import CameraId, FrameResult, GlobalId, Source
from scenes.camera import Camera, look_at
from sinks.layout import plan_layout
from sinks.lettering import Lettering
from sinks.mosaic import Mosaic
from sinks.palette import BgrColour, colour_of
from sinks.top_view import Extent, TopView, plan_extent
from tests.builders import CAM1, CAM2, SIZE_PX, frame, frame_result

SOUTH = look_at((0.0, -6.0, 3.0), (0.0, 0.0, 0.0), 80.0, SIZE_PX)
WEST = look_at((-6.0, 0.0, 3.0), (0.0, 0.0, 0.0), 80.0, SIZE_PX)
CAMERAS = {CAM1: SOUTH, CAM2: WEST}
VIEWS = {name: FloorView(camera.floor_to_image, SIZE_PX) for name, camera in CAMERAS.items()}
MAP_PX = (480, 360)
FPS = 15.0


def person(camera: Camera, x_m: float, y_m: float) -> list[float]:
    (foot, head), _ = camera.project(np.array([[x_m, y_m, 0.0], [x_m, y_m, 1.7]]))
    height = float(foot[1] - head[1])
    return [float(foot[0]) - 0.2 * height, float(foot[1]) - height, float(foot[0]) + 0.2 * height, float(foot[1])]


def seen(camera: CameraId, people: dict[int, tuple[float, float]], index: int = 0) -> FrameResult:
    boxes = [person(CAMERAS[camera], *place) for place in people.values()]
    return frame_result(boxes, list(people), list(people), index, FPS, camera)


def drawn(results: list[FrameResult], trail_s: float = 0.0) -> NDArray[np.uint8]:
    """The map after these frames, drawn after each."""
    view = TopView(VIEWS, MAP_PX, Lettering(), 14, trail_s)
    picture = np.zeros((MAP_PX[1], MAP_PX[0], 3), np.uint8)
    view.draw(picture)
    for result in results:
        view.see(result)
        view.draw(picture)
    return picture


def where(picture: NDArray[np.uint8], colour: BgrColour) -> NDArray[np.intp]:
    """`(N, 2)` pixels, x and y, of this colour."""
    return np.argwhere((picture == colour).all(axis=2))[:, ::-1]


def dot(picture: NDArray[np.uint8], name: int, place_m: tuple[float, float]) -> bool:
    """Whether the person's colour stands at the place."""
    x, y = plan_extent(list(VIEWS.values()), MAP_PX).pixels(np.array([place_m]))[0].round().astype(int)
    return bool((picture[y, x] == colour_of(GlobalId(name))).all())


def test_everybody_stands_where_cameras_say() -> None:
    people = {1: (0.0, 0.0), 2: (2.0, 1.0), 3: (-1.5, -2.0)}
    picture = drawn([seen(CAM1, people), seen(CAM2, people)])
    assert all(dot(picture, name, place) for name, place in people.items())


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(frame_result(), id="nobody"),
        pytest.param(frame_result([person(SOUTH, 0, 0)], [1], [0]), id="without-an-id"),
        pytest.param(frame_result([person(SOUTH, 0, 0)], [1], [1], camera_id=CameraId("cam9")), id="unknown-camera"),
        pytest.param(frame_result([[300.0, 100.0, 350.0, 480.0]], [1], [1]), id="feet-cut-off"),
    ],
)
def test_nobody_to_draw(result: FrameResult) -> None:
    assert np.array_equal(drawn([result]), drawn([]))


def test_north_is_up_and_east_is_right() -> None:
    extent = Extent((1.0, 2.0), 10.0, (100, 80))
    assert extent.pixels(np.array([[1.0, 2.0], [2.0, 3.0]])).tolist() == [[50.0, 40.0], [60.0, 30.0]]
    places = extent.places()
    assert places.shape == (80, 100, 2)
    assert places[0, 0] == pytest.approx([1.0 - 4.95, 2.0 + 3.95])


def test_the_map_shows_what_cameras_see_and_the_cameras() -> None:
    extent = plan_extent(list(VIEWS.values()), MAP_PX)
    pixels = extent.pixels(np.array([[0.0, -6.0], [-6.0, 0.0], [0.0, 0.0], [2.0, 2.0]]))
    assert (pixels > 0.0).all()
    assert (pixels < MAP_PX).all()
    assert extent.scale > 15.0


def test_two_cameras_make_one_dot() -> None:
    once = drawn([seen(CAM1, {1: (1.0, 1.0)})])
    twice = drawn([seen(CAM1, {1: (1.0, 1.0)}), seen(CAM2, {1: (1.0, 1.0)})])
    colour = colour_of(GlobalId(1))
    assert len(where(twice, colour)) == pytest.approx(len(where(once, colour)), rel=0.2)


def test_who_is_gone_is_taken_off() -> None:
    picture = drawn([seen(CAM1, {1: (0.0, 0.0)}), seen(CAM1, {2: (2.0, 1.0)}, index=9)])
    assert len(where(picture, colour_of(GlobalId(1)))) == 0
    assert dot(picture, 2, (2.0, 1.0))


def test_a_trail_follows() -> None:
    walk = [seen(CAM1, {1: (-2.0 + 0.1 * index, 0.0)}, index) for index in range(20)]
    with_trail, without = drawn(walk, 1.5), drawn(walk)
    changed = np.argwhere((with_trail != without).any(axis=2))
    assert len(changed) > 50
    assert changed[:, 1].max() < where(without, colour_of(GlobalId(1)))[:, 0].max()


def test_the_map_is_the_last_tile_of_the_grid() -> None:
    sources = [Source(CAM1, "a", SIZE_PX, FPS), Source(CAM2, "b", SIZE_PX, FPS)]
    mosaic = Mosaic(sources, 1280, 0.0, VIEWS)
    for camera_id in (CAM1, CAM2):
        mosaic.update(frame(0, FPS, camera_id), seen(camera_id, {1: (0.5, 0.5)}))
    picture = mosaic.compose(0.0)
    tiles = plan_layout([SIZE_PX] * 3, 1280).tiles
    assert picture.shape[:2][::-1] == plan_layout([SIZE_PX] * 3, 1280).size_px
    assert len(where(picture[tiles[2].picture.area], colour_of(GlobalId(1)))) > 50
