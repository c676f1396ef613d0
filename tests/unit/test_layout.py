"""The grid: everything inside, nothing on top of anything, pictures in their aspect and as large as can be."""

from __future__ import annotations

from itertools import combinations

import pytest

from sinks.layout import GAP_PX, Layout, Rect, plan_layout, text_height

WIDE = (1920, 1080)
TALL = (1080, 1920)
SMALL = (320, 240)
ODD = (1121, 1079)

CAMERAS = [
    pytest.param([WIDE], id="one"),
    pytest.param([WIDE, WIDE], id="two"),
    pytest.param([ODD] * 3, id="three-odd"),
    pytest.param([WIDE, TALL, SMALL], id="all-different"),
    pytest.param([TALL, TALL], id="two-portrait"),
    pytest.param([SMALL], id="one-tiny"),
    pytest.param([WIDE] * 5, id="five"),
    pytest.param([WIDE, TALL, SMALL, ODD] * 4, id="sixteen"),
    pytest.param([WIDE] * 40, id="forty"),
    pytest.param([(4000, 20), (20, 4000)], id="ribbons"),
]


def inside(inner: Rect, outer: Rect) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def apart(a: Rect, b: Rect) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


def columns(layout: Layout) -> int:
    return len({tile.cell.x for tile in layout.tiles})


@pytest.mark.parametrize("width_px", [160, 641, 1280, 3840])
@pytest.mark.parametrize("sizes_px", CAMERAS)
def test_everything_has_its_place(sizes_px: list[tuple[int, int]], width_px: int) -> None:
    layout = plan_layout(sizes_px, width_px)
    width, height = layout.size_px
    assert width <= width_px
    assert width % 2 == height % 2 == 0
    assert len(layout.tiles) == len(sizes_px)
    canvas = Rect(0, 0, width, height)
    for tile in layout.tiles:
        assert inside(tile.caption, canvas)
        assert inside(tile.cell, canvas)
        assert inside(tile.picture, tile.cell)
        assert min(tile.picture.width, tile.picture.height) >= 2
    parts = [layout.header, *(rect for tile in layout.tiles for rect in (tile.caption, tile.cell))]
    assert all(apart(a, b) for a, b in combinations(parts, 2))


@pytest.mark.parametrize("sizes_px", CAMERAS[:-1])
def test_pictures_keep_their_aspect(sizes_px: list[tuple[int, int]]) -> None:
    for (width, height), tile in zip(sizes_px, plan_layout(sizes_px, 1280).tiles, strict=True):
        assert tile.picture.width == pytest.approx(tile.picture.height * width / height, abs=1.5 * width / height)


@pytest.mark.parametrize(
    ("sizes_px", "count"),
    [
        pytest.param([WIDE], 1, id="one"),
        pytest.param([WIDE] * 2, 2, id="two-side-by-side"),
        pytest.param([(1120, 1080)] * 2, 2, id="two-squarish"),
        pytest.param([TALL] * 3, 3, id="three-portrait-in-a-row"),
        pytest.param([WIDE] * 4, 2, id="four-in-a-square"),
        pytest.param([WIDE] * 9, 3, id="nine-in-a-square"),
        pytest.param([WIDE] * 16, 4, id="sixteen-in-a-square"),
        pytest.param([(3000, 300)] * 3, 1, id="panoramas-in-a-stack"),
    ],
)
def test_columns(sizes_px: list[tuple[int, int]], count: int) -> None:
    assert columns(plan_layout(sizes_px, 1280)) == count


def test_two_cameras_fill_the_width() -> None:
    layout = plan_layout([(1120, 1080)] * 2, 1280)
    assert sum(tile.picture.width for tile in layout.tiles) == 1280 - 3 * GAP_PX


def test_a_short_last_row_stands_in_the_middle() -> None:
    layout = plan_layout([WIDE] * 3, 1280)
    last = layout.tiles[2].cell
    assert abs(last.x + last.width / 2 - layout.size_px[0] / 2) <= GAP_PX


def test_tiny_pictures_are_not_blown_up_without_end() -> None:
    assert plan_layout([SMALL], 1280).tiles[0].picture.width == 640


def test_the_height_suits_a_screen() -> None:
    for count in range(1, 17):
        width, height = plan_layout([TALL] * count, 1280).size_px
        assert height <= 0.75 * 1280 + 2, f"{count} cameras: {width}x{height}"


@pytest.mark.parametrize(
    ("cell_px", "width_px", "text_px"),
    [
        pytest.param(40, 1280, 11, id="never-too-small-to-read"),
        pytest.param(420, 1280, 14, id="in-proportion"),
        pytest.param(1280, 1280, 16, id="never-loud"),
        pytest.param(3840, 3840, 48, id="large-for-a-large-video"),
    ],
)
def test_text_height(cell_px: int, width_px: int, text_px: int) -> None:
    assert text_height(cell_px, width_px) == text_px


@pytest.mark.parametrize("sizes_px", [pytest.param([], id="no-camera"), pytest.param([(0, 10)], id="no-pixels")])
def test_nothing_to_lay_out(sizes_px: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="sizes_px"):
        plan_layout(sizes_px, 1280)
