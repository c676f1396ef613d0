"""Everything that is to be said about a job's records when the truth is known."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from errors import TrackingError
from evaluation.boxes import ALL, read_results, read_truth, score_cameras
from evaluation.floor import RESULTS_NAME, TRUTH_NAME, score_floor
from evaluation.mot_files import MotRows, cameras_of
from evaluation.scores import Scores
from evaluation.time_to_id import TimeToId, entries_of, summary_of

CORRECTED, ONLINE = "mot", "mot-online"


@dataclass(frozen=True, slots=True)
class Report:
    """How good a job's records are.

    Attributes:
        corrected: Ids as known at the end, `"all"` cameras and each; None without the files.
        online: Ids as shown at the time, likewise.
        time_to_id: How soon people had an id, `"all"` cameras and each; None without ids as shown or without a rate.
        floor: How well positions on the floor fit; None without floor truth, floor results or a rate.
        notes: What was left out or taken for granted, for people.
    """

    corrected: dict[str, Scores] | None
    online: dict[str, Scores] | None
    time_to_id: dict[str, TimeToId] | None
    floor: Scores | None
    notes: tuple[str, ...]

    def as_values(self) -> dict[str, Any]:
        """Plain values under stable names, for JSON."""
        return asdict(self)


def make_report(truth_dir: Path, results_dir: Path, fps: float | None = None) -> Report:
    """Compare a job's records with the truth.

    Args:
        truth_dir: Holds `<camera>_gt.txt` files, perhaps `floor_gt.csv`.
        results_dir: A job's results folder, or one folder of MOTChallenge files, which are taken as corrected.
        fps: Frames per second of all cameras; those in the job's `run.json` unless given.

    Raises:
        TrackingError: There is no truth, no result of a camera with truth, or a malformed file.
    """
    cameras = cameras_of(truth_dir)
    truth = read_truth(truth_dir, cameras)
    folders = {name: results_dir / name for name in (CORRECTED, ONLINE) if (results_dir / name).is_dir()}
    folders = folders or {CORRECTED: results_dir}
    found = {name: read_results(folder, cameras) for name, folder in folders.items()}
    scores = {name: score_cameras(cameras, truth, rows) for name, rows in found.items()}
    rates = _frame_rates(results_dir) if fps is None else dict.fromkeys(cameras, fps)
    return Report(
        scores.get(CORRECTED),
        scores.get(ONLINE),
        _times(cameras, truth, found, rates),
        _floor(truth_dir, results_dir, rates.get(cameras[0])),
        tuple(_notes(cameras, folders, rates)),
    )


def _times(
    cameras: Sequence[str],
    truth: Sequence[MotRows],
    found: Mapping[str, Sequence[MotRows]],
    rates: Mapping[str, float],
) -> dict[str, TimeToId] | None:
    if ONLINE not in found or not set(cameras) <= rates.keys():
        return None
    shown = found[ONLINE]
    later = found.get(CORRECTED, shown)
    entries = [
        entries_of(one_truth, one_shown, one_later, rates[camera])
        for camera, one_truth, one_shown, one_later in zip(cameras, truth, shown, later, strict=True)
    ]
    summaries = {ALL: summary_of([entry for of_camera in entries for entry in of_camera])}
    return summaries | {camera: summary_of(mine) for camera, mine in zip(cameras, entries, strict=True)}


def _floor(truth_dir: Path, results_dir: Path, fps: float | None) -> Scores | None:
    truth, results = truth_dir / TRUTH_NAME, results_dir / RESULTS_NAME
    if fps is None or not (truth.is_file() and results.is_file()):
        return None
    return score_floor(truth, results, fps)


def _frame_rates(results_dir: Path) -> dict[str, float]:
    """Frames per second by camera as `run.json` has them; nothing without that file.

    Raises:
        TrackingError: The file does not say so.
    """
    path = results_dir / "run.json"
    if not path.is_file():
        return {}
    try:
        cameras = json.loads(path.read_text(encoding="utf-8"))["cameras"]
        return {str(camera["camera_id"]): float(camera["fps"]) for camera in cameras if float(camera["fps"]) > 0.0}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrackingError(
            f"{path}: does not say how fast the cameras are ({type(error).__name__}: {error}); give --fps",
            code="run_report_malformed",
        ) from error


def _notes(cameras: Sequence[str], folders: Mapping[str, Path], rates: Mapping[str, float]) -> list[str]:
    there = {path.stem for folder in folders.values() for path in folder.glob("*.txt")}
    notes = [f"{camera}: no results; counts as nobody found" for camera in cameras if camera not in there]
    notes += [f"{camera}: no truth; left out" for camera in sorted(there - set(cameras))]
    if ONLINE in folders and not set(cameras) <= rates.keys():
        notes.append(
            "how soon people had an id is unknown: run.json does not have every camera's frame rate; give --fps"
        )
    return notes
