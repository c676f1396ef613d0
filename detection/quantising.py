"""Makes the detector in 8-bit integers: set up on pictures of the user, judged by f32 on others, kept or refused."""

from __future__ import annotations

import importlib.util
import json
import logging
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config import DetectionConfig, TrackingConfig
from detection.agreement import Agreement, agreement
from detection.letterbox import letterboxed, network_shape
from detection.openvino import OpenvinoPeopleNetwork, people_graph
from detection.samples import Image, samples_of
from detection.yolov8 import Yolov8Detector
from entities import Detections
from errors import WeightsError
from openvino_models import keep
from runtimes import Runtime, choose_runtime
from weight_files import sha256

PICTURES = 160
"""Of all clips together, half of them to judge by: with twice as many the result is the same."""
LAST_LAYERS = r".*\.(sides|scores)\.\d+\.2/.*convolution.*"
"""Names of the head's last convolutions, which stay float: 16 distances a side want finer steps than 256 of all."""
FIGURES = "figures.json"


@dataclass(frozen=True, slots=True)
class Quantised:
    """A quantised detector that has been judged.

    Attributes:
        folder: Where it is kept.
        pictures: How many it was judged on.
        agreement: With f32, of boxes that may start tracks.
        picture_ms: Median time for one picture by precision, measured in turn: `f32`, what this machine takes
            by itself, and `int8`.
    """

    folder: Path
    pictures: int
    agreement: Agreement
    picture_ms: Mapping[str, float]


def check_quantiser() -> None:
    """Raise unless the library is there that quantises.

    Raises:
        WeightsError: `weights_not_quantised`.
    """
    if importlib.util.find_spec("nncf") is None:
        raise WeightsError(
            "int8: quantising takes nncf, which is not installed; run `pip install -r requirements-int8.txt`",
            code="weights_not_quantised",
        )


def quantise(path: Path, clips: Sequence[str], config: TrackingConfig, target: Path) -> Quantised:
    """Quantise a checkpoint's network, judge it, and keep it in place of an earlier one.

    Args:
        path: YOLOv8 checkpoint.
        clips: Recorded videos of the user's own cameras.
        config: How the detector is to run, and which boxes count.
        target: The folder to keep it in.

    Raises:
        SourceError: A clip cannot be read.
        WeightsError: `weights_not_quantised` (no library, or what came out does not agree with f32), and see
            `people_graph`.
        OSError: It cannot be kept.
    """
    check_quantiser()
    most = max(2, PICTURES // len(clips) // 2 * 2)
    taken = [samples_of(clip, most, config.detection.input_pixels) for clip in clips]
    own, others = ([image for pair in taken for image in pair[turn]] for turn in (0, 1))
    _refuse_unclear(path, others, config)
    graph = quantised(people_graph(path), own, config.detection)
    result = judged(path, graph, others, config, target)
    _refuse(path, result.agreement, result.pictures)
    keep(graph, target, {FIGURES: _figures(path, clips, result)}, anew=True)
    return result


def _refuse_unclear(path: Path, images_bgr: Sequence[Image], config: TrackingConfig) -> None:
    """Raise at once where too few people are in the pictures; quantising takes a minute."""
    exact = replace(choose_runtime(replace(config.runtime, precision="int8")), precision="f32", int8=False)
    detector = _detector(people_graph(path), exact, config)
    found = [detector.detect(["clip"], [image])[0] for image in images_bgr]
    _refuse(path, agreement(found, found, config.camera.high_score), len(images_bgr))


def _refuse(path: Path, judged_as: Agreement, pictures: int) -> None:
    if short := judged_as.shortcomings():
        raise WeightsError(
            f"int8 of weights {path.name}: refused by what f32 sees in {pictures} pictures of the clips: "
            f"{'; '.join(short)}; name other or more clips, with more people in them, or stay with another precision",
            code="weights_not_quantised",
        )


def quantised(graph: Any, images_bgr: Sequence[Image], config: DetectionConfig) -> Any:
    """The graph in 8-bit integers, its ranges set by what it computes on the pictures.

    After Jacob et al., Quantization and Training of Neural Networks, 2018: weights symmetric, activations, which SiLU
    makes lopsided, with a zero point.
    """
    import nncf

    nncf.set_log_level(logging.ERROR)
    batches = [_batch(image, config.input_pixels) for image in images_bgr]
    return nncf.quantize(
        graph,
        nncf.Dataset(batches),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(batches),
        ignored_scope=nncf.IgnoredScope(patterns=[LAST_LAYERS]),
    )


def _batch(image_bgr: Image, pixels: int) -> NDArray[np.uint8]:
    return letterboxed([image_bgr], network_shape((image_bgr.shape[1], image_bgr.shape[0]), pixels))[0]


def judged(path: Path, graph: Any, images_bgr: Sequence[Image], config: TrackingConfig, folder: Path) -> Quantised:
    """Run the exact network and the quantised one on the same pictures, in turn.

    Args:
        path: YOLOv8 checkpoint.
        graph: Its quantised graph.
        images_bgr: Pictures it was not set up with.
        config: See `quantise`.
        folder: Where it is to be kept.
    """
    quick = choose_runtime(replace(config.runtime, precision="int8"))
    usual = replace(quick, int8=False)
    runs = {runtime: people_graph(path) for runtime in (replace(usual, precision="f32"), usual)} | {quick: graph}
    found: dict[str, list[Detections]] = {}
    spent_ms: dict[str, list[float]] = {}
    detectors = [(runtime.format, _detector(model, runtime, config)) for runtime, model in runs.items()]
    for image in images_bgr:
        for name, detector in detectors:
            start_s = time.perf_counter()
            found.setdefault(name, []).extend(detector.detect(["clip"], [image]))
            spent_ms.setdefault(name, []).append((time.perf_counter() - start_s) * 1000.0)
    same = agreement(found.get("f32", []), found.get("int8", []), config.camera.high_score)
    times = {name: round(statistics.median(each), 2) for name, each in spent_ms.items()}
    return Quantised(folder, len(images_bgr), same, times)


def _detector(graph: Any, runtime: Runtime, config: TrackingConfig) -> Yolov8Detector:
    return Yolov8Detector(OpenvinoPeopleNetwork(graph, runtime), runtime.format, config.detection)


def _figures(path: Path, clips: Sequence[str], result: Quantised) -> str:
    """What is written beside the graph, for whoever wants to know where it comes from."""
    facts = {
        "weights": {"file": path.name, "sha256": sha256(path)},
        "clips": [Path(clip).name for clip in clips],
        "judged_on_pictures": result.pictures,
        "agreement_with_f32": {**asdict(result.agreement), "f1": result.agreement.f1},
        "picture_ms": result.picture_ms,
        "versions": {name: metadata.version(name) for name in ("openvino", "nncf")},
    }
    return json.dumps(facts, indent=2) + "\n"
