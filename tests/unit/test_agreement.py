"""How a quantised detector is judged by the exact one."""

from __future__ import annotations

import pytest

from detection.agreement import ENOUGH_PEOPLE, LEAST_F1, LEAST_IOU, Agreement, agreement
from entities import Detections
from tests.builders import box, detections

HERE, THERE = box(100), box(300)
ASIDE = [105.0, 100.0, 145.0, 200.0]
"""Overlaps HERE, `80 100 120 200`, by 15 of 65 columns: too little for one person."""
NEAR = [85.0, 100.0, 125.0, 200.0]
"""Overlaps HERE by 35 of 45 columns."""


@pytest.mark.parametrize(
    ("exact", "other", "want"),
    [
        pytest.param(detections(), detections(), Agreement(0, 0, 0, 0.0), id="nobody"),
        pytest.param(detections([HERE]), detections(), Agreement(1, 0, 0, 0.0), id="missed"),
        pytest.param(detections(), detections([HERE]), Agreement(0, 1, 0, 0.0), id="seen-by-the-other-only"),
        pytest.param(detections([HERE, THERE]), detections([THERE, HERE]), Agreement(2, 2, 2, 1.0), id="any-order"),
        pytest.param(detections([HERE]), detections([NEAR]), Agreement(1, 1, 1, 35 / 45), id="a-bit-aside"),
        pytest.param(detections([HERE]), detections([ASIDE]), Agreement(1, 1, 0, 0.0), id="too-far-aside"),
        pytest.param(detections([HERE]), detections([NEAR, HERE]), Agreement(1, 2, 1, 1.0), id="the-better-of-two"),
        pytest.param(
            detections([HERE], [0.5]), detections([HERE], [0.5]), Agreement(1, 1, 1, 1.0), id="at-the-score-counts"
        ),
        pytest.param(
            detections([HERE], [0.5]),
            detections([HERE], [0.49]),
            Agreement(1, 0, 0, 0.0),
            id="below-the-score-does-not",
        ),
    ],
)
def test_agreement(exact: Detections, other: Detections, want: Agreement) -> None:
    got = agreement([exact], [other], 0.5)
    assert (got.exact, got.other, got.both) == (want.exact, want.other, want.both)
    assert got.mean_iou == pytest.approx(want.mean_iou)


def test_only_boxes_of_one_picture_are_compared() -> None:
    apart = agreement([detections([HERE]), detections()], [detections(), detections([HERE])], 0.5)
    assert (apart.exact, apart.other, apart.both) == (1, 1, 0)


@pytest.mark.parametrize(
    ("judged", "says"),
    [
        pytest.param(Agreement(ENOUGH_PEOPLE, ENOUGH_PEOPLE, ENOUGH_PEOPLE, LEAST_IOU), [], id="just-good-enough"),
        pytest.param(Agreement(ENOUGH_PEOPLE - 1, 49, 49, 1.0), ["only 49 boxes"], id="too-few-people"),
        pytest.param(Agreement(100, 100, 93, 0.98), [], id="as-many-in-both-as-wanted"),
        pytest.param(
            Agreement(100, 100, 92, 0.98), [f"0.920 of the boxes are found by both, want {LEAST_F1}"], id="misses"
        ),
        pytest.param(Agreement(100, 130, 100, 0.98), ["0.870 of the boxes"], id="sees-ghosts"),
        pytest.param(Agreement(100, 100, 100, 0.94), ["overlap by 0.940"], id="boxes-aside"),
        pytest.param(Agreement(0, 0, 0, 0.0), ["only 0 boxes", "overlap by 0.000"], id="nobody-in-the-clips"),
    ],
)
def test_shortcomings(judged: Agreement, says: list[str]) -> None:
    found = judged.shortcomings()
    assert len(found) == len(says)
    assert all(part in line for part, line in zip(says, found, strict=True))
