"""The weights-free detector, on drawn pictures and on the built-in scene."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from association.iou import iou_matrix
from detection.crowd import FIT_EVERY, LEAST_SAMPLES, HeightModel, separate
from detection.motion import MotionDetector
from entities import Detections
from scenes import SceneSpec
from scenes.render import Stage

Picture = NDArray[np.uint8]
SIZE = (240, 320)


def room(shade: int = 150) -> Picture:
    """A still background with some structure, so that edges exist."""
    picture = np.full((*SIZE, 3), shade, np.uint8)
    picture[:60] = 200
    picture[::40] -= 20
    return picture


def walker(
    picture: Picture, x: int, colour: tuple[int, int, int] = (40, 40, 180), top: int = 90, height: int = 80
) -> Picture:
    out = picture.copy()
    out[top : top + height, x : x + int(0.4 * height)] = colour
    return out


def run(detector: MotionDetector, pictures: list[Picture], camera: str = "cam1") -> list[Detections]:
    return [detector.detect([camera], [picture])[0] for picture in pictures]


def test_nothing_in_nothing_out() -> None:
    assert MotionDetector().detect([], []) == []


@pytest.mark.parametrize("size", [pytest.param((64, 64), id="tiny"), pytest.param((720, 1280), id="large")])
def test_a_still_picture_holds_nobody(size: tuple[int, int]) -> None:
    still = np.full((*size, 3), 90, np.uint8)
    assert [len(found) for found in run(MotionDetector(), [still] * 12)] == [0] * 12


def test_a_walker_who_was_there_from_the_start_is_found_where_he_is() -> None:
    pictures = [walker(room(), 20 + 8 * i) for i in range(30)]
    last = run(MotionDetector(), pictures)[-1]
    assert len(last) == 1
    np.testing.assert_allclose(last.boxes_xyxy[0], [252, 90, 284, 170], atol=3)
    assert last.scores[0] >= 0.7
    assert last.embeddings is None


def test_who_stops_does_not_fade_away() -> None:
    walking = [room()] * 12 + [walker(room(), 8 * i) for i in range(20)]
    standing = [walker(room(), 152)] * 150
    assert len(run(MotionDetector(), walking + standing)[-1]) == 1


def test_who_stood_in_the_first_picture_leaves_no_ghost() -> None:
    standing = [walker(room(), 40)] * 20
    walking = [walker(room(), 40 + 8 * i) for i in range(26)]
    last = run(MotionDetector(), standing + walking)[-1]
    np.testing.assert_allclose(last.boxes_xyxy, [[240, 90, 272, 170]], atol=3)


def test_a_shadow_is_nobody() -> None:
    dimmed = room()
    dimmed[120:200, 100:160] = (dimmed[120:200, 100:160] * 0.75).astype(np.uint8)
    assert len(run(MotionDetector(), [room()] * 12 + [dimmed])[-1]) == 0


def test_each_camera_has_its_own_background() -> None:
    detector = MotionDetector()
    for _ in range(12):
        detector.detect(["dark", "light"], [room(60), room(180)])
    first, second = detector.detect(["dark", "light"], [room(60), walker(room(180), 100)])
    assert (len(first), len(second)) == (0, 1)


def test_boxes_lie_inside_the_picture_best_first() -> None:
    pair = walker(walker(room(), 300, height=100), 100, (200, 90, 20))
    found = run(MotionDetector(), [room()] * 12 + [pair])[-1]
    assert len(found) == 2
    assert found.boxes_xyxy.min() >= 0.0
    assert found.boxes_xyxy[:, 2].max() <= 320.0
    assert (np.diff(found.scores) <= 0.0).all()
    assert (found.scores <= 1.0).all()


def heights(slope: float = 0.5, offset: float = 0.0) -> HeightModel:
    model = HeightModel()
    for column, foot in enumerate(np.linspace(80.0, 200.0, LEAST_SAMPLES).tolist()):
        model.learn(10.0 * column, foot, slope * foot + offset)
    return model


def test_heights_are_unknown_until_enough_people_were_seen() -> None:
    model = HeightModel()
    for number in range(LEAST_SAMPLES - 1):
        model.learn(10.0 * number, 100.0, 50.0)
    assert model.height_at(100.0) is None
    model.learn(0.0, 100.0, 50.0)
    assert model.height_at(100.0) is None
    for _ in range(FIT_EVERY):
        model.learn(900.0, 100.0, 50.0)
    assert model.height_at(100.0) == pytest.approx(50.0)
    assert model.height_at(180.0) == pytest.approx(50.0)  # one row of feet tells no slope


def test_heights_do_not_mind_a_few_wrong_ones() -> None:
    model = heights()
    for foot in (90.0, 120.0, 150.0):
        model.learn(5.0, foot, 200.0)
    assert model.height_at(160.0) == pytest.approx(80.0, rel=0.05)


def test_heights_do_not_mind_a_small_thing_that_stays() -> None:
    """The hole that somebody left in the background, a plant in the wind: there in every picture."""
    model = heights()
    for number in range(1000):
        model.learn(500.0 + 0.1 * (number % 5), 110.0, 19.0)
    assert model.height_at(160.0) == pytest.approx(80.0, rel=0.05)
    assert model.height_at(90.0) == pytest.approx(45.0, rel=0.05)


@pytest.mark.parametrize(
    ("height", "width", "one"),
    [
        pytest.param(80.0, 30.0, True, id="as-expected"),
        pytest.param(97.0, 30.0, True, id="just-not-too-tall"),
        pytest.param(98.0, 30.0, False, id="too-tall"),
        pytest.param(80.0, 63.0, True, id="just-not-too-wide"),
        pytest.param(80.0, 65.0, False, id="too-wide"),
        pytest.param(20.0, 8.0, True, id="a-piece-is-one"),
    ],
)
def test_one_person_or_more(height: float, width: float, one: bool) -> None:
    assert heights().is_one_person(160.0, height, width) is one


@pytest.mark.parametrize(
    ("height", "complete"),
    [
        pytest.param(80.0, 1.0, id="whole"),
        pytest.param(64.0, 1.0, id="at-the-limit"),
        pytest.param(32.0, 0.5, id="half-of-it"),
    ],
)
def test_completeness(height: float, complete: float) -> None:
    assert heights().completeness(160.0, height) == pytest.approx(complete)


def test_two_people_side_by_side_are_two() -> None:
    blob = np.zeros((80, 60), np.uint8)
    blob[:, 2:28] = blob[:, 32:58] = 1
    blob[40:44] = 1
    found = separate(blob, (100, 80), heights())
    assert len(found) == 2
    middles = sorted((box[0] + box[2]) / 2 for box, _ in found)
    np.testing.assert_allclose(middles, [115.0, 145.0], atol=4)
    assert all(box[3] == pytest.approx(160.0, abs=6) for box, _ in found)


def test_one_person_behind_another_is_found_by_the_head() -> None:
    blob = np.zeros((110, 40), np.uint8)
    blob[0:80, 2:26] = 1  # feet at row 130: 65 tall
    blob[30:110, 10:38] = 1  # feet at row 160: 80 tall
    found = separate(blob, (100, 50), heights())
    assert len(found) == 2


def test_no_pixels_no_people() -> None:
    assert separate(np.zeros((50, 50), np.uint8), (0, 0), heights()) == []


def test_finds_the_people_of_the_scene() -> None:
    spec = SceneSpec(people=3, duration_s=5.0, fps=10.0, size_px=(640, 360), cameras=1, seed=9)
    stage, detector = Stage(spec), MotionDetector()
    clear = hits = found_boxes = false = 0
    for index in range(50):
        picture, sightings = stage.picture(0, index / spec.fps)
        found = detector.detect(["cam1"], [picture])[0]
        if index < 24:
            continue  # one of them stands still for the first two seconds, and cannot be known from the background
        truth = np.array([s.box_xywh for s in sightings], np.float32).reshape(-1, 4)
        truth[:, 2:] += truth[:, :2]
        overlaps = iou_matrix(truth, found.boxes_xyxy)
        is_clear = np.array([s.visibility > 0.95 for s in sightings], bool)
        clear += int(is_clear.sum())
        confident = overlaps[is_clear][:, found.scores >= 0.7]
        hits += int((confident.max(axis=1, initial=0.0) > 0.5).sum())
        found_boxes += len(found)
        false += int((overlaps.max(axis=0, initial=0.0) < 0.2).sum())
    assert clear > 30
    assert hits >= 0.7 * clear
    assert false <= 0.2 * found_boxes
