"""Who gets whom: optimal one-to-one assignment (Hungarian method, Kuhn 1955), by cost or by gain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment


@dataclass(frozen=True, slots=True)
class Assignment:
    """A one-to-one pairing of rows and columns.

    Attributes:
        matches: Pairs (row, column), by row.
        unmatched_rows: Rows that got nobody, ascending.
        unmatched_columns: Columns that nobody got, ascending.
    """

    matches: list[tuple[int, int]]
    unmatched_rows: list[int]
    unmatched_columns: list[int]


def assign(cost: NDArray[np.float64], max_cost: float) -> Assignment:
    """Pair as many rows and columns as allowed, and among those pairings the cheapest.

    Args:
        cost: `(N, M)`; infinite where a pair is forbidden. N and M may be 0.
        max_cost: A pair that costs more is forbidden; exactly this much is allowed.

    Returns:
        The pairing.
    """
    allowed = cost <= max_cost
    if not allowed.any():
        return _assignment([], cost.shape)
    least, most = float(cost[allowed].min()), float(cost[allowed].max())
    # dearer than any saving elsewhere can pay for, so that no allowed pair is given up for a cheaper total
    blocked = most + (most - least + 1.0) * min(cost.shape)
    rows, columns = linear_sum_assignment(np.where(allowed, cost, blocked))
    pairs = [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j]]
    return _assignment(pairs, cost.shape)


def assign_by_gain(gain: NDArray[np.float64]) -> Assignment:
    """Pair rows and columns for the largest total gain; a pair that gains nothing is not made.

    Args:
        gain: `(N, M)`, e.g. log-likelihood ratios; minus infinity where a pair is forbidden. N and M may be 0.

    Returns:
        The pairing; every pair in it gains more than 0.
    """
    rows, columns = linear_sum_assignment(-np.maximum(gain, 0.0))
    pairs = [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0.0]
    return _assignment(pairs, gain.shape)


def _assignment(pairs: list[tuple[int, int]], shape: tuple[int, ...]) -> Assignment:
    rows, columns = {i for i, _ in pairs}, {j for _, j in pairs}
    return Assignment(
        pairs,
        [i for i in range(shape[0]) if i not in rows],
        [j for j in range(shape[1]) if j not in columns],
    )
