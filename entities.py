"""The values that flow through the house; all frozen, all arrays, none knows how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NewType

import numpy as np
from numpy.typing import NDArray

CameraId = NewType("CameraId", str)
"""A camera's name, unique in a job; for files the stem of the file, made unique."""
LocalId = NewType("LocalId", int)
"""A track's number within one camera, from 1, never reused."""
GlobalId = NewType("GlobalId", int)
"""A person's number over all cameras, from 1, never reused."""

NOBODY = GlobalId(0)
"""Stands where a track has no identity (yet, or any more)."""

FloatArray = NDArray[np.float32]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Source:
    """One camera's input as found when it was opened.

    Attributes:
        camera_id: Unique name of the camera in this job.
        uri: The path or address as the user gave it, without credentials.
        size_px: Width and height.
        fps: Frames per second of media time, > 0.
        frames_total: Frames the container promises; None when it does not say.
        duration_s: Seconds the container promises; None when it does not say.
        name: What people call the camera; empty: its id.
    """

    camera_id: CameraId
    uri: str
    size_px: tuple[int, int]
    fps: float
    frames_total: int | None = None
    duration_s: float | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of one camera. The pixels are read-only: whoever draws, copies.

    Attributes:
        camera_id: Whose picture.
        index: Position in the source, from 0; counts every frame of the source, also skipped ones.
        timestamp_s: Media time since the source's first frame.
        image_bgr: `(H, W, 3)` uint8, not writeable.
    """

    camera_id: CameraId
    index: int
    timestamp_s: float
    image_bgr: NDArray[np.uint8]

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.image_bgr.shape[:2]
        return width, height


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """The frames of all cameras that belong to one instant, at most one a camera.

    Attributes:
        index: Rounds count from 0.
        timestamp_s: The instant, media time.
        frames: In the job's camera order; cameras with no frame at this instant are left out.
        states: What the readers of cameras that send by themselves were doing, see `CameraState`; else empty.
    """

    index: int
    timestamp_s: float
    frames: tuple[Frame, ...]
    states: Mapping[CameraId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What the detector saw in one frame; row i of every array is one person.

    Attributes:
        boxes_xyxy: `(N, 4)` float32, pixels of the original frame, origin top left, inside the frame.
        scores: `(N,)` float32 in [0, 1].
        embeddings: `(N, D)` float32 rows of length 1, a row of NaN where a crop was not embedded;
            None before any embedding.
    """

    boxes_xyxy: FloatArray
    scores: FloatArray
    embeddings: FloatArray | None = None

    def __post_init__(self) -> None:
        count = len(self.scores)
        if self.boxes_xyxy.shape != (count, 4):
            raise ValueError(f"boxes_xyxy: want ({count}, 4), got {self.boxes_xyxy.shape}")
        if self.embeddings is not None and (self.embeddings.ndim != 2 or len(self.embeddings) != count):
            raise ValueError(f"embeddings: want ({count}, D), got {self.embeddings.shape}")

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class FrameDetections:
    """The detections of one frame with the little that association needs to know of the frame.

    Attributes:
        camera_id: Whose frame.
        frame_index: Position in the source, from 0.
        timestamp_s: Media time.
        size_px: Width and height.
        detections: None when this frame was not looked at (`--stride`): tracks are carried by motion.
    """

    camera_id: CameraId
    frame_index: int
    timestamp_s: float
    size_px: tuple[int, int]
    detections: Detections | None


@dataclass(frozen=True, slots=True, eq=False)
class RoundDetections:
    """All that the pure core sees of a round: record these and association can be replayed.

    Attributes:
        index: Rounds count from 0.
        timestamp_s: The instant, media time.
        frames: At most one a camera, in the job's camera order.
    """

    index: int
    timestamp_s: float
    frames: tuple[FrameDetections, ...]


class EventKind(StrEnum):
    """What can happen to an identity."""

    APPEARED = "appeared"
    JOINED = "joined"
    MERGED = "merged"
    SPLIT = "split"
    RELABELLED = "relabelled"
    STATIC = "static"


HANDED_OVER: Final = "handed_over"
LEFT: Final = "left"
EVENT_KINDS: Final = (*map(str, EventKind), HANDED_OVER, LEFT)
"""What can happen to a person, with what a watcher of the whole place sees: gone over to another camera, gone."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a local track, as evidence.

    Attributes:
        camera_id: The camera.
        local_id: The track in that camera; the latest where the piece stands for several.
        start_s: Media time of its first box.
        end_s: Media time of its last box so far.
        similarity: How alike it is to what is judged; None for what is judged itself.
    """

    camera_id: CameraId
    local_id: LocalId
    start_s: float
    end_s: float
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Rival:
    """Somebody else that a piece could have been.

    Attributes:
        global_id: Who.
        similarity: How alike they are.
        barred: What rules it out however alike they are, for people; empty when nothing does.
        position: What positions add to the similarity, or take away; 0 where they say nothing.
    """

    global_id: GlobalId
    similarity: float
    barred: str = ""
    position: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why pieces became who they are: all that was known at that moment.

    Attributes:
        similarity: How alike the pieces are to the rest of their new identity, mean over pairs of pieces as the
            clustering weights them; None when there is no rest, or the pieces show no look.
        threshold: What two need on average to be one person.
        raw: Whether both are cosines of the looks as they are; else of looks around their camera's mean person.
        rivals: Whom else they could have been: the runner-up, then who they were before; best first.
        pieces: What changed, longest first, some of many.
        likest: The pieces of the new identity most like them, best first, some of many.
        position: What positions add to the similarity, or take away; 0 where they say nothing.
    """

    similarity: float | None
    threshold: float
    raw: bool
    rivals: tuple[Rival, ...] = ()
    pieces: tuple[Piece, ...] = ()
    likest: tuple[Piece, ...] = ()
    position: float = 0.0

    @property
    def margin(self) -> float | None:
        """By how much more speaks for the new identity than for the runner-up; None without either."""
        if self.similarity is None or not self.rivals:
            return None
        return self.similarity + self.position - self.rivals[0].similarity - self.rivals[0].position


@dataclass(frozen=True, slots=True)
class IdentityEvent:
    """A change of who is who.

    Attributes:
        time_s: Media time at which it was decided.
        kind: What happened.
        global_id: The identity after the change.
        other_id: The identity before it, for merges, splits and relabels; else `NOBODY`.
        camera_id: The camera whose track changed its label; None when it concerns the identity as a whole.
        local_id: That track's number in its camera; None likewise.
        reason: For people: the evidence in a few words.
        evidence: For programs: the same in figures; None where looks did not decide.
    """

    time_s: float
    kind: EventKind
    global_id: GlobalId
    other_id: GlobalId = NOBODY
    camera_id: CameraId | None = None
    local_id: LocalId | None = None
    reason: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True, eq=False)
class CameraTracks:
    """The confirmed tracks of one camera that have a box in this frame; row i of every array is one track.

    Attributes:
        camera_id: Whose frame.
        frame_index: Position in the source, from 0.
        timestamp_s: Media time.
        size_px: Width and height of the frame.
        boxes_xyxy: `(N, 4)` float32, pixels of the original frame.
        scores: `(N,)` float32 in [0, 1]; of carried boxes, the score last seen.
        local_ids: `(N,)` int64, from 1, unique.
        observed: `(N,)` bool, False for boxes carried by motion without a detection.
        occlusion: `(N,)` float32 in [0, 1], share of the box covered by a box of the frame whose foot is lower.
        embeddings: `(N, D)` float32 unit rows, NaN rows where this frame tells nothing of the look; D may be 0
            when no frame so far had embeddings.
    """

    camera_id: CameraId
    frame_index: int
    timestamp_s: float
    size_px: tuple[int, int]
    boxes_xyxy: FloatArray
    scores: FloatArray
    local_ids: IntArray
    observed: BoolArray
    occlusion: FloatArray
    embeddings: FloatArray

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class FrameResult:
    """The people of one frame as known at that moment; row i of every array is one confirmed track.

    Attributes:
        camera_id: Whose frame.
        frame_index: Position in the source, from 0.
        timestamp_s: Media time.
        boxes_xyxy: `(N, 4)` float32, pixels of the original frame.
        scores: `(N,)` float32 in [0, 1]; of carried boxes, the score last seen.
        local_ids: `(N,)` int64, from 1.
        global_ids: `(N,)` int64, `NOBODY` (0) while not identified. Unique where not 0.
        observed: `(N,)` bool, False for boxes carried by motion without a detection.
    """

    camera_id: CameraId
    frame_index: int
    timestamp_s: float
    boxes_xyxy: FloatArray
    scores: FloatArray
    local_ids: IntArray
    global_ids: IntArray
    observed: BoolArray

    def __post_init__(self) -> None:
        count = len(self.scores)
        for name in ("local_ids", "global_ids", "observed"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name}: want {count} rows, got {len(getattr(self, name))}")

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class RoundResult:
    """What the tracker says about a round.

    Attributes:
        index: The round's number.
        timestamp_s: The round's instant.
        frames: One a camera that had a frame in the round, in the job's camera order.
        people_now: Different people in view over all cameras in this round.
        people_total: Identities given so far and still standing (merged ones count once).
        events: Changes decided in this round.
        notes: What was learnt of the cameras in this round, a line for people each.
    """

    index: int
    timestamp_s: float
    frames: tuple[FrameResult, ...]
    people_now: int = 0
    people_total: int = 0
    events: tuple[IdentityEvent, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """The corrected label of a stretch of one local track; together they are the corrected history.

    Attributes:
        camera_id: The camera.
        local_id: The track in that camera.
        first_frame: First frame index of the stretch, inclusive.
        last_frame: Last frame index of the stretch, inclusive.
        global_id: The person, or `NOBODY` when the stretch belongs to no person (too short, a poster).
    """

    camera_id: CameraId
    local_id: LocalId
    first_frame: int
    last_frame: int
    global_id: GlobalId


@dataclass(frozen=True, slots=True, eq=False)
class TrackedRound:
    """What goes to the sinks: the pictures of a round, what association saw of them, and what came of it."""

    round: Round
    detections: RoundDetections
    result: RoundResult

    @property
    def looked_at(self) -> bool:
        """Whether people were looked for in the pictures; else the round was passed over and tracks moved on alone."""
        return any(frame.detections is not None for frame in self.detections.frames)
