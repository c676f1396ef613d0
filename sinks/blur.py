"""People made unrecognisable in pictures before anybody gets to see them; who they are stays as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from entities import CameraId, FloatArray, Frame, FrameDetections, FrameResult, TrackedRound
from sinks import Sink
from sinks.between import Between

BLOCKS: Final = 6
"""Squares across a person: less than tells a face, or a pattern on a coat."""
MARGIN: Final = 0.08
"""Boxes are widened by this share of their size: hair and hands stand out."""
HEAD_SHARE: Final = 1.0 / 3.0
NOBODY_THERE: Final = np.zeros((0, 4), np.float32)
Part = Literal["people", "faces-region"]


class Blurred(Between):
    """A sink that sees people blurred: everybody found in a picture, whether tracked or not.

    Where nobody looked for people, everybody found at the last look is blurred there, and who is tracked where he is.

    Args:
        sink: Gets the pictures.
        part: The whole person, or the upper third, in which the face is.
    """

    def __init__(self, sink: Sink, part: Part) -> None:
        super().__init__(sink)
        self._part = part
        self._found: dict[CameraId, FloatArray] = {}

    def changed(self, tracked: TrackedRound) -> TrackedRound:
        results = {each.camera_id: each for each in tracked.result.frames}
        found = {each.camera_id: each for each in tracked.detections.frames}
        frames = tuple(
            self._blurred(frame, found.get(frame.camera_id), results.get(frame.camera_id))
            for frame in tracked.round.frames
        )
        return replace(tracked, round=replace(tracked.round, frames=frames))

    def _blurred(self, frame: Frame, found: FrameDetections | None, result: FrameResult | None) -> Frame:
        if found is not None and found.detections is not None:
            self._found[frame.camera_id] = found.detections.boxes_xyxy
        boxes = [self._found.get(frame.camera_id, NOBODY_THERE)] + ([result.boxes_xyxy] if result is not None else [])
        everybody = np.concatenate(boxes)
        if not len(everybody):
            return frame
        image = frame.image_bgr.copy()
        blur(image, everybody, self._part)
        image.setflags(write=False)
        return replace(frame, image_bgr=image)


def blur(image_bgr: NDArray[np.uint8], boxes_xyxy: FloatArray, part: Part) -> None:
    """Make people unrecognisable, in place.

    Args:
        image_bgr: `(H, W, 3)` uint8, writeable.
        boxes_xyxy: `(N, 4)` whom, pixels; what lies outside the picture is left out. N may be 0.
        part: See `Blurred`.
    """
    height, width = image_bgr.shape[:2]
    size = boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]
    wide = np.concatenate([boxes_xyxy[:, :2] - MARGIN * size, boxes_xyxy[:, 2:] + MARGIN * size], axis=1)
    if part == "faces-region":
        wide[:, 3] = boxes_xyxy[:, 1] + HEAD_SHARE * size[:, 1]
    whole = np.concatenate([np.floor(wide[:, :2]), np.ceil(wide[:, 2:])], axis=1)
    for x1, y1, x2, y2 in np.clip(whole, 0, [width, height, width, height]).astype(int).tolist():
        if x2 > x1 and y2 > y1:
            region = image_bgr[y1:y2, x1:x2]
            blocks = (min(BLOCKS, x2 - x1), max(1, min(round(BLOCKS * (y2 - y1) / (x2 - x1)), y2 - y1)))
            coarse = cv2.resize(region, blocks, interpolation=cv2.INTER_AREA)
            region[:] = cv2.resize(coarse, (x2 - x1, y2 - y1), interpolation=cv2.INTER_LINEAR)
