"""Opens every input of a job once and says what it is, or what is wrong with it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from address import Address, Kind
from config import TrackingConfig
from entities import CameraId, Source
from errors import SourceError
from source_settings import CameraConfig, LiveConfig
from sources import LiveStream
from sources.folder import picture_files
from sources.network import AWAY
from sources.opening import address_of, open_live, open_recorded
from video_file import USUAL_FPS

MAX_NAME: Final = 48
"""Longest camera name, in characters; it becomes part of file names."""
UNKNOWN_SIZE_PX: Final = (1280, 720)
"""A camera that cannot be reached yet is taken to send this size; its pictures are fitted into it when they come."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a job.

    Attributes:
        camera: What is set of it.
        address: Where it is.
        source: What was found there.
        away: Why it cannot be reached yet; None when it can.
    """

    camera: CameraConfig
    address: Address
    source: Source
    away: SourceError | None = None


def is_live(addresses: Sequence[Address], settings: LiveConfig) -> bool:
    """Whether a job is live: one camera that sends by itself makes everybody keep its time."""
    return settings.realtime or not all(address.recorded for address in addresses)


def probe_inputs(config: TrackingConfig, environ: Mapping[str, str] = os.environ) -> tuple[Input, ...]:
    """Open every input once and describe it, in the order given, under unique camera names.

    Raises:
        ConfigError: A variable that should hold credentials is not set.
        SourceError: No input (`source_count`), the same twice, also through a link (`source_duplicate`), or one that
            cannot be used. Cameras on the network that do not answer are forgiven as long as another one does, or
            where `live.wait_at_start` is set.
    """
    cameras = config.inputs
    addresses = [address_of(camera, environ) for camera in cameras]
    live = is_live(addresses, config.live)
    if len(cameras) < (1 if live else 2):
        raise SourceError(f"got {len(cameras)} video(s); give at least 2, one a camera", code="source_count")
    _refuse_twins(addresses)
    names: list[CameraId] = []
    for camera, address in zip(cameras, addresses, strict=True):
        names.append(camera_name(camera.id or default_name(address), names))
    describe = partial(_describe_live if live else _describe_recorded, settings=config.live)
    if not live:
        found = [describe(*item) for item in zip(cameras, addresses, names, strict=True)]
        return tuple(found)
    with ThreadPoolExecutor(len(cameras), thread_name_prefix="probe") as pool:
        inputs = tuple(pool.map(describe, cameras, addresses, names))
    away = [item.away for item in inputs if item.away is not None]
    if len(away) == len(inputs) and not config.live.wait_at_start:
        raise away[0]
    return inputs


def camera_name(name: str, taken: Sequence[str] = ()) -> CameraId:
    """The name, safe as a file name and different from `taken` also where case does not count.

    >>> camera_name("front door"), camera_name("CAM", ["cam", "cam-2"])
    ('front_door', 'CAM-3')
    """
    stem = re.sub(r"[^\w.-]", "_", name).strip(".")[:MAX_NAME] or "camera"
    names = {name.casefold() for name in taken}
    name, number = stem, 1
    while name.casefold() in names:
        number += 1
        name = f"{stem}-{number}"
    return CameraId(name)


def default_name(address: Address) -> str:
    """What to call an input that nobody named: a file's stem, a folder's name, a host and the path on it."""
    if address.kind is Kind.WEBCAM:
        return f"webcam{address.target}"
    if address.host:
        return "_".join([address.host, *filter(None, urlsplit(address.shown).path.split("/"))])
    path = Path(address.target)
    return path.stem if address.kind is Kind.FILE else path.absolute().name


def _refuse_twins(addresses: Sequence[Address]) -> None:
    seen: dict[object, str] = {}
    for address in addresses:
        twin = seen.get(_identity(address))
        if twin is not None:
            what = "file" if address.recorded else "camera"
            raise SourceError(
                f"{address.shown} and {twin} are the same {what}; give each video once", code="source_duplicate"
            )
        seen[_identity(address)] = address.shown


def _identity(address: Address) -> object:
    if not address.recorded:
        return address.target
    _check_file(address)
    status = os.stat(address.target)
    return status.st_dev, status.st_ino


def _describe_recorded(camera: CameraConfig, address: Address, name: CameraId, settings: LiveConfig) -> Input:
    return Input(camera, address, _as_set(open_source(address, name, settings), camera))


def _as_set(source: Source, camera: CameraConfig) -> Source:
    """The source as the job sees it: under its name, with as many frames as are taken of it."""
    total = source.frames_total
    taken = None if total is None else -(-total // camera.stride)
    return replace(source, name=camera.name, fps=source.fps / camera.stride, frames_total=taken)


def open_source(address: Address, camera_id: CameraId, settings: LiveConfig) -> Source:
    """Check that a recorded input has at least one decodable picture, and say what it is.

    Raises:
        SourceError: `source_missing`, `source_is_directory`, `source_empty`, `source_no_video`, `source_unreadable`.
    """
    _check_file(address)
    with open_recorded(address, settings) as video:
        first = next(video.pictures(), None)
        if first is None:
            raise SourceError(
                f"{address.shown}: not one picture in it can be decoded; the file is damaged or empty of video"
            )
        height, width = first.image_bgr.shape[:2]
        return Source(camera_id, address.shown, (width, height), video.fps, video.frames_total, video.duration_s)


def _describe_live(camera: CameraConfig, address: Address, name: CameraId, settings: LiveConfig) -> Input:
    try:
        stream = open_live(address, settings)
        try:
            source = _first_picture(stream, address, name)
        finally:
            stream.close()
    except SourceError as error:
        if error.code not in AWAY:
            raise
        unknown = Source(name, address.shown, UNKNOWN_SIZE_PX, USUAL_FPS)
        return Input(camera, address, _as_set(unknown, camera), error)
    return Input(camera, address, _as_set(source, camera))


def _first_picture(stream: LiveStream, address: Address, name: CameraId) -> Source:
    first = next(iter(stream.pictures()), None)
    if first is None:
        raise SourceError(f"{address.shown}: ended before its first picture; check that it plays elsewhere")
    height, width = first.image_bgr.shape[:2]
    return Source(name, address.shown, (width, height), stream.fps, stream.frames_total, stream.duration_s)


def _check_file(address: Address) -> None:
    uri = address.target
    try:
        status = os.stat(uri)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceError(f"{uri}: no such file; check the path", code="source_missing") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{uri!r}: cannot be looked at ({error}); check the path") from error
    if stat.S_ISDIR(status.st_mode):
        if not os.access(uri, os.R_OK | os.X_OK):
            raise SourceError(f"{uri}: no permission to read the folder; change its mode or owner")
        if not picture_files(uri):
            raise SourceError(
                f"{uri}: is a directory without pictures; name a video file or a folder of pictures",
                code="source_is_directory",
            )
        return
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{uri}: is not a regular file; name a video file")
    if status.st_size == 0:
        raise SourceError(f"{uri}: the file is empty (0 bytes); copy or record it again", code="source_empty")
    if not os.access(uri, os.R_OK):
        raise SourceError(f"{uri}: no permission to read it; change its mode or owner")
