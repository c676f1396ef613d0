"""Whether two networks find the same people: how a quantised one is judged by the exact one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from association.assignment import assign
from association.iou import iou_matrix
from entities import Detections

SAME_BOX = 0.5
"""Boxes that overlap this much (IoU) are of one person."""
ENOUGH_PEOPLE = 50
"""With fewer boxes a share of them says nothing: one box would be more than the bars leave room for."""
LEAST_F1 = 0.93
"""bf16 has 0.985 to 1.0, int8 0.95 to 0.99 where it works: what differs are boxes that score about `high_score`."""
LEAST_IOU = 0.95
"""bf16 has 0.993 to 0.995, int8 0.974 to 0.984 where it works."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two networks agree on the same pictures.

    Attributes:
        exact: Boxes of the network that is believed.
        other: Boxes of the other one.
        both: Pairs of them, one of each, that are one person's.
        mean_iou: Mean overlap of the pairs, in [0, 1]; 0 without any.
    """

    exact: int
    other: int
    both: int
    mean_iou: float

    @property
    def f1(self) -> float:
        """Share of all boxes that have a partner, in [0, 1]; 1 where there are none."""
        return 2 * self.both / (self.exact + self.other) if self.exact + self.other else 1.0

    def shortcomings(self) -> list[str]:
        """What speaks against using the other network in place of the exact one; nothing when it will do."""
        out = []
        if self.exact < ENOUGH_PEOPLE:
            out.append(f"only {self.exact} boxes of people to compare, want {ENOUGH_PEOPLE}")
        if self.f1 < LEAST_F1:
            out.append(f"{self.f1:.3f} of the boxes are found by both, want {LEAST_F1}")
        if self.mean_iou < LEAST_IOU:
            out.append(f"they overlap by {self.mean_iou:.3f} on average, want {LEAST_IOU}")
        return out


def agreement(exact: Sequence[Detections], other: Sequence[Detections], least_score: float) -> Agreement:
    """Compare what two networks found in the same pictures.

    Args:
        exact: Of the network that is believed, one a picture.
        other: Of the other one, likewise.
        least_score: Boxes that score less do not count, in either.
    """
    counts = [0, 0]
    overlaps: list[float] = []
    for one, two in zip(exact, other, strict=True):
        a, b = (each.boxes_xyxy[each.scores >= least_score] for each in (one, two))
        overlap = iou_matrix(a, b)
        pairs = assign(1.0 - overlap, max_cost=1.0 - SAME_BOX)
        overlaps += overlap[pairs].tolist()
        counts[0] += len(a)
        counts[1] += len(b)
    return Agreement(counts[0], counts[1], len(overlaps), float(np.mean(overlaps)) if overlaps else 0.0)
