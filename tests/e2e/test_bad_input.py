"""One table of everything that can be wrong with what a user gives, for the command line and for the API."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import main
from app import create_app
from config import merged, read_toml
from scenes import RenderedScene
from tests.api.client import Client, running
from tests.clips import make_audio_only, make_clip, make_cut_off, make_damaged, make_noise
from tests.e2e.conftest import FLAGS, WEIGHTS_FREE
from web.settings import ServerSettings

DEADLINE_S = 60.0
ANYWHERE = ServerSettings(inputs=(Path("/"),), outputs=(Path("/"),), starts_per_minute=100)
"""What lies where is another test's concern."""


@dataclass
class Request:
    """What a user asks for; written as options for the command line and as JSON for the API."""

    videos: list[str]
    output: str
    results: str
    options: dict[str, Any] = field(default_factory=dict)
    flags: list[str] = field(default_factory=lambda: list(FLAGS))

    def words(self) -> list[str]:
        given = ["track", *self.videos, "--output", self.output, "--results", self.results, "--json", *self.flags]
        for name, value in self.options.items():
            flag = f"--{name.replace('_', '-')}"
            given += [flag] if value is True else [flag, str(value)]
        return given

    def body(self) -> dict[str, Any]:
        return {"videos": self.videos, "output": self.output, "results": self.results, **self.options}


Spoil = Callable[[Request, Path], None]


def first_video(make: Callable[[Path], object], name: str = "bad.mp4") -> Spoil:
    """The first video is what `make` makes."""

    def spoil(request: Request, folder: Path) -> None:
        make(folder / name)
        request.videos[0] = str(folder / name)

    return spoil


def option(**options: Any) -> Spoil:
    return lambda request, _: request.options.update(options)


def output(name: str, make: Callable[[Path], object] = lambda path: None) -> Spoil:
    def spoil(request: Request, folder: Path) -> None:
        make(folder / name)
        request.output = str(folder / name)

    return spoil


def same_file_twice(request: Request, folder: Path) -> None:
    request.videos[1] = request.videos[0]


def same_file_by_a_link(request: Request, folder: Path) -> None:
    (folder / "link.mp4").symlink_to(request.videos[0])
    request.videos[1] = str(folder / "link.mp4")


def output_equals_an_input(request: Request, folder: Path) -> None:
    copy = folder / "own.mp4"
    copy.write_bytes(Path(request.videos[0]).read_bytes())
    request.videos[0] = request.output = str(copy)
    request.options["overwrite"] = True


def results_hold_something(request: Request, folder: Path) -> None:
    Path(request.results).mkdir()
    (Path(request.results) / "mine.txt").write_text("mine", encoding="utf-8")


REFUSED = [
    pytest.param(first_video(lambda path: None), "source_missing", 422, id="missing-file"),
    pytest.param(first_video(Path.mkdir), "source_is_directory", 422, id="directory"),
    pytest.param(first_video(Path.touch), "source_empty", 422, id="empty-file"),
    pytest.param(first_video(make_noise), "source_unreadable", 422, id="random-bytes"),
    pytest.param(first_video(make_audio_only), "source_no_video", 422, id="audio-only"),
    pytest.param(same_file_twice, "source_duplicate", 422, id="same-file-twice"),
    pytest.param(same_file_by_a_link, "source_duplicate", 422, id="same-file-by-a-link"),
    pytest.param(output_equals_an_input, "output_is_input", 422, id="output-equals-an-input"),
    pytest.param(output("out.mp4", Path.touch), "output_exists", 409, id="output-exists"),
    pytest.param(results_hold_something, "output_exists", 409, id="results-exist"),
    pytest.param(output("no/such/out.mp4"), "output_no_folder", 422, id="output-folder-missing"),
    pytest.param(output("out.mkv"), "output_extension", 422, id="unknown-extension"),
    pytest.param(output("out"), "output_extension", 422, id="no-extension"),
    pytest.param(output("/proc/out.mp4"), "output_unwritable", 422, id="output-folder-unwritable"),
]
OUT_OF_BOUNDS = [
    pytest.param(option(conf=1.01), "conf", id="conf-above-one"),
    pytest.param(option(conf=-0.01), "conf", id="conf-below-zero"),
    pytest.param(option(iou_thresh=2), "iou", id="iou-above-one"),
    pytest.param(option(cos_thresh=-1), "cos", id="cos-below-zero"),
    pytest.param(option(cos_thresh="high"), "cos", id="not-a-number"),
    pytest.param(option(conf="nan"), "conf", id="nan"),
    pytest.param(option(stride=0), "stride", id="stride-zero"),
    pytest.param(option(max_seconds=0), "max", id="no-seconds"),
    pytest.param(option(device="tpu"), "device", id="unknown-device"),
    pytest.param(option(colour="red"), "colour", id="unknown-field"),
]
SURVIVED = [
    pytest.param(
        first_video(lambda path: make_cut_off(path, 0.6, frames=40, codec="mpeg4"), "cut.avi"), "cut off", id="cut-off"
    ),
    pytest.param(
        first_video(lambda path: make_damaged(path, [5, 6], frames=40, codec="mpeg4"), "hurt.avi"), "", id="damaged"
    ),
    pytest.param(first_video(lambda path: make_clip(path, 40, 10.0)), "", id="nobody-in-it"),
]


@pytest.fixture
def request_(scene: RenderedScene, tmp_path: Path) -> Request:
    """A request that would succeed."""
    return Request([str(video) for video in scene.videos], str(tmp_path / "new.mp4"), str(tmp_path / "results"))


def api() -> Any:
    return running(create_app(defaults=WEIGHTS_FREE, settings=ANYWHERE))


def wait_for_end(client: Client, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        status: dict[str, Any] = client.get(f"/status?job_id={job_id}").json()
        if status["status"] not in {"queued", "processing"}:
            return status
    raise AssertionError("the job did not end in time")


@pytest.mark.parametrize(("spoil", "code", "status"), REFUSED)
def test_the_command_line_refuses(
    spoil: Spoil, code: str, status: int, request_: Request, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(request_, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert main.main(request_.words()) == 1
    told = json.loads(capsys.readouterr().out)["error"]
    assert told["code"] == code
    assert "\n" not in told["message"]
    assert sorted(tmp_path.rglob("*")) == before, "something was written although nothing could be done"


@pytest.mark.parametrize(("spoil", "code", "status"), REFUSED)
def test_the_api_refuses_at_once(spoil: Spoil, code: str, status: int, request_: Request, tmp_path: Path) -> None:
    spoil(request_, tmp_path)
    with api() as client:
        reply = client.post("/start_tracking", json=request_.body())
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
        assert client.get("/status").json()["status"] == "not started"


@pytest.mark.parametrize(("spoil", "names"), OUT_OF_BOUNDS)
def test_the_command_line_names_the_bad_option(
    spoil: Spoil, names: str, request_: Request, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(request_, tmp_path)
    assert main.main(request_.words()) == 2
    assert names in json.loads(capsys.readouterr().out)["error"]["message"]
    assert not Path(request_.results).exists()


@pytest.mark.parametrize(("spoil", "names"), OUT_OF_BOUNDS)
def test_the_api_names_the_bad_field(spoil: Spoil, names: str, request_: Request, tmp_path: Path) -> None:
    spoil(request_, tmp_path)
    with api() as client:
        reply = client.post("/start_tracking", json=request_.body())
    assert reply.status_code == 422
    assert names in reply.json()["error"]["message"]


@pytest.mark.parametrize(("spoil", "note"), SURVIVED)
def test_the_rest_of_a_bad_video_is_tracked(
    spoil: Spoil, note: str, request_: Request, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(request_, tmp_path)
    assert main.main(request_.words()) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "done"
    assert note in " ".join(told["notes"])
    assert (Path(request_.results) / "identities.json").exists()


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b'{"videos": [', 400, "json_malformed", id="cut-off"),
        pytest.param(b"\xff\xfe\x00", 400, "json_malformed", id="not-utf-8"),
        pytest.param(b"[1, 2]", 422, "request_invalid", id="not-an-object"),
        pytest.param(b"{}", 422, "request_invalid", id="nothing-said"),
        pytest.param(b"", 422, "request_invalid", id="no-body"),
    ],
)
def test_the_api_explains_a_malformed_body(content: bytes, status: int, code: str) -> None:
    with api() as client:
        reply = client.post("/start_tracking", content=content, headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/status?job_id=nosuch", "/jobs/nosuch"])
def test_an_unknown_job_is_said_to_be_unknown(path: str) -> None:
    with api() as client:
        assert client.get(path).json()["error"]["code"] == "job_unknown"
        assert client.get(path).status_code == 404
        assert client.post("/jobs/nosuch/stop").status_code == 404


def test_a_second_start_waits_and_stopping_is_harmless_at_any_time(request_: Request, tmp_path: Path) -> None:
    with running(create_app(defaults=WEIGHTS_FREE, settings=replace(ANYWHERE, max_running=1, max_queued=1))) as client:
        ids = []
        for number in range(2):
            request_.output, request_.results = str(tmp_path / f"{number}.mp4"), str(tmp_path / f"r{number}")
            ids.append(client.post("/start_tracking", json=request_.body()).json()["job_id"])
        assert client.get(f"/status?job_id={ids[1]}").json()["status"] == "queued"
        request_.output = str(tmp_path / "2.mp4")
        refused = client.post("/start_tracking", json=request_.body() | {"results": str(tmp_path / "r2")})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "queue_full")
        for _ in range(2):
            assert client.post(f"/jobs/{ids[1]}/stop").json()["status"] == "stopped"
        client.post(f"/jobs/{ids[0]}/stop")
        assert wait_for_end(client, ids[0])["status"] in {"stopped", "done"}
        assert client.post(f"/jobs/{ids[0]}/stop").status_code == 200


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(request_: Request, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    request_.output = str(locked / "out.mp4")
    assert main.main(request_.words()) == 1


def truncated(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04" + bytes(200))


def of_another_network(path: Path) -> None:
    import torch

    torch.save({"state_dict": {"fc.weight": torch.zeros(2, 2)}}, path)


MODELS = [
    pytest.param({"reid": {"model": "osnet", "weights": "nowhere.pth.tar"}}, None, "weights_missing", id="missing"),
    pytest.param({"reid": {"model": "osnet", "weights": "bad.pth"}}, truncated, "weights_corrupt", id="truncated"),
    pytest.param({"detection": {"model": "yolov8", "weights": "bad.pt"}}, Path.touch, "weights_corrupt", id="empty"),
    pytest.param(
        {"reid": {"model": "osnet", "weights": "bad.pth"}},
        of_another_network,
        "weights_wrong_architecture",
        marks=pytest.mark.model,
        id="other-network",
    ),
    pytest.param(
        {"detection": {"model": "yolov8", "weights": "yolov8n.pt"}}, make_noise, "weights_corrupt", id="random-bytes"
    ),
    pytest.param(
        {"detection": {"model": "yolov8", "weights": "yolov8n.pt"}, "runtime": {"device": "cuda"}},
        make_noise,
        "device_unavailable",
        id="cuda-without-cuda",
    ),
]


def settings_file(settings: dict[str, Any], make: Callable[[Path], object] | None, folder: Path) -> Path:
    """The settings as TOML, with the bad weights beside it where they have any."""
    lines = []
    for section, values in settings.items():
        lines.append(f"[{section}]")
        for name, value in values.items():
            known = name == "weights" and make is not None
            if known and make is not None:
                make(folder / value)
            lines.append(f'{name} = "{folder / value if known else value}"')
    path = folder / "settings.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(("settings", "make", "code"), MODELS)
def test_bad_models_fail_the_command_line(
    settings: dict[str, Any],
    make: Callable[[Path], object] | None,
    code: str,
    request_: Request,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = settings_file(settings, make, tmp_path)
    for section, flag in (("detection", "--detector"), ("reid", "--embedder")):
        if section in settings:
            place = FLAGS.index(flag)
            request_.flags = [*request_.flags[:place], flag, settings[section]["model"], *request_.flags[place + 2 :]]
    assert main.main([*request_.words(), "--offline", "--config", str(file)]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == code
    assert not Path(request_.output).exists()


@pytest.mark.parametrize(("settings", "make", "code"), MODELS)
def test_bad_models_fail_the_job_of_the_api(
    settings: dict[str, Any],
    make: Callable[[Path], object] | None,
    code: str,
    request_: Request,
    tmp_path: Path,
) -> None:
    given = read_toml(settings_file(settings, make, tmp_path))
    defaults = merged(merged(WEIGHTS_FREE, {"runtime": {"offline": True}}), given)
    with running(create_app(defaults=defaults, settings=ANYWHERE)) as client:
        reply = client.post("/start_tracking", json=request_.body())
        error = (
            reply.json()["error"] if "error" in reply.json() else wait_for_end(client, reply.json()["job_id"])["error"]
        )
    assert error["code"] == code


@pytest.mark.parametrize(
    "words", [["--calibration", "floor.json"], ["--cameras", "cameras.toml"]], ids=["floor", "cameras"]
)
def test_a_file_of_settings_that_is_wrong_is_a_wrong_setting(
    scene: RenderedScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / words[1]).write_text("not what it should be", encoding="utf-8")
    videos = [] if "--cameras" in words else list(map(str, scene.videos))
    assert main.main(["track", *videos, "--results", "r", "--quiet", *words, *FLAGS]) == 2
