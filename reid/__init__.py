"""Turns crops of people into vectors; what an embedder promises is said in `perception`."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from config import ReidConfig, RuntimeConfig
from errors import ConfigError
from perception import Embedder
from reid.osnet import LookNetwork, OsnetEmbedder, SharedLookNetwork
from reid.reference import Reference
from runtimes import Runtime, choose_runtime
from shared_networks import SharedNetworks
from weight_files import obtain

logger = logging.getLogger(__name__)


def create_embedder(config: ReidConfig, runtime: RuntimeConfig, shared: SharedNetworks | None = None) -> Embedder:
    """The embedder that the settings ask for; loads only the libraries it needs.

    Args:
        config: Which.
        runtime: Where it runs.
        shared: Where the network is looked for and left to others; it is the caller's own unless given.

    Raises:
        ConfigError: An ONNX file is to run in torch.
        DeviceError: The device or runtime asked for is not there.
        WeightsError: Weights are missing, damaged, of another network, or cannot be fetched.
    """
    if config.model == "colour":
        from reid.colour import ColourEmbedder

        return ColourEmbedder()
    chosen = replace(_runtime_for(config.weights, runtime), int8=False)  # only the detector is ever quantised
    path = obtain(config.weights, offline=runtime.offline)
    network = _network(path, chosen) if shared is None else _shared_network(path, chosen, shared)
    reference = Reference.load()
    known = reference.describes(network)
    if not known:
        logger.warning(
            "Re-ID weights %s are not the published OSNet x0_25 (MSMT17): no mean person is known for them, so "
            "identities need a few people in view before they settle",
            path,
        )
    logger.info("embedder: %s on %s", path, chosen)
    mean_person = reference.mean_person if known else None
    return OsnetEmbedder(network, f"{path.name.split('.')[0]} {chosen}", config.max_batch, mean_person)


def fingerprint_matches(path: Path) -> bool:
    """Whether the file's network computes what the published OSNet x0_25 (MSMT17) does; runs it on the CPU.

    Raises:
        WeightsError: The file is damaged or holds another network.
    """
    runtime = choose_runtime(RuntimeConfig(device="cpu", runtime="openvino", precision="f32"))
    return Reference.load().describes(_network(path, runtime))


def _runtime_for(weights: str, runtime: RuntimeConfig) -> Runtime:
    """The runtime, minding that only OpenVINO reads ONNX."""
    if not weights.endswith(".onnx"):
        return choose_runtime(runtime)
    if runtime.runtime == "torch" or runtime.device == "cuda":
        raise ConfigError(
            f"reid.weights {weights}: torch cannot run ONNX; choose --runtime openvino --device cpu, or a .pth.tar file"
        )
    return choose_runtime(replace(runtime, runtime="openvino"))


def _shared_network(path: Path, runtime: Runtime, shared: SharedNetworks) -> LookNetwork:
    return SharedLookNetwork(shared.obtain(("looks", path, runtime), lambda: _network(path, runtime)))


def _network(path: Path, runtime: Runtime) -> LookNetwork:
    if runtime.library == "torch":
        from reid.torch import TorchLookNetwork

        return TorchLookNetwork(path, runtime)
    from reid.openvino import OpenvinoLookNetwork

    return OpenvinoLookNetwork(path, runtime)
