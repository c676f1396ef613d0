"""Rounds become stretches: who was seen by which camera from when to when, with some of the boxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from entities import NOBODY, CameraId, FrameResult, GlobalId, LocalId
from store.batch import Stretch
from store.values import BoxSample

GAP_S: Final = 1.0
"""A track unseen for longer begins a new stretch."""
LONGEST_S: Final = 60.0
"""A stretch goes on as a new one after this time, so that writing it again stays cheap."""
SAMPLE_S: Final = 0.5
"""Boxes are kept this far apart."""
SLACK_S: Final = 1e-6
"""Media times are sums of frame times: equal within this."""


@dataclass(slots=True)
class _Open:
    """A stretch that may still grow."""

    first_frame: int
    start_s: float
    identity: GlobalId
    boxes: int = 0
    changed: bool = True
    samples: list[BoxSample] = field(default_factory=list)

    def add(self, sample: BoxSample, *, observed: bool) -> None:
        """Take the next box: the latest is always kept, those before it only `SAMPLE_S` apart."""
        if len(self.samples) > 1 and self.samples[-1].time_s - self.samples[-2].time_s < SAMPLE_S - SLACK_S:
            self.samples.pop()
        self.samples.append(sample)
        self.boxes += observed
        self.changed = True

    def as_stretch(self, camera: CameraId, local_id: LocalId) -> Stretch:
        """The stretch as it is now."""
        last = self.samples[-1]
        times = (self.first_frame, last.frame, self.start_s, last.time_s)
        return Stretch(camera, local_id, *times, self.boxes, self.identity, tuple(self.samples))


class Gatherer:
    """Gathers the rows of frames; belongs to one thread. What it holds grows with people in view, not with time."""

    def __init__(self) -> None:
        self._open: dict[tuple[CameraId, LocalId], _Open] = {}
        self._ended: list[Stretch] = []

    def add(self, result: FrameResult) -> None:
        """Take the people of one frame, frames of a camera in their order."""
        rows = zip(
            result.local_ids.tolist(),
            result.global_ids.tolist(),
            result.boxes_xyxy.tolist(),
            result.observed.tolist(),
            strict=True,
        )
        for local_id, identity, box, observed in rows:
            sample = BoxSample(result.frame_index, result.timestamp_s, tuple(box))
            track = (result.camera_id, LocalId(local_id))
            self._stretch(track, GlobalId(identity), sample).add(sample, observed=observed)

    def take(self, now_s: float) -> list[Stretch]:
        """What is new or has grown since the last time.

        Args:
            now_s: Media time; what has not grown for `GAP_S` is over.
        """
        out, self._ended = self._ended, []
        for (camera, local_id), stretch in list(self._open.items()):
            if stretch.changed:
                out.append(stretch.as_stretch(camera, local_id))
                stretch.changed = False
            if now_s - stretch.samples[-1].time_s > GAP_S:
                del self._open[camera, local_id]
        return out

    def _stretch(self, track: tuple[CameraId, LocalId], identity: GlobalId, sample: BoxSample) -> _Open:
        """The stretch that a box belongs to."""
        now = self._open.get(track)
        if now is not None and now.identity == NOBODY:
            now.identity = identity  # it was the same person before somebody said who
        if now is not None and self._goes_on(now, identity, sample.time_s):
            return now
        if now is not None and now.changed:
            self._ended.append(now.as_stretch(*track))
        self._open[track] = _Open(sample.frame, sample.time_s, identity)
        return self._open[track]

    @staticmethod
    def _goes_on(stretch: _Open, identity: GlobalId, time_s: float) -> bool:
        same = identity == stretch.identity
        return same and time_s - stretch.samples[-1].time_s <= GAP_S and time_s - stretch.start_s <= LONGEST_S
