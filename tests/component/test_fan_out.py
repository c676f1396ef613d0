"""All sinks together: who fails the job, who is let go, and that a stop comes through a sink that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from errors import OutputError
from sinks.fan_out import FanOut
from sinks.thread import SinkThread
from tests.builders import frame_result, tracked
from tests.component.test_sink_thread import FakeSink

ROUND = tracked([frame_result()])


def never() -> bool:
    return False


def fan_out(*sinks: FakeSink, stopped: Callable[[], bool] = never) -> FanOut:
    """Started."""
    threads = [SinkThread(sink, f"job/{number}", capacity=1) for number, sink in enumerate(sinks)]
    out = FanOut(threads, stopped, patience_s=0.0)
    out.start()
    return out


def put_many(out: FanOut) -> None:
    """More than there is room for."""
    for _ in range(20):
        out.put(ROUND)


def test_every_sink_gets_every_round_and_the_end() -> None:
    sinks = [FakeSink(), FakeSink()]
    out = fan_out(*sinks)
    out.put(ROUND)
    out.close((), ())
    assert out.join() == []
    assert [sink.calls for sink in sinks] == [["open", "write 0", "finish 0", "close"]] * 2
    assert out.failure() is None
    assert out.given_up() == []


def test_a_required_sink_fails_the_job_and_an_optional_one_is_let_go() -> None:
    optional, required = FakeSink("write"), FakeSink("write")
    optional.required = False
    out = fan_out(optional, required)
    with pytest.raises(OutputError, match="disk full"):
        put_many(out)
    out.close(None, ())
    assert out.join() == []
    assert out.failure() is not None
    (note,) = out.given_up()
    assert note.startswith("job/0 was given up")


def test_a_stopped_job_does_not_wait_for_a_sink_that_hangs() -> None:
    gate, stopping = threading.Event(), threading.Event()
    out = fan_out(FakeSink(gate=gate), stopped=stopping.is_set)
    stopping.set()
    with pytest.raises(OutputError, match="stuck and left behind: job/0") as caught:
        put_many(out)
    assert caught.value.code == "stuck"
    gate.set()
    out.close(None, ())
    assert out.join() == []
