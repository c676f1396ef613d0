"""Small makers of entities, so that tests say only what matters to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from entities import (
    CameraId,
    CameraTracks,
    Detections,
    Frame,
    FrameDetections,
    FrameResult,
    Round,
    RoundDetections,
    RoundResult,
    TrackedRound,
)

CAM1 = CameraId("cam1")
CAM2 = CameraId("cam2")
SIZE_PX = (640, 480)


def unit(vector: Sequence[float]) -> NDArray[np.float32]:
    """The vector scaled to length 1."""
    array = np.asarray(vector, np.float32)
    return np.asarray(array / np.linalg.norm(array), np.float32)


def look(person: int, dimension: int = 32, noise: float = 0.0, seed: int = 0) -> NDArray[np.float32]:
    """A person's embedding: the same number looks the same, different numbers are nearly orthogonal."""
    base = np.random.default_rng(1000 + person).normal(size=dimension)
    jitter = np.random.default_rng([person, seed]).normal(size=dimension)
    return unit(list(base / np.linalg.norm(base) + noise * jitter / np.sqrt(dimension)))


def box(cx: float = 100.0, foot: float = 200.0, height: float = 100.0) -> list[float]:
    """A standing person's box, `x1 y1 x2 y2`, 0.4 as wide as high."""
    return [cx - 0.2 * height, foot - height, cx + 0.2 * height, foot]


def detections(
    boxes: Sequence[Sequence[float]] = (),
    scores: Sequence[float] | None = None,
    looks: Sequence[NDArray[np.float32]] | None = None,
    dimension: int = 32,
) -> Detections:
    """Detections of the boxes, scored 0.9 unless said, with looks if given."""
    rows = np.asarray(boxes, np.float32).reshape(-1, 4)
    embeddings = None
    if looks is not None:
        embeddings = np.asarray(looks, np.float32).reshape(len(rows), -1 if len(rows) else dimension)
    return Detections(rows, np.asarray([0.9] * len(rows) if scores is None else scores, np.float32), embeddings)


def frame_detections(
    found: Detections | None = None, index: int = 0, fps: float = 15.0, camera_id: CameraId = CAM1
) -> FrameDetections:
    """A frame's detections at the time its index has at `fps`."""
    return FrameDetections(camera_id, index, index / fps, SIZE_PX, found)


def round_detections(frames: Sequence[FrameDetections], index: int = 0) -> RoundDetections:
    """A round of the frames, at the time of the first."""
    return RoundDetections(index, frames[0].timestamp_s if frames else 0.0, tuple(frames))


def frame(
    index: int = 0,
    fps: float = 15.0,
    camera_id: CameraId = CAM1,
    size_px: tuple[int, int] = SIZE_PX,
    shade: int = 90,
) -> Frame:
    """A plain grey frame."""
    image = np.full((size_px[1], size_px[0], 3), shade, np.uint8)
    image.setflags(write=False)
    return Frame(camera_id, index, index / fps, image)


def frame_result(
    boxes: Sequence[Sequence[float]] = (),
    local_ids: Sequence[int] = (),
    global_ids: Sequence[int] = (),
    index: int = 0,
    fps: float = 15.0,
    camera_id: CameraId = CAM1,
) -> FrameResult:
    """What was found in one frame, all boxes observed with score 0.9."""
    rows = np.asarray(boxes, np.float32).reshape(-1, 4)
    return FrameResult(
        camera_id,
        index,
        index / fps,
        rows,
        np.full(len(rows), 0.9, np.float32),
        np.asarray(local_ids, np.int64),
        np.asarray(global_ids, np.int64),
        np.ones(len(rows), np.bool_),
    )


def tracked(results: Sequence[FrameResult], index: int = 0, fps: float = 15.0, people_total: int = 0) -> TrackedRound:
    """A tracked round of the frame results, on plain grey pictures."""
    frames = tuple(frame(item.frame_index, fps, item.camera_id) for item in results)
    now = {int(i) for item in results for i in item.global_ids if i}
    time_s = index / fps
    return unseen(
        Round(index, time_s, frames), RoundResult(index, time_s, tuple(results), len(now), people_total or len(now))
    )


def unseen(round_: Round, result: RoundResult) -> TrackedRound:
    """A tracked round of which only pictures and result matter: no frame of it was looked at."""
    frames = tuple(
        FrameDetections(item.camera_id, item.index, item.timestamp_s, item.size_px, None) for item in round_.frames
    )
    return TrackedRound(round_, RoundDetections(round_.index, round_.timestamp_s, frames), result)


def camera_tracks(
    rows: Sequence[tuple[int, Sequence[float], NDArray[np.float32] | None]] = (),
    index: int = 0,
    fps: float = 15.0,
    camera_id: CameraId = CAM1,
    dimension: int = 32,
    observed: bool = True,
) -> CameraTracks:
    """Confirmed tracks of one frame: local id, box and look (None: it shows none) of each, scored 0.9, uncovered."""
    nothing = np.full(dimension, np.nan, np.float32)
    return CameraTracks(
        camera_id,
        index,
        index / fps,
        SIZE_PX,
        np.asarray([row[1] for row in rows], np.float32).reshape(-1, 4),
        np.full(len(rows), 0.9, np.float32),
        np.asarray([row[0] for row in rows], np.int64),
        np.full(len(rows), observed, np.bool_),
        np.zeros(len(rows), np.float32),
        np.asarray([nothing if row[2] is None else row[2] for row in rows], np.float32).reshape(len(rows), dimension),
    )
