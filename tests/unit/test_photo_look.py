"""A photo of any shape is looked at in a square; where somebody is in it is told in the photo's own pixels."""

from __future__ import annotations

import numpy as np
import pytest

from photo_look import SIDE_PX, in_picture
from sources.fitting import fitted


@pytest.mark.parametrize(
    ("size_px", "box"),
    [
        pytest.param((300, 900), (50, 100, 250, 800), id="narrow"),
        pytest.param((2000, 500), (1500, 50, 1700, 450), id="wide"),
        pytest.param((640, 640), (100, 200, 300, 400), id="as-it-is"),
        pytest.param((90, 60), (0, 0, 90, 60), id="small-and-all-of-it"),
    ],
)
def test_a_box_of_the_square_is_one_of_the_picture(size_px: tuple[int, int], box: tuple[int, int, int, int]) -> None:
    picture = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    picture[box[1] : box[3], box[0] : box[2]] = 255
    rows, columns = np.nonzero(fitted(picture, (SIDE_PX, SIDE_PX))[..., 0] > 127)
    found = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)
    pixel = max(size_px) / SIDE_PX
    assert in_picture(found, size_px) == pytest.approx(box, abs=1.5 * max(pixel, 1.0))


def test_a_box_over_the_margin_ends_at_the_picture() -> None:
    assert in_picture(np.array([0, 0, SIDE_PX, SIDE_PX], np.float32), (320, 640)) == (0.0, 0.0, 320.0, 640.0)
