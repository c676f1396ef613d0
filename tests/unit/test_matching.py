"""Which box continues which track: the cost at its limits, and the order of the stages."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from association.matching import (
    DOUBTFUL,
    MAX_COST,
    SURE,
    Evidence,
    MatchRule,
    height_ratios,
    match_cost,
    match_in_stages,
    possible,
)

NAN = np.nan


def one(
    iou: float = 0.5, similarity: float = 0.9, ratio: float = 1.0, missed_s: float = 0.0, overlap: float = 0.0
) -> Evidence:
    """Evidence of one track and one box."""
    return Evidence(
        np.array([[iou]]), np.array([[similarity]]), np.array([[ratio]]), np.array([missed_s]), np.array([overlap])
    )


@pytest.mark.parametrize(
    ("evidence", "rule", "cost"),
    [
        pytest.param(one(1.0, 1.0), SURE, 0.0, id="the-same-box-and-look"),
        pytest.param(one(0.5, 0.75), SURE, 0.5 + 0.45, id="look-says-nothing"),
        pytest.param(one(0.5, NAN), SURE, 0.5 + 0.45, id="unknown-look-says-nothing"),
        pytest.param(one(0.5, 0.575), SURE, 0.5 + 0.9, id="wrong-look-costs-all"),
        pytest.param(one(0.5, 0.925), SURE, 0.5, id="right-look-costs-nothing"),
        pytest.param(one(0.5, 0.575, overlap=0.8), SURE, 0.5 + 0.72, id="covered-look-counts-a-fifth-less"),
        pytest.param(one(0.5, 0.925, missed_s=0.25), SURE, 0.6, id="missed-costs"),
        pytest.param(one(0.5, 0.925, missed_s=9.0), SURE, 0.7, id="missed-costs-at-most"),
        pytest.param(one(0.5, 0.575), DOUBTFUL, 1.5, id="doubtful-weighs-the-look-more"),
        pytest.param(one(0.01, 0.9), SURE, 0.99 + 0.9 * (0.5 - 0.15 / 0.35), id="at-the-least-overlap"),
        pytest.param(one(0.009, 0.9), SURE, np.inf, id="below-the-least-overlap"),
        pytest.param(one(0.39, 0.9), DOUBTFUL, np.inf, id="doubtful-needs-more-overlap"),
        pytest.param(one(0.9, 0.449), SURE, np.inf, id="look-gate"),
        pytest.param(one(0.9, 0.45), SURE, 1.0, id="at-the-look-gate"),
        pytest.param(one(1.0, 0.0, overlap=0.46), SURE, 0.9 * (1 - 0.2 * 0.32), id="no-look-gate-for-covered-boxes"),
        pytest.param(one(1.0, 0.0), DOUBTFUL, 1.0, id="no-look-gate-for-doubtful-boxes"),
        pytest.param(one(0.9, 0.925, ratio=0.5), SURE, 0.1, id="at-the-height-gate"),
        pytest.param(one(0.9, 0.925, ratio=0.49), SURE, np.inf, id="height-gate"),
    ],
)
def test_match_cost(evidence: Evidence, rule: MatchRule, cost: float) -> None:
    assert match_cost(evidence, rule)[0, 0] == pytest.approx(cost)


def test_a_wrong_look_needs_much_overlap() -> None:
    limit = 1.0 - (MAX_COST - SURE.look_weight)
    assert match_cost(one(limit - 0.01, 0.5), SURE)[0, 0] > MAX_COST
    assert match_cost(one(limit + 0.01, 0.5), SURE)[0, 0] < MAX_COST


def evidence_of(iou: list[list[float]], missed_s: list[float]) -> Evidence:
    """Evidence by overlap alone."""
    table = np.array(iou, np.float64).reshape(len(missed_s), len(iou[0]) if iou else 0)
    return Evidence(table, np.full_like(table, NAN), np.ones_like(table), np.array(missed_s), np.zeros(table.shape[1]))


@pytest.mark.parametrize(
    ("iou", "missed_s", "confirmed", "sure", "pairs"),
    [
        pytest.param([], [], [], [], [], id="nothing"),
        pytest.param([[]], [0.0], [True], [], [], id="no-boxes"),
        pytest.param([[0.9, 0.8]], [0.0], [True], [False, True], [(0, 1)], id="sure-box-first"),
        pytest.param([[0.9]], [0.0], [True], [False], [(0, 0)], id="doubtful-box-for-a-confirmed-track"),
        pytest.param([[0.9]], [0.49], [True], [False], [(0, 0)], id="doubtful-box-shortly-after"),
        pytest.param([[0.9]], [0.5], [True], [False], [], id="no-doubtful-box-later"),
        pytest.param([[0.9]], [0.5], [True], [True], [(0, 0)], id="sure-box-later"),
        pytest.param([[0.6], [0.9]], [0.0, 0.0], [True, False], [True], [(0, 0)], id="confirmed-before-tentative"),
        pytest.param([[0.9]], [0.0], [False], [False], [(0, 0)], id="tentative-takes-what-is-left"),
        pytest.param([[0.9, 0.0], [0.8, 0.7]], [0.0, 0.0], [True, True], [True, True], [(0, 0), (1, 1)], id="one-each"),
    ],
)
def test_match_in_stages(
    iou: list[list[float]],
    missed_s: list[float],
    confirmed: list[bool],
    sure: list[bool],
    pairs: list[tuple[int, int]],
) -> None:
    evidence = evidence_of(iou, missed_s)
    tracks, boxes = match_in_stages(evidence, np.array(confirmed, np.bool_), np.array(sure, np.bool_), min_iou=None)
    assert sorted(zip(tracks, boxes, strict=True)) == pairs


@pytest.mark.parametrize("sure", [True, False], ids=["sure", "doubtful"])
@pytest.mark.parametrize(
    ("iou", "matched"), [pytest.param(0.6, True, id="at-the-users-limit"), pytest.param(0.59, False, id="below")]
)
def test_the_users_overlap_holds_in_every_stage(sure: bool, iou: float, matched: bool) -> None:
    evidence = Evidence(np.array([[iou]]), np.array([[0.95]]), np.array([[1.0]]), np.array([0.0]), np.array([0.0]))
    tracks, _ = match_in_stages(evidence, np.array([True]), np.array([sure]), min_iou=0.6)
    assert bool(len(tracks)) is matched


@pytest.mark.parametrize("min_iou", [None, 0.0, 0.3], ids="{}".format)
def test_what_is_not_possible_no_stage_allows(min_iou: float | None) -> None:
    """So nobody has to know how alike such pairs are."""
    rng = np.random.default_rng(4)
    iou, heights = rng.choice([0.0, 0.005, 0.01, 0.3, 0.9], (30, 40)), rng.choice([0.4, 0.5, 1.0], (30, 40))
    similarity = rng.uniform(0.0, 1.0, (30, 40))
    allowed = possible(iou, heights, min_iou)
    for rule in (SURE, DOUBTFUL):
        asked = rule if min_iou is None else dataclasses.replace(rule, min_iou=min_iou)
        known, unknown = (
            match_cost(Evidence(iou, alike, heights, np.zeros(30), np.zeros(40)), asked)
            for alike in (similarity, np.where(allowed, similarity, NAN))
        )
        np.testing.assert_array_equal(known, unknown)


def test_height_ratios() -> None:
    found = height_ratios(np.array([100.0, 50.0]), np.array([50.0, 100.0, 200.0]))
    np.testing.assert_allclose(found, [[0.5, 1.0, 0.5], [1.0, 0.5, 0.25]])
