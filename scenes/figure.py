"""A walking body: from where someone is in the gait to the tapered limbs that make up the figure.

Proportions are shares of the standing height after Drillis and Contini (1966). The legs swing as two links with the
knee bent while the foot is in the air; the hips are as high as the lower foot allows, so that nobody floats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenes.paint import Colour
from scenes.people import Bag, Bottom, Cloth, Hair, Look, Pattern

Array = NDArray[np.float64]

STRIDE_SHARE = 0.86
"""Metres of a full gait cycle (two steps) per metre of height."""
SWING_RAD = math.radians(26.0)


@dataclass(frozen=True, slots=True, eq=False)
class Posture:
    """Where a person is and in which moment of the gait.

    Attributes:
        place_m: `(2,)` point of the floor under the hips.
        heading_rad: Direction of the front, from the x axis towards the y axis.
        walked_m: Metres walked so far; drives the legs.
        vigour: 0 standing to 1 walking at ease.
    """

    place_m: Array
    heading_rad: float
    walked_m: float
    vigour: float


@dataclass(frozen=True, slots=True, eq=False)
class Limb:
    """A tapered round piece of the figure from `start` to `end`.

    Attributes:
        start, end: `(3,)` world metres.
        radius_start, radius_end: Half thickness seen from the front, metres.
        flatness: Half thickness seen from the side, as a share of that from the front.
        cloth: Colours.
        hair: For a head: what grows on it and in which colour; None for everything else.
        lift: Metres by which it counts as nearer than its middle when deciding what covers what.
        hem: Whether it ends straight, as a skirt does, instead of round.
    """

    start: Array
    end: Array
    radius_start: float
    radius_end: float
    cloth: Cloth
    flatness: float = 1.0
    hair: tuple[Hair, Colour] | None = None
    lift: float = 0.0
    hem: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Body:
    """Axes of the body and its measures."""

    look: Look
    base: Array
    front: Array
    left: Array

    def at(self, up: float, front: float = 0.0, left: float = 0.0) -> Array:
        """The world point so many metres from the point of the floor under the hips."""
        return np.asarray(self.base + front * self.front + left * self.left + np.array([0.0, 0.0, up]))


def limbs_of(look: Look, posture: Posture) -> list[Limb]:
    """The figure's pieces, in no particular order."""
    front = np.array([math.cos(posture.heading_rad), math.sin(posture.heading_rad), 0.0])
    body = _Body(
        look,
        np.array([posture.place_m[0], posture.place_m[1], 0.0]),
        front,
        np.array([-front[1], front[0], 0.0]),
    )
    phase = 2 * math.pi * posture.walked_m / (STRIDE_SHARE * look.height_m)
    hips = _hip_height(look, phase, posture.vigour)
    sway = 0.012 * math.sin(phase) * posture.vigour
    return [
        *_leg(body, hips, phase, posture.vigour, 1.0),
        *_leg(body, hips, phase + math.pi, posture.vigour, -1.0),
        *_trunk(body, hips, sway),
        *_arm(body, hips, phase + math.pi, posture.vigour, 1.0),
        *_arm(body, hips, phase, posture.vigour, -1.0),
        *_head(body, hips),
        *_bag(body, hips),
    ]


def _leg_angles(phase: float, vigour: float) -> tuple[float, float]:
    """Angles of thigh and shin from straight down, forward positive."""
    thigh = vigour * (SWING_RAD * math.sin(phase) + 0.05)
    bend = vigour * (0.12 + 0.8 * max(0.0, math.cos(phase)) ** 2)
    return thigh, thigh - bend


def _hip_height(look: Look, phase: float, vigour: float) -> float:
    link = 0.242 * look.height_m
    reach = []
    for leg in (phase, phase + math.pi):
        thigh, shin = _leg_angles(leg, vigour)
        reach.append(link * (math.cos(thigh) + math.cos(shin)))
    return max(reach) + 0.042 * look.height_m


def _leg(body: _Body, hips: float, phase: float, vigour: float, side: float) -> list[Limb]:
    look, tall = body.look, body.look.height_m
    link, wide = 0.242 * tall, look.girth * tall
    thigh, shin = _leg_angles(phase, vigour)
    left = side * 0.052 * wide
    hip = body.at(hips, 0.0, left)
    knee_front, knee_up = link * math.sin(thigh), hips - link * math.cos(thigh)
    knee = body.at(knee_up, knee_front, left * 0.9)
    ankle_front, ankle_up = knee_front + link * math.sin(shin), knee_up - link * math.cos(shin)
    ankle = body.at(ankle_up, ankle_front, left * 0.8)
    pitch = 0.55 * shin
    heel = body.at(ankle_up - 0.022 * tall, ankle_front - 0.018 * tall, left * 0.8)
    toe = body.at(ankle_up - 0.024 * tall + 0.09 * tall * math.sin(pitch), ankle_front + 0.09 * tall, left * 0.95)
    skin, shoe = Cloth(look.skin, look.skin), Cloth(look.shoes, look.shoes)
    bare = look.bottom_kind is not Bottom.TROUSERS
    loose = 0.048 if look.bottom_kind is Bottom.SHORTS else 0.036
    return [
        Limb(hip, knee, 0.05 * wide, loose * wide, look.bottom, hem=bare),
        Limb(knee, ankle, 0.034 * wide, 0.02 * wide if bare else 0.027 * wide, skin if bare else look.bottom),
        Limb(heel, toe, 0.021 * tall, 0.016 * tall, shoe, lift=0.01),
    ]


def _trunk(body: _Body, hips: float, sway: float) -> list[Limb]:
    look, tall = body.look, body.look.height_m
    wide = look.girth * tall
    waist = hips + 0.075 * tall
    chest = hips + 0.268 * tall
    pieces = [
        Limb(
            body.at(hips + 0.03 * tall),
            body.at(hips - 0.03 * tall),
            0.077 * wide,
            0.074 * wide,
            look.bottom,
            0.72,
            lift=-0.03,
        ),
        Limb(
            body.at(chest, 0.0, sway),
            body.at(waist - 0.03 * tall),
            0.094 * wide,
            0.078 * wide,
            look.top,
            0.66,
            lift=0.03,
            hem=True,
        ),
        Limb(
            body.at(chest + 0.008 * tall, 0.0, sway + 0.07 * wide),
            body.at(chest + 0.008 * tall, 0.0, sway - 0.07 * wide),
            0.046 * wide,
            0.046 * wide,
            Cloth(look.top.second, look.top.second) if look.top.pattern is Pattern.YOKE else _plain(look.top),
            lift=0.025,
        ),
    ]
    if look.coat:
        hem = body.at(hips - 0.2 * tall)
        pieces.append(Limb(body.at(waist), hem, 0.084 * wide, 0.104 * wide, look.top, 0.8, lift=0.12, hem=True))
    elif look.bottom_kind is Bottom.SKIRT:
        hem = body.at(hips - 0.21 * tall)
        pieces.append(
            Limb(body.at(hips + 0.05 * tall), hem, 0.078 * wide, 0.112 * wide, look.bottom, 0.8, lift=0.14, hem=True)
        )
    return pieces


def _plain(cloth: Cloth) -> Cloth:
    return Cloth(cloth.colour, cloth.colour)


def _arm(body: _Body, hips: float, phase: float, vigour: float, side: float) -> list[Limb]:
    look, tall = body.look, body.look.height_m
    wide = look.girth * tall
    swing = 0.42 * vigour * math.sin(phase)
    bend = 0.16 + vigour * (0.22 + 0.18 * math.sin(phase))
    upper, lower = 0.168 * tall, 0.15 * tall
    up, left = hips + 0.27 * tall, side * 0.112 * wide
    shoulder = body.at(up, 0.0, left)
    elbow_up, elbow_front = up - upper * math.cos(swing), upper * math.sin(swing)
    elbow = body.at(elbow_up, elbow_front, left + side * 0.022 * wide)
    wrist_up = elbow_up - lower * math.cos(swing + bend)
    wrist_front = elbow_front + lower * math.sin(swing + bend)
    wrist = body.at(wrist_up, wrist_front, left + side * 0.018 * wide)
    hand = body.at(wrist_up - 0.03 * tall, wrist_front + 0.012 * tall, left + side * 0.016 * wide)
    skin, sleeve = Cloth(look.skin, look.skin), _plain(look.top)
    return [
        Limb(shoulder, elbow, 0.034 * wide, 0.026 * wide, sleeve),
        Limb(elbow, wrist, 0.025 * wide, 0.018 * wide, sleeve if look.long_sleeves else skin),
        Limb(wrist, hand, 0.017 * tall, 0.019 * tall, skin),
    ]


def _head(body: _Body, hips: float) -> list[Limb]:
    look, tall = body.look, body.look.height_m
    skin = Cloth(look.skin, look.skin)
    neck = hips + 0.285 * tall
    middle = hips + 0.388 * tall
    pieces = [
        Limb(body.at(neck), body.at(middle - 0.03 * tall, 0.012 * tall), 0.037 * tall, 0.034 * tall, skin),
        Limb(
            body.at(middle + 0.018 * tall, 0.012 * tall),
            body.at(middle - 0.024 * tall, 0.016 * tall),
            0.052 * tall,
            0.042 * tall,
            skin,
            hair=(look.hair, look.top.second if look.hair is Hair.CAP else look.hair_colour),
            lift=0.06,
        ),
    ]
    mane = Cloth(look.hair_colour, look.hair_colour)
    if look.hair is Hair.LONG:
        back = body.at(middle + 0.02 * tall, -0.02 * tall)
        pieces.append(
            Limb(back, body.at(middle - 0.11 * tall, -0.04 * tall), 0.045 * tall, 0.038 * tall, mane, 0.7, lift=0.03)
        )
    if look.hair is Hair.CAP:
        peak = Cloth(look.top.second, look.top.second)
        brow = middle + 0.035 * tall
        pieces.append(
            Limb(
                body.at(brow, 0.03 * tall),
                body.at(brow - 0.006 * tall, 0.088 * tall),
                0.03 * tall,
                0.026 * tall,
                peak,
                0.2,
                lift=0.08,
            )
        )
    return pieces


def _bag(body: _Body, hips: float) -> list[Limb]:
    look, tall = body.look, body.look.height_m
    cloth = Cloth(look.bag_colour, look.bag_colour)
    if look.bag is Bag.BACKPACK:
        top, low = hips + 0.24 * tall, hips + 0.08 * tall
        straps = [
            Limb(
                body.at(top + 0.03 * tall, 0.035 * tall, side),
                body.at(low + 0.06 * tall, 0.05 * tall, side),
                0.011,
                0.011,
                cloth,
                lift=0.05,
            )
            for side in (-0.05 * tall, 0.05 * tall)
        ]
        return [
            Limb(body.at(top, -0.09 * tall), body.at(low, -0.1 * tall), 0.068 * tall, 0.078 * tall, cloth, 0.7),
            *straps,
        ]
    if look.bag is Bag.SHOULDER:
        side = 0.115 * look.girth * tall
        strap = Limb(
            body.at(hips + 0.28 * tall, 0.03, -0.06 * tall), body.at(hips, 0.07, side), 0.012, 0.012, cloth, lift=0.1
        )
        return [
            Limb(
                body.at(hips + 0.01 * tall, 0.0, side),
                body.at(hips - 0.07 * tall, 0.0, side),
                0.055 * tall,
                0.06 * tall,
                cloth,
                0.7,
                lift=0.05,
            ),
            strap,
        ]
    return []
