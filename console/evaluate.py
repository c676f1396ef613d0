"""Scores of records against truth, for people and for scripts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evaluation import evaluate


def show_scores(truth: Path, results: Path, *, as_json: bool) -> int:
    """Print the scores over all cameras and of each; returns the exit code.

    Args:
        truth: Holds `<camera>_gt.txt`.
        results: The records of a job, or the folder of its MOTChallenge files.
        as_json: Print one JSON object instead of a table.

    Raises:
        TrackingError: There is no truth, no folder of results, or a file that cannot be read.
    """
    inside = results / "mot"
    scores = evaluate(truth, inside if inside.is_dir() else results)
    if as_json:
        sys.stdout.write(json.dumps(scores) + "\n")
        return 0
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for name in next(iter(scores.values())):
        table.add_column(name, justify="right")
    for row, figures in scores.items():
        table.add_row(row, *(str(figure) for figure in figures.values()))
    Console().print(table)
    return 0
