"""The hall: floor, walls with openings into a passage around it, furniture, and the cameras in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scenes import SceneSpec
from scenes.camera import Camera, look_at
from scenes.paint import Colour, Paint, leaves, plain, poster, tiles, wall, wood

HALF_DEPTH_M = 4.5
HALF_LENGTH_M = 6.0
HEIGHT_M = 3.5
WALL_M = 0.2
PASSAGE_M = 2.2
DOOR_M = 2.3
"""Height of an opening."""
KERB_M = 1.3
"""Nobody walks closer to a wall than this, except through an opening: the furniture stands there."""
EYE_M = 2.75
"""Height of the cameras."""
ARM_M = 0.25
"""How far from the wall they hang."""
LONG_VIEW_DEG = 62.0
LOOK_AT_M = (6.0, 0.6)
"""In a long hall: distance before the camera, and height, of what it looks at."""

WOOD: Colour = (78, 122, 168)
DARK: Colour = (62, 58, 56)
GAINS = ((1.0, 1.0, 1.0), (1.06, 0.98, 0.92), (0.9, 0.95, 1.0), (0.97, 1.03, 1.05))
"""Each camera's own white balance, as no two cameras agree."""

Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A block with faces along the axes, from corner `low` to corner `high`, metres."""

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    paint: Paint
    casts_shade: bool = False


@dataclass(frozen=True, slots=True)
class Ball:
    """A sphere, metres."""

    centre: tuple[float, float, float]
    radius: float
    paint: Paint


@dataclass(frozen=True, slots=True)
class Doorway:
    """A way in and out: walk from `inside` to `outside`, then on to `hidden`, where no camera sees."""

    inside: Point
    outside: Point
    hidden: Point


@dataclass(frozen=True, slots=True)
class Hall:
    """The whole place.

    Attributes:
        boxes: Walls, floor and furniture.
        balls: Foliage.
        lamps: `(x, y)` of the ceiling lamps.
        doorways: Where people come and go.
        zones: Rectangles `x1, y1, x2, y2` in which people walk about; from a zone on to its neighbours in the list.
        cameras: In the order of their names.
    """

    boxes: tuple[Box, ...]
    balls: tuple[Ball, ...]
    lamps: tuple[Point, ...]
    doorways: tuple[Doorway, ...]
    zones: tuple[Rectangle, ...]
    cameras: tuple[Camera, ...]


def build_hall(spec: SceneSpec) -> Hall:
    """The hall that a specification asks for, with its cameras."""
    half_length = HALF_LENGTH_M if spec.gap_m is None else _long_half_length(spec.cameras, spec.gap_m)
    ends = [_end_doorway(-half_length, 0.6), _end_doorway(half_length, -0.6)]
    holes: dict[str, list[float]] = {"west": [0.6], "east": [-0.6], "north": [], "south": []}
    if spec.gap_m is None:
        ends += [_side_doorway(1.6, HALF_DEPTH_M), _side_doorway(-1.2, -HALF_DEPTH_M)]
        holes["north"], holes["south"] = [1.6], [-1.2]
        zones = [_walkable(-half_length, half_length)]
        cameras = _corner_cameras(spec)
        bays = [0.0]
    else:
        pitch = _pitch_m(spec.gap_m)
        bays = [(i - (spec.cameras - 1) / 2) * pitch for i in range(spec.cameras)]
        zones = [_walkable(x - 0.45 * pitch, x + 0.45 * pitch) for x in bays]
        cameras = _row_of_cameras(spec, bays)
    boxes = [*_shell(half_length), *_walls(half_length, holes)]
    balls: list[Ball] = []
    for number, x in enumerate(bays):
        more_boxes, more_balls = _furniture(x, number, island=spec.gap_m is None)
        boxes += more_boxes
        balls += more_balls
    lamps = tuple((x + dx, y) for x in bays for dx in (-3.6, 0.0, 3.6) for y in (-1.8, 1.8))
    return Hall(tuple(boxes), tuple(balls), lamps, tuple(ends), tuple(zones), cameras)


def _view_half_width_m() -> float:
    """Half of what a camera of the long hall sees of the floor along the far wall."""
    tilt = math.atan2(EYE_M - LOOK_AT_M[1], LOOK_AT_M[0])
    depth = (2 * HALF_DEPTH_M - ARM_M) * math.cos(tilt) + EYE_M * math.sin(tilt)
    return depth * math.tan(math.radians(LONG_VIEW_DEG) / 2)


def _pitch_m(gap_m: float) -> float:
    return 2 * _view_half_width_m() + gap_m


def _long_half_length(cameras: int, gap_m: float) -> float:
    """So that the outer cameras just see the end walls' openings."""
    return (cameras - 1) / 2 * _pitch_m(gap_m) + _view_half_width_m() + 1.0


def _corner_cameras(spec: SceneSpec) -> tuple[Camera, ...]:
    x, y = HALF_LENGTH_M - ARM_M, HALF_DEPTH_M - ARM_M
    corners = [(-x, -y), (x, -y), (-x, y), (x, y)]
    return tuple(
        look_at((cx, cy, EYE_M), (-0.12 * cx, -0.1 * cy, 0.3), 68.0, spec.size_px, gain)
        for (cx, cy), gain in zip(corners[: spec.cameras], GAINS, strict=False)
    )


def _row_of_cameras(spec: SceneSpec, bays: list[float]) -> tuple[Camera, ...]:
    y = ARM_M - HALF_DEPTH_M
    return tuple(
        look_at((x, y, EYE_M), (x, y + LOOK_AT_M[0], LOOK_AT_M[1]), LONG_VIEW_DEG, spec.size_px, gain)
        for x, gain in zip(bays, GAINS, strict=False)
    )


def _walkable(x1: float, x2: float) -> Rectangle:
    depth = HALF_DEPTH_M - KERB_M
    return (x1 + KERB_M, -depth, x2 - KERB_M, depth)


def _end_doorway(x: float, y: float) -> Doorway:
    side = math.copysign(1.0, x)
    turn = math.copysign(3.4, y)
    beyond = x + side * (WALL_M + PASSAGE_M / 2)
    return Doorway((x - side * KERB_M, y), (beyond, y), (beyond, y + turn))


def _side_doorway(x: float, y: float) -> Doorway:
    side = math.copysign(1.0, y)
    beyond = y + side * (WALL_M + PASSAGE_M / 2)
    return Doorway((x, y - side * KERB_M), (x, beyond), (x + math.copysign(4.2, x), beyond))


def _shell(half_length: float) -> list[Box]:
    """Floor, ceiling and the outer wall of the passage."""
    x, y = half_length + WALL_M + PASSAGE_M, HALF_DEPTH_M + WALL_M + PASSAGE_M
    outer = wall((206, 214, 216), (176, 182, 180), (120, 124, 126))
    floor = tiles((176, 188, 194), (140, 150, 156), 0.6)
    return [
        Box((-x, -y, -0.1), (x, y, 0.0), floor),
        Box((-x, -y, HEIGHT_M), (x, y, HEIGHT_M + 0.1), plain((232, 236, 238))),
        Box((-x - 0.1, -y, 0.0), (-x, y, HEIGHT_M), outer, True),
        Box((x, -y, 0.0), (x + 0.1, y, HEIGHT_M), outer, True),
        Box((-x, -y - 0.1, 0.0), (x, -y, HEIGHT_M), outer, True),
        Box((-x, y, 0.0), (x, y + 0.1, HEIGHT_M), outer, True),
    ]


def _walls(half_length: float, holes: dict[str, list[float]]) -> list[Box]:
    warm = wall((214, 226, 232), (150, 164, 146), (226, 232, 234))
    cool = wall((222, 226, 226), (164, 150, 132), (232, 234, 234))
    boxes: list[Box] = []
    for name, side in (("west", -1.0), ("east", 1.0)):
        near, far = sorted((side * half_length, side * (half_length + WALL_M)))
        for low, high, bottom, top in _panels(HALF_DEPTH_M + WALL_M, holes[name]):
            boxes.append(Box((near, low, bottom), (far, high, top), warm, bottom == 0.0))
    for name, side in (("south", -1.0), ("north", 1.0)):
        near, far = sorted((side * HALF_DEPTH_M, side * (HALF_DEPTH_M + WALL_M)))
        for low, high, bottom, top in _panels(half_length + WALL_M, holes[name]):
            boxes.append(Box((low, near, bottom), (high, far, top), cool, bottom == 0.0))
    return boxes


def _panels(half: float, centres: list[float], width: float = 1.7) -> list[tuple[float, float, float, float]]:
    """A wall from `-half` to `half` as pieces `low, high, bottom, top` around its openings."""
    pieces = []
    start = -half
    for centre in sorted(centres):
        pieces.append((start, centre - width / 2, 0.0, HEIGHT_M))
        pieces.append((centre - width / 2, centre + width / 2, DOOR_M, HEIGHT_M))
        start = centre + width / 2
    return [*pieces, (start, half, 0.0, HEIGHT_M)]


def _furniture(x: float, number: int, *, island: bool) -> tuple[list[Box], list[Ball]]:
    """Things along the walls of one stretch of the hall, whose middle is at `x`."""
    y = HALF_DEPTH_M
    boxes = [
        *_bench(x - 2.6, y - 0.45),
        *_desk(x + 4.3, y - 0.75),
        *_print(x - 2.6, y, ((196, 206, 214), (120, 150, 70), 0)),
        *_print(x - 0.6, y, ((224, 226, 222), (88, 120, 196), 1 + number % 2)),
    ]
    balls: list[Ball] = []
    pots = [(x - 5.1, y - 0.5), (x + 2.95, y - 0.4)]
    if island:
        boxes += [*_bench(x + 2.2, 0.45 - y), *_print(x + 2.2, -y, ((206, 214, 220), (150, 110, 60), 2))]
        pots += [(x + 5.4, 2.2), (x - 5.4, -2.4), (x - 4.0, 0.5 - y)]
    for place in pots:
        pot, foliage = _plant(*place)
        boxes += pot
        balls += foliage
    return boxes, balls


def _bench(x: float, y: float) -> list[Box]:
    top, leg = wood(WOOD), plain(DARK)
    return [
        Box((x - 0.8, y - 0.22, 0.4), (x + 0.8, y + 0.22, 0.47), top),
        Box((x - 0.7, y - 0.2, 0.0), (x - 0.62, y + 0.2, 0.4), leg, True),
        Box((x + 0.62, y - 0.2, 0.0), (x + 0.7, y + 0.2, 0.4), leg, True),
    ]


def _desk(x: float, y: float) -> list[Box]:
    return [
        Box((x - 0.9, y - 0.3, 0.0), (x + 0.9, y + 0.3, 1.0), wood(WOOD), True),
        Box((x - 0.98, y - 0.38, 1.0), (x + 0.98, y + 0.38, 1.06), plain((222, 226, 228))),
        Box((x - 0.9, y - 0.31, 0.0), (x + 0.9, y - 0.3, 0.12), plain(DARK)),
    ]


def _print(x: float, y: float, look: tuple[Colour, Colour, int]) -> list[Box]:
    side = math.copysign(1.0, y)
    faces = sorted((y, y - side * 0.03)), sorted((y, y - side * 0.04))
    return [
        Box((x - 0.5, faces[0][0], 1.4), (x + 0.5, faces[0][1], 2.15), plain(DARK)),
        Box((x - 0.44, faces[1][0], 1.46), (x + 0.44, faces[1][1], 2.09), poster(*look)),
    ]


def _plant(x: float, y: float) -> tuple[list[Box], list[Ball]]:
    pot = [Box((x - 0.25, y - 0.25, 0.0), (x + 0.25, y + 0.25, 0.48), plain((92, 98, 128)), True)]
    balls = [
        Ball(
            (x + 0.26 * math.cos(a) * (1 - i / 16), y + 0.26 * math.sin(a) * (1 - i / 16), 0.56 + 0.062 * i),
            0.2 - 0.006 * i,
            leaves((52 + 3 * i, 118 + 4 * i, 72 + 2 * i)),
        )
        for i, a in enumerate(2.4 * turn for turn in range(11))
    ]
    return pot, balls
