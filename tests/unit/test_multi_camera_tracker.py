"""Detections of all cameras in, global ids out, one result a round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from by_hand import ByHand
from config import IdentityConfig, TrackingConfig
from entities import NOBODY, CameraId, FloatArray, RoundDetections, RoundResult
from multi_camera_tracker import MultiCameraTracker, people_in_view
from tests.builders import CAM1, CAM2, box, detections, frame_detections, look, round_detections, unit
from tests.walkers import standing

MEAN_PERSON: FloatArray = np.asarray(0.7 * look(0, 128), np.float32)


def seen(person: int, frame: int) -> FloatArray:
    return unit(list(MEAN_PERSON + 0.6 * look(person, 128, noise=0.2, seed=frame)))


def a_round(
    index: int, people: dict[CameraId, Sequence[int]], *, looked_at: bool = True, fps: float = 15.0
) -> RoundDetections:
    """People walk to the right side by side; each camera sees its own."""
    frames = []
    for camera, persons in people.items():
        boxes = [box(80.0 + 120.0 * place + 3.0 * index, 300.0, 150.0) for place in range(len(persons))]
        looks = [seen(person, index) for person in persons]
        found = detections(boxes, looks=looks, dimension=128) if looked_at else None
        frames.append(frame_detections(found, index, fps, camera))
    return round_detections(frames, index)


def run(rounds: Sequence[RoundDetections]) -> tuple[MultiCameraTracker, list[RoundResult]]:
    tracker = MultiCameraTracker([CAM1, CAM2], TrackingConfig(), MEAN_PERSON)
    return tracker, [tracker.associate(item) for item in rounds]


def test_a_person_in_two_cameras_has_one_id_and_counts_once() -> None:
    tracker, results = run([a_round(index, {CAM1: [1, 2], CAM2: [1]}) for index in range(30)])
    last = results[-1]
    first_camera, second_camera = (frame.global_ids.tolist() for frame in last.frames)
    assert len(set(first_camera)) == 2
    assert NOBODY not in first_camera
    assert second_camera[0] in first_camera
    assert (last.people_now, last.people_total) == (2, 2)
    assert {segment.global_id for segment in tracker.finish()} == set(first_camera)


def test_two_who_are_one_by_hand_count_once() -> None:
    rounds = [a_round(index, {CAM1: [1], CAM2: [2]}) for index in range(31)]
    tracker, results = run(rounds[:30])
    assert (results[-1].people_now, results[-1].people_total) == (2, 2)
    tracker.heed(ByHand(links={2: 1}))
    after = tracker.associate(rounds[30])
    assert (after.people_now, after.people_total) == (1, 1)
    assert [frame.global_ids.tolist() for frame in after.frames] == [[1], [2]], "their own numbers, to be undone"


def test_cameras_may_be_missing_from_a_round() -> None:
    cameras: list[dict[CameraId, Sequence[int]]] = [{CAM1: [1]}, {CAM2: [1]}, {}, {CAM1: [1], CAM2: [1]}]
    _, results = run([a_round(index, cameras[index % 4]) for index in range(60)])
    assert [[frame.camera_id for frame in result.frames] for result in results[:4]] == [
        [CAM1],
        [CAM2],
        [],
        [CAM1, CAM2],
    ]
    assert results[-1].people_now == 1


def test_rounds_between_the_looks_keep_people() -> None:
    """Stride 3: boxes of the rounds in between are carried by motion."""
    _, results = run([a_round(index, {CAM1: [1]}, looked_at=index % 3 == 0, fps=30.0) for index in range(60)])
    tail = [result.frames[0] for result in results[30:]]
    assert [frame.global_ids.tolist() for frame in tail] == [[1]] * 30
    assert [bool(frame.observed[0]) for frame in tail] == [index % 3 == 0 for index in range(30, 60)]


def test_nobody_at_all() -> None:
    tracker, results = run([a_round(index, {CAM1: [], CAM2: []}) for index in range(20)])
    assert {(result.people_now, result.people_total, len(result.events)) for result in results} == {(0, 0, 0)}
    assert tracker.finish() == ()


def test_same_rounds_same_results() -> None:
    rounds = [a_round(index, {CAM1: [1, 2, 3], CAM2: [3, 4]}) for index in range(45)]
    (first, first_results), (second, second_results) = run(rounds), run(rounds)
    for one, other in zip(first_results, second_results, strict=True):
        assert one.events == other.events
        for a, b in zip(one.frames, other.frames, strict=True):
            np.testing.assert_array_equal(a.global_ids, b.global_ids)
            np.testing.assert_array_equal(a.boxes_xyxy, b.boxes_xyxy)
    assert first.finish() == second.finish()


@pytest.mark.parametrize(
    ("ids", "people"),
    [
        pytest.param([], 0, id="no-cameras"),
        pytest.param([[], []], 0, id="nobody"),
        pytest.param([[1, 2], [2, 3]], 3, id="shared-counts-once"),
        pytest.param([[0, 0], [0]], 2, id="unknown-as-many-as-the-fullest-camera-needs"),
        pytest.param([[1, 0], [1, 2]], 2, id="the-unknown-may-be-known-elsewhere"),
        pytest.param([[1, 0, 0], [2]], 3, id="more-unknown-than-elsewhere"),
    ],
)
def test_people_in_view(ids: list[list[int]], people: int) -> None:
    assert people_in_view([np.array(of_camera, np.int64) for of_camera in ids]) == people


def walkers(index: int) -> RoundDetections:
    """Six people on one floor, seen from two corners, ten times a second."""
    frames = []
    for number, camera in enumerate((CAM1, CAM2)):
        there = standing(number, index / 10.0, range(6), noise_px=2.0)
        places = zip(there.feet_xy.tolist(), there.heights_px.tolist(), strict=True)
        boxes = [box(x, foot, height) for (x, foot), height in places]
        found = detections(boxes, looks=[seen(person + 1, index) for person in range(6)], dimension=128)
        frames.append(replace(frame_detections(found, index, 10.0, camera), size_px=(1920, 1080)))
    return round_detections(frames, index)


@pytest.mark.parametrize("learn", [True, False], ids=["on", "off"])
def test_learns_how_views_overlap(learn: bool) -> None:
    config = TrackingConfig(identity=IdentityConfig(learn_geometry=learn))
    tracker = MultiCameraTracker([CAM1, CAM2], config, MEAN_PERSON)
    notes = [note for index in range(120) for note in tracker.associate(walkers(index)).notes]
    assert [note.split(":")[0] for note in notes] == (["cam1 and cam2"] if learn else [])
