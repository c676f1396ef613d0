"""Where everybody stood in the last minute, and the feet of one person in two pictures at one time."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from association.standing import Standing
from entities import NOBODY, BoolArray, IntArray

Array = NDArray[np.float64]

SAMPLE_S = 0.2
"""A person's feet are noted this often."""
MEMORY_S = 60.0
LONGEST_S = 0.5
"""Between two notes of one person no farther apart than this, the way is taken to be straight."""
SURE_SCORE = 0.5
"""Boxes that score less are no evidence of where a floor is."""
SURE_OCCLUSION = 0.2
"""Boxes that are covered more are none, either."""
MOST_PAIRS = 300
LEAST_POINTS, LEAST_PEOPLE = 20, 4
"""With fewer pairs of feet, or of fewer people, nothing can be said of a floor."""
SLACK_S = 1e-6
"""Media times are sums of frame times: equal within this."""
SPAN_S = 1e4
"""Owners are this far apart in the keys that order notes by owner and time; more than any memory."""

TIME, SLOT, X, Y, HEIGHT = range(5)
"""Columns of a note."""


class FootPairs(NamedTuple):
    """Feet of one person in two pictures at one time; row i of every array is one pair.

    Attributes:
        points_a: `(N, 2)` pixels in picture A.
        points_b: `(N, 2)` pixels in picture B.
        heights_a: `(N,)` pixels, height of the box in A, positive.
        heights_b: `(N,)` the same in B.
        people: `(N,)` who it is.
    """

    points_a: Array
    points_b: Array
    heights_a: Array
    heights_b: Array
    people: IntArray

    def some(self, most: int) -> FootPairs:
        """Evenly thinned out to at most so many."""
        return self.only(slice(None, None, max(1, -(-len(self.people) // most))))

    def only(self, rows: slice | BoolArray | IntArray) -> FootPairs:
        """These pairs."""
        return FootPairs(
            self.points_a[rows], self.points_b[rows], self.heights_a[rows], self.heights_b[rows], self.people[rows]
        )

    @property
    def enough(self) -> bool:
        """Whether there are points and people enough to learn or judge a map."""
        return len(self.people) >= LEAST_POINTS and len(np.unique(self.people)) >= LEAST_PEOPLE


class FeetMemory:
    """Notes of clearly seen feet; who they belong to is asked when they are needed, as it may be corrected.

    Args:
        cameras: Number of cameras.
    """

    def __init__(self, cameras: int) -> None:
        self._notes = [_Notes() for _ in range(cameras)]
        self._names: IntArray = np.zeros(0, np.int64)
        self._noted_s: Array = np.zeros(0)

    def take(self, standing: Standing) -> None:
        """Take the people of one frame; noted unless they were a moment ago."""
        self._make_room(1 + int(standing.slots.max(initial=-1)))
        self._names[standing.slots] = standing.identities
        sure = standing.clear & (standing.scores > SURE_SCORE) & (standing.occlusion < SURE_OCCLUSION)
        due = sure & (standing.time_s >= self._noted_s[standing.slots] + SAMPLE_S - SLACK_S)
        if not due.any():
            return
        self._noted_s[standing.slots[due]] = standing.time_s
        times_s = np.full(len(due), standing.time_s)
        notes = np.column_stack([times_s, standing.slots, standing.feet_xy, standing.heights_px])
        self._notes[standing.camera].add(notes[due], standing.time_s - MEMORY_S)

    def forget(self, slot: int) -> None:
        """Forget where the owner of a slot stood: the next one did not."""
        if slot < len(self._names):
            self._names[slot], self._noted_s[slot] = NOBODY, -np.inf
            for notes in self._notes:
                notes.remove(slot)

    def pairs(self, camera_a: int, camera_b: int, offset_s: float, since_s: float = -np.inf) -> FootPairs:
        """What is known of everybody whom both cameras see at one time.

        Args:
            camera_a: One camera.
            camera_b: Another one.
            offset_s: What A shows at a time, B shows this much later.
            since_s: Media time before which nothing counts.

        Returns:
            Of people with an identity; evenly thinned out where there are many.
        """
        a, people_a = self._known(camera_a, since_s)
        b, people_b = self._known(camera_b, since_s)
        values, found = _interpolated(people_b, b, people_a, a[:, TIME] + offset_s)
        a, values = a[found], values[found]
        pairs = FootPairs(a[:, X : Y + 1], values[:, :2], a[:, HEIGHT], values[:, 2], people_a[found])
        return pairs.some(MOST_PAIRS)

    def earlier(self, standing: Standing, ago_s: float) -> Standing:
        """The same people where they stood so many seconds ago; not clear where that is not known.

        Args:
            standing: People as they are now.
            ago_s: Seconds, positive.
        """
        then_s = standing.time_s - ago_s
        notes = self._notes[standing.camera].rows
        notes = notes[np.abs(notes[:, TIME] - then_s) <= LONGEST_S + SLACK_S]
        times = np.full(len(standing.slots), then_s)
        values, found = _interpolated(notes[:, SLOT], notes, standing.slots, times)
        return replace(standing, feet_xy=values[:, :2], heights_px=values[:, 2], clear=standing.clear & found)

    def _known(self, camera: int, since_s: float) -> tuple[Array, IntArray]:
        """Notes of people with an identity, and who they are."""
        notes = self._notes[camera].rows
        notes = notes[np.searchsorted(notes[:, TIME], since_s) :]
        people = self._names[notes[:, SLOT].astype(np.int64)]
        known = people != NOBODY
        return notes[known], people[known]

    def _make_room(self, slots: int) -> None:
        more = slots - len(self._names)
        if more > 0:
            self._names = np.pad(self._names, (0, more + slots))
            self._noted_s = np.pad(self._noted_s, (0, more + slots), constant_values=-np.inf)


class _Notes:
    """The notes of one camera, oldest first, in an array with room for more."""

    def __init__(self) -> None:
        self._array: Array = np.zeros((64, HEIGHT + 1))
        self._start = self._end = 0

    @property
    def rows(self) -> Array:
        """`(N, 5)` what is noted, until the next `add`."""
        return self._array[self._start : self._end]

    def remove(self, slot: int) -> None:
        """Forget those of one slot."""
        kept = self.rows[self.rows[:, SLOT] != slot]
        self._end = self._start + len(kept)
        self._array[self._start : self._end] = kept

    def add(self, notes: Array, oldest_s: float) -> None:
        """Note these, at least one, and forget those before `oldest_s`."""
        if self._end + len(notes) > len(self._array):
            held = self.rows
            self._array = np.zeros((2 * (len(held) + len(notes)), HEIGHT + 1))
            self._array[: len(held)] = held
            self._start, self._end = 0, len(held)
        self._array[self._end : self._end + len(notes)] = notes
        self._end += len(notes)
        self._start += int((self.rows[:, TIME] >= oldest_s).argmax())


def _interpolated(
    owners: NDArray[np.generic], notes: Array, wanted: NDArray[np.generic], times_s: Array
) -> tuple[Array, BoolArray]:
    """Where others stood at given times.

    Args:
        owners: `(N,)` whose notes these are.
        notes: `(N, 5)` notes.
        wanted: `(M,)` whose place is asked for.
        times_s: `(M,)` at which time.

    Returns:
        `(M, 3)` foot and height, and `(M,)` whether that is known; ones where it is not.
    """
    if len(notes) == 0 or len(wanted) == 0:
        return np.ones((len(wanted), 3)), np.zeros(len(wanted), np.bool_)
    start_s = notes[:, TIME].min()
    keys = owners.astype(np.float64) * SPAN_S + (notes[:, TIME] - start_s)
    order = np.argsort(keys, kind="stable")
    keys, notes = keys[order], notes[order]
    asked = wanted.astype(np.float64) * SPAN_S + (times_s - start_s)
    before = np.searchsorted(keys, asked + SLACK_S, side="right") - 1
    after = np.searchsorted(keys, asked - SLACK_S, side="left")
    inside = (before >= 0) & (after < len(keys))
    before, after = np.maximum(before, 0), np.minimum(after, len(keys) - 1)
    gap_s = keys[after] - keys[before]
    share = np.clip((asked - keys[before]) / np.maximum(gap_s, SLACK_S), 0.0, 1.0)[:, None]
    values = (1.0 - share) * notes[before, X : HEIGHT + 1] + share * notes[after, X : HEIGHT + 1]
    near = (np.abs(asked - keys[before]) <= LONGEST_S) & (np.abs(keys[after] - asked) <= LONGEST_S)
    found = inside & near & (gap_s <= LONGEST_S + SLACK_S)
    return np.where(found[:, None], values, 1.0), found
