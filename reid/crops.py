"""How people are cut out of pictures for the Re-ID network."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from entities import FloatArray

CROP_SHAPE = (256, 128)
"""Height and width that OSNet is trained with."""
MEAN_RGB = (0.485 * 255, 0.456 * 255, 0.406 * 255)
"""ImageNet's mean colour, as the network is trained with; subtracted from pixels in [0, 255]."""
STD_RGB = (0.229 * 255, 0.224 * 255, 0.225 * 255)
"""ImageNet's spread of colours; then divides."""


def cut(image_bgr: NDArray[np.uint8], box_xyxy: FloatArray) -> NDArray[np.uint8] | None:
    """The pixels of the picture inside the box, as a view.

    Args:
        image_bgr: `(H, W, 3)`.
        box_xyxy: `(4,)`, pixels; may reach over the border. Fractions of a pixel are cut off.

    Returns:
        `(h, w, 3)`, both at least 1; None when no pixel lies inside, or the box is not finite.
    """
    if not np.isfinite(box_xyxy).all():
        return None
    height, width = image_bgr.shape[:2]
    left, top, right, bottom = np.clip(box_xyxy, 0, (width, height, width, height)).astype(np.int64)
    crop = image_bgr[top:bottom, left:right]
    return crop if crop.size else None


def crops_of(image_bgr: NDArray[np.uint8], boxes_xyxy: FloatArray) -> tuple[list[NDArray[np.uint8]], NDArray[np.bool_]]:
    """The crops of one picture at the network's size.

    Args:
        image_bgr: `(H, W, 3)`.
        boxes_xyxy: `(N, 4)`, pixels. N may be 0.

    Returns:
        `(256, 128, 3)` uint8 BGR for every box with pixels inside, and `(N,)` which boxes those are.
    """
    size = CROP_SHAPE[::-1]
    cuts = [cut(image_bgr, box) for box in boxes_xyxy]
    inside = np.array([item is not None for item in cuts], np.bool_)
    resized = [cv2.resize(item, size, interpolation=cv2.INTER_LINEAR) for item in cuts if item is not None]
    return [np.asarray(item, np.uint8) for item in resized], inside
