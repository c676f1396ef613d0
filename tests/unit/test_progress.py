"""Progress: fraction by media time, recent rate, time left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from entities import NOBODY, CameraId, GlobalId, LocalId, RoundResult, Segment, Source
from halt import Halt
from progress import ProgressMeter, media_duration_s, people_in
from telemetry import CameraProgress, CameraState

SOURCE = Source(CameraId("cam1"), "cam1.mp4", (640, 480), 10.0, 100, 10.0)


class Clock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.mark.parametrize(
    ("durations", "max_seconds", "expected"),
    [
        pytest.param([10.0, 20.0], None, 20.0, id="the-longest-decides"),
        pytest.param([10.0, 20.0], 5.0, 5.0, id="cut-by-the-user"),
        pytest.param([10.0, 20.0], 50.0, 20.0, id="cut-beyond-the-end"),
        pytest.param([10.0, None], None, None, id="one-unknown"),
        pytest.param([10.0, None], 5.0, 5.0, id="one-unknown-cut-by-the-user"),
        pytest.param([], None, None, id="nothing"),
    ],
)
def test_media_duration(durations: list[float | None], max_seconds: float | None, expected: float | None) -> None:
    sources = [replace(SOURCE, duration_s=duration) for duration in durations]
    assert media_duration_s(sources, max_seconds) == expected


@pytest.mark.parametrize(
    ("names", "people"),
    [
        pytest.param([], 0, id="nothing"),
        pytest.param([NOBODY], 0, id="nobody"),
        pytest.param([4, 4, NOBODY, 9], 2, id="two-in-three-stretches"),
    ],
)
def test_people_of_a_corrected_history(names: list[int], people: int) -> None:
    stretches = [Segment(CameraId("cam1"), LocalId(1), 0, 9, GlobalId(name)) for name in names]
    assert people_in(stretches) == people


def test_rate_and_time_left_follow_the_clock() -> None:
    clock = Clock()
    meter = ProgressMeter([SOURCE], None, Halt(clock), clock)
    for index in range(21):
        clock.now_s += 0.5
        progress = meter.update(RoundResult(index, index * 0.1, (), 2, 3), (), {})
    assert progress.rounds_done == 21
    assert progress.rounds_total == 100
    assert progress.fraction == pytest.approx(0.2)
    assert progress.fps == pytest.approx(2.0)
    assert progress.eta_s == pytest.approx(10.5 * 0.8 / 0.2)
    assert (progress.people_now, progress.people_total) == (2, 3)


def test_a_paused_job_is_not_slow() -> None:
    """Neither the time left nor the rate know of an hour in which nothing was to be done."""
    clock = Clock()
    halt = Halt(clock)
    meter = ProgressMeter([SOURCE], None, halt, clock)
    for index in range(21):
        clock.now_s += 0.5
        if index == 10:
            halt.begin()
            clock.now_s += 3600.0
            halt.end()
        progress = meter.update(RoundResult(index, index * 0.1, (), 2, 3), (), {})
    assert progress.fps == pytest.approx(2.0)
    assert progress.eta_s == pytest.approx(10.5 * 0.8 / 0.2)


@pytest.mark.parametrize(
    ("state", "max_seconds", "fraction"),
    [
        pytest.param(CameraState.LIVE, None, 0.25, id="paced-like-a-camera"),
        pytest.param(CameraState.LIVE, 10.0, 0.8, id="up-to-a-time"),
        pytest.param(CameraState.READING, None, 0.8, id="read-ahead"),
        pytest.param(CameraState.ENDED, None, 0.8, id="over"),
    ],
)
def test_a_recording_that_passes_for_a_camera_is_as_far_as_it_is_read(
    state: CameraState, max_seconds: float | None, fraction: float
) -> None:
    """It waits while the job is paused, and time does not."""
    meter = ProgressMeter([SOURCE], max_seconds, Halt(), Clock())
    cameras = (CameraProgress(CameraId("cam1"), state, 25, 100), CameraProgress(CameraId("cam2"), state, 90))
    assert meter.update(RoundResult(0, 8.0, ()), cameras, {}).fraction == fraction


def test_unknown_length_has_no_time_left() -> None:
    meter = ProgressMeter([replace(SOURCE, duration_s=None)], None, Halt(), Clock())
    progress = meter.update(RoundResult(0, 7.0, ()), (), {})
    assert progress.fraction == 0.0
    assert progress.eta_s is None
    assert progress.rounds_total is None


def test_fraction_never_passes_one() -> None:
    meter = ProgressMeter([SOURCE], None, Halt(), Clock())
    assert meter.update(RoundResult(0, 11.0, ()), (), {}).fraction == 1.0
