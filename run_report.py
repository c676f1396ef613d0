"""`run.json`: what was run, with what, how long it took and what was lost."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from pydantic import TypeAdapter

from config import TrackingConfig
from entities import Source
from errors import OutputError, TrackingError
from sinks.records import REPORT
from sinks.results_folder import replacing
from telemetry import Progress

VERSION = "0.1.0"
PACKAGES = ("numpy", "scipy", "opencv-python", "av", "openvino", "torch", "ultralytics", "torchreid", "pydantic")


class RunReport:
    """Collects the facts of one run; belongs to the tracker thread.

    Args:
        config: The resolved configuration.
        sources: The inputs as found.
    """

    def __init__(self, config: TrackingConfig, sources: tuple[Source, ...]) -> None:
        self._config = config
        self._sources = sources
        self._started = datetime.now(UTC)
        self._models: Mapping[str, Any] = {}
        self._began_s = time.monotonic()  # clocks of the wall are set right now and then
        self._loaded_s: float | None = None

    def loaded(self, models: Mapping[str, Any]) -> None:
        """The models are ready: from here on the time counts as tracking.

        Args:
            models: What they are, see `model_facts`.
        """
        self._models = models
        self._loaded_s = time.monotonic()

    def write(self, progress: Progress, notes: tuple[str, ...], outcome: str, error: TrackingError | None) -> None:
        """Write the report beside the records; nothing when no records were asked for.

        Of a run that failed anyway, a report that cannot be written is not told: the first error is.

        Args:
            progress: The last one.
            notes: What the user was told.
            outcome: `done`, `stopped` or `failed`.
            error: Why it failed, if it did on a foreseen path.

        Raises:
            OutputError: The folder cannot be written to, and nothing had gone wrong before.
        """
        folder = self._config.output.results
        if folder is None or not folder.is_dir():
            return
        path = folder / REPORT
        text = json.dumps(self._facts(progress, notes, outcome, error), indent=2) + "\n"
        try:
            with replacing(path) as file:
                file.write(text.encode("utf-8"))
        except OutputError:
            if error is None:
                raise

    def _facts(
        self, progress: Progress, notes: tuple[str, ...], outcome: str, error: TrackingError | None
    ) -> dict[str, Any]:
        seconds = time.monotonic() - (self._loaded_s or self._began_s)
        return {
            "outcome": outcome,
            "error": None if error is None else {"code": error.code, "message": error.message},
            "notes": list(notes),
            "started": self._started.isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "load_s": None if self._loaded_s is None else round(self._loaded_s - self._began_s, 3),
            "tracking_s": round(seconds, 3),
            "rounds": progress.rounds_done,
            "rounds_per_s": round(progress.rounds_done / seconds, 3) if seconds > 0 else 0.0,
            "people_total": progress.people_total,
            "stages": {name: asdict(stage) for name, stage in progress.stages.items()},
            "cameras": [
                asdict(source) | {"progress": asdict(camera)}
                for source, camera in zip(self._sources, progress.cameras, strict=False)
            ],
            "models": dict(self._models),
            "configuration": TypeAdapter(TrackingConfig).dump_python(self._config, mode="json"),
            "versions": versions(),
            "machine": {"cpu_cores": os.cpu_count(), "platform": platform.platform()},
        }


def versions() -> dict[str, str]:
    """Versions of the program, Python and the packages that decide the result; absent ones are left out."""
    found = {"multi-camera-person-tracker": VERSION, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found
