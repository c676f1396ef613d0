"""Who walked together in two views and then not: in one of the views a track went over to somebody else.

Two people who look alike may swap their tracks where they cross. No look tells, but a second view that sees them side
by side does: there the two go on as before, and the distance between what was one person grows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from association.standing import Metres, Standing
from entities import BoolArray

TOGETHER_M = 1.0
"""Feet of one person in two views are hardly ever farther apart."""
PARTED_M = 1.6
"""Feet of one person are never so far apart for long."""
TOGETHER_S = 1.0
"""How long two pieces stood together before it means anything that they do not any more."""
PARTED_S = 0.7
"""For how long they are apart before it is believed."""
TOUCH_S = 1.0
"""A swap happens where two boxes of one camera touch, at most this long before or after the parting."""
TOUCH_ACROSS, TOUCH_ALONG = 0.35, 0.6
"""Boxes whose feet are closer, in heights across and along the picture, overlap a good deal."""


@dataclass(slots=True)
class _Pair:
    """What is known of two pieces.

    Attributes:
        together_s: Seconds they stood together.
        last_s: Media time at which they last did.
        parted_s: Seconds they have been apart since.
    """

    together_s: float = 0.0
    last_s: float = field(default=-np.inf)
    parted_s: float = 0.0


class Partings:
    """Notices partings; slots as in `Coexistence`."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[int, int], _Pair] = {}
        self._touches: dict[int, deque[float]] = {}

    def touch(self, standings: Iterable[Standing]) -> None:
        """Note who is close to somebody else in the picture."""
        for standing in standings:
            for slot in standing.slots[_touching(standing)].tolist():
                times = self._touches.setdefault(slot, deque())
                times.append(standing.time_s)
                while times[0] < standing.time_s - 2.0 * TOUCH_S - 2.0 * PARTED_S:
                    times.popleft()

    def note(self, first: Standing, second: Standing, away_m: Metres, known: BoolArray, seconds: float) -> None:
        """Note how far people of two cameras stand from each other.

        Args:
            first: One camera's people.
            second: Another's.
            away_m: `(N, M)` metres.
            known: `(N, M)` where that can be relied on.
            seconds: What this stands for.
        """
        time_s = max(first.time_s, second.time_s)
        for i, j in np.argwhere(known & (away_m <= TOGETHER_M)).tolist():
            pair = self._pairs.setdefault((int(first.slots[i]), int(second.slots[j])), _Pair())
            pair.together_s, pair.last_s, pair.parted_s = pair.together_s + seconds, time_s, 0.0
        for i, j in np.argwhere(known & (away_m >= PARTED_M)).tolist():
            known_pair = self._pairs.get((int(first.slots[i]), int(second.slots[j])))
            if known_pair is not None:
                known_pair.parted_s += seconds

    def due(self) -> list[tuple[int, float]]:
        """Slots that went over to somebody else, each with the media time since when; told once.

        Of the two that parted, those that touched somebody in their own picture then.
        """
        out = []
        for (a, b), pair in list(self._pairs.items()):
            if pair.parted_s < PARTED_S:
                continue
            del self._pairs[a, b]
            if pair.together_s >= TOGETHER_S:
                out += [(slot, pair.last_s) for slot in (a, b) if self._touched(slot, pair.last_s)]
        return out

    def free_slot(self, slot: int) -> None:
        """Forget what is known of a slot."""
        self._touches.pop(slot, None)
        self._pairs = {pair: known for pair, known in self._pairs.items() if slot not in pair}

    def _touched(self, slot: int, time_s: float) -> bool:
        return any(abs(touch_s - time_s) <= TOUCH_S for touch_s in self._touches.get(slot, ()))


def _touching(standing: Standing) -> BoolArray:
    """`(N,)` whose box overlaps another one's a good deal."""
    if len(standing.slots) < 2:
        return np.zeros(len(standing.slots), np.bool_)
    height = np.maximum(standing.heights_px[:, None], standing.heights_px)
    off = np.abs(standing.feet_xy[:, None] - standing.feet_xy) / height[..., None]
    touching = (off[..., 0] <= TOUCH_ACROSS) & (off[..., 1] <= TOUCH_ALONG)
    np.fill_diagonal(touching, False)
    return np.asarray(touching.any(axis=1))
