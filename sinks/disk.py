"""What the writers of single files share: permission, room on the disk, sizes, plain words for the system's errors."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from errors import OutputError

RESERVE_BYTES: Final = 16 * 2**20
"""Writing stops while this much is free, so that the file can still be closed properly."""
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def check_output_file(path: Path, *, overwrite: bool, inputs: Sequence[str]) -> None:
    """Find out before the work whether a file can be written at the end of it. Leaves nothing behind.

    A missing folder is an error and not made: it is more often a slip of the pen than a wish.

    Raises:
        OutputError: `output_is_input`, `output_no_folder`, `output_exists` or `output_unwritable`.
    """
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


def free_bytes(folder: Path) -> int:
    """Room left on the disk of a folder."""
    return shutil.disk_usage(folder).free


def require_room(path: Path, room: Callable[[Path], int]) -> None:
    """Stop before the disk is full.

    Args:
        path: The file being written.
        room: Tells the free bytes of a folder.

    Raises:
        OutputError: `disk_full`, or `output_unwritable` when the disk cannot be asked.
    """
    try:
        left = room(path.parent)
    except OSError as error:
        raise as_output_error(path, error) from error
    if left < RESERVE_BYTES:
        raise OutputError(
            f"output {path}: disk full ({left // 2**20} MiB left, {RESERVE_BYTES // 2**20} are kept free); make room",
            code="disk_full",
        )


def check_size(picture: NDArray[np.uint8], size_px: tuple[int, int]) -> None:
    """Refuse a picture that is not `size_px` (width, height): encoders drop or garble it without a word.

    Raises:
        ValueError: It has another size.
    """
    if picture.shape != (size_px[1], size_px[0], 3):
        raise ValueError(f"picture: want {(size_px[1], size_px[0], 3)}, got {picture.shape}")


def remove_if_empty(path: Path, written: int) -> None:
    """A file without a picture is no video."""
    if not written:
        path.unlink(missing_ok=True)


def as_output_error(path: Path, error: OSError) -> OutputError:
    """The system's error in our words, `disk_full` apart from the others."""
    if error.errno in NO_ROOM:
        return OutputError(f"output {path}: disk full ({error.strerror}); make room", code="disk_full")
    return OutputError(f"output {path}: {error.strerror or error}; check the path and its permissions")
