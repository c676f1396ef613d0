"""How boxes overlap: IoU, coverage, occlusion, and the weeding out of doubles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def intersection_areas(a: Array, b: Array) -> NDArray[np.float64]:
    """Area that each box of `a` shares with each box of `b`.

    Args:
        a: `(..., N, 4)` boxes `x1 y1 x2 y2`, pixels. N may be 0.
        b: `(..., M, 4)` likewise.

    Returns:
        `(..., N, M)` square pixels, 0 where boxes only touch.
    """
    ax1, ay1, ax2, ay2 = np.einsum("...nc->c...n", a)[..., :, None]  # one side at a time: long inner loops
    bx1, by1, bx2, by2 = np.einsum("...nc->c...n", b)[..., None, :]
    widths = np.maximum(np.minimum(ax2, bx2) - np.maximum(ax1, bx1), 0.0)
    heights = np.maximum(np.minimum(ay2, by2) - np.maximum(ay1, by1), 0.0)
    return np.asarray(widths * heights, np.float64)


def box_areas(boxes_xyxy: Array) -> NDArray[np.float64]:
    """`(..., N)` areas in square pixels of `(..., N, 4)` boxes."""
    sides = boxes_xyxy[..., 2:] - boxes_xyxy[..., :2]
    return np.asarray(sides[..., 0] * sides[..., 1], np.float64)


def iou_matrix(a: Array, b: Array) -> NDArray[np.float64]:
    """Intersection over union of every pair of boxes.

    Args:
        a: `(N, 4)` boxes `x1 y1 x2 y2`, pixels. N may be 0.
        b: `(M, 4)` likewise.

    Returns:
        `(N, M)` in [0, 1]; 0 for a box without area.
    """
    return _over_union(intersection_areas(a, b), box_areas(a), box_areas(b))


def _over_union(
    shared: NDArray[np.float64], areas_a: NDArray[np.float64], areas_b: NDArray[np.float64]
) -> NDArray[np.float64]:
    union = areas_a[..., :, None] + areas_b[..., None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0.0)


def _over_own(shared: NDArray[np.float64], areas: NDArray[np.float64]) -> NDArray[np.float64]:
    own = areas[..., :, None]
    return np.divide(shared, own, out=np.zeros_like(shared), where=own > 0.0)


def hidden_shares(
    boxes_xyxy: Array, covers: NDArray[np.bool_], shared: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much of each box the one other box that covers most of it covers.

    Args:
        boxes_xyxy: `(..., N, 4)` boxes of one frame, pixels. N may be 0.
        covers: `(..., N)` False for boxes too doubtful to hide anybody.
        shared: `(..., N, N)` their `intersection_areas`, where these are known already.

    Returns:
        Overlap and occlusion, `(..., N)` in [0, 1] each: by any other box, and by those whose foot is lower in the
        picture, which stand in front.
    """
    if shared is None:
        shared = intersection_areas(boxes_xyxy, boxes_xyxy)
    shares = _over_own(shared, box_areas(boxes_xyxy)) * covers[..., None, :]
    np.einsum("...nn->...n", shares)[...] = 0.0
    in_front = boxes_xyxy[..., None, :, 3] > boxes_xyxy[..., :, None, 3]
    return shares.max(axis=-1, initial=0.0), (shares * in_front).max(axis=-1, initial=0.0)


def without_doubles(boxes_xyxy: Array, scores: Array, max_iou: float) -> NDArray[np.intp]:
    """Rows that survive greedy non-maximum suppression.

    Args:
        boxes_xyxy: `(N, 4)` boxes, pixels. N may be 0.
        scores: `(N,)` the better one of a pair stays; of equals the first.
        max_iou: Two boxes that overlap this much or more are one.

    Returns:
        `(K,)` row numbers, best score first.
    """
    order = np.argsort(-scores, kind="stable")
    boxes = boxes_xyxy[order]
    return np.asarray(order[first_of_doubles(boxes, intersection_areas(boxes, boxes), max_iou)], np.intp)


def first_of_doubles(boxes_xyxy: Array, shared: NDArray[np.float64], max_iou: float) -> NDArray[np.bool_]:
    """Which boxes stay when each drops those behind it that it overlaps too much.

    Args:
        boxes_xyxy: `(..., N, 4)` boxes of one frame, pixels. N may be 0.
        shared: `(..., N, N)` their `intersection_areas`.
        max_iou: Two boxes that overlap this much or more are one.

    Returns:
        `(..., N)` True for those that stay.
    """
    areas = box_areas(boxes_xyxy)
    double = _over_union(shared, areas, areas) >= max_iou
    np.einsum("...nn->...n", double)[...] = False
    keep = np.ones(double.shape[:-1], np.bool_)
    for *frame, row in np.argwhere(double.any(axis=-1)).tolist():
        stays, doubles = keep[tuple(frame)], double[(*frame, row)]
        if stays[row]:
            stays[row + 1 :] &= ~doubles[row + 1 :]
    return keep


def to_cxcywh(boxes_xyxy: Array) -> NDArray[np.float64]:
    """`(..., 4)` boxes `x1 y1 x2 y2` as centre, width and height."""
    low, high = boxes_xyxy[..., :2], boxes_xyxy[..., 2:]
    return np.asarray(np.concatenate([(low + high) / 2.0, high - low], axis=-1), np.float64)


def to_xyxy(boxes_cxcywh: Array) -> NDArray[np.float64]:
    """`(..., 4)` boxes given by centre, width and height as `x1 y1 x2 y2`."""
    out = np.empty(boxes_cxcywh.shape)
    centre, half = boxes_cxcywh[..., :2], boxes_cxcywh[..., 2:] / 2.0
    np.subtract(centre, half, out=out[..., :2])
    np.add(centre, half, out=out[..., 2:])
    return out
