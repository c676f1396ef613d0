"""From the raw outputs of a YOLOv8 head to boxes; the same code for every runtime.

The head says for every cell of three grids how likely a person is there, and for each of the four sides of the box a
distribution over 16 distances from the cell's centre (Li et al., Generalized Focal Loss, 2020, section 3.2). Only the
few cells that pass the score threshold are decoded, in float32 whatever the network computes in.
"""

from __future__ import annotations

import numpy as np

from entities import FloatArray

STRIDES = (8, 16, 32)
"""Input pixels between the cells of each grid."""
BINS = 16
"""Distances of a side's distribution: 0 to 15 strides."""


def cells(shape: tuple[int, int]) -> FloatArray:
    """Centre and stride of every cell in the order of the head's output.

    Args:
        shape: Height and width of the network's input, multiples of 32.

    Returns:
        `(N, 3)`: x, y and stride, pixels of the input.
    """
    grids = []
    for stride in STRIDES:
        y, x = np.mgrid[0 : shape[0] // stride, 0 : shape[1] // stride]
        grids.append(np.stack([(x + 0.5) * stride, (y + 0.5) * stride, np.full(x.shape, stride)], axis=-1))
    return np.concatenate([grid.reshape(-1, 3) for grid in grids]).astype(np.float32)


def decode(sides: FloatArray, at: FloatArray) -> FloatArray:
    """Boxes of chosen cells.

    Args:
        sides: `(K, 64)` logits: 16 for the distance to the left side, then top, right, bottom.
        at: `(K, 3)` the cells they belong to, see `cells`.

    Returns:
        `(K, 4)` boxes `x1 y1 x2 y2`, pixels of the input.
    """
    logits = sides.reshape(-1, 4, BINS)
    weights = np.exp(logits - logits.max(axis=2, keepdims=True))
    expected = weights @ np.arange(BINS, dtype=np.float32) / weights.sum(axis=2)
    distance = expected * at[:, 2:]
    return np.concatenate([at[:, :2] - distance[:, :2], at[:, :2] + distance[:, 2:]], axis=1).astype(np.float32)
