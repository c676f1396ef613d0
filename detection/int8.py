"""The detector in 8-bit integers: where its graph lies, and what to say where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from detection.openvino import RECIPE as FLOAT_RECIPE
from errors import WeightsError
from openvino_models import GRAPH, READY, ready_name
from runtimes import openvino_core
from weight_files import folders, sha256

RECIPE = f"{FLOAT_RECIPE}-int8-1"
"""Name and number of `quantising.quantised`; the number goes up when the quantised graph changes."""


def int8_name(path: Path) -> str:
    """What the folder of a checkpoint's quantised graph is called."""
    return ready_name(RECIPE, sha256(path))


def int8_folder(path: Path) -> Path:
    """Where the quantised graph of a checkpoint lies.

    Raises:
        WeightsError: `weights_not_quantised`.
    """
    name = int8_name(path)
    places = [folder / READY / name for folder in folders()]
    found = next((place for place in places if (place / GRAPH).is_file()), None)
    if found is None:
        raise _make_it(path, f"there is no {name} in {', '.join(str(place.parent) for place in places)}")
    return found


def int8_graph(path: Path) -> Any:
    """The quantised graph of a checkpoint as an `openvino.Model`.

    Raises:
        WeightsError: `weights_not_quantised`, also for one that is damaged.
    """
    place = int8_folder(path)
    try:
        return openvino_core().read_model(place / GRAPH)
    except RuntimeError as error:
        raise _make_it(path, f"{place} is damaged") from error


def _make_it(path: Path, why: str) -> WeightsError:
    return WeightsError(
        f"precision int8 with weights {path.name}: {why}; make it of pictures of your own cameras with "
        "`python main.py weights --int8 CLIP [CLIP ...]`, or choose another precision",
        code="weights_not_quantised",
    )
