"""Between two looks everybody is shown as seen at the last one."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Self

import numpy as np

from entities import CameraId, FrameResult, IdentityEvent, Segment, TrackedRound
from sinks.steady import Steady
from tests.builders import CAM1, CAM2, box, detections, frame_detections, frame_result, round_detections, tracked


class Screen:
    """Keeps who was shown as seen, by camera."""

    name = "screen"
    required = False

    def __init__(self) -> None:
        self.seen: list[dict[str, list[int]]] = []

    def __enter__(self) -> Self:
        return self

    def write(self, tracked: TrackedRound) -> None:
        self.seen.append({each.camera_id: each.local_ids[each.observed].tolist() for each in tracked.result.frames})

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        """Nothing is kept of the history."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""


def found(camera_id: CameraId, local_ids: list[int], seen: list[int]) -> FrameResult:
    result = frame_result([box()] * len(local_ids), local_ids, local_ids, camera_id=camera_id)
    return replace(result, observed=np.isin(local_ids, seen))


def round_of(*results: FrameResult, looked_at: bool) -> TrackedRound:
    looks = [frame_detections(detections([]) if looked_at else None, camera_id=each.camera_id) for each in results]
    return replace(tracked(results), detections=round_detections(looks))


def test_who_was_seen_at_the_last_look_stays_seen_and_who_was_missed_stays_missed() -> None:
    screen = Screen()
    steady = Steady(screen)
    steady.write(round_of(found(CAM1, [1, 2], [1]), found(CAM2, [1], []), looked_at=True))
    steady.write(round_of(found(CAM1, [1, 2], []), found(CAM2, [1], []), looked_at=False))
    steady.write(round_of(found(CAM1, [1, 2], [2]), looked_at=True))
    steady.write(round_of(found(CAM1, [1, 2], []), looked_at=False))
    assert screen.seen == [{CAM1: [1], CAM2: []}] * 2 + [{CAM1: [2]}] * 2


def test_before_the_first_look_nobody_was_seen() -> None:
    screen = Screen()
    Steady(screen).write(round_of(found(CAM1, [1], []), looked_at=False))
    assert screen.seen == [{CAM1: []}]
