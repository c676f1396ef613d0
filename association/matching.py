"""Which box continues which track: overlap and look in one cost, sure boxes before doubtful ones.

Two rounds by score as in ByteTrack (Zhang et al. 2022), with the look in both; numbers from the identity study,
part 1, steps 3 to 5.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from association.assignment import assign
from entities import BoolArray, IntArray

MAX_COST = 1.2
MIN_HEIGHT_RATIO = 0.5
"""The lower of two heights over the higher one; people do not halve from frame to frame."""
SIMILARITY_EVEN = 0.75
"""Similarity at which the look speaks neither for nor against a pair."""
SIMILARITY_SPAN = 0.35
"""From full cost to none; a similarity of 0.575 costs all, one of 0.925 nothing."""
UNKNOWN_LOOK = 0.5
"""Look term of a pair of which one side has no look."""
MISSED_COST = 0.2
"""What a track pays that was missed for `MISSED_FULL_S`, so that two tracks do not take turns on one person."""
MISSED_FULL_S = 0.5
NONE: Final = np.zeros(0, np.int64)
LOW_WITHIN_S = 0.5
"""A track missed as long as this takes no doubtful boxes any more."""


@dataclass(frozen=True, slots=True)
class MatchRule:
    """How strict one stage is.

    Attributes:
        look_weight: Weight of the look against the overlap.
        min_iou: A pair that overlaps less is forbidden.
        min_similarity: A pair less alike is forbidden, unless the box is covered.
    """

    look_weight: float
    min_iou: float
    min_similarity: float


SURE: Final = MatchRule(look_weight=0.9, min_iou=0.01, min_similarity=0.45)
"""For sure boxes: the right look needs almost no overlap, a wrong look needs an IoU above 0.7."""
DOUBTFUL: Final = MatchRule(look_weight=1.0, min_iou=0.4, min_similarity=-1.0)
"""For boxes of low score, mostly of covered people, whose look says less: no gate on it."""


def within(values: NDArray[np.float64], least: float, most: float) -> NDArray[np.float64]:
    """As `np.clip`, which costs a small array five times as much."""
    return np.minimum(np.maximum(values, least), most)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of every pair of a track (row) and a box (column).

    Attributes:
        iou: `(T, N)` overlap of the predicted and the detected box.
        similarity: `(T, N)` how alike, NaN where unknown.
        height_ratio: `(T, N)` lower over higher height, in [0, 1].
        missed_s: `(T,)` seconds the track had been missed before this frame.
        overlap: `(N,)` share of the box covered by another one.
    """

    iou: NDArray[np.float64]
    similarity: NDArray[np.float64]
    height_ratio: NDArray[np.float64]
    missed_s: NDArray[np.float64]
    overlap: NDArray[np.float64]

    def of(self, tracks: IntArray, boxes: IntArray) -> Evidence:
        """What is known of these tracks and these boxes, different ones in ascending order."""
        if (len(tracks), len(boxes)) == self.iou.shape:
            return self
        grid = (tracks[:, None], boxes)
        return Evidence(
            self.iou[grid], self.similarity[grid], self.height_ratio[grid], self.missed_s[tracks], self.overlap[boxes]
        )


def height_ratios(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """`(N, M)` lower over higher of every pair of the positive heights `(N,)` and `(M,)`."""
    return np.minimum(a[:, None], b[None, :]) / np.maximum(a[:, None], b[None, :])


def possible(iou: NDArray[np.float64], height_ratio: NDArray[np.float64], min_iou: float | None) -> BoolArray:
    """Pairs that some stage may make whatever they look like.

    Args:
        iou: `(T, N)` overlap of the predicted and the detected box.
        height_ratio: `(T, N)` lower over higher height.
        min_iou: As in `match_in_stages`.
    """
    least = min(SURE.min_iou, DOUBTFUL.min_iou) if min_iou is None else min_iou
    return np.asarray((iou >= least) & (height_ratio >= MIN_HEIGHT_RATIO))


def match_cost(evidence: Evidence, rule: MatchRule) -> NDArray[np.float64]:
    """What it costs to give each box to each track.

    Returns:
        `(T, N)`, at least 0; infinite where the pair is forbidden.
    """
    crowded = within(evidence.overlap - 0.3, 0.0, 0.5) / 0.5  # how little of the look may be the person's own
    unlike = within((SIMILARITY_EVEN - evidence.similarity) / SIMILARITY_SPAN + 0.5, 0.0, 1.0)
    unknown = np.isnan(evidence.similarity)
    missed = np.minimum(evidence.missed_s / MISSED_FULL_S, 1.0)
    cost = (
        (1.0 - evidence.iou)
        + rule.look_weight * (1.0 - 0.2 * crowded) * np.where(unknown, UNKNOWN_LOOK, unlike)
        + MISSED_COST * missed[:, None]
    )
    wrong_look = ~unknown & (evidence.similarity < rule.min_similarity) & (crowded < 0.3)
    forbidden = (evidence.iou < rule.min_iou) | (evidence.height_ratio < MIN_HEIGHT_RATIO) | wrong_look
    return np.where(forbidden, np.inf, cost)


def match_in_stages(
    evidence: Evidence, confirmed: BoolArray, sure: BoolArray, min_iou: float | None
) -> tuple[IntArray, IntArray]:
    """Give the boxes of a frame to the tracks.

    First sure boxes to confirmed tracks, then doubtful boxes to confirmed tracks seen lately, then whatever is
    left to tentative tracks.

    Args:
        evidence: Of all tracks and all boxes. Either may be none.
        confirmed: `(T,)` tracks that are people.
        sure: `(N,)` boxes of high score.
        min_iou: Least overlap in every stage; None leaves it to the stages.

    Returns:
        Tracks and boxes of the pairs, `(P,)` each; each track and box at most once.
    """
    lately = evidence.missed_s < LOW_WITHIN_S
    free_tracks, free_boxes = np.ones(len(confirmed), np.bool_), np.ones(len(sure), np.bool_)
    found: list[tuple[IntArray, IntArray]] = [(NONE, NONE)]
    for rule, tracks, boxes in (
        (SURE, confirmed, sure),
        (DOUBTFUL, confirmed & lately, ~sure),
        (SURE, ~confirmed, np.ones_like(sure)),
    ):
        rows, columns = np.flatnonzero(tracks & free_tracks), np.flatnonzero(boxes & free_boxes)
        if len(rows) and len(columns):
            asked = rule if min_iou is None else replace(rule, min_iou=min_iou)
            i, j = assign(match_cost(evidence.of(rows, columns), asked), MAX_COST)
            found.append((rows[i], columns[j]))
            free_tracks[rows[i]] = free_boxes[columns[j]] = False
    return np.concatenate([pair[0] for pair in found]), np.concatenate([pair[1] for pair in found])
