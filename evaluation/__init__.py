"""How good tracking is: MOTChallenge files compared with the truth, ids counted across all cameras."""

from __future__ import annotations

from pathlib import Path

from errors import TrackingError
from evaluation.mot_files import cameras_of, read_rows
from evaluation.scores import Scores, score

ALL = "all"


def evaluate(truth_dir: Path, mot_dir: Path) -> dict[str, Scores]:
    """Score a folder of results against a folder of truth.

    All cameras are laid end to end as one sequence, so that a person must carry one id in every camera.

    Args:
        truth_dir: Holds `<camera>_gt.txt` files.
        mot_dir: Holds `<camera>.txt` files; a missing or empty one counts as nobody found.

    Returns:
        `"all"` over all cameras, then each camera alone, its ids counted for itself, in the order of the names.

    Raises:
        TrackingError: There is no truth, no folder of results, or a file that cannot be read.
    """
    cameras = cameras_of(truth_dir)
    if not mot_dir.is_dir():
        raise TrackingError(f"results {mot_dir}: no such folder; check the path", code="results_missing")
    truth = [read_rows(truth_dir / f"{camera}_gt.txt") for camera in cameras]
    found = [read_rows(mot_dir / f"{camera}.txt") for camera in cameras]
    scores = {ALL: score(truth, found)}
    for camera, one_truth, one_found in zip(cameras, truth, found, strict=True):
        scores[camera] = score([one_truth], [one_found])
    return scores
