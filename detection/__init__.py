"""Finds people in pictures; what a detector promises is said in `perception`."""

from __future__ import annotations

import logging

from config import DetectionConfig, RuntimeConfig
from perception import Detector
from runtimes import choose_runtime
from weight_files import obtain

logger = logging.getLogger(__name__)


def create_detector(config: DetectionConfig, runtime: RuntimeConfig) -> Detector:
    """The detector that the settings ask for; loads only the libraries it needs.

    Raises:
        DeviceError: The device or runtime asked for is not there.
        WeightsError: Weights are missing, damaged, of another network, or cannot be fetched.
    """
    if config.model == "motion":
        from detection.motion import MotionDetector

        return MotionDetector()
    from detection.yolov8 import PeopleNetwork, Yolov8Detector, wrong_network

    chosen = choose_runtime(runtime)
    path = obtain(config.weights, offline=runtime.offline)
    if path.suffix != ".pt":  # what ultralytics demands of a checkpoint, whichever runtime has it converted
        raise wrong_network(path, "its name does not end in .pt")
    network: PeopleNetwork
    if chosen.library == "torch":
        from detection.torch import TorchPeopleNetwork

        network = TorchPeopleNetwork(path, chosen)
    else:
        from detection.openvino import OpenvinoPeopleNetwork

        network = OpenvinoPeopleNetwork(path, chosen)
    logger.info("detector: %s on %s", path, chosen)
    return Yolov8Detector(network, f"{path.name.split('.')[0]} {chosen}", config)
