"""The OSNet embedder: crops, batches and normalisation around a network of either runtime."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from entities import FloatArray
from reid.crops import crops_of
from shared_networks import InTurn


class LookNetwork(Protocol):
    """A Re-ID network; belongs to one thread."""

    @property
    def dimension(self) -> int:
        """Numbers per crop."""

    def __call__(self, crops_bgr: NDArray[np.uint8]) -> FloatArray:
        """Look at one batch.

        Args:
            crops_bgr: `(B, 256, 128, 3)`, contiguous, B at least 1.

        Returns:
            `(B, D)` float32, of any length; may be overwritten by the next call.
        """


class SharedLookNetwork:
    """A network that others run, too; what it gives is the caller's to keep."""

    def __init__(self, network: InTurn[LookNetwork]) -> None:
        self._network = network
        with network.taken() as free:
            self._dimension = free.dimension

    @property
    def dimension(self) -> int:
        return self._dimension

    def __call__(self, crops_bgr: NDArray[np.uint8]) -> FloatArray:
        """See `LookNetwork`."""
        with self._network.taken() as network:
            return network(crops_bgr).copy()


class OsnetEmbedder:
    """Turns crops into unit vectors.

    Args:
        network: Of either runtime.
        name: For people and `run.json`.
        max_batch: Most crops per network call; bounds the memory a crowd takes.
        mean_person: See `Embedder`.
    """

    def __init__(self, network: LookNetwork, name: str, max_batch: int, mean_person: FloatArray | None) -> None:
        self._network = network
        self._name = name
        self._max_batch = max_batch
        self._mean_person = mean_person

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimension(self) -> int:
        return self._network.dimension

    @property
    def mean_person(self) -> FloatArray | None:
        return self._mean_person

    def embed(self, images_bgr: Sequence[NDArray[np.uint8]], boxes_xyxy: Sequence[FloatArray]) -> list[FloatArray]:
        """See `Embedder`."""
        crops: list[NDArray[np.uint8]] = []
        insides = []
        for image, boxes in zip(images_bgr, boxes_xyxy, strict=True):
            more, inside = crops_of(image, boxes)
            crops += more
            insides.append(inside)
        rows = np.full((sum(map(len, insides)), self.dimension), np.nan, np.float32)
        if crops:
            rows[np.concatenate(insides)] = unit_looks(self._network, np.stack(crops), self._max_batch)
        return np.split(rows, np.cumsum([len(inside) for inside in insides])[:-1]) if insides else []


def unit_looks(network: LookNetwork, crops_bgr: NDArray[np.uint8], max_batch: int) -> FloatArray:
    """Embeddings of length 1.

    Args:
        network: Of either runtime.
        crops_bgr: `(N, 256, 128, 3)`, N at least 1.
        max_batch: Most crops per call.

    Returns:
        `(N, D)`; a row of NaN where the network gave no direction (all zeros, or not finite).
    """
    parts = [network(crops_bgr[start : start + max_batch]).copy() for start in range(0, len(crops_bgr), max_batch)]
    looks = np.concatenate(parts)
    length = np.linalg.norm(looks, axis=1, keepdims=True)
    usable = np.isfinite(length) & (length > 0.0)
    return np.asarray(np.divide(looks, length, out=np.full_like(looks, np.nan), where=usable), np.float32)
