"""Assignment: as many as allowed, then cheapest; or the largest gain."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from association.assignment import assign, assign_by_gain

INF = np.inf


@pytest.mark.parametrize(
    ("cost", "matches"),
    [
        pytest.param(np.zeros((0, 2)), [], id="no-tracks"),
        pytest.param(np.zeros((2, 0)), [], id="no-boxes"),
        pytest.param(np.array([[0.5]]), [(0, 0)], id="at-the-gate-matches"),
        pytest.param(np.array([[0.51]]), [], id="above-the-gate-does-not"),
        pytest.param(np.array([[INF, 0.1]]), [(0, 1)], id="forbidden-is-infinite"),
        pytest.param(np.array([[INF, INF]]), [], id="all-forbidden"),
        pytest.param(np.array([[0.1, 0.2], [0.1, 0.9]]), [(0, 1), (1, 0)], id="optimal-not-greedy"),
        pytest.param(np.array([[0.0, 0.5], [0.5, INF]]), [(0, 1), (1, 0)], id="two-dear-rather-than-one-cheap"),
        pytest.param(np.array([[0.3], [0.2], [0.4]]), [(1, 0)], id="more-rows-than-columns"),
    ],
)
def test_assign(cost: NDArray[np.float64], matches: list[tuple[int, int]]) -> None:
    rows, columns = assign(cost, max_cost=0.5)
    assert list(zip(rows, columns, strict=True)) == matches


@pytest.mark.parametrize(
    ("gain", "matches"),
    [
        pytest.param(np.zeros((0, 3)), [], id="nobody"),
        pytest.param(np.array([[0.0]]), [], id="zero-is-not-made"),
        pytest.param(np.array([[0.01]]), [(0, 0)], id="above-zero-is"),
        pytest.param(np.array([[-INF, 2.0]]), [(0, 1)], id="forbidden-is-minus-infinite"),
        pytest.param(np.array([[9.0, 1.0], [1.0, -INF]]), [(0, 0)], id="one-large-rather-than-two-small"),
        pytest.param(np.array([[5.0, 4.0], [5.0, 0.0]]), [(0, 1), (1, 0)], id="largest-total"),
    ],
)
def test_assign_by_gain(gain: NDArray[np.float64], matches: list[tuple[int, int]]) -> None:
    assert assign_by_gain(gain) == matches


@given(arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(-3, 3)))
def test_gain_is_the_largest_there_is(gain: NDArray[np.float64]) -> None:
    rows, columns = gain.shape
    padded = np.zeros((rows, columns + rows))  # a row may also get nobody
    padded[:, :columns] = np.maximum(gain, 0.0)
    best = max(
        sum(padded[i, j] for i, j in enumerate(choice))
        for choice in itertools.permutations(range(columns + rows), rows)
    )
    assert sum(gain[pair] for pair in assign_by_gain(gain)) == pytest.approx(best)
