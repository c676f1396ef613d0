"""Scores of records against truth, for people and for scripts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from evaluation import ALL, Report, make_report
from evaluation.floor import NEAR_M
from evaluation.scores import Scores
from evaluation.time_to_id import TimeToId


def show_scores(truth: Path, results: Path, *, fps: float | None = None, as_json: bool) -> int:
    """Print how good records are, over all cameras and of each; returns the exit code.

    Args:
        truth: Holds `<camera>_gt.txt`, perhaps `floor_gt.csv`.
        results: The records of a job, or a folder of MOTChallenge files.
        fps: Frames per second of all cameras; those of the job unless given.
        as_json: Print one JSON object instead of tables.

    Raises:
        TrackingError: There is no truth, no result of a camera with truth, or a malformed file.
    """
    report = make_report(truth, results, fps)
    if as_json:
        sys.stdout.write(json.dumps(report.as_values(), allow_nan=False) + "\n")
        return 0
    console = Console()
    console.print(_scores(report))
    for line in _sentences(report):
        console.print(line, soft_wrap=True)
    return 0


def _scores(report: Report) -> Table:
    """A block of rows for ids as corrected, one for ids as shown."""
    blocks = [
        (name, scores) for name, scores in (("corrected", report.corrected), ("as shown", report.online)) if scores
    ]
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("camera", overflow="fold")
    for name in next(iter(blocks[0][1].values())):
        table.add_column(name, justify="right", no_wrap=True)
    for name, scores in blocks:
        for camera, figures in scores.items():
            table.add_row(*_row(name, camera, figures))
    return table


def _row(name: str, camera: str, figures: Scores) -> list[Text]:
    overall = camera == ALL
    cells = [Text(name if overall else ""), Text(camera)]
    for key, figure in figures.items():
        alarming = key == "shared" and figure > 0
        cells.append(Text(str(figure), style="bold red" if alarming else "bold" if overall else ""))
    return cells


def _sentences(report: Report) -> list[Text]:
    lines = []
    if report.time_to_id is not None:
        lines.append(Text.assemble(("time to an id  ", "dim"), _sentence(report.time_to_id[ALL])))
    if report.floor is not None:
        floor = "IDF1 {IDF1} within {near:g} m, {ids} ids, {people} people".format(near=NEAR_M, **report.floor)
        lines.append(Text.assemble(("floor          ", "dim"), floor))
    return lines + [Text.assemble(("note           ", "dim"), note) for note in report.notes]


def _sentence(time: TimeToId) -> str:
    never = f"{time.without_id} of {time.entries} entries never had one"
    if time.median_s is None:
        return never
    return (
        f"median {time.median_s:.2f} s, 90 % within {time.p90_s:.2f} s of coming into view "
        f"({time.found_median_s:.2f} s, {time.found_p90_s:.2f} s of being found); {never}"
    )
