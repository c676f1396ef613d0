"""What lies in the folders that jobs may read from, for somebody who picks videos on a page."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from errors import SourceError
from web.confine import Confinement
from web.service import TheService, may_fail

VIDEOS: Final = frozenset(
    {".mp4", ".avi", ".mkv", ".mov", ".m4v", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts", ".webm", ".wmv", ".flv", ".3gp"}
)
"""What is shown as a video; jobs read whatever the video library can, by name."""
MOST: Final = 1000
"""Entries of one folder that are shown."""

router = APIRouter(tags=["tracking"])


class Entry(BaseModel):
    """A file or folder that a job may be given."""

    name: str = Field(description="As it is called", examples=["cam11.mp4"])
    path: str = Field(description="To ask for it by", examples=["videos/cam11.mp4"])
    kind: str = Field(description="`folder`, `video` or `json`", examples=["video"])
    bytes: int = Field(description="Its size; 0 for a folder", examples=[7610494])


class InputsReply(BaseModel):
    """What lies in a folder."""

    folder: str | None = Field(description="Which; null for the list of folders there are", examples=["videos"])
    parent: str | None = Field(description="Where it lies in; null at the top", examples=[None])
    entries: list[Entry] = Field(description="Folders first, then files, by name")
    more: bool = Field(description="Whether there is more than is shown", examples=[False])


@router.get(
    "/inputs",
    response_description="Folders and files",
    summary="What jobs may read",
    responses=may_fail(_403="Outside of the folders that jobs may read from", _404="No such folder"),
)
def list_inputs(
    service: TheService,
    folder: Annotated[
        str | None, Query(max_length=4096, description="The folder; the top when absent", examples=["videos"])
    ] = None,
) -> InputsReply:
    """Folders, videos and calibrations, as jobs are given them. What is hidden or leads outside is left out."""
    tops = service.settings.inputs
    if folder is None and len(tops) > 1:
        listed = [Entry(name=str(top), path=str(top), kind="folder", bytes=0) for top in tops]
        return InputsReply(folder=None, parent=None, entries=listed, more=False)
    here = Path(folder) if folder is not None else tops[0]
    service.confinement.check_input(str(here))
    try:
        found = sorted(
            _entries(here, service.confinement), key=lambda entry: (entry.kind != "folder", entry.name.lower())
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SourceError(
            f"folder {here}: cannot be listed: {reason}; check the path", code="folder_unknown"
        ) from error
    return InputsReply(folder=str(here), parent=_parent(here, tops), entries=found[:MOST], more=len(found) > MOST)


def _entries(folder: Path, confinement: Confinement) -> Iterator[Entry]:
    with os.scandir(folder) as items:
        for item in items:
            with suppress(OSError):  # a link to nothing, or gone meanwhile
                kind = _kind(item)
                if kind is not None and _reachable(item, confinement):
                    size = 0 if kind == "folder" else item.stat().st_size
                    yield Entry(name=item.name, path=str(folder / item.name), kind=kind, bytes=size)


def _kind(item: os.DirEntry[str]) -> str | None:
    """What is shown of an entry; None for nothing."""
    if item.name.startswith("."):
        return None
    if item.is_dir():
        return "folder"
    suffix = Path(item.name).suffix.lower()
    return "video" if suffix in VIDEOS else "json" if suffix == ".json" and item.is_file() else None


def _reachable(item: os.DirEntry[str], confinement: Confinement) -> bool:
    """Whether an entry is no link that leads out of the allowed folders."""
    if not item.is_symlink():
        return True
    try:
        confinement.check_input(item.path)
    except SourceError:
        return False
    return True


def _parent(folder: Path, tops: tuple[Path, ...]) -> str | None:
    """The folder around it, as long as that is none above the allowed ones; empty for the list of those."""
    if any(folder.resolve() == top.resolve() for top in tops):
        return "" if len(tops) > 1 else None
    return str(folder.parent)
