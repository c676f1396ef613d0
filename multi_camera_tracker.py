"""The pure association: a round of detections of all cameras becomes a result with global ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from acquaintances import NOBODY_KNOWN, Acquaintances, KnownLook
from association.encounters import Ruler
from association.learnt_ruler import LearntRuler
from association.sightings import Judge
from by_hand import NOTHING_BY_HAND, ByHand
from camera_tracker import CameraTracker
from config import TrackingConfig
from entities import (
    NOBODY,
    BoolArray,
    CameraId,
    CameraTracks,
    FloatArray,
    FrameResult,
    IdentityEvent,
    IntArray,
    RoundDetections,
    RoundResult,
    Segment,
)
from identity_gallery import IdentityGallery

Looks = tuple[Sequence[KnownLook], Mapping[CameraId, FloatArray]]
"""What there is to know people by, and what the people of each camera have in common."""


class MultiCameraTracker:
    """Detections in, tracks with global ids out; the same rounds give the same ids.

    Args:
        camera_ids: All cameras of the job.
        config: The whole job's settings; its `camera` and `identity` sections count here.
        mean_person: See `Embedder.mean_person`.
        ruler: Measures how far people seen by two cameras stand from each other; None where nothing was calibrated.
            What it does not measure is learnt, unless that is switched off.
        known: People from before the job.
    """

    def __init__(
        self,
        camera_ids: Sequence[CameraId],
        config: TrackingConfig,
        mean_person: FloatArray | None,
        ruler: Ruler | None = None,
        known: Acquaintances = NOBODY_KNOWN,
    ) -> None:
        self._judge = Judge(config.camera.high_score)
        self._trackers = {camera_id: CameraTracker(config.camera, camera_id) for camera_id in camera_ids}
        self._learnt = LearntRuler(camera_ids, ruler) if config.identity.learn_geometry else None
        self._gallery = IdentityGallery(config.identity, camera_ids, mean_person, self._learnt or ruler, known)
        self._by_hand = NOTHING_BY_HAND

    def heed(self, by_hand: ByHand) -> None:
        """Go by what somebody put right by hand from now on, see `IdentityGallery.heed`."""
        self._by_hand = by_hand
        self._gallery.heed(by_hand)

    def looks(self, *, everybody: bool = False) -> Looks:
        """What there is to know people by later, see `IdentityGallery.looks` and `mean_people`."""
        return self._gallery.looks(everybody=everybody), self._gallery.mean_people()

    def worth_a_look(self, round_: RoundDetections) -> list[BoolArray]:
        """Which boxes of a round to embed before `associate`; nothing is changed.

        Args:
            round_: The round that will be given to `associate` next.

        Returns:
            `(N,)` for each frame, one a detection; nothing for frames that were not looked at.
        """
        judged = zip(round_.frames, self._judge(round_.frames), strict=True)
        return [self._trackers[frame.camera_id].worth_a_look(frame, sightings) for frame, sightings in judged]

    def associate(self, round_: RoundDetections) -> RoundResult:
        """Track the people of one round.

        Args:
            round_: Frames of some or all cameras, in order of time from round to round.
        """
        judged = zip(round_.frames, self._judge(round_.frames), strict=True)
        tracks = [self._trackers[frame.camera_id].step(frame, sightings) for frame, sightings in judged]
        ids, events = self._gallery.observe(round_.timestamp_s, tracks)
        frames = tuple(_frame_result(*pair) for pair in zip(tracks, ids, strict=True))
        notes = tuple(self._learnt.news()) if self._learnt else ()
        people = (people_in_view([self._by_hand.as_one(names) for names in ids]), self._gallery.people_total)
        return RoundResult(round_.index, round_.timestamp_s, frames, *people, events, notes)

    def finish(self) -> tuple[Segment, ...]:
        """The corrected history of every row of every result, after the last round."""
        return self._gallery.finish()

    @property
    def last_events(self) -> tuple[IdentityEvent, ...]:
        """What `finish` decided, nothing before."""
        return self._gallery.last_events


def people_in_view(ids: Sequence[IntArray]) -> int:
    """The least number of different people that the rows of one round can be.

    Rows without an id may be people whose id only another camera shows, so they count no more than the fullest camera
    needs; rows with different ids are different people.

    Args:
        ids: Global ids of each camera's rows, `NOBODY` where unknown.
    """
    known = {int(name) for of_camera in ids for name in of_camera} - {NOBODY}
    return max([len(known), *(len(of_camera) for of_camera in ids)])


def _frame_result(tracks: CameraTracks, ids: IntArray) -> FrameResult:
    return FrameResult(
        tracks.camera_id,
        tracks.frame_index,
        tracks.timestamp_s,
        tracks.boxes_xyxy,
        tracks.scores,
        tracks.local_ids,
        ids,
        np.asarray(tracks.observed),
    )
