"""Accuracy is a ratchet: what the built-in scenes score may rise, not fall (`python benchmarks/quality.py --write`)."""

from __future__ import annotations

from pathlib import Path

import pytest

import weight_files
from config import TrackingConfig
from tests.quality import TOLERANCE, TRIALS, Figures, falls, figures_of, measure, raised, read_kept

KEPT: Figures = {"corrected IDF1": 80.0, "online IDF1": 70.0}
PLAIN = [name for name, trial in TRIALS.items() if not trial.networks]
NETWORKS = [name for name, trial in TRIALS.items() if trial.networks]


@pytest.mark.parametrize("name", PLAIN)
def test_accuracy_without_weights_does_not_fall(name: str, tmp_path: Path) -> None:
    assert falls(read_kept()[name], figures_of(measure(TRIALS[name], tmp_path))) == []


@pytest.mark.model
@pytest.mark.weights
@pytest.mark.parametrize("name", NETWORKS)
def test_accuracy_with_the_networks_does_not_fall(name: str, tmp_path: Path) -> None:
    defaults = TrackingConfig()
    for weights in (defaults.detection.weights, defaults.reid.weights):
        if weight_files.find(weights) is None:
            pytest.skip(f"{weights} is not here")
    assert falls(read_kept()[name], figures_of(measure(TRIALS[name], tmp_path))) == []


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param({}, [], id="as-it-was"),
        pytest.param({"online IDF1": 99.0}, [], id="better"),
        pytest.param({"online IDF1": 70.0 - TOLERANCE}, [], id="by-the-tolerance"),
        pytest.param({"online IDF1": 66.9}, ["online IDF1 fell from 70.0 to 66.9"], id="by-more"),
        pytest.param({"corrected IDF1": 0.0, "online IDF1": 100.0}, ["corrected IDF1 fell from 80.0 to 0.0"], id="one"),
        pytest.param({"shared": 3.0}, ["3 boxes share an id in one frame"], id="shared"),
    ],
)
def test_falls(now: Figures, told: list[str]) -> None:
    assert falls(KEPT, KEPT | {"shared": 0.0} | now) == told


def test_the_better_figures_are_kept() -> None:
    now = {"corrected IDF1": 79.0, "online IDF1": 71.0, "corrected HOTA": 60.0, "shared": 0.0}
    assert raised(KEPT, now) == {"corrected IDF1": 80.0, "online IDF1": 71.0, "corrected HOTA": 60.0}


def test_every_trial_is_kept() -> None:
    assert read_kept().keys() == TRIALS.keys()
