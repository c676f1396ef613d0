"""The annotated video: which writer for which file, and whether it could be written at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from errors import OutputError
from sinks.avi import AviWriter
from sinks.disk import as_output_error
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
    if any(_same_file(path, Path(uri)) for uri in inputs):
        raise OutputError(f"output {path}: is also an input; choose another name", code="output_is_input")
    if not path.parent.is_dir():
        raise OutputError(
            f"output {path}: there is no folder {path.parent}; create it or choose another", code="output_no_folder"
        )
    if path.is_dir():
        raise OutputError(f"output {path}: is a folder; give a file name in it")
    if path.exists() and not overwrite:
        raise OutputError(f"output {path}: exists; choose another name or pass --overwrite", code="output_exists")
    _try_to_write(path)
    if path.suffix.lower() == ".mp4":
        require_encoder()


def _check_extension(path: Path) -> None:
    if path.suffix.lower() not in EXTENSIONS:
        known = " or ".join(EXTENSIONS)
        raise OutputError(
            f"output {path}: unknown extension {path.suffix or '(none)'!r}; use {known}", code="output_extension"
        )


def _same_file(output: Path, source: Path) -> bool:
    """Whether both names lead to one file, also by links and relative paths."""
    try:
        return os.path.samefile(output, source)
    except (OSError, ValueError):
        return False


def _try_to_write(path: Path) -> None:
    try:
        if path.exists():
            with path.open("ab"):
                return
        with tempfile.TemporaryFile(dir=path.parent):
            return
    except OSError as error:
        raise as_output_error(path, error) from error
