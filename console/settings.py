"""A job's configuration from the command line, the environment and a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from config import TrackingConfig, build_config, merged, read_environment, read_toml
from errors import ConfigError
from jobs import own_folder

RESULTS: Final = Path("results")


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
    values = merged(merged(read_toml(file) if file else {}, read_environment(environ)), given)
    config = build_config(values)
    if not config.videos:
        raise ConfigError("no videos: name them, e.g. `main.py track cam1.mp4 cam2.mp4`", code="usage")
    if config.output.video is None and config.output.results is None:
        folder = own_folder(RESULTS, now.strftime("%Y%m%d-%H%M%S"))
        return build_config(merged(values, {"output": {"results": str(folder)}}))
    return config
