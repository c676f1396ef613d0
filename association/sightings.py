"""What a frame's detections are worth: doubles gone, and for each box how covered, how clean, how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from association.iou import first_of_doubles, hidden_shares, intersection_areas, to_cxcywh
from entities import BoolArray, Detections, FloatArray, FrameDetections, IntArray

# Identity study, part 1, steps 0 and 2.
LOW_SCORE = 0.1
"""Boxes below are noise."""
DOUBLE_IOU = 0.65
"""The detector's own suppression (0.7) leaves doubles of one person."""
COVERING_SCORE = 0.3
"""A box below may be nobody, and then hides nobody."""
CLEAN_OVERLAP = 0.4
"""A box covered more than this shows too much of somebody else to be learnt from."""
EDGE_SHARE = 0.01
"""A box this close to the left or right border, in picture widths, is a person cut in half."""


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One box of one frame.

    Attributes:
        time_s: Media time.
        box_xyxy: `(4,)` pixels.
        box_cxcywh: `(4,)` the same by centre, width and height.
        score: In [0, 1].
        overlap: Share of it that one other box covers, in [0, 1].
        occlusion: The same, counting only boxes whose foot is lower.
        clean: Whether its look may be learnt.
        embedding: `(D,)` of length 1, None where unknown.
    """

    time_s: float
    box_xyxy: NDArray[np.float64]
    box_cxcywh: NDArray[np.float64]
    score: float
    overlap: float
    occlusion: float
    clean: bool
    embedding: FloatArray | None


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """The boxes of one frame that tracks may take; row i of every array is one box, best score first.

    Attributes:
        time_s: Media time.
        rows: `(N,)` where each box stands in the frame's detections.
        boxes_xyxy: `(N, 4)` pixels.
        boxes_cxcywh: `(N, 4)` the same by centre, width and height.
        scores: `(N,)` in [0, 1].
        overlap: `(N,)` largest share of the box that one other box covers, in front or behind.
        occlusion: `(N,)` the same, counting only boxes whose foot is lower.
        clean: `(N,)` whether the look may be learnt: known, hardly covered, not cut off, sure.
        known: `(N,)` whether there is an embedding.
        embeddings: `(N, D)` unit rows, NaN where unknown; D is 0 when the frame has none.
    """

    time_s: float
    rows: IntArray
    boxes_xyxy: NDArray[np.float64]
    boxes_cxcywh: NDArray[np.float64]
    scores: NDArray[np.float64]
    overlap: NDArray[np.float64]
    occlusion: NDArray[np.float64]
    clean: BoolArray
    known: BoolArray
    embeddings: FloatArray

    def __len__(self) -> int:
        return len(self.scores)

    def row(self, index: int) -> Sighting:
        """One box."""
        return Sighting(
            self.time_s,
            self.boxes_xyxy[index],
            self.boxes_cxcywh[index],
            float(self.scores[index]),
            float(self.overlap[index]),
            float(self.occlusion[index]),
            bool(self.clean[index]),
            self.embeddings[index] if self.known[index] else None,
        )


def judge(detections: Detections, time_s: float, width_px: int, high_score: float) -> Sightings:
    """The boxes of a frame worth tracking, and how much each can be trusted.

    Args:
        detections: The frame's detections, in any order. May be empty.
        time_s: Media time.
        width_px: Width of the picture.
        high_score: Looks of boxes below are not learnt.
    """
    (boxes,) = _judge_boxes([detections], [time_s], np.array([width_px]), high_score)
    return _with_looks(boxes, detections.embeddings)


class Judge:
    """Judges the frames of a round; boxes judged before their looks were known are not judged again.

    Args:
        high_score: Looks of boxes below are not learnt.
    """

    def __init__(self, high_score: float) -> None:
        self._high_score = high_score
        self._frames: list[FrameDetections] = []
        self._boxes: list[Sightings] = []

    def __call__(self, frames: Sequence[FrameDetections]) -> list[Sightings | None]:
        """As `judge`, of each frame; None for one that was not looked at.

        Args:
            frames: Any; those of the last call, when all but their looks is the same.
        """
        looked_at = [frame for frame in frames if frame.detections is not None]
        if len(looked_at) != len(self._frames) or not all(map(_same_boxes, self._frames, looked_at)):
            found = [frame.detections for frame in frames if frame.detections is not None]
            widths = np.array([frame.size_px[0] for frame in looked_at])
            times_s = [frame.timestamp_s for frame in looked_at]
            self._boxes = _judge_boxes(found, times_s, widths, self._high_score)
            self._frames = looked_at
        boxes = iter(self._boxes)
        return [
            None if frame.detections is None else _with_looks(next(boxes), frame.detections.embeddings)
            for frame in frames
        ]


def _same_boxes(a: FrameDetections, b: FrameDetections) -> bool:
    """Whether two are one frame, before and after embedding: it has the same arrays."""
    if a.detections is None or b.detections is None:
        return False
    same = a.detections.boxes_xyxy is b.detections.boxes_xyxy and a.detections.scores is b.detections.scores
    return same and (a.timestamp_s, a.size_px) == (b.timestamp_s, b.size_px)


def _judge_boxes(
    found: Sequence[Detections], times_s: Sequence[float], widths_px: NDArray[np.int64], high_score: float
) -> list[Sightings]:
    """What can be said of frames without looks; `clean` is whether a look could be learnt if it were known.

    All frames at once, `(F, N)` with boxes of nothing behind those of frames that have fewer.
    """
    if not found:
        return []
    counts = np.array([len(detections) for detections in found])
    filled = np.arange(counts.max()) < counts[:, None]
    scores, boxes = np.zeros(filled.shape, np.float32), np.zeros((*filled.shape, 4))
    scores[filled] = np.concatenate([detections.scores for detections in found])
    boxes[filled] = np.concatenate([detections.boxes_xyxy for detections in found])
    filled &= scores >= LOW_SCORE
    order = np.argsort(np.where(filled, -scores, 1.0), axis=1, kind="stable")
    frame = np.arange(len(found))[:, None]
    scores, filled = scores[frame, order], filled[frame, order]
    boxes = boxes[frame, order] * filled[..., None]
    shared = intersection_areas(boxes, boxes)
    filled &= first_of_doubles(boxes, shared, DOUBLE_IOU)
    sure = scores.astype(np.float64).round(6)  # a float32 0.7 is to count as 0.7
    overlap, occlusion = hidden_shares(boxes, filled & (sure >= COVERING_SCORE), shared)
    edge = EDGE_SHARE * widths_px[:, None]
    cut = (boxes[..., 0] < edge) | (boxes[..., 2] > widths_px[:, None] - edge)
    clean = (overlap <= CLEAN_OVERLAP) & ~cut & (sure >= high_score)
    unknown, nothing = np.zeros_like(clean), np.zeros((*clean.shape, 0), np.float32)
    columns = (order, boxes, to_cxcywh(boxes), sure, overlap, occlusion, clean, unknown, nothing)
    rows = [row.nonzero()[0] for row in filled]
    return [
        Sightings(times_s[i], *(np.asarray(column[i, chosen]) for column in columns)) for i, chosen in enumerate(rows)
    ]


def _with_looks(boxes: Sightings, embeddings: FloatArray | None) -> Sightings:
    if embeddings is None or not embeddings.shape[1]:
        return replace(boxes, clean=boxes.known)
    looks = embeddings[boxes.rows]
    known = np.asarray(~np.isnan(looks.sum(axis=1)), np.bool_)
    return replace(boxes, clean=boxes.clean & known, known=known, embeddings=looks)
