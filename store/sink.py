"""What a job hands to the store: rounds are gathered here, in the sink's thread, and written in another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

from entities import EventKind, IdentityEvent, Segment, TrackedRound
from multi_camera_tracker import Looks
from sinks.jsonl import evidence_values
from store.batch import Batch, Happening, Move
from store.crop_files import CropFiles
from store.gathering import Gatherer
from store.presence import Passage, Presence
from store.writer import Writer

FLUSH_S: Final = 2.0
"""Seconds of wall clock between two batches."""
CLOSE_S: Final = 60.0
"""How long writing the rest may take at the end."""
MOVING: Final = frozenset({EventKind.APPEARED, EventKind.JOINED, EventKind.SPLIT, EventKind.RELABELLED})


class StoreSink:
    """Gathers what happens into batches. The job never waits for the database, nor fails with it.

    Args:
        writer: Takes the batches; started and closed here.
        crops: Keeps pictures; None for none.
        looks: What is known of people's looks now, if it is more than last time; called in the sink's thread.
        on_note: Takes a line for people.
        now_s: A monotonic clock, replaceable in tests.
    """

    name = "store"
    required = False

    def __init__(
        self,
        writer: Writer,
        crops: CropFiles | None,
        looks: Callable[[], Looks],
        on_note: Callable[[str], None],
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._writer = writer
        self._crops = crops
        self._looks = looks
        self._on_note = on_note
        self._now_s = now_s
        self._gatherer = Gatherer()
        self._presence = Presence()
        self._happenings: list[Happening] = []
        self._events: list[IdentityEvent] = []
        self._number = 0
        self._media_s = 0.0
        self._next_flush_s = -float("inf")

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def write(self, tracked: TrackedRound) -> None:
        result = tracked.result
        self._media_s = result.timestamp_s
        for frame in result.frames:
            self._gatherer.add(frame)
        if self._crops is not None:
            self._crops.add(tracked)
        for event in result.events:
            self._take_event(event)
        self._take_passages(self._presence.add(result))
        if self._now_s() >= self._next_flush_s:
            self._next_flush_s = self._now_s() + FLUSH_S
            self._writer.put(self._batch())

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        """Hand over the rest with the corrected history, and what was decided for it."""
        for event in events:
            self._take_event(event)
        self._take_passages(self._presence.leave(float("inf")))
        self._writer.put(replace(self._batch(), segments=segments))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.put(self._batch())
        if not self._writer.close(CLOSE_S):
            self._on_note(f"store: the database did not take the rest within {CLOSE_S:.0f} s; it may be lost")

    def _batch(self) -> Batch:
        pictures, replaced = self._crops.take(self._media_s) if self._crops else ([], [])
        looks, means = self._looks()
        happenings, events = self._happenings, self._events
        self._happenings, self._events = [], []
        return Batch(
            self._media_s,
            self._gatherer.take(self._media_s),
            happenings,
            [(each.other_id, each.global_id) for each in events if each.kind is EventKind.MERGED],
            list(_moves(events)),
            pictures,
            replaced,
            looks,
            list(means.items()),
        )

    def _take_event(self, event: IdentityEvent) -> None:
        if event.kind is EventKind.MERGED:
            self._presence.merge(event.other_id, event.global_id)
        evidence = None if event.evidence is None else evidence_values(event.evidence)
        track = (event.camera_id, event.local_id)
        names = (event.global_id, event.other_id)
        self._happenings.append(
            Happening(self._number, event.time_s, event.kind.value, *names, *track, event.reason, evidence)
        )
        self._number += 1
        self._events.append(event)

    def _take_passages(self, passages: Iterable[Passage]) -> None:
        for each in passages:
            who = (each.person, type(each.person)(0))
            self._happenings.append(
                Happening(self._number, each.time_s, each.kind, *who, each.camera, None, each.reason)
            )
            self._number += 1


def _moves(events: Iterable[IdentityEvent]) -> Iterable[Move]:
    """The pieces of tracks that events say became somebody else."""
    for event in events:
        names = (event.other_id, event.global_id)
        if event.kind is EventKind.STATIC and event.camera_id is not None and event.local_id is not None:
            yield Move(event.camera_id, event.local_id, 0.0, event.time_s, *names)
        elif event.kind in MOVING and event.evidence is not None:
            for piece in event.evidence.pieces:
                yield Move(piece.camera_id, piece.local_id, piece.start_s, piece.end_s, *names)
