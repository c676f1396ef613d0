"""A calibration file is read as it says, or refused with file, camera and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import floor_ruler, missing_note, read_calibration
from entities import CameraId, Source
from errors import ConfigError
from tests.builders import CAM1, CAM2, SIZE_PX

SOURCES = [Source(CAM1, "a.mp4", SIZE_PX, 15.0), Source(CAM2, "b.mp4", (1280, 720), 15.0)]
FLOOR = [[100.0, 0.0, 300.0], [0.0, 80.0, 200.0], [0.0, 0.0, 1.0]]
MATRIX = [[900.0, 0.0, 640.0], [0.0, 900.0, 360.0], [0.0, 0.0, 1.0]]
SINGULAR = [[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [0.0, 0.0, 1.0]]


def write(folder: Path, document: Any) -> Path:
    path = folder / "calibration.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_what_it_says_is_taken(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "cam2": {"floor_to_image": FLOOR, "camera_matrix": MATRIX, "distortion": [-0.1, 0.0, 0.0, 0.0, 0.01]},
            "cam1": {"floor_to_image": FLOOR},
        },
    )
    views = read_calibration(path, SOURCES)
    assert list(views) == [CAM1, CAM2]
    assert views[CAM1].floor_to_image.tolist() == FLOOR
    assert (views[CAM1].size_px, views[CAM1].lens) == (SIZE_PX, None)
    lens = views[CAM2].lens
    assert lens is not None
    assert lens.camera_matrix.tolist() == MATRIX
    assert lens.distortion.tolist() == [-0.1, 0.0, 0.0, 0.0, 0.01, 0.0, 0.0, 0.0]
    assert missing_note(path, views, SOURCES) is None
    assert floor_ruler(views, [CAM1, CAM2]) is not None


def test_a_camera_matrix_alone_means_a_straight_picture(tmp_path: Path) -> None:
    views = read_calibration(write(tmp_path, {"cam1": {"floor_to_image": FLOOR, "camera_matrix": MATRIX}}), SOURCES)
    assert views[CAM1].lens is None


def test_a_cameras_own_file_wins_and_may_speak_of_others(tmp_path: Path) -> None:
    shared = write(tmp_path, {name: {"floor_to_image": FLOOR} for name in ("cam1", "cam2")})
    (tmp_path / "own").mkdir()
    own = write(tmp_path / "own", {name: {"floor_to_image": MATRIX} for name in ("cam2", "cam7")})
    views = read_calibration(shared, SOURCES, {CAM2: own})
    assert [views[camera].floor_to_image.tolist() for camera in (CAM1, CAM2)] == [FLOOR, MATRIX]
    assert list(read_calibration(None, SOURCES, {CAM2: own})) == [CAM2]


def test_a_cameras_own_file_must_speak_of_it(tmp_path: Path) -> None:
    own = write(tmp_path, {"cam1": {"floor_to_image": FLOOR}})
    with pytest.raises(ConfigError, match="camera cam2: is not in it; there is cam1") as caught:
        read_calibration(None, SOURCES, {CAM2: own})
    assert caught.value.code == "calibration_invalid"


def test_none_is_needed() -> None:
    assert read_calibration(None, SOURCES) == {}
    assert missing_note(None, {}, SOURCES) is None
    assert floor_ruler({}, [CAM1, CAM2]) is None


def test_a_camera_without_calibration_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, {name: {"floor_to_image": FLOOR} for name in ("cam1", "camm2")})
    note = missing_note(path, read_calibration(path, SOURCES), SOURCES)
    assert note is not None
    assert f"calibration {path}: nothing on cam2 (it speaks of cam1, camm2)" in note


def test_a_calibration_of_a_whole_place_serves_a_job_with_some_of_its_cameras(tmp_path: Path) -> None:
    path = write(tmp_path, {name: {"floor_to_image": FLOOR} for name in ("cam1", "cam2", "cam3", "cam4")})
    views = read_calibration(path, SOURCES)
    assert list(views) == [CAM1, CAM2]
    assert missing_note(path, views, SOURCES) is None


@pytest.mark.parametrize(
    ("document", "camera", "reason"),
    [
        pytest.param("{", "", "not JSON", id="not-json"),
        pytest.param("[]", "", "object of cameras", id="a-list"),
        pytest.param("{}", "", "object of cameras", id="no-cameras"),
        pytest.param({"cam9": {"floor_to_image": FLOOR}}, "cam9", "cam1, cam2", id="no-camera-of-the-job"),
        pytest.param({"cam1": {}}, "cam1", "floor_to_image", id="no-floor"),
        pytest.param({"cam1": FLOOR}, "cam1", "dictionary", id="no-object"),
        pytest.param({"cam1": {"floor_to_image": FLOOR[:2]}}, "cam1", "at least 3", id="two-rows"),
        pytest.param({"cam1": {"floor_to_image": [row[:2] for row in FLOOR]}}, "cam1", "at least 3", id="two-columns"),
        pytest.param({"cam1": {"floor_to_image": [["1", 0, 0], *FLOOR[1:]]}}, "cam1", "number", id="a-string"),
        pytest.param({"cam1": {"floor_to_image": SINGULAR}}, "cam1", "singular", id="singular"),
        pytest.param({"cam1": {"floor_to_image": [[0, 0, 0]] * 3}}, "cam1", "singular", id="zeros"),
        pytest.param('{"cam1": {"floor_to_image": [[NaN,0,0],[0,1,0],[0,0,1]]}}', "cam1", "finite", id="nan"),
        pytest.param({"cam1": {"floor_to_image": FLOOR, "note": 1}}, "cam1", "note", id="unknown-field"),
        pytest.param({"cam1": {"floor_to_image": FLOOR, "distortion": [0.1] * 4}}, "cam1", "camera_matrix", id="no-k"),
        pytest.param(
            {"cam1": {"floor_to_image": FLOOR, "camera_matrix": MATRIX, "distortion": [0.1] * 3}},
            "cam1",
            "want 4, 5, 8 numbers, got 3",
            id="three-coefficients",
        ),
        pytest.param(
            {"cam1": {"floor_to_image": FLOOR, "camera_matrix": SINGULAR, "distortion": [0.1] * 4}},
            "cam1",
            "camera_matrix: the matrix is singular",
            id="singular-lens",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, document: Any, camera: str, reason: str) -> None:
    path = write(tmp_path, document)
    with pytest.raises(ConfigError) as caught:
        read_calibration(path, SOURCES)
    assert caught.value.code == "calibration_invalid"
    assert str(path) in caught.value.message
    assert camera in caught.value.message
    assert reason in caught.value.message


@pytest.mark.parametrize("name", ["gone.json", "."], ids=["missing", "a-folder"])
def test_unreadable(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_calibration(tmp_path / name, SOURCES)
    assert caught.value.code == "calibration_invalid"


def test_metres_and_pixels_may_differ_a_millionfold(tmp_path: Path) -> None:
    far = (np.array(FLOOR) @ np.diag([1e-3, 1e-3, 1.0])).tolist()
    assert read_calibration(write(tmp_path, {"cam1": {"floor_to_image": far}}), SOURCES).keys() == {CameraId("cam1")}
