"""`cameras.toml`: the cameras of a place, each said once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from address import parse_address, redacted
from errors import ConfigError, SourceError
from source_settings import CameraConfig

CAMERA: Final = TypeAdapter(CameraConfig)
HEADER: Final = re.compile(r"\s*\[\[\s*camera\s*\]\]")


def read_cameras(path: Path, only: Sequence[str] = ()) -> tuple[CameraConfig, ...]:
    """The enabled cameras of a file, in its order.

    Paths in it are relative to the file's folder.

    Args:
        path: TOML with a table `[[camera]]` for each, see `docs/sources.md`.
        only: Take those of these ids; empty takes all.

    Raises:
        ConfigError: `cameras_invalid`, naming the file, the line, the camera and the key.
    """
    file = _CamerasFile(path)
    entries = file.entries()
    seen: set[str] = set()
    cameras = []
    for number, entry in enumerate(entries):
        camera, enabled = file.camera(number, entry)
        name = camera.id or ""
        if name.casefold() in seen:
            raise file.wrong(number, "id", f"there is another camera {name!r}; ids differ in more than case")
        seen.add(name.casefold())
        if enabled and (not only or name in only):
            cameras.append(camera)
    missing = [name for name in only if name not in {camera.id for camera in cameras}]
    if missing:
        known = ", ".join(str(entry["id"]) for entry in entries)
        raise ConfigError(f"{path}: no enabled camera {', '.join(missing)}; there are {known}", code="cameras_invalid")
    if not cameras:
        raise ConfigError(f"{path}: no camera is enabled; set enabled = true for one", code="cameras_invalid")
    return tuple(cameras)


class _CamerasFile:
    """The text of the file, which knows where everything stands."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._text = path.read_text(encoding="utf-8")
        except OSError as error:
            reason = f"{path}: {error.strerror or error}; check the path"
            raise ConfigError(reason, code="cameras_invalid") from error
        except UnicodeDecodeError as error:
            raise ConfigError(f"{path}: not a text file in UTF-8", code="cameras_invalid") from error

    def entries(self) -> list[dict[str, Any]]:
        """The tables, not looked at yet."""
        try:
            document = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{self._path}: not TOML: {error}", code="cameras_invalid") from error
        entries = document.pop("camera", None)
        if document or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            other = f", not {next(iter(document))!r}" if document else ""
            raise ConfigError(f"{self._path}: want tables [[camera]]{other}", code="cameras_invalid")
        return entries

    def camera(self, number: int, entry: Mapping[str, Any]) -> tuple[CameraConfig, bool]:
        """One camera, and whether it is enabled."""
        for key in ("id", "source"):
            if key not in entry:
                raise self.wrong(number, None, f"{key} is missing")
        values = dict(entry)
        enabled = values.pop("enabled", True)
        if not isinstance(enabled, bool):
            raise self.wrong(number, "enabled", f"want true or false, got {enabled!r}")
        try:
            camera = CAMERA.validate_python(values)
            address = parse_address(camera.source)
        except ValidationError as error:
            first = error.errors()[0]
            got = redacted(repr(first["input"]))
            raise self.wrong(number, str(first["loc"][0]), f"{first['msg']} (got {got})") from None
        except SourceError as error:
            raise self.wrong(number, "source", error.message) from error
        if camera.password_env is not None and camera.username_env is None:
            raise self.wrong(number, "password_env", "needs username_env beside it")
        return self._placed(camera, recorded=address.recorded), enabled

    def wrong(self, number: int, key: str | None, reason: str) -> ConfigError:
        """What is wrong with a camera, and where that stands."""
        line = _line_of(self._text, number, key)
        what = f"camera {number + 1}" + (f": {key}" if key else "")
        return ConfigError(f"{self._path}:{line}: {what}: {reason}", code="cameras_invalid")

    def _placed(self, camera: CameraConfig, *, recorded: bool) -> CameraConfig:
        """The camera with its paths relative to where the program runs."""
        folder = self._path.parent
        source = str(folder / camera.source) if recorded else camera.source
        calibration = None if camera.calibration is None else folder / camera.calibration
        return replace(camera, source=source, calibration=calibration)


def _line_of(text: str, number: int, key: str | None) -> int:
    """The line, from 1, of a key of the camera of this number, or of the camera's header where it has no such key."""
    lines = text.splitlines()
    headers = [index for index, line in enumerate(lines) if HEADER.match(line)]
    if number >= len(headers):  # written as an array of inline tables
        return 1
    start = headers[number]
    end = headers[number + 1] if number + 1 < len(headers) else len(lines)
    wanted = re.compile(rf"\s*[\"']?{re.escape(key or '')}[\"']?\s*=")
    found = [index for index in range(start, end) if key and wanted.match(lines[index])]
    return (found[0] if found else start) + 1
