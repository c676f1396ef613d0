"""From boxes to unit vectors, with a network that answers with the mean colour of a crop."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from entities import FloatArray
from reid.crops import CROP_SHAPE, cut
from reid.osnet import OsnetEmbedder
from reid.reference import Reference, fixed_pictures

WIDTH, HEIGHT = 40, 30


class MeanColour:
    """Answers with the mean blue, green and red of each crop, in one reused array as OpenVINO does."""

    dimension = 3

    def __init__(self) -> None:
        self.batches: list[tuple[int, ...]] = []
        self._answer = np.zeros((100, 3), np.float32)

    def __call__(self, crops_bgr: NDArray[np.uint8]) -> FloatArray:
        self.batches.append(crops_bgr.shape)
        answer = self._answer[: len(crops_bgr)]
        answer[:] = crops_bgr.mean(axis=(1, 2))
        return answer


def embedder(max_batch: int = 64) -> tuple[OsnetEmbedder, MeanColour]:
    network = MeanColour()
    return OsnetEmbedder(network, "fake", max_batch, None), network


def picture() -> NDArray[np.uint8]:
    """Blue on the left half, red on the right."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[:, : WIDTH // 2, 0] = 200
    image[:, WIDTH // 2 :, 2] = 100
    return image


def boxes(*rows: tuple[float, float, float, float]) -> FloatArray:
    return np.array(rows, np.float32).reshape(-1, 4)


BLUE, RED, NOTHING = [1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [np.nan] * 3


@pytest.mark.parametrize(
    ("box", "look"),
    [
        pytest.param((2, 2, 10, 20), BLUE, id="inside"),
        pytest.param((22, 2, 38, 29), RED, id="other-half"),
        pytest.param((-50, -50, 10, 10), BLUE, id="over-the-top-left-corner"),
        pytest.param((30, 20, 1e6, 1e6), RED, id="over-the-bottom-right-corner"),
        pytest.param((19, 0, 20, 1), BLUE, id="one-pixel"),
        pytest.param((39, 29, 40, 30), RED, id="last-pixel"),
        pytest.param((5, 5, 5, 20), None, id="no-width"),
        pytest.param((5.2, 5, 5.9, 20), None, id="less-than-a-pixel"),
        pytest.param((10, 5, 5, 20), None, id="reversed"),
        pytest.param((-20, 5, 0, 20), None, id="touches-from-outside"),
        pytest.param((40, 0, 60, 30), None, id="right-of-the-picture"),
        pytest.param((np.nan, 0, 10, 10), None, id="nan"),
        pytest.param((0, 0, np.inf, 10), None, id="infinite"),
    ],
)
def test_one_box(box: tuple[float, float, float, float], look: list[float] | None) -> None:
    (looks,) = embedder()[0].embed([picture()], [boxes(box)])
    np.testing.assert_allclose(looks, [look or NOTHING], atol=1e-6)
    assert looks.dtype == np.float32


def test_a_cut_is_a_view_of_the_picture() -> None:
    image = picture()
    crop = cut(image, boxes((1, 2, 4, 9))[0])
    assert crop is not None
    assert crop.shape == (7, 3, 3)
    assert np.shares_memory(crop, image)


def test_all_crops_of_a_round_go_together_and_rows_keep_their_place() -> None:
    sut, network = embedder()
    blue, red, outside = (0, 0, 9, 9), (30, 0, 39, 9), (-9, -9, 0, 0)
    looks = sut.embed([picture(), picture(), picture()], [boxes(red, outside, blue), boxes(), boxes(blue)])
    assert network.batches == [(3, *CROP_SHAPE, 3)]
    assert [len(rows) for rows in looks] == [3, 0, 1]
    np.testing.assert_allclose(looks[0], [RED, NOTHING, BLUE], atol=1e-6)
    np.testing.assert_allclose(looks[2], [BLUE], atol=1e-6)


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        pytest.param(4, [4], id="exactly-one-batch"),
        pytest.param(5, [4, 1], id="one-more"),
        pytest.param(9, [4, 4, 1], id="several"),
    ],
)
def test_a_crowd_is_split(count: int, sizes: list[int]) -> None:
    sut, network = embedder(max_batch=4)
    rows = [(0, 0, 9, 9) if index % 2 else (30, 0, 39, 9) for index in range(count)]
    (looks,) = sut.embed([picture()], [boxes(*rows)])
    assert [batch[0] for batch in network.batches] == sizes
    np.testing.assert_allclose(looks, [BLUE if index % 2 else RED for index in range(count)], atol=1e-6)


@pytest.mark.parametrize(
    ("images", "rows", "shapes"),
    [pytest.param([], [], [], id="no-picture"), pytest.param([picture()], [boxes()], [(0, 3)], id="no-box")],
)
def test_nothing_to_embed(
    images: list[NDArray[np.uint8]], rows: list[FloatArray], shapes: list[tuple[int, int]]
) -> None:
    sut, network = embedder()
    assert [looks.shape for looks in sut.embed(images, rows)] == shapes
    assert network.batches == []


def test_an_answer_without_direction_is_no_look() -> None:
    (looks,) = embedder()[0].embed([np.zeros((9, 9, 3), np.uint8)], [boxes((0, 0, 9, 9))])
    assert np.isnan(looks).all()


class Answers:
    """A network that answers with given rows."""

    def __init__(self, rows: FloatArray) -> None:
        self._rows = rows
        self.dimension = rows.shape[1]

    def __call__(self, crops_bgr: NDArray[np.uint8]) -> FloatArray:
        return self._rows[: len(crops_bgr)]


def test_the_published_network_is_told_by_its_answers() -> None:
    reference = Reference.load()
    assert reference.mean_person.shape == (512,)
    assert 0.3 < float(np.linalg.norm(reference.mean_person)) < 1.0
    assert len(fixed_pictures()) == len(reference.fingerprint)
    assert reference.describes(Answers(3.0 * reference.fingerprint))
    assert not reference.describes(Answers(reference.fingerprint[::-1]))
    assert not reference.describes(Answers(reference.fingerprint[:, :256]))
    assert not reference.describes(Answers(np.zeros_like(reference.fingerprint)))
