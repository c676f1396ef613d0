"""What the surfaces of the hall look like: the colour of a point, before any light falls on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Paint = Callable[[Array], Array]
"""From `(N, 3)` points on a surface, metres, to `(N, 3)` BGR in [0, 255]."""

Colour = tuple[float, float, float]
"""BGR in [0, 255]."""


def scatter(*cells: NDArray[np.floating]) -> Array:
    """A number in [0, 1) for every cell, always the same for one cell, unlike its neighbours'."""
    mixed = sum(cell * factor for cell, factor in zip(cells, (12.9898, 78.233, 37.719), strict=False))
    wild = np.sin(np.asarray(mixed, np.float64)) * 43758.5453
    return np.asarray(wild - np.floor(wild), np.float32)


def plain(colour: Colour) -> Paint:
    """One colour all over."""

    def paint(points_m: Array) -> Array:
        return np.broadcast_to(np.array(colour, np.float32), points_m.shape).copy()

    return paint


def tiles(colour: Colour, joint: Colour, side_m: float) -> Paint:
    """Square floor tiles, no two quite alike, with joints."""

    def paint(points_m: Array) -> Array:
        place = points_m[:, :2] / side_m
        cell = np.floor(place)
        tint = 1.0 + 0.07 * (scatter(cell[:, 0], cell[:, 1]) - 0.5)
        grain = 1.0 + 0.03 * (scatter(*np.floor(points_m[:, :2] * 40.0).T) - 0.5)
        colours = np.array(colour, np.float32) * (tint * grain)[:, None]
        edge = np.abs(place - np.round(place)).min(axis=1) * side_m
        return np.where((edge < 0.008)[:, None], np.array(joint, np.float32), colours).astype(np.float32)

    return paint


def wall(upper: Colour, lower: Colour, rail: Colour) -> Paint:
    """A painted wall: panelling to 1.05 m with a rail on top and a skirting board."""

    def paint(points_m: Array) -> Array:
        height = points_m[:, 2]
        along = (points_m[:, 0] + points_m[:, 1]) / 0.9
        groove = np.abs(along - np.round(along)) < 0.008
        colours = np.where(
            (height > 1.05)[:, None], np.array(upper), np.array(lower) * np.where(groove, 0.9, 1.0)[:, None]
        )
        trim = (height < 0.1) | (np.abs(height - 1.05) < 0.025)
        return np.where(trim[:, None], np.array(rail), colours).astype(np.float32)

    return paint


def wood(colour: Colour) -> Paint:
    """Boards with a grain."""

    def paint(points_m: Array) -> Array:
        along = points_m[:, 0] + points_m[:, 1]
        wave = np.sin(points_m[:, 2] * 90.0 + np.sin(along * 3.0) * 2.5) * 0.5 + np.sin(along * 41.0) * 0.2
        return np.asarray(np.array(colour) * (1.0 + 0.05 * wave)[:, None], np.float32)

    return paint


def poster(ground: Colour, shapes: Colour, kind: int) -> Paint:
    """A framed print of plain shapes: hills, a sun, bars; nothing that looks like a person."""

    def paint(points_m: Array) -> Array:
        across = points_m[:, 0] + points_m[:, 1]
        height = points_m[:, 2]
        if kind == 0:
            inked = height < 1.75 + 0.18 * np.sin(across * 4.0)
        elif kind == 1:
            inked = np.floor(across * 5.0) % 2 == 0
        else:
            inked = np.floor(height * 6.0) % 2 == 0
        return np.where(inked[:, None], np.array(shapes), np.array(ground)).astype(np.float32)

    return paint


def leaves(colour: Colour) -> Paint:
    """Mottled green."""

    def paint(points_m: Array) -> Array:
        mottle = scatter(*np.floor(points_m * 45.0).T)
        return (np.array(colour, np.float32) * (0.7 + 0.55 * mottle)[:, None]).astype(np.float32)

    return paint
