"""Finds people in pictures; what a detector promises is said in `perception`."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from config import DetectionConfig, RuntimeConfig
from perception import Detector
from runtimes import Runtime, choose_runtime, streams
from shared_networks import SharedNetworks
from weight_files import obtain

if TYPE_CHECKING:
    from detection.yolov8 import PeopleNetwork

logger = logging.getLogger(__name__)


def create_detector(config: DetectionConfig, runtime: RuntimeConfig, shared: SharedNetworks | None = None) -> Detector:
    """The detector that the settings ask for; loads only the libraries it needs.

    Args:
        config: Which, and how strict.
        runtime: Where it runs.
        shared: Where the network is looked for and left to others; it is the caller's own unless given.

    Raises:
        DeviceError: The device or runtime asked for is not there.
        WeightsError: Weights are missing, damaged, of another network, or cannot be fetched.
    """
    if config.model == "motion":
        from detection.motion import MotionDetector

        return MotionDetector()
    from detection.yolov8 import SharedPeopleNetwork, Yolov8Detector, wrong_network

    chosen = choose_runtime(runtime)
    path = obtain(config.weights, offline=runtime.offline)
    if path.suffix != ".pt":  # what ultralytics demands of a checkpoint, whichever runtime has it converted
        raise wrong_network(path, "its name does not end in .pt")
    network: PeopleNetwork
    if shared is None:
        network = _network(path, chosen)
    else:
        loaded = shared.obtain(("people", path, chosen), lambda: _network(path, chosen), streams(chosen))
        network = SharedPeopleNetwork(loaded)
    logger.info("detector: %s on %s", path, chosen)
    return Yolov8Detector(network, f"{path.name.split('.')[0]} {chosen}", config, streams(chosen))


def _network(path: Path, runtime: Runtime) -> PeopleNetwork:
    if runtime.library == "torch":
        from detection.torch import TorchPeopleNetwork

        return TorchPeopleNetwork(path, runtime)
    from detection.int8 import int8_graph
    from detection.openvino import OpenvinoPeopleNetwork, people_graph

    return OpenvinoPeopleNetwork(int8_graph(path) if runtime.int8 else people_graph(path), runtime)
