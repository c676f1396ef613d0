"""`identities.json`: per person when and where seen, how often, and the crops."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from entities import CameraId, IntArray
from sinks.crops import DealtCrop
from sinks.results_folder import replacing
from sinks.rows import History, Rows

MAX_GAP_S = 1.0
"""A person unseen by a camera for longer begins a new interval there."""


@dataclass(slots=True)
class Stay:
    """One person in one camera.

    Attributes:
        intervals: `[start_s, end_s]` of each stretch, in order.
        sightings: Frames in which a detector saw the person; boxes carried by motion do not count.
    """

    intervals: list[list[float]] = field(default_factory=list)
    sightings: int = 0

    def extend(self, start_s: float, end_s: float, sightings: int) -> None:
        """Add a later stretch, joined to the last one when there is no gap between."""
        self.sightings += sightings
        if self.intervals and start_s - self.intervals[-1][1] <= MAX_GAP_S:
            self.intervals[-1][1] = end_s
        else:
            self.intervals.append([start_s, end_s])


class Stays:
    """Who was where and when; memory grows with people and their comings and goings, not with frames."""

    def __init__(self) -> None:
        self._stays: dict[int, dict[int, Stay]] = {}

    def add(self, rows: Rows, ids: IntArray) -> None:
        """Add rows, none earlier than those before."""
        named = ids > 0
        rows, ids = rows[named], ids[named]
        order = np.lexsort((rows["time_s"], rows["camera"], ids))
        ids, camera, time_s = ids[order], rows["camera"][order], rows["time_s"][order]
        seen = np.concatenate(([0], np.cumsum(rows["observed"][order])))
        fresh = (np.diff(ids) != 0) | (np.diff(camera) != 0) | (np.diff(time_s) > MAX_GAP_S)
        cuts = [0, *(np.flatnonzero(fresh) + 1).tolist(), len(ids)] if len(ids) else []
        for start, end in pairwise(cuts):
            stay = self._stays.setdefault(int(ids[start]), {}).setdefault(int(camera[start]), Stay())
            stay.extend(float(time_s[start]), float(time_s[end - 1]), int(seen[end] - seen[start]))

    def people(self, cameras: Sequence[CameraId], crops: Mapping[int, Sequence[DealtCrop]]) -> list[dict[str, Any]]:
        """The entry of every person, by id."""
        return [
            _person(person, {cameras[number]: stay for number, stay in sorted(stays.items())}, crops.get(person, ()))
            for person, stays in sorted(self._stays.items())
        ]


def people_of(
    cameras: Sequence[CameraId], history: History, crops: Mapping[int, Sequence[DealtCrop]]
) -> list[dict[str, Any]]:
    """The entry of every person, by id.

    Args:
        cameras: In the job's camera order.
        history: Who was where.
        crops: Each person's crops.
    """
    stays = Stays()
    for rows, ids in history:
        stays.add(rows, ids)
    return stays.people(cameras, crops)


def write_identities(
    path: Path, cameras: Sequence[CameraId], people: Sequence[Mapping[str, Any]], *, corrected: bool
) -> None:
    """Write the file at once.

    Args:
        path: The file.
        cameras: In the job's camera order.
        people: Their entries.
        corrected: Whether they are as corrected or as shown.

    Raises:
        OutputError: The file cannot be written.
    """
    labels = "corrected" if corrected else "shown"
    document = {"labels": labels, "cameras": list(cameras), "people": people}
    with replacing(path) as file:
        file.write((json.dumps(document, indent=1) + "\n").encode())


def _person(person: int, stays: Mapping[CameraId, Stay], crops: Sequence[DealtCrop]) -> dict[str, Any]:
    places = {camera: _place(stay) for camera, stay in stays.items()}
    return {
        "id": person,
        "first_seen_s": min(place["first_seen_s"] for place in places.values()),
        "last_seen_s": max(place["last_seen_s"] for place in places.values()),
        "sightings": sum(stay.sightings for stay in stays.values()),
        "cameras": places,
        "crops": [crop.path for crop in crops],
        "sheet": None,
    }


def _place(stay: Stay) -> dict[str, Any]:
    intervals = [{"start_s": round(start, 3), "end_s": round(end, 3)} for start, end in stay.intervals]
    return {
        "first_seen_s": intervals[0]["start_s"],
        "last_seen_s": intervals[-1]["end_s"],
        "sightings": stay.sightings,
        "intervals": intervals,
    }
