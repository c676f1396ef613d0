"""The records of a job as one sink: MOT files, JSON lines, the list of people and their crops."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import ExitStack, closing, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from calibration import FloorViews
from config import OutputConfig
from entities import CameraId, IdentityEvent, Segment, Source, TrackedRound
from errors import OutputError
from sinks import Sink
from sinks.contact_sheet import name_sheets, write_sheets
from sinks.crops import CropStore, DealtCrop
from sinks.floor import FLOOR, FloorRecord
from sinks.identities import people_of, write_identities
from sinks.jsonl import event_lines, track_lines, write_tracks
from sinks.mot import MotOnline, write_mot
from sinks.results_folder import GrowingFile, writing
from sinks.rows import Corrected, History, LabelRows, RowSpool, as_shown, rows_of

MOT, MOT_ONLINE, CROPS, SHEETS = "mot", "mot-online", "crops", "identities"
TRACKS, EVENTS, IDENTITIES = "tracks.jsonl", "events.jsonl", "identities.json"
REPORT: Final = "run.json"
PICTURE_PATH: Final = re.compile(r"crops/\d+/[^/\\\0]+-\d+\.\d{3}\.jpg|identities/\d+\.jpg")
TEXT_PATH: Final = re.compile(rf"(?:{MOT}|{MOT_ONLINE})/[^/\\\0]+\.txt")
FOLDERS: Final = frozenset({MOT, MOT_ONLINE, CROPS, SHEETS})
FILES: Final = frozenset({TRACKS, EVENTS, IDENTITIES, FLOOR, REPORT})
"""All that a job writes into its results folder lies in these folders or is one of these files."""


def is_record(name: str) -> bool:
    """Whether a job writes files of this name, relative to its results folder; what else lies there is not its.

    >>> is_record("mot/cam1.txt"), is_record("crops/7/cam1-1.000.jpg"), is_record("run.json"), is_record("cameras.toml")
    (True, True, True, False)
    """
    return name in FILES or bool(TEXT_PATH.fullmatch(name) or PICTURE_PATH.fullmatch(name))


def record_sinks(sources: Sequence[Source], output: OutputConfig, views: FloorViews) -> list[Sink]:
    """The sinks that write what `output` asks for; none when no results folder is wanted.

    Args:
        sources: The cameras, in the job's order.
        output: What is asked for.
        views: How cameras see the floor, as far as that is known.
    """
    if output.results is None:
        return []
    cameras = [source.camera_id for source in sources]
    sinks: list[Sink] = [Records(cameras, output.results, output.crops_per_person, sheets=output.contact_sheets)]
    if views:
        sinks.append(FloorRecord(cameras, views, output.results))
    return sinks


class Records:
    """Writes a results folder: as shown while the job runs, as corrected when it ends.

    Without a corrected history (the job died) the records of the end are made of what was shown. See `docs/formats.md`.

    Args:
        cameras: In the job's camera order.
        folder: Made when it is not there; its parent must be. Records of an earlier job in it are removed.
        crops_per_person: 0 for none.
        sheets: Whether to draw a contact sheet of everybody who has crops.
    """

    name = "records"
    required = True

    def __init__(
        self, cameras: Sequence[CameraId], folder: Path, crops_per_person: int, *, sheets: bool = True
    ) -> None:
        self._cameras = tuple(cameras)
        self._numbers = {camera: number for number, camera in enumerate(cameras)}
        self._folder = folder
        self._crops_per_person = crops_per_person
        self._sheets = sheets
        self._open = ExitStack()
        self._concluded = False

    def __enter__(self) -> Self:
        folder = self._folder
        with writing(folder):
            for part in (folder, folder / MOT, folder / MOT_ONLINE):
                part.mkdir(exist_ok=True)
        remove_records(folder)
        with ExitStack() as opening:  # closes again what was opened when the next one fails
            self._spool = opening.enter_context(closing(RowSpool(folder / ".rows.part")))
            self._crops = opening.enter_context(closing(CropStore(folder / ".crops.part", self._crops_per_person)))
            self._mot = opening.enter_context(closing(MotOnline(folder / MOT_ONLINE, self._cameras)))
            self._tracks = opening.enter_context(closing(GrowingFile(folder / TRACKS)))
            self._events = opening.enter_context(closing(GrowingFile(folder / EVENTS)))
            self._open = opening.pop_all()
        return self

    def write(self, tracked: TrackedRound) -> None:
        """Record a round as shown.

        Raises:
            OutputError: `disk_full` or `output_unwritable`.
        """
        rows = rows_of(tracked.result, self._numbers)
        self._spool.append(rows)
        self._mot.append(rows)
        self._tracks.append(track_lines(rows, as_shown(rows), self._cameras).encode())
        self._events.append(event_lines(tracked.result.events).encode())
        self._crops.offer(tracked, rows)

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        """Write the records of the end from the corrected history, and what was decided for it.

        Raises:
            OutputError: `disk_full` or `output_unwritable`.
        """
        self._concluded = True
        self._events.append(event_lines(events).encode())
        label = Corrected(segments, self._numbers)
        crops, people = self._conclude(label, corrected=True)
        write_tracks(self._folder / TRACKS, self._cameras, History(self._spool, label))
        if self._sheets:  # last: of all that is written here these are missed the least
            write_sheets(self._folder, people, crops)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._open:
            if not self._concluded:
                # after a failure the first error counts, and a full disk may well refuse this too
                with suppress(OutputError) if error else nullcontext():
                    self._conclude(as_shown, corrected=False)

    def _conclude(
        self, label: LabelRows, *, corrected: bool
    ) -> tuple[dict[int, list[DealtCrop]], list[dict[str, Any]]]:
        """Write the records of the end but the tracks and the sheets; returns crops and people."""
        history = History(self._spool, label)
        crops = self._crops.deal(label, self._folder / CROPS)
        people = people_of(self._cameras, history, crops)
        if corrected and self._sheets:
            name_sheets(people)
        write_identities(self._folder / IDENTITIES, self._cameras, people, corrected=corrected)
        write_mot(self._folder / MOT, self._cameras, history)
        return crops, people


def remove_records(folder: Path) -> None:
    """Remove what an earlier job's `identities.json` says it wrote; everything else in the folder stays.

    Raises:
        OutputError: Something cannot be removed.
    """
    try:
        document = json.loads((folder / IDENTITIES).read_text(encoding="utf-8"))
        cameras = [str(camera) for camera in document["cameras"]]
        pictures = [str(path) for person in document["people"] for path in [*person["crops"], person.get("sheet")]]
    except (OSError, ValueError, KeyError, TypeError):
        return  # no records, or not ours
    texts = [f"{part}/{camera}.txt" for part in (MOT, MOT_ONLINE) for camera in cameras if Path(camera).name == camera]
    pictures = [path for path in pictures if PICTURE_PATH.fullmatch(path)]
    with writing(folder):
        for name in (*texts, *pictures, TRACKS, EVENTS, IDENTITIES, FLOOR):
            (folder / name).unlink(missing_ok=True)
    for home in {(folder / path).parent for path in pictures}:
        with suppress(OSError):  # somebody put something else there
            home.rmdir()
