"""The people found in a round become a result: embedding where it pays, and association, each measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from by_hand import ByHand
from detect_ahead import Looked
from entities import (
    BoolArray,
    Detections,
    FloatArray,
    IdentityEvent,
    Round,
    RoundDetections,
    Segment,
    TrackedRound,
)
from multi_camera_tracker import Looks, MultiCameraTracker
from perception import Embedder
from telemetry import StageClock


class RoundTracker:
    """Detected people in, tracked people out: the looks that tell something, and association, of one round.

    Args:
        tracker: What associates.
        embedder: What tells looks; called once a round for those boxes whose look can tell something.
        clock: Takes the time of the stages `detect`, `select`, `embed` and `associate`.
    """

    def __init__(self, tracker: MultiCameraTracker, embedder: Embedder, clock: StageClock) -> None:
        self._tracker = tracker
        self._embedder = embedder
        self._clock = clock

    def process(self, looked: Looked) -> TrackedRound:
        """Track the people of one round; in rounds that were passed over, tracks move on by themselves."""
        seen = looked.seen
        if looked.seconds is not None:
            self._clock.add("detect", looked.seconds)
            seen = self._embedded(looked.round, seen)
        with self._clock.measure("associate"):
            return TrackedRound(looked.round, seen, self._tracker.associate(seen))

    def finish(self) -> tuple[Segment, ...]:
        """The corrected history of every row of every result, after the last round."""
        return self._tracker.finish()

    @property
    def last_events(self) -> tuple[IdentityEvent, ...]:
        """What `finish` decided, nothing before."""
        return self._tracker.last_events

    def heed(self, by_hand: ByHand) -> None:
        """Go by what somebody put right by hand from now on, see `IdentityGallery.heed`."""
        self._tracker.heed(by_hand)

    def looks(self, *, everybody: bool = False) -> Looks:
        """What there is to know people by later, see `MultiCameraTracker.looks`."""
        return self._tracker.looks(everybody=everybody)

    def _embedded(self, round_: Round, seen: RoundDetections) -> RoundDetections:
        """The detections with the looks of those boxes whose look can tell something."""
        found = [frame.detections for frame in seen.frames if frame.detections is not None]
        with self._clock.measure("select"):
            worth = self._tracker.worth_a_look(seen)
        boxes = [detections.boxes_xyxy[chosen] for detections, chosen in zip(found, worth, strict=True)]
        with self._clock.measure("embed"):
            looks = self._embedder.embed([frame.image_bgr for frame in round_.frames], boxes)
        return _with(seen, list(map(self._spread, found, worth, looks)))

    def _spread(self, detections: Detections, chosen: BoolArray, looks: FloatArray) -> Detections:
        """The detections with the looks of the chosen ones, NaN for the others."""
        rows = np.full((len(detections), self._embedder.dimension), np.nan, np.float32)
        rows[chosen] = looks
        return Detections(detections.boxes_xyxy, detections.scores, rows)


def _with(seen: RoundDetections, found: Sequence[Detections]) -> RoundDetections:
    frames = tuple(replace(frame, detections=detections) for frame, detections in zip(seen.frames, found, strict=True))
    return replace(seen, frames=frames)
