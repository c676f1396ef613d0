"""Where one track stops showing one person: the place at which its look changes for good."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities import FloatArray

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


def find_change(
    before: FloatArray, looks: FloatArray, times_s: NDArray[np.float64], occlusion: FloatArray, stretch: float = 1.0
) -> int | None:
    """Find where the look of a track changed, if its newest stretch does not look like what was before.

    Args:
        before: `(D,)` sum of the weighted looks older than the rows.
        looks: `(R, D)` weighted looks of the newest rows, oldest first; zeros where a row tells nothing. The rows
            should reach back two windows.
        times_s: `(R,)` media time of the rows.
        occlusion: `(R,)` share of each box that is covered.
        stretch: See `RawLooks`; 1 for centred looks.

    Returns:
        The first row of the new look, or None where the look did not change.
    """
    now_s = times_s[-1]
    start = int(np.searchsorted(times_s, now_s - WINDOW_S, side="right"))
    sums = before + np.cumsum(looks, axis=0)
    around = (times_s > now_s - 2.0 * WINDOW_S) & (times_s <= now_s - 0.5 * WINDOW_S)
    occluded = bool(around.any()) and float(occlusion[around].max()) > OCCLUDED
    if start == 0 or start >= len(looks):
        return None
    if _scaled(sums[start - 1], sums[-1], stretch) >= (CHANGED_OCCLUDED if occluded else CHANGED):
        return None
    places = np.flatnonzero(around[1:]) + 1
    places = places[(places >= LEAST_ROWS) & (places <= len(looks) - LEAST_ROWS)]
    if not len(places):
        return start
    likeness = [_scaled(sums[place - 1], sums[-1], stretch) for place in places]
    return int(places[int(np.argmin(likeness))])


def _scaled(before: FloatArray, all_rows: FloatArray, stretch: float) -> float:
    """Similarity of what is before a place and what comes from it on, given their sum."""
    after = all_rows - before
    lengths = float(np.linalg.norm(before) * np.linalg.norm(after))
    return 1.0 - stretch * (1.0 - float(before @ after) / lengths) if lengths > 1e-9 else 1.0
