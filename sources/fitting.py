"""Pictures of one size, whatever size they come in."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def fitted(image_bgr: NDArray[np.uint8], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """The picture in a given size, its aspect kept, black where it does not reach.

    So a camera's coordinates, and with them its tracks and its calibration, outlive a change of its resolution.

    Args:
        image_bgr: `(H, W, 3)` uint8.
        size_px: Width and height wanted.

    Returns:
        `(H', W', 3)`, read-only from now on; the picture itself when it has that size.
    """
    width, height = size_px
    rows, columns = image_bgr.shape[:2]
    if (columns, rows) == size_px:
        image_bgr.setflags(write=False)
        return image_bgr
    scale = min(width / columns, height / rows)
    inner = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    smaller = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_LINEAR
    out = np.zeros((height, width, 3), np.uint8)
    top, left = (height - inner[1]) // 2, (width - inner[0]) // 2
    cv2.resize(image_bgr, inner, dst=out[top : top + inner[1], left : left + inner[0]], interpolation=smaller)
    out.setflags(write=False)
    return out
