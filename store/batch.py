"""What goes to the database at once: plain values, gathered in one thread and written in another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from acquaintances import KnownLook
from entities import CameraId, FloatArray, GlobalId, LocalId, Segment
from store.values import BoxSample


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sighting as far as it is known; written again with the same first frame it replaces what was written.

    Attributes:
        camera: Where.
        local_id: The track.
        first_frame: Position in the source.
        last_frame: Likewise, inclusive.
        start_s: Media time of the first box.
        end_s: Media time of the last box.
        boxes: Boxes that a detector saw.
        identity: Who; 0 for nobody.
        samples: Some of the boxes.
    """

    camera: CameraId
    local_id: LocalId
    first_frame: int
    last_frame: int
    start_s: float
    end_s: float
    boxes: int
    identity: GlobalId
    samples: tuple[BoxSample, ...]


@dataclass(frozen=True, slots=True)
class Happening:
    """An event.

    Attributes:
        number: Counts up in the job, so that writing it twice does no harm.
        time_s: Media time.
        kind: See `StoredEvent.kind`.
        identity: Who; 0 for nobody.
        other: Who before; 0 for nobody.
        camera: Where, or None.
        local_id: The track, or None.
        reason: For people.
        evidence: For programs, as in `events.jsonl`.
    """

    number: int
    time_s: float
    kind: str
    identity: GlobalId
    other: GlobalId
    camera: CameraId | None = None
    local_id: LocalId | None = None
    reason: str = ""
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A piece of a track that turned out to be somebody else.

    Attributes:
        camera: Where.
        local_id: The track.
        start_s: Media time of the piece's first box.
        end_s: Media time of its last box.
        before: Who it was; 0 for nobody.
        after: Who it is; 0 for nobody.
    """

    camera: CameraId
    local_id: LocalId
    start_s: float
    end_s: float
    before: GlobalId
    after: GlobalId


@dataclass(frozen=True, slots=True)
class Picture:
    """A crop that lies in its file.

    Attributes:
        camera: Where.
        local_id: The track.
        frame: Position in the source.
        time_s: Media time.
        quality: See `sinks.crops.crop_qualities`.
        path: Relative to the store's folder.
        identity: Who; 0 while nobody knows.
    """

    camera: CameraId
    local_id: LocalId
    frame: int
    time_s: float
    quality: float
    path: str
    identity: GlobalId


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Everything that came in since the last one.

    Attributes:
        media_s: Media time of the latest round in it.
        stretches: Sightings, new or longer than before.
        happenings: Events.
        merges: Identities that are no more, each with its heir, in order.
        moves: Pieces of tracks that changed their identity.
        pictures: New crops, or who they show is known now.
        replaced: Crops whose files are gone, as camera, track and frame.
        looks: What there is to be known of people's looks; what is not named is as it was.
        means: What people of a camera have in common in their looks.
        segments: The corrected history of the whole job, at its end; None before.
    """

    media_s: float = 0.0
    stretches: Sequence[Stretch] = ()
    happenings: Sequence[Happening] = ()
    merges: Sequence[tuple[GlobalId, GlobalId]] = ()
    moves: Sequence[Move] = ()
    pictures: Sequence[Picture] = ()
    replaced: Sequence[tuple[CameraId, LocalId, int]] = ()
    looks: Sequence[KnownLook] = ()
    means: Sequence[tuple[CameraId, FloatArray]] = ()
    segments: tuple[Segment, ...] | None = None

    @property
    def rows(self) -> int:
        """How much it is."""
        return sum(map(len, (self.stretches, self.happenings, self.moves, self.pictures, self.looks)))
