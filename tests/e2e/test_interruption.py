"""Ctrl-C in every phase: the video so far plays, the records so far are valid, the exit code says so."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from tests.e2e.conftest import FLAGS

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 60.0


@contextmanager
def tracking(videos: list[str], folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """`python main.py track` in a process of its own, printing plain lines of progress."""
    command = [sys.executable, "-u", str(ROOT / "main.py"), "track", *videos, "--output", str(folder / "out.mp4")]
    command += ["--results", str(folder / "results"), *FLAGS, *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def interrupt_when(process: subprocess.Popen[str], said: str) -> str:
    """Send Ctrl-C as soon as a line holds `said`; returns everything printed to stderr."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if said in line:
            process.send_signal(signal.SIGINT)
            break
    _, rest = process.communicate(timeout=WAIT_S)
    return "".join(lines) + rest


def test_while_tracking(long_videos: list[str], tmp_path: Path) -> None:
    with tracking(long_videos, tmp_path) as process:
        told = interrupt_when(process, "rounds")
    assert process.returncode == 130, told
    assert "Traceback" not in told
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) >= 1
    results = tmp_path / "results"
    report = json.loads((results / "run.json").read_text(encoding="utf-8"))
    assert report["outcome"] == "stopped"
    assert 0 < report["rounds"] < 300
    for line in (results / "tracks.jsonl").read_text(encoding="utf-8").splitlines():
        json.loads(line)
    json.loads((results / "identities.json").read_text(encoding="utf-8"))


def test_while_the_models_are_made(long_videos: list[str], tmp_path: Path) -> None:
    with tracking(long_videos, tmp_path) as process:
        told = interrupt_when(process, "NO NEURAL NETWORKS")
    assert process.returncode == 130, told
    assert "Traceback" not in told
    report = json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))
    assert report["outcome"] == "stopped"


def test_terminated_by_the_system(long_videos: list[str], tmp_path: Path) -> None:
    with tracking(long_videos, tmp_path) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "rounds" in line:
                break
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=WAIT_S)
    assert process.returncode == 128 + signal.SIGTERM
    assert (tmp_path / "results" / "identities.json").exists()
