"""The YOLOv8 detector: batches, letterbox, decoding and suppression around a network of either runtime."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from association.iou import without_doubles
from config import DetectionConfig
from detection.decoding import cells, decode
from detection.letterbox import Letterbox, letterboxed, network_shape
from entities import Detections, FloatArray, IntArray
from errors import WeightsError
from shared_networks import InTurn

SMALLEST_PX = 2.0
"""Boxes narrower or lower than this hold nothing to look at."""
MOST_CELLS = 2000
"""More than any crowd scores in; with a threshold of nothing all cells do, and every two of them are compared."""


def wrong_network(path: Path, why: str) -> WeightsError:
    """The error for a readable file that holds another network."""
    return WeightsError(
        f"detector weights {path}: want a YOLOv8 detector's .pt, but {why}; choose yolov8n.pt, or another size of it",
        code="weights_wrong_architecture",
    )


class PeopleNetwork(Protocol):
    """A YOLOv8 network cut down to people; as many threads may call it at the same time as `runtimes.streams` says."""

    def __call__(self, pictures_bgr: NDArray[np.uint8]) -> tuple[FloatArray, FloatArray]:
        """Look at one batch.

        Args:
            pictures_bgr: `(B, H, W, 3)`, contiguous; H and W multiples of 32.

        Returns:
            `(B, N)` score in [0, 1] of a person in each cell, and `(B, 64, N)` logits of the sides (see `decoding`);
            both may be overwritten by this thread's next call.
        """


class SharedPeopleNetwork:
    """A network that others run, too; what it gives is the caller's to keep."""

    def __init__(self, network: InTurn[PeopleNetwork]) -> None:
        self._network = network

    def __call__(self, pictures_bgr: NDArray[np.uint8]) -> tuple[FloatArray, FloatArray]:
        """See `PeopleNetwork`."""
        with self._network.taken() as network:
            scores, sides = network(pictures_bgr)
            return scores.copy(), sides.copy()


class Yolov8Detector:
    """Finds people with YOLOv8.

    Args:
        network: Of either runtime.
        name: For people and `run.json`.
        config: Thresholds and input size.
        at_once: Threads that may call the network at the same time.
    """

    def __init__(self, network: PeopleNetwork, name: str, config: DetectionConfig, at_once: int = 1) -> None:
        self._network = network
        self._name = name
        self._config = config
        self._at_once = at_once
        self._cells = cache(cells)

    @property
    def name(self) -> str:
        return self._name

    @property
    def at_once(self) -> int:
        return self._at_once

    def detect(self, camera_ids: Sequence[str], images_bgr: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """See `Detector`. Pictures whose network inputs have one shape go through the network together."""
        groups: dict[tuple[int, int], list[int]] = {}
        for index, image in enumerate(images_bgr):
            shape = network_shape((image.shape[1], image.shape[0]), self._config.input_pixels)
            groups.setdefault(shape, []).append(index)
        found: dict[int, Detections] = {}
        for shape, members in groups.items():
            batch, placements = letterboxed([images_bgr[index] for index in members], shape)
            scores, sides = self._network(batch)
            for row, index in enumerate(members):
                found[index] = self._people(scores[row], sides[row], shape, placements[row])
        return [found[index] for index in range(len(images_bgr))]

    def _people(
        self, scores: FloatArray, sides: FloatArray, shape: tuple[int, int], placement: Letterbox
    ) -> Detections:
        chosen = likeliest(scores, self._config.conf)
        boxes = placement.to_picture(decode(sides[:, chosen].T, self._cells(shape)[chosen]))
        large = ((boxes[:, 2:] - boxes[:, :2]) >= SMALLEST_PX).all(axis=1)
        boxes, likely = boxes[large], scores[chosen][large]
        keep = without_doubles(boxes, likely, self._config.nms_iou)
        return Detections(boxes[keep], likely[keep])


def likeliest(scores: FloatArray, conf: float) -> IntArray:
    """The cells that score `conf` or more, in order; where that is nearly all of them, the best `MOST_CELLS`."""
    chosen = np.flatnonzero(scores >= conf)
    if len(chosen) > MOST_CELLS:
        chosen = np.sort(chosen[np.argsort(-scores[chosen], kind="stable")[:MOST_CELLS]])
    return chosen
