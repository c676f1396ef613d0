"""Video in .avi: XVID or MJPG by OpenCV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from errors import OutputError
from sinks.disk import check_size, free_bytes, remove_if_empty, require_room

CODES: Final = ("XVID", "MJPG")
"""Tried in turn: XVID is a fifth of the size and the quicker one; MJPG is built into OpenCV and always there."""
SPACE_EVERY: Final = 30
GROWTH_EVERY: Final = 300
"""Pictures between two looks at the free space and at the growth of the file."""


class AviWriter:
    """XVID or MJPG in an AVI, by OpenCV's VideoWriter.

    OpenCV drops what it cannot write without a word, so the writer looks at the room on the disk, at the growth of the
    file, and counts the pictures of the closed file.

    Args:
        path: Replaced when it exists.
        size_px: Width and height, both even.
        fps: Pictures per second.
        codes: The four-letter codes to try in turn.
        room: Tells the free bytes of a folder.
    """

    def __init__(
        self,
        path: Path,
        size_px: tuple[int, int],
        fps: float,
        codes: Sequence[str] = CODES,
        room: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._path = path
        self._size_px = size_px
        self._fps = fps
        self._codes = codes
        self._room = room
        self._written = 0
        self._bytes = 0

    @property
    def active(self) -> bool:
        """Always: a video wants every picture."""
        return True

    def __enter__(self) -> Self:
        require_room(self._path, self._room)
        for code in self._codes:
            self._writer = cv2.VideoWriter(str(self._path), cv2.VideoWriter.fourcc(*code), self._fps, self._size_px)
            if self._writer.isOpened():
                return self
            self._writer.release()
        tried = " and ".join(self._codes)
        raise OutputError(f"output {self._path}: OpenCV could not open it with {tried}; check the folder, or use .mp4")

    def write(self, picture_bgr: NDArray[np.uint8]) -> None:
        check_size(picture_bgr, self._size_px)
        if self._written % SPACE_EVERY == 0:
            require_room(self._path, self._room)
        self._writer.write(picture_bgr)
        self._written += 1
        if self._written % GROWTH_EVERY == 0:
            self._require_growth()

    def _require_growth(self) -> None:
        size = self._path.stat().st_size if self._path.exists() else 0
        if size <= self._bytes:
            raise OutputError(f"output {self._path}: stopped growing at {size} bytes; check the disk and its quota")
        self._bytes = size

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.release()
        remove_if_empty(self._path, self._written)
        if error is None and self._written:
            self._require_complete()

    def _require_complete(self) -> None:
        try:
            with av.open(str(self._path)) as container:
                found = container.streams.video[0].frames
        except (OSError, IndexError) as problem:
            raise OutputError(f"output {self._path}: cannot be read back after writing: {problem}") from problem
        if found < self._written:
            raise OutputError(
                f"output {self._path}: only {found} of {self._written} pictures were written; "
                "check the disk and its quota"
            )
