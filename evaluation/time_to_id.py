"""How long people are in view of a camera before an id stands at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from association.assignment import assign
from evaluation.mot_files import MotRows, rows_by_frame
from evaluation.scores import iou

LEAST_OVERLAP = 0.5
"""A shown box this much over a true one is that person's, as for IDF1."""
MOST_AWAY_S = 1.0
"""Who is out of a camera's view for longer enters it anew; the intervals of `identities.json` are cut alike."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One person comes into one camera's view.

    Attributes:
        in_view_s: From the first true box of the entry to the first frame with an id; None: there never was one.
        found_s: The same from the first frame in which the tracker had a box there, with an id or without.
    """

    in_view_s: float | None
    found_s: float | None


@dataclass(frozen=True, slots=True)
class TimeToId:
    """How soon ids come, seconds of media time; the times are None where no entry got an id.

    Attributes:
        entries: How often somebody came into a camera's view.
        without_id: How many of those never got an id; they are in none of the times.
        median_s: Half of the others have an id so long after coming into view, or sooner.
        p90_s: Nine of ten.
        found_median_s: As `median_s`, but after being found for the first time.
        found_p90_s: As `p90_s`, likewise.
    """

    entries: int
    without_id: int
    median_s: float | None
    p90_s: float | None
    found_median_s: float | None
    found_p90_s: float | None


def entries_of(truth: MotRows, shown: MotRows, found: MotRows, fps: float) -> list[Entry]:
    """Every entry of every person into one camera's view.

    Args:
        truth: Where people are.
        shown: Boxes with the ids shown at the time.
        found: Boxes with the ids given later, which reach back to when a person was found.
        fps: Frames per second of the camera.
    """
    named = matched(truth, shown)
    seen = named | matched(truth, found)
    entries = []
    for person in np.unique(truth.ids).tolist():
        rows = np.flatnonzero(truth.ids == person)
        rows = rows[np.argsort(truth.frames[rows], kind="stable")]
        away = np.diff(truth.frames[rows]) > max(MOST_AWAY_S * fps, 1.0)
        entries += [
            _entry(truth.frames[stay], named[stay], seen[stay], fps)
            for stay in np.split(rows, np.flatnonzero(away) + 1)
        ]
    return entries


def matched(truth: MotRows, results: MotRows) -> NDArray[np.bool_]:
    """`(N,)` whether a true box has a box of the results of its own, under the best one-to-one match of its frame."""
    own = np.zeros(len(truth), np.bool_)
    of_frame = rows_by_frame(results.frames)
    for frame, rows in rows_by_frame(truth.frames).items():
        if frame in of_frame:
            overlap = iou(truth.boxes_xywh[rows], results.boxes_xywh[of_frame[frame]])
            taken, _ = assign(1.0 - overlap, 1.0 - LEAST_OVERLAP)
            own[rows[taken]] = True
    return own


def summary_of(entries: Sequence[Entry]) -> TimeToId:
    """Median and 90th percentile (linear between neighbours) of some entries."""
    in_view = [entry.in_view_s for entry in entries if entry.in_view_s is not None]
    found = [entry.found_s for entry in entries if entry.found_s is not None]
    return TimeToId(
        len(entries),
        len(entries) - len(in_view),
        _quantile(in_view, 0.5),
        _quantile(in_view, 0.9),
        _quantile(found, 0.5),
        _quantile(found, 0.9),
    )


def _entry(frames: NDArray[np.int64], named: NDArray[np.bool_], seen: NDArray[np.bool_], fps: float) -> Entry:
    if not named.any():
        return Entry(None, None)
    first = int(frames[named][0])
    return Entry((first - int(frames[0])) / fps, (first - int(frames[seen][0])) / fps)


def _quantile(values: Sequence[float], share: float) -> float | None:
    return round(float(np.quantile(values, share)), 3) if values else None
