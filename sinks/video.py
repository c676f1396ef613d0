"""The annotated video: which writer for which file, and whether it could be written at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from errors import OutputError
from sinks.avi import AviWriter
from sinks.disk import check_output_file
from sinks.mp4 import Mp4Writer, require_encoder

EXTENSIONS: Final = (".mp4", ".avi")


def open_video(path: Path, size_px: tuple[int, int], fps: float) -> Mp4Writer | AviWriter:
    """The writer for the path's extension, not yet entered.

    Args:
        path: Ends in one of `EXTENSIONS`; an existing file is replaced.
        size_px: Width and height, both even.
        fps: Pictures per second.

    Raises:
        OutputError: `output_extension`.
    """
    _check_extension(path)
    if path.suffix.lower() == ".mp4":
        return Mp4Writer(path, size_px, fps)
    return AviWriter(path, size_px, fps)


def check_video_path(path: Path, *, overwrite: bool, inputs: Sequence[str]) -> None:
    """Find out before the work whether the video can be written at the end of it. Leaves nothing behind.

    A missing folder is an error and not made: it is more often a slip of the pen than a wish.

    Raises:
        OutputError: `output_extension`, `output_is_input`, `output_no_folder`, `output_exists`, `output_unwritable` or
            `encoder_missing`.
    """
    _check_extension(path)
    check_output_file(path, overwrite=overwrite, inputs=inputs)
    if path.suffix.lower() == ".mp4":
        require_encoder()


def _check_extension(path: Path) -> None:
    if path.suffix.lower() not in EXTENSIONS:
        known = " or ".join(EXTENSIONS)
        raise OutputError(
            f"output {path}: unknown extension {path.suffix or '(none)'!r}; use {known}", code="output_extension"
        )
