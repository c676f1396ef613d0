"""A paused job does nothing until it is resumed or stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from config import TrackingConfig, build_config
from entities import Detections
from models import Models
from pipeline import Pipeline
from reid.colour import ColourEmbedder
from tests.builders import detections
from tests.clips import make_clip

WAIT_S = 10.0
PAUSE_AFTER = 3
ROUNDS = 8


class Detector:
    """Sees nobody; says when it was called for the last time before and the first time after the pause."""

    name = "fake"
    at_once = 1

    def __init__(self) -> None:
        self.calls = 0
        self.at_pause: threading.Event = threading.Event()
        self.after_pause: threading.Event = threading.Event()
        self.pipelines: list[Pipeline] = []

    def detect(self, camera_ids: Sequence[str], images_bgr: Sequence[object]) -> list[Detections]:
        self.calls += 1
        if self.calls == PAUSE_AFTER:
            self.pipelines[0].pause()
            self.at_pause.set()
        elif self.calls > PAUSE_AFTER:
            self.after_pause.set()
        return [detections() for _ in images_bgr]


@pytest.fixture
def detector() -> Detector:
    return Detector()


@pytest.fixture
def running(detector: Detector, tmp_path: Path) -> Iterator[Pipeline]:
    videos = [str(make_clip(tmp_path / f"cam{number}.mp4", ROUNDS)) for number in (1, 2)]
    config = build_config({"videos": videos, "output": {"window": False}})

    def load(_: TrackingConfig) -> Models:
        return Models(detector, ColourEmbedder())

    pipeline = Pipeline(config, name="job-p", check=lambda _: None, load=load)
    detector.pipelines.append(pipeline)
    thread = threading.Thread(target=pipeline.run, name="job-p/tracker")
    thread.start()
    assert detector.at_pause.wait(WAIT_S)
    yield pipeline
    pipeline.stop()
    thread.join(WAIT_S)
    assert not thread.is_alive()


def test_a_paused_job_looks_at_nothing_until_it_goes_on(running: Pipeline, detector: Detector) -> None:
    assert not detector.after_pause.wait(0.2)
    assert detector.calls == PAUSE_AFTER
    running.resume()
    assert detector.after_pause.wait(WAIT_S)


def test_a_paused_job_can_be_stopped(running: Pipeline, detector: Detector) -> None:
    running.stop()
    assert running.stopped
    assert not detector.after_pause.wait(0.2)
