"""Rounds by time: the frames of all cameras that belong to one instant, at most one a camera."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from buffers import Buffer, Closed
from entities import CameraId, Frame, Round, Source

Key = TypeVar("Key", bound=Hashable)

SLACK_S = 1e-6
"""Timestamps are sums of floats: this little is no difference."""


def smallest_period_s(sources: Iterable[Source]) -> float:
    """The frame period of the fastest camera; there must be one."""
    return 1.0 / max(source.fps for source in sources)


def together(waiting_s: Mapping[Key, float], period_s: float) -> list[Key]:
    """Who belongs into the next round: the earliest, and everybody within half a frame period of it.

    With one waiting frame a camera, in order, this puts every frame into exactly one round, and a slow camera's
    frames go to the fast camera's frame they are nearest to or next to, for ever: nothing counts frames.

    Args:
        waiting_s: Timestamp of the waiting frame of each camera that is not over. May be empty.
        period_s: Frame period of the fastest camera.

    Returns:
        In the order of `waiting_s`; empty when nothing waits.
    """
    limit_s = min(waiting_s.values(), default=0.0) + 0.5 * period_s + SLACK_S
    return [key for key, time_s in waiting_s.items() if time_s <= limit_s]


class RoundAssembler:
    """Takes frames from the readers' buffers and hands out rounds; iterate it once, in one thread.

    A round needs to know the next frame of every camera that is not over, so it waits for the slowest reader. A camera
    whose buffer is closed and drained is over and is not waited for again.

    Args:
        buffers: The frames of each camera, in the job's camera order, timestamps rising.
        period_s: Frame period of the fastest camera.
    """

    def __init__(self, buffers: Mapping[CameraId, Buffer[Frame]], period_s: float) -> None:
        self._buffers = dict(buffers)
        self._period_s = period_s

    def __iter__(self) -> Iterator[Round]:
        waiting: dict[CameraId, Frame | None] = dict.fromkeys(self._buffers)
        index = 0
        while waiting:
            heads = self._fill(waiting)
            chosen = together({camera: frame.timestamp_s for camera, frame in heads.items()}, self._period_s)
            if chosen:
                frames = tuple(heads[camera] for camera in chosen)
                yield Round(index, min(frame.timestamp_s for frame in frames), frames)
                index += 1
            waiting = {camera: None if camera in chosen else frame for camera, frame in heads.items()}

    def _fill(self, waiting: Mapping[CameraId, Frame | None]) -> dict[CameraId, Frame]:
        """The waiting frames with the missing ones fetched; a camera that is over is left out."""
        heads: dict[CameraId, Frame] = {}
        for camera, frame in waiting.items():
            try:
                heads[camera] = frame or self._buffers[camera].get()
            except Closed:
                continue
        return heads
