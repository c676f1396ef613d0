"""A sink's thread: order, corrected history, failure without a stuck producer."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import pytest

from entities import CameraId, GlobalId, IdentityEvent, LocalId, Segment, TrackedRound
from errors import OutputError
from sinks.thread import SinkThread
from tests.builders import frame_result, tracked

SEGMENTS = (Segment(CameraId("cam1"), LocalId(1), 0, 9, GlobalId(1)),)
WAIT_S = 5.0


class FakeSink:
    """Notes what is done to it; fails where it is told to."""

    name = "fake"
    required = True

    def __init__(self, fail_at: str = "", gate: threading.Event | None = None) -> None:
        self.calls: list[str] = []
        self._fail_at = fail_at
        self._gate = gate

    def _call(self, what: str) -> None:
        self.calls.append(what)
        if what.startswith(self._fail_at) and self._fail_at:
            raise OutputError(f"{what}: disk full", code="disk_full")

    def __enter__(self) -> Self:
        self._call("open")
        return self

    def write(self, item: TrackedRound) -> None:
        if self._gate is not None:
            assert self._gate.wait(WAIT_S)
        self._call(f"write {item.result.index}")

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        self._call(f"finish {len(segments)}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.calls.append("close")


def rounds(count: int) -> list[TrackedRound]:
    return [tracked([frame_result(index=index)], index) for index in range(count)]


def test_rounds_arrive_in_order_then_the_history_then_the_end() -> None:
    sink = FakeSink()
    thread = SinkThread(sink, "job/fake")
    thread.start()
    assert all(thread.put(item) for item in rounds(10))
    thread.close(SEGMENTS)
    assert thread.join(WAIT_S)
    assert sink.calls == ["open", *(f"write {index}" for index in range(10)), "finish 1", "close"]
    assert thread.error is None


def test_without_history_it_is_only_closed() -> None:
    sink = FakeSink()
    thread = SinkThread(sink, "job/fake")
    thread.start()
    thread.close(None)
    assert thread.join(WAIT_S)
    assert sink.calls == ["open", "close"]


def test_an_empty_history_is_a_history() -> None:
    sink = FakeSink()
    thread = SinkThread(sink, "job/fake")
    thread.start()
    thread.close(())
    assert thread.join(WAIT_S)
    assert sink.calls == ["open", "finish 0", "close"]


@pytest.mark.parametrize("fail_at", ["open", "write 0", "finish"])
def test_a_failure_is_kept_and_never_blocks_the_producer(fail_at: str) -> None:
    sink = FakeSink(fail_at)
    thread = SinkThread(sink, "job/fake", capacity=1)
    thread.start()
    taken = [thread.put(item) for item in rounds(20)]
    thread.close(SEGMENTS)
    assert thread.join(WAIT_S)
    assert thread.failure().code == "disk_full"
    assert taken[-1] is (fail_at == "finish")


def test_a_program_fault_becomes_a_tracking_error() -> None:
    class Broken(FakeSink):
        def write(self, item: TrackedRound) -> None:
            raise ZeroDivisionError

    thread = SinkThread(Broken(), "job/fake")
    thread.start()
    thread.put(rounds(1)[0])
    thread.close(())
    assert thread.join(WAIT_S)
    assert thread.failure().code == "sink_failed"


def test_the_producer_waits_for_a_slow_sink() -> None:
    gate = threading.Event()
    sink = FakeSink(gate=gate)
    thread = SinkThread(sink, "job/fake", capacity=2)
    thread.start()
    producer_done = threading.Event()

    def produce() -> None:
        for item in rounds(6):
            thread.put(item)
        producer_done.set()

    producer = threading.Thread(target=produce, name="job/producer", daemon=True)
    producer.start()
    assert not producer_done.wait(0.05)
    gate.set()
    assert producer_done.wait(WAIT_S)
    thread.close(())
    assert thread.join(WAIT_S)
    producer.join(WAIT_S)
    assert [call for call in sink.calls if call.startswith("write")] == [f"write {index}" for index in range(6)]
