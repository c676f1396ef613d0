"""Opens an input of whichever kind."""

from __future__ import annotations

import os
from collections.abc import Mapping

from address import Address, Kind, parse_address
from errors import ConfigError
from source_settings import CameraConfig, LiveConfig
from sources import LiveStream, RecordedVideo
from sources.folder import PictureFolder
from sources.network import NetworkStream
from sources.paced import RealtimeFile
from sources.webcam import WebcamStream
from video_file import VideoFile


def address_of(camera: CameraConfig, environ: Mapping[str, str] = os.environ) -> Address:
    """Where a camera is, with the credentials that the environment holds.

    Raises:
        ConfigError: A variable that should hold them is not set.
        SourceError: `source_scheme` or `source_url`.
    """
    values = {}
    for key, variable in (("user", camera.username_env), ("password", camera.password_env)):
        if variable is not None and not environ.get(variable):
            who = camera.id or parse_address(camera.source).shown
            raise ConfigError(f"camera {who}: {key}: the environment variable {variable} is not set; set it")
        values[key] = environ[variable] if variable is not None else ""
    return parse_address(camera.source, **values)


def open_recorded(address: Address, settings: LiveConfig) -> RecordedVideo:
    """Open what holds its pictures already.

    Args:
        address: A file or a folder.
        settings: `folder_fps` counts here.

    Raises:
        SourceError: It cannot be read.
    """
    if address.kind is Kind.FOLDER:
        return PictureFolder(address.target, settings.folder_fps)
    return VideoFile(address.target)


def open_live(address: Address, settings: LiveConfig) -> LiveStream:
    """Open what sends by itself, or a file that passes for it.

    Raises:
        SourceError: See the kinds.
    """
    if address.recorded:
        return RealtimeFile(address.shown, lambda: open_recorded(address, settings), loop=settings.loop)
    if address.kind is Kind.WEBCAM:
        return WebcamStream(address)
    return NetworkStream(address, settings)
