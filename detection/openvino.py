"""YOLOv8 in OpenVINO: converted from the checkpoint once, compiled for each input shape."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entities import FloatArray
from openvino_models import CompiledNetwork, graph_of, ready_name, taking_pictures
from runtimes import Runtime, streams
from shared_networks import InTurn
from weight_files import folders, sha256

RECIPE = "yolov8-people-1"
"""Name and number of `_convert`; the number goes up when the converted graph changes."""


class OpenvinoPeopleNetwork:
    """The network run by OpenVINO; see `PeopleNetwork`.

    Args:
        graph: See `people_graph` and `int8.int8_graph`; it is its own.
        runtime: Precision and threads.
    """

    def __init__(self, graph: Any, runtime: Runtime) -> None:
        self._model = graph
        self._runtime = runtime
        self._compiled: InTurn[dict[tuple[int, int], CompiledNetwork]] = InTurn({})

    def __call__(self, pictures_bgr: NDArray[np.uint8]) -> tuple[FloatArray, FloatArray]:
        """See `PeopleNetwork`."""
        shape = (pictures_bgr.shape[1], pictures_bgr.shape[2])
        with self._compiled.taken() as compiled:
            if shape not in compiled:
                compiled[shape] = CompiledNetwork(self._model, shape, self._runtime, streams(self._runtime))
            network = compiled[shape]
        scores, sides = network(pictures_bgr)
        return scores, sides


def people_graph(path: Path) -> Any:
    """The checkpoint as an `openvino.Model`, converted at most once.

    Raises:
        WeightsError: See `detection.torch.load_people_network` and `openvino_models.converted`.
    """
    return graph_of(RECIPE, sha256(path), ("openvino", "torch", "ultralytics"), lambda: _convert(path), folders())


def graph_name(path: Path) -> str:
    """What the folder of the checkpoint's graph is called where it is put ready."""
    return ready_name(RECIPE, sha256(path))


def _convert(path: Path) -> Any:
    """The checkpoint as a graph with free batch size, height and width, so that one serves every camera."""
    import openvino
    import torch

    from detection.torch import load_people_network

    network = load_people_network(path)
    with warnings.catch_warnings(), torch.no_grad():
        # OpenVINO traces the network with an interface that torch announces to replace.
        warnings.filterwarnings("ignore", r".*torch\.jit\.trace", category=FutureWarning)
        model = openvino.convert_model(network, example_input=torch.zeros(1, 3, 64, 96), input=[-1, 3, -1, -1])
    return taking_pictures(model, mean=(0.0, 0.0, 0.0), scale=(255.0, 255.0, 255.0))
