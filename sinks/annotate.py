"""Boxes, labels and trails of one camera, drawn on its picture after that has been scaled down."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from association.standing import feet_of
from entities import NOBODY, FrameResult, GlobalId, IntArray
from sinks.layout import Rect
from sinks.lettering import SEMIBOLD, Lettering
from sinks.palette import UNKNOWN, BgrColour, colour_of, ink_on
from sinks.strokes import draw_tag, draw_trail

Image = NDArray[np.uint8]

BOX_PX = 2
DASH_PX = 5
OUTSIDE_PX = 8
"""Boxes carried far out of the picture are drawn from here on only."""
TRAIL_POINTS = 24
"""Most points a trail remembers."""
TRAIL_GAP_S = 0.6
"""A trail is not drawn across a pause longer than this: the person was not seen in between."""


@dataclass(frozen=True, slots=True)
class _Label:
    """A person's tag before it has a place."""

    text: str
    colour: BgrColour
    box: tuple[int, int, int, int]


class Trails:
    """Where each person was lately: the feet in one camera's frames, or the place on a map.

    Attributes:
        length_s: Points older than this are forgotten; 0 keeps nothing.
    """

    def __init__(self, length_s: float) -> None:
        self.length_s = length_s
        self._step_s = length_s / TRAIL_POINTS
        self._points: dict[GlobalId, deque[tuple[float, float, float]]] = {}

    def __len__(self) -> int:
        return len(self._points)

    def add(self, result: FrameResult) -> None:
        """Remember the feet of the people seen, and forget what is too old."""
        seen = (result.global_ids != NOBODY) & result.observed
        feet, _ = feet_of(result.boxes_xyxy[seen])
        self.note(result.timestamp_s, result.global_ids[seen], feet)

    def note(self, now: float, ids: IntArray, points_xy: NDArray[np.float64]) -> None:
        """Remember where people are, and forget what is too old.

        Args:
            now: Media time.
            ids: `(N,)` who.
            points_xy: `(N, 2)` where.
        """
        if self.length_s <= 0.0:
            return
        for name, (x, y) in zip(ids.tolist(), points_xy.tolist(), strict=True):
            points = self._points.setdefault(GlobalId(name), deque(maxlen=TRAIL_POINTS))
            if len(points) > 1 and points[-1][0] - points[-2][0] < self._step_s:
                points.pop()  # the newest point is always kept, the ones before only a step apart
            points.append((now, x, y))
        for global_id in list(self._points):
            points = self._points[global_id]
            while points and points[0][0] < now - self.length_s:
                points.popleft()
            if not points:
                del self._points[global_id]

    def runs(self, global_id: GlobalId) -> list[NDArray[np.float64]]:
        """The unbroken pieces of a person's trail, oldest first.

        Returns:
            `(K, 3)` each, K >= 2: media time, x and y of the feet; empty when nobody left a trail.
        """
        points = np.array(self._points.get(global_id, ()), np.float64).reshape(-1, 3)
        breaks = np.flatnonzero(np.diff(points[:, 0]) > TRAIL_GAP_S + self._step_s) + 1
        return [run for run in np.split(points, breaks) if len(run) > 1]


class Annotator:
    """Draws what was found in one camera's frames; belongs to one thread.

    Args:
        lettering: Writes the labels.
        text_px: Their size.
        trail_s: Seconds of trail behind each person; 0 for none.
    """

    def __init__(self, lettering: Lettering, text_px: int, trail_s: float) -> None:
        self._lettering = lettering
        self._text_px = text_px
        self._trails = Trails(trail_s)

    def draw(self, picture: Image, result: FrameResult, scale: tuple[float, float]) -> None:
        """Draw in place: trails below boxes below labels, people in front over people behind.

        Args:
            picture: `(H, W, 3)` uint8, the scaled frame; drawing is cut off at its edges.
            result: What was found, in pixels of the original frame.
            scale: Pixels of the picture per pixel of the original, across and down.
        """
        self._trails.add(result)
        height, width = picture.shape[:2]
        edges = np.array([width, height, width, height]) + OUTSIDE_PX
        boxes = np.rint(np.clip(result.boxes_xyxy * np.array([*scale, *scale]), -OUTSIDE_PX, edges)).astype(int)
        back_to_front = np.argsort(boxes[:, 3], kind="stable")
        for row in back_to_front:
            self._draw_trail(picture, GlobalId(int(result.global_ids[row])), result.timestamp_s, scale)
        labels = []
        for row in back_to_front:
            global_id = GlobalId(int(result.global_ids[row]))
            x1, y1, x2, y2 = (int(value) for value in boxes[row])
            _draw_box(picture, (x1, y1, x2, y2), global_id, observed=bool(result.observed[row]))
            if global_id != NOBODY:
                labels.append(_Label(f"ID {global_id}", colour_of(global_id), (x1, y1, x2, y2)))
        self._draw_labels(picture, labels)

    def _draw_trail(self, picture: Image, global_id: GlobalId, now_s: float, scale: tuple[float, float]) -> None:
        """Draw a person's way of late, the older the fainter."""
        for run in self._trails.runs(global_id):
            ages = (now_s - run[:, 0]) / self._trails.length_s
            draw_trail(picture, run[:, 1:] * scale, ages, colour_of(global_id))

    def _draw_labels(self, picture: Image, labels: Sequence[_Label]) -> None:
        """Place the tags of the people in front first, then draw them last, so that theirs are the ones to be read."""
        height, width = picture.shape[:2]
        tag_height = round(1.35 * self._text_px)
        placed: list[tuple[Rect, _Label]] = []
        for label in reversed(labels):
            tag_width = self._lettering.width(label.text, self._text_px, SEMIBOLD) + self._text_px // 2 + 2
            taken = [rect for rect, _ in placed]
            placed.append((place_tag(label.box, (tag_width, tag_height), (width, height), taken), label))
        for rect, label in reversed(placed):
            draw_tag(picture, rect, label.colour)
            start = (rect.x + self._text_px // 4 + 1, rect.y + rect.height // 2)
            self._lettering.write(picture, label.text, start, ink_on(label.colour), self._text_px, weight=SEMIBOLD)


def _draw_box(picture: Image, box: tuple[int, int, int, int], global_id: GlobalId, *, observed: bool) -> None:
    """A frame around a person: dashed where motion carried it, thin grey while nobody knows who it is."""
    x1, y1, x2, y2 = box
    colour = UNKNOWN if global_id == NOBODY else colour_of(global_id)
    thickness = 1 if global_id == NOBODY else BOX_PX
    if observed:
        cv2.rectangle(picture, (x1, y1), (x2, y2), colour, thickness)
        return
    corners = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        for dash_start, dash_end in _dashes(start, end):
            cv2.line(picture, dash_start, dash_end, colour, thickness)


def _dashes(start: tuple[int, int], end: tuple[int, int]) -> Iterable[tuple[tuple[int, int], tuple[int, int]]]:
    """Every other `DASH_PX` of the straight line from start to end."""
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    across, down = np.sign(end[0] - start[0]), np.sign(end[1] - start[1])
    for at in range(0, length, 2 * DASH_PX):
        to = min(at + DASH_PX, length)
        yield (
            (int(start[0] + across * at), int(start[1] + down * at)),
            (int(start[0] + across * to), int(start[1] + down * to)),
        )


def place_tag(
    box: tuple[int, int, int, int], tag: tuple[int, int], picture: tuple[int, int], taken: Sequence[Rect]
) -> Rect:
    """The first free place for a tag: above the box, in it, above its right end, below it; else above all the same."""
    x1, y1, x2, y2 = box
    width, height = tag
    left, right = x1 - BOX_PX // 2, x2 + BOX_PX // 2 - width + 1
    wishes = [(left, y1 - height), (left, y1), (right, y1 - height), (right, y1), (left, y2 - height), (left, y2)]
    places = [
        Rect(min(max(x, 0), max(0, picture[0] - width)), min(max(y, 0), max(0, picture[1] - height)), width, height)
        for x, y in wishes
    ]
    return next((place for place in places if not any(_overlap(place, other) for other in taken)), places[0])


def _overlap(a: Rect, b: Rect) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height
