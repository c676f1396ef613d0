"""Networks in OpenVINO: converted from their weights once, kept in a cache folder, compiled for the CPU."""

from __future__ import annotations

import importlib.metadata
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entities import FloatArray
from errors import WeightsError
from runtimes import Runtime, openvino_core

logger = logging.getLogger(__name__)

GRAPH = "graph.xml"
COMPILED = "compiled"
"""Folder in the cache where OpenVINO keeps what it makes of a graph for this processor: read in a fifth of the time.

It makes anew what is damaged, of another version or for another processor.
"""
READY = "converted"
"""Folder beside the weights for networks that were converted elsewhere: they run where there is no torch."""


def cache_folder() -> Path:
    """Where converted networks are kept: `$MCT_CACHE`, else the user's cache folder."""
    if chosen := os.environ.get("MCT_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "multi-camera-tracker"


def cache_key(recipe: str, weights_sha256: str, libraries: Sequence[str]) -> str:
    """A name that changes with anything the converted graph depends on.

    Args:
        recipe: Name and number of our own conversion, e.g. `yolov8-people-1`.
        weights_sha256: Of the weights file.
        libraries: Packages that take part in the conversion; their versions go into the key.
    """
    versions = [f"{library}{_version(library)}" for library in libraries]
    return "-".join([ready_name(recipe, weights_sha256), *versions])


def ready_name(recipe: str, weights_sha256: str) -> str:
    """A name for a graph that is to be carried elsewhere; see `cache_key`."""
    return f"{recipe}-{weights_sha256[:16]}"


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "-absent"


def graph_of(
    recipe: str,
    weights_sha256: str,
    libraries: Sequence[str],
    convert: Callable[[], Any],
    weights_folders: Sequence[Path],
) -> Any:
    """The graph of a weights file, converted at most once.

    Args:
        recipe: See `cache_key`, as the next two.
        weights_sha256: Of the weights file.
        libraries: Packages that take part in the conversion.
        convert: Makes the `openvino.Model`.
        weights_folders: Where weights are looked for; a graph may have been put ready in them.

    Raises:
        WeightsError: See `converted`.
    """
    name = ready_name(recipe, weights_sha256)
    key = cache_key(recipe, weights_sha256, libraries)
    return converted(key, convert, ready=[folder / READY / name for folder in weights_folders])


def converted(key: str, convert: Callable[[], Any], folder: Path | None = None, *, ready: Sequence[Path] = ()) -> Any:
    """The graph called `key`, from the cache, from where it was put ready, or by converting and keeping it.

    Safe for several processes at once: a graph appears under its name complete or not at all, and whoever comes
    second uses what is there. A cache that cannot be written costs time, not the job.

    Args:
        key: See `cache_key`.
        convert: Makes the `openvino.Model`; called only when the cache has no readable one.
        folder: The cache; `cache_folder()` unless given.
        ready: Folders where it may lie, converted elsewhere; never changed.

    Returns:
        An `openvino.Model`.

    Raises:
        WeightsError: It is nowhere, and the libraries that convert are not installed (`weights_not_converted`).
    """
    kept = (folder or cache_folder()) / key
    for place in (kept, *ready):
        if (place / GRAPH).exists():
            try:
                return openvino_core().read_model(place / GRAPH)
            except RuntimeError:
                logger.warning("%s is damaged; converting again", place)
                if place == kept:
                    shutil.rmtree(kept, ignore_errors=True)
    logger.info("converting %s for OpenVINO, once", key)
    try:
        model = convert()
    except ModuleNotFoundError as error:
        raise WeightsError(
            f"weights: not converted for OpenVINO yet, which takes {error.name}, and that is not installed; run "
            f"`python main.py weights --convert` with all requirements, and copy its folder {READY} beside the weights",
            code="weights_not_converted",
        ) from error
    try:
        keep(model, kept)
    except OSError as error:
        logger.warning("cannot keep the converted network in %s: %s; it is converted at every start", kept, error)
    return model


def keep(model: Any, kept: Path, notes: Mapping[str, str] = MappingProxyType({}), *, anew: bool = False) -> None:
    """Save a graph as a folder, which appears complete or not at all.

    Args:
        model: An `openvino.Model`.
        kept: The folder.
        notes: Texts to lie beside it, by file name.
        anew: Whether one that is there already goes; else it stays.

    Raises:
        OSError: It cannot be written.
    """
    import openvino

    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".converting-", ignore_cleanup_errors=True) as making:
        fresh = Path(making) / "fresh"
        fresh.mkdir()
        openvino.save_model(model, fresh / GRAPH, compress_to_fp16=False)
        for name, text in notes.items():
            (fresh / name).write_text(text, encoding="utf-8")
        if anew and kept.exists():
            kept.rename(Path(making) / "former")
        try:
            fresh.rename(kept)
        except OSError:
            if not (kept / GRAPH).exists():  # else another process was first, with the same graph
                raise


def _kept_compiled() -> dict[str, str]:
    """The setting that keeps compiled graphs; nothing where they cannot be kept."""
    folder = cache_folder() / COMPILED
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return {}
    return {"CACHE_DIR": str(folder)} if os.access(folder, os.W_OK) else {}


def taking_pictures(model: Any, mean: Sequence[float], scale: Sequence[float]) -> Any:
    """The graph with pictures as they are for input: `(B, H, W, 3)` uint8 BGR instead of `(B, 3, H, W)` float RGB.

    Colour order, float conversion and scaling happen inside, fused and vectorised; this saves several copies of
    every picture in numpy.

    Args:
        model: An `openvino.Model` whose one input is a normalised RGB batch.
        mean: Subtracted from each of R, G, B in [0, 255].
        scale: Then divides each of R, G, B.
    """
    from openvino import Layout, Type
    from openvino.preprocess import ColorFormat, PrePostProcessor

    processor = PrePostProcessor(model)
    taken = processor.input()
    taken.tensor().set_element_type(Type.u8).set_layout(Layout("NHWC")).set_color_format(ColorFormat.BGR)
    taken.model().set_layout(Layout("NCHW"))
    steps = taken.preprocess().convert_element_type(Type.f32).convert_color(ColorFormat.RGB)
    steps.mean(list(mean)).scale(list(scale))
    return processor.build()


class CompiledNetwork:
    """A graph ready to run; any thread may call it.

    Pictures go one by one or in groups of one size, several calls at the same time: threads that share a call wait for
    each other after every layer, and for a batch of another size than the last the runtime takes 10 ms to get ready
    (measured with OSNet; the number of crops changes with every round). All calls are handed over before the first is
    waited for: this thread may have to wait long for the interpreter. What comes out is the same to the bit.

    Args:
        model: An `openvino.Model` that takes pictures (see `taking_pictures`).
        shape: Height and width of the pictures.
        runtime: Precision and threads.
        at_once: Calls that are worked on at the same time, each with its share of the threads.
        group: Pictures of a call where there are many; for networks of many small layers, of which each costs
            something by itself.
    """

    def __init__(
        self, model: Any, shape: tuple[int, int], runtime: Runtime, at_once: int = 1, *, group: int = 1
    ) -> None:
        settings = {
            "INFERENCE_PRECISION_HINT": runtime.precision,
            "INFERENCE_NUM_THREADS": runtime.threads,
            "NUM_STREAMS": at_once,
            # Readers and encoders share the cores: a pinned thread would wait for them beside an idle core.
            "ENABLE_CPU_PINNING": False,
            **_kept_compiled(),
        }
        self._compiled: dict[int, Any] = {}
        for size in sorted({1, group}):
            model.reshape([size, *shape, 3])
            self._compiled[size] = openvino_core().compile_model(model, "CPU", settings)
        self._group = group
        self._at_once = at_once
        self._mine = threading.local()  # a request holds the tensors of one call

    def __call__(self, pictures_bgr: NDArray[np.uint8]) -> list[FloatArray]:
        """Run some pictures.

        Args:
            pictures_bgr: `(B, H, W, 3)`, contiguous, B at least 1.

        Returns:
            The outputs, `(B, ...)` float32 each.
        """
        import openvino

        out = [np.empty((len(pictures_bgr), *port.shape[1:]), np.float32) for port in self._compiled[1].outputs]
        begun: list[Any] = []
        start = 0
        for number, size in enumerate(calls(len(pictures_bgr), self._at_once, self._group)):
            rows, request = slice(start, start + size), self._request(size, number)
            request.set_input_tensor(openvino.Tensor(pictures_bgr[rows], shared_memory=True))
            for index, values in enumerate(out):
                request.set_output_tensor(index, openvino.Tensor(values[rows], shared_memory=True))
            request.start_async()
            begun.append(request)
            start += size
        for request in begun:
            request.wait()
        return out

    def _request(self, size: int, number: int) -> Any:
        """The calling thread's for its so many-th call under way; a request that waits its turn costs nothing."""
        requests = self._mine.__dict__.setdefault("requests", {})
        if (size, number) not in requests:
            requests[size, number] = self._compiled[size].create_infer_request()
        return requests[size, number]


def calls(count: int, at_once: int, group: int) -> list[int]:
    """How pictures are divided: the size of each call, the largest first.

    Groups are made where there are more than two pictures for each call that is worked on at the same time: a group of
    four takes as long as three pictures one by one, so that nobody waits longer for it.

    >>> calls(2, at_once=2, group=4), calls(7, at_once=2, group=4)
    ([1, 1], [4, 1, 1, 1])

    Args:
        count: Pictures, at least 1.
        at_once: Calls that are worked on at the same time.
        group: Pictures of a large call.
    """
    groups = count // group if group > 1 and count > 2 * at_once else 0
    return [group] * groups + [1] * (count - groups * group)
