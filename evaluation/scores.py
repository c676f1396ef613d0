"""HOTA, IDF1 and MOTA of the boxes of one or many cameras."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.instants import Instants
from evaluation.mot_files import MotRows, rows_by_frame

Scores = dict[str, float | int]
"""How well results agree with the truth; shares are percentages, rounded to 0.1.

`HOTA`, `DetA`, `AssA`: higher-order tracking accuracy and its parts, mean over the 19 overlaps 0.05 to 0.95.
`IDF1`: share of boxes with the right id, under the best one-to-one match of ids, at overlap 0.5.
`MOTA`: one minus misses, false boxes and switches per true box; may be negative.
`IDSW`: how often a true person's id changes.
`ids`, `people`: different ids in the results, different people in the truth.
`shared`: boxes too many under one id in one camera and frame; anything but 0 is a defect of the tracker.
"""
NO_ROWS = np.zeros(0, np.intp)


def score(truth: Sequence[MotRows], found: Sequence[MotRows]) -> Scores:
    """Compare results with the truth, cameras laid end to end.

    Args:
        truth: One a camera; an id means one person in all of them.
        found: One a camera, in the same order.
    """
    instants = Instants()
    for one_truth, one_found in zip(truth, found, strict=True):
        true_rows, found_rows = rows_by_frame(one_truth.frames), rows_by_frame(one_found.frames)
        for frame in sorted(true_rows.keys() | found_rows.keys()):
            true, seen = one_truth.of(true_rows.get(frame, NO_ROWS)), one_found.of(found_rows.get(frame, NO_ROWS))
            instants.add(true.ids, seen.ids, iou(true.boxes_xywh, seen.boxes_xywh))
    hota, identity, clear = instants.hota(), instants.identity(), instants.clear()
    return {
        "HOTA": percent(hota["HOTA"]),
        "DetA": percent(hota["DetA"]),
        "AssA": percent(hota["AssA"]),
        "IDF1": percent(identity["IDF1"]),
        "MOTA": percent(clear["MOTA"]),
        "IDSW": int(clear["IDSW"]),
        "ids": instants.ids,
        "people": instants.people,
        "shared": instants.shared,
    }


def percent(share: NDArray[np.float64] | float) -> float:
    """A share of 1, or the mean of several, as a percentage rounded to 0.1."""
    return round(100 * float(np.mean(share)), 1)


def iou(a_xywh: NDArray[np.float64], b_xywh: NDArray[np.float64]) -> NDArray[np.float64]:
    """`(N, M)` intersection over union of every pair of `(N, 4)` and `(M, 4)` boxes."""
    a_low, a_size = a_xywh[:, None, :2], a_xywh[:, None, 2:]
    b_low, b_size = b_xywh[None, :, :2], b_xywh[None, :, 2:]
    common = np.clip(np.minimum(a_low + a_size, b_low + b_size) - np.maximum(a_low, b_low), 0.0, None).prod(axis=2)
    either = a_size.prod(axis=2) + b_size.prod(axis=2) - common
    return np.asarray(common / np.maximum(either, 1e-9))
