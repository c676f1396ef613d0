"""Rounds of live cameras: near frames together, nobody waited for long, time goes on in silence; on a made-up clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from buffers import Buffer, LatestValue, WhenFull
from entities import CameraId, Frame, Round
from live_rounds import HEARTBEAT_S, LATE_S, LiveRoundAssembler, Rhythm
from tests.builders import frame

A, B = CameraId("a"), CameraId("b")
PERIOD_S = 0.04
SKEW_S = 0.03
TINY_PX = (2, 2)


class World(LatestValue[None]):
    """The bell, the clock and the cameras: waiting for the bell lets time pass and frames arrive.

    Args:
        arrivals_s: When the frames of each camera come, rising.
        taken_s: When they were taken, if not as they came.
        until_s: When all cameras end.
        capacity: Of the buffers.
    """

    def __init__(
        self,
        arrivals_s: Mapping[CameraId, Sequence[float]],
        taken_s: Mapping[CameraId, Sequence[float]] | None = None,
        until_s: float = 100.0,
        capacity: int = 2,
    ) -> None:
        super().__init__(None)
        self.now = 0.0
        self.until_s = until_s
        self.buffers = {camera: Buffer[Frame](capacity, WhenFull.DROP_OLDEST) for camera in arrivals_s}
        self._coming = sorted(
            (arrival, camera, index, (taken_s or arrivals_s)[camera][index])
            for camera, arrivals in arrivals_s.items()
            for index, arrival in enumerate(arrivals)
        )

    def wait_newer(self, version: int, timeout_s: float) -> tuple[None, int]:
        """Let time pass until the next frame comes, or as long as told."""
        first_s = self._coming[0][0] if self._coming else self.until_s
        self.pass_time(max(self.now, min(first_s, self.now + timeout_s)))
        return None, version + 1

    def pass_time(self, now_s: float) -> None:
        """Put everything that comes until then."""
        self.now = now_s
        while self._coming and self._coming[0][0] <= now_s:
            _, camera, index, taken_s = self._coming.pop(0)
            self.buffers[camera].put(Frame(camera, index, taken_s, frame(0, 1.0, camera, TINY_PX).image_bgr))
        if now_s >= self.until_s:
            for buffer in self.buffers.values():
                buffer.close()

    def assembler(self, until_s: float | None = None, skew_s: float = SKEW_S) -> LiveRoundAssembler:
        periods_s = dict.fromkeys(self.buffers, PERIOD_S)
        return LiveRoundAssembler(self.buffers, self, periods_s, skew_s=skew_s, now_s=lambda: self.now, until_s=until_s)

    def rounds(self, busy_s: float = 0.0, until_s: float | None = None) -> list[Round]:
        """All rounds, each of which takes its consumer so long."""
        found = []
        for one in self.assembler(until_s):
            found.append(one)
            self.pass_time(self.now + busy_s)
        return found


def members(rounds: Sequence[Round]) -> list[list[tuple[str, int]]]:
    return [[(item.camera_id, item.index) for item in one.frames] for one in rounds if one.frames]


def every(period_s: float, start_s: float, end_s: float) -> list[float]:
    return [start_s + i * period_s for i in range(round((end_s - start_s) / period_s))]


def test_cameras_out_of_phase_share_rounds() -> None:
    world = World({A: every(PERIOD_S, 0.0, 2.0), B: every(PERIOD_S, 0.02, 2.02)}, until_s=2.1)
    rounds = members(world.rounds())
    assert sum(len(one) == 2 for one in rounds) >= 48
    assert [index for one in rounds for camera, index in one if camera == B] == list(range(50))


def test_frames_further_apart_than_the_skew_do_not() -> None:
    world = World({A: [0.0], B: [SKEW_S + 0.001]}, until_s=0.2)
    assert members(world.rounds()) == [[("a", 0)], [("b", 0)]]


def test_a_dead_camera_is_waited_for_a_few_frames_and_no_more() -> None:
    world = World({A: every(PERIOD_S, 0.0, 4.0), B: every(PERIOD_S, 0.01, 1.0)}, until_s=4.1)
    delays_s = {}
    for one in world.assembler():
        if one.frames:
            delays_s[one.frames[0].index] = world.now - one.frames[0].timestamp_s
    late = [index for index, delay_s in delays_s.items() if index >= 25 and delay_s > 1e-6]
    assert len(late) <= 3
    assert max(delays_s.values()) <= SKEW_S + 1e-6
    assert len(delays_s) == 100, "not a frame of the other is lost"


def test_a_slow_camera_does_not_hold_a_fast_one() -> None:
    world = World({A: every(0.04, 0.0, 4.0), B: every(0.5, 0.01, 4.0)}, until_s=4.1)
    rounds = members(world.rounds())
    assert len(rounds) <= 103
    assert sum(len(one) == 2 for one in rounds) >= 5


def test_a_busy_consumer_gets_the_newest_of_all_cameras() -> None:
    world = World({A: every(0.04, 0.0, 6.0), B: every(0.2, 0.01, 6.0)}, until_s=6.1)
    assembler = world.assembler()
    ages_s = []
    for one in assembler:
        ages_s += [world.now - item.timestamp_s for item in one.frames]
        world.pass_time(world.now + 0.5)
    assert max(ages_s) <= 0.5 + LATE_S
    assert world.buffers[A].dropped > 50
    assert assembler.late[B] > 0, "what had waited since before the last round is of no use"


def test_time_never_runs_back() -> None:
    taken = {A: every(0.04, 0.0, 1.0), B: [t - 0.1 for t in every(0.04, 0.1, 1.0)]}
    world = World({A: every(0.04, 0.0, 1.0), B: every(0.04, 0.1, 1.0)}, taken, until_s=1.2)
    times_s = [one.timestamp_s for one in world.rounds()]
    assert times_s == sorted(times_s)


def test_silence_makes_empty_rounds() -> None:
    world = World({A: [0.0, 5.0], B: [0.01]}, until_s=5.2)
    rounds = world.rounds()
    assert [one.index for one in rounds] == list(range(len(rounds)))
    silent = [one.timestamp_s for one in rounds if not one.frames]
    assert len(silent) == pytest.approx(5.0 / HEARTBEAT_S, abs=1)
    assert members(rounds)[-1] == [("a", 1)]


def test_no_camera_at_all_still_makes_time_go_on() -> None:
    rounds = World({A: []}, until_s=3.0).rounds()
    assert len(rounds) == pytest.approx(3.0 / HEARTBEAT_S, abs=1)
    assert not any(one.frames for one in rounds)


@pytest.mark.parametrize("cameras", [{A: every(0.04, 0.0, 9.0)}, {A: []}], ids=["sending", "silent"])
def test_it_ends_where_it_is_told_to(cameras: dict[CameraId, list[float]]) -> None:
    world = World(cameras, until_s=9.0)
    rounds = world.rounds(until_s=2.0)
    assert all(one.timestamp_s < 2.0 for one in rounds)
    assert rounds[-1].timestamp_s >= 1.5 - 0.04
    assert world.now <= 2.0 + LATE_S + HEARTBEAT_S


def test_it_ends_when_all_cameras_are_over_and_hands_out_what_is_left() -> None:
    world = World({A: [0.0], B: [1.0]}, until_s=1.0)
    assert members(world.rounds()) == [[("a", 0)], [("b", 0)]]


def test_rounds_carry_what_the_readers_are_doing() -> None:
    world = World({A: [0.0]}, until_s=0.1)
    rounds = LiveRoundAssembler(
        world.buffers, world, {A: PERIOD_S}, skew_s=SKEW_S, now_s=lambda: world.now, states=lambda: {A: "live"}
    )
    assert [one.states for one in rounds] == [{A: "live"}]


@pytest.mark.parametrize(
    ("start_s", "end_s", "promised"),
    [
        pytest.param(10.0, 10.039, False, id="not-yet-due"),
        pytest.param(10.0, 10.04, True, id="due-at-the-end"),
        pytest.param(10.12, 10.15, True, id="overdue-within-patience"),
        pytest.param(10.13, 10.16, False, id="silent-for-too-long"),
    ],
)
def test_rhythm(start_s: float, end_s: float, promised: bool) -> None:
    rhythm = Rhythm(PERIOD_S)
    assert not rhythm.promises(start_s, end_s), "nothing is known of a camera that never sent"
    rhythm.saw(10.0)
    assert rhythm.promises(start_s, end_s) == promised


def test_rhythm_learns_the_real_rate() -> None:
    rhythm = Rhythm(PERIOD_S)
    for time_s in every(0.1, 0.0, 10.0):
        rhythm.saw(time_s)
    assert not rhythm.promises(9.95, 9.98)
    assert rhythm.promises(9.95, 10.01)
