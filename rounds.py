"""Rounds by time: the frames of all cameras that belong to one instant, at most one a camera."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from buffers import Buffer, Closed
from entities import CameraId, Frame, Round, Source

Key = TypeVar("Key", bound=Hashable)

SLACK_S = 1e-6
"""Timestamps are sums of floats: this little is no difference."""
SAMPLE_S = 10.0
"""Stretch over which rounds of cameras of unlike rates are counted to learn their rate."""


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


def rounds_expected(sources: Sequence[Source], max_seconds: float | None = None) -> int | None:
    """How many rounds the sources will make, as far as their containers' promises hold.

    Exact for cameras of one rate, close for unlike rates: over each stretch with the same cameras running, rounds come
    at the rate of a counted sample.

    Returns:
        None when a container promises neither frames nor a duration.
    """
    ends_s: dict[CameraId, float] = {}
    for source in sources:
        frames = source.frames_total
        end_s = source.duration_s if frames is None else frames / source.fps
        if end_s is None:
            return None
        ends_s[source.camera_id] = end_s if max_seconds is None else min(end_s, max_seconds)
    total = 0.0
    for start_s, end_s in pairwise(sorted({0.0, *ends_s.values()})):
        rates = [source.fps for source in sources if ends_s[source.camera_id] >= end_s]
        total += (end_s - start_s) * _rounds_per_second(rates)
    return round(total)


def _rounds_per_second(rates: Sequence[float]) -> float:
    if len(set(rates)) == 1:
        return rates[0]
    counts = [0] * len(rates)
    rounds = 0
    while True:
        waiting_s = {camera: counts[camera] / rate for camera, rate in enumerate(rates)}
        if min(waiting_s.values()) >= SAMPLE_S - SLACK_S:
            return rounds / SAMPLE_S
        for camera in together(waiting_s, 1.0 / max(rates)):
            counts[camera] += 1
        rounds += 1
