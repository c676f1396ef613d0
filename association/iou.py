"""How boxes overlap: IoU, coverage, occlusion, and the weeding out of doubles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def intersection_areas(a: Array, b: Array) -> NDArray[np.float64]:
    """Area that each box of `a` shares with each box of `b`.

    Args:
        a: `(N, 4)` boxes `x1 y1 x2 y2`, pixels. N may be 0.
        b: `(M, 4)` likewise.

    Returns:
        `(N, M)` square pixels, 0 where boxes only touch.
    """
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides = np.maximum(bottom_right - top_left, 0.0)
    return np.asarray(sides[..., 0] * sides[..., 1], np.float64)


def box_areas(boxes_xyxy: Array) -> NDArray[np.float64]:
    """`(N,)` areas in square pixels of `(N, 4)` boxes."""
    return np.asarray((boxes_xyxy[:, 2] - boxes_xyxy[:, 0]) * (boxes_xyxy[:, 3] - boxes_xyxy[:, 1]), np.float64)


def iou_matrix(a: Array, b: Array) -> NDArray[np.float64]:
    """Intersection over union of every pair of boxes.

    Args:
        a: `(N, 4)` boxes `x1 y1 x2 y2`, pixels. N may be 0.
        b: `(M, 4)` likewise.

    Returns:
        `(N, M)` in [0, 1]; 0 for a box without area.
    """
    shared = intersection_areas(a, b)
    union = box_areas(a)[:, None] + box_areas(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0.0)


def coverage(a: Array, b: Array) -> NDArray[np.float64]:
    """Share of each box of `a` that lies inside each box of `b`.

    Args:
        a: `(N, 4)` boxes `x1 y1 x2 y2`, pixels. N may be 0.
        b: `(M, 4)` likewise.

    Returns:
        `(N, M)` in [0, 1]: intersection over the area of the box of `a`; 0 for a box without area.
    """
    shared = intersection_areas(a, b)
    own = np.broadcast_to(box_areas(a)[:, None], shared.shape)
    return np.divide(shared, own, out=np.zeros_like(shared), where=own > 0.0)


def hidden_shares(boxes_xyxy: Array, covers: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much of each box the one other box that covers most of it covers.

    Args:
        boxes_xyxy: `(N, 4)` boxes of one frame, pixels. N may be 0.
        covers: `(N,)` False for boxes too doubtful to hide anybody.

    Returns:
        Overlap and occlusion, `(N,)` in [0, 1] each: by any other box, and by those whose foot is lower in the
        picture, which stand in front.
    """
    shares = np.where(covers[None, :], coverage(boxes_xyxy, boxes_xyxy), 0.0)
    np.fill_diagonal(shares, 0.0)
    in_front = boxes_xyxy[None, :, 3] > boxes_xyxy[:, None, 3]
    return shares.max(axis=1, initial=0.0), np.where(in_front, shares, 0.0).max(axis=1, initial=0.0)


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
    double = iou_matrix(boxes_xyxy[order], boxes_xyxy[order]) >= max_iou
    np.fill_diagonal(double, False)
    keep = np.ones(len(order), np.bool_)
    for row in np.flatnonzero(double.any(axis=1)).tolist():
        if keep[row]:
            keep[row + 1 :] &= ~double[row, row + 1 :]
    return np.asarray(order[keep], np.intp)


def to_cxcywh(boxes_xyxy: Array) -> NDArray[np.float64]:
    """`(..., 4)` boxes `x1 y1 x2 y2` as centre, width and height."""
    low, high = boxes_xyxy[..., :2], boxes_xyxy[..., 2:]
    return np.asarray(np.concatenate([(low + high) / 2.0, high - low], axis=-1), np.float64)


def to_xyxy(boxes_cxcywh: Array) -> NDArray[np.float64]:
    """`(..., 4)` boxes given by centre, width and height as `x1 y1 x2 y2`."""
    centre, half = boxes_cxcywh[..., :2], boxes_cxcywh[..., 2:] / 2.0
    return np.asarray(np.concatenate([centre - half, centre + half], axis=-1), np.float64)
