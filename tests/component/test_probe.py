"""Inputs are checked before anything starts: one clear line each, never with credentials."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from address import parse_address
from config import TrackingConfig
from entities import CameraId, Source
from errors import SourceError
from probe import camera_name, default_name, open_source, probe_inputs
from source_settings import LiveConfig
from tests import clips

CAMERA = CameraId("cam")
DAMAGED = Path(__file__).resolve().parents[3] / "shared" / "data" / "damaged"


def described(path: Path) -> Source:
    return open_source(parse_address(str(path)), CAMERA, LiveConfig())


def probe_sources(videos: list[str]) -> list[Source]:
    return [item.source for item in probe_inputs(TrackingConfig(videos=tuple(videos)))]


@pytest.mark.parametrize(
    ("make", "code", "words"),
    [
        pytest.param(lambda path: None, "source_missing", "no such file", id="missing"),
        pytest.param(Path.mkdir, "source_is_directory", "is a directory", id="directory"),
        pytest.param(Path.touch, "source_empty", "0 bytes", id="empty"),
        pytest.param(clips.make_noise, "source_unreadable", "not a video", id="random-bytes"),
        pytest.param(lambda path: path.write_text("a\n" * 400), "source_unreadable", "not a video", id="text"),
        pytest.param(clips.make_audio_only, "source_no_video", "audio", id="audio-only"),
        pytest.param(
            lambda path: clips.make_cut_off(path, 0.5), "source_unreadable", "cut off", id="mp4-without-index"
        ),
        pytest.param(
            lambda path: clips.make_damaged(path, range(20)), "source_unreadable", "not one picture", id="all-damaged"
        ),
        pytest.param(os.mkfifo, "source_unreadable", "not a regular file", id="pipe"),
    ],
)
def test_bad_inputs(tmp_path: Path, make: Callable[[Path], object], code: str, words: str) -> None:
    path = tmp_path / "in.mp4"
    make(path)
    with pytest.raises(SourceError, match=words) as caught:
        described(path)
    assert caught.value.code == code
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message


def test_a_text_file_is_no_film_of_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("cam1.mp4\ncam2.mp4\n" * 50)
    with pytest.raises(SourceError, match="text file"):
        described(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "in.mp4", 2)
    path.chmod(0)
    with pytest.raises(SourceError, match="permission"):
        described(path)


@pytest.mark.skipif(not DAMAGED.is_dir(), reason="the shared samples are not here")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("cut-off-h264.mp4", "source_unreadable"),
        ("empty.mp4", "source_empty"),
        ("not-a-video.mp4", "source_unreadable"),
    ],
)
def test_real_bad_inputs(name: str, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        described(DAMAGED / name)
    assert caught.value.code == code


def test_open_source_describes_the_file(tmp_path: Path) -> None:
    path = clips.make_clip(tmp_path / "in.mp4", 20, 25, size_px=(176, 120))
    assert described(path) == Source(CAMERA, str(path), (176, 120), 25.0, 20, 0.8)


def test_probe_sources_keeps_order_and_makes_names_unique(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "cam.mp4" for folder in ("b", "a")]
    for path in paths:
        path.parent.mkdir()
        clips.make_clip(path, 2)
    sources = probe_sources([str(path) for path in paths])
    assert [source.uri for source in sources] == [str(path) for path in paths]
    assert [source.camera_id for source in sources] == ["cam", "cam-2"]


@pytest.mark.parametrize("videos", [[], ["one.mp4"]], ids=["none", "one"])
def test_too_few_videos(videos: list[str]) -> None:
    with pytest.raises(SourceError, match=f"got {len(videos)} video") as caught:
        probe_sources(videos)
    assert caught.value.code == "source_count"


@pytest.mark.parametrize("how", ["same-path", "relative-path", "symbolic-link", "hard-link"])
def test_the_same_file_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    path = clips.make_clip(tmp_path / "a.mp4", 2)
    link = tmp_path / "b.mp4"
    monkeypatch.chdir(tmp_path)
    if how == "symbolic-link":
        link.symlink_to(path)
    elif how == "hard-link":
        link.hardlink_to(path)
    second = {"same-path": str(path), "relative-path": "a.mp4"}.get(how, str(link))
    with pytest.raises(SourceError, match="same file") as caught:
        probe_sources([str(path), second])
    assert caught.value.code == "source_duplicate"


@pytest.mark.parametrize(
    ("uri", "taken", "name"),
    [
        pytest.param("/x/cam1.mp4", [], "cam1", id="stem"),
        pytest.param("cam1.mp4", ["cam1"], "cam1-2", id="taken"),
        pytest.param("cam1.mp4", ["CAM1"], "cam1-2", id="taken-where-case-does-not-count"),
        pytest.param("cam.mp4", ["cam", "cam-2"], "cam-3", id="taken-twice"),
        pytest.param("a b:c?.mp4", [], "a_b_c_", id="unsafe-letters"),
        pytest.param("Straße-é.mp4", [], "Straße-é", id="other-alphabets-stay"),
        pytest.param("/x/..mp4", [], "camera", id="nothing-left-of-it"),
        pytest.param(".cam.mp4", [], "cam", id="no-hidden-file"),
        pytest.param("x" * 300 + ".mp4", [], "x" * 48, id="long"),
        pytest.param("webcam:2", [], "webcam2", id="webcam"),
        pytest.param("rtsp://u:pw@10.0.0.7:554/a/b?password=pw", [], "10.0.0.7_a_b", id="url-without-credentials"),
    ],
)
def test_camera_name(uri: str, taken: list[str], name: str) -> None:
    assert camera_name(default_name(parse_address(uri)), taken) == name
