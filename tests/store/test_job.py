"""A job with a store: what it saw is in it afterwards, and the next one knows the people again."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from config import TrackingConfig, build_config
from entities import Detections, FloatArray
from models import Models
from pipeline import Pipeline
from store.store import Store
from tests.builders import box, detections, look
from tests.clips import make_clip

FRAMES = 30


class Detector:
    """Sees one person walk through the pictures of every camera but `empty`."""

    name = "fake"
    at_once = 1

    def __init__(self) -> None:
        self._steps = count()

    def detect(self, camera_ids: Sequence[str], images_bgr: Sequence[object]) -> list[Detections]:
        walker = [box(30.0 + 2.0 * next(self._steps), 90.0, 80.0)]
        return [detections([] if camera == "empty" else walker) for camera in camera_ids]


class Embedder:
    """Gives everybody the look of one person.

    Args:
        person: Whose look, see `tests.builders.look`.
    """

    name = "fake"
    dimension = 32
    mean_person = np.zeros(32, np.float32)

    def __init__(self, person: int) -> None:
        self._look = look(person)

    def embed(self, images_bgr: Sequence[object], boxes_xyxy: Sequence[FloatArray]) -> list[FloatArray]:
        return [np.tile(self._look, (len(boxes), 1)) for boxes in boxes_xyxy]


def track(folder: Path, store: str, job_id: str, person: int, camera: str = "cam1", **settings: object) -> Pipeline:
    """Run a job one of whose cameras sees one person."""
    videos = [folder / f"{name}.mp4" for name in (camera, "empty")]
    for video in videos:
        if not video.exists():
            make_clip(video, FRAMES)
    values = {
        "videos": [str(video) for video in videos],
        "output": {"window": False},
        "store": {"url": store, **settings},
    }

    def load(_: TrackingConfig) -> Models:
        return Models(Detector(), Embedder(person))

    pipeline = Pipeline(build_config(values), name=f"job-{job_id}", check=lambda _: None, load=load)
    pipeline.run()
    return pipeline


@pytest.fixture
def where(tmp_path: Path) -> str:
    return str(tmp_path / "store.db")


def seen(where: str) -> dict[int, list[str]]:
    """Everybody with the jobs that saw them."""
    store = Store.open(where)
    found = {
        each.id: sorted({row.job_id for row in store.sightings(person=each.id).items}) for each in store.people().items
    }
    store.close()
    return found


def test_a_person_seen_yesterday_is_known_today(tmp_path: Path, where: str) -> None:
    track(tmp_path, where, "monday", person=1)
    track(tmp_path, where, "tuesday", person=2)
    track(tmp_path, where, "wednesday", person=1, camera="cam2")
    assert seen(where) == {1: ["monday", "wednesday"], 2: ["tuesday"]}


def test_without_looks_on_disk_nobody_is_known_and_no_number_comes_twice(tmp_path: Path, where: str) -> None:
    track(tmp_path, where, "monday", person=1, embeddings=False)
    track(tmp_path, where, "tuesday", person=1, embeddings=False)
    assert seen(where) == {1: ["monday"], 2: ["tuesday"]}


def test_without_pictures_there_are_none(tmp_path: Path, where: str) -> None:
    track(tmp_path, where, "monday", person=1, crops=False)
    assert not list(tmp_path.rglob("*.jpg"))
