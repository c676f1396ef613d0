"""The grid of cameras tells who is live, who has ended and who is lost."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from entities import CameraId, Frame, Source
from sinks.layout import plan_layout
from sinks.mosaic import ALERT, BACKGROUND, QUIET, TEXT, Mosaic
from tests.builders import CAM1, CAM2, SIZE_PX, box, frame, frame_result

SHADE = 200


def source(camera_id: CameraId = CAM1, duration_s: float | None = None, frames: int | None = None) -> Source:
    return Source(camera_id, "x.mp4", SIZE_PX, 10.0, frames_total=frames, duration_s=duration_s)


def shown(mosaic: Mosaic, time_s: float) -> NDArray[np.uint8]:
    return mosaic.compose(time_s).copy()


def at(time_s: float, camera_id: CameraId = CAM1, shade: int = SHADE) -> Frame:
    return frame(round(time_s * 10), 10.0, camera_id, shade=shade)


def has(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> bool:
    """Whether letters of this colour stand on the dark plate in the middle."""
    height, width = picture.shape[:2]
    middle = picture[height // 3 : height * 2 // 3, width // 3 : width * 2 // 3]
    plate = (middle == BACKGROUND).all(axis=2).sum() > 500
    return bool(plate and (middle == colour).all(axis=2).sum() > 20)


def live(picture: NDArray[np.uint8]) -> bool:
    """Whether most of the picture has the shade of the frames."""
    return bool((picture == SHADE).mean() > 0.8)


def test_a_camera_without_a_picture_is_said_to_be_waited_for() -> None:
    picture = shown(Mosaic([source()], 1280, 0.0, {}), 0.0)
    assert has(picture, QUIET)
    assert picture.max(axis=(1, 2)).min() < 60


def test_a_picture_takes_the_place_of_the_plate() -> None:
    mosaic = Mosaic([source()], 1280, 0.0, {})
    shown(mosaic, 0.0)
    mosaic.update(at(0.0), None)
    picture = shown(mosaic, 0.0)
    assert live(picture)
    assert not has(picture, QUIET)


@pytest.mark.parametrize(
    ("one", "now_s", "mark"),
    [
        pytest.param(source(), 1.5, None, id="silent-for-just-so-long"),
        pytest.param(source(), 1.51, TEXT, id="promised-nothing-so-it-ended"),
        pytest.param(source(duration_s=1.1), 1.51, TEXT, id="ended-where-it-promised"),
        pytest.param(source(duration_s=1.5), 1.51, TEXT, id="ended-about-where-it-promised"),
        pytest.param(source(duration_s=9.0), 1.51, ALERT, id="lost-long-before-its-end"),
        pytest.param(source(frames=90), 1.51, ALERT, id="lost-by-the-count-of-frames"),
        pytest.param(source(frames=11), 1.51, TEXT, id="ended-by-the-count-of-frames"),
    ],
)
def test_a_silent_camera_is_marked(one: Source, now_s: float, mark: tuple[int, int, int] | None) -> None:
    mosaic = Mosaic([one], 1280, 0.0, {})
    mosaic.update(at(1.0), None)
    picture = shown(mosaic, now_s)
    assert live(picture) == (mark is None)
    assert [colour for colour in (TEXT, ALERT) if has(picture, colour)] == ([] if mark is None else [mark])
    if mark is not None:
        dimmed = np.abs(picture[120:-20, 20:100].astype(int) - round(0.35 * SHADE)) <= 1
        assert dimmed.all(), "the last picture stays, dimmed"


def test_a_camera_that_comes_back_is_live_again() -> None:
    mosaic = Mosaic([source(duration_s=60.0)], 1280, 0.0, {})
    mosaic.update(at(1.0), None)
    assert has(shown(mosaic, 5.0), ALERT)
    mosaic.update(at(5.0), None)
    assert live(shown(mosaic, 5.0))


def test_a_silent_camera_says_what_its_reader_does() -> None:
    mosaic = Mosaic([source()], 1280, 0.0, {})
    mosaic.update(at(1.0), None)
    pictures = []
    for state in ("stalled", "reconnecting"):
        mosaic.tell({CAM1: state})
        pictures.append(shown(mosaic, 5.0))
        assert has(pictures[-1], ALERT)
    assert not np.array_equal(pictures[0], pictures[1]), "the plate changes with the state"
    mosaic.tell({CAM1: "ended"})
    assert has(shown(mosaic, 5.0), TEXT)


def test_each_camera_has_its_own_tile() -> None:
    mosaic = Mosaic([source(CAM1), source(CAM2)], 1280, 0.0, {})
    mosaic.update(at(0.0, CAM1, 60), None)
    mosaic.update(at(0.0, CAM2, 220), None)
    picture = shown(mosaic, 0.0)
    row = picture[picture.shape[0] // 2, :, 0]
    assert set(row[20:600]) == {60}
    assert set(row[680:1260]) == {220}


def test_bars_change_with_time_and_people_and_only_then() -> None:
    mosaic = Mosaic([source()], 1280, 0.0, {})
    mosaic.update(at(0.0), None)
    mosaic.count(1, 2)
    first, again = shown(mosaic, 0.0), shown(mosaic, 0.0)
    assert np.array_equal(first, again)
    header = slice(0, 30)
    assert not np.array_equal(first[header], shown(mosaic, 0.1)[header])
    mosaic.count(2, 2)
    assert not np.array_equal(first[header], shown(mosaic, 0.0)[header])


def test_people_in_a_camera_count_only_those_with_an_id() -> None:
    pictures = []
    for global_ids in ([1, 2], [1, 0], [1]):
        mosaic = Mosaic([source()], 1280, 0.0, {})
        boxes = [box(100 + 200 * k, 400) for k in range(len(global_ids))]
        mosaic.update(at(0.0), frame_result(boxes, range(1, len(boxes) + 1), global_ids))
        pictures.append(shown(mosaic, 0.0)[34:60])
    assert not np.array_equal(pictures[0], pictures[1])
    assert np.array_equal(pictures[1], pictures[2])


@pytest.mark.parametrize(
    ("size_px", "tile_of"),
    [
        pytest.param((96, 72), 640, id="enlarged"),
        pytest.param((640, 480), 1280, id="as-it-is"),
        pytest.param((1281, 961), 640, id="halved-odd"),
        pytest.param((3840, 2160), 320, id="a-twelfth"),
    ],
)
def test_scaling_keeps_place_and_shade(size_px: tuple[int, int], tile_of: int) -> None:
    """Half dark, half light: the border stays in the middle and flat areas stay flat."""
    image = np.full((size_px[1], size_px[0], 3), 40, np.uint8)
    image[:, size_px[0] // 2 :] = 210
    mosaic = Mosaic([Source(CAM1, "x", size_px, 10.0)], tile_of, 0.0, {})
    mosaic.update(Frame(CAM1, 0, 0.0, image), None)
    place = plan_layout([size_px], tile_of).tiles[0].picture
    row = shown(mosaic, 0.0)[place.area][-20, :, 0].astype(int)
    edge = int(np.argmax(row > 125))
    assert abs(edge - len(row) / 2) <= max(2, len(row) / size_px[0] + 1)
    assert set(row[: edge - 8]) == {40}
    assert set(row[edge + 8 :]) == {210}


def test_fine_patterns_do_not_sparkle_when_scaled_down() -> None:
    image = np.indices((1080, 1920)).sum(axis=0) % 2 * 255
    frame_image = cv2.cvtColor(image.astype(np.uint8), cv2.COLOR_GRAY2BGR)
    mosaic = Mosaic([Source(CAM1, "x", (1920, 1080), 10.0)], 640, 0.0, {})
    mosaic.update(Frame(CAM1, 0, 0.0, np.asarray(frame_image, np.uint8)), None)
    inner = shown(mosaic, 0.0)[100:300, 50:600, 0]
    assert inner.std() < 70, "nearest sampling would keep 127"


def test_a_camera_that_changes_its_size_still_fits() -> None:
    mosaic = Mosaic([source()], 1280, 0.0, {})
    mosaic.update(frame(size_px=(320, 200), shade=SHADE), frame_result([box(100, 150)], [1], [1]))
    assert (shown(mosaic, 0.0)[60:] == SHADE).mean() > 0.7
