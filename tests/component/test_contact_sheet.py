"""Contact sheets: every crop stands in its camera's row at its time, and nobody's name breaks one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from entities import CameraId, GlobalId, LocalId, Segment
from sinks.contact_sheet import (
    CELL_HEIGHT,
    CELL_WIDTH,
    GAP,
    HEADER,
    LABEL,
    MARGIN,
    MOST_CROPS,
    MOST_SHEETS,
    ContactSheets,
    SheetCrop,
    name_sheets,
    spread,
)
from sinks.palette import colour_of
from sinks.records import Records
from tests.builders import CAM1, CAM2, box, frame_result, tracked

RED = (0, 0, 255)


def person(cameras: dict[str, list[tuple[float, float]]], number: int = 7) -> dict[str, Any]:
    """The entry of somebody who was in these cameras at these times."""
    ends = [end for stays in cameras.values() for end in stays]
    return {
        "id": number,
        "first_seen_s": min(start for start, _ in ends),
        "last_seen_s": max(end for _, end in ends),
        "sightings": 402,
        "cameras": {
            camera: {"intervals": [{"start_s": start, "end_s": end} for start, end in stays]}
            for camera, stays in cameras.items()
        },
    }


def crop(camera: str, time_s: float, size_px: tuple[int, int] = (50, 100)) -> SheetCrop:
    return SheetCrop(camera, time_s, np.full((size_px[1], size_px[0], 3), RED, np.uint8))


def places(sheet: NDArray[np.uint8], colour: tuple[int, int, int] = RED) -> list[tuple[int, int, int, int]]:
    """Left, top, width and height of every area of a colour, from left to right."""
    mask = np.all(sheet == colour, axis=2).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    return sorted((int(x), int(y), int(w), int(h)) for x, y, w, h, area in stats[1:] if area > 50)


def test_crops_stand_in_their_cameras_row_along_the_time() -> None:
    somebody = person({"cam1": [(0.0, 40.0)], "cam2": [(10.0, 20.0)]})
    crops = [crop("cam2", 20.0), crop("cam1", 0.0), crop("cam1", 40.0)]
    sheet = ContactSheets().draw(somebody, crops)
    (first, middle, last) = places(sheet)
    assert first == (MARGIN + LABEL, HEADER, CELL_WIDTH, CELL_HEIGHT)
    assert last[:2] == (sheet.shape[1] - MARGIN - CELL_WIDTH, HEADER)
    centre = (MARGIN + LABEL + sheet.shape[1] - MARGIN) / 2
    assert middle[0] + CELL_WIDTH / 2 == pytest.approx(centre, abs=3)
    assert middle[1] > HEADER + CELL_HEIGHT


def test_the_timeline_shows_when_the_camera_saw_the_person() -> None:
    sheet = ContactSheets().draw(person({"cam1": [(0.0, 10.0), (30.0, 40.0)]}), [])
    bars = [area for area in places(sheet, colour_of(GlobalId(7))) if area[3] < 10]
    width = sheet.shape[1] - 2 * MARGIN - LABEL
    assert [area[2] for area in bars] == [pytest.approx(width / 4, abs=4)] * 2
    assert bars[0][0] == MARGIN + LABEL
    assert bars[1][0] + bars[1][2] == sheet.shape[1] - MARGIN


@pytest.mark.parametrize(
    ("size_px", "width", "height"),
    [
        pytest.param((50, 100), CELL_WIDTH, CELL_HEIGHT, id="exactly-fits"),
        pytest.param((20, 100), 42, CELL_HEIGHT, id="slim"),
        pytest.param((200, 100), CELL_WIDTH, 52, id="wide"),
        pytest.param((500, 1000), CELL_WIDTH, CELL_HEIGHT, id="larger"),
        pytest.param((1, 1000), 1, CELL_HEIGHT, id="a-line"),
    ],
)
def test_crops_keep_their_shape(size_px: tuple[int, int], width: int, height: int) -> None:
    sheet = ContactSheets().draw(person({"cam1": [(0.0, 4.0)]}), [crop("cam1", 2.0, size_px)])
    ((_, _, *size),) = places(sheet)
    assert size == [width, height]


def test_a_sheet_is_bounded_and_takes_the_best_crops() -> None:
    crops = [crop("cam1", float(time_s)) for time_s in range(20)]
    sheet = ContactSheets().draw(person({"cam1": [(0.0, 20.0)]}), crops)
    assert len(places(sheet)) == MOST_CROPS
    assert sheet.shape[1] == 2 * MARGIN + LABEL + MOST_CROPS * (CELL_WIDTH + GAP) - GAP


@pytest.mark.parametrize(
    "camera",
    [
        pytest.param("a" * 300, id="long"),
        pytest.param("\udc80\x00\n", id="not-printable"),
        pytest.param("Eingang Süd 北門", id="not-ascii"),
    ],
)
def test_any_name_of_a_camera_fits(camera: str) -> None:
    sheet = ContactSheets().draw(person({camera: [(3.0, 3.0)]}), [crop(camera, 3.0)])
    assert len(places(sheet)) == 1


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([50], [50], id="one"),
        pytest.param([0, 20, 100], [0, 20, 100], id="exactly-room"),
        pytest.param([50, 51, 52], [50, 70, 90], id="pushed-on"),
        pytest.param([99, 100, 100], [60, 80, 100], id="pushed-back"),
        pytest.param([0, 0, 0, 100, 100, 100], [0, 20, 40, 60, 80, 100], id="no-room-left"),
    ],
)
def test_spread(wishes: list[int], expected: list[int]) -> None:
    assert spread(wishes, 100, 20) == expected


def test_who_has_a_sheet() -> None:
    people: list[dict[str, Any]] = [
        {"id": number, "sightings": number, "crops": ["a.jpg"] if number != 5 else [], "sheet": None}
        for number in range(1, MOST_SHEETS + 4)
    ]
    name_sheets(people)
    assert [entry["id"] for entry in people if entry["sheet"] is None] == [1, 2, 5], "briefly seen, or without crops"
    assert people[6]["sheet"] == "identities/7.jpg"


@pytest.mark.parametrize(
    ("crops", "wanted", "named"),
    [
        pytest.param(2, True, "identities/3.jpg", id="drawn"),
        pytest.param(2, False, None, id="not-wanted"),
        pytest.param(0, True, None, id="no-crops"),
    ],
)
def test_records_name_the_sheets_they_hold(tmp_path: Path, crops: int, wanted: bool, named: str | None) -> None:
    segments = tuple(Segment(camera, LocalId(1), 0, 99, GlobalId(3)) for camera in (CAM1, CAM2))
    with Records([CAM1, CAM2], tmp_path / "r", crops, sheets=wanted) as sink:
        for index in range(20):
            results = [frame_result([box(200, 400, 200)], [1], [1], index, camera_id=CameraId(c)) for c in (CAM1, CAM2)]
            sink.write(tracked(results, index))
        sink.finish(segments)
    (entry,) = json.loads((tmp_path / "r/identities.json").read_text())["people"]
    assert entry["sheet"] == named
    assert (tmp_path / "r/identities").exists() == (named is not None)
    if named:
        sheet = cv2.imread(str(tmp_path / "r" / named))
        assert sheet is not None
        assert sheet.shape[0] > 2 * CELL_HEIGHT
