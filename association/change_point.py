"""Where one track stops showing one person: the place at which its look changes for good."""

from __future__ import annotations

import numpy as np

from entities import FloatArray, IntArray

WINDOW_S = 0.7
"""The newest stretch that is compared with everything before it."""
BEFORE_S = 0.4
"""Least length of what is before."""
LEAST_EVIDENCE_S = 0.1
"""Least seconds of uncovered, sure boxes in the window."""
CHANGED = 0.20
"""Similarity below which the look has changed."""
CHANGED_OCCLUDED = 0.30
"""The same where somebody stood in front meanwhile: tracks change people behind other people."""
OCCLUDED = 0.5
"""Covered share of a box from which on it counts as occluded."""
LEAST_ROWS = 3
"""Rows left on either side of a cut."""


def change_place(before: FloatArray, looks: FloatArray, places: IntArray, stretch: float) -> int:
    """The place at which what is before and what comes after are least alike.

    Args:
        before: `(D,)` sum of the weighted looks older than the rows.
        looks: `(R, D)` weighted looks of the newest rows, oldest first; zeros where a row tells nothing.
        places: Rows at which the new look may begin, each at least 1; not empty.
        stretch: See `LookSpace.stretch`.
    """
    sums = before + np.cumsum(looks, axis=0)
    return int(min(places, key=lambda place: likeness(sums[place - 1], sums[-1] - sums[place - 1], stretch)))


def likeness(a: FloatArray, b: FloatArray, stretch: float) -> float:
    """Similarity of two sums of looks, 1 where one of them says nothing."""
    return float(likenesses(a[None], b[None], stretch)[0])


def likenesses(a: FloatArray, b: FloatArray, stretch: float) -> FloatArray:
    """Similarity of each two of `(N, D)` sums of looks, 1 where one of them says nothing; N may be 0."""
    products, a_squares, b_squares = (np.einsum("...d,...d", *pair) for pair in ((a, b), (a, a), (b, b)))
    lengths = np.sqrt(a_squares) * np.sqrt(b_squares)
    return np.asarray(np.where(lengths > 1e-9, 1.0 - stretch * (1.0 - products / np.maximum(lengths, 1e-9)), 1.0))
