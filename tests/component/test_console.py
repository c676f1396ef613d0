"""What the commands show, on real files and a recorded terminal."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from config import TrackingConfig
from console.demo import run_demo, stand_ins
from console.evaluate import show_scores
from console.views import LiveView, PlainView, create_view, phase
from console.weights import prepare_weights
from errors import TrackingError, WeightsError
from job import JobSnapshot, JobState
from scenes import SceneSpec
from telemetry import Progress
from tests.fake_pipeline import HALF_WAY, FakePipeline
from weight_files import KnownWeights

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def a_job(progress: Progress = HALF_WAY, notes: tuple[str, ...] = (), *, stopped: bool = False) -> JobSnapshot:
    return JobSnapshot("3f2", TrackingConfig(), JobState.RUNNING, stopped, progress, notes, None, NOW, NOW, None)


def a_console(*, terminal: bool, width: int = 80) -> Console:
    return Console(file=StringIO(), force_terminal=terminal, width=width, color_system=None)


def shown(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("job", "word"),
    [
        pytest.param(a_job(Progress()), "starting", id="no-round-yet"),
        pytest.param(a_job(), "tracking", id="half-way"),
        pytest.param(a_job(replace(HALF_WAY, fraction=1.0)), "finishing", id="all-rounds-done"),
        pytest.param(a_job(stopped=True), "stopping", id="asked-to-stop"),
    ],
)
def test_phase(job: JobSnapshot, word: str) -> None:
    assert phase(job) == word


def test_the_view_suits_where_the_output_goes() -> None:
    assert isinstance(create_view(a_console(terminal=True), silent=False), LiveView)
    assert isinstance(create_view(a_console(terminal=False), silent=False), PlainView)
    console = a_console(terminal=True)
    with create_view(console, silent=True) as view:
        view.say("hello")
        view.update(a_job(notes=("hello",)))
    assert shown(console) == ""


def test_a_log_gets_notes_once_and_a_line_every_five_seconds() -> None:
    console = a_console(terminal=False)
    now_s = [100.0]
    with PlainView(console, lambda: now_s[0]) as view:
        for now_s[0] in (100.0, 104.9, 105.0, 109.9):
            view.update(a_job(notes=("no display",)))
        now_s[0] = 110.0
        view.update(a_job(Progress()))
    assert shown(console).splitlines() == [
        "note: no display",
        "tracking: 50%, 50 rounds · 12.5 rounds/s · 3 people · 7 ids · 0:04 left · cam44 failed",
        "starting: loading models",
    ]


def test_a_log_says_no_share_where_the_length_is_unknown() -> None:
    console = a_console(terminal=False)
    unknown = replace(HALF_WAY, rounds_total=None, eta_s=None, fraction=0.0, people_now=1, people_total=1)
    ticks = iter([0.0, 5.0, 5.0])
    with PlainView(console, lambda: next(ticks)) as view:
        view.update(a_job(unknown))
    assert shown(console) == "tracking: 50 rounds · 12.5 rounds/s · 1 person · 1 id · cam44 failed\n"


def test_the_bar_fits_a_terminal_of_80_columns_in_the_longest_job() -> None:
    console = a_console(terminal=True)
    busy = replace(HALF_WAY, fps=123.4, people_now=123, people_total=1234, eta_s=7261.0, fraction=0.999)
    with LiveView(console) as view:
        view.update(a_job(busy, notes=("no display",)))
        view.say("hello")
    text = shown(console)
    assert text.count("note: no display") == 1
    assert "hello" in text
    assert "123.4 rounds/s · 123 people · 1234 ids · 2:01:01 left" in text


def official(folder: Path, name: str = "official.pt") -> KnownWeights:
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02.")
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    return KnownWeights(name, "a test network", "http://127.0.0.1:9/nothing", "nowhere", sha256=digest)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MCT_WEIGHTS", str(tmp_path))
    return tmp_path


def test_weights_that_are_there_and_official_are_ok(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prepare_weights(fetch=False, known=[official(folder)]) == 0
    assert capsys.readouterr().out == f"ok       {folder / 'official.pt'}  a test network; SHA-256 as published\n"


def test_weights_of_ones_own_are_ok_and_said_to_be(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert prepare_weights(fetch=False, known=[replace(official(folder), sha256="0" * 64)]) == 0
    assert "your own: SHA-256 is not that of the published a test network" in capsys.readouterr().out


def test_damaged_and_absent_weights_are_told_with_the_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fine, damaged = official(folder), official(folder, "damaged.pt")
    (folder / "damaged.pt").write_bytes(b"")
    absent = replace(fine, name="absent.pt")
    assert prepare_weights(fetch=False, known=[absent, damaged, fine]) == 1
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["absent", "damaged", "ok"]


def test_weights_that_cannot_be_fetched_are_told_with_another_way(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prepare_weights(fetch=True, known=[replace(official(folder), name="absent.pt")]) == 1
    doing, absent, way_out = capsys.readouterr().out.splitlines()
    assert doing == "fetching absent.pt ..."
    assert absent.startswith("absent   absent.pt: ")
    assert "put them into weights/" in way_out


def test_weights_that_cannot_be_judged_are_damaged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No hash is published for them, and as a network they make no sense."""
    assert prepare_weights(fetch=False, known=[replace(official(folder, "osnet.pth"), sha256=None)]) == 1
    assert capsys.readouterr().out.startswith("damaged  ")


def test_the_demo_renders_tracks_and_replaces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made: list[TrackingConfig] = []

    class Quick(FakePipeline):
        def run(self) -> None:
            made.append(self.config)

    spec = SceneSpec(people=1, duration_s=0.4, fps=5.0, size_px=(160, 96))
    given = {"output": {"window": False}, "runtime": {"offline": True}}
    folder = tmp_path / "new" / "demo"
    assert run_demo(folder, given, Quick, spec=spec) == 0
    config = made[0]
    assert [Path(video).name for video in config.videos] == ["cam1.mp4", "cam2.mp4"]
    assert all(Path(video).stat().st_size for video in config.videos)
    assert (config.output.video, config.output.results) == (folder / "tracked.mp4", folder / "results")
    assert (config.output.overwrite, config.output.window, config.runtime.offline) == (True, False, True)
    told = capsys.readouterr()
    assert "tracked.mp4" in told.out
    assert "scene" in told.err


def test_a_demo_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TrackingError, match="--folder"):
        run_demo(tmp_path / "file", {}, FakePipeline, quiet=True, spec=SceneSpec(duration_s=0.2))


@pytest.mark.parametrize(
    ("absent", "models"),
    [
        pytest.param((), {}, id="all-there"),
        pytest.param(("yolov8n.pt",), {"detection": {"model": "motion"}}, id="no-detector"),
        pytest.param(("osnet_x0_25.pth.tar",), {"reid": {"model": "colour"}}, id="no-embedder"),
        pytest.param(
            ("yolov8n.pt", "osnet_x0_25.pth.tar"),
            {"detection": {"model": "motion"}, "reid": {"model": "colour"}},
            id="neither",
        ),
    ],
)
def test_the_demo_stands_in_for_what_is_absent(absent: tuple[str, ...], models: dict[str, object]) -> None:
    def obtain(name: str) -> None:
        if name in absent:
            raise WeightsError(f"{name} is nowhere")

    told: list[str] = []
    assert stand_ins(obtain, told.append) == models
    assert told == [f"{name} is nowhere" for name in absent]


@pytest.mark.parametrize("inside", [pytest.param("mot", id="records"), pytest.param(".", id="the-folder-itself")])
def test_scores_of_perfect_records(tmp_path: Path, inside: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{frame},1,10,10,20,50,1,1,1\n" for frame in range(1, 5))
    truth, results = tmp_path / "truth", tmp_path / "results"
    (results / inside).mkdir(parents=True)
    truth.mkdir()
    (truth / "cam1_gt.txt").write_text(rows)
    (results / inside / "cam1.txt").write_text(rows)
    assert show_scores(truth, results, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert {name: figures["IDF1"] for name, figures in told["corrected"].items()} == {"all": 100.0, "cam1": 100.0}
    assert told["online"] is told["time_to_id"] is told["floor"] is None
    assert show_scores(truth, results, as_json=False) == 0
    table = capsys.readouterr().out.splitlines()
    assert "IDF1" in table[0]
    assert [line.split()[:2] for line in table[1:]] == [["corrected", "all"], ["cam1", "100.0"]]
