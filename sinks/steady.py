"""People shown as they were last seen while rounds are passed over, so that nothing flickers with a stride."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from entities import CameraId, FrameResult, TrackedRound
from sinks import Sink
from sinks.between import Between


class Steady(Between):
    """A sink for which somebody counts as seen from one look to the next.

    Where nobody looked, nobody was missed: there `observed` is what it was at the last look.

    Args:
        sink: Gets the rounds.
    """

    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        self._seen: dict[CameraId, frozenset[int]] = {}

    def changed(self, tracked: TrackedRound) -> TrackedRound:
        if tracked.looked_at:
            for frame in tracked.result.frames:
                self._seen[frame.camera_id] = frozenset(frame.local_ids[frame.observed].tolist())
            return tracked
        frames = tuple(map(self._as_last_seen, tracked.result.frames))
        return replace(tracked, result=replace(tracked.result, frames=frames))

    def _as_last_seen(self, frame: FrameResult) -> FrameResult:
        seen = self._seen.get(frame.camera_id, frozenset())
        observed = np.array([name in seen for name in frame.local_ids.tolist()], np.bool_)
        return replace(frame, observed=observed)
