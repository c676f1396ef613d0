"""The scene as rendered to files."""

from __future__ import annotations

import json
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from scenes import RenderedScene, SceneSpec
from scenes.backdrop import render_backdrop
from scenes.render import Stage, render_scene

SMALL = SceneSpec(people=4, duration_s=3.0, fps=10.0, size_px=(320, 180), seed=9)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> RenderedScene:
    return render_scene(SMALL, tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="module")
def stage() -> Stage:
    return Stage(SMALL)


def truth_of(path: Path) -> NDArray[np.float64]:
    return np.loadtxt(path, delimiter=",", ndmin=2)


def test_videos_have_the_size_the_rate_and_the_length_asked_for(scene: RenderedScene) -> None:
    for path in scene.videos:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height) == SMALL.size_px
            assert stream.codec_context.name == "h264"
            assert stream.average_rate == SMALL.fps
            assert sum(1 for _ in container.decode(stream)) == 30


def test_cameras_may_differ_in_rate_and_length(tmp_path: Path) -> None:
    spec = SceneSpec(people=1, size_px=(64, 64), camera_fps=(25.0, 30.0), camera_duration_s=(1.0, 0.5))
    scene = render_scene(spec, tmp_path / "made" / "here")
    counts = []
    for path in scene.videos:
        with av.open(str(path)) as container:
            counts.append(sum(1 for _ in container.decode(video=0)))
    assert counts == [25, 15]


def test_truth_is_motchallenge_inside_the_picture(scene: RenderedScene) -> None:
    for path in scene.truth:
        frame, person, x, y, w, h, one, another, visibility = truth_of(path).T
        assert frame.min() >= 1
        assert frame.max() <= 30
        assert set(person) <= {1, 2, 3, 4}
        assert (x >= 0).all()
        assert (y >= 0).all()
        assert (x + w <= 320).all()
        assert (y + h <= 180).all()
        assert (one == 1).all()
        assert (another == 1).all()
        assert ((visibility >= 0.1) & (visibility <= 1)).all()


def test_one_person_has_one_id_in_both_cameras_and_stands_where_the_floor_says(scene: RenderedScene) -> None:
    floor = {(int(row[0]), int(row[1])): row[2:] for row in np.loadtxt(scene.floor, delimiter=",", skiprows=1)}
    calibration = json.loads(scene.calibration.read_text())
    seen = []
    for name, path in zip(("cam1", "cam2"), scene.truth, strict=True):
        homography = np.array(calibration[name]["floor_to_image"])
        rows = truth_of(path)
        whole = rows[(rows[:, 3] + rows[:, 5] < 178) & (rows[:, 2] > 2) & (rows[:, 2] + rows[:, 4] < 318)]
        assert len(whole) > 20
        for row in whole:
            foot = homography @ [*floor[int(row[0]), int(row[1])], 1.0]
            # A stride reaches to either side of the point under the hips.
            assert row[2] + row[4] / 2 == pytest.approx(foot[0] / foot[2], abs=0.35 * row[5])
            assert row[3] + row[5] == pytest.approx(foot[1] / foot[2], abs=0.12 * row[5])
        seen.append(set(rows[:, 1]))
    assert seen[0] & seen[1]


def test_the_same_specification_gives_the_same_pictures_and_truth(stage: Stage) -> None:
    image, sightings = stage.picture(0, 1.3)
    again, same = Stage(SMALL).picture(0, 1.3)
    np.testing.assert_array_equal(image, again)
    assert sightings == same


def test_boxes_are_the_extent_of_what_was_drawn(stage: Stage) -> None:
    empty = render_backdrop(stage.hall, stage.hall.cameras[0]).image_bgr.astype(int)
    image, sightings = stage.picture(0, 0.0)
    changed = np.abs(image.astype(int) - empty).max(axis=2) > 60  # stronger than any shadow on the pale floor
    boxed = np.zeros(changed.shape, bool)
    for sighting in sightings:
        x, y, w, h = (int(value) for value in sighting.box_xywh)
        boxed[y - 1 : y + h + 1, x - 1 : x + w + 1] = True
        assert changed[y : y + h, x : x + w].any(axis=1).mean() > 0.8
    assert sightings
    assert not (changed & ~boxed).any()


def test_who_is_nearer_covers_who_is_farther() -> None:
    stage = Stage(SceneSpec(people=8, duration_s=12.0, size_px=(320, 180)))
    camera = stage.hall.cameras[0]
    covered = 0
    for time_s in np.arange(0.0, 12.0, 0.5):
        _, sightings = stage.picture(0, float(time_s))
        for one in sightings:
            depth = float((np.array([*one.place_m, 0.0]) - camera.position_m) @ camera.forward)
            x, y, w, h = one.box_xywh
            nearer = [
                other
                for other in sightings
                if float((np.array([*other.place_m, 0.0]) - camera.position_m) @ camera.forward) < depth
                and other.box_xywh[0] < x + w
                and x < other.box_xywh[0] + other.box_xywh[2]
                and other.box_xywh[1] < y + h
                and y < other.box_xywh[1] + other.box_xywh[3]
            ]
            in_the_open = abs(one.place_m[0]) < 5.0 and -3.3 < one.place_m[1] < 2.6
            if in_the_open and not nearer:
                assert one.visibility > 0.98
            covered += bool(nearer and one.visibility < 0.7)
    assert covered > 0


def test_an_empty_scene_is_rendered_too(tmp_path: Path) -> None:
    scene = render_scene(SceneSpec(people=0, cameras=1, duration_s=0.3, size_px=(64, 64)), tmp_path)
    assert scene.truth[0].read_text() == ""
    assert scene.floor.read_text() == "frame,id,x_m,y_m\n"
