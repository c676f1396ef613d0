"""Pieces that look alike become one person; nobody is joined with somebody seen beside him."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from association.clustering import cluster, inherit
from association.encounters import PairEvidence


def symmetric(count: int, values: dict[tuple[int, int], float]) -> NDArray[np.float64]:
    """A similarity table that is 0 but for these pairs."""
    table = np.zeros((count, count))
    for (a, b), value in values.items():
        table[a, b] = table[b, a] = value
    return table


@pytest.mark.parametrize(
    ("count", "alike", "apart", "labels"),
    [
        pytest.param(0, {}, [], [], id="nothing"),
        pytest.param(1, {}, [], [0], id="one"),
        pytest.param(2, {(0, 1): 0.4}, [], [0, 0], id="at-the-threshold-joins"),
        pytest.param(2, {(0, 1): 0.3999}, [], [0, 1], id="below-does-not"),
        pytest.param(2, {(0, 1): 1.0}, [(0, 1)], [0, 1], id="seen-together-stays-apart"),
        pytest.param(3, {(0, 1): 0.9, (0, 2): 0.8, (1, 2): 0.9}, [(1, 2)], [0, 0, 2], id="first-of-equals-wins"),
        pytest.param(3, {(0, 1): 0.9, (1, 2): 0.8, (0, 2): 1.0}, [(0, 2)], [0, 0, 2], id="not-through-a-third"),
        pytest.param(4, {(0, 1): 0.9, (2, 3): 0.8, (1, 2): 0.7}, [(0, 3)], [0, 0, 2, 2], id="not-through-two-pairs"),
        pytest.param(3, {(0, 1): 0.9, (0, 2): 0.5, (1, 2): 0.1}, [], [0, 0, 2], id="the-mean-decides-not-the-best"),
        pytest.param(3, {(0, 1): 0.9, (0, 2): 0.5, (1, 2): 0.3}, [], [0, 0, 0], id="the-mean-at-the-threshold"),
    ],
)
def test_cluster(
    count: int, alike: dict[tuple[int, int], float], apart: list[tuple[int, int]], labels: list[int]
) -> None:
    barred = symmetric(count, dict.fromkeys(apart, 1.0)) > 0
    assert cluster(symmetric(count, alike), np.ones(count), barred, 0.4).tolist() == labels


@pytest.mark.parametrize(
    ("weight", "labels"),
    [
        pytest.param([1.0, 1.0, 1.0], [0, 0, 2], id="equal"),
        pytest.param([9.0, 1.0, 1.0], [0, 0, 0], id="the-heavy-one-is-alike"),
        pytest.param([1.0, 9.0, 1.0], [0, 0, 2], id="the-heavy-one-is-not"),
    ],
)
def test_weight_counts(weight: list[float], labels: list[int]) -> None:
    similarity = symmetric(3, {(0, 1): 0.9, (0, 2): 0.5, (1, 2): 0.1})
    assert cluster(similarity, np.array(weight), np.zeros((3, 3), np.bool_), 0.4).tolist() == labels


@pytest.mark.parametrize(
    ("alike", "votes", "apart", "labels"),
    [
        pytest.param({(0, 1): 0.2}, {(0, 1): 3.0}, [], [0, 0, 2], id="positions-help"),
        pytest.param({(0, 1): 0.6}, {(0, 1): -3.0}, [], [0, 1, 2], id="positions-hinder"),
        pytest.param({(0, 1): 0.9}, {(0, 1): 3.0}, [(0, 1)], [0, 1, 2], id="far-apart-at-once"),
        pytest.param({(0, 1): 0.9, (0, 2): 0.2, (1, 2): 0.2}, {(0, 2): 3.0}, [], [0, 0, 0], id="not-diluted"),
        pytest.param(
            {(0, 1): 0.9, (0, 2): 0.2, (1, 2): 0.2}, {(0, 2): 3.0, (1, 2): -3.0}, [], [0, 0, 2], id="outweighed"
        ),
        pytest.param({(0, 1): 0.9, (0, 2): 0.9, (1, 2): 0.9}, {}, [(1, 2)], [0, 0, 2], id="not-through-a-third"),
    ],
)
def test_positions_count_for_clusters_as_a_whole(
    alike: dict[tuple[int, int], float],
    votes: dict[tuple[int, int], float],
    apart: list[tuple[int, int]],
    labels: list[int],
) -> None:
    table = symmetric(3, votes)
    evidence = PairEvidence(table, np.abs(table), symmetric(3, dict.fromkeys(apart, 1.0)) > 0)
    got = cluster(symmetric(3, alike), np.ones(3), np.zeros((3, 3), np.bool_), 0.4, evidence)
    assert got.tolist() == labels


@given(st.integers(0, 24), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_clusters_are_allowed_and_complete(count: int, seed: int) -> None:
    """No cluster holds a barred pair, and no two clusters that may be joined are alike enough."""
    rng = np.random.default_rng(seed)
    similarity = rng.uniform(-1.0, 1.0, (count, count))
    similarity = (similarity + similarity.T) / 2.0
    apart = rng.uniform(size=(count, count)) < 0.2
    apart |= apart.T
    weight = rng.uniform(0.1, 4.0, count)
    labels = cluster(similarity, weight, apart, 0.2)
    for a in set(labels.tolist()):
        mine = np.flatnonzero(labels == a)
        assert mine[0] == a
        assert not (apart[np.ix_(mine, mine)] & ~np.eye(len(mine), dtype=np.bool_)).any()
        for b in set(labels.tolist()) - {a}:
            other = np.flatnonzero(labels == b)
            if not apart[np.ix_(mine, other)].any():
                shares = np.outer(weight[mine], weight[other])
                assert (similarity[np.ix_(mine, other)] * shares).sum() / shares.sum() < 0.2 + 1e-9


def best_first(similarity: NDArray[np.float64], weight: NDArray[np.float64], apart: NDArray[np.bool_]) -> list[int]:
    """The definition: the most alike pair of clusters is joined first, one at a time."""
    clusters = [[i] for i in range(len(weight))]
    while True:
        scores = {}
        for i, a in enumerate(clusters):
            for j, b in enumerate(clusters[:i]):
                if not apart[np.ix_(a, b)].any():
                    shares = np.outer(weight[a], weight[b])
                    scores[j, i] = float((similarity[np.ix_(a, b)] * shares).sum() / shares.sum())
        if not scores or max(scores.values()) < 0.2:
            return [min(c) for i in range(len(weight)) for c in clusters if i in c]
        keep, gone = max(scores, key=scores.__getitem__)
        clusters[keep] += clusters.pop(gone)


@given(st.integers(0, 12), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_joining_all_best_pairs_at_once_is_joining_the_best_first(count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    similarity = rng.uniform(-0.5, 1.0, (count, count))
    similarity = (similarity + similarity.T) / 2.0
    apart = rng.uniform(size=(count, count)) < 0.1
    apart |= apart.T
    weight = rng.uniform(0.1, 4.0, count)
    assert cluster(similarity, weight, apart, 0.2).tolist() == best_first(similarity, weight, apart)


@pytest.mark.parametrize(
    ("labels", "before", "amount", "names"),
    [
        pytest.param([], [], [], [], id="nothing"),
        pytest.param([0], [0], [1.0], [0], id="new-person"),
        pytest.param([0, 0], [7, 0], [1.0, 9.0], [7, 7], id="a-new-piece-joins"),
        pytest.param([0, 0], [7, 8], [1.0, 2.0], [8, 8], id="merge-keeps-the-larger"),
        pytest.param([0, 1], [7, 7], [1.0, 2.0], [0, 7], id="split-keeps-the-larger"),
        pytest.param([0, 0, 1], [7, 8, 8], [2.0, 3.0, 2.5], [7, 7, 8], id="as-much-as-possible-over-all"),
        pytest.param([0, 1], [0, 0], [1.0, 1.0], [0, 0], id="two-new-people"),
    ],
)
def test_inherit(labels: list[int], before: list[int], amount: list[float], names: list[int]) -> None:
    got = inherit(np.array(labels, np.int64), np.array(before, np.int64), np.array(amount))
    assert got.tolist() == names
