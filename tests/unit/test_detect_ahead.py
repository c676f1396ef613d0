"""Rounds come out in order and looked at, whatever the pace; failures come out where their round would have."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from detect_ahead import AHEAD, DetectAhead, Looked, RoundDetector, cost
from entities import Detections, Round, RoundDetections
from errors import SourceError
from pace import Pace
from tests.builders import box, detections, frame

ENOUGH_S = 10.0


class Eyes:
    """Finds one person in every picture; breaks down at one of its calls.

    Args:
        breaks_at: Which call.
        at_once: Threads that may call it at the same time; each call waits until so many are there.
    """

    name = "fake"

    def __init__(self, breaks_at: int | None = None, at_once: int = 1) -> None:
        self.calls = 0
        self.at_once = at_once
        self._breaks_at = breaks_at
        self._company = threading.Barrier(at_once, timeout=ENOUGH_S)

    def detect(self, camera_ids: Sequence[str], images_bgr: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        self._company.wait()
        self.calls += 1
        if self.calls == self._breaks_at:
            raise SourceError("the detector broke down")
        return [detections([box(100.0, 300.0, 150.0)]) for _ in images_bgr]


def some_rounds(count: int) -> Iterator[Round]:
    for index in range(count):
        yield Round(index, index / 10.0, (frame(index),))


def started(rounds: Iterator[Round], eyes: Eyes, stride: int = 1) -> DetectAhead:
    ahead = DetectAhead(rounds, RoundDetector(eyes, Pace(stride)), "test/detector")
    ahead.start()
    return ahead


@pytest.mark.parametrize("stride", [1, 3])
def test_every_round_comes_out_once_and_in_order(stride: int) -> None:
    eyes = Eyes()
    ahead = started(some_rounds(20), eyes, stride)
    looked = list(ahead)
    assert [each.round.index for each in looked] == list(range(20))
    passed_over = [each.round.index for each in looked if each.seconds is None]
    assert passed_over == [index for index in range(20) if index % stride]
    assert [each.seen.frames[0].detections is None for each in looked] == [each.seconds is None for each in looked]
    assert eyes.calls == len(range(0, 20, stride))
    assert ahead.join(ENOUGH_S)


@pytest.mark.parametrize("stride", [1, 4])
def test_rounds_looked_at_side_by_side_come_out_in_order(stride: int) -> None:
    ahead = started(some_rounds(24), Eyes(at_once=2), stride)  # which would wait for ever if they came one by one
    assert [each.round.index for each in ahead] == list(range(24))
    assert ahead.join(ENOUGH_S)


@pytest.mark.parametrize(
    ("looks_s", "held_s", "at_once", "cost_s"),
    [
        pytest.param(0.2, 0.1, 1, 0.2, id="looking-is-slower"),
        pytest.param(0.2, 0.3, 1, 0.3, id="the-rest-is-slower"),
        pytest.param(0.4, 0.1, 2, 0.2, id="two-at-once-take-half-of-it"),
    ],
)
def test_a_round_costs_what_its_slower_part_does(looks_s: float, held_s: float, at_once: int, cost_s: float) -> None:
    looked = Looked(next(some_rounds(1)), RoundDetections(0, 0.0, ()), looks_s)
    assert cost(looked, held_s, at_once) == pytest.approx(cost_s)


def test_it_is_ahead_by_so_much_and_no_more() -> None:
    asked = threading.Semaphore(0)

    def counted() -> Iterator[Round]:
        for round_ in some_rounds(20):
            asked.release()
            yield round_

    eyes = Eyes()
    ahead = started(counted(), eyes)
    for _ in range(AHEAD + 1):  # what waits, and the one that finds no room
        assert asked.acquire(timeout=ENOUGH_S)
    assert not asked.acquire(timeout=0.05)
    assert [each.round.index for each in ahead] == list(range(20))
    assert ahead.join(ENOUGH_S)


def test_a_failing_detector_fails_where_its_round_would_have_come() -> None:
    ahead = started(some_rounds(20), Eyes(breaks_at=6))
    out = iter(ahead)
    assert [next(out).round.index for _ in range(5)] == list(range(5))
    with pytest.raises(SourceError, match="broke down"):
        next(out)
    assert ahead.join(ENOUGH_S)


def test_failing_rounds_fail_the_same_way() -> None:
    def broken() -> Iterator[Round]:
        yield from some_rounds(3)
        raise SourceError("no more pictures")

    out = iter(started(broken(), Eyes()))
    assert [next(out).round.index for _ in range(3)] == [0, 1, 2]
    with pytest.raises(SourceError, match="no more pictures"):
        next(out)


def test_a_stop_frees_a_thread_that_waits_for_room() -> None:
    ahead = started(some_rounds(20), Eyes())
    next(iter(ahead))
    ahead.stop()
    assert ahead.join(ENOUGH_S)
    assert len(list(ahead)) <= AHEAD


def test_what_was_never_started_has_ended() -> None:
    ahead = DetectAhead(some_rounds(1), RoundDetector(Eyes(), Pace(1)), "test/detector")
    ahead.stop()
    assert ahead.join(0.0)
    assert list(ahead) == []
