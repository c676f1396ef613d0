"""A replay writes byte for byte what the recorded job wrote, whatever its settings and however it ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import main
from recording import Recording
from scenes import RenderedScene
from tests.e2e.conftest import FLAGS
from tests.e2e.test_interruption import interrupt_when, tracking


def replay(recording: Path, results: Path, *more: str) -> Path:
    words = ["replay", "--detections", str(recording), "--results", str(results), "--quiet", *more]
    assert main.main(words) == 0
    return results


def records(results: Path) -> dict[str, bytes]:
    """Every file but the pictures, the report and what names the pictures."""
    return {
        str(path.relative_to(results)): path.read_bytes()
        for path in sorted(results.rglob("*"))
        if path.suffix in {".txt", ".jsonl"}
    }


def people(results: Path) -> list[dict[str, Any]]:
    """The people without their pictures."""
    document = json.loads((results / "identities.json").read_text(encoding="utf-8"))
    return [person | {"crops": [], "sheet": None} for person in document["people"]]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], id="defaults"),
        pytest.param(["--stride", "2"], id="stride"),
        pytest.param(["--conf", "0.3", "--iou-thresh", "0.2", "--cos-thresh", "0.7"], id="thresholds"),
        pytest.param(["--max-seconds", "2"], id="ended-early"),
    ],
)
def test_a_replay_is_the_job_again(scene: RenderedScene, tmp_path: Path, options: list[str]) -> None:
    recording, live = tmp_path / "a.rec", tmp_path / "live"
    words = ["track", *map(str, scene.videos), "--results", str(live), "--record", str(recording), "--quiet"]
    assert main.main([*words, *FLAGS, *options]) == 0
    again = replay(recording, tmp_path / "again")
    assert records(again) == records(live)
    assert len(records(again)) == 6
    assert people(again) == people(live) != []


def test_another_threshold_in_a_replay_is_a_job_with_it(scene: RenderedScene, tmp_path: Path) -> None:
    results = []
    for name, options in (("loose", []), ("strict", ["--cos-thresh", "1"])):
        words = ["track", *map(str, scene.videos), "--results", str(tmp_path / name), "--quiet", *FLAGS, *options]
        assert main.main([*words, "--record", str(tmp_path / f"{name}.rec")]) == 0
        results.append(records(tmp_path / name))
    assert results[0] != results[1]
    assert records(replay(tmp_path / "loose.rec", tmp_path / "again", "--cos-thresh", "1")) == results[1]


def test_an_interrupted_job_can_be_replayed(long_videos: list[str], tmp_path: Path) -> None:
    recording = tmp_path / "a.rec"
    with tracking(long_videos, tmp_path, "--record", str(recording)) as process:
        told = interrupt_when(process, "rounds")
    assert process.returncode == 130, told
    rounds = json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))["rounds"]
    whole = Recording(recording)
    assert len(list(whole)) == rounds > 0
    assert whole.shortfall is None
    assert records(replay(recording, tmp_path / "again")) == records(tmp_path / "results")
