"""What is known of the published OSNet weights: how they answer to fixed pictures, and their mean person.

The published file's hash says nothing about a copy that was saved anew, so the network is told by what it computes.
That is also what the mean person depends on.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Self

import numpy as np
from numpy.typing import NDArray

from entities import FloatArray
from reid.crops import CROP_SHAPE
from reid.osnet import LookNetwork, unit_looks

DATA = "osnet_x0_25_msmt17.npz"
ALIKE = 0.99
"""Least cosine of every answer to the known one. Measured: the same network gives 1.0000 in f32 and 0.9988 in bf16,
the weights moved by 1 % of their spread 0.980, random weights 0.28."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Numbers computed once from the published weights by `benchmarks/make_prior.py`.

    Attributes:
        mean_person: `(512,)` mean over people of each person's mean embedding.
        fingerprint: `(P, 512)` unit embeddings of `fixed_pictures`.
        weights_sha256: Of the file both were computed with.
    """

    mean_person: FloatArray
    fingerprint: FloatArray
    weights_sha256: str

    @classmethod
    def load(cls) -> Self:
        """What ships with the program."""
        with (files("reid") / "data" / DATA).open("rb") as file, np.load(file) as numbers:
            return cls(numbers["mean_person"], numbers["fingerprint"], str(numbers["weights_sha256"]))

    def describes(self, network: LookNetwork) -> bool:
        """Whether the network computes what the published one does."""
        if network.dimension != self.fingerprint.shape[1]:
            return False
        answers = unit_looks(network, fixed_pictures(), len(self.fingerprint))
        return bool(((answers * self.fingerprint).sum(axis=1) >= ALIKE).all())


def fixed_pictures() -> NDArray[np.uint8]:
    """`(4, 256, 128, 3)` plaids of stripes in several widths and colours; integers only, the same everywhere."""
    y, x, channel = np.ogrid[: CROP_SHAPE[0], : CROP_SHAPE[1], :3]
    widths = ((64, 128), (32, 40), (16, 64), (48, 24))
    plaids = [(y // high * 53 + x // wide * 31 + channel * 71) % 200 + 30 for high, wide in widths]
    return np.stack(plaids).astype(np.uint8)
