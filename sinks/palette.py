"""One stable, well separated colour per person."""

from __future__ import annotations

import math
from functools import lru_cache

from entities import GlobalId

BgrColour = tuple[int, int, int]

GOLDEN_ANGLE_RAD = math.pi * (3.0 - math.sqrt(5.0))
FIRST_HUE_RAD = 3.6
LIGHTNESS = (0.6, 0.7, 0.8)
"""Three steps that take turns: chosen with the first hue by search, for the largest least distance of the first ids."""
MOST_CHROMA = 0.26

WHITE: BgrColour = (255, 255, 255)
BLACK: BgrColour = (0, 0, 0)
UNKNOWN: BgrColour = (168, 164, 160)
"""Boxes of people without an identity (yet)."""


@lru_cache(maxsize=4096)
def colour_of(global_id: GlobalId) -> BgrColour:
    """The colour of a person: the same in every frame, camera and run.

    Hues advance by the golden angle, so that any run of consecutive ids is spread over the circle, while lightness
    takes turns; both in OKLCH (B. Ottosson, "A perceptual color space for image processing", 2020), where equal
    numbers look equally different. Chroma is the most that sRGB can show.

    Args:
        global_id: Any id; `NOBODY` is grey.

    Returns:
        Blue, green, red in [0, 255].
    """
    if global_id <= 0:
        return UNKNOWN
    hue = FIRST_HUE_RAD + (global_id - 1) * GOLDEN_ANGLE_RAD
    lightness = LIGHTNESS[(global_id - 1) % len(LIGHTNESS)]
    chroma = MOST_CHROMA
    linear = _oklch_to_linear_rgb(lightness, chroma, hue)
    while min(linear) < 0.0 or max(linear) > 1.0:
        chroma -= 0.005
        linear = _oklch_to_linear_rgb(lightness, chroma, hue)
    red, green, blue = (_encode(channel) for channel in linear)
    return blue, green, red


def ink_on(background: BgrColour) -> BgrColour:
    """Black or white, whichever contrasts more with the background (WCAG 2.1, relative luminance)."""
    blue, green, red = (_decode(channel) for channel in background)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    contrast_white = 1.05 / (luminance + 0.05)
    contrast_black = (luminance + 0.05) / 0.05
    return WHITE if contrast_white > contrast_black else BLACK


def _oklch_to_linear_rgb(lightness: float, chroma: float, hue_rad: float) -> tuple[float, float, float]:
    """Linear sRGB, outside [0, 1] where the screen cannot show it; matrices of Ottosson 2020."""
    a, b = chroma * math.cos(hue_rad), chroma * math.sin(hue_rad)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _encode(linear: float) -> int:
    """Linear light in [0, 1] to an sRGB byte (IEC 61966-2-1)."""
    return round(255 * (12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055))


def _decode(byte: int) -> float:
    """An sRGB byte to linear light in [0, 1]."""
    value = byte / 255
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
