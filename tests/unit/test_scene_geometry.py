"""The scene's camera, hall, people and walks."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from scenes import SceneSpec
from scenes.camera import look_at
from scenes.figure import Posture, limbs_of
from scenes.hall import HALF_DEPTH_M, build_hall
from scenes.people import Bag, dress
from scenes.walks import CLEARANCE_M, STEP_S, plan_walks

SIZE_PX = (640, 360)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"cameras": 0}, id="no-camera"),
        pytest.param({"cameras": 5}, id="too-many-cameras"),
        pytest.param({"people": -1}, id="negative-people"),
        pytest.param({"size_px": (641, 360)}, id="odd-width"),
        pytest.param({"size_px": (640, 62)}, id="too-low"),
        pytest.param({"gap_m": -0.1}, id="negative-gap"),
        pytest.param({"fps": 0.0}, id="no-frames"),
        pytest.param({"camera_fps": (25.0,)}, id="one-rate-for-two-cameras"),
        pytest.param({"camera_duration_s": (5.0, 0.0)}, id="no-duration"),
    ],
)
def test_specification_refuses(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(values)).removesuffix("_fps").removesuffix("_duration_s")):
        SceneSpec(**values)


def test_specification_knows_each_cameras_rate_and_duration() -> None:
    spec = SceneSpec(camera_fps=(25.0, 30.0), duration_s=4.0)
    assert spec.rates_fps() == (25.0, 30.0)
    assert spec.durations_s() == (4.0, 4.0)


def test_what_a_camera_looks_at_is_in_the_middle() -> None:
    camera = look_at((1.0, -4.0, 3.0), (2.0, 3.0, 0.5), 60.0, SIZE_PX)
    pixels, depth = camera.project(np.array([[2.0, 3.0, 0.5]]))
    np.testing.assert_allclose(pixels[0], (320.0, 180.0), atol=1e-9)
    assert depth[0] == pytest.approx(np.sqrt(1 + 49 + 6.25))


def test_up_is_up_and_right_is_right() -> None:
    camera = look_at((0.0, -5.0, 1.0), (0.0, 0.0, 1.0), 60.0, SIZE_PX)
    pixels, _ = camera.project(np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 2.0]]))
    assert pixels[0, 0] > 320.0
    assert pixels[1, 1] < 180.0


def test_angle_of_view_reaches_from_border_to_border() -> None:
    camera = look_at((0.0, 0.0, 1.0), (0.0, 1.0, 1.0), 90.0, SIZE_PX)
    pixels, _ = camera.project(np.array([[-2.0, 2.0, 1.0], [2.0, 2.0, 1.0]]))
    np.testing.assert_allclose(pixels[:, 0], (0.0, 640.0), atol=1e-9)


def test_homography_agrees_with_projection_on_the_floor() -> None:
    camera = build_hall(SceneSpec()).cameras[1]
    floor = np.array([[0.0, 0.0], [2.0, 1.5], [-3.0, 2.0]])
    pixels, _ = camera.project(np.column_stack([floor, np.zeros(3)]))
    mapped = np.column_stack([floor, np.ones(3)]) @ camera.floor_to_image.T
    np.testing.assert_allclose(mapped[:, :2] / mapped[:, 2:], pixels, atol=1e-9)


def test_rays_go_back_to_where_points_came_from() -> None:
    camera = build_hall(SceneSpec()).cameras[0]
    point = np.array([[1.0, 2.0, 0.3]])
    pixels, depth = camera.project(point)
    ray = camera.rays(pixels[:, 0], pixels[:, 1])[0, 0]
    np.testing.assert_allclose(camera.position_m + ray * depth[0], point[0], atol=1e-9)


def seen_floor(spec: SceneSpec, camera_index: int, half_length_m: int) -> set[tuple[int, int]]:
    """Decimetre cells of the hall's floor that a camera has in its picture."""
    camera = build_hall(spec).cameras[camera_index]
    x, y = np.meshgrid(
        np.arange(-10 * half_length_m, 10 * half_length_m), np.arange(-int(HALF_DEPTH_M * 10), int(HALF_DEPTH_M * 10))
    )
    cells = np.column_stack([x.ravel(), y.ravel()])
    pixels, depth = camera.project(np.column_stack([cells / 10.0, np.zeros(len(cells))]))
    seen = (depth > 0) & np.all((pixels > 0) & (pixels < spec.size_px), axis=1)
    return {(int(a), int(b)) for a, b in cells[seen]}


def test_views_of_one_hall_overlap() -> None:
    one, two = (seen_floor(SceneSpec(), index, 6) for index in (0, 1))
    assert len(one & two) > 0.3 * len(one)


@pytest.mark.parametrize("gap_m", [pytest.param(0.0, id="no-gap"), pytest.param(2.0, id="gap")])
def test_views_of_a_long_hall_do_not_overlap(gap_m: float) -> None:
    spec = SceneSpec(gap_m=gap_m)
    one, two = (seen_floor(spec, index, 20) for index in (0, 1))
    assert len(one) > 0
    assert not one & two
    between_m = (min(x for x, _ in two) - max(x for x, _ in one)) / 10.0
    assert between_m == pytest.approx(gap_m, abs=0.25)


def test_people_dress_by_chance_but_always_the_same() -> None:
    assert dress(5, np.random.default_rng(1)) == dress(5, np.random.default_rng(1))
    assert dress(5, np.random.default_rng(1)) != dress(5, np.random.default_rng(2))


@pytest.mark.parametrize(
    "count", [pytest.param(0, id="nobody"), pytest.param(1, id="one"), pytest.param(12, id="all-tops")]
)
def test_nobody_shares_a_top_while_there_are_enough(count: int) -> None:
    assert len({person.top.colour for person in dress(count, np.random.default_rng(3))}) == count


def test_uniform_people_wear_one_outfit_and_carry_nothing() -> None:
    people = dress(6, np.random.default_rng(3), uniform=True)
    assert len({(person.top, person.bottom, person.bottom_kind, person.coat, person.shoes) for person in people}) == 1
    assert {person.bag for person in people} == {Bag.NONE}
    assert len({person.height_m for person in people}) == 6


@pytest.mark.parametrize("vigour", [pytest.param(0.0, id="standing"), pytest.param(1.0, id="walking")])
def test_figures_are_as_tall_as_the_person_and_touch_the_floor(vigour: float) -> None:
    (look,) = dress(1, np.random.default_rng(0))
    for walked_m in np.linspace(0.0, 1.5, 12):
        limbs = limbs_of(look, Posture(np.array([1.0, 2.0]), 0.5, float(walked_m), vigour))
        top = max(max(limb.start[2] + limb.radius_start, limb.end[2] + limb.radius_end) for limb in limbs)
        low = min(min(limb.start[2] - limb.radius_start, limb.end[2] - limb.radius_end) for limb in limbs)
        assert top == pytest.approx(look.height_m, abs=0.12)
        assert low == pytest.approx(0.0, abs=0.05)


def test_walks_keep_a_walking_pace_and_turn_smoothly() -> None:
    hall = build_hall(SceneSpec())
    for walk in plan_walks(hall, 4, 12.0, np.random.default_rng(5)):
        steps_m = np.hypot(*np.diff(walk.places_m, axis=0).T)
        assert steps_m.max() / STEP_S < 1.6
        assert np.abs(np.diff(walk.headings_rad)).max() / STEP_S < 4.1
        assert walk.walked_m[-1] == pytest.approx(steps_m.sum(), rel=0.05)


def test_people_do_not_walk_through_each_other() -> None:
    hall = build_hall(SceneSpec())
    walks = plan_walks(hall, 5, 15.0, np.random.default_rng(1))
    for one, two in combinations(walks, 2):
        inside = (np.abs(one.places_m) < (6.0, HALF_DEPTH_M)).all(axis=1)
        apart_m = np.hypot(*(one.places_m - two.places_m).T)[inside]
        assert apart_m.min(initial=np.inf) >= CLEARANCE_M


def test_a_walk_stands_still_after_its_end() -> None:
    (walk,) = plan_walks(build_hall(SceneSpec()), 1, 3.0, np.random.default_rng(1))
    np.testing.assert_array_equal(walk.at(99.0).place_m, walk.at(3.0 + 2 * STEP_S).place_m)
