"""Who gets whom: optimal one-to-one assignment (Hungarian method, Kuhn 1955), by cost or by gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from entities import IntArray


def assign(cost: NDArray[np.float64], max_cost: float) -> tuple[IntArray, IntArray]:
    """Pair as many rows and columns as allowed, and among those pairings the cheapest.

    Args:
        cost: `(N, M)`; infinite where a pair is forbidden. N and M may be 0.
        max_cost: A pair that costs more is forbidden; exactly this much is allowed.

    Returns:
        Rows and columns of the pairs, `(P,)` each, by row.
    """
    allowed = cost <= max_cost
    costs = cost[allowed]
    if not len(costs):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    least, most = float(costs.min()), float(costs.max())
    # dearer than any saving elsewhere can pay for, so that no allowed pair is given up for a cheaper total
    blocked = most + (most - least + 1.0) * min(cost.shape)
    rows, columns = linear_sum_assignment(np.where(allowed, cost, blocked))
    found = allowed[rows, columns]
    return rows[found], columns[found]


def assign_by_gain(gain: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pair rows and columns for the largest total gain; a pair that gains nothing is not made.

    Args:
        gain: `(N, M)`, e.g. log-likelihood ratios; minus infinity where a pair is forbidden. N and M may be 0.

    Returns:
        Pairs (row, column), by row; every pair gains more than 0.
    """
    rows, columns = linear_sum_assignment(-np.maximum(gain, 0.0))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0.0]
