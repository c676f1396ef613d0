"""People shown under the number that somebody gave them by hand, while a job runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np

from entities import NOBODY, FrameResult, Segment, TrackedRound
from sinks import Sink

Names = Callable[[], Mapping[int, int]]
"""Numbers that stand for nobody any more, with those that stand for them now; empty for none."""


class Renamed:
    """A sink that sees people under the numbers that count now.

    Args:
        sink: Gets the rounds.
        names: See `Names`; asked every round, in the sink's thread.
    """

    def __init__(self, sink: Sink, names: Names) -> None:
        self._sink = sink
        self._names = names

    @property
    def name(self) -> str:
        return self._sink.name

    @property
    def required(self) -> bool:
        return self._sink.required

    def __enter__(self) -> Self:
        self._sink.__enter__()
        return self

    def write(self, tracked: TrackedRound) -> None:
        names = self._names()
        if names:
            frames = tuple(renamed(frame, names) for frame in tracked.result.frames)
            tracked = replace(tracked, result=replace(tracked.result, frames=frames))
        self._sink.write(tracked)

    def finish(self, segments: tuple[Segment, ...]) -> None:
        self._sink.finish(segments)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sink.__exit__(kind, error, trace)


def renamed(result: FrameResult, names: Mapping[int, int]) -> FrameResult:
    """The people of a frame under other numbers; of two rows that get one number the first one keeps it.

    Args:
        result: What was found.
        names: See `Names`.
    """
    ids = np.array([names.get(name, name) for name in result.global_ids.tolist()], np.int64)
    _, first = np.unique(ids, return_index=True)
    ids[np.setdiff1d(np.arange(len(ids)), first)] = NOBODY
    return replace(result, global_ids=ids)
