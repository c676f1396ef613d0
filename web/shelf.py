"""Calibrations that were made on the page, kept on the server by name, each with its floor plan if it has one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from calibration import check_calibration
from errors import ConfigError
from sinks.results_folder import replacing, writing
from web.photo import photo_kind

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,63}")
"""No dot, no slash: a name of a file in the folder and of nothing else."""
MOST: Final = 200
"""Calibrations that are kept."""
CAMERAS, PLACE, PICTURE = ".json", ".plan.json", ".plan"


@dataclass(frozen=True, slots=True)
class PlanPlace:
    """Where the picture of a floor plan lies.

    Attributes:
        width_m: Of the whole picture.
        left_m: x of its left edge.
        bottom_m: y of its lower edge.
    """

    width_m: float
    left_m: float
    bottom_m: float


@dataclass(frozen=True, slots=True)
class Saved:
    """A calibration on the shelf.

    Attributes:
        name: What somebody called it.
        path: The file, to start a job with.
        cameras: By name.
        saved_unix_s: When it was written last.
        plan: Where its floor plan lies; None without one.
    """

    name: str
    path: Path
    cameras: tuple[str, ...]
    saved_unix_s: float
    plan: PlanPlace | None


class Shelf:
    """A folder of calibrations; what somebody damaged or put there under another kind of name is not told.

    Args:
        folder: Made with the first that is saved.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Saved]:
        """All there are, by name."""
        names = sorted(path.stem for path in self.folder.glob(f"*{CAMERAS}") if NAME.fullmatch(path.stem))
        found = []
        for name in names:
            with suppress(ConfigError):
                found.append(self.get(name))
        return found

    def get(self, name: str) -> Saved:
        """One by name.

        Raises:
            ConfigError: `calibration_unknown`, or `calibration_invalid` if somebody has damaged it.
        """
        path = self._path(name, CAMERAS)
        cameras = self.cameras(name)
        return Saved(name, path, tuple(cameras), path.stat().st_mtime, self._place(name))

    def cameras(self, name: str) -> Mapping[str, Any]:
        """What it says of each camera, as in the file.

        Raises:
            ConfigError: `calibration_unknown` or `calibration_invalid`.
        """
        path = self._path(name, CAMERAS)
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise _unknown(name) from None
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigError(f"calibration {path}: cannot be read: {error}", code="calibration_invalid") from error
        check_calibration(document, path)
        cameras: Mapping[str, Any] = document
        return cameras

    def save(self, name: str, cameras: Mapping[str, Any]) -> Saved:
        """Keep a calibration, in place of one of the same name.

        Raises:
            ConfigError: `calibration_invalid`, `calibration_name`, or `too_many_calibrations`.
            OutputError: It cannot be written.
        """
        path = self._path(name, CAMERAS)
        check_calibration(cameras, Path(name))
        if not path.exists() and len(self.all()) >= MOST:
            raise ConfigError(
                f"{MOST} calibrations are kept, which is the most; remove one", code="too_many_calibrations"
            )
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(f"{json.dumps(cameras, indent=1)}\n".encode())
        return self.get(name)

    def remove(self, name: str) -> None:
        """Throw one away, with its plan.

        Raises:
            ConfigError: `calibration_unknown`.
        """
        path = self._path(name, CAMERAS)
        if not path.is_file():
            raise _unknown(name)
        with writing(self.folder):
            for kind in (CAMERAS, PLACE, PICTURE):
                self._path(name, kind).unlink(missing_ok=True)

    def put_plan(self, name: str, picture: bytes, place: PlanPlace) -> Saved:
        """Lay a floor plan under a calibration.

        Raises:
            ConfigError: `calibration_unknown`.
            TrackingError: `photo_unreadable` or `photo_too_large`.
        """
        photo_kind(picture)
        if not self._path(name, CAMERAS).is_file():
            raise _unknown(name)
        with replacing(self._path(name, PICTURE)) as file:
            file.write(picture)
        with replacing(self._path(name, PLACE)) as file:
            file.write(json.dumps(asdict(place)).encode())
        return self.get(name)

    def plan(self, name: str) -> bytes:
        """The picture of a floor plan.

        Raises:
            ConfigError: `calibration_unknown`.
        """
        try:
            return self._path(name, PICTURE).read_bytes()
        except OSError:
            raise _unknown(name, "floor plan of a calibration") from None

    def name_of(self, path: Path | None) -> str | None:
        """What the calibration of a file is called here; None for files that are not on the shelf."""
        if path is None or path.resolve().parent != self.folder.resolve():
            return None
        return path.stem if NAME.fullmatch(path.stem) and path.suffix == CAMERAS else None

    def _place(self, name: str) -> PlanPlace | None:
        with suppress(OSError, ValueError, TypeError):
            return PlanPlace(**json.loads(self._path(name, PLACE).read_text(encoding="utf-8")))
        return None

    def _path(self, name: str, kind: str) -> Path:
        if not NAME.fullmatch(name):
            raise ConfigError(
                f"calibration {name!r}: a name has up to 64 letters, digits, blanks, _ and -, a letter or digit first",
                code="calibration_name",
            )
        return self.folder / f"{name}{kind}"


def _unknown(name: str, what: str = "calibration") -> ConfigError:
    return ConfigError(f"there is no {what} {name!r}; GET /calibrations lists them", code="calibration_unknown")
