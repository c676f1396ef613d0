"""Scores of a folder of MOTChallenge files, over all cameras and of each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from errors import TrackingError
from evaluation.mot_files import MotRows, cameras_of, read_rows
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
        TrackingError: There is no truth, no folder of results, no result of a camera with truth, or a malformed file.
    """
    cameras = cameras_of(truth_dir)
    return score_cameras(cameras, read_truth(truth_dir, cameras), read_results(mot_dir, cameras))


def score_cameras(cameras: Sequence[str], truth: Sequence[MotRows], found: Sequence[MotRows]) -> dict[str, Scores]:
    """Scores over all cameras, then of each alone; truth and results are in the cameras' order."""
    scores = {ALL: score(truth, found)}
    for camera, one_truth, one_found in zip(cameras, truth, found, strict=True):
        scores[camera] = score([one_truth], [one_found])
    return scores


def read_truth(truth_dir: Path, cameras: Sequence[str]) -> list[MotRows]:
    """Where people are, camera by camera.

    Raises:
        TrackingError: A file is malformed, or there is nobody in any of them.
    """
    truth = [read_rows(truth_dir / f"{camera}_gt.txt") for camera in cameras]
    if not any(map(len, truth)):
        names = ", ".join(f"{camera}_gt.txt" for camera in cameras)
        raise TrackingError(f"truth {truth_dir}: nobody in {names}; nothing to compare with", code="truth_empty")
    return truth


def read_results(mot_dir: Path, cameras: Sequence[str]) -> list[MotRows]:
    """Who was found, camera by camera; nobody where there is no file.

    Raises:
        TrackingError: A file is malformed, or there is no folder or no file of any of the cameras.
    """
    if not mot_dir.is_dir():
        raise TrackingError(f"results {mot_dir}: no such folder; check the path", code="results_missing")
    there = sorted(path.stem for path in mot_dir.glob("*.txt"))
    if not there:
        raise TrackingError(f"results {mot_dir}: holds no <camera>.txt; check the path", code="results_missing")
    if not set(there) & set(cameras):
        wanted = ", ".join(f"{camera}.txt" for camera in cameras)
        raise TrackingError(
            f"results {mot_dir}: cameras are {', '.join(there)}, the truth is of {', '.join(cameras)}; "
            f"name files alike (want {wanted})",
            code="cameras_differ",
        )
    return [read_rows(mot_dir / f"{camera}.txt") for camera in cameras]
