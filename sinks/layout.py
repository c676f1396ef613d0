"""Where everything stands in the grid of cameras: pure arithmetic on pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_HEIGHT = 0.75
"""Most height of the grid as a share of the most width: what a screen shows without scrolling."""
MOST_ENLARGEMENT = 2.0
"""A picture is not blown up more than this (unless a bigger camera stands beside it)."""
LEAST_TILE_PX = 320
"""Small pictures may be blown up to this all the same, so that captions are readable."""
GAP_PX = 4


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of whole pixels, `x` and `y` its top left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def area(self) -> tuple[slice, slice]:
        """The index of these pixels in an image array."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


@dataclass(frozen=True, slots=True)
class Tile:
    """One camera's place.

    Attributes:
        caption: The bar with the name, on top of the cell.
        cell: The area below it.
        picture: The part of the cell that the picture fills, in its own aspect.
    """

    caption: Rect
    cell: Rect
    picture: Rect


@dataclass(frozen=True, slots=True)
class Layout:
    """The whole grid.

    Attributes:
        size_px: Width and height, both even, as H.264 with 4:2:0 colour wants them.
        header: The bar across the top.
        tiles: One a camera, in order, row by row; a last row with room left stands in the middle.
        text_px: Height of the text.
    """

    size_px: tuple[int, int]
    header: Rect
    tiles: tuple[Tile, ...]
    text_px: int


def plan_layout(sizes_px: Sequence[tuple[int, int]], width_px: int) -> Layout:
    """Choose rows and columns so that the pictures fill a screen-shaped area best.

    Every number of columns is tried; the one that shows most picture on a wide screen wins. Cells are as wide as the
    widest picture and, row by row, as high as the highest; smaller pictures stand in the middle of theirs.

    Args:
        sizes_px: Width and height of each camera's pictures, at least one camera.
        width_px: Most pixels across.

    Raises:
        ValueError: No camera, or a size that is not positive.
    """
    if not sizes_px or min(min(size) for size in sizes_px) < 1:
        raise ValueError(f"sizes_px: want at least one camera, all sizes positive, got {list(sizes_px)}")
    width_px -= width_px % 2
    plans = [_plan_columns(sizes_px, width_px, columns) for columns in range(1, len(sizes_px) + 1)]
    return max((plan for plan in plans if plan.size_px[0] <= width_px), key=lambda plan: _shown(plan, width_px))


def text_height(cell_width_px: int, width_px: int) -> int:
    """Height of the text that suits a cell: a thirtieth of its width, within what can be read and looks calm."""
    most = max(16, width_px // 80)
    return min(most, max(11, cell_width_px // 30))


def _shown(layout: Layout, width_px: int) -> float:
    """Pixels of picture on the grid as a 16:9 screen of that width would show it."""
    width, height = layout.size_px
    shrink = min(1.0, width_px / width, width_px * 9 / 16 / height)
    return shrink**2 * sum(tile.picture.width * tile.picture.height for tile in layout.tiles)


def _plan_columns(sizes_px: Sequence[tuple[int, int]], width_px: int, columns: int) -> Layout:
    rows = -(-len(sizes_px) // columns)
    room_width = max(16, (width_px - (columns + 1) * GAP_PX) // columns)
    text_px = text_height(room_width, width_px)
    bar = round(1.9 * text_px)
    room_height = max(16, (int(MOST_HEIGHT * width_px) - bar - (rows + 1) * GAP_PX) // rows - bar)
    pictures = _fit_all(sizes_px, room_width, room_height)
    cell_width = max(width for width, _ in pictures)
    tiles: list[Tile] = []
    y = bar + GAP_PX
    for first in range(0, len(pictures), columns):
        row = pictures[first : first + columns]
        row_height = max(height for _, height in row)
        x = GAP_PX + (columns - len(row)) * (cell_width + GAP_PX) // 2
        for i, picture in enumerate(row):
            tiles.append(_tile((x + i * (cell_width + GAP_PX), y), bar, (cell_width, row_height), picture))
        y += bar + row_height + GAP_PX
    size_px = _even(GAP_PX + columns * (cell_width + GAP_PX)), _even(y)
    return Layout(size_px, Rect(0, 0, size_px[0], bar), tuple(tiles), text_px)


def _fit_all(sizes_px: Sequence[tuple[int, int]], width: int, height: int) -> list[tuple[int, int]]:
    """The size of each picture in a cell of `width` x `height` that shrinks when no camera can use it."""
    useful = max(max(LEAST_TILE_PX, int(MOST_ENLARGEMENT * size[0])) for size in sizes_px)
    width = min(width, useful)
    fitted = []
    for source_width, source_height in sizes_px:
        scale = min(width / source_width, height / source_height)
        fitted.append((max(2, round(scale * source_width)), max(2, round(scale * source_height))))
    return fitted


def _tile(corner: tuple[int, int], bar: int, cell: tuple[int, int], picture: tuple[int, int]) -> Tile:
    x, y = corner
    inside = Rect(x + (cell[0] - picture[0]) // 2, y + bar + (cell[1] - picture[1]) // 2, *picture)
    return Tile(Rect(x, y, cell[0], bar), Rect(x, y + bar, *cell), inside)


def _even(length: int) -> int:
    """The next even number."""
    return length + length % 2
