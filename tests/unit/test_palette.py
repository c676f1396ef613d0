"""Colours are stable, far apart, and carry readable ink."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from entities import NOBODY, GlobalId
from sinks.palette import BLACK, UNKNOWN, WHITE, BgrColour, colour_of, ink_on


def lab(colours: list[BgrColour]) -> NDArray[np.float32]:
    """CIE L*a*b*, by OpenCV: another colour space than the one that made the palette."""
    pixels = np.asarray([colours], np.float32) / 255
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2Lab)[0], np.float32)


@pytest.mark.parametrize(
    ("first", "count", "least"),
    [
        pytest.param(1, 8, 35.0, id="first-eight-far-apart"),
        pytest.param(1, 16, 15.0, id="first-sixteen-distinct"),
        pytest.param(200, 8, 25.0, id="eight-neighbours-late-in-a-long-job"),
    ],
)
def test_people_of_one_scene_have_different_colours(first: int, count: int, least: float) -> None:
    points = lab([colour_of(GlobalId(i)) for i in range(first, first + count)])
    distance = np.linalg.norm(points[:, None] - points[None], axis=2) + 1e3 * np.eye(count)
    assert distance.min() > least


def test_colours_are_bytes_of_middle_lightness() -> None:
    colours = [colour_of(GlobalId(i)) for i in range(1, 400)]
    assert all(0 <= channel <= 255 for colour in colours for channel in colour)
    lightness = lab(colours)[:, 0]
    assert lightness.min() > 40
    assert lightness.max() < 85


def test_a_colour_is_the_same_in_every_version() -> None:
    assert [colour_of(GlobalId(i)) for i in (1, 2, 3)] == [(158, 145, 16), (196, 73, 254), (15, 207, 172)]


def test_nobody_is_grey() -> None:
    assert colour_of(NOBODY) == UNKNOWN


@pytest.mark.parametrize(
    ("background", "ink"),
    [
        pytest.param((255, 255, 255), BLACK, id="on-white"),
        pytest.param((0, 0, 0), WHITE, id="on-black"),
        pytest.param((0, 255, 255), BLACK, id="on-yellow"),
        pytest.param((128, 0, 0), WHITE, id="on-navy"),
    ],
)
def test_ink(background: BgrColour, ink: BgrColour) -> None:
    assert ink_on(background) == ink


def test_every_label_is_readable() -> None:
    for i in range(1, 100):
        colour = colour_of(GlobalId(i))
        values = np.asarray([colour, ink_on(colour)]) / 255
        linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        luminance = np.sort(linear @ [0.0722, 0.7152, 0.2126])
        assert (luminance[1] + 0.05) / (luminance[0] + 0.05) >= 4.5, f"id {i} {colour}"
