"""How long work stood still is counted once, however often it was asked to."""

from __future__ import annotations

from halt import Halt
from tests.stored import Clock


def test_seconds_are_those_between_begin_and_end() -> None:
    clock = Clock(100.0)
    halt = Halt(clock)
    clock.now_s += 5.0
    assert halt.seconds == 0.0
    halt.begin()
    clock.now_s += 2.0
    halt.begin()
    clock.now_s += 1.0
    assert halt.seconds == 3.0
    halt.end()
    clock.now_s += 4.0
    halt.end()
    assert halt.seconds == 3.0
    halt.begin()
    clock.now_s += 0.5
    assert halt.seconds == 3.5


def test_nobody_waits_at_what_is_not_halted() -> None:
    halt = Halt()
    halt.wait()
    halt.begin()
    halt.end()
    halt.wait()
