"""A folder of pictures as a video: one frame each, in the order of their names, at a given rate."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from errors import SourceError
from sources.fitting import fitted
from video_file import Picture

SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


class PictureFolder:
    """The pictures of a folder; belongs to one thread.

    Attributes:
        fps: As given.
        frames_total: How many there are.
        duration_s: How long they last at that rate.
        damaged: Pictures that could not be read so far.

    Args:
        path: The folder.
        fps: Pictures per second of media time.

    Raises:
        SourceError: `source_is_directory`: there is no picture in it.
    """

    def __init__(self, path: str, fps: float) -> None:
        self._paths = picture_files(path)
        if not self._paths:
            raise SourceError(
                f"{path}: is a directory without pictures; name a video file or a folder of pictures",
                code="source_is_directory",
            )
        self.fps = fps
        self.frames_total = len(self._paths)
        self.duration_s = len(self._paths) / fps
        self.damaged = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held open."""

    def pictures(self) -> Iterator[Picture]:
        """Every readable picture, in order; those of another size than the first are fitted into its size."""
        size_px: tuple[int, int] | None = None
        for index, path in enumerate(self._paths):
            image = _read(path)
            if image is None:
                self.damaged += 1
                continue
            size_px = size_px or (image.shape[1], image.shape[0])
            image = fitted(image, size_px)
            yield Picture(index, index / self.fps, image)

    def shortfall(self) -> str | None:
        """Nothing is promised that is not there."""
        return None


def picture_files(folder: str) -> list[Path]:
    """The pictures in a folder, by name, numbers by value: `9.jpg` before `10.jpg`."""
    found = [Path(entry.path) for entry in os.scandir(folder) if Path(entry.name).suffix.lower() in SUFFIXES]
    return sorted(found, key=_by_name)


def _by_name(path: Path) -> tuple[list[int | str], str]:
    parts = re.split(r"([0-9]+)", path.name)  # text and numbers take turns
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], path.name


def _read(path: Path) -> NDArray[np.uint8] | None:
    try:
        data = np.fromfile(path, np.uint8)
    except OSError:
        return None
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    return None if image is None else np.asarray(image, np.uint8)
