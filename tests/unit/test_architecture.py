"""The product keeps the rules of docs/architecture.md, and each rule finds what it forbids."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.source_rules import (
    CORE,
    LIMITS,
    MOST_LINES,
    NETWORKS,
    RANK,
    ROOT,
    Module,
    impurities,
    loaded_at_start,
    locks,
    misplaced_libraries,
    prints,
    read_product,
    read_tests,
    relative_imports,
    shadows,
    sleeps,
    unplaced,
    wrong_ways,
)

PRODUCT = read_product()
MODULES = list(PRODUCT.values())


@pytest.mark.parametrize(
    "rule",
    [
        unplaced,
        shadows,
        relative_imports,
        wrong_ways,
        misplaced_libraries,
        impurities,
        prints,
        locks,
        sleeps,
    ],
)
def test_the_product_keeps_the_rule(rule: Callable[[list[Module]], set[str]]) -> None:
    assert rule(MODULES) == set(), f"see docs/architecture.md: {rule.__doc__}"


def test_every_place_is_taken() -> None:
    assert RANK.keys() - {module.unit for module in MODULES} == set()


@pytest.mark.parametrize("start", sorted(RANK))
def test_no_network_library_is_loaded_at_start(start: str) -> None:
    assert loaded_at_start(start, PRODUCT) & NETWORKS == set()


def test_a_job_without_a_store_loads_no_database() -> None:
    program = "import sys, main, pipeline; sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=120)


@pytest.mark.parametrize("name", sorted(PRODUCT))
def test_modules_are_short(name: str) -> None:
    assert len(PRODUCT[name].source.splitlines()) <= LIMITS.get(name, MOST_LINES)


def test_the_listing_names_every_flat_module() -> None:
    assert LIMITS.keys() == {path.stem for path in ROOT.glob("*.py")}


def test_the_core_is_named_as_it_is() -> None:
    assert {"entities", "association", "identity_gallery"} <= CORE <= RANK.keys()


def test_no_test_sleeps() -> None:
    assert sleeps(read_tests()) == set()


@pytest.mark.parametrize(
    ("unit", "source", "found"),
    [
        pytest.param("track", "import pipeline", True, id="up"),
        pytest.param("frame_reader", "from sinks import Sink", True, id="sideways"),
        pytest.param("frame_reader", "def f():\n    import sinks.video", True, id="sideways-in-a-function"),
        pytest.param("pipeline", "from track import Track", False, id="down"),
        pytest.param("sinks.video", "from sinks import Sink", False, id="inside-a-folder"),
        pytest.param("track", "import numpy", False, id="not-ours"),
    ],
)
def test_wrong_ways(unit: str, source: str, *, found: bool) -> None:
    assert bool(wrong_ways([Module(unit, source)])) is found


@pytest.mark.parametrize(
    ("unit", "source"),
    [
        pytest.param("track", "import time", id="clock"),
        pytest.param("association.iou", "import cv2", id="pictures"),
        pytest.param("atoms", "import threading", id="threads"),
        pytest.param("identity_gallery", "from numpy.random import default_rng", id="randomness-imported"),
        pytest.param("identity_gallery", "import numpy as np\nnp.random.default_rng()", id="randomness-called"),
        pytest.param("camera_tracker", "open('x')", id="files"),
    ],
)
def test_impurities(unit: str, source: str) -> None:
    assert impurities([Module(unit, source)])
    assert not impurities([Module("pipeline", source)]), "only the core is held to it"


@pytest.mark.parametrize(
    ("unit", "source", "found"),
    [
        pytest.param("pipeline", "def f():\n    import torch", True, id="torch-in-the-pipeline"),
        pytest.param("jobs", "from fastapi import FastAPI", True, id="http-in-jobs"),
        pytest.param("app", "from rich.console import Console", True, id="rich-in-the-api"),
        pytest.param("detection.yolov8", "import torch", False, id="torch-in-detection"),
        pytest.param("pipeline", "import logging", False, id="free-for-all"),
    ],
)
def test_misplaced_libraries(unit: str, source: str, *, found: bool) -> None:
    assert bool(misplaced_libraries([Module(unit, source)])) is found


@pytest.mark.parametrize(
    ("package", "found"),
    [
        pytest.param("import detection.yolov8", True, id="through-another-module"),
        pytest.param("from detection import yolov8", True, id="as-a-name"),
        pytest.param("def make():\n    import detection.yolov8", False, id="in-a-function"),
    ],
)
def test_loaded_at_start(package: str, *, found: bool) -> None:
    modules = {
        "models": Module("models", "import detection"),
        "detection": Module("detection", package),
        "detection.yolov8": Module("detection.yolov8", "from torch import nn"),
    }
    assert bool(loaded_at_start("models", modules) & NETWORKS) is found


@pytest.mark.parametrize(
    ("rule", "name", "source", "found"),
    [
        pytest.param(prints, "pipeline", "print(1)", {"pipeline:1 print"}, id="print"),
        pytest.param(prints, "main", "print(1)", set(), id="print-in-main"),
        pytest.param(locks, "pipeline", "threading.Lock()", {"pipeline:1 threading.Lock"}, id="lock"),
        pytest.param(locks, "pipeline", "threading.Event()", set(), id="an-event-is-no-lock"),
        pytest.param(locks, "buffers", "threading.Condition()", set(), id="lock-in-buffers"),
        pytest.param(sleeps, "pipeline", "\ntime.sleep(1)", {"pipeline:2 time.sleep"}, id="sleep"),
        pytest.param(relative_imports, "jobs", "from .job import Job", {"jobs:1 relative"}, id="relative"),
        pytest.param(shadows, "queue", "", {"queue"}, id="shadow"),
        pytest.param(unplaced, "utils.strings", "", {"utils"}, id="unplaced"),
    ],
)
def test_the_other_rules(rule: Callable[[list[Module]], set[str]], name: str, source: str, found: set[str]) -> None:
    assert rule([Module(name, source)]) == found
