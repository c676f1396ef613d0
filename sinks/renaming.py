"""People shown under the number that somebody gave them by hand, while a job runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from entities import NOBODY, FrameResult, TrackedRound
from sinks import Sink
from sinks.between import Between

Names = Callable[[], Mapping[int, int]]
"""Numbers that stand for nobody any more, with those that stand for them now; empty for none."""


class Renamed(Between):
    """A sink that sees people under the numbers that count now.

    Args:
        sink: Gets the rounds.
        names: See `Names`; asked every round, in the sink's thread.
    """

    def __init__(self, sink: Sink, names: Names) -> None:
        super().__init__(sink)
        self._names = names

    def changed(self, tracked: TrackedRound) -> TrackedRound:
        names = self._names()
        if not names:
            return tracked
        frames = tuple(renamed(frame, names) for frame in tracked.result.frames)
        return replace(tracked, result=replace(tracked.result, frames=frames))


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
