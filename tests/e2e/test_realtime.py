"""Files read like cameras: endless, at their own rate, and whole when they are ended."""

from __future__ import annotations

import json
from pathlib import Path

import av
import pytest

import main
from scenes import RenderedScene
from tests.e2e.conftest import FLAGS


def test_looped_files_run_until_the_time_is_over(scene: RenderedScene, tmp_path: Path) -> None:
    video, results = tmp_path / "out.mp4", tmp_path / "results"
    words = ["track", *map(str, scene.videos), "--output", str(video), "--results", str(results), "--quiet", *FLAGS]
    assert main.main([*words, "--realtime", "--loop", "--max-seconds", "8"]) == 0
    report = json.loads((results / "run.json").read_text(encoding="utf-8"))
    assert report["outcome"] == "done"
    assert 7.5 <= report["tracking_s"] <= 15.0, "at their own rate, which is not the machine's"
    for camera in report["cameras"]:
        progress = camera["progress"]
        assert (camera["frames_total"], camera["duration_s"], progress["state"]) == (None, None, "ended")
        assert progress["frames_read"] > 40, "beyond the end of a lap of 40 frames"
    with av.open(str(video)) as container:
        assert sum(1 for _ in container.decode(video=0)) == pytest.approx(80, abs=3)
    rows = [json.loads(line) for line in (results / "tracks.jsonl").read_text(encoding="utf-8").splitlines()]
    assert max(row["time_s"] for row in rows) > 7.0
    assert max(row["frame"] for row in rows) > 40
