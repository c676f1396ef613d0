"""One camera: predict every track, give it its box, begin and end tracks, recover who was lost.

The algorithm and its numbers are those of the identity study, part 1; the maths lies in `association/`, what is
known of one person in `track`, of those who left in `lost_tracks`. Time is media time, so any frame rate, gaps
and strides do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from association import motion
from association.appearance import bank_similarity, mean_look
from association.attention import Attention, worth_a_look
from association.iou import hidden_shares, iou_matrix, to_xyxy
from association.matching import Evidence, height_ratios, match_in_stages, possible
from association.motion import Motion
from association.sightings import COVERING_SCORE, Sightings, judge
from config import CameraTrackingConfig
from entities import BoolArray, CameraId, CameraTracks, Detections, FloatArray, FrameDetections, IntArray
from lost_tracks import LostTracks
from track import Tracks

# Identity study, part 1; the step is named with each.
NEW_MAX_IOU = 0.5
"""Step 6: a box that overlaps a track's more than this begins no track."""
TENTATIVE_MISSED_S = 0.15
"""Step 6: a tentative track missed longer is forgotten."""
DOUBLE_MISSED_S, DOUBLE_IOU, DOUBLE_SIMILARITY = 0.4, 0.7, 0.7
"""Step 11: a track missed this long, on top of a seen one and as alike, is the same person twice."""
MAX_HIT_S = 0.2
"""A single box stands for no more time than this, however long the camera was blind before."""
BLIND_LOOKS = 2.0
"""The camera was blind when a frame comes later than the coasting time and this many times the last interval."""
CROWDED_SHARE = 0.5
"""In a crowd a look is enough for this share of the time for which it is when walking alone."""
MOMENT_S = 0.05
"""Two looks closer in time say no more than one, whatever the frame rate: in a crowd, too, one of them is enough."""
MIN_CARRIED_PX = 2.0
"""A carried box that shows less than this inside the picture has left it."""


class CameraTracker:
    """Turns the detections of one camera, frame by frame, into tracks with local ids.

    Deterministic: the same frames give the same tracks. Memory is bounded by the people in view and those lost.

    Args:
        config: How detections become tracks.
        camera_id: Whose frames these are.
    """

    def __init__(self, config: CameraTrackingConfig, camera_id: CameraId) -> None:
        self._config = config
        self._camera_id = camera_id
        self._tracks = Tracks()
        self._lost = LostTracks(config)
        self._ahead: tuple[float, Motion] | None = None
        self._overlaps: tuple[Tracks, Sightings, NDArray[np.float64]] | None = None
        self._last_id = 0
        self._dimension = 0
        self._now_s = -np.inf
        self._looked_s = -np.inf
        self._look_interval_s = np.inf

    def step(self, frame: FrameDetections, sightings: Sightings | None = None) -> CameraTracks:
        """Track one frame.

        Args:
            frame: The next frame of this camera. Frames may be missing; media time must not run backwards.
            sightings: What its detections are worth, where they were judged already.

        Returns:
            The confirmed tracks with a box in this frame, by local id. For a frame that was not looked at
            (`detections` is None): the boxes of the last look, carried on by motion.

        Raises:
            ValueError: The frame is another camera's.
        """
        if frame.camera_id != self._camera_id:
            raise ValueError(f"camera_id: want {self._camera_id!r}, got {frame.camera_id!r}")
        self._predict(frame.timestamp_s)
        if frame.detections is None:
            return self._carried(frame)
        sightings = self._judged(frame, frame.detections) if sightings is None else sightings
        self._dimension = sightings.embeddings.shape[1] or self._dimension
        self._look(sightings, float(frame.size_px[0] * frame.size_px[1]))
        return self._seen(frame, sightings)

    def worth_a_look(self, frame: FrameDetections, sightings: Sightings | None = None) -> BoolArray:
        """Which of a frame's boxes to embed before `step`; nothing is changed.

        Args:
            frame: The frame that will be given to `step` next, with detections.
            sightings: As of `step`.

        Returns:
            `(N,)` one a detection.
        """
        if frame.detections is None:
            return np.zeros(0, np.bool_)
        now_s = frame.timestamp_s
        sightings = self._judged(frame, frame.detections) if sightings is None else sightings
        out = np.zeros(len(frame.detections), np.bool_)
        again_s = self._config.look_again_s
        attention = Attention(
            self._overlap(self._predicted(now_s), sightings),
            self._tracks.confirmed,
            self._tracks.settled(now_s, again_s),
            self._tracks.just_seen(now_s, again_s * CROWDED_SHARE),
            self._tracks.just_seen(now_s, min(again_s, MOMENT_S)),
            sightings.scores >= self._config.high_score,
            sightings.overlap,
        )
        out[sightings.rows] = worth_a_look(attention, self._config.iou_thresh)
        return out

    def _judged(self, frame: FrameDetections, found: Detections) -> Sightings:
        return judge(found, frame.timestamp_s, frame.size_px[0], self._config.high_score)

    def _predicted(self, now_s: float) -> Motion:
        """Where all tracks will be at a time."""
        if self._ahead is None or self._ahead[0] != now_s:
            self._ahead = (now_s, self._moved(now_s))
        return self._ahead[1]

    def _moved(self, now_s: float) -> Motion:
        if now_s <= self._now_s:
            return self._tracks.motion
        return motion.predict(self._tracks.motion, now_s - self._now_s, self._tracks.missed)

    def _overlap(self, where: Motion, sightings: Sightings) -> NDArray[np.float64]:
        """`(T, N)` overlap of tracks and boxes; worked out once for `worth_a_look` and the `step` after it."""
        known = self._overlaps
        if known is None or known[0] is not self._tracks or known[1].boxes_xyxy is not sightings.boxes_xyxy:
            iou = iou_matrix(to_xyxy(where.box_cxcywh), sightings.boxes_xyxy)
            known = self._overlaps = (self._tracks, sightings, iou)
        return known[2]

    def _predict(self, now_s: float) -> None:
        self._tracks.rows["state"] = self._predicted(now_s).state
        self._now_s = max(self._now_s, now_s)
        self._ahead = None

    def _look(self, sightings: Sightings, picture_area_px: float) -> None:
        since_look_s = max(sightings.time_s - self._looked_s, 0.0)
        if since_look_s > self._config.coast_s + BLIND_LOOKS * self._look_interval_s:
            self._lose(np.ones(len(self._tracks), np.bool_))  # places say nothing any more
        hit_s = min(since_look_s, MAX_HIT_S)
        free = self._associate(sightings, hit_s)
        self._split()
        self._begin(sightings, free, hit_s)
        self._age(sightings.time_s)
        self._drop_doubles(sightings.time_s)
        self._lost.compare(self._tracks, sightings.time_s)
        self._remove(self._lost.recover(self._tracks, picture_area_px))
        self._confirm()
        self._looked_s, self._look_interval_s = sightings.time_s, since_look_s

    def _associate(self, sightings: Sightings, hit_s: float) -> IntArray:
        """Give the boxes to the tracks; the boxes that nobody took are returned."""
        tracks = self._tracks
        iou, min_iou = self._overlap(tracks.motion, sightings), self._config.iou_thresh
        self._overlaps = None
        heights = height_ratios(tracks.motion.box_cxcywh[:, 3], sightings.boxes_cxcywh[:, 3])
        wanted = possible(iou, heights, min_iou)
        similarity = bank_similarity([bank.clean for bank in tracks.banks], sightings.embeddings, wanted)
        evidence = Evidence(iou, similarity, heights, tracks.missed_s(self._looked_s), sightings.overlap)
        sure = sightings.scores >= self._config.high_score
        rows, columns = match_in_stages(evidence, tracks.confirmed, sure, min_iou)
        tracks.see(rows, sightings, columns, similarity[rows, columns], hit_s)
        tracks.miss(_others(len(tracks), rows))
        return _others(len(sightings), columns)

    def _split(self) -> None:
        """Step 7: where a box went over to another person, end the track and begin a tentative one."""
        gone = self._tracks.is_somebody_else
        if gone.any():
            others = self._tracks.split(gone)
            self._lose(gone)
            self._tracks.add(others)

    def _begin(self, sightings: Sightings, free: IntArray, hit_s: float) -> None:
        """Step 6: sure boxes that nobody took, and that are nobody's double, begin tentative tracks."""
        free = free[sightings.scores[free] >= self._config.high_score]
        if not len(free):
            return
        boxes, seen = sightings.boxes_xyxy[free], self._tracks.some(~self._tracks.missed)
        nobodys = iou_matrix(boxes, to_xyxy(seen.motion.box_cxcywh)).max(axis=1, initial=0.0) <= NEW_MAX_IOU
        doubles = iou_matrix(boxes, boxes) > NEW_MAX_IOU
        new: list[int] = []
        for i in nobodys.nonzero()[0].tolist():
            if not doubles[i, new].any():
                new.append(i)
        self._tracks.add(Tracks.begin(sightings, free[new], hit_s, self._config.bank_size))

    def _age(self, now_s: float) -> None:
        """Steps 6 and 8: forget missed tentative tracks, lose missed confirmed ones, forget the long lost."""
        limit_s = np.where(self._tracks.confirmed, self._config.coast_s, TENTATIVE_MISSED_S)
        self._lose(self._tracks.missed & (self._tracks.missed_s(now_s) > limit_s))
        self._lost.forget(now_s)

    def _lose(self, gone: BoolArray) -> None:
        if gone.any():
            self._lost.add(self._tracks.some(gone))
            self._remove(gone)

    def _remove(self, gone: BoolArray) -> None:
        if gone.any():
            self._tracks = self._tracks.some(~gone)

    def _drop_doubles(self, now_s: float) -> None:
        """Step 11: of two tracks on one person the missed one goes, the older id stays."""
        tracks, ids = self._tracks, self._tracks.rows["local_id"]
        known = tracks.confirmed & (tracks.rows["looks"] > 0)
        missed = (known & tracks.missed & (tracks.missed_s(now_s) >= DOUBLE_MISSED_S)).nonzero()[0]
        seen = (known & ~tracks.missed).nonzero()[0] if len(missed) else missed
        if not len(seen):
            return
        boxes, gone = to_xyxy(tracks.motion.box_cxcywh), np.zeros(len(tracks), np.bool_)
        for i, overlaps in zip(missed.tolist(), iou_matrix(boxes[missed], boxes[seen]), strict=True):
            other = int(seen[overlaps.argmax()])
            if overlaps.max() >= DOUBLE_IOU and _similarity(tracks, other, i) >= DOUBLE_SIMILARITY:
                ids[other] = min(ids[other], ids[i])
                gone[i] = True
        self._remove(gone)

    def _confirm(self) -> None:
        """Step 10: tentative tracks that have shown to be people get new ids."""
        tracks = self._tracks
        tentative = ~tracks.confirmed & ~tracks.missed
        if tentative.any():
            new = (tentative & tracks.is_person(self._config)).nonzero()[0]
            tracks.rows["local_id"][new] = self._last_id + 1 + np.arange(len(new))
            self._last_id += len(new)

    def _shown(self) -> Tracks:
        """People who were found when last looked for, by local id."""
        shown = (self._tracks.confirmed & ~self._tracks.missed).nonzero()[0]
        return self._tracks.some(shown[self._tracks.rows["local_id"][shown].argsort()])

    def _seen(self, frame: FrameDetections, sightings: Sightings) -> CameraTracks:
        """The tracks that were given a box of this frame."""
        tracks = self._shown()
        columns = tracks.rows["sighting"]
        embeddings = sightings.embeddings[columns]
        if embeddings.shape[1] != self._dimension:
            embeddings = np.full((len(tracks), self._dimension), np.nan, np.float32)
        return _output(frame, tracks, sightings.boxes_xyxy[columns], sightings.occlusion[columns], embeddings)

    def _carried(self, frame: FrameDetections) -> CameraTracks:
        """The boxes of the last look where motion has them now, as far as they are inside the picture."""
        tracks = self._shown()
        size = np.array([*frame.size_px, *frame.size_px], np.float64)
        boxes = np.clip(to_xyxy(tracks.motion.box_cxcywh), 0.0, size)
        inside = np.all(boxes[:, 2:] - boxes[:, :2] >= MIN_CARRIED_PX, axis=1)
        tracks, boxes = tracks.some(inside), boxes[inside]
        _, occlusion = hidden_shares(boxes, tracks.rows["last_score"] >= COVERING_SCORE)
        return _output(frame, tracks, boxes, occlusion, np.full((len(tracks), self._dimension), np.nan, np.float32))


def _output(
    frame: FrameDetections,
    tracks: Tracks,
    boxes_xyxy: NDArray[np.float64],
    occlusion: NDArray[np.float64],
    embeddings: FloatArray,
) -> CameraTracks:
    return CameraTracks(
        frame.camera_id,
        frame.frame_index,
        frame.timestamp_s,
        frame.size_px,
        boxes_xyxy.astype(np.float32),
        tracks.rows["last_score"].astype(np.float32),
        tracks.rows["local_id"].copy(),
        np.full(len(tracks), frame.detections is not None, np.bool_),
        occlusion.astype(np.float32),
        embeddings,
    )


def _others(count: int, chosen: IntArray) -> IntArray:
    """Which of so many are not among the chosen."""
    free = np.ones(count, np.bool_)
    free[chosen] = False
    return free.nonzero()[0]


def _similarity(tracks: Tracks, seen: int, missed: int) -> float:
    banks = tracks.rows["bank"]
    return float(bank_similarity([banks[seen].clean], mean_look(banks[missed].rows)[None, :])[0, 0])
