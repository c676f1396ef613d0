"""The bank of looks: what is learnt, what is dropped, how alike it is."""

from __future__ import annotations

import numpy as np
import pytest

from association.appearance import LookBank, bank_similarity, mean_look
from entities import FloatArray
from tests.builders import look, unit


def bank_of(*embeddings: np.ndarray, size: int = 30) -> LookBank:
    bank = LookBank(size)
    for i, embedding in enumerate(embeddings):
        bank.learn(embedding, float(i))
    return bank


def axis(number: int, dimension: int = 8) -> FloatArray:
    row: FloatArray = np.eye(dimension, dtype=np.float32)[number]
    return row


def test_a_new_bank_knows_nothing() -> None:
    bank = LookBank(30)
    assert len(bank) == 0
    assert bank.rows.shape == bank.looks.shape == (0, 0)


@pytest.mark.parametrize(
    ("fps", "frames", "learnt"),
    [
        pytest.param(15, 1, 1, id="one"),
        pytest.param(15, 3, 3, id="first-three-at-once"),
        pytest.param(15, 5, 3, id="then-not-within-0.2s"),
        pytest.param(15, 6, 4, id="exactly-0.2s-at-15fps"),
        pytest.param(30, 9, 4, id="exactly-0.2s-at-30fps"),
        pytest.param(30, 8, 3, id="less-at-30fps"),
    ],
)
def test_learns_by_time_not_by_frames(fps: int, frames: int, learnt: int) -> None:
    bank = LookBank(30)
    for i in range(frames):
        bank.learn(look(i), round(i / fps, 3))  # containers round to milliseconds
    assert len(bank) == learnt


def test_a_full_bank_drops_the_older_of_the_two_most_alike() -> None:
    nearly = unit([0.0, 1.0, 0.1, 0, 0, 0, 0, 0])
    bank = bank_of(axis(0), axis(1), axis(2), nearly, size=3)
    np.testing.assert_array_equal(bank.rows, [axis(0), axis(2), nearly])


def test_a_full_bank_stays_full_and_varied() -> None:
    """The incremental likeness agrees with one worked out anew at each step."""
    rng = np.random.default_rng(1)
    bank, kept = LookBank(4), []
    for i in range(40):
        embedding = unit(list(rng.normal(size=6)))
        bank.learn(embedding, float(i))
        kept.append(embedding)
        if len(kept) > 4:
            alike = np.array(kept) @ np.array(kept).T - 9.0 * np.eye(len(kept))
            del kept[int(min(np.unravel_index(alike.argmax(), alike.shape)))]
        np.testing.assert_array_equal(bank.rows, kept)


def test_a_bank_of_one_keeps_the_newest() -> None:
    np.testing.assert_array_equal(bank_of(axis(0), axis(1), size=1).rows, [axis(1)])


def test_glimpses_stand_in_until_the_first_clean_look() -> None:
    bank = LookBank(30)
    bank.glimpse(axis(0))
    bank.glimpse(axis(1))
    assert len(bank) == 0
    np.testing.assert_allclose(bank.looks, [unit([1, 1, 0, 0, 0, 0, 0, 0])], rtol=1e-6)
    bank.learn(axis(2), 0.0)
    bank.glimpse(axis(3))
    np.testing.assert_array_equal(bank.looks, [axis(2)])


@pytest.mark.parametrize(
    ("older", "own", "size", "joined"),
    [
        pytest.param([], [0], 3, [0], id="nothing-to-take"),
        pytest.param([0], [], 3, [0], id="nothing-of-ones-own"),
        pytest.param([0, 1], [2], 3, [0, 1, 2], id="older-first"),
        pytest.param([0, 1], [2, 3], 3, [1, 2, 3], id="newest-stay"),
        pytest.param([], [], 3, [], id="nothing-at-all"),
    ],
)
def test_take_over(older: list[int], own: list[int], size: int, joined: list[int]) -> None:
    bank = bank_of(*[axis(i) for i in own], size=size)
    bank.take_over(bank_of(*[axis(i) for i in older], size=size))
    assert [int(row.argmax()) for row in bank.rows] == joined


def test_a_joined_bank_goes_on_learning() -> None:
    bank = bank_of(axis(2), axis(3), size=3)
    bank.take_over(bank_of(axis(0), axis(1), size=3))
    bank.learn(unit([0, 0, 1, 0.2, 0, 0, 0, 0]), 9.0)
    assert [int(row.argmax()) for row in bank.rows] == [1, 3, 2]


@pytest.mark.parametrize(
    ("banks", "count", "shape"),
    [
        pytest.param([], 2, (0, 2), id="no-banks"),
        pytest.param([np.zeros((2, 8), np.float32)], 0, (1, 0), id="no-embeddings"),
        pytest.param([], 0, (0, 0), id="nothing"),
    ],
)
def test_similarity_of_nothing(banks: list[np.ndarray], count: int, shape: tuple[int, int]) -> None:
    assert bank_similarity(banks, np.zeros((count, 8), np.float32)).shape == shape


def test_similarity_is_the_mean_of_the_three_largest_cosines() -> None:
    rows = np.array([unit([c, np.sqrt(1 - c * c)]) for c in (0.9, 0.1, 0.5, 0.7)])
    assert bank_similarity([rows], np.array([[1.0, 0.0]], np.float32))[0, 0] == pytest.approx(0.7)


@pytest.mark.parametrize("count", [1, 2], ids="{}-looks".format)
def test_similarity_of_a_small_bank_is_the_mean_of_what_there_is(count: int) -> None:
    rows = np.array([unit([c, np.sqrt(1 - c * c)]) for c in (0.8, -0.2)])[:count]
    expected = 0.8 if count == 1 else 0.3
    assert bank_similarity([rows], np.array([[1.0, 0.0]], np.float32))[0, 0] == pytest.approx(expected)


def test_unknown_looks_are_nan_and_spoil_nothing_else() -> None:
    embeddings = np.array([axis(0), np.full(8, np.nan)], np.float32)
    found = bank_similarity([np.zeros((0, 0), np.float32), axis(0)[None]], embeddings)
    np.testing.assert_allclose(found, [[np.nan, np.nan], [1.0, np.nan]])


def test_only_what_is_wanted_is_worked_out() -> None:
    rng = np.random.default_rng(2)
    banks = [np.array([look(int(i)) for i in rng.integers(0, 9, count)], np.float32) for count in (1, 30, 4, 2)]
    banks.insert(2, np.zeros((0, 0), np.float32))
    embeddings = np.array([look(i) for i in range(7)])
    embeddings[3] = np.nan
    wanted = rng.random((5, 7)) < 0.4
    found = bank_similarity(banks, embeddings, wanted)
    expected = np.where(wanted, bank_similarity(banks, embeddings), np.nan)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_frame_without_embeddings_is_unknown() -> None:
    assert np.isnan(bank_similarity([LookBank(3).rows, axis(0)[None]], np.zeros((2, 0), np.float32))).all()


def test_mean_look_has_length_one() -> None:
    assert np.linalg.norm(mean_look(np.array([look(1), look(2)]))) == pytest.approx(1.0)
