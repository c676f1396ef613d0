"""The command line in this process, on a pipeline that does nothing until told."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from config import TrackingConfig
from console.options import option_values
from console.settings import job_config
from errors import ConfigError, SourceError, TrackingError
from main import main, with_command
from tests.fake_pipeline import FakePipeline

NOON = datetime(2026, 5, 4, 12, 0, 1)
PAIR = ("cam11.mp4", "cam44.mp4")


@pytest.fixture(autouse=True)
def somewhere_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs that are not told where to write make a folder where they are."""
    monkeypatch.chdir(tmp_path)


class Quick(FakePipeline):
    """Ends as soon as it runs, or fails."""

    last: TrackingConfig | None = None
    error: Exception | None = None

    def run(self) -> None:
        type(self).last = self.config
        if self.error is not None:
            raise self.error


def a_quick(error: Exception | None = None) -> type[Quick]:
    return type("ThisQuick", (Quick,), {"error": error})


def tracked(words: Sequence[str]) -> TrackingConfig:
    """The configuration that the words lead to."""
    quick = a_quick()
    assert main(words, quick) == 0
    assert quick.last is not None
    return quick.last


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([], ["--help"], id="nothing"),
        pytest.param(["--help"], ["--help"], id="help"),
        pytest.param(["-h"], ["-h"], id="short-help"),
        pytest.param(["track", "a"], ["track", "a"], id="a-command"),
        pytest.param(["--video1", "a"], ["track", "--video1", "a"], id="options-alone-track"),
    ],
)
def test_a_missing_command_is_filled_in(words: list[str], expected: list[str]) -> None:
    assert with_command(words) == expected


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["track", *PAIR, "--output", "o.avi"], id="track"),
        pytest.param(["--video1", PAIR[0], "--video2", PAIR[1], "--output", "o.avi"], id="original-spelling"),
        pytest.param(["track", "--video1", PAIR[0], "--video2", PAIR[1], "-o", "o.avi"], id="mixed"),
    ],
)
def test_all_spellings_name_the_same_videos_and_output(words: list[str]) -> None:
    config = tracked(words)
    assert (config.videos, config.output.video, config.output.results) == (PAIR, Path("o.avi"), None)


def test_every_option_of_track_reaches_its_setting() -> None:
    words = (
        "track a b c --output o.mp4 --results r --record d.rec --overwrite --conf 0.3 --iou-thresh 0.4 "
        "--cos-thresh 0.8 --detector motion --embedder colour --device cpu --runtime torch --precision bf16 "
        "--offline --stride 2 --max-seconds 1.5 --no-window --quiet"
    )
    config = tracked(words.split())
    assert config.videos == ("a", "b", "c")
    assert (config.output.video, config.output.results) == (Path("o.mp4"), Path("r"))
    assert (config.output.record, config.output.overwrite, config.output.window) == (Path("d.rec"), True, False)
    assert (config.detection.conf, config.camera.iou_thresh, config.identity.cos_thresh) == (0.3, 0.4, 0.8)
    assert (config.detection.model, config.reid.model) == ("motion", "colour")
    assert (config.runtime.device, config.runtime.runtime, config.runtime.offline) == ("cpu", "torch", True)
    assert config.runtime.precision == "bf16"
    assert (config.stride, config.max_seconds) == (2, 1.5)


def test_cameras_of_a_file_stand_in_place_of_videos(tmp_path: Path) -> None:
    file = tmp_path / "cameras.toml"
    file.write_text(
        "".join(f'[[camera]]\nid = "{name}"\nsource = "webcam:{name[-1]}"\n' for name in ("a1", "b2", "c3"))
    )
    config = tracked(["track", "--cameras", str(file), "--only", "c3, a1", "--realtime", "--loop", "-o", "o.avi"])
    assert [camera.source for camera in config.inputs] == ["webcam:1", "webcam:3"]
    assert (config.live.realtime, config.live.loop) == (True, True)


def test_videos_of_the_command_line_win_over_cameras_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text('[[cameras]]\nsource = "webcam:0"\n')
    assert [camera.source for camera in job_config({}, file, {}, NOON).inputs] == ["webcam:0"]
    assert [camera.source for camera in job_config({"videos": list(PAIR)}, file, {}, NOON).inputs] == list(PAIR)


def test_options_that_are_not_given_set_nothing() -> None:
    nothing = dict.fromkeys(["output", "conf", "offline", "no_window", "videos", "video1", "video2"])
    assert option_values(nothing) == {}


def test_an_option_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text("stride = 5\n[detection]\nconf = 0.2\nnms_iou = 0.6\n[identity]\nsimilarity = 0.5\n")
    environ = {"MCT_DETECTION__CONF": "0.3", "MCT_DETECTION__NMS_IOU": "0.5", "MCT_STRIDE": "", "PATH": "/bin"}
    config = job_config({"videos": list(PAIR), "detection": {"conf": 0.4}}, file, environ, NOON)
    assert config.detection.conf == 0.4
    assert config.detection.nms_iou == 0.5
    assert config.identity.similarity == 0.5
    assert config.stride == 5


def test_records_go_to_a_dated_folder_when_nothing_else_is_asked_for() -> None:
    config = job_config({"videos": list(PAIR)}, None, {}, NOON)
    assert (config.output.video, config.output.results) == (None, Path("results/20260504-120001"))


def test_videos_may_come_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text('videos = ["a.mp4", "b.mp4"]\n')
    assert job_config({}, file, {}, NOON).videos == ("a.mp4", "b.mp4")


@pytest.mark.parametrize(
    "environ",
    [
        pytest.param({"MCT_DETECTION__CONF": "2"}, id="out-of-bounds"),
        pytest.param({"MCT_DETECTION__CONF": "much"}, id="no-number"),
        pytest.param({"MCT_DETECTION__CONFIDENCE": "0.3"}, id="unknown-setting"),
        pytest.param({"MCT_DETECTOR__CONF": "0.3"}, id="unknown-section"),
    ],
)
def test_a_wrong_variable_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"(?i)conf"):
        job_config({"videos": list(PAIR)}, None, environ, NOON)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        pytest.param("track a b --conf 1.01", "'--conf': 1.01 is not from 0 to 1", id="above-1"),
        pytest.param("track a b --iou-thresh -0.01", "'--iou-thresh': -0.01 is not from 0 to 1", id="below-0"),
        pytest.param("track a b --cos-thresh much", "'--cos-thresh': 'much' is not a number", id="no-number"),
        pytest.param("track a b --conf nan", "'--conf': nan is not from 0 to 1", id="nan"),
        pytest.param("track a b --max-seconds 0", "'--max-seconds': 0 is not above 0", id="no-time"),
        pytest.param("track a b --max-seconds inf", "'--max-seconds': inf is not above 0", id="endless"),
        pytest.param("track a b --stride 0", "'--stride': 0 is not a whole number from 1 to 100", id="stride-0"),
        pytest.param("track a b --stride 1.5", "'--stride': 1.5 is not a whole number", id="stride-1.5"),
        pytest.param("track a b --device tpu", "'--device': 'tpu' is not one of 'auto', 'cpu', 'cuda'", id="device"),
        pytest.param("track a b --bogus", "--bogus", id="unknown-option"),
        pytest.param("tarck a b", "Did you mean 'track'?", id="unknown-command"),
        pytest.param("track", "no videos", id="no-videos"),
        pytest.param("--video1 a", "--video1 needs --video2", id="first-of-two"),
        pytest.param("--video2 a", "--video2 needs --video1", id="second-of-two"),
        pytest.param("track a b --video1 c --video2 d", "not both", id="videos-twice"),
        pytest.param("track a b --config nowhere.toml", "nowhere.toml", id="no-such-file"),
        pytest.param("serve --port 65536", "--port", id="port"),
        pytest.param("weights a", "CLIP goes with --int8", id="clip-for-nothing"),
        pytest.param("weights --int8", "no clips", id="int8-of-nothing"),
    ],
)
def test_wrong_usage_is_one_line_that_names_it(words: str, named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split(), a_quick()) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1
    assert named in shown.err


def test_wrong_usage_is_json_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", "a", "b", "--conf", "7", "--json"], a_quick()) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["code"] == "usage"
    assert shown.err == ""


@pytest.mark.parametrize("bound", ["0", "1", "0.5"])
def test_thresholds_at_their_bounds_are_taken(bound: str) -> None:
    assert tracked(["track", *PAIR, "--conf", bound, "-o", "o.mp4"]).detection.conf == float(bound)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(
            SourceError("a: no such file", code="source_missing"), "a: no such file [source_missing]", id="ours"
        ),
        pytest.param(ZeroDivisionError("oops"), "unexpected ZeroDivisionError: oops", id="a-fault-of-ours"),
    ],
)
def test_a_failed_job_is_one_line_and_exit_code_1(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["track", *PAIR, "--quiet"], a_quick(error)) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert line in shown.err
    assert "Traceback" not in shown.err


def test_a_failed_job_is_json_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    error = TrackingError("disk full", code="disk_full")
    assert main(["track", *PAIR, "--json", "-o", "o.mp4"], a_quick(error)) == 1
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert (told["status"], told["error"]) == ("failed", {"code": "disk_full", "message": "disk full"})
    assert shown.err == ""


def test_a_job_that_cannot_be_made_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    def make(config: TrackingConfig, name: str) -> FakePipeline:
        raise RuntimeError("no luck")

    assert main(["track", *PAIR], make) == 1
    assert capsys.readouterr().err.startswith("error: unexpected RuntimeError: no luck")


def test_scripts_get_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", *PAIR, "--json", "-o", "o.mp4", "-r", "r"], a_quick()) == 0
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert shown.err == ""
    assert told.pop("seconds") >= 0.0
    assert told.pop("rounds_per_s") >= 0.0
    assert [camera["camera"] for camera in told.pop("cameras")] == ["cam11", "cam44"]
    assert told == {
        "status": "done",
        "videos": list(PAIR),
        "output": "o.mp4",
        "results": "r",
        "rounds": 50,
        "media_time_s": 3.3,
        "people": 7,
        "notes": ["no display: running without a window"],
        "error": None,
    }


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", *PAIR, "--quiet"], a_quick()) == 0
    assert capsys.readouterr() == ("", "")


def test_people_get_notes_and_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["track", *PAIR, "-o", "o.mp4", "-r", "r"], a_quick()) == 0
    shown = capsys.readouterr()
    assert shown.err == "note: no display: running without a window\n"
    assert shown.out.startswith("done: 7 people in 50 rounds")
    for part in ("cam11", "50/100", "cam44", "cut off at 0:01", "o.mp4", "records r"):
        assert part in shown.out


class Interrupted(FakePipeline):
    """Presses Ctrl-C while it runs, as often as told."""

    def run(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        super().run()


def test_ctrl_c_ends_the_job_cleanly_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert main(["track", *PAIR, "-o", "o.mp4"], Interrupted) == 130
    shown = capsys.readouterr()
    assert "stopping: " in shown.err
    assert shown.out.startswith("stopped: ")
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_the_job_is_made_stops_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    class Early(FakePipeline):
        def __init__(self, config: TrackingConfig, name: str = "job") -> None:
            super().__init__(config, name)
            os.kill(os.getpid(), signal.SIGINT)

    assert main(["track", *PAIR, "--json"], Early) == 130
    assert json.loads(capsys.readouterr().out)["status"] == "stopped"


def test_ctrl_c_before_the_job_is_exit_code_130(capsys: pytest.CaptureFixture[str]) -> None:
    def make(config: TrackingConfig, name: str) -> FakePipeline:
        raise KeyboardInterrupt

    assert main(["track", *PAIR], make) == 130
