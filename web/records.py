"""Removes what a job wrote, and nothing else that may lie beside it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from config import OutputConfig
from sinks.records import FOLDERS, REPORT, remove_records
from sinks.results_folder import writing


def delete_records(output: OutputConfig) -> None:
    """Remove the records, the annotated video and the recording of a job that is over; absent ones do not matter.

    Raises:
        OutputError: Something cannot be removed.
    """
    for file in (output.video, output.record):
        if file is not None:
            _remove(file)
    if output.results is not None and output.results.is_dir():
        remove_records(output.results)
        _remove(output.results / REPORT)
        for part in (*sorted(FOLDERS), ""):
            with suppress(OSError):  # somebody put something else there, or it never was
                (output.results / part).rmdir()


def _remove(file: Path) -> None:
    with writing(file.parent):
        file.unlink(missing_ok=True)
