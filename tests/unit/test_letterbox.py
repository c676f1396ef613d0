"""Pictures into the network's input and boxes back out."""

from __future__ import annotations

import numpy as np
import pytest

from detection.letterbox import MARGIN_GREY, Letterbox, letterboxed, network_shape

AREA = 384 * 640


@pytest.mark.parametrize(
    ("size_px", "pixels", "shape"),
    [
        pytest.param((640, 384), AREA, (384, 640), id="exact"),
        pytest.param((1280, 768), AREA, (384, 640), id="only-the-aspect-matters"),
        pytest.param((1920, 1080), AREA, (384, 672), id="16:9"),
        pytest.param((1080, 1920), AREA, (672, 384), id="upright"),
        pytest.param((640, 480), AREA, (416, 576), id="4:3"),
        pytest.param((1120, 1080), AREA, (480, 512), id="nearly-square"),
        pytest.param((1, 1), AREA, (480, 480), id="one-pixel"),
        pytest.param((100, 100), 32 * 32, (32, 32), id="smallest-input"),
        pytest.param((10000, 1), AREA, (32, 7680), id="a-line-stays-bounded"),
        pytest.param((1, 10000), AREA, (7680, 32), id="an-upright-line-stays-bounded"),
    ],
)
def test_network_shape(size_px: tuple[int, int], pixels: int, shape: tuple[int, int]) -> None:
    assert network_shape(size_px, pixels) == shape


@pytest.mark.parametrize(
    ("size_px", "shape", "inner", "left", "top"),
    [
        pytest.param((640, 384), (384, 640), (640, 384), 0, 0, id="fills"),
        pytest.param((320, 192), (384, 640), (640, 384), 0, 0, id="grows"),
        pytest.param((100, 100), (384, 640), (384, 384), 128, 0, id="margin-left-and-right"),
        pytest.param((1000, 100), (384, 640), (640, 64), 0, 160, id="margin-above-and-below"),
        pytest.param((10000, 1), (32, 32), (32, 1), 0, 15, id="never-thinner-than-a-pixel"),
    ],
)
def test_fit(size_px: tuple[int, int], shape: tuple[int, int], inner: tuple[int, int], left: int, top: int) -> None:
    placed = Letterbox.fit(size_px, shape)
    assert (placed.inner_px, placed.left, placed.top) == (inner, left, top)


def test_pixels_land_inside_the_margin() -> None:
    red = np.zeros((10, 20, 3), np.uint8)
    red[..., 2] = 255
    batch, (placed,) = letterboxed([red], (64, 64))
    assert batch.shape == (1, 64, 64, 3)
    assert batch.dtype == np.uint8
    inside = batch[0, placed.top : placed.top + 32]
    assert (inside == [0, 0, 255]).all()
    assert (np.delete(batch[0], range(placed.top, placed.top + 32), axis=0) == MARGIN_GREY).all()


@pytest.mark.parametrize("size_px", [(640, 480), (1120, 1080), (33, 517), (1920, 1080)], ids=str)
def test_boxes_return_to_where_they_came_from(size_px: tuple[int, int]) -> None:
    width, height = size_px
    placed = Letterbox.fit(size_px, network_shape(size_px, AREA))
    boxes = np.array([[0, 0, width, height], [0.1 * width, 0.2 * height, 0.5 * width, 0.9 * height]], np.float32)
    grow = np.tile(np.array(placed.inner_px) / size_px, 2)
    inside = (boxes * grow + [placed.left, placed.top] * 2).astype(np.float32)
    np.testing.assert_allclose(placed.to_picture(inside), boxes, atol=1e-3)


def test_boxes_are_clipped_to_the_picture() -> None:
    placed = Letterbox.fit((100, 50), (64, 64))
    boxes = placed.to_picture(np.array([[-9, -9, 99, 99], [5, 0, 6, 3]], np.float32))
    np.testing.assert_array_equal(boxes[0], [0, 0, 100, 50])
    assert boxes[1, 1] == boxes[1, 3] == 0.0, "a box in the margin has no height"


def test_no_boxes() -> None:
    boxes = Letterbox.fit((100, 50), (64, 64)).to_picture(np.zeros((0, 4), np.float32))
    assert boxes.shape == (0, 4)
    assert boxes.dtype == np.float32
