"""A job's configuration from the command line, the environment and a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cameras_file import read_cameras
from config import TrackingConfig, build_config, merged, read_environment, read_toml
from errors import ConfigError, RecordingError
from jobs import own_folder
from recording import Recording, RecordingHeader

RESULTS: Final = Path("results")


def listed(cameras: Path | None, only: str | None) -> dict[str, Any]:
    """The cameras of a file as nested values; nothing without a file.

    Args:
        cameras: TOML, see `read_cameras`.
        only: Ids with commas between; None takes all.

    Raises:
        ConfigError: `cameras_invalid`.
    """
    if cameras is None:
        return {}
    names = [name.strip() for name in (only or "").split(",") if name.strip()]
    return {"cameras": list(read_cameras(cameras, names))}


def job_config(given: dict[str, Any], file: Path | None, environ: Mapping[str, str], now: datetime) -> TrackingConfig:
    """The configuration of a job; options win over the environment, that over the file, that over the defaults.

    Args:
        given: Nested values of the options that were given.
        file: TOML settings.
        environ: Names and values, e.g. `os.environ`.
        now: Names the records' folder when neither video nor records were asked for.

    Raises:
        ConfigError: A value is out of bounds, unknown or malformed, or no video is named.
        OutputError: The folder of all results cannot be made.
    """
    values = merged(merged(_from_file(file), read_environment(environ)), given)
    if "videos" in given:
        values.pop("cameras", None)
    config = build_config(values)
    if not config.inputs:
        raise ConfigError("no videos: name them, e.g. `main.py track cam1.mp4 cam2.mp4`", code="usage")
    if config.output.video is None and config.output.results is None:
        folder = own_folder(RESULTS, now.strftime("%Y%m%d-%H%M%S"))
        return build_config(merged(values, {"output": {"results": str(folder)}}))
    return config


def replay_config(
    given: dict[str, Any], file: Path | None, environ: Mapping[str, str], recording: Recording, now: datetime
) -> TrackingConfig:
    """The configuration of a replay: over the defaults stands what was set when it was recorded, then as for a job.

    Of the outputs only the records are of any use, and only where an option put them.

    Args:
        given: Nested values of the options that were given.
        file: TOML settings.
        environ: Names and values, e.g. `os.environ`.
        recording: What is to be replayed.
        now: Names the records' folder when none was asked for.

    Raises:
        ConfigError: A value is out of bounds, unknown or malformed, or asks for what was not recorded.
        RecordingError: It was recorded with settings that there are no more.
        OutputError: The folder of all results cannot be made.
    """
    header = recording.header
    recorded = {"stride": header.stride, "detection": {"conf": header.conf}, **header.settings}
    try:
        build_config(recorded)
    except ConfigError as error:
        raise RecordingError(f"recording {recording.path}: {error.message}; record it again") from error
    own = merged(merged(_from_file(file), read_environment(environ)), given)
    results = given.get("output", {}).get("results") or own_folder(RESULTS, now.strftime("%Y%m%d-%H%M%S"))
    fixed = {
        "video": None,
        "record": None,
        "profile": None,
        "window": False,
        "crops_per_person": 0,
        "results": str(results),
    }
    values = merged(recorded, own)
    values["videos"] = [source.uri for source in header.sources]
    values["output"] = own.get("output", {}) | fixed
    config = build_config(values)
    _require_recorded(config, header)
    return config


def own_settings(file: Path | None, environ: Mapping[str, str]) -> TrackingConfig:
    """The settings of a file and the environment, of whatever job.

    Raises:
        ConfigError: A value is out of bounds, unknown or malformed.
    """
    return build_config(merged(_from_file(file), read_environment(environ)))


def _from_file(file: Path | None) -> dict[str, Any]:
    """What a file says of jobs; one file may configure the server, too."""
    values = read_toml(file) if file else {}
    values.pop("server", None)
    return values


def _require_recorded(config: TrackingConfig, header: RecordingHeader) -> None:
    if config.detection.conf < header.conf:
        raise ConfigError(
            f"conf {config.detection.conf}: boxes that score less than {header.conf} were not recorded; "
            "take a higher one, or record again"
        )
    if config.stride % header.stride:
        raise ConfigError(
            f"stride {config.stride}: one round in {header.stride} was looked at when it was recorded; "
            f"take a multiple of {header.stride}, or record again"
        )
