"""A live job whose camera never comes, or hangs: it says so, time goes on, and what it wrote is whole when stopped."""

from __future__ import annotations

import json
import socket
import threading
import time
from pathlib import Path

import av
import pytest

from config import build_config
from detection.motion import MotionDetector
from errors import SourceError
from models import Models
from pipeline import Pipeline
from reid.colour import ColourEmbedder
from telemetry import CameraState

WAIT_S = 20.0
NOWHERE = "rtsp://joe:s3cret@127.0.0.1:1/stream"


def job(folder: Path, *, wait_at_start: bool, camera: str = NOWHERE) -> Pipeline:
    output = {"video": str(folder / "out.mp4"), "results": str(folder / "results"), "window": False}
    live = {"wait_at_start": wait_at_start, "retry_s": 0.05, "retry_max_s": 0.1, "open_timeout_s": WAIT_S}
    config = build_config({"videos": [camera], "live": live, "output": output})
    return Pipeline(config, check=lambda _: None, load=lambda _: Models(MotionDetector(), ColourEmbedder()))


def wait_for_rounds(pipeline: Pipeline) -> None:
    """Until time has gone on in it."""
    deadline_s, waiting = time.monotonic() + WAIT_S, threading.Event()
    while pipeline.progress.rounds_done < 2:
        assert time.monotonic() < deadline_s
        waiting.wait(0.05)


def test_a_job_without_any_camera_waits_and_is_stopped_well(tmp_path: Path) -> None:
    pipeline = job(tmp_path, wait_at_start=True)
    thread = threading.Thread(target=pipeline.run, name="job/tracker")
    thread.start()
    wait_for_rounds(pipeline)
    (camera,) = pipeline.progress.cameras
    pipeline.stop()
    thread.join(WAIT_S)
    assert not thread.is_alive()
    assert camera.state is CameraState.CONNECTING
    assert "refuses connections" in (camera.error or "")
    assert pipeline.progress.media_time_s >= 1.0, "time goes on without pictures"
    report = json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))
    assert (report["outcome"], report["error"]) == ("stopped", None)
    with av.open(str(tmp_path / "out.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) >= 10, "it shows that it waits"
    assert not any(b"s3cret" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert "s3cret" not in f"{camera} {pipeline.notes}"


def test_a_camera_that_hangs_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))  # refuses connections until it listens
        server.settimeout(WAIT_S)
        pipeline = job(tmp_path, wait_at_start=True, camera=f"rtsp://127.0.0.1:{server.getsockname()[1]}/stream")
        thread = threading.Thread(target=pipeline.run, name="job/tracker")
        thread.start()
        wait_for_rounds(pipeline)
        server.listen()
        hanging, _ = server.accept()
        start_s = time.monotonic()
        pipeline.stop()
        thread.join(WAIT_S)
        took_s = time.monotonic() - start_s
        assert not thread.is_alive()
    assert took_s < WAIT_S / 4, "the reader would wait for its timeout"
    assert json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))["outcome"] == "stopped"
    hanging.close()
    for reader in (each for each in threading.enumerate() if "/reader-" in each.name):
        reader.join(WAIT_S)
        assert not reader.is_alive()


def test_not_one_camera_is_an_error_at_once_unless_waiting_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="refuses connections") as caught:
        job(tmp_path, wait_at_start=False).check()
    assert caught.value.code == "source_refused"
    assert "s3cret" not in caught.value.message
