"""The calibration file of a job: how each camera sees the floor, read once and checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
from pydantic import AllowInfNan, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from association.geometry import FloorRuler, FloorView, Lens
from entities import CameraId, Source
from errors import ConfigError

LENGTHS: Final = (4, 5, 8)
"""How many coefficients of distortion OpenCV's models have that are understood here."""
MOST_CONDITION: Final = 1e12
"""A matrix worse conditioned than this cannot be inverted to any use."""

Number = Annotated[float, AllowInfNan(False)]
Row = Annotated[list[Number], Field(min_length=3, max_length=3)]
Matrix3 = Annotated[list[Row], Field(min_length=3, max_length=3)]


class _Camera(BaseModel):
    """What the file says of one camera."""

    model_config = ConfigDict(extra="forbid", strict=True)

    floor_to_image: Matrix3
    camera_matrix: Matrix3 | None = None
    distortion: list[Number] | None = None


EMPTY: Final[Mapping[CameraId, Path]] = {}
CAMERAS: Final = TypeAdapter(dict[str, _Camera])

FloorViews = Mapping[CameraId, FloorView]
"""How cameras see the floor; a camera without calibration is not in it."""


def read_calibration(
    path: Path | None, sources: Sequence[Source], own: Mapping[CameraId, Path] = EMPTY
) -> dict[CameraId, FloorView]:
    """How the cameras of a job see the floor.

    Args:
        path: JSON: camera name → `floor_to_image`, and `camera_matrix` and `distortion` if the lens distorts; see
            `docs/calibration.md`. It may speak of more cameras than a job has. None: nothing is known.
        sources: The cameras, in the job's order.
        own: Such files of single cameras, of which only that camera's entry is read; they win.

    Raises:
        ConfigError: `calibration_invalid`, naming the file, the camera and what is wrong.
    """
    views = _read_shared(path, sources)
    for source in sources:
        if (file := own.get(source.camera_id)) is not None:
            cameras = _parse(file)
            if source.camera_id not in cameras:
                raise _invalid(file, source.camera_id, f"is not in it; there is {', '.join(cameras)}")
            views[source.camera_id] = _view(file, source, cameras[source.camera_id])
    return views


def _read_shared(path: Path | None, sources: Sequence[Source]) -> dict[CameraId, FloorView]:
    if path is None:
        return {}
    cameras = _parse(path)
    names = [source.camera_id for source in sources]
    if not cameras.keys() & set(names):
        has = f"it speaks of {', '.join(cameras)}"
        raise _invalid(path, None, f"{has}, the cameras of this job are {', '.join(names)}; one name must be the same")
    return {
        source.camera_id: _view(path, source, cameras[source.camera_id])
        for source in sources
        if source.camera_id in cameras
    }


def check_calibration(document: object, name: Path) -> None:
    """Say early what is wrong with a calibration, whatever cameras it is for.

    Args:
        document: What a file would hold.
        name: For messages.

    Raises:
        ConfigError: `calibration_invalid`, naming the camera and what is wrong.
    """
    for camera, entry in _checked(name, document).items():
        _view(name, Source(CameraId(camera), "", (1, 1), 1.0), entry)


def missing_note(path: Path | None, views: FloorViews, sources: Sequence[Source]) -> str | None:
    """What to tell the user of cameras that the calibration does not speak of; None when there are none.

    Raises:
        ConfigError: `calibration_invalid`: the file went bad since it was read.
    """
    missing = [source.camera_id for source in sources if source.camera_id not in views]
    if path is None or not missing:
        return None
    return (
        f"calibration {path}: nothing on {', '.join(missing)} (it speaks of {', '.join(_parse(path))}); "
        "positions there count for nothing"
    )


def floor_ruler(views: FloorViews, camera_ids: Sequence[CameraId]) -> FloorRuler | None:
    """What measures distances between people of different cameras; None where nothing can.

    Args:
        views: How cameras see the floor.
        camera_ids: All cameras of the job, in order.
    """
    numbered = {number: views[camera] for number, camera in enumerate(camera_ids) if camera in views}
    return FloorRuler(numbered) if numbered else None


def _parse(path: Path) -> dict[str, _Camera]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _invalid(path, None, f"{error.strerror or error}; check the path") from error
    except (ValueError, RecursionError) as error:
        raise _invalid(path, None, f"not JSON: {error}") from error
    return _checked(path, document)


def _checked(path: Path, document: object) -> dict[str, _Camera]:
    if not isinstance(document, dict) or not document:
        raise _invalid(path, None, "want an object of cameras by name, each with `floor_to_image`")
    try:
        return CAMERAS.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        camera, *field = [str(part) for part in first["loc"]]
        where = ".".join(field)
        raise _invalid(path, camera, f"{where + ': ' if where else ''}{first['msg']}") from error


def _view(path: Path, source: Source, camera: _Camera) -> FloorView:
    floor_to_image = _invertible(path, source.camera_id, "floor_to_image", camera.floor_to_image)
    if camera.distortion is None:
        return FloorView(floor_to_image, source.size_px)
    if camera.camera_matrix is None:
        raise _invalid(path, source.camera_id, "distortion: needs camera_matrix beside it")
    if len(camera.distortion) not in LENGTHS:
        wanted = ", ".join(str(length) for length in LENGTHS)
        raise _invalid(path, source.camera_id, f"distortion: want {wanted} numbers, got {len(camera.distortion)}")
    camera_matrix = _invertible(path, source.camera_id, "camera_matrix", camera.camera_matrix)
    distortion = np.zeros(max(LENGTHS))
    distortion[: len(camera.distortion)] = camera.distortion
    return FloorView(floor_to_image, source.size_px, Lens(camera_matrix, distortion))


def _invertible(path: Path, camera: str, name: str, rows: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The rows as a matrix, scaled evenly before it is judged: pixels and metres differ a thousandfold."""
    matrix = np.array(rows, np.float64)
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not norms.all() or np.linalg.cond(matrix / norms) > MOST_CONDITION:
        raise _invalid(path, camera, f"{name}: the matrix is singular; measure four points that are not in line")
    return matrix


def _invalid(path: Path, camera: str | None, reason: str) -> ConfigError:
    where = f"calibration {path}" if camera is None else f"calibration {path}: camera {camera}"
    return ConfigError(f"{where}: {reason}", code="calibration_invalid")
