"""Whether people stand on the floor where they are said to stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evaluation.instants import Instants
from evaluation.mot_files import rows_by_frame
from evaluation.scores import NO_ROWS, Scores, percent
from evaluation.tables import read_named_columns

TRUTH_NAME = "floor_gt.csv"
RESULTS_NAME = "floor.csv"
NEAR_M = 1.0
"""A position this close to the true one is right."""


def score_floor(truth: Path, results: Path, fps: float) -> Scores:
    """IDF1 of positions: one id a person, at most `NEAR_M` from where the person stands.

    A result belongs to the frame of the truth next to it in time; of several under one id the nearest in time counts.

    Args:
        truth: `frame,id,x_m,y_m`, frames from 1.
        results: `time_s,id,x_m,y_m,…`, seconds of media time.
        fps: Frames of the truth per second.

    Returns:
        `IDF1` in percent, and how many `ids` and `people` there are.

    Raises:
        TrackingError: A file is malformed; told by its line.
    """
    true = read_named_columns(truth, ("frame", "id", "x_m", "y_m"))
    found = read_named_columns(results, ("time_s", "id", "x_m", "y_m"))
    frames = np.rint(found[:, 0] * fps) + 1
    nearest_first = np.argsort(np.abs((frames - 1) / fps - found[:, 0]), kind="stable")
    frames, found = frames[nearest_first], found[nearest_first]
    true_rows, found_rows = rows_by_frame(true[:, 0].astype(np.int64)), rows_by_frame(frames.astype(np.int64))
    instants = Instants()
    for frame in sorted(true_rows.keys() | found_rows.keys()):
        here, said = true[true_rows.get(frame, NO_ROWS)], found[found_rows.get(frame, NO_ROWS)]
        away_m = np.linalg.norm(here[:, None, 2:] - said[None, :, 2:], axis=2)
        # 0.5, where TrackEval draws the line, is at NEAR_M
        similarity = np.maximum(0.0, 1.0 - away_m / (2.0 * NEAR_M))
        instants.add(here[:, 1].astype(np.int64), said[:, 1].astype(np.int64), similarity)
    return {"IDF1": percent(instants.identity()["IDF1"]), "ids": instants.ids, "people": instants.people}
