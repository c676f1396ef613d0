"""One picture of a person: a row for each camera, in it the crops along the time, and when it saw the person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from entities import GlobalId
from sinks.crops import JPEG_QUALITY, DealtCrop
from sinks.lettering import SEMIBOLD, Lettering, clock, printable
from sinks.palette import BgrColour, colour_of, ink_on
from sinks.results_folder import replacing, writing

Image = NDArray[np.uint8]

MOST_SHEETS: Final = 300
"""A job draws so many sheets, some seconds' work; in a long one most people are seen briefly."""
MOST_CROPS: Final = 12
"""A sheet shows so many of a person's crops, the best."""

PAPER: Final[BgrColour] = (250, 250, 250)
CARD: Final[BgrColour] = (238, 238, 238)
INK: Final[BgrColour] = (40, 36, 34)
FAINT: Final[BgrColour] = (132, 126, 122)
RAIL: Final[BgrColour] = (224, 222, 220)

MARGIN, GAP = 24, 10
HEADER = 84
LABEL = 168
CELL_WIDTH, CELL_HEIGHT = 104, 208
CAPTION = 22
EMPTY_ROW = 52
"""Height of the row of a camera of which there is no crop."""
TIMELINE = 22
MARK = 3
"""Width of the mark of a crop on the timeline, and least of an interval."""
LEAST_COLUMNS = 6
"""A sheet is at least as wide as this many crops."""


def name_sheets(people: Sequence[dict[str, Any]]) -> None:
    """Set `sheet` of everybody who is to have one: who has crops, of very many those seen most.

    Args:
        people: Entries of `identities.json`.
    """
    pictured = [person for person in people if person["crops"]]
    for person in sorted(pictured, key=lambda person: -person["sightings"])[:MOST_SHEETS]:
        person["sheet"] = f"identities/{person['id']}.jpg"


def write_sheets(folder: Path, people: Sequence[Mapping[str, Any]], crops: Mapping[int, Sequence[DealtCrop]]) -> None:
    """Draw the sheets that have a name.

    Args:
        folder: The results folder.
        people: Entries of `identities.json`.
        crops: Everybody's crops.

    Raises:
        OutputError: They cannot be written.
    """
    sheets = ContactSheets()
    for person in (person for person in people if person["sheet"]):
        path = folder / person["sheet"]
        with writing(path):
            path.parent.mkdir(exist_ok=True)
        sheet = sheets.draw(person, _pictures(folder, crops[person["id"]][:MOST_CROPS]))
        with replacing(path) as file:
            file.write(_jpeg(sheet))


def _pictures(folder: Path, crops: Sequence[DealtCrop]) -> list[SheetCrop]:
    read = [(crop, cv2.imread(str(folder / crop.path))) for crop in crops]
    return [
        SheetCrop(crop.camera, crop.time_s, np.asarray(picture, np.uint8))
        for crop, picture in read
        if picture is not None  # somebody took it away
    ]


def _jpeg(picture: Image) -> bytes:
    encoded, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not encoded:
        raise ValueError(f"a sheet of {picture.shape[1]}x{picture.shape[0]} px could not be encoded")
    return data.tobytes()


@dataclass(frozen=True, slots=True, eq=False)
class SheetCrop:
    """One crop on a sheet.

    Attributes:
        camera: Where.
        time_s: When.
        picture: `(H, W, 3)` uint8.
    """

    camera: str
    time_s: float
    picture: Image


def spread(wishes: Sequence[int], width: int, step: int) -> list[int]:
    """Places near the wished ones, in order, at least `step` apart.

    Args:
        wishes: Ascending, in [0, width].
        width: The last place there is; at least `step` for each but one.
        step: Least distance.

    >>> spread([0, 5, 100], 100, 20), spread([95, 100], 100, 20)
    ([0, 20, 100], [80, 100])
    """
    places: list[int] = []
    for wish in wishes:
        places.append(max(wish, places[-1] + step) if places else wish)
    most = width
    for number in reversed(range(len(places))):
        places[number] = min(places[number], most)
        most = places[number] - step
    return places


class ContactSheets:
    """Draws sheets; belongs to one thread."""

    def __init__(self) -> None:
        self._letters = Lettering()

    def draw(self, person: Mapping[str, Any], crops: Sequence[SheetCrop]) -> Image:
        """The sheet of one person.

        Args:
            person: The person's entry in `identities.json`.
            crops: Best first.

        Returns:
            `(H, W, 3)` uint8; as large as the crops need, 12 of them at most.
        """
        crops = sorted(crops[:MOST_CROPS], key=lambda crop: crop.time_s)
        rows = [[crop for crop in crops if crop.camera == camera] for camera in person["cameras"]]
        heights = [CELL_HEIGHT + CAPTION if row else EMPTY_ROW for row in rows]
        width = 2 * MARGIN + LABEL + max(LEAST_COLUMNS, *map(len, rows)) * (CELL_WIDTH + GAP) - GAP
        sheet = np.full((HEADER + sum(heights) + (TIMELINE + GAP) * len(heights) + MARGIN, width, 3), PAPER, np.uint8)
        time = _TimeAxis(person["first_seen_s"], person["last_seen_s"], MARGIN + LABEL, width - MARGIN)
        colour = colour_of(GlobalId(person["id"]))
        self._header(sheet, person)
        top = HEADER
        for (camera, stay), row, height in zip(person["cameras"].items(), rows, heights, strict=True):
            self._label(sheet, top, camera, stay)
            self._cells(sheet, top, row, time)
            _timeline(sheet, top + height, time, stay, [crop.time_s for crop in row], colour=colour)
            top += height + TIMELINE + GAP
        return sheet

    def _header(self, sheet: Image, person: Mapping[str, Any]) -> None:
        colour, number = colour_of(GlobalId(person["id"])), str(person["id"])
        tag = self._letters.width(number, 30, SEMIBOLD) + 28
        cv2.rectangle(sheet, (MARGIN, 20), (MARGIN + tag, 64), colour, cv2.FILLED, cv2.LINE_AA)
        self._letters.write(sheet, number, (MARGIN + 14, 42), ink_on(colour), 30, weight=SEMIBOLD)
        left = MARGIN + tag + 16
        room = sheet.shape[1] - left - MARGIN
        cameras = len(person["cameras"])
        span = f"{clock(person['first_seen_s'])} – {clock(person['last_seen_s'])}"
        where = f"{cameras} {'camera' if cameras == 1 else 'cameras'}"
        self._letters.write(sheet, f"Person {number}", (left, 32), INK, 22, weight=SEMIBOLD)
        facts = f"{span}  ·  {where}  ·  seen in {person['sightings']} frames"
        self._letters.write(sheet, self._letters.fitted(facts, room, 15), (left, 55), FAINT, 15)

    def _label(self, sheet: Image, top: int, camera: str, stay: Mapping[str, Any]) -> None:
        visits = len(stay["intervals"])
        seconds = sum(interval["end_s"] - interval["start_s"] for interval in stay["intervals"])
        name = self._letters.fitted(printable(camera), LABEL - GAP, 18, SEMIBOLD)
        self._letters.write(sheet, name, (MARGIN, top + 14), INK, 18, weight=SEMIBOLD)
        facts = f"{visits} {'visit' if visits == 1 else 'visits'}, {seconds:.1f} s"
        self._letters.write(sheet, facts, (MARGIN, top + 38), FAINT, 14)

    def _cells(self, sheet: Image, top: int, row: Sequence[SheetCrop], time: _TimeAxis) -> None:
        wishes = [min(max(time.place(crop.time_s) - CELL_WIDTH // 2, time.left), time.right) for crop in row]
        room = time.right - CELL_WIDTH - time.left
        for crop, left in zip(row, spread([wish - time.left for wish in wishes], room, CELL_WIDTH + GAP), strict=True):
            self._cell(sheet, time.left + left, top, crop)

    def _cell(self, sheet: Image, left: int, top: int, crop: SheetCrop) -> None:
        sheet[top : top + CELL_HEIGHT, left : left + CELL_WIDTH] = CARD
        picture = _fitted(crop.picture)
        height, width = picture.shape[:2]
        x, y = left + (CELL_WIDTH - width) // 2, top + (CELL_HEIGHT - height) // 2
        sheet[y : y + height, x : x + width] = picture
        when = clock(crop.time_s)
        middle = left + (CELL_WIDTH - self._letters.width(when, 14)) // 2
        self._letters.write(sheet, when, (middle, top + CELL_HEIGHT + CAPTION // 2 + 1), INK, 14)


@dataclass(frozen=True, slots=True)
class _TimeAxis:
    """Where times lie between two edges of the sheet, pixels."""

    first_s: float
    last_s: float
    left: int
    right: int

    def place(self, time_s: float) -> int:
        share = (time_s - self.first_s) / max(self.last_s - self.first_s, 1e-3)
        return self.left + round(min(max(share, 0.0), 1.0) * (self.right - self.left - MARK))


def _timeline(
    sheet: Image, top: int, time: _TimeAxis, stay: Mapping[str, Any], times_s: Sequence[float], *, colour: BgrColour
) -> None:
    """When the camera saw the person, from the first to the last time that any did; a mark at every crop."""
    y = top + 8
    cv2.rectangle(sheet, (time.left, y), (time.right - 1, y + 5), RAIL, cv2.FILLED)
    for interval in stay["intervals"]:
        start, end = time.place(interval["start_s"]), time.place(interval["end_s"])
        cv2.rectangle(sheet, (start, y), (end + MARK - 1, y + 5), colour, cv2.FILLED)
    for time_s in times_s:
        x = time.place(time_s)
        cv2.rectangle(sheet, (x, y - 3), (x + MARK - 1, y + 8), INK, cv2.FILLED)


def _fitted(picture: Image) -> Image:
    """As large as a cell allows."""
    height, width = picture.shape[:2]
    scale = min(CELL_WIDTH / width, CELL_HEIGHT / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    way = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=way), np.uint8)
