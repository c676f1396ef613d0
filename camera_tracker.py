"""One camera: predict every track, give it its box, begin and end tracks, recover who was lost.

The algorithm and its numbers are those of the identity study, part 1; the maths lies in `association/`, what is
known of one person in `track`, of those who left in `lost_tracks`. Time is media time, so any frame rate, gaps
and strides do.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from association import motion
from association.appearance import bank_similarity, mean_look
from association.attention import Attention, worth_a_look
from association.iou import hidden_shares, iou_matrix, to_xyxy
from association.matching import Evidence, height_ratios, match_in_stages
from association.motion import Motion
from association.sightings import COVERING_SCORE, Judge, Sightings
from config import CameraTrackingConfig
from entities import BoolArray, CameraId, CameraTracks, FloatArray, FrameDetections, LocalId
from lost_tracks import LostTracks
from track import Track

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
"""The camera was blind when a frame comes later than the coasting time and this many usual intervals."""
CROWDED_SHARE = 0.5
"""In a crowd a look is enough for this share of the time for which it is when walking alone."""
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
        self._tracks: list[Track] = []
        self._lost = LostTracks(config)
        self._judge = Judge(config.high_score)
        self._ahead: tuple[float, Motion] | None = None
        self._last_id = 0
        self._dimension = 0
        self._now_s = -np.inf
        self._looked_s = -np.inf
        self._look_interval_s = np.inf

    def step(self, frame: FrameDetections) -> CameraTracks:
        """Track one frame.

        Args:
            frame: The next frame of this camera. Frames may be missing; media time must not run backwards.

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
        sightings = self._judge(frame, frame.detections)
        self._dimension = sightings.embeddings.shape[1] or self._dimension
        self._look(sightings, float(frame.size_px[0] * frame.size_px[1]))
        return self._seen(frame)

    def worth_a_look(self, frame: FrameDetections) -> BoolArray:
        """Which of a frame's boxes to embed before `step`; nothing is changed.

        Args:
            frame: The frame that will be given to `step` next, with detections.

        Returns:
            `(N,)` one a detection.
        """
        if frame.detections is None:
            return np.zeros(0, np.bool_)
        now_s = frame.timestamp_s
        sightings = self._judge(frame, frame.detections)
        out = np.zeros(len(frame.detections), np.bool_)
        again_s = self._config.look_again_s
        attention = Attention(
            iou_matrix(to_xyxy(self._predicted(now_s).box_cxcywh), sightings.boxes_xyxy),
            np.array([t.confirmed for t in self._tracks], np.bool_),
            np.array([t.settled(now_s, again_s) for t in self._tracks], np.bool_),
            np.array([t.just_seen(now_s, again_s * CROWDED_SHARE) for t in self._tracks], np.bool_),
            sightings.scores >= self._config.high_score,
            sightings.overlap,
        )
        out[sightings.rows] = worth_a_look(attention, self._config.iou_thresh)
        return out

    def _predicted(self, now_s: float) -> Motion:
        """Where all tracks will be at a time."""
        if self._ahead is None or self._ahead[0] != now_s:
            self._ahead = (now_s, self._moved(now_s))
        return self._ahead[1]

    def _moved(self, now_s: float) -> Motion:
        states = motion.stacked([t.motion for t in self._tracks])
        if not self._tracks or now_s <= self._now_s:
            return states
        unseen = np.array([t.missed_looks > 0 for t in self._tracks])
        return motion.predict(states, now_s - self._now_s, unseen)

    def _predict(self, now_s: float) -> None:
        moved = self._predicted(now_s)
        for i, track in enumerate(self._tracks):
            track.motion = moved.row(i)
        self._now_s = max(self._now_s, now_s)
        self._ahead = None

    def _look(self, sightings: Sightings, picture_area_px: float) -> None:
        since_look_s = max(sightings.time_s - self._looked_s, 0.0)
        if since_look_s > self._config.coast_s + BLIND_LOOKS * self._look_interval_s:
            self._lose(self._tracks)  # places say nothing any more
        hit_s = min(since_look_s, MAX_HIT_S)
        free = self._associate(sightings, hit_s)
        self._split()
        self._begin(sightings, free, hit_s)
        self._age(sightings.time_s)
        self._drop_doubles(sightings.time_s)
        missed = [t for t in self._tracks if t.confirmed and t.missed_looks]
        self._remove(self._lost.recover(self._tentative(), missed, picture_area_px))
        self._confirm()
        self._looked_s, self._look_interval_s = sightings.time_s, since_look_s

    def _associate(self, sightings: Sightings, hit_s: float) -> list[int]:
        """Give the boxes to the tracks; the boxes that nobody took are returned."""
        boxes = _boxes(self._tracks)
        evidence = Evidence(
            iou_matrix(boxes, sightings.boxes_xyxy),
            bank_similarity([t.bank.rows for t in self._tracks], sightings.embeddings),
            height_ratios(boxes[:, 3] - boxes[:, 1], sightings.boxes_cxcywh[:, 3]),
            np.array([t.missed_s(self._looked_s) for t in self._tracks]),
            sightings.overlap,
        )
        pairs = match_in_stages(
            evidence,
            np.array([t.confirmed for t in self._tracks], np.bool_),
            sightings.scores >= self._config.high_score,
            self._config.iou_thresh,
        )
        self._update(pairs, sightings, evidence.similarity, hit_s)
        found, taken = {i for i, _ in pairs}, {j for _, j in pairs}
        for i, track in enumerate(self._tracks):
            if i not in found:
                track.missed_looks += 1
        return [j for j in range(len(sightings)) if j not in taken]

    def _update(
        self, pairs: list[tuple[int, int]], sightings: Sightings, similarity: NDArray[np.float64], hit_s: float
    ) -> None:
        if not pairs:
            return
        rows, columns = (list(index) for index in zip(*pairs, strict=True))
        boxes = sightings.boxes_cxcywh[columns]
        std_px = motion.measurement_std(boxes[:, 3], sightings.scores[columns], sightings.overlap[columns])
        updated = motion.update(motion.stacked([self._tracks[i].motion for i in rows]), boxes, std_px)
        for k, (i, j) in enumerate(pairs):
            track, sighting = self._tracks[i], sightings.row(j)
            mended = track.mended_motion(sighting, float(std_px[k]))
            moved = updated.row(k) if mended is None else mended
            track.see(sighting, moved, float(similarity[i, j]), hit_s)

    def _split(self) -> None:
        """Step 7: where a box went over to another person, end the track and begin a tentative one."""
        for track in [t for t in self._tracks if t.is_somebody_else]:
            self._tracks.append(track.split())
            self._lose([track])

    def _begin(self, sightings: Sightings, free: list[int], hit_s: float) -> None:
        """Step 6: sure boxes that nobody took, and that are nobody's double, begin tentative tracks."""
        for j in free:
            if sightings.scores[j] < self._config.high_score:
                continue
            seen = [t for t in self._tracks if not t.missed_looks]
            overlaps = iou_matrix(sightings.boxes_xyxy[j : j + 1], _boxes(seen))
            if overlaps.max(initial=0.0) <= NEW_MAX_IOU:
                self._tracks.append(Track.begin(sightings.row(j), hit_s, self._config.bank_size))

    def _age(self, now_s: float) -> None:
        """Steps 6 and 8: forget missed tentative tracks, lose missed confirmed ones, forget the long lost."""
        missed = [t for t in self._tracks if t.missed_looks]
        limit_s = {True: self._config.coast_s, False: TENTATIVE_MISSED_S}
        self._lose([t for t in missed if t.missed_s(now_s) > limit_s[t.confirmed]])
        self._lost.forget(now_s)

    def _lose(self, tracks: Collection[Track]) -> None:
        self._lost.add(tracks)
        self._remove(tracks)

    def _remove(self, tracks: Collection[Track]) -> None:
        gone = set(tracks)
        self._tracks = [t for t in self._tracks if t not in gone]

    def _drop_doubles(self, now_s: float) -> None:
        """Step 11: of two tracks on one person the missed one goes, the older id stays."""
        known = [t for t in self._tracks if t.confirmed and len(t.bank)]
        missed = [t for t in known if t.missed_looks and t.missed_s(now_s) >= DOUBLE_MISSED_S]
        seen = [t for t in known if not t.missed_looks]
        if not missed or not seen:
            return
        for track, overlaps in zip(missed, iou_matrix(_boxes(missed), _boxes(seen)), strict=True):
            other = seen[int(overlaps.argmax())]
            if overlaps.max() >= DOUBLE_IOU and _similarity(other, track) >= DOUBLE_SIMILARITY:
                other.local_id = min(other, track, key=_id).local_id
                self._remove([track])

    def _confirm(self) -> None:
        """Step 10: tentative tracks that have shown to be people get new ids."""
        for track in self._tentative():
            if track.is_person(self._config):
                self._last_id += 1
                track.local_id = LocalId(self._last_id)

    def _tentative(self) -> list[Track]:
        return [t for t in self._tracks if not t.confirmed and not t.missed_looks]

    def _shown(self) -> list[Track]:
        return sorted((t for t in self._tracks if t.confirmed and not t.missed_looks), key=_id)

    def _seen(self, frame: FrameDetections) -> CameraTracks:
        """The tracks that were given a box of this frame."""
        tracks = self._shown()
        boxes = np.array([t.last.box_xyxy for t in tracks]).reshape(-1, 4)
        embeddings = np.full((len(tracks), self._dimension), np.nan, np.float32)
        for row, track in zip(embeddings, tracks, strict=True):
            if track.last.embedding is not None:
                row[:] = track.last.embedding
        return _output(frame, tracks, boxes, np.array([t.last.occlusion for t in tracks]), embeddings)

    def _carried(self, frame: FrameDetections) -> CameraTracks:
        """The boxes of the last look where motion has them now, as far as they are inside the picture."""
        tracks = self._shown()
        boxes = np.clip(_boxes(tracks), 0.0, np.array([*frame.size_px, *frame.size_px], np.float64))
        inside = np.flatnonzero((boxes[:, 2:] - boxes[:, :2] >= MIN_CARRIED_PX).all(axis=1))
        tracks, boxes = [tracks[i] for i in inside.tolist()], boxes[inside]
        _, occlusion = hidden_shares(boxes, np.array([t.last.score >= COVERING_SCORE for t in tracks], np.bool_))
        return _output(frame, tracks, boxes, occlusion, np.full((len(tracks), self._dimension), np.nan, np.float32))


def _output(
    frame: FrameDetections,
    tracks: Sequence[Track],
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
        np.array([t.last.score for t in tracks], np.float32),
        np.array([t.local_id for t in tracks], np.int64),
        np.full(len(tracks), frame.detections is not None, np.bool_),
        occlusion.astype(np.float32),
        embeddings,
    )


def _boxes(tracks: Sequence[Track]) -> NDArray[np.float64]:
    """`(N, 4)` where motion has the tracks, pixels."""
    return to_xyxy(np.array([t.motion.box_cxcywh for t in tracks], np.float64).reshape(-1, 4))


def _id(track: Track) -> int:
    return track.local_id or 0


def _similarity(seen: Track, missed: Track) -> float:
    return float(bank_similarity([seen.bank.rows], mean_look(missed.bank.rows)[None, :])[0, 0])
