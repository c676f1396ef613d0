"""Which boxes of a frame are worth the cost of an embedding: those whose look can still tell something.

Embedding is the dearest thing done per person. A box that no track could take tells nothing, and neither does one
more look at a person who walks alone and was looked at a moment ago.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from association.matching import DOUBTFUL, SURE
from entities import BoolArray

SAME_IOU = 0.5
"""A box that overlaps the prediction of one track this much goes on that track, whatever it looks like."""
ALONE_IOU, CROWDED_IOU = 0.05, 0.3
"""Nobody else overlaps the box, or the track another box, more than this: of somebody alone, of somebody in a crowd."""
COVERED = 0.3
"""Somebody whose box is covered more than this is not alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Attention:
    """What is known of tracks and boxes before any look.

    Attributes:
        iou: `(T, N)` overlap of each track's prediction and each box. Either may be none.
        confirmed: `(T,)` tracks that are people.
        settled: `(T,)` tracks that can go without a look while they are alone.
        just_seen: `(T,)` tracks that can go without a look even in a crowd.
        fresh: `(T,)` tracks that can go without a look whatever goes on around them.
        sure: `(N,)` boxes of high score.
        overlap: `(N,)` largest share of the box that another box covers.
    """

    iou: NDArray[np.float64]
    confirmed: BoolArray
    settled: BoolArray
    just_seen: BoolArray
    fresh: BoolArray
    sure: BoolArray
    overlap: NDArray[np.float64]


def worth_a_look(attention: Attention, min_iou: float | None) -> BoolArray:
    """Which boxes to embed before they are given to tracks.

    Args:
        attention: Tracks and boxes.
        min_iou: Least overlap of a track and a box in every stage of matching; None leaves it to the stages.

    Returns:
        `(N,)` False for doubtful boxes that no stage of `match_in_stages` could give to a track, and for the
        next box of a track of which nothing is to be learnt.
    """
    iou = attention.iou
    least = np.where(attention.confirmed, DOUBTFUL.min_iou, SURE.min_iou)
    if min_iou is not None:
        least[:] = min_iou
    useful = attention.sure | (iou >= least[:, None]).any(axis=0)
    alone = _only_pairs(iou, ALONE_IOU) & attention.settled[:, None] & (attention.overlap <= COVERED)
    followed = _only_pairs(iou, CROWDED_IOU) & attention.just_seen[:, None]
    obvious = ((alone | followed | attention.fresh[:, None]) & (iou >= SAME_IOU)).any(axis=0)
    return np.asarray(useful & ~obvious, np.bool_)


def _only_pairs(iou: NDArray[np.float64], limit: float) -> BoolArray:
    """`(T, N)` pairs of which neither the track nor the box overlaps anything else more than `limit`."""
    near = iou > limit
    return np.asarray(near & (near.sum(axis=0) == 1)[None, :] & (near.sum(axis=1) == 1)[:, None], np.bool_)
