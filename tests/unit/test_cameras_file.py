"""`cameras.toml`: what is in it comes out, and what is wrong is said with file, line, camera and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from cameras_file import read_cameras
from errors import ConfigError
from source_settings import CameraConfig

GOOD = """\
[[camera]]
id = "door"
name = "Front door"
source = "rtsp://10.0.0.7/stream1"
username_env = "DOOR_USER"
password_env = "DOOR_PASSWORD"
calibration = "floor.json"
stride = 2

[[camera]]
id = "hall"
source = "hall.mp4"

[[camera]]
id = "shed"
source = "webcam:0"
enabled = false
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "cameras.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_that_is_said_comes_out_and_paths_are_the_files(tmp_path: Path) -> None:
    door, hall = read_cameras(written(tmp_path, GOOD))
    assert door == CameraConfig(
        source="rtsp://10.0.0.7/stream1",
        id="door",
        name="Front door",
        username_env="DOOR_USER",
        password_env="DOOR_PASSWORD",
        calibration=tmp_path / "floor.json",
        stride=2,
    )
    assert hall == CameraConfig(source=str(tmp_path / "hall.mp4"), id="hall")


def test_only_some_of_them(tmp_path: Path) -> None:
    assert [camera.id for camera in read_cameras(written(tmp_path, GOOD), ["hall"])] == ["hall"]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        pytest.param("", "", r"want tables \[\[camera\]\]", id="empty"),
        pytest.param("x = 1\n", "", "not 'x'", id="something-else"),
        pytest.param("[[camera]\n", "", r"not TOML: .*line 1", id="no-toml"),
        pytest.param('[[camera]]\nid = "a"\n', ":1: camera 1:", "source is missing", id="no-source"),
        pytest.param('[[camera]]\nsource = "a"\n', ":1: camera 1:", "id is missing", id="no-id"),
        pytest.param(GOOD.replace("stride = 2", "stride = 0"), ":8: camera 1: stride:", "got 0", id="out-of-bounds"),
        pytest.param(GOOD.replace("name =", "nme ="), ":3: camera 1: nme:", "Unexpected", id="unknown-key"),
        pytest.param(GOOD.replace('"hall"', '"Door"'), ":11: camera 2: id:", "another camera", id="id-twice"),
        pytest.param(GOOD.replace('"hall"', '"a/b"'), ":11: camera 2: id:", "match pattern", id="id-unfit-for-a-file"),
        pytest.param(GOOD.replace("false", '"no"'), ":17: camera 3: enabled:", "true or false", id="enabled-as-text"),
        pytest.param(GOOD.replace("rtsp:", "rtps:"), ":4: camera 1: source:", "unknown scheme", id="scheme"),
        pytest.param(GOOD.replace("username_env", "# "), ":6: camera 1: password_env:", "username_env", id="no-user"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, where: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError, match=words) as caught:
        read_cameras(path)
    assert caught.value.code == "cameras_invalid"
    assert caught.value.message.startswith(f"{path}{where}")


@pytest.mark.parametrize("name", ["shed", "attic"], ids=["disabled", "unknown"])
def test_only_knows_enabled_cameras(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"no enabled camera {name}; there are door, hall, shed"):
        read_cameras(written(tmp_path, GOOD), [name])


def test_all_disabled(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no camera is enabled"):
        read_cameras(written(tmp_path, '[[camera]]\nid = "a"\nsource = "a.mp4"\nenabled = false\n'))


def test_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_cameras(tmp_path / "cameras.toml")


def test_a_wrong_source_is_told_without_its_password(tmp_path: Path) -> None:
    path = written(tmp_path, '[[camera]]\nid = "a"\nsource = "rtps://joe:s3cret@10.0.0.7/x"\n')
    with pytest.raises(ConfigError) as caught:
        read_cameras(path)
    assert "s3cret" not in caught.value.message
