"""What was put right by hand, written into the files of a job's results folder."""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from entities import CameraId, IntArray
from errors import OutputError, StoreError
from sinks.contact_sheet import name_sheets, write_sheets
from sinks.crops import DealtCrop
from sinks.floor import FLOOR
from sinks.identities import Stays, write_identities
from sinks.jsonl import track_lines
from sinks.records import CROPS, IDENTITIES, MOT, SHEETS, TRACKS
from sinks.results_folder import replacing, writing
from sinks.rows import ROW, Rows
from store.records import When
from store.store import Store
from store.values import Sighting

CHUNK_LINES: Final = 65_536
PAGE_ROWS: Final = 10_000
Run = tuple[int, float, int]
"""First frame, its time, and who it is from there on."""


def export_records(store: Store, folder: Path) -> int:
    """Write a results folder anew with everything that was put right by hand; doing it twice changes nothing more.

    What was shown at the time (`mot-online/`, `shown_id`) and what happened (`events.jsonl`) stays as it was.

    Args:
        store: In which the job is.
        folder: The job's results folder.

    Returns:
        Rows of `tracks.jsonl` that are somebody else now.

    Raises:
        StoreError: `job_unknown`: no job of the store that is over wrote this folder.
        OutputError: It is not a results folder, is damaged, or cannot be written to.
    """
    job_id = _job_of(store, folder)
    try:
        document = json.loads((folder / IDENTITIES).read_text(encoding="utf-8"))
        export = _Export(folder, document, Persons(store, job_id))
        export.write()
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise OutputError(f"results {folder}: not the records of a job, or damaged: {error}") from error
    return export.changed


class Persons:
    """Who is who in a job's tracks, as the store has it now.

    Args:
        store: Where it stands.
        job_id: The job.
    """

    def __init__(self, store: Store, job_id: str) -> None:
        self._parts: dict[tuple[str, int], list[tuple[int, int, int]]] = defaultdict(list)
        for each in _sightings(store, job_id):
            self._parts[each.camera, each.local_id].append((*each.frames, each.person_id or 0))
        for parts in self._parts.values():
            parts.sort()

    def of(self, camera: str, local_id: int, frame: int, written: int) -> int:
        """Who it is; as written where the store knows nothing of it (any more)."""
        parts = self._parts.get((camera, local_id), [])
        place = bisect_right(parts, frame, key=lambda part: part[0]) - 1
        return parts[place][2] if place >= 0 and frame <= parts[place][1] else written


class _Export:
    """Writes one results folder, `tracks.jsonl` last: after a failure the next export begins with it as it was."""

    def __init__(self, folder: Path, document: Mapping[str, Any], persons: Persons) -> None:
        self._folder = folder
        self._document = document
        self._cameras = [CameraId(name) for name in document["cameras"]]
        self._numbers = {name: number for number, name in enumerate(self._cameras)}
        self._persons = persons
        self._runs: dict[tuple[str, int], list[Run]] = defaultdict(list)
        self.changed = 0

    def write(self) -> None:
        stays = Stays()
        with ExitStack() as files:  # they appear at its end, the first one last
            file = files.enter_context(replacing(self._folder / TRACKS))
            for rows, ids in self._tracks():
                stays.add(rows, ids)
                file.write(track_lines(rows, ids, self._cameras).encode())
            if self.changed:
                for camera in self._cameras:
                    self._rewrite(files, self._folder / MOT / f"{camera}.txt", partial(self._in_mot, camera))
                self._rewrite(files, self._folder / FLOOR, self._on_floor)
                self._write_people(stays)

    def _tracks(self) -> Iterator[tuple[Rows, IntArray]]:
        """The rows of the file with who they are now, some at a time."""
        with (self._folder / TRACKS).open(encoding="utf-8") as lines:
            while chunk := [json.loads(line) for line in islice(lines, CHUNK_LINES)]:
                rows = np.array([self._row(each) for each in chunk], ROW)
                yield rows, np.array([self._label(each) for each in chunk], np.int64)

    def _row(self, line: Mapping[str, Any]) -> tuple[Any, ...]:
        where = (line["round"], line["time_s"], self._numbers[line["camera"]], line["frame"], line["local_id"])
        return (*where, line["shown_id"] or 0, tuple(line["box"]), line["confidence"], line["observed"])

    def _label(self, line: Mapping[str, Any]) -> int:
        """Who a row is now; remembered by who it was."""
        camera, frame, written = line["camera"], line["frame"], line["id"] or 0
        now = self._persons.of(camera, line["local_id"], frame, written)
        self.changed += now != written
        runs = self._runs[camera, written]
        if not runs or runs[-1][2] != now:
            runs.append((frame, line["time_s"], now))
        return now

    def _rewrite(self, files: ExitStack, path: Path, change: Callable[[list[str]], int]) -> None:
        """Write a file of comma-separated lines anew with other numbers in the second column; 0 leaves a line out."""
        if not path.is_file():
            return
        file = files.enter_context(replacing(path))
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                parts = line.split(",")
                if not parts[0][0].isdigit():
                    file.write(line.encode())
                elif person := change(parts):
                    file.write(",".join([parts[0], str(person), *parts[2:]]).encode())

    def _in_mot(self, camera: str, parts: Sequence[str]) -> int:
        frame, written = int(parts[0]) - 1, int(parts[1])
        return _at(self._runs.get((camera, written), []), frame, 0, written)

    def _on_floor(self, parts: Sequence[str]) -> int:
        time_s, written = float(parts[0]), int(parts[1])
        runs = sorted((run for (_, old), each in self._runs.items() if old == written for run in each), key=_time)
        return _at(runs, time_s, 1, written)

    def _write_people(self, stays: Stays) -> None:
        crops = self._deal()
        people = stays.people(self._cameras, crops)
        had_sheets = any(each["sheet"] for each in self._document["people"])
        if had_sheets:
            name_sheets(people)
        names = {each["id"] for each in people}
        for gone in (each["id"] for each in self._document["people"] if each["id"] not in names):
            with writing(self._folder):
                (self._folder / SHEETS / f"{gone}.jpg").unlink(missing_ok=True)
        if had_sheets:
            write_sheets(self._folder, people, crops)
        labels = self._document["labels"]
        write_identities(self._folder / IDENTITIES, self._cameras, people, corrected=labels == "corrected")

    def _deal(self) -> dict[int, list[DealtCrop]]:
        """Move every picture to whom it shows."""
        dealt: dict[int, list[DealtCrop]] = defaultdict(list)
        for person in self._document["people"]:
            for path in person["crops"]:
                camera, _, time = Path(path).stem.rpartition("-")
                now = _at(self._runs.get((camera, person["id"]), []), float(time), 1, person["id"])
                target = f"{CROPS}/{now}/{Path(path).name}"
                self._move(path, target)
                dealt[now].append(DealtCrop(target, CameraId(camera), float(time)))
        return dealt

    def _move(self, path: str, target: str) -> None:
        here, there = self._folder / path, self._folder / target
        if here != there and here.exists():
            with writing(there):
                there.parent.mkdir(exist_ok=True)
                os.replace(here, there)
                if not any(here.parent.iterdir()):
                    here.parent.rmdir()


def _time(run: Run) -> float:
    return run[1]


def _at(runs: Sequence[Run], place: float, column: int, written: int) -> int:
    """Who it is at a frame (column 0) or time (column 1)."""
    # times are written to a millisecond
    at = bisect_right(runs, place + 1e-6, key=lambda run: run[column]) - 1
    return runs[at][2] if at >= 0 else written


def _sightings(store: Store, job_id: str) -> Iterator[Sighting]:
    offset = 0
    while page := store.sightings(When(job_id=job_id), limit=PAGE_ROWS, offset=offset).items:
        yield from page
        offset += len(page)


def _job_of(store: Store, folder: Path) -> str:
    offset = 0
    while page := store.jobs(offset=offset).items:
        for job in page:
            if job.results is not None and job.results.resolve() == folder.resolve() and job.status != "processing":
                return job.id
        offset += len(page)
    raise StoreError(
        f"export: no job in {store.url} that is over wrote {folder}; check the folder and the store", code="job_unknown"
    )
