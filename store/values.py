"""What the store answers with: frozen values, none of them tied to a database session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")

JobStatus = Literal["processing", "done", "stopped", "failed", "interrupted"]
PeopleOrder = Literal["last_seen", "first_seen", "seconds", "id"]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of many.

    Attributes:
        items: Those asked for.
        total: How many there are in all.
    """

    items: tuple[T, ...]
    total: int


@dataclass(frozen=True, slots=True)
class StoredCamera:
    """A camera of a job.

    Attributes:
        name: Unique in the job.
        source: What it was read from, without credentials.
        size_px: Width and height.
        fps: Frames per second.
    """

    name: str
    source: str
    size_px: tuple[int, int]
    fps: float


@dataclass(frozen=True, slots=True)
class StoredJob:
    """A job as the store knows it.

    Attributes:
        id: The job.
        status: `interrupted` when the process that ran it died.
        begins_unix_s: The wall-clock time that media time 0 stands for.
        finished_unix_s: When it was over; None while it runs.
        media_s: Media time of the last round that was written.
        results: Its results folder, if it has one.
        error_code, error_message: Why it failed, else None.
        cameras: In the job's order.
        people: How many it saw, with everything that was put right by hand.
    """

    id: str
    status: JobStatus
    begins_unix_s: float
    finished_unix_s: float | None
    media_s: float
    results: Path | None
    error_code: str | None
    error_message: str | None
    cameras: tuple[StoredCamera, ...]
    people: int


@dataclass(frozen=True, slots=True)
class StoredCrop:
    """A picture of a person.

    Attributes:
        id: For `Store.crop`.
        path: The JPEG file.
        job_id, camera: Where it is from.
        time_s: Media time.
        unix_s: Wall clock.
        quality: In [0, 1], see `sinks.crops.crop_qualities`.
    """

    id: int
    path: Path
    job_id: str
    camera: str
    time_s: float
    unix_s: float
    quality: float


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, corrections by hand applied, over all jobs or over those asked for.

    Attributes:
        id: The number shown on screen.
        name: Given by hand; None when nobody gave one.
        first_seen_unix_s, last_seen_unix_s: Wall clock.
        seconds: In view, summed over cameras.
        boxes: Frames in which a detector saw the person.
        cameras: That saw the person, by name.
        crop: The best picture; None when there is none.
    """

    id: int
    name: str | None
    first_seen_unix_s: float
    last_seen_unix_s: float
    seconds: float
    boxes: int
    cameras: tuple[str, ...]
    crop: StoredCrop | None


@dataclass(frozen=True, slots=True)
class BoxSample:
    """One of the boxes of a sighting.

    Attributes:
        frame: Position in the source, from 0.
        time_s: Media time.
        box_xyxy: Pixels of the original frame.
    """

    frame: int
    time_s: float
    box_xyxy: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A stretch of one track in one camera; tracks longer than a minute come in several that follow each other.

    Attributes:
        id: Counts up in the order they were written first.
        job_id, camera: Where.
        local_id: The track in that camera.
        person_id: Who, corrections applied; None for nobody.
        identity_id: Who, as the program found; None for nobody.
        start_s, end_s: Media time of the first and the last box.
        start_unix_s, end_unix_s: Wall clock.
        boxes: Frames in which the detector saw the person.
        frames: The first and the last, positions in the source.
        samples: Some of the boxes, the first and the last among them; empty unless asked for.
    """

    id: int
    job_id: str
    camera: str
    local_id: int
    person_id: int | None
    identity_id: int | None
    start_s: float
    end_s: float
    start_unix_s: float
    end_unix_s: float
    boxes: int
    frames: tuple[int, int]
    samples: tuple[BoxSample, ...] = ()


@dataclass(frozen=True, slots=True)
class Stay:
    """A person in one camera of one job.

    Attributes:
        job_id, camera: Where.
        intervals_s: Start and end of each time in view, media time, gaps of a second closed.
        intervals_unix_s: The same by the wall clock.
        boxes: Frames in which a detector saw the person.
    """

    job_id: str
    camera: str
    intervals_s: tuple[tuple[float, float], ...]
    intervals_unix_s: tuple[tuple[float, float], ...]
    boxes: int


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """All there is of a person but the events.

    Attributes:
        person: The summary.
        aliases: All numbers the person goes by in jobs' records, its own first.
        stays: By job, then camera.
        crops: Best first.
        corrections: Made by hand that concern the person, oldest first, without undone ones.
        remembered: Whether there is a look by which the person is known again.
    """

    person: Person
    aliases: tuple[int, ...]
    stays: tuple[Stay, ...]
    crops: tuple[StoredCrop, ...]
    corrections: tuple[Correction, ...]
    remembered: bool


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """Something that happened.

    Attributes:
        id: The cursor: ask for what comes after it. Counts up.
        job_id: Where.
        time_s: Media time.
        unix_s: Wall clock.
        kind: One of `entities.EventKind`, or `handed_over` (first seen by another camera) or `left`.
        person_id: Who; None for nobody.
        other_id: The identity before it, or None.
        camera: Where, or None when it concerns the person as a whole.
        local_id: The track, likewise.
        reason: For people.
        evidence: For programs, as in `events.jsonl`; None where looks did not decide.
    """

    id: int
    job_id: str
    time_s: float
    unix_s: float
    kind: str
    person_id: int | None
    other_id: int | None
    camera: str | None
    local_id: int | None
    reason: str
    evidence: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Match:
    """Somebody who looks like a picture.

    Attributes:
        person: Who.
        similarity: Cosine of looks around their camera's mean person, as the tracker compares them; in [-1, 1].
        camera: Whose look of the person it is.
    """

    person: Person
    similarity: float
    camera: str


class CorrectionKind(StrEnum):
    """What can be put right by hand."""

    MERGE = "merge"
    SPLIT = "split"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Correction:
    """Something put right by hand.

    Attributes:
        id: For `Store.undo`.
        kind: What was done.
        person_id: Merge: who stays. Split: whose past stays. Apart: one of the two.
        other_id: Merge: who became the other. Split: who the later part is. Apart: the other of the two.
        at_unix_s: Split: from when on; else None.
        made_unix_s: When it was done.
        undone_unix_s: When it was taken back; None while it counts.
    """

    id: int
    kind: CorrectionKind
    person_id: int
    other_id: int
    at_unix_s: float | None
    made_unix_s: float
    undone_unix_s: float | None


@dataclass(frozen=True, slots=True)
class Erased:
    """What a purge or a forgetting removed.

    Attributes:
        sightings: Rows.
        events: Rows.
        looks: Rows.
        crops: Pictures, of which the files are gone, too.
        left: What could not be removed, a line for people each.
    """

    sightings: int = 0
    events: int = 0
    looks: int = 0
    crops: int = 0
    left: tuple[str, ...] = ()
