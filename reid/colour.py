"""Describes people without a network: which colours are where between head and feet.

The crop is cut into stripes across the body; each has a histogram of its colours in CIE Lab, the middle of the crop
counting most, since the border is background. Square roots make the dot product a Bhattacharyya coefficient. Good
enough to tell apart a few people in different clothes; a network is better everywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from entities import FloatArray
from reid.crops import cut

CROP_PX = (32, 80)
"""Width and height at which crops are looked at."""
STRIPES = (0.0, 0.16, 0.32, 0.48, 0.64, 0.82, 1.0)
"""Borders of the stripes, shares of the crop's height: head, chest, waist, hips, knees, feet."""
LIGHT_BINS = 6
TINT_BINS = 7
TINT_REACH = 56.0
"""Largest distance from grey along the a and b axes of Lab; what is farther counts as that far."""
LIGHT_WEIGHT = 0.4
"""Lightness differs between cameras more than tint does."""
MIDDLE_SHARE = 0.17
"""Standard deviation across the crop of what counts, as a share of its width."""
GENERIC = 0.6
"""How much of the mean person is taken off every look, so that strangers' cosine is about 0.5, as a network's."""
PEOPLE = 100
"""Made-up people of whom the mean person is computed."""
VIVID = 45.0
"""Largest spread of a made-up cloth's colour around grey."""


class ColourEmbedder:
    """Colour stripes as a look. See `perception.Embedder`."""

    name = "colour stripes (no weights)"

    def __init__(self) -> None:
        self._generic = _mean_histogram()

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        return len(self._generic)

    @property
    def mean_person(self) -> FloatArray | None:
        """What is common to all looks: the mean over clothes of all colours."""
        return np.asarray((1.0 - GENERIC) * self._generic, np.float32)

    def embed(self, images_bgr: Sequence[NDArray[np.uint8]], boxes_xyxy: Sequence[FloatArray]) -> list[FloatArray]:
        """One row a box. See `perception.Embedder`."""
        return [
            np.array([self._look(image, box) for box in boxes], np.float32).reshape(-1, self.dimension)
            for image, boxes in zip(images_bgr, boxes_xyxy, strict=True)
        ]

    def _look(self, image_bgr: NDArray[np.uint8], box_xyxy: FloatArray) -> FloatArray:
        crop = cut(image_bgr, box_xyxy)
        if crop is None:
            return np.full(self.dimension, np.nan, np.float32)
        small = np.asarray(cv2.resize(crop, CROP_PX, interpolation=cv2.INTER_AREA), np.uint8)
        look = _histogram(small) - GENERIC * self._generic
        return np.asarray(look / np.linalg.norm(look), np.float32)


def _histogram(crop_bgr: NDArray[np.uint8]) -> FloatArray:
    """Square roots of the shares of every colour in every stripe of a crop of `CROP_PX`, of length 1."""
    width, height = CROP_PX
    lab = np.asarray(cv2.cvtColor(crop_bgr.astype(np.float32) / 255.0, cv2.COLOR_BGR2Lab), np.float32).reshape(-1, 3)
    middle = np.exp(-(((np.arange(width) + 0.5) / width - 0.5) ** 2) / (2 * MIDDLE_SHARE**2))
    weights = np.tile(middle, height)
    rows = np.repeat((np.arange(height) + 0.5) / height, width)
    stripe = np.searchsorted(np.array(STRIPES[1:-1]), rows)
    light = _soft(lab[:, 0] / 100.0, LIGHT_BINS)
    a = _soft(lab[:, 1] / (2 * TINT_REACH) + 0.5, TINT_BINS)
    b = _soft(lab[:, 2] / (2 * TINT_REACH) + 0.5, TINT_BINS)
    parts = []
    for number in range(len(STRIPES) - 1):
        mine = stripe == number
        share = (weights[mine] / weights[mine].sum())[:, None]
        parts.append(LIGHT_WEIGHT * (share * light[mine]).sum(axis=0))
        parts.append((1.0 - LIGHT_WEIGHT) * ((share * a[mine]).T @ b[mine]).ravel())
    look = np.sqrt(np.concatenate(parts))
    return np.asarray(look / np.linalg.norm(look), np.float32)


def _soft(values: NDArray[np.floating], bins: int) -> NDArray[np.float64]:
    """`(N, bins)` membership of values in [0, 1], shared between the two nearest bins; a row sums to 1."""
    place = values.clip(0.0, 1.0) * (bins - 1)
    return np.asarray((1.0 - np.abs(place[:, None] - np.arange(bins))).clip(0.0, None), np.float64)


def _mean_histogram() -> FloatArray:
    """The mean look of made-up people: pale surroundings, any cloth in every stripe."""
    rng = np.random.default_rng(0)
    width, height = CROP_PX
    borders = (np.array(STRIPES) * height).astype(int)
    looks = []
    for _ in range(PEOPLE):
        crop = np.empty((height, width, 3), np.float32)
        crop[:] = rng.normal(150.0, 40.0) + rng.normal(0.0, 6.0, 3)  # walls and floors are pale and nearly grey
        for top, bottom in pairwise(borders.tolist()):
            # Cloth is rarely vivid: its colour is drawn around a grey.
            cloth = rng.normal(rng.uniform(30.0, 220.0), rng.uniform(0.0, VIVID), 3)
            crop[top:bottom, width // 4 : width - width // 4] = cloth
        looks.append(_histogram(crop.clip(0.0, 255.0).astype(np.uint8)))
    return np.asarray(np.mean(looks, axis=0), np.float32)
