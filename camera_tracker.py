"""One camera: predict every track, give it its box, begin and end tracks, recover who was lost.

The algorithm and its numbers are those of the identity study, part 1; the maths lies in `association/`, what is
known of one person in `track`. Time is media time, so any frame rate, gaps and strides do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from association import motion
from association.appearance import bank_similarity, mean_look
from association.assignment import assign_by_gain
from association.iou import iou_matrix, largest_coverage
from association.matching import Evidence, height_ratios, match_in_stages
from association.recovery import Ends, caution, look_gain, place_gain, recovery_gain
from association.sightings import COVERING_SCORE, Sightings, judge
from config import CameraTrackingConfig
from entities import CameraId, CameraTracks, FloatArray, FrameDetections, LocalId
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
MAX_LOST = 200
"""Lost tracks remembered, the latest ones: 12 MB with 30 looks of 512 numbers each."""
MIN_CARRIED_PX = 2.0
"""A carried box that shows less than this inside the picture has left it."""


class CameraTracker:
    """Turns the detections of one camera, frame by frame, into tracks with local ids.

    Deterministic: the same frames give the same tracks. Memory is bounded by the people in view and `MAX_LOST`.

    Args:
        config: How detections become tracks.
        camera_id: Whose frames these are.
    """

    def __init__(self, config: CameraTrackingConfig, camera_id: CameraId) -> None:
        self._config = config
        self._camera_id = camera_id
        self._tracks: list[Track] = []
        self._lost: list[Track] = []
        self._last_id = 0
        self._dimension = 0
        self._now_s = -np.inf
        self._looked_s = -np.inf

    def step(self, frame: FrameDetections) -> CameraTracks:
        """Track one frame.

        Args:
            frame: The next frame of this camera. Frames may be missing; media time must not run backwards.

        Returns:
            The confirmed tracks with a box in this frame, by local id. For a frame that was not looked at
            (`detections` is None): the boxes of the last look, carried on by motion.
        """
        self._predict(frame.timestamp_s)
        if frame.detections is None:
            return self._carried(frame)
        sightings = judge(frame.detections, frame.timestamp_s, frame.size_px[0], self._config.high_score)
        self._dimension = sightings.embeddings.shape[1] or self._dimension
        self._look(sightings, frame.size_px)
        self._looked_s = frame.timestamp_s
        return self._seen(frame)

    def _predict(self, now_s: float) -> None:
        if self._tracks and now_s > self._now_s:
            states = motion.stacked([t.motion for t in self._tracks])
            unseen = np.array([t.missed_looks > 0 for t in self._tracks])
            moved = motion.predict(states, now_s - self._now_s, unseen)
            for i, track in enumerate(self._tracks):
                track.motion = moved.row(i)
        self._now_s = max(self._now_s, now_s)

    def _look(self, sightings: Sightings, size_px: tuple[int, int]) -> None:
        since_look_s = sightings.time_s - self._looked_s
        if since_look_s > self._config.coast_s:
            self._lose(self._tracks)  # blind for too long: places say nothing any more
        hit_s = min(since_look_s, MAX_HIT_S)
        free = self._associate(sightings, hit_s)
        self._split()
        self._begin(sightings, free, hit_s)
        self._age(sightings.time_s)
        self._drop_doubles(sightings.time_s)
        self._recover(size_px)
        self._confirm()

    def _associate(self, sightings: Sightings, hit_s: float) -> list[int]:
        """Give the boxes to the tracks; the boxes that nobody took are returned."""
        evidence = self._evidence(sightings)
        pairs = match_in_stages(
            evidence,
            np.array([t.confirmed for t in self._tracks], np.bool_),
            sightings.scores >= self._config.high_score,
            self._config.iou_thresh,
        )
        self._update(pairs, sightings, evidence.similarity, hit_s)
        found, taken = {i for i, _ in pairs}, {j for _, j in pairs}
        for i, track in enumerate(self._tracks):
            track.missed_looks += i not in found
        return [j for j in range(len(sightings)) if j not in taken]

    def _evidence(self, sightings: Sightings) -> Evidence:
        boxes = _boxes(self._tracks)
        return Evidence(
            iou_matrix(boxes, sightings.boxes_xyxy),
            bank_similarity([t.bank.rows for t in self._tracks], sightings.embeddings),
            height_ratios(boxes[:, 3] - boxes[:, 1], sightings.boxes_cxcywh[:, 3]),
            np.array([t.missed_s(self._looked_s) for t in self._tracks]),
            sightings.overlap,
        )

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
            near = iou_matrix(sightings.boxes_xyxy[j : j + 1], _boxes([t for t in self._tracks if not t.missed_looks]))
            if near.size and near.max() > NEW_MAX_IOU:
                continue
            self._tracks.append(Track.begin(sightings.row(j), hit_s, self._config.bank_size))

    def _age(self, now_s: float) -> None:
        """Steps 6 and 8: forget missed tentative tracks, lose missed confirmed ones, forget the long lost."""
        missed = [t for t in self._tracks if t.missed_looks]
        self._lose(
            [t for t in missed if t.missed_s(now_s) > (self._config.coast_s if t.confirmed else TENTATIVE_MISSED_S)]
        )
        self._lost = [t for t in self._lost if now_s - t.trusted_until_s <= self._config.max_lost_s][-MAX_LOST:]

    def _lose(self, tracks: list[Track]) -> None:
        gone = {id(t) for t in tracks}
        self._lost += [t for t in tracks if t.confirmed]
        self._tracks = [t for t in self._tracks if id(t) not in gone]

    def _drop_doubles(self, now_s: float) -> None:
        """Step 11: of two tracks on one person the missed one goes, the older id stays."""
        confirmed = [t for t in self._tracks if t.confirmed and len(t.bank)]
        missed = [t for t in confirmed if t.missed_looks and t.missed_s(now_s) >= DOUBLE_MISSED_S]
        seen = [t for t in confirmed if not t.missed_looks]
        if not missed or not seen:
            return
        overlaps = iou_matrix(_boxes(missed), _boxes(seen))
        for track, overlap in zip(missed, overlaps, strict=True):
            other = seen[int(overlap.argmax())]
            if overlap.max() >= DOUBLE_IOU and _alike(other, track) >= DOUBLE_SIMILARITY:
                other.local_id = min(other, track, key=_by_id).local_id
                self._tracks = [t for t in self._tracks if t is not track]

    def _recover(self, size_px: tuple[int, int]) -> None:
        """Step 9: tentative tracks that are more likely somebody who was lost than not take over their ids."""
        newcomers = [t for t in self._tentative() if t.may_be_recovered() and t.look is not None]
        pool = [t for t in self._lost if len(t.looks)]
        pool += [t for t in self._tracks if t.confirmed and t.missed_looks and len(t.looks)]
        if not newcomers or not pool:
            return
        looks = np.array([t.look for t in newcomers], np.float32)
        gain = recovery_gain(
            look_gain(bank_similarity([t.looks for t in pool], looks).T),
            place_gain(_beginnings(newcomers), _endings(pool), float(size_px[0] * size_px[1])),
            caution(
                np.array([bool(len(t.bank)) for t in newcomers]),
                np.array([bool(len(t.bank)) for t in pool]),
                np.array([t.is_person(self._config) for t in newcomers]),
            ),
        )
        recovered = {id(pool[j]): newcomers[i] for i, j in assign_by_gain(gain).matches}
        for track in pool:
            if id(track) in recovered:
                recovered[id(track)].become(track)
        self._lost = [t for t in self._lost if id(t) not in recovered]
        self._tracks = [t for t in self._tracks if id(t) not in recovered]

    def _confirm(self) -> None:
        """Step 10: tentative tracks that have shown to be people get new ids."""
        for track in self._tentative():
            if track.is_person(self._config):
                self._last_id += 1
                track.local_id = LocalId(self._last_id)

    def _tentative(self) -> list[Track]:
        return [t for t in self._tracks if not t.confirmed and not t.missed_looks]

    def _shown(self) -> list[Track]:
        shown = [t for t in self._tracks if t.confirmed and not t.missed_looks]
        return sorted(shown, key=_by_id)

    def _seen(self, frame: FrameDetections) -> CameraTracks:
        """The tracks that were given a box of this frame."""
        tracks = self._shown()
        embeddings = np.full((len(tracks), self._dimension), np.nan, np.float32)
        for row, track in zip(embeddings, tracks, strict=True):
            if track.last.embedding is not None:
                row[:] = track.last.embedding
        boxes = np.array([t.last.box_xyxy for t in tracks]).reshape(-1, 4)
        return _output(frame, tracks, boxes, np.array([t.last.occlusion for t in tracks]), embeddings)

    def _carried(self, frame: FrameDetections) -> CameraTracks:
        """The boxes of the last look where motion has them now, as far as they are inside the picture."""
        tracks = self._shown()
        boxes = np.clip(_boxes(tracks), 0.0, np.array([*frame.size_px, *frame.size_px], np.float64))
        inside = np.flatnonzero((boxes[:, 2:] - boxes[:, :2] >= MIN_CARRIED_PX).all(axis=1))
        tracks, boxes = [tracks[i] for i in inside.tolist()], boxes[inside]
        covers = np.array([t.last.score >= COVERING_SCORE for t in tracks], np.bool_)
        occlusion = largest_coverage(boxes, covers, only_by_nearer=True)
        return _output(frame, tracks, boxes, occlusion, np.full((len(tracks), self._dimension), np.nan, np.float32))


def _output(
    frame: FrameDetections,
    tracks: list[Track],
    boxes_xyxy: NDArray[np.float64],
    occlusion: NDArray[np.float64],
    embeddings: FloatArray,
) -> CameraTracks:
    return CameraTracks(
        frame.camera_id,
        frame.frame_index,
        frame.timestamp_s,
        boxes_xyxy.astype(np.float32),
        np.array([t.last.score for t in tracks], np.float32),
        np.array([t.local_id for t in tracks], np.int64),
        np.full(len(tracks), frame.detections is not None, np.bool_),
        occlusion.astype(np.float32),
        embeddings,
    )


def _boxes(tracks: list[Track]) -> NDArray[np.float64]:
    """`(N, 4)` where motion has the tracks, pixels."""
    return np.array([t.box_xyxy for t in tracks], np.float64).reshape(-1, 4)


def _by_id(track: Track) -> int:
    return track.local_id or 0


def _alike(seen: Track, missed: Track) -> float:
    return float(bank_similarity([seen.bank.rows], mean_look(missed.bank.rows)[None, :])[0, 0])


def _beginnings(tracks: list[Track]) -> Ends:
    boxes = np.array([t.first.box_cxcywh for t in tracks])
    times_s = np.array([t.first.time_s for t in tracks])
    return Ends(times_s, boxes[:, :2], boxes[:, 3], np.zeros((len(tracks), 2)))


def _endings(tracks: list[Track]) -> Ends:
    states = motion.stacked([t.at_last for t in tracks])
    times_s = np.array([t.trusted_until_s for t in tracks])
    return Ends(times_s, states.box_cxcywh[:, :2], states.box_cxcywh[:, 3], states.velocity[:, :2])
