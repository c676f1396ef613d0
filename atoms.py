"""Atoms: short clean pieces of local tracks, each of one person; what identities are made of."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from association.change_point import (
    BEFORE_S,
    CHANGED,
    CHANGED_OCCLUDED,
    LEAST_EVIDENCE_S,
    LEAST_ROWS,
    OCCLUDED,
    WINDOW_S,
    change_place,
)
from association.stillness import STATIC_AFTER_S, Place, Places
from entities import NOBODY, FloatArray, GlobalId, LocalId

RECENT_S = 3.0
"""Rows kept one by one, so that a piece can be cut where its look or, noticed later, its place changed."""
HIDDEN_S = 0.2
"""Who was not seen for longer may be somebody else afterwards."""
HIDDEN_WITHIN_S = 1.0
"""A track goes over to somebody else at most this long after it last stood where it should."""
NO_LOOK: FloatArray = np.zeros(1, np.float32)
"""Stands for a look where a box shows none; adds to looks of any length."""


class Row(NamedTuple):
    """One box of a local track.

    Attributes:
        frame_index: Position in the source.
        time_s: Media time.
        observed: False for a box carried by motion, which is nothing but a frame the track is in.
        place: Centre x, centre y and height, pixels.
        seconds: Media time the box stands for as a look; 0 when it shows none.
        occlusion: Covered share of the box.
        evidence_s: Seconds weighted by score and visible share.
        look: `(D,)` embedding weighted by the score; `NO_LOOK` when it shows none.
        contrast: `(D,)` comparable look weighted by score and visible share; `NO_LOOK` likewise.
    """

    frame_index: int
    time_s: float
    observed: bool
    place: Place
    seconds: float
    occlusion: float
    evidence_s: float
    look: FloatArray
    contrast: FloatArray


class Newest(NamedTuple):
    """The newest stretch of a piece.

    Attributes:
        before: `(D,)` sum of the contrasts before it.
        total: `(D,)` sum of all.
        window: The first of the recent boxes in it.
    """

    before: FloatArray
    total: FloatArray
    window: int


class Span(NamedTuple):
    """A stretch of frames of a local track, both ends included; of none when the last comes before the first."""

    local_id: LocalId
    first_frame: int
    last_frame: int


class Atom:
    """A piece of one local track in which, as far as can be told, there is one person.

    Attributes:
        key: Counts up in the order the pieces began: the younger of two has the larger one.
        slot: Its place in the table of who was seen with whom.
        camera: Number of its camera.
        spans: The frames it stands for: one stretch, more once it has absorbed other pieces.
        first_s: Media time of its first box.
        last_s: Media time of its last box.
        looked_s: Media time of its last box that showed a look, of its first while none has.
        frame_s: Media time that its first frame takes.
        identity: Who it is as of the last step; `NOBODY` while unknown.
        since_s: Media time at which it got this identity.
        before: The piece that it goes on from, as its camera says; only while it has no identity of its own.
        archived: Whether it is of the past and stands for what its camera remembers of its identity.
        settled: Whether the history of what it stands for is written: it may become one with another identity, but
            not leave its own.
        asked_s: Its seconds when it was last looked up among the people not seen for long.
        seconds: Seconds of boxes that show a look.
        boxes: Number of boxes, without carried ones.
        places: Where they were.
        look: `(D,)` sum of its looks weighted by score; `(1,)` zero while it has shown none.
    """

    def __init__(self, first: Row, *, key: int, slot: int, camera: int, local_id: LocalId, frame_s: float) -> None:
        self.key = key
        self.slot = slot
        self.camera = camera
        self.spans = [Span(local_id, first.frame_index, first.frame_index)]
        self.first_s = first.time_s
        self.last_s = first.time_s
        self.looked_s = first.time_s
        self.identity = NOBODY
        self.since_s = first.time_s
        self.before: Atom | None = None
        self.archived = False
        self.settled = False
        self.asked_s = 0.0
        self.seconds = 0.0
        self.boxes = 0
        self.places = Places()
        self.look = NO_LOOK.astype(np.float64)
        self.frame_s = frame_s
        self._recent: deque[Row] = deque()
        self._totals: deque[FloatArray] = deque()  # sum of all contrasts up to each recent row
        self.add(first)

    @property
    def span_s(self) -> float:
        """Media time from its first to its last frame, both included."""
        return self.last_s - self.first_s + self.frame_s

    @property
    def in_view_s(self) -> float:
        """Media time of all the frames it stands for."""
        return self.frame_s * frames_in(self.spans)

    @property
    def shown_identity(self) -> GlobalId:
        """Who it is on screen: while that is not known, who it was before the gap."""
        return self.before.identity if self.before else self.identity

    @property
    def static(self) -> bool:
        """Whether it is a thing or a picture of a person rather than a person."""
        return self.span_s >= STATIC_AFTER_S and self.places.still

    def knows_more(self, enough_s: float) -> bool:
        """Whether to ask again who it is: it has seen twice as much as when it last asked, which was not enough."""
        more = self.seconds > 0.0 and self.seconds >= 2.0 * self.asked_s
        return more and self.asked_s < enough_s and not self.archived

    def add(self, row: Row) -> None:
        """Take the next box of the track."""
        self._end_at(row)
        if row.seconds:
            self.looked_s = row.time_s
        if row.observed:
            self.boxes += 1
            self.seconds += row.seconds
            self.places.add(row.place)
        total = self._totals[-1] if self._totals else NO_LOOK
        if row.look is not NO_LOOK:
            self.look = _plus(self.look, row.look)
            total = total + row.contrast
        self._totals.append(total)
        self._recent.append(row)
        while len(self._recent) > 1 and self._recent[1].time_s < row.time_s - RECENT_S:
            self._recent.popleft()  # one row before the window always stays, a cut needs something before it
            self._totals.popleft()

    def newest(self) -> Newest | None:
        """Its newest stretch beside what was before; None while there is too little of either to compare."""
        start_s = self.last_s - WINDOW_S
        if start_s - self.first_s < BEFORE_S:
            return None
        evidence_s = [
            row.evidence_s for row in itertools.takewhile(lambda row: row.time_s > start_s, reversed(self._recent))
        ]
        before = self._totals[-1 - len(evidence_s)] if len(evidence_s) < len(self._totals) else NO_LOOK
        if sum(evidence_s) < LEAST_EVIDENCE_S or before is NO_LOOK:
            return None
        return Newest(before, self._totals[-1], len(self._recent) - len(evidence_s))

    def change(self, alike: float, window: int, stretch: float) -> int | None:
        """The first of the recent boxes that shows somebody else, at the window's beginning if none of them stands out.

        Args:
            alike: How alike the newest stretch and what was before are, see `likeness`.
            window: The first of the recent boxes in that stretch.
            stretch: See `LookSpace.stretch`.
        """
        start_s, end_s = self.last_s - 2.0 * WINDOW_S, self.last_s - 0.5 * WINDOW_S
        around = [index for index, row in enumerate(self._recent) if start_s < row.time_s <= end_s]
        occluded = any(self._recent[index].occlusion > OCCLUDED for index in around)
        if alike >= (CHANGED_OCCLUDED if occluded else CHANGED):
            return None
        places = [place for place in around if LEAST_ROWS <= place <= len(self._recent) - LEAST_ROWS]
        contrasts = np.zeros((len(self._recent), len(self._totals[-1])), np.float32)
        for i, row in enumerate(self._recent):
            contrasts[i] = row.contrast
        before = self._totals[-1] - contrasts.sum(axis=0)
        return change_place(before, contrasts, np.array(places or [window]), stretch)

    def change_after(self, time_s: float) -> int | None:
        """The first of the recent boxes of somebody else, if the track was last where it should be at this time.

        Where it was out of sight soon after, that is the place; else it is the next box. None when no box is before
        it any more.
        """
        times_s = [row.time_s for row in self._recent]
        later = [index for index in range(1, len(times_s)) if times_s[index] > time_s]
        if not later:
            return None
        soon = [index for index in later if times_s[index] <= time_s + HIDDEN_WITHIN_S] or later[:1]
        hidden = [index for index in soon if times_s[index] - times_s[index - 1] > HIDDEN_S]
        return max(hidden, key=lambda index: times_s[index] - times_s[index - 1], default=soon[0])

    def cut(self, index: int) -> list[Row]:
        """Give away the recent boxes from `index` (at least 1) on, and end before them."""
        rows = list(self._recent)
        for row in rows[index:]:
            self.boxes -= row.observed
            self.seconds -= row.seconds
            self.look = self.look - row.look
        self._end_at(rows[index - 1])
        self.close()
        return rows[index:]

    def close(self) -> None:
        """Forget what is only needed while it grows."""
        self._recent.clear()
        self._totals.clear()
        self.before = None

    def name(self, identity: GlobalId, now_s: float) -> None:
        """Make it a piece of this person, or of nobody."""
        if identity != self.identity:
            self.identity = identity
            self.since_s = now_s
        self.before = None

    def archive(self) -> None:
        """Stand for the past from now on."""
        self.archived = True
        self.places = Places(moved=True)

    def absorb(self, other: Atom) -> None:
        """Stand for the other piece's frames and looks, too."""
        self.spans = joined(self.spans + other.spans)
        self.settled = self.settled or other.settled
        self.first_s = min(self.first_s, other.first_s)
        self.last_s = max(self.last_s, other.last_s)
        self.seconds += other.seconds
        self.boxes += other.boxes
        self.look = self.look + other.look

    def _end_at(self, row: Row) -> None:
        local_id, first_frame, _ = self.spans[-1]
        self.spans[-1] = Span(local_id, first_frame, row.frame_index)
        self.last_s = row.time_s


def _plus(total: NDArray[Any], row: FloatArray) -> NDArray[Any]:
    """`total` with `row` added, in place once it is as long."""
    if len(total) != len(row):
        return np.asarray(total + row)
    total += row
    return total


def frames_in(spans: Sequence[Span]) -> int:
    """How many frames the spans are of."""
    return sum(max(0, span.last_frame - span.first_frame + 1) for span in spans)


def joined(spans: list[Span]) -> list[Span]:
    """The same spans, those of one local track that follow each other as one; sorted.

    What lies between two spans of one local track belongs to whoever else has spans of it, so only spans with no
    frame between them are joined.
    """
    out: list[Span] = []
    for span in sorted(spans):
        if out and out[-1].local_id == span.local_id and out[-1].last_frame + 1 >= span.first_frame:
            out[-1] = out[-1]._replace(last_frame=max(out[-1].last_frame, span.last_frame))
        else:
            out.append(span)
    return out
