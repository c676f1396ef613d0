"""One picture of all cameras: a tidy grid that is kept up to date tile by tile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from calibration import FloorViews
from entities import NOBODY, CameraId, Frame, FrameResult, Source
from sinks.annotate import Annotator
from sinks.layout import Rect, Tile, plan_layout
from sinks.lettering import REGULAR, SEMIBOLD, Lettering, clock, printable
from sinks.palette import BgrColour
from sinks.silence import Badge, Silence
from sinks.top_view import TopView

Image = NDArray[np.uint8]

BACKGROUND: BgrColour = (22, 19, 18)
BAR: BgrColour = (44, 38, 36)
CELL: BgrColour = (32, 28, 26)
TEXT: BgrColour = (240, 238, 236)
QUIET: BgrColour = (172, 166, 160)
ALERT: BgrColour = (90, 170, 250)
DIMMED = 0.35


class _Camera:
    """One camera's tile and what it shows."""

    def __init__(self, source: Source, tile: Tile, annotator: Annotator) -> None:
        self.name = printable(source.name or source.camera_id)
        self.tile = tile
        self.annotator = annotator
        self.people = 0
        self.last_s: float | None = None
        self.state = ""
        self.badge: Badge | None = None
        self._silence = Silence(source)

    def badge_at(self, time_s: float) -> Badge | None:
        """What to say of it; None while it shows something."""
        return self._silence.badge(time_s, self.last_s, self.state)


class Mosaic:
    """Composes the grid; belongs to one thread.

    `picture` is drawn over in place: whoever keeps it, copies.

    Args:
        sources: The cameras, in order; at least one.
        width_px: Most pixels across.
        trail_s: Seconds of trail behind each person.
        views: How cameras see the floor: where they do, a map of it is the last tile.
    """

    def __init__(self, sources: Sequence[Source], width_px: int, trail_s: float, views: FloorViews) -> None:
        sizes = [source.size_px for source in sources]
        layout = plan_layout(sizes + sizes[:1] if views else sizes, width_px)
        self.size_px = layout.size_px
        self._header = layout.header
        self._text_px = layout.text_px
        self._lettering = Lettering()
        self._people_now = self._people_total = 0
        self._written: dict[Rect, tuple[str, ...]] = {}
        self._cameras: dict[CameraId, _Camera] = {
            source.camera_id: _Camera(source, tile, Annotator(self._lettering, layout.text_px, trail_s))
            for source, tile in zip(sources, layout.tiles[: len(sources)], strict=True)
        }
        self._map = layout.tiles[-1]
        map_px = (self._map.picture.width, self._map.picture.height)
        self._top_view = TopView(views, map_px, self._lettering, layout.text_px, trail_s) if views else None
        self.picture: Image = np.empty((layout.size_px[1], layout.size_px[0], 3), np.uint8)
        self.picture[:] = BACKGROUND
        for camera in self._cameras.values():
            self.picture[camera.tile.cell.area] = CELL
            self._mark(camera, Badge("WAITING", "no picture yet"))

    def update(self, frame: Frame, result: FrameResult | None) -> None:
        """Show a new picture of one camera, with what was found in it."""
        camera = self._cameras[frame.camera_id]
        if camera.badge is not None:
            self.picture[camera.tile.cell.area] = CELL
            camera.badge = None
        camera.last_s = frame.timestamp_s
        place = camera.tile.picture
        tile = self.picture[place.area]
        _scale_into(frame.image_bgr, tile)
        camera.people = 0
        if result is not None:
            camera.people = int(np.count_nonzero(result.global_ids != NOBODY))
            width, height = frame.size_px
            camera.annotator.draw(tile, result, (place.width / width, place.height / height))
            if self._top_view is not None:
                self._top_view.see(result)

    def tell(self, states: Mapping[CameraId, str]) -> None:
        """Take what the cameras' readers are doing, where that is known; see `Round.states`."""
        for camera_id, state in states.items():
            self._cameras[camera_id].state = state

    def count(self, people_now: int, people_total: int) -> None:
        """Set the figures of the header."""
        self._people_now, self._people_total = people_now, people_total

    def compose(self, time_s: float) -> Image:
        """Bring bars and marks up to an instant.

        Returns:
            `(H, W, 3)` uint8, even sizes; valid until the next call.
        """
        for camera in self._cameras.values():
            badge = camera.badge_at(time_s)
            if badge is not None and badge != camera.badge:
                self._mark(camera, badge)
            self._draw_caption(camera, time_s, silent=badge is not None)
        if self._top_view is not None:
            self._top_view.draw(self.picture[self._map.picture.area])
            self._draw_bar(self._map.caption, ["From above"], [clock(time_s)])
        self._draw_header(time_s)
        return self.picture

    def _mark(self, camera: _Camera, badge: Badge) -> None:
        """Say why a camera shows nothing; its last picture is dimmed when that begins."""
        if camera.badge is None and camera.last_s is not None:
            tile = self.picture[camera.tile.picture.area]
            grey = cv2.cvtColor(cv2.convertScaleAbs(tile, alpha=DIMMED), cv2.COLOR_BGR2GRAY)
            cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR, dst=tile)
        camera.badge = badge
        camera.people = 0
        calm = QUIET if camera.last_s is None else TEXT
        self._badge(camera.tile.cell, badge.title, badge.detail, ALERT if badge.alarming else calm)

    def _badge(self, cell: Rect, title: str, detail: str, colour: BgrColour) -> None:
        """Two lines on a dark plate in the middle of a cell."""
        size = min(round(1.5 * self._text_px), max(6, cell.height // 4))
        centre, middle = cell.x + cell.width // 2, cell.y + cell.height // 2
        half_width = min(5 * size, cell.width // 2 - 1)
        half_height = min(round(1.7 * size), cell.height // 2 - 1)
        plate = Rect(centre - half_width, middle - half_height, 2 * half_width, 2 * half_height)
        self.picture[plate.area] = BACKGROUND
        for text, tone, height, offset, weight in (
            (title, colour, size, -size * 2 // 3, SEMIBOLD),
            (detail, QUIET, round(size / 1.5), size * 2 // 3, REGULAR),
        ):
            line = self._lettering.fitted(text, cell.width - 8, height, weight)
            start = (centre - self._lettering.width(line, height, weight) // 2, middle + offset)
            self._lettering.write(self.picture, line, start, tone, height, weight=weight)

    def _draw_caption(self, camera: _Camera, time_s: float, *, silent: bool) -> None:
        """Name on the left; people and the time of the picture on the right where there is room."""
        people = "1 person" if camera.people == 1 else f"{camera.people} people"
        time = clock(time_s if camera.last_s is None else camera.last_s)
        notes = [time] if silent or camera.last_s is None else [people, time]
        self._draw_bar(camera.tile.caption, [camera.name], notes)

    def _draw_header(self, time_s: float) -> None:
        """People in view and ids so far on the left, the time on the right."""
        figures = [f"People now {self._people_now}", f"IDs so far {self._people_total}"]
        self._draw_bar(self._header, figures, [clock(time_s)])

    def _draw_bar(self, bar: Rect, left: Sequence[str], right: Sequence[str]) -> None:
        """Fill a bar and write its parts; what is on the right gives way first, what is on the left is cut."""
        if self._written.get(bar) == (*left, *right):
            return
        self._written[bar] = (*left, *right)
        size, pad = self._text_px, self._text_px // 2 + 2
        image = self.picture[bar.area]
        cv2.rectangle(image, (0, 0), (bar.width, bar.height), BAR, cv2.FILLED)
        start, end, middle = pad, bar.width - pad, bar.height // 2
        for text in left:
            line = self._lettering.fitted(text, end - start, size, SEMIBOLD)
            self._lettering.write(image, line, (start, middle), TEXT, size, weight=SEMIBOLD)
            start += self._lettering.width(line, size, SEMIBOLD) + 2 * pad
        for text in reversed(right):
            width = self._lettering.width(text, size)
            if end - width < start:
                break
            self._lettering.write(image, text, (end - width, middle), QUIET, size)
            end -= width + 2 * pad


def _scale_into(image: Image, tile: Image) -> None:
    """Scale a frame to fill a tile, in place.

    Bilinear scaling looks at four pixels for each it makes: right down to a half, full of sparkles below. There, four
    pixels spread evenly over the area are averaged: as smooth as needed and, unlike `INTER_AREA` over an uneven grid
    (20 ms for a large frame), hardly dearer.
    """
    height, width = tile.shape[:2]
    if min(image.shape[0] / height, image.shape[1] / width) < 2.0:
        cv2.resize(image, (width, height), dst=tile, interpolation=cv2.INTER_LINEAR)
        return
    spread = cv2.resize(image, (2 * width, 2 * height), interpolation=cv2.INTER_NEAREST_EXACT)
    cv2.resize(spread, (width, height), dst=tile, interpolation=cv2.INTER_AREA)
