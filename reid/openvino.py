"""OSNet in OpenVINO: converted from torchreid's weights once, or any Re-ID network read from ONNX."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entities import FloatArray
from errors import WeightsError
from openvino_models import CompiledNetwork, graph_of, ready_name, taking_pictures
from reid.crops import CROP_SHAPE, MEAN_RGB, STD_RGB
from runtimes import Runtime, openvino_core
from weight_files import check_intact, corrupt, folders, sha256

GROUP = 4
"""Crops of a large call: 0.73 of the processor time of four small ones; eight would take 0.70 (measured)."""
RECIPE = "osnet-1"
"""Name and number of `_convert`; the number goes up when the converted graph changes."""


class OpenvinoLookNetwork:
    """The network run by OpenVINO; see `LookNetwork`.

    Args:
        path: State dict of OSNet, or ONNX.
        runtime: Precision and threads.

    Raises:
        WeightsError: See `reid.torch.load_osnet`; an ONNX network must take `(N, 3, 256, 128)` and give `(N, D)`.
    """

    def __init__(self, path: Path, runtime: Runtime) -> None:
        model = _read_onnx(path) if path.suffix == ".onnx" else look_graph(path)
        self._run = CompiledNetwork(model, CROP_SHAPE, runtime, at_once=runtime.threads, group=GROUP)
        self._dimension = int(model.outputs[0].partial_shape[1].get_length())

    @property
    def dimension(self) -> int:
        return self._dimension

    def __call__(self, crops_bgr: NDArray[np.uint8]) -> FloatArray:
        """See `LookNetwork`."""
        return self._run(crops_bgr)[0]


def look_graph(path: Path) -> Any:
    """The state dict as an `openvino.Model`, converted at most once.

    Raises:
        WeightsError: See `reid.torch.load_osnet` and `openvino_models.converted`.
    """
    return graph_of(RECIPE, sha256(path), ("openvino", "torch", "torchreid"), lambda: _convert(path), folders())


def graph_name(path: Path) -> str:
    """What the folder of the network's graph is called where it is put ready."""
    return ready_name(RECIPE, sha256(path))


def _convert(path: Path) -> Any:
    import openvino
    import torch

    from reid.torch import load_osnet

    network = load_osnet(path)
    with warnings.catch_warnings(), torch.no_grad():
        # OpenVINO traces the network with an interface that torch announces to replace.
        warnings.filterwarnings("ignore", r".*torch\.jit\.trace", category=FutureWarning)
        example = torch.zeros(2, 3, *CROP_SHAPE)
        model = openvino.convert_model(network, example_input=example, input=[-1, 3, *CROP_SHAPE])
    return taking_pictures(model, MEAN_RGB, STD_RGB)


def _read_onnx(path: Path) -> Any:
    import openvino

    check_intact(path)
    try:
        model = openvino_core().read_model(path)
    except RuntimeError as error:
        raise corrupt(path, "not a readable ONNX network") from error
    try:
        taken = [each.partial_shape for each in model.inputs]
        if len(taken) != 1 or not taken[0].compatible(openvino.PartialShape([-1, 3, *CROP_SHAPE])):
            raise ValueError(f"input {taken}")
        model.reshape([-1, 3, *CROP_SHAPE])
        given = model.outputs[0].partial_shape
        if given.rank.get_length() != 2 or given[1].is_dynamic:
            raise ValueError(f"output {given}")
    except (RuntimeError, ValueError) as error:
        raise WeightsError(
            f"Re-ID weights {path}: want an ONNX network from (N, 3, 256, 128) to (N, D), but it has "
            f"{' '.join(str(error).split())[:200]}; choose osnet_x0_25.pth.tar or another file",
            code="weights_wrong_architecture",
        ) from error
    return taking_pictures(model, MEAN_RGB, STD_RGB)
