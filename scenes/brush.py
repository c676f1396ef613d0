"""Paints a figure into a picture: every limb a shaded round piece with soft edges, far limbs first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenes.camera import Camera
from scenes.figure import Limb
from scenes.paint import Colour
from scenes.people import Cloth, Hair, Pattern

Array = NDArray[np.floating]
"""32 bits wide throughout: the brush is where the time goes."""

LIGHT = np.array([-0.25, -0.2, 0.945])
"""Towards the light, world axes."""
AMBIENT = 0.62
NEAR_M = 0.8
"""Nothing closer to the camera than this is painted."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A painted figure.

    Attributes:
        left, top: Pixel of the picture at the patch's corner.
        planes_bgr: `(3, h, w)` float32, the picture with the figure on it.
        opacity: `(h, w)` float32 in [0, 1], how much of a pixel the figure fills.
    """

    left: int
    top: int
    planes_bgr: Array
    opacity: Array


@dataclass(frozen=True, slots=True, eq=False)
class _Stroke:
    """A limb in the picture: ends in pixels, thickness in pixels, and the body's axes as the camera sees them."""

    limb: Limb
    start: tuple[float, float]
    end: tuple[float, float]
    radius_start: float
    radius_end: float
    depth_m: float

    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the ink, pixels."""
        pad = max(self.radius_start, self.radius_end) + 1.0
        (x1, y1), (x2, y2) = self.start, self.end
        return min(x1, x2) - pad, min(y1, y2) - pad, max(x1, x2) + pad, max(y1, y2) + pad


def paint_figure(image_bgr: NDArray[np.uint8], limbs: list[Limb], heading_rad: float, camera: Camera) -> Patch | None:
    """Paint over a copy of the part of the picture where the figure is; None when it is out of the picture."""
    front = np.array([math.cos(heading_rad), math.sin(heading_rad), 0.0])
    strokes = _strokes(limbs, front, camera)
    if not strokes:
        return None
    bounds = np.array([stroke.bounds() for stroke in strokes])
    width, height = camera.size_px
    left, top = (int(max(0, math.floor(v))) for v in bounds[:, :2].min(axis=0))
    right = int(min(width, math.ceil(bounds[:, 2].max())))
    bottom = int(min(height, math.ceil(bounds[:, 3].max())))
    if right <= left or bottom <= top:
        return None
    planes = np.ascontiguousarray(image_bgr[top:bottom, left:right].transpose(2, 0, 1), np.float32)
    patch = Patch(left, top, planes, np.zeros(planes.shape[1:], np.float32))
    seen = _Seen(camera, front)
    for stroke in strokes:
        _paint_stroke(patch, stroke, seen)
    return patch


class _Seen:
    """Fixed directions in camera axes (right, down, towards the viewer)."""

    def __init__(self, camera: Camera, front: NDArray[np.float64]) -> None:
        turn = camera.axes * np.array([[1.0], [1.0], [-1.0]])
        self.light = (turn @ LIGHT / np.linalg.norm(LIGHT)).astype(np.float32)
        self.front = (turn @ front).astype(np.float32)
        self.left = (turn @ np.array([-front[1], front[0], 0.0])).astype(np.float32)
        self.up = (turn @ np.array([0.0, 0.0, 1.0])).astype(np.float32)
        self.gain = camera.gain_bgr.astype(np.float32)


def _strokes(limbs: list[Limb], front: NDArray[np.float64], camera: Camera) -> list[_Stroke]:
    """The limbs in the picture, farthest first; none when a part of the figure is too close to the camera."""
    ends = np.array([[limb.start, limb.end] for limb in limbs])
    pixels, depth = camera.project(ends.reshape(-1, 3))
    if depth.min() < NEAR_M:
        return []
    flat_view = camera.forward[:2] / np.linalg.norm(camera.forward[:2])
    sideways = abs(float(flat_view[0] * front[1] - flat_view[1] * front[0]))  # 0 from the front, 1 from the side
    strokes = []
    # Plain numbers from here on: numpy's 64-bit scalars would make all that they touch 64 bits wide.
    for limb, (x1, y1, x2, y2), (near, far) in zip(
        limbs, pixels.reshape(-1, 4).tolist(), depth.reshape(-1, 2).tolist(), strict=True
    ):
        thin = math.hypot(math.sqrt(1.0 - sideways**2), limb.flatness * sideways)
        scale = camera.focal_px * thin
        middle = (near + far) / 2 - limb.lift
        strokes.append(
            _Stroke(limb, (x1, y1), (x2, y2), scale * limb.radius_start / near, scale * limb.radius_end / far, middle)
        )
    return sorted(strokes, key=lambda stroke: -stroke.depth_m)


def _paint_stroke(patch: Patch, stroke: _Stroke, seen: _Seen) -> None:
    height, width = patch.opacity.shape
    x1, y1, x2, y2 = stroke.bounds()
    left, right = max(0, math.floor(x1) - patch.left), min(width, math.ceil(x2) - patch.left)
    top, bottom = max(0, math.floor(y1) - patch.top), min(height, math.ceil(y2) - patch.top)
    if right <= left or bottom <= top:
        return
    x = np.arange(left, right, dtype=np.float32)[None, :] + np.float32(patch.left + 0.5 - stroke.start[0])
    y = np.arange(top, bottom, dtype=np.float32)[:, None] + np.float32(patch.top + 0.5 - stroke.start[1])
    along_x, along_y = stroke.end[0] - stroke.start[0], stroke.end[1] - stroke.start[1]
    length_sq = max(along_x * along_x + along_y * along_y, 1e-6)
    position = (x * along_x + y * along_y) / length_sq
    share = np.minimum(np.maximum(position, 0.0), 1.0)
    radius = stroke.radius_start + share * (stroke.radius_end - stroke.radius_start)
    across_x, across_y = (x - share * along_x) / radius, (y - share * along_y) / radius
    inside = np.minimum(across_x * across_x + across_y * across_y, 4.0)
    ink = _unit((1.0 - np.sqrt(inside)) * radius + 0.5)
    if stroke.limb.hem:
        ink *= _unit((1.0 - position) * math.sqrt(length_sq) + 0.5)
    towards = np.sqrt(np.maximum(1.0 - inside, 0.0))
    normal = (across_x, across_y, towards)
    light = (AMBIENT - 0.12) + (1.0 - AMBIENT) * np.maximum(_dot(normal, seen.light), 0.0) + 0.12 * towards
    window = (slice(top, bottom), slice(left, right))
    under = patch.planes_bgr[(slice(None), *window)]
    under *= 1.0 - ink
    under += _colours(stroke.limb, share, normal, seen) * seen.gain[:, None, None] * (light * ink)
    patch.opacity[window] += ink * (1.0 - patch.opacity[window])


def _unit(values: Array) -> Array:
    """Cut off below 0 and above 1; faster on small arrays than `numpy.clip`."""
    return np.asarray(np.minimum(np.maximum(values, 0.0), 1.0))


def _dot(normal: tuple[Array, Array, Array], direction: Array) -> Array:
    x, y, z = direction.tolist()
    return np.asarray(normal[0] * x + normal[1] * y + normal[2] * z)


def _colours(limb: Limb, share: Array, normal: tuple[Array, Array, Array], seen: _Seen) -> Array:
    """`(3, h, w)`, or `(3, 1, 1)` when it is one colour."""
    if limb.hair is not None:
        return _head_colours(limb, limb.hair, normal, seen)
    colour, second = _plane(limb.cloth.colour), _plane(limb.cloth.second)
    if limb.cloth.pattern is Pattern.PLAIN or limb.cloth.colour == limb.cloth.second:
        return colour
    blend = _layout(limb.cloth, share, normal, seen)
    return np.asarray(colour + (second - colour) * blend)


def _layout(cloth: Cloth, share: Array, normal: tuple[Array, Array, Array], seen: _Seen) -> Array:
    """Where the second colour is, 0 to 1."""
    if cloth.pattern is Pattern.HOOPS:
        return np.asarray(_unit(np.sin(share * 2 * math.pi * 4.0) * 3.0 + 0.5))
    if cloth.pattern is Pattern.YOKE:
        return np.asarray(_unit((0.3 - share) * 12.0))
    front, left = _dot(normal, seen.front), _dot(normal, seen.left)
    if cloth.pattern is Pattern.STRIPES:
        return np.asarray(_unit(np.cos(np.arctan2(left, front) * 7.0) * 3.0))
    return np.asarray(_unit((0.3 - np.abs(left)) * 8.0) * (front > 0.0))


def _head_colours(
    limb: Limb, hair: tuple[Hair, tuple[float, float, float]], normal: tuple[Array, Array, Array], seen: _Seen
) -> Array:
    kind, hair_colour = hair
    skin = _plane(limb.cloth.colour)
    front, left, up = (_dot(normal, direction) for direction in (seen.front, seen.left, seen.up))
    if kind is Hair.BALD:
        grown = np.zeros_like(up)
    elif kind is Hair.CAP:
        grown = _unit((up - 0.28) * 6.0)
    else:
        line = np.maximum(up - 0.5, -front - 0.05 + 0.25 * np.minimum(up, 0.0))
        grown = _unit(line * 6.0)
    eyes = (front > 0.6) & (np.abs(np.abs(left) - 0.32) < 0.12) & (np.abs(up - 0.06) < 0.09)
    mouth = (front > 0.6) & (np.abs(left) < 0.2) & (np.abs(up + 0.42) < 0.05)
    face = skin * np.where(eyes, 0.35, np.where(mouth, 0.7, 1.0)).astype(np.float32)
    return np.asarray(face + (_plane(hair_colour) - face) * grown)


def _plane(colour: Colour) -> Array:
    return np.array(colour, np.float32)[:, None, None]
