"""A camera at this machine, by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from address import Address
from errors import SourceError
from sources import LivePicture
from video_file import MAX_FPS, USUAL_FPS


class Capture(Protocol):
    """What is used of `cv2.VideoCapture`."""

    def isOpened(self) -> bool: ...  # noqa: N802 - OpenCV's name

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]: ...

    def get(self, property_: int, /) -> float: ...

    def release(self) -> None: ...


def _capture(number: int) -> Capture:
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # our error says it in one line, not in ten
    return cast("Capture", cv2.VideoCapture(number))


class WebcamStream:
    """An opened webcam.

    Args:
        address: Which.
        capture: Opens it by number; OpenCV unless given.

    Raises:
        SourceError: `source_unreachable`: there is none of that number, or somebody else uses it.
    """

    endless = True
    paced = False
    frames_total: Final = None
    duration_s: Final = None
    damaged: Final = 0

    def __init__(self, address: Address, capture: Callable[[int], Capture] = _capture) -> None:
        self._shown = address.shown
        self._capture = capture(int(address.target))
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(
                f"{self._shown}: no camera of that number can be opened; is it plugged in, and used by nobody else?",
                code="source_unreachable",
            )
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = rate if 0.0 < rate <= MAX_FPS else USUAL_FPS

    def pictures(self) -> Iterator[LivePicture]:
        while True:
            arrived, image = self._capture.read()
            if not arrived or image is None:
                raise SourceError(f"{self._shown}: sends no more pictures; was it unplugged?", code="source_lost")
            image.setflags(write=False)
            yield LivePicture(image, None)

    def close(self) -> None:
        self._capture.release()
