"""The picture of the empty hall as a camera sees it, by casting a ray through every pixel."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from scenes.camera import Camera
from scenes.hall import Ball, Box, Hall

Array = NDArray[np.float32]
Window = tuple[slice, slice]

FINER = 2
"""Rays per pixel along each side, averaged: smooth edges."""
FACE_LIGHT = np.array([0.84, 0.94, 1.0], np.float32)
"""How much light a face gets by the axis it is square to."""

SHADE_REACH_M = 1.2


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """What stays the same in all frames of a camera.

    Attributes:
        image_bgr: `(H, W, 3)` uint8.
        cover_m: `(H, W)` float32 depth of what can stand before a person; infinite for the floor.
    """

    image_bgr: NDArray[np.uint8]
    cover_m: Array


class _Hits:
    """The nearest surface met so far by every ray."""

    def __init__(self, directions: Array) -> None:
        shape = directions.shape[:2]
        self.directions = directions
        safe = np.where(np.abs(directions) < 1e-6, np.float32(1e-6), directions)
        self.inverse = np.ascontiguousarray((1.0 / safe).transpose(2, 0, 1))
        self.depth = np.full(shape, np.inf, np.float32)
        self.thing = np.full(shape, -1, np.int16)

    def keep(self, window: Window, found: Array, thing: int) -> None:
        """Keep what is nearer than before; `found` is infinite where a ray misses."""
        nearer = found < self.depth[window]
        np.copyto(self.depth[window], found, where=nearer)
        self.thing[window][nearer] = thing


def render_backdrop(hall: Hall, camera: Camera) -> Backdrop:
    """Picture and depths of the empty hall."""
    width, height = camera.size_px
    columns = (np.arange(width * FINER) + 0.5) / FINER
    rows = (np.arange(height * FINER) + 0.5) / FINER
    hits = _Hits(camera.rays(columns, rows).astype(np.float32))
    things: list[Box | Ball] = [*hall.boxes, *hall.balls]
    for number, thing in enumerate(things):
        window = _window(thing, camera)
        if window is not None and isinstance(thing, Box):
            _meet_box(hits, window, thing, number, camera)
        elif window is not None and isinstance(thing, Ball):
            _meet_ball(hits, window, thing, number, camera)
    colours = _coloured(hits, things, hall, camera)
    image = cv2.resize(colours, (width, height), interpolation=cv2.INTER_AREA)
    cover = np.where(hits.thing == 0, np.inf, hits.depth)[::FINER, ::FINER]  # thing 0 is the floor
    return Backdrop(np.clip(image + 0.5, 0, 255).astype(np.uint8), np.ascontiguousarray(cover, np.float32))


def _window(thing: Box | Ball, camera: Camera) -> Window | None:
    """The rays that can meet a thing; all of them when it reaches behind the camera, None when it is out of view."""
    if isinstance(thing, Box):
        low, high = np.array(thing.low), np.array(thing.high)
    else:
        low, high = np.array(thing.centre) - thing.radius, np.array(thing.centre) + thing.radius
    corners = np.array(list(product(*zip(low, high, strict=True))))
    pixels, depth = camera.project(corners)
    width, height = camera.size_px
    if np.all(depth < 0.05):
        return None
    if np.any(depth < 0.05):
        return (slice(0, height * FINER), slice(0, width * FINER))
    first = np.clip(np.floor(pixels.min(axis=0)) - 1, 0, camera.size_px).astype(int) * FINER
    last = np.clip(np.ceil(pixels.max(axis=0)) + 1, 0, camera.size_px).astype(int) * FINER
    if np.any(last <= first):
        return None
    return (slice(int(first[1]), int(last[1])), slice(int(first[0]), int(last[0])))


def _meet_box(hits: _Hits, window: Window, box: Box, number: int, camera: Camera) -> None:
    """The slab method: a ray is inside the box between its last entry and its first exit."""
    inverse = hits.inverse[(slice(None), *window)]
    enter: Array | None = None
    leave: Array | None = None
    for axis in range(3):
        one = inverse[axis] * np.float32(box.low[axis] - camera.position_m[axis])
        two = inverse[axis] * np.float32(box.high[axis] - camera.position_m[axis])
        first, last = np.minimum(one, two), np.maximum(one, two)
        enter = first if enter is None else np.maximum(enter, first, out=enter)
        leave = last if leave is None else np.minimum(leave, last, out=leave)
    if enter is not None and leave is not None:
        enter[(enter >= leave) | (enter <= 0.05)] = np.inf
        hits.keep(window, enter, number)


def _meet_ball(hits: _Hits, window: Window, ball: Ball, number: int, camera: Camera) -> None:
    """The nearer root of the quadratic that a ray and a sphere make."""
    directions = hits.directions[window]
    offset = (camera.position_m - np.array(ball.centre)).astype(np.float32)
    a = np.einsum("ijk,ijk->ij", directions, directions)
    b = directions @ offset
    root = b * b - a * np.float32(offset @ offset - ball.radius**2)
    depth = np.where(root > 0.0, (-b - np.sqrt(np.maximum(root, 0.0))) / a, np.inf).astype(np.float32)
    hits.keep(window, depth, number)


def _coloured(hits: _Hits, things: list[Box | Ball], hall: Hall, camera: Camera) -> Array:
    """`(H, W, 3)` float32 colours under the lamps, as the camera renders them."""
    colours = np.zeros((*hits.depth.shape, 3), np.float32)
    origin = camera.position_m.astype(np.float32)
    order = np.argsort(hits.thing, axis=None, kind="stable")
    ends = np.searchsorted(hits.thing.ravel()[order], np.arange(len(things) + 1))
    flat, directions = colours.reshape(-1, 3), hits.directions.reshape(-1, 3)
    for number, thing in enumerate(things):
        mine = order[ends[number] : ends[number + 1]]
        if len(mine):
            points = origin + directions[mine] * hits.depth.ravel()[mine, None]
            light = _facing(points, thing) * _lamplight(points, hall)
            if number == 0:
                light *= _contact_shade(points, hall)
            flat[mine] = thing.paint(points) * light[:, None]
    return colours * camera.gain_bgr.astype(np.float32)


def _facing(points_m: Array, thing: Box | Ball) -> Array:
    """How much light a surface gets by the way it faces."""
    if isinstance(thing, Ball):
        return np.asarray(0.7 + 0.3 * (points_m[:, 2] - thing.centre[2]) / thing.radius, np.float32)
    low, high = np.array(thing.low, np.float32), np.array(thing.high, np.float32)
    axis = np.minimum(np.abs(points_m - low), np.abs(points_m - high)).argmin(axis=1)
    return np.asarray(FACE_LIGHT[axis])


def _lamplight(points_m: Array, hall: Hall) -> Array:
    """Soft pools of light under the lamps."""
    glow = np.zeros(len(points_m), np.float32)
    for x, y in hall.lamps:
        glow += np.exp(-((points_m[:, 0] - x) ** 2 + (points_m[:, 1] - y) ** 2) / np.float32(2 * 1.9**2))
    return np.asarray(0.76 + 0.2 * np.minimum(glow, 1.4), np.float32)


def _contact_shade(points_m: Array, hall: Hall) -> Array:
    """The floor is darker close to what stands on it."""
    shade = np.ones(len(points_m), np.float32)
    for box in hall.boxes:
        if box.casts_shade:
            middle = np.add(box.low[:2], box.high[:2], dtype=np.float32) / 2
            half = np.subtract(box.high[:2], box.low[:2], dtype=np.float32) / 2
            dx = np.abs(points_m[:, 0] - middle[0]) - half[0]
            near = np.flatnonzero(dx < SHADE_REACH_M)
            dy = np.abs(points_m[near, 1] - middle[1]) - half[1]
            off = np.hypot(np.maximum(dx[near], 0.0), np.maximum(dy, 0.0))
            shade[near] *= 1.0 - 0.4 * np.exp(-off / np.float32(0.22))
    return shade
