"""When pictures were taken, whatever the network and the sender's clock do; when to try again."""

from __future__ import annotations

import numpy as np
import pytest

from live_clock import LEAST_STEP_S, MOST_LAG_S, Backoff, CaptureClock


def stamps(arrivals_s: list[float], media_s: list[float | None]) -> list[float]:
    clock = CaptureClock()
    return [clock.stamp(arrival, media) for arrival, media in zip(arrivals_s, media_s, strict=True)]


def test_without_a_senders_clock_the_arrival_counts() -> None:
    assert stamps([1.0, 1.5], [None, None]) == [1.0, 1.5]


def test_two_that_arrive_at_once_are_still_apart() -> None:
    assert stamps([1.0, 1.0], [None, None]) == [1.0, 1.0 + LEAST_STEP_S]


def test_the_jitter_of_the_way_is_taken_out() -> None:
    rng = np.random.default_rng(3)
    taken = np.arange(200) / 25.0
    arrivals = taken + 7.0 + rng.uniform(0.0, 0.08, 200)
    found = np.array(stamps(list(arrivals), [float(t) + 500.0 for t in taken]))
    assert np.diff(found[20:]).std() < 0.1 * np.diff(arrivals[20:]).std()
    assert (found <= arrivals + 1e-9).all(), "nothing is said to be taken after it came"


@pytest.mark.parametrize("jump_s", [-3600.0, -2.0, 2.0, 90_000.0])
def test_a_clock_that_jumps_changes_nothing(jump_s: float) -> None:
    arrivals = [i / 25.0 for i in range(100)]
    media: list[float | None] = [i / 25.0 + (jump_s if i >= 50 else 0.0) for i in range(100)]
    assert stamps(arrivals, media) == pytest.approx(arrivals)


def test_a_senders_clock_that_runs_slow_is_followed() -> None:
    arrivals = [i / 25.0 for i in range(25 * 600)]
    found = stamps(arrivals, [0.9999 * arrival for arrival in arrivals])
    assert max(arrival - stamp for arrival, stamp in zip(arrivals, found, strict=True)) <= MOST_LAG_S
    assert found[-1] == pytest.approx(arrivals[-1], abs=0.01)


def test_a_late_burst_keeps_its_order_and_stays_near_its_arrival() -> None:
    media: list[float | None] = [i / 25.0 for i in range(10)]
    found = stamps([0.4] * 10, media)
    assert found == sorted(set(found))
    assert found[0] >= 0.4 - MOST_LAG_S


def test_pauses_double_up_to_the_bound() -> None:
    backoff = Backoff(0.5, 3.0)
    assert [backoff.failed() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize(
    ("lasted_s", "pause_s"),
    [
        pytest.param(0.0, 2.0, id="never-good"),
        pytest.param(2.0, 2.0, id="as-long-as-the-pause-is-flapping"),
        pytest.param(2.1, 0.5, id="longer-begins-again"),
    ],
)
def test_a_good_connection_begins_again_and_a_flapping_one_does_not(lasted_s: float, pause_s: float) -> None:
    backoff = Backoff(0.5, 30.0)
    assert [backoff.failed(), backoff.failed()] == [0.5, 1.0]
    assert backoff.failed(lasted_s) == pause_s


def test_a_bound_below_the_first_pause_does_not_shorten_it() -> None:
    backoff = Backoff(5.0, 1.0)
    assert [backoff.failed(), backoff.failed()] == [5.0, 5.0]
