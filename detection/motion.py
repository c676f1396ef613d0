"""Finds people without a network: what differs from the still background, cut into upright pieces.

Good enough for a still camera, few people and steady light; a network is better everywhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detection.background import Background
from detection.crowd import HeightModel, separate
from entities import Detections

Picture = NDArray[np.uint8]
Mask = NDArray[np.uint8]
Boxes = NDArray[np.float32]

WORK_PX = 480
"""Pictures are looked at in this width."""
LEAST_DIFFERENCE = 16
"""Grey levels by which a person differs from the background in some colour channel."""
SHADOW_RANGE = (0.55, 0.97)
"""A shadow leaves this share of the light."""
SHADOW_TINT = 0.025
"""A shadow changes the share of each colour in the light by less than this."""
LEAST_HEIGHT = 0.07
"""Lowest person, as a share of the picture's height."""
LIKELY = 0.5
"""What scores less is taken for background in the long run."""
USUAL_ASPECT = 0.4
"""Width by height of a walking person."""


@dataclass(slots=True, eq=False)
class _View:
    """What is known of one camera."""

    background: Background
    heights: HeightModel


class MotionDetector:
    """Finds moving people in the pictures of still cameras; learns a background for each camera."""

    name = "motion (background subtraction, no weights)"
    at_once = 1

    def __init__(self) -> None:
        self._views: dict[str, _View] = {}

    def detect(self, camera_ids: Sequence[str], images_bgr: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Find the people of one round; nobody in the first half second of a camera. See `perception.Detector`."""
        found = []
        for camera_id, image in zip(camera_ids, images_bgr, strict=True):
            view = self._views.setdefault(camera_id, _View(Background(), HeightModel()))
            found.append(_detect(view, image))
        return found


def _detect(view: _View, image_bgr: Picture) -> Detections:
    height, width = image_bgr.shape[:2]
    shrink = min(1.0, WORK_PX / width)
    small = np.asarray(
        cv2.GaussianBlur(cv2.resize(image_bgr, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), (3, 3), 0),
        np.uint8,
    )
    still = view.background.picture
    mask = None if still is None else _foreground(small, still)
    boxes, scores = np.zeros((0, 4), np.float32), np.zeros(0, np.float32)
    if mask is not None:
        boxes, scores = _people(view.heights, view.background.forget_ghosts(small, mask))
    view.background.learn(small, _covered(boxes[scores >= LIKELY], small.shape[:2]))
    boxes = (boxes / np.float32(shrink)).clip(0, np.array([width, height, width, height], np.float32))
    large = np.flatnonzero((boxes[:, 2] - boxes[:, 0] >= 2.0) & (boxes[:, 3] - boxes[:, 1] >= 2.0))
    order = large[np.argsort(-scores[large], kind="stable")]
    return Detections(boxes[order], scores[order])


def _foreground(image_bgr: Picture, still_bgr: Picture) -> Mask:
    """`(H, W)` 1 where something is that is neither background nor a shadow on it."""
    blue, green, red = cv2.split(cv2.absdiff(image_bgr, still_bgr))
    differs = np.asarray(cv2.max(cv2.max(blue, green), red) > LEAST_DIFFERENCE)
    mask = np.zeros(differs.shape, np.uint8)
    mask[differs] = ~_shadowed(image_bgr[differs], still_bgr[differs])
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    # Grey clothes before a grey floor look like its shadow; between other parts of a person they are clothes.
    enclosed = _closed(mask, image_bgr.shape[0] // 7)
    mask[differs] |= enclosed[differs]
    return _closed(mask, image_bgr.shape[0] // 24)


def _closed(mask: Mask, gap: int) -> Mask:
    """The mask with gaps of so many rows filled."""
    rows = max(3, gap) | 1
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((rows, 3), np.uint8)), np.uint8)


def _shadowed(now_bgr: Picture, still_bgr: Picture) -> NDArray[np.bool_]:
    """`(N,)` whether pixels `(N, 3)` look like those of the background, only dimmed."""
    now, still = now_bgr.astype(np.float32) + 1.0, still_bgr.astype(np.float32) + 1.0
    light, still_light = now.sum(axis=1, keepdims=True), still.sum(axis=1, keepdims=True)
    tint = np.abs(now / light - still / still_light).max(axis=1)
    dimmed = (light / still_light)[:, 0]
    return np.asarray((dimmed > SHADOW_RANGE[0]) & (dimmed < SHADOW_RANGE[1]) & (tint < SHADOW_TINT))


def _people(heights: HeightModel, mask: Mask) -> tuple[Boxes, NDArray[np.float32]]:
    """Boxes `(N, 4)` and scores `(N,)` of the people in the connected regions of a mask."""
    picture_height, picture_width = mask.shape
    _, regions, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes: list[tuple[float, float, float, float]] = []
    scores: list[float] = []
    for number, (x, y, w, h, area) in enumerate(stats.tolist()):
        if number == 0 or h < LEAST_HEIGHT * picture_height or area < 0.15 * w * h:
            continue
        cut = x <= 1 or y <= 1 or x + w >= picture_width - 1 or y + h >= picture_height - 1
        if heights.is_one_person(y + h, h, w):
            boxes.append((x, y, x + w, y + h))
            scores.append(_likeness(w / h, area / (w * h), cut=cut) * heights.completeness(y + h, h))
            if not cut and 0.2 < w / h < 0.65:
                heights.learn(x + w / 2.0, y + h, h)
        else:
            blob = np.asarray(regions[y : y + h, x : x + w] == number, np.uint8)
            for box, share in separate(blob, (x, y), heights):
                boxes.append(box)
                scores.append(0.35 + 0.6 * min(share / 0.6, 1.0))
    return np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32)


def _likeness(aspect: float, filled: float, *, cut: bool) -> float:
    """How much a region of this width by height and this share of filled pixels is like one upright person.

    Of a person cut off by the border the aspect says nothing.
    """
    shape = 0.8 if cut else float(np.exp(-((np.log(aspect / USUAL_ASPECT) / 0.8) ** 2)))
    return 0.3 + 0.65 * shape * min(1.0, filled / 0.4)


def _covered(boxes_xyxy: Boxes, shape: tuple[int, ...]) -> Mask:
    """1 inside the boxes and a little around them."""
    mask = np.zeros(shape[:2], np.uint8)
    for x1, y1, x2, y2 in boxes_xyxy.astype(int).tolist():
        mask[max(0, y1 - 3) : y2 + 4, max(0, x1 - 3) : x2 + 4] = 1
    return mask
