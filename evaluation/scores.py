"""HOTA, IDF1 and MOTA of one or many cameras, by TrackEval.

HOTA: Luiten et al. (2021), IDF1: Ristani et al. (2016), MOTA: Bernardin and Stiefelhagen (2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.mot_files import MotRows

Scores = dict[str, float | int]
"""How well results agree with the truth; shares are percentages, rounded to 0.1.

`HOTA`, `DetA`, `AssA`: higher-order tracking accuracy and its parts, mean over the 19 overlaps 0.05 to 0.95.
`IDF1`: share of boxes with the right id, under the best one-to-one match of ids, at overlap 0.5.
`MOTA`: one minus misses, false boxes and switches per true box; may be negative.
`IDSW`: how often a true person's id changes.
`ids`, `people`: different ids in the results, different people in the truth.
`shared`: boxes too many under one id in one camera and frame; anything but 0 is a defect of the tracker.
"""


class _Numbering:
    """Numbers ids from 0 in the order they come."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([self._numbers.setdefault(int(i), len(self._numbers)) for i in ids], np.int64)


def score(truth: Sequence[MotRows], found: Sequence[MotRows]) -> Scores:
    """Compare results with the truth, cameras laid end to end.

    Of several boxes under one id in one camera and frame the first counts as that id and the others as not found;
    how many there were is told in `shared`.

    Args:
        truth: One a camera; an id means one person in all of them.
        found: One a camera, in the same order.
    """
    people, ids = _Numbering(), _Numbering()
    true_ids, found_ids, overlaps = [], [], []
    shared = 0
    for one_truth, one_found in zip(truth, found, strict=True):
        for frame in np.union1d(one_truth.frames, one_found.frames):
            true, seen = one_truth.of_frame(int(frame)), one_found.of_frame(int(frame))
            once = _firsts(seen)
            shared += len(seen) - len(once)
            true_ids.append(people.of(true.ids))
            found_ids.append(ids.of(once.ids))
            overlaps.append(_iou(true.boxes_xywh, once.boxes_xywh))
    return _by_trackeval(
        {
            "num_timesteps": len(true_ids),
            "gt_ids": true_ids,
            "tracker_ids": found_ids,
            "similarity_scores": overlaps,
            "num_gt_ids": len(people),
            "num_tracker_ids": len(ids),
            "num_gt_dets": sum(map(len, true_ids)),
            "num_tracker_dets": sum(map(len, found_ids)),
        },
        shared,
    )


def _firsts(rows: MotRows) -> MotRows:
    """The rows whose id was not there before; as they are when no id comes twice."""
    _, first = np.unique(rows.ids, return_index=True)
    if len(first) == len(rows):
        return rows
    return MotRows(rows.frames[first], rows.ids[first], rows.boxes_xywh[first])


def _iou(a_xywh: NDArray[np.float64], b_xywh: NDArray[np.float64]) -> NDArray[np.float64]:
    """`(N, M)` intersection over union of every pair."""
    a_low, a_size = a_xywh[:, None, :2], a_xywh[:, None, 2:]
    b_low, b_size = b_xywh[None, :, :2], b_xywh[None, :, 2:]
    common = np.clip(np.minimum(a_low + a_size, b_low + b_size) - np.maximum(a_low, b_low), 0.0, None).prod(axis=2)
    either = a_size.prod(axis=2) + b_size.prod(axis=2) - common
    return np.asarray(common / np.maximum(either, 1e-9))


def _by_trackeval(data: dict[str, Any], shared: int) -> Scores:
    """TrackEval is the one place where figures are computed; it loads only when asked for."""
    import trackeval

    quiet = {"PRINT_CONFIG": False}
    hota = trackeval.metrics.HOTA().eval_sequence(data)
    identity = trackeval.metrics.Identity(quiet).eval_sequence(data)
    clear = trackeval.metrics.CLEAR(quiet).eval_sequence(data)

    def percent(value: NDArray[np.float64] | float) -> float:
        return round(100 * float(np.mean(value)), 1)

    return {
        "HOTA": percent(hota["HOTA"]),
        "DetA": percent(hota["DetA"]),
        "AssA": percent(hota["AssA"]),
        "IDF1": percent(identity["IDF1"]),
        "MOTA": percent(clear["MOTA"]),
        "IDSW": int(clear["IDSW"]),
        "ids": int(data["num_tracker_ids"]),
        "people": int(data["num_gt_ids"]),
        "shared": shared,
    }
