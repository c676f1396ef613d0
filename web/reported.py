"""What a job of an earlier run of the server said of itself in its `run.json`."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ValidationError

from errors import ConfigError
from sinks.records import REPORT
from telemetry import CameraProgress, StageTime


class _Output(BaseModel):
    video: Path | None = None


class _Identity(BaseModel):
    calibration: Path | None = None


class _Camera(BaseModel):
    id: str | None = None
    calibration: Path | None = None


class _Configuration(BaseModel):
    output: _Output = _Output()
    identity: _Identity = _Identity()
    cameras: list[_Camera] = []


class _Source(BaseModel):
    progress: CameraProgress


class Report(BaseModel):
    """The parts of a report that are told again."""

    rounds: int = 0
    notes: list[str] = []
    stages: dict[str, StageTime] = {}
    cameras: list[_Source] = []
    configuration: _Configuration = _Configuration()


NOTHING_SAID = Report()


def read_report(results: Path | None) -> Report:
    """The report in a results folder; an empty one where there is none.

    Args:
        results: The folder, where requests may reach.

    Raises:
        ConfigError: `report_invalid`.
    """
    path = None if results is None else results / REPORT
    if path is None or not path.is_file():
        return NOTHING_SAID
    try:
        return Report.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        first = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ConfigError(f"{path}: not a report of a job: {first}", code="report_invalid") from error
