"""Rounds by time: every frame in exactly one round, near ones together, ended cameras never waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buffers import Buffer
from entities import CameraId, Frame, Round, Source
from rounds import RoundAssembler, smallest_period_s, together
from tests.builders import frame

TINY_PX = (2, 2)


def source(name: str, fps: float = 25.0, frames: int | None = None, duration_s: float | None = None) -> Source:
    return Source(CameraId(name), f"{name}.mp4", TINY_PX, fps, frames, duration_s)


def assembled(times_s: Mapping[str, Sequence[float]], period_s: float) -> list[Round]:
    """The rounds of cameras whose readers have put everything and closed."""
    buffers: dict[CameraId, Buffer[Frame]] = {}
    for name, times in times_s.items():
        camera = CameraId(name)
        buffers[camera] = Buffer(max(1, len(times)))
        for index, time_s in enumerate(times):
            picture = frame(0, 1.0, camera, TINY_PX).image_bgr
            buffers[camera].put(Frame(camera, index, time_s, picture))
        buffers[camera].close()
    return list(RoundAssembler(buffers, period_s))


def members(rounds: Sequence[Round]) -> list[list[tuple[str, int]]]:
    return [[(item.camera_id, item.index) for item in one.frames] for one in rounds]


@pytest.mark.parametrize(
    ("waiting_s", "chosen"),
    [
        pytest.param({}, [], id="nothing-waits"),
        pytest.param({"a": 7.0}, ["a"], id="one-camera"),
        pytest.param({"a": 1.0, "b": 1.0}, ["a", "b"], id="equal"),
        pytest.param({"a": 1.02, "b": 1.0}, ["a", "b"], id="exactly-half-a-period-is-together"),
        pytest.param({"a": 1.021, "b": 1.0}, ["b"], id="more-than-half-a-period-is-apart"),
        pytest.param({"a": 2.0, "b": 1.0, "c": 1.01}, ["b", "c"], id="in-camera-order-without-the-late-one"),
    ],
)
def test_together(waiting_s: dict[str, float], chosen: list[str]) -> None:
    assert together(waiting_s, period_s=0.04) == chosen


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [
        pytest.param({}, [], id="no-cameras"),
        pytest.param({"a": [], "b": []}, [], id="no-frames"),
        pytest.param({"a": [0.0], "b": []}, [[("a", 0)]], id="one-camera-empty"),
        pytest.param({"b": [0.0], "a": [0.0]}, [[("b", 0), ("a", 0)]], id="job-order-not-alphabet"),
        pytest.param(
            {"a": [0.0, 0.04, 0.08], "b": [0.0]},
            [[("a", 0), ("b", 0)], [("a", 1)], [("a", 2)]],
            id="the-shorter-ends-alone",
        ),
        pytest.param(
            {"a": [0.0, 0.04, 0.08], "b": [0.0, 0.08]},
            [[("a", 0), ("b", 0)], [("a", 1)], [("a", 2), ("b", 1)]],
            id="a-dropped-frame-shifts-nobody",
        ),
        pytest.param(
            {"a": [0.0, 0.04], "b": [0.0, 0.01, 0.04]},
            [[("a", 0), ("b", 0)], [("b", 1)], [("a", 1), ("b", 2)]],
            id="two-of-one-camera-never-share-a-round",
        ),
    ],
)
def test_rounds_of(times_s: dict[str, list[float]], expected: list[list[tuple[str, int]]]) -> None:
    rounds = assembled(times_s, period_s=0.04)
    assert members(rounds) == expected
    assert [one.index for one in rounds] == list(range(len(expected)))
    assert all(one.timestamp_s == min(item.timestamp_s for item in one.frames) for one in rounds)


def test_25_and_30_fps_stay_together_for_an_hour() -> None:
    seconds = 3600
    times = {"slow": [i / 25 for i in range(25 * seconds)], "fast": [i / 30 for i in range(30 * seconds)]}
    counts = dict.fromkeys(times, 0)
    worst_s = 0.0
    rounds = alone = 0
    while any(counts[name] < len(times[name]) for name in times):
        waiting = {name: times[name][counts[name]] for name in times if counts[name] < len(times[name])}
        chosen = together(waiting, 1 / 30)
        worst_s = max(worst_s, max(waiting[name] for name in chosen) - min(waiting[name] for name in chosen))
        alone += chosen == ["slow"]
        for name in chosen:
            counts[name] += 1
        rounds += 1
    assert rounds == 30 * seconds
    assert alone == 0, "every frame of the slow camera shares a round with one of the fast camera"
    assert worst_s <= 0.5 / 30 + 1e-6


@st.composite
def cameras(draw: st.DrawFn) -> dict[str, list[float]]:
    """Up to four cameras of unlike rate, phase, length and jitter (less than half a period: timestamps rise)."""
    times: dict[str, list[float]] = {}
    for number in range(draw(st.integers(1, 4))):
        fps = draw(st.sampled_from([5.0, 12.5, 24.0, 25.0, 29.97, 30.0, 60.0]))
        start_s = draw(st.floats(0.0, 1.0))
        jitters = draw(st.lists(st.floats(-0.45, 0.45), max_size=60))
        times[f"cam{number}"] = [start_s + (index + jitter) / fps + 1.0 for index, jitter in enumerate(jitters)]
    return times


@settings(max_examples=150, deadline=None)
@given(cameras(), st.sampled_from([1 / 60, 1 / 30, 1 / 25, 0.2]))
def test_every_frame_is_in_exactly_one_round_in_order_and_within_the_skew(
    times_s: dict[str, list[float]], period_s: float
) -> None:
    rounds = assembled(times_s, period_s)
    for name, times in times_s.items():
        indices = [item.index for one in rounds for item in one.frames if item.camera_id == name]
        assert indices == list(range(len(times)))
    order = list(times_s)
    starts = [one.timestamp_s for one in rounds]
    assert starts == sorted(starts)
    for one in rounds:
        seats = [order.index(item.camera_id) for item in one.frames]
        assert seats == sorted(set(seats)), "in camera order, at most one frame a camera"
        stamps = [item.timestamp_s for item in one.frames]
        assert max(stamps) - min(stamps) <= 0.5 * period_s + 1e-5


def test_smallest_period_is_the_fastest_cameras() -> None:
    assert smallest_period_s([source("a", 25), source("b", 50)]) == pytest.approx(0.02)
