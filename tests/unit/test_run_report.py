"""The report of a run that cannot be written: an error of its own, unless something went wrong before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config import OutputConfig, TrackingConfig
from errors import OutputError, SourceError
from run_report import RunReport
from telemetry import Progress


def report_into(folder: Path) -> RunReport:
    """Of a run whose report something stands in the way of."""
    (folder / "run.json").mkdir()
    return RunReport(replace(TrackingConfig(), output=OutputConfig(results=folder)), ())


def test_a_report_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"run\.json"):
        report_into(tmp_path).write(Progress(), (), "done", None)


def test_the_first_error_is_the_one_that_is_told(tmp_path: Path) -> None:
    report_into(tmp_path).write(Progress(), (), "failed", SourceError("cam1: gone"))
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]
