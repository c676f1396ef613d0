"""How a picture is laid into the network's input, and how boxes come back out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from entities import FloatArray

STEP_PX = 32
"""The network halves its input five times, so sides are multiples of this."""
MARGIN_GREY = 114
"""The grey that YOLO networks are trained with around the picture."""


def network_shape(size_px: tuple[int, int], pixels: int) -> tuple[int, int]:
    """The input shape that spends about `pixels` on a picture of this aspect.

    Examples:
        >>> network_shape((1920, 1080), 384 * 640)
        (384, 672)

    Args:
        size_px: Width and height of the picture, at least 1.
        pixels: Area to aim at, pixels of the network's input.

    Returns:
        Height and width, multiples of 32, at least 32; neither alone exceeds the area for the most extreme aspect.
    """
    width, height = size_px
    scale = math.sqrt(pixels / (width * height))
    longest = max(STEP_PX, pixels // STEP_PX // STEP_PX * STEP_PX)

    def side(length: int) -> int:
        return min(longest, max(STEP_PX, round(length * scale / STEP_PX) * STEP_PX))

    return side(height), side(width)


@dataclass(frozen=True, slots=True)
class Letterbox:
    """A picture shrunk or grown evenly and centred in a network's input.

    Attributes:
        size_px: Width and height of the picture.
        inner_px: Width and height of the picture inside the input.
        left: Columns of margin on the left.
        top: Rows of margin above.
    """

    size_px: tuple[int, int]
    inner_px: tuple[int, int]
    left: int
    top: int

    @classmethod
    def fit(cls, size_px: tuple[int, int], shape: tuple[int, int]) -> Self:
        """The largest placement in an input of `shape` (height, width) that keeps the aspect."""
        scale = min(shape[1] / size_px[0], shape[0] / size_px[1])
        inner = max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale))
        return cls(size_px, inner, (shape[1] - inner[0]) // 2, (shape[0] - inner[1]) // 2)

    def place(self, image_bgr: NDArray[np.uint8], into: NDArray[np.uint8]) -> None:
        """Write the picture, resized, into the input `(H, W, 3)`; the margin is left as it is."""
        width, height = self.inner_px
        window = into[self.top : self.top + height, self.left : self.left + width]
        window[:] = cv2.resize(image_bgr, self.inner_px, interpolation=cv2.INTER_LINEAR)

    def to_picture(self, boxes_xyxy: FloatArray) -> FloatArray:
        """Boxes of the input as boxes of the picture, clipped to it.

        Args:
            boxes_xyxy: `(N, 4)`, pixels of the input.

        Returns:
            `(N, 4)`, pixels of the picture.
        """
        corners = (boxes_xyxy.reshape(-1, 2, 2) - (self.left, self.top)) * np.divide(self.size_px, self.inner_px)
        return np.asarray(np.clip(corners, 0.0, self.size_px), np.float32).reshape(-1, 4)


def letterboxed(
    images_bgr: list[NDArray[np.uint8]], shape: tuple[int, int]
) -> tuple[NDArray[np.uint8], list[Letterbox]]:
    """One batch of pictures, and how each was placed.

    Args:
        images_bgr: `(h, w, 3)` each; sizes may differ.
        shape: Height and width of the network's input.

    Returns:
        `(B, H, W, 3)` uint8 BGR, and B placements.
    """
    batch = np.full((len(images_bgr), *shape, 3), MARGIN_GREY, np.uint8)
    boxes = [Letterbox.fit((image.shape[1], image.shape[0]), shape) for image in images_bgr]
    for box, image, into in zip(boxes, images_bgr, batch, strict=True):
        box.place(image, into)
    return batch, boxes
