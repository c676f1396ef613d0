"""The folder of records: may we write there, and how to write so that every file is whole on every path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from errors import OutputError
from sinks.disk import NO_ROOM


def check_results_folder(path: Path, overwrite: bool) -> None:
    """Say early, before any work is done, whether records can be written to a folder; nothing is created.

    Raises:
        OutputError: `output_exists` when the folder holds something and `overwrite` is not set, `output_unwritable`
            when it is a file, has no parent or may not be written to.
    """
    if path.exists() and not path.is_dir():
        raise OutputError(f"results {path}: is a file; name a folder")
    if not path.exists() and not path.absolute().parent.is_dir():
        raise OutputError(f"results {path}: the folder {path.absolute().parent} does not exist; create it first")
    existing = path if path.exists() else path.absolute().parent
    if not os.access(existing, os.W_OK | os.X_OK):
        raise OutputError(f"results {path}: no permission to write to {existing}; choose another folder")
    with writing(path):
        occupied = path.exists() and any(path.iterdir())
    if occupied and not overwrite:
        raise OutputError(
            f"results {path}: the folder is not empty; choose another, or add --overwrite to replace earlier records "
            "(files of others in it are left alone)",
            code="output_exists",
        )


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says about a path into an `OutputError`: `disk_full` or `output_unwritable`."""
    try:
        yield
    except OSError as error:
        place = error.filename or path
        if error.errno in NO_ROOM:
            raise OutputError(
                f"{place}: disk full ({error.strerror}); free some space and start again (what was written is valid)",
                code="disk_full",
            ) from error
        raise OutputError(f"{place}: cannot be written: {error.strerror or error}; check folder and disk") from error


class GrowingFile:
    """A file that grows by whole pieces (lines, rows), unbuffered, so that it is valid at any moment.

    Raises:
        OutputError: It cannot be opened or written; a piece half written is taken back first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._end = 0
        with writing(path):
            self._file = path.open("wb", buffering=0)

    def append(self, data: bytes) -> None:
        """Add whole pieces; nothing happens for none."""
        left = memoryview(data)
        with writing(self._path):
            try:
                while left:
                    left = left[self._file.write(left) :]
            except OSError:
                with suppress(OSError):
                    self._file.truncate(self._end)
                raise
        self._end += len(data)

    def close(self) -> None:
        """Close it; may be called twice."""
        self._file.close()


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Write a file anew: it appears, or replaces the old one, when the block ends well, else nothing changes.

    Raises:
        OutputError: It cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    with writing(path):
        try:
            with part.open("wb") as file:
                yield file
            os.replace(part, path)
        finally:
            with suppress(OSError):
                part.unlink()
