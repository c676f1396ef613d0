"""The floor from above: a map in metres with everybody on it, north up, where cameras are calibrated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from association.geometry import FloorView, camera_pose
from association.standing import Metres
from calibration import FloorViews
from entities import NOBODY, FrameResult, GlobalId
from sinks.annotate import Trails, place_tag
from sinks.floor import places_of
from sinks.layout import Rect
from sinks.lettering import REGULAR, SEMIBOLD, Lettering, printable
from sinks.palette import BgrColour, colour_of, ink_on
from sinks.strokes import draw_tag, draw_trail

Image = NDArray[np.uint8]

GROUND: BgrColour = (38, 33, 31)
SEEN_BY_ONE = 16
"""How much lighter the floor is for each camera that sees it."""
LINE, MAIN_LINE = 10, 26
"""How much lighter the lines are, those of every metre and of every fifth."""
QUIET: BgrColour = (172, 166, 160)
LENS: BgrColour = (226, 222, 218)
RIM: BgrColour = (250, 250, 250)

MARGIN = 0.06
"""Of the map, on every side, beyond what cameras see."""
LEAST_M = 4.0
MAIN_M = 5
LEAST_GAP_PX = 9
"""Lines closer than this are left out."""
FRESH_S = 0.5
"""Who was not seen for longer is taken off the map."""
CALM_S = 0.15
"""Places follow what is seen with this delay."""
PERSON_M = 1.7
NEAR_BLUR_M = 0.3
"""What counts as seen for the extent of the map: where feet are told better than this."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where the map lies: metres of its middle, and pixels a metre."""

    middle_m: tuple[float, float]
    scale: float
    size_px: tuple[int, int]

    def pixels(self, places_m: Metres) -> NDArray[np.float64]:
        """`(N, 2)` pixels of places, x to the right and y up."""
        width, height = self.size_px
        offset = (places_m - self.middle_m) * (self.scale, -self.scale)
        return np.asarray(offset + np.array([width, height]) / 2.0)

    def places(self) -> Metres:
        """`(H, W, 2)` metres of the middle of every pixel."""
        width, height = self.size_px
        across = (np.arange(width) + 0.5 - width / 2.0) / self.scale + self.middle_m[0]
        down = -(np.arange(height) + 0.5 - height / 2.0) / self.scale + self.middle_m[1]
        return np.stack(np.meshgrid(across, down), axis=-1)


class TopView:
    """Draws the map; belongs to one thread.

    Args:
        views: How cameras see the floor, at least one.
        size_px: Width and height of the map.
        lettering: Writes on it.
        text_px: Size of the text.
        trail_s: Seconds of trail behind each person; 0 for none.
    """

    def __init__(
        self, views: FloorViews, size_px: tuple[int, int], lettering: Lettering, text_px: int, trail_s: float
    ) -> None:
        self._views = dict(views)
        self._lettering = lettering
        self._text_px = text_px
        self._extent = plan_extent(list(views.values()), size_px)
        self._ground = self._draw_ground()
        self._trails = Trails(trail_s)
        self._told: defaultdict[GlobalId, list[tuple[Metres, float]]] = defaultdict(list)
        self._people: dict[GlobalId, tuple[float, Metres]] = {}
        self._now_s = 0.0

    def see(self, result: FrameResult) -> None:
        """Take what was found in a frame of one camera."""
        if result.camera_id not in self._views:
            return
        self._now_s = max(self._now_s, result.timestamp_s)
        places_m, weights = places_of(result, self._views[result.camera_id])
        for row in np.flatnonzero((weights > 0.0) & (result.global_ids != NOBODY)):
            self._told[GlobalId(int(result.global_ids[row]))].append((places_m[row], float(weights[row])))

    def draw(self, picture: Image) -> None:
        """Draw the map as it stands over `(H, W, 3)` pixels."""
        self._move()
        picture[:] = self._ground
        names = list(self._people)
        places = self._extent.pixels(np.array([self._people[name][1] for name in names]).reshape(-1, 2))
        for name in names:
            for run in self._trails.runs(name):
                ages = (self._now_s - run[:, 0]) / self._trails.length_s
                draw_trail(picture, self._extent.pixels(run[:, 1:]), ages, colour_of(name))
        radius = max(4.0, 0.38 * self._text_px)
        for name, (x, y) in zip(names, places.tolist(), strict=True):
            _disc(picture, (x, y), radius + 1.5, RIM)
            _disc(picture, (x, y), radius, colour_of(name))
        self._draw_tags(picture, names, places, radius)

    def _move(self) -> None:
        """Bring everybody to where cameras tell, all of them weighed, and forget who is gone."""
        for name, told in self._told.items():
            place = np.average([place for place, _ in told], axis=0, weights=[weight for _, weight in told])
            last_s, last = self._people.get(name, (-np.inf, place))
            share = 1.0 - float(np.exp(-(self._now_s - last_s) / CALM_S))
            self._people[name] = (self._now_s, last + share * (place - last))
        self._told.clear()
        self._people = {name: seen for name, seen in self._people.items() if self._now_s - seen[0] <= FRESH_S}
        now = [(name, place) for name, (time_s, place) in self._people.items() if time_s == self._now_s]
        places = np.array([place for _, place in now]).reshape(-1, 2)
        self._trails.note(self._now_s, np.array([name for name, _ in now], np.int64), places)

    def _draw_tags(self, picture: Image, names: Sequence[GlobalId], places: NDArray[np.float64], radius: float) -> None:
        height, width = picture.shape[:2]
        size = max(10, round(0.85 * self._text_px))
        taken: list[Rect] = []
        for name, (x, y) in zip(names, places.tolist(), strict=True):
            text = str(name)
            tag = (self._lettering.width(text, size, SEMIBOLD) + size // 2 + 4, round(1.3 * size))
            left, top = round(x + 0.8 * radius), round(y - 0.8 * radius)
            around = (left, top, left + tag[0], top + tag[1] + round(2 * radius))
            rect = place_tag(around, tag, (width, height), taken)
            taken.append(rect)
            draw_tag(picture, rect, colour_of(name))
            start = (rect.x + size // 4 + 2, rect.y + rect.height // 2)
            self._lettering.write(picture, text, start, ink_on(colour_of(name)), size, weight=SEMIBOLD)

    def _draw_ground(self) -> Image:
        """The map without people: what each camera sees, lines in metres, the cameras, north."""
        places = self._extent.places()
        light = sum(cv2.GaussianBlur(SEEN_BY_ONE * _sees(view, places), (0, 0), 1.5) for view in self._views.values())
        light = light + _lines(places, self._extent.scale)
        ground = np.clip(np.array(GROUND, np.float32) + np.asarray(light)[..., None], 0, 255).astype(np.uint8)
        self._draw_rulers(ground)
        for camera_id, view in self._views.items():
            pose = camera_pose(view)
            if pose is not None:
                self._draw_camera(ground, printable(camera_id), pose[0][:2], pose[1][:2])
        self._draw_north(ground)
        return ground

    def _draw_rulers(self, ground: Image) -> None:
        """Metres along the lower and the left border."""
        width, height = self._extent.size_px
        size = max(9, round(0.75 * self._text_px))
        ends = self._extent.places()[[0, -1], [0, -1]]
        for axis, (low, high) in enumerate(((ends[0, 0], ends[1, 0]), (ends[1, 1], ends[0, 1]))):
            for metres in range(int(np.ceil(low / MAIN_M)) * MAIN_M, int(high) + 1, MAIN_M):
                place = np.array([[metres, ends[1, 1]] if axis == 0 else [ends[0, 0], metres]], np.float64)
                x, y = self._extent.pixels(place)[0]
                text = f"{metres} m"
                start = (round(x) + 4, height - size) if axis == 0 else (5, round(y) - size // 2 - 2)
                room = self._lettering.width(text, size) + 8
                if start[0] + room < width and size < start[1]:
                    self._lettering.write(ground, text, start, (128, 122, 117), size)

    def _draw_camera(self, ground: Image, name: str, place_m: Metres, heading: Metres) -> None:
        """A lens with its field of view, kept inside the map where the camera hangs outside."""
        width, height = self._extent.size_px
        edge = 1.2 * self._text_px
        place = np.clip(self._extent.pixels(place_m[None])[0], edge, (width - edge, height - edge))
        ahead = heading * (1.0, -1.0)
        length = float(np.linalg.norm(ahead))
        if length < 0.05:  # looks straight down
            ahead, length = np.array([0.0, -1.0]), 1.0
        ahead = ahead / length * 0.62 * self._text_px
        side = np.array([-ahead[1], ahead[0]])
        body = np.array([place - 0.9 * ahead - 0.6 * side, place - 0.9 * ahead + 0.6 * side])
        lens = np.array([place + ahead + 0.95 * side, place + ahead - 0.95 * side])
        _polygon(ground, np.vstack([place + 0.1 * ahead, lens]), LENS)
        _polygon(ground, np.vstack([body, body[1] + 1.2 * ahead, body[0] + 1.2 * ahead])[[0, 1, 2, 3]], LENS)
        size = max(9, round(0.8 * self._text_px))
        text_width = self._lettering.width(name, size)
        x = min(max(4, round(place[0]) - text_width // 2), width - text_width - 4)
        below = round(place[1] + 1.5 * self._text_px)
        y = below if below < height - size else round(place[1] - 1.5 * self._text_px)
        self._lettering.write(ground, name, (x, y), QUIET, size, weight=REGULAR)

    def _draw_north(self, ground: Image) -> None:
        size = self._text_px
        x, y = self._extent.size_px[0] - 1.4 * size, 2.6 * size
        arrow = np.array([[x, y - 1.1 * size], [x + 0.42 * size, y], [x, y - 0.28 * size], [x - 0.42 * size, y]])
        _polygon(ground, arrow, QUIET)
        half = self._lettering.width("N", size, SEMIBOLD) // 2
        self._lettering.write(ground, "N", (round(x) - half, round(y + 0.75 * size)), QUIET, size, weight=SEMIBOLD)


def plan_extent(views: Sequence[FloorView], size_px: tuple[int, int]) -> Extent:
    """A map that shows the floor which cameras see well, and the cameras as far as they are near.

    Args:
        views: How cameras see the floor, at least one.
        size_px: Width and height of the map.
    """
    places = np.vstack([_seen_well(view) for view in views])
    low, high = (places.min(axis=0), places.max(axis=0)) if len(places) else (np.zeros(2), np.zeros(2))
    for pose in filter(None, map(camera_pose, views)):
        near = np.clip(pose[0][:2], low - LEAST_M, high + LEAST_M)
        low, high = np.minimum(low, near), np.maximum(high, near)
    span = np.maximum(high - low, LEAST_M) * (1.0 + 2.0 * MARGIN)
    middle = (low + high) / 2.0
    return Extent((float(middle[0]), float(middle[1])), float((np.array(size_px) / span).min()), size_px)


def _seen_well(view: FloorView) -> Metres:
    """`(N, 2)` places all over a picture where feet are told well."""
    width, height = view.size_px
    grid = np.stack(np.meshgrid(np.linspace(0, width, 17), np.linspace(0, height, 33)), axis=-1).reshape(-1, 2)
    beside, _ = view.locate(grid + np.array([1.0, 0.0]), np.ones(len(grid)))
    here, _ = view.locate(grid, np.ones(len(grid)))
    person_px = PERSON_M / np.linalg.norm(beside - here, axis=1)
    known = np.isfinite(person_px)
    places, blur_m = view.locate(grid[known], person_px[known])
    return np.asarray(places[blur_m <= NEAR_BLUR_M])


def outline(view: FloorView) -> Metres:
    """`(N, 2)` corners of the least convex shape around the floor that a camera sees well; none where it sees none."""
    places = _seen_well(view)
    if len(places) < 3:
        return np.zeros((0, 2))
    return np.asarray(cv2.convexHull(places.astype(np.float32))[:, 0], np.float64)


def _sees(view: FloorView, places_m: Metres) -> NDArray[np.float32]:
    """`(H, W)` 1 where a camera sees the floor, 0 elsewhere; bent lenses see a little more."""
    width, height = view.size_px
    mapped = places_m @ view.floor_to_image[:, :2].T + view.floor_to_image[:, 2]
    floor, _ = view.locate(np.array([[width / 2.0, float(height)]]), np.ones(1))
    side = np.sign(view.floor_to_image[2] @ [*floor[0], 1.0])
    front = mapped[..., 2] * side > 0.0
    depth = np.where(front, mapped[..., 2], 1.0)
    x, y = mapped[..., 0] / depth, mapped[..., 1] / depth
    return np.asarray(front & (x >= 0) & (x <= width) & (y >= 0) & (y <= height), np.float32)


def _lines(places_m: Metres, scale: float) -> NDArray[np.float32]:
    """`(H, W)` how much lighter the lines of the map make it."""
    light = np.zeros(places_m.shape[:2], np.float32)
    for step, strength in ((1, LINE), (MAIN_M, MAIN_LINE)):
        if step * scale < LEAST_GAP_PX:
            continue
        off_px = np.abs(places_m / step - np.rint(places_m / step)) * step * scale
        light = np.maximum(light, strength * np.clip(1.0 - off_px, 0.0, 1.0).max(axis=-1).astype(np.float32))
    return light


def _disc(picture: Image, centre: tuple[float, float], radius: float, colour: BgrColour) -> None:
    x, y = (round(16 * value) for value in centre)
    cv2.circle(picture, (x, y), round(16 * radius), colour, cv2.FILLED, cv2.LINE_AA, shift=4)


def _polygon(picture: Image, corners: NDArray[np.float64], colour: BgrColour) -> None:
    cv2.fillPoly(picture, [np.rint(16 * corners).astype(np.int32)], colour, cv2.LINE_AA, shift=4)
