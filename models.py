"""The detector and the embedder of a job: checked ahead, loaded once, named in the report."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import weight_files
from config import TrackingConfig
from detection import create_detector
from detection.int8 import int8_folder
from perception import Detector, Embedder
from reid import create_embedder
from runtimes import choose_runtime
from shared_networks import SharedNetworks

WEIGHTS_FREE_NOTE = (
    "NO NEURAL NETWORKS: running on the weights-free {parts}. Good enough to try the program out, not for real "
    "people in real places; `python main.py weights` fetches the networks"
)


@dataclass(frozen=True)
class Models:
    """What a job sees with.

    Attributes:
        detector: Finds people.
        embedder: Turns crops into vectors.
        notes: Loud lines for the user.
        weights: Files the networks were made from, by role (`detector`, `embedder`).
    """

    detector: Detector
    embedder: Embedder
    notes: tuple[str, ...] = ()
    weights: dict[str, Path] = field(default_factory=dict)


def needed_weights(config: TrackingConfig) -> dict[str, str]:
    """Role to name of every weights file the job needs; none for weights-free models."""
    needed = {}
    if config.detection.model == "yolov8":
        needed["detector"] = config.detection.weights
    if config.reid.model == "osnet":
        needed["embedder"] = config.reid.weights
    return needed


def check_models(config: TrackingConfig) -> None:
    """Fail early where loading would: no such device, or a weights file that is nowhere and cannot be fetched.

    Raises:
        DeviceError: The device or runtime asked for is not there.
        WeightsError: Which file, where it was looked for, and what to do.
    """
    runtime = choose_runtime(config.runtime)
    for role, name in needed_weights(config).items():
        path = weight_files.find(name)
        if path is None and (config.runtime.offline or not weight_files.is_known(name)):
            weight_files.obtain(name, offline=True)
        if path is not None and role == "detector" and runtime.int8:
            int8_folder(path)


def load_models(config: TrackingConfig, shared: SharedNetworks | None = None) -> Models:
    """Make the detector and the embedder, fetching known weights that are absent.

    Args:
        config: What the job wants.
        shared: Networks that other jobs use, too; the job's own are loaded unless given.

    Raises:
        WeightsError: Weights are missing, damaged or of another network.
        DeviceError: The device or runtime asked for is not there.
    """
    weights = {
        role: weight_files.obtain(name, offline=config.runtime.offline) for role, name in needed_weights(config).items()
    }
    detector = create_detector(config.detection, config.runtime, shared)
    embedder = create_embedder(config.reid, config.runtime, shared)
    return Models(detector, embedder, weights_free_notes(config), weights)


def model_facts(models: Models) -> dict[str, Any]:
    """What the models are, for `run.json` and recordings: their names, and the weights files with SHA-256."""
    return {
        "detector": models.detector.name,
        "embedder": models.embedder.name,
        "weights": {
            role: {"file": path.name, "sha256": weight_files.sha256(path)} for role, path in models.weights.items()
        },
    }


def weights_free_notes(config: TrackingConfig) -> tuple[str, ...]:
    """The loud line when a part runs without a network, else nothing."""
    parts = []
    if config.detection.model == "motion":
        parts.append("detector (background subtraction)")
    if config.reid.model == "colour":
        parts.append("embedder (colour stripes)")
    return (WEIGHTS_FREE_NOTE.format(parts=" and ".join(parts)),) if parts else ()
