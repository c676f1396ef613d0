"""Time per stage, with a clock of our own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise, repeat

import pytest

from entities import CameraId
from telemetry import RECENT, CameraProgress, CameraState, Progress, StageClock, StageTime


class Ticks:
    """A clock that shows the given times, one a look."""

    def __init__(self, *times_s: float) -> None:
        self._times_s: Iterator[float] = iter(times_s)

    def __call__(self) -> float:
        return next(self._times_s)


def test_a_fresh_clock_has_measured_nothing() -> None:
    assert StageClock().snapshot() == {}


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param([0.0], StageTime(1, 0.0, 0.0, 0.0), id="no-time"),
        pytest.param([0.002], StageTime(1, 0.002, 2.0, 2.0), id="one"),
        pytest.param([0.001, 0.003], StageTime(2, 0.004, 2.0, 2.9), id="two-are-interpolated"),
        pytest.param([0.001] * 19 + [1.0], StageTime(20, 1.019, 1.0, 50.95), id="an-outlier-moves-p95-not-p50"),
    ],
)
def test_add(seconds: list[float], expected: StageTime) -> None:
    clock = StageClock()
    for each in seconds:
        clock.add("detect", each)
    found = clock.snapshot()["detect"]
    assert found.count == expected.count
    assert (found.total_s, found.p50_ms, found.p95_ms) == pytest.approx(
        (expected.total_s, expected.p50_ms, expected.p95_ms)
    )


def test_percentiles_follow_when_there_is_a_sixteenth_more() -> None:
    clock = StageClock()
    seen = []
    for seconds in [0.0] * 160 + [1.0] * 640:
        clock.add("detect", seconds)
        seen.append(clock.snapshot()["detect"])
    assert [each.count for each in seen] == list(range(1, 801)), "counts are always the newest"
    renewed = sum(one.p95_ms != other.p95_ms or one.p50_ms != other.p50_ms for one, other in pairwise(seen))
    assert 0 < renewed < 20
    assert (seen[-1].p50_ms, seen[-1].p95_ms) == (1000.0, 1000.0)


def test_measure_counts_the_time_inside_the_block() -> None:
    clock = StageClock(Ticks(10.0, 10.5, 20.0, 20.25))
    with clock.measure("embed"):
        pass
    with clock.measure("embed"):
        pass
    found = clock.snapshot()["embed"]
    assert (found.count, found.total_s) == (2, 0.75)


def test_measure_counts_a_stage_that_raises_and_lets_the_error_through() -> None:
    clock = StageClock(Ticks(1.0, 3.0))
    with pytest.raises(RuntimeError, match="broke"), clock.measure("detect"):
        raise RuntimeError("broke")
    assert clock.snapshot()["detect"].total_s == 2.0


def test_measure_nests() -> None:
    clock = StageClock(Ticks(0.0, 1.0, 3.0, 7.0))
    with clock.measure("round"), clock.measure("detect"):
        pass
    found = clock.snapshot()
    assert (found["round"].total_s, found["detect"].total_s) == (7.0, 2.0)


def test_stages_stand_in_the_order_they_first_ran() -> None:
    clock = StageClock()
    for stage in ("track", "detect", "track"):
        clock.add(stage, 0.1)
    assert list(clock.snapshot()) == ["track", "detect"]


def test_percentiles_forget_old_runs_and_totals_do_not() -> None:
    clock = StageClock()
    for seconds in chain(repeat(1.0, 3), repeat(0.001, RECENT)):
        clock.add("detect", seconds)
    found = clock.snapshot()["detect"]
    assert found.count == RECENT + 3
    assert found.total_s == pytest.approx(3.0 + 0.001 * RECENT)
    assert found.p95_ms == pytest.approx(1.0)


def test_a_snapshot_does_not_change_afterwards() -> None:
    clock = StageClock()
    clock.add("detect", 1.0)
    before = clock.snapshot()
    clock.add("detect", 1.0)
    assert before["detect"].count == 1


def test_progress_starts_with_nothing_done_and_nothing_promised() -> None:
    progress = Progress()
    assert (progress.rounds_done, progress.rounds_total, progress.fraction, progress.eta_s) == (0, None, 0.0, None)
    assert (progress.cameras, dict(progress.stages)) == ((), {})


def test_a_camera_waits_at_first_and_shares_its_drop_counts_with_no_other() -> None:
    first, second = CameraProgress(CameraId("a")), CameraProgress(CameraId("b"))
    assert first.state is CameraState.WAITING
    assert first.dropped == {}
    assert first.dropped is not second.dropped
