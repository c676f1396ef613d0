"""Lines and tags, drawn smoothly on pictures of any size."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sinks.layout import Rect
from sinks.palette import BgrColour

Image = NDArray[np.uint8]

SUBPIXEL_BITS = 4
TRAIL_BANDS = ((1.0, 0.66, 1, 0.45), (0.66, 0.33, 2, 0.7), (0.33, 0.0, 2, 1.0))
"""A trail from its old end to the person: oldest and newest age as a share of its length, thickness, opacity."""


def draw_trail(picture: Image, points: NDArray[np.float64], ages: NDArray[np.float64], colour: BgrColour) -> None:
    """Draw a way, the older the fainter.

    Args:
        picture: `(H, W, 3)`, drawn over in place; what is outside is cut off.
        points: `(K, 2)` pixels, oldest first, K >= 2.
        ages: `(K,)` from 1, gone, to 0, now.
        colour: Of the person.
    """
    way, known_ages = points.tolist(), ages.tolist()
    for oldest, newest, thickness, opacity in TRAIL_BANDS:
        inside = [index for index, age in enumerate(known_ages) if newest <= age <= oldest]
        if inside:
            # one point more, so that the bands touch
            draw_line(picture, way[max(0, inside[0] - 1) : inside[-1] + 1], colour, thickness, opacity)


def draw_line(
    picture: Image, points: Sequence[tuple[float, float]], colour: BgrColour, thickness: int, opacity: float
) -> None:
    """Blend an anti-aliased line through points over the small part of the picture that it touches.

    A trail has a dozen points: numbers one by one cost less than the calls of numpy.
    """
    height, width = picture.shape[:2]
    across, down = [x for x, _ in points], [y for _, y in points]
    left, right = max(int(min(across)) - 2, 0), min(int(max(across)) + 3, width)
    top, bottom = max(int(min(down)) - 2, 0), min(int(max(down)) + 3, height)
    if left >= right or top >= bottom:
        return
    part = picture[top:bottom, left:right]
    drawn = part.copy() if opacity < 1.0 else part
    unit = 2**SUBPIXEL_BITS
    fixed = np.array([(round((x - left) * unit), round((y - top) * unit)) for x, y in points], np.int32)
    cv2.polylines(
        drawn, [fixed], isClosed=False, color=colour, thickness=thickness, lineType=cv2.LINE_AA, shift=SUBPIXEL_BITS
    )
    if drawn is not part:
        cv2.addWeighted(drawn, opacity, part, 1.0 - opacity, 0.0, dst=part)


def draw_tag(picture: Image, rect: Rect, colour: BgrColour) -> None:
    """A filled rectangle with softened corners."""
    x2, y2 = rect.x + rect.width - 1, rect.y + rect.height - 1
    cv2.rectangle(picture, (rect.x + 1, rect.y), (x2 - 1, y2), colour, cv2.FILLED)
    cv2.rectangle(picture, (rect.x, rect.y + 1), (x2, y2 - 1), colour, cv2.FILLED)
