"""Text on pictures: crisp at small sizes, never wider than its place."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from sinks.palette import BgrColour

REGULAR = 400
SEMIBOLD = 600
KEPT = 1024
"""Widths of texts that are remembered."""
CAP_HEIGHT = 0.7
"""Height of a capital letter as a share of the font size."""


class Lettering:
    """Writes in OpenCV's built-in font; belongs to one thread."""

    def __init__(self) -> None:
        self._font = cv2.FontFace("sans")
        self._widths = lru_cache(KEPT)(self._measured)  # most labels are those of the picture before

    def width(self, text: str, size_px: int, weight: int = REGULAR) -> int:
        """Pixels across that `write` will take."""
        return self._widths(text, size_px, weight)

    def _measured(self, text: str, size_px: int, weight: int) -> int:
        _, _, width, _ = cv2.getTextSize((0, 0), text, (0, 0), self._font, size_px, weight)
        return int(width)

    def write(
        self,
        image: NDArray[np.uint8],
        text: str,
        start: tuple[int, int],
        colour: BgrColour,
        size_px: int,
        *,
        weight: int = REGULAR,
    ) -> None:
        """Write in place.

        Args:
            image: `(H, W, 3)` uint8.
            text: One line; see `printable`.
            start: Left end and middle line of the capitals, pixels.
            colour: Of the letters.
            size_px: Font size.
            weight: `REGULAR` or `SEMIBOLD`.
        """
        left, middle = start
        baseline = middle + round(CAP_HEIGHT * size_px / 2)
        cv2.putText(image, text, (left, baseline), colour, self._font, size_px, weight)

    def fitted(self, text: str, room_px: int, size_px: int, weight: int = REGULAR) -> str:
        """The text, cut short with an ellipsis where it would be wider than `room_px`; may be empty."""
        if self.width(text, size_px, weight) <= room_px:
            return text
        for length in range(len(text) - 1, 0, -1):
            shorter = text[:length].rstrip() + "…"
            if self.width(shorter, size_px, weight) <= room_px:
                return shorter
        return ""


def printable(text: str) -> str:
    """The text with what cannot be drawn (control characters, undecodable bytes of file names) as `?`."""
    return "".join(character if character.isprintable() else "?" for character in text)


def clock(time_s: float) -> str:
    """Media time for people.

    >>> clock(0.0), clock(83.46), clock(3723.0)
    ('00:00.0', '01:23.4', '1:02:03.0')
    """
    tenths = int(max(0.0, time_s) * 10 + 1e-6)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    ahead = f"{hours}:" if hours else ""
    return f"{ahead}{minutes:02d}:{rest // 10:02d}.{rest % 10}"
