"""Overlap, coverage, occlusion and doubles, at and around their limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from association.iou import hidden_shares, iou_matrix, to_cxcywh, to_xyxy, without_doubles

SQUARE = [0.0, 0.0, 10.0, 10.0]


def boxes(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float64).reshape(-1, 4)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        pytest.param(boxes(), boxes(SQUARE), np.zeros((0, 1)), id="no-rows"),
        pytest.param(boxes(SQUARE), boxes(), np.zeros((1, 0)), id="no-columns"),
        pytest.param(boxes(SQUARE), boxes(SQUARE), [[1.0]], id="equal"),
        pytest.param(boxes(SQUARE), boxes([10, 0, 20, 10]), [[0.0]], id="touching"),
        pytest.param(boxes(SQUARE), boxes([20, 20, 30, 30]), [[0.0]], id="apart"),
        pytest.param(boxes(SQUARE), boxes([5, 0, 15, 10]), [[1 / 3]], id="half-beside"),
        pytest.param(boxes(SQUARE), boxes([2.5, 2.5, 7.5, 7.5]), [[0.25]], id="inside"),
        pytest.param(boxes([3, 3, 3, 3]), boxes([3, 3, 3, 3]), [[0.0]], id="no-area"),
    ],
)
def test_iou_matrix(a: np.ndarray, b: np.ndarray, expected: list[list[float]]) -> None:
    np.testing.assert_allclose(iou_matrix(a, b), expected)


@given(
    st.lists(st.tuples(*[st.floats(-50, 50), st.floats(-50, 50), st.floats(0, 60), st.floats(0, 60)]), max_size=5),
)
def test_iou_is_a_symmetric_share(rows: list[tuple[float, float, float, float]]) -> None:
    some = boxes(*[[x, y, x + w, y + h] for x, y, w, h in rows])
    iou = iou_matrix(some, some)
    np.testing.assert_allclose(iou, iou.T)
    assert ((iou >= 0.0) & (iou <= 1.0 + 1e-9)).all()


@pytest.mark.parametrize(
    ("rows", "covers", "overlap", "occlusion"),
    [
        pytest.param(boxes(), [], [], [], id="nobody"),
        pytest.param(boxes(SQUARE), [True], [0.0], [0.0], id="alone"),
        pytest.param(boxes(SQUARE, [0, 5, 10, 15]), [True, True], [0.5, 0.5], [0.5, 0.0], id="lower-foot-is-in-front"),
        pytest.param(boxes(SQUARE, [5, 0, 15, 10]), [True, True], [0.5, 0.5], [0.0, 0.0], id="same-foot-hides-nobody"),
        pytest.param(boxes(SQUARE, [0, 5, 10, 15]), [True, False], [0.0, 0.5], [0.0, 0.0], id="doubtful-hides-nobody"),
        pytest.param(
            boxes(SQUARE, [0, 5, 10, 15], [0, 2, 10, 12]), [True] * 3, [0.8, 0.7, 0.8], [0.8, 0.0, 0.7], id="largest"
        ),
    ],
)
def test_hidden_shares(rows: np.ndarray, covers: list[bool], overlap: list[float], occlusion: list[float]) -> None:
    found = hidden_shares(rows, np.array(covers, np.bool_))
    np.testing.assert_allclose(found[0], overlap)
    np.testing.assert_allclose(found[1], occlusion)


@pytest.mark.parametrize(
    ("rows", "scores", "kept"),
    [
        pytest.param(boxes(), [], [], id="nobody"),
        pytest.param(boxes(SQUARE, SQUARE), [0.5, 0.9], [1], id="better-stays"),
        pytest.param(boxes(SQUARE, SQUARE), [0.5, 0.5], [0], id="of-equals-the-first"),
        pytest.param(boxes(SQUARE, [0, 0, 10, 5]), [0.9, 0.8], [0], id="at-the-limit-is-double"),
        pytest.param(boxes(SQUARE, [0, 0, 10, 4.9]), [0.9, 0.8], [0, 1], id="below-the-limit-is-not"),
        pytest.param(
            boxes(SQUARE, [0, 0, 10, 6], [0, 0, 10, 3]), [0.9, 0.8, 0.7], [0, 2], id="a-dropped-box-drops-nobody"
        ),
        pytest.param(boxes(SQUARE, [50, 0, 60, 10]), [0.2, 0.3], [1, 0], id="best-first"),
    ],
)
def test_without_doubles(rows: np.ndarray, scores: list[float], kept: list[int]) -> None:
    assert without_doubles(rows, np.array(scores), max_iou=0.5).tolist() == kept


def test_box_forms_are_inverse() -> None:
    some = boxes([1, 2, 5, 10], [0, 0, 3, 3])
    np.testing.assert_allclose(to_cxcywh(some)[0], [3, 6, 4, 8])
    np.testing.assert_allclose(to_xyxy(to_cxcywh(some)), some)
