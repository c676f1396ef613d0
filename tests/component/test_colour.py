"""The weights-free embedder."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from reid.colour import ColourEmbedder

RED, BLUE, WHITE, BLACK = (40, 40, 190), (180, 80, 40), (225, 225, 225), (30, 30, 30)
BOX = np.array([[20, 20, 60, 120]], np.float32)


@pytest.fixture(scope="module")
def embedder() -> ColourEmbedder:
    return ColourEmbedder()


def person(top: tuple[int, int, int], bottom: tuple[int, int, int], gain: float = 1.0) -> NDArray[np.uint8]:
    image = np.full((140, 80, 3), 165.0)
    image[22:36, 34:46] = (130, 160, 210)
    image[36:76, 28:52] = top
    image[76:118, 30:50] = bottom
    return (image * gain).clip(0, 255).astype(np.uint8)


def look(embedder: ColourEmbedder, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    (rows,) = embedder.embed([image], [BOX])
    return np.asarray(rows[0])


def test_rows_have_length_one_and_the_promised_dimension(embedder: ColourEmbedder) -> None:
    (rows,) = embedder.embed([person(RED, BLUE)], [np.repeat(BOX, 3, axis=0)])
    assert rows.shape == (3, embedder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_no_pictures_no_rows(embedder: ColourEmbedder) -> None:
    assert embedder.embed([], []) == []


def test_no_boxes_give_an_empty_table(embedder: ColourEmbedder) -> None:
    assert embedder.embed([person(RED, BLUE)], [np.zeros((0, 4), np.float32)])[0].shape == (0, embedder.dimension)


@pytest.mark.parametrize(
    ("box", "embedded"),
    [
        pytest.param([20, 20, 60, 120], True, id="inside"),
        pytest.param([-30, 20, 60, 500], True, id="over-the-border"),
        pytest.param([20, 20, 21, 21], True, id="one-pixel"),
        pytest.param([90, 20, 130, 120], False, id="outside"),
        pytest.param([20, 20, 20, 120], False, id="no-width"),
        pytest.param([np.nan, 20, 60, 120], False, id="not-a-number"),
    ],
)
def test_a_box_without_pixels_gives_nan(embedder: ColourEmbedder, box: list[float], embedded: bool) -> None:
    (rows,) = embedder.embed([person(RED, BLUE)], [np.array([box], np.float32)])
    assert np.isfinite(rows).all() == embedded
    assert np.isnan(rows).all() != embedded


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        pytest.param(person(RED, BLUE), True, id="same-picture"),
        pytest.param(person(RED, BLUE, gain=0.9), True, id="darker-camera"),
        pytest.param(person(WHITE, BLUE), False, id="other-top"),
        pytest.param(person(RED, WHITE), False, id="other-trousers"),
        pytest.param(person(BLUE, RED), False, id="top-and-trousers-exchanged"),
        pytest.param(person(BLACK, BLACK), False, id="all-different"),
    ],
)
def test_same_clothes_are_alike_and_others_are_not(
    embedder: ColourEmbedder, other: NDArray[np.uint8], alike: bool
) -> None:
    similarity = float(look(embedder, person(RED, BLUE)) @ look(embedder, other))
    assert similarity > 0.85 if alike else similarity < 0.75


def test_the_mean_person_is_what_strangers_have_in_common(embedder: ColourEmbedder) -> None:
    mean = embedder.mean_person
    assert mean is not None
    one, two = look(embedder, person(RED, BLUE)), look(embedder, person(WHITE, BLACK))
    centred = (one - mean) @ (two - mean) / np.linalg.norm(one - mean) / np.linalg.norm(two - mean)
    assert centred < one @ two


def test_the_mean_person_is_always_the_same(embedder: ColourEmbedder) -> None:
    again = ColourEmbedder().mean_person
    assert again is not None
    np.testing.assert_array_equal(again, embedder.mean_person)
