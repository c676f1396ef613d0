"""How far a job is, from what the tracker thread sees every round."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence

from entities import NOBODY, RoundResult, Segment, Source
from halt import Halt
from telemetry import CameraProgress, CameraState, Progress, StageTime

RATE_WINDOW_S = 3.0
"""The rounds per second shown are those of the last seconds of wall time."""


class ProgressMeter:
    """Turns results into `Progress`; belongs to the tracker thread.

    Args:
        sources: The job's inputs; the longest decides when it ends.
        max_seconds: Where the user wants it to end earlier.
        halt: Where the job waits while it is paused: that says nothing of how fast it is.
        now_s: A monotonic clock in seconds.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        max_seconds: float | None,
        halt: Halt,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._duration_s = media_duration_s(sources, max_seconds)
        self._to_the_end = max_seconds is None
        fps = max((source.fps for source in sources), default=0.0)
        self._rounds_total = None if self._duration_s is None else max(1, round(self._duration_s * fps))
        self._now_s = now_s
        self._halt = halt
        self._start_s = self._busy_s()
        self._recent_s: deque[float] = deque()

    def update(
        self, result: RoundResult, cameras: tuple[CameraProgress, ...], stages: Mapping[str, StageTime]
    ) -> Progress:
        """The progress after one more round."""
        now_s = self._busy_s()
        self._recent_s.append(now_s)
        while now_s - self._recent_s[0] > RATE_WINDOW_S:
            self._recent_s.popleft()
        fraction = min(1.0, result.timestamp_s / self._duration_s) if self._duration_s else 0.0
        if self._to_the_end:
            fraction = min(fraction, _share_read(cameras))
        return Progress(
            rounds_done=result.index + 1,
            rounds_total=self._rounds_total,
            fraction=fraction,
            fps=self._rate(),
            eta_s=(now_s - self._start_s) * (1.0 - fraction) / fraction if fraction > 0.0 else None,
            media_time_s=result.timestamp_s,
            people_now=result.people_now,
            people_total=result.people_total,
            cameras=cameras,
            stages=stages,
        )

    def _busy_s(self) -> float:
        """A clock that stands still while the job does."""
        return self._now_s() - self._halt.seconds

    def _rate(self) -> float:
        if len(self._recent_s) < 2:
            return 0.0
        return (len(self._recent_s) - 1) / max(self._recent_s[-1] - self._recent_s[0], 1e-9)


def people_in(segments: Iterable[Segment]) -> int:
    """How many people a corrected history is of: fewer than had a number while the job ran."""
    return len({segment.global_id for segment in segments} - {NOBODY})


def _share_read(cameras: Iterable[CameraProgress]) -> float:
    """How much is read of recordings that pass for cameras: time goes on while those are paused. 1 for all others."""
    live = [camera for camera in cameras if camera.state is CameraState.LIVE and camera.frames_total]
    return min((camera.frames_read / (camera.frames_total or 1) for camera in live), default=1.0)


def media_duration_s(sources: Sequence[Source], max_seconds: float | None) -> float | None:
    """Seconds of media time the job will cover, None when a container does not say."""
    durations_s = [source.duration_s for source in sources if source.duration_s is not None]
    if len(durations_s) < len(sources) or not durations_s:
        return max_seconds
    return max(durations_s) if max_seconds is None else min(max(durations_s), max_seconds)
