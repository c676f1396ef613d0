"""The records in a results folder, and nothing else that lies in it: by name, or all as one ZIP."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sinks.records import FOLDERS, is_record

PACKED: Final = frozenset({".jpg", ".jpeg", ".mp4", ".avi", ".zip"})
"""What does not get smaller."""
CHUNK_BYTES: Final = 1 << 18


def files_in(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every record in a folder with its name in it, in order; links and files that no job writes are left out."""
    for place, folders, names in os.walk(folder, followlinks=False):
        if Path(place) == folder:  # a folder of others may be large
            folders[:] = FOLDERS.intersection(folders)
        folders.sort()
        for name in sorted(names):
            path = Path(place) / name
            within = path.relative_to(folder).as_posix()
            if is_record(within) and path.is_file() and not path.is_symlink():
                yield within, path


def file_in(folder: Path, name: str) -> Path | None:
    """The file of a name that `files_in` would give; None for every other name."""
    if not is_record(name):
        return None
    path = folder / name
    with suppress(OSError):  # a name that no system takes
        below = path.resolve() == folder.resolve() / name  # no link on the way
        return path if below and path.is_file() else None
    return None


class _Pieces:
    """What a ZIP is written into, to be taken out piece by piece; cannot be sought in."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing lies anywhere else."""

    def take(self) -> bytes:
        """What was written since the last time."""
        piece = bytes(self._held)
        self._held.clear()
        return piece


def zipped(files: Iterable[tuple[str, Path]]) -> Iterator[bytes]:
    """A ZIP of files, made while it is read: neither memory nor disk holds more than a piece of it.

    Args:
        files: Names in the ZIP and where they are; one that is gone when its turn comes is left out.
    """
    pieces = _Pieces()
    with ZipFile(pieces, "w") as archive:  # type: ignore[call-overload]  # needs no more than `write` and `flush`
        for name, path in files:
            with suppress(FileNotFoundError), path.open("rb") as source:
                info = ZipInfo.from_file(path, name, strict_timestamps=False)
                info.compress_type = ZIP_STORED if path.suffix.lower() in PACKED else ZIP_DEFLATED
                with archive.open(info, "w", force_zip64=True) as target:
                    while chunk := source.read(CHUNK_BYTES):
                        target.write(chunk)
                        yield pieces.take()
    yield pieces.take()
