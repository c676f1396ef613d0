"""The hand-overs between threads: order, room, closing, waking."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from buffers import Buffer, Closed, LatestValue, WhenFull

WAIT_S = 5.0
"""Long enough for any machine; a passing test never waits this long."""
BLOCKED_S = 0.05
"""How long a call must not have returned to be called waiting."""


@contextmanager
def started(work: Callable[[], object]) -> Iterator[threading.Event]:
    """Run `work` in a thread; the event says that it returned, and leaving waits for that."""
    returned = threading.Event()

    def run() -> None:
        work()
        returned.set()

    thread = threading.Thread(target=run, name="test/worker", daemon=True)
    thread.start()
    yield returned
    thread.join(WAIT_S)
    assert not thread.is_alive(), "the worker never came back"


def filled(capacity: int, items: int, when_full: WhenFull = WhenFull.BLOCK) -> Buffer[int]:
    """A buffer that was given 0, 1, … `items` - 1."""
    buffer: Buffer[int] = Buffer(capacity, when_full)
    for item in range(items):
        assert buffer.put(item)
    return buffer


@pytest.mark.parametrize("capacity", [0, -1])
def test_a_buffer_without_room_is_refused(capacity: int) -> None:
    with pytest.raises(ValueError, match=f"want at least 1, got {capacity}"):
        Buffer[int](capacity)


@pytest.mark.parametrize(
    ("capacity", "given", "kept", "dropped"),
    [
        pytest.param(3, 0, [], 0, id="nothing"),
        pytest.param(3, 1, [0], 0, id="one"),
        pytest.param(3, 3, [0, 1, 2], 0, id="exactly-full"),
        pytest.param(3, 4, [1, 2, 3], 1, id="one-too-many"),
        pytest.param(1, 5, [4], 4, id="only-the-newest"),
    ],
)
def test_drop_oldest_keeps_the_newest_and_counts(capacity: int, given: int, kept: list[int], dropped: int) -> None:
    buffer = filled(capacity, given, WhenFull.DROP_OLDEST)
    assert len(buffer) == len(kept)
    buffer.close()
    assert list(buffer) == kept
    assert buffer.dropped == dropped


def test_block_waits_for_room_and_loses_nothing() -> None:
    buffer = filled(capacity=1, items=1)
    with started(lambda: buffer.put(1)) as put:
        assert not put.wait(BLOCKED_S), "put returned though the buffer was full"
        assert buffer.get(WAIT_S) == 0
        assert put.wait(WAIT_S)
    assert buffer.get(WAIT_S) == 1
    assert buffer.dropped == 0


def test_put_gives_up_in_time() -> None:
    buffer: Buffer[int] = Buffer(1)
    assert buffer.put(1, 0.0)
    with pytest.raises(TimeoutError):
        buffer.put(2, 0.01)
    assert buffer.get() == 1
    assert buffer.put(3, 0.0), "what was not taken left no trace"


def test_get_waits_for_an_item() -> None:
    buffer: Buffer[str] = Buffer(1)
    taken: list[str] = []
    with started(lambda: taken.append(buffer.get(WAIT_S))) as got:
        assert not got.wait(BLOCKED_S), "get returned though there was nothing"
        buffer.put("item")
        assert got.wait(WAIT_S)
    assert taken == ["item"]


@pytest.mark.parametrize("timeout_s", [0.0, 0.01])
def test_get_gives_up_in_time(timeout_s: float) -> None:
    with pytest.raises(TimeoutError, match=f"within {timeout_s} s"):
        Buffer[int](1).get(timeout_s)


@pytest.mark.parametrize("when_full", list(WhenFull))
def test_a_closed_buffer_takes_nothing_more_and_keeps_what_it_has(when_full: WhenFull) -> None:
    buffer = filled(2, 2, when_full)
    buffer.close()
    assert buffer.closed
    assert buffer.put(9) is False
    assert (list(buffer), buffer.dropped) == ([0, 1], 0)
    with pytest.raises(Closed):
        buffer.get(WAIT_S)


def test_close_may_be_called_twice_and_discards_only_when_told() -> None:
    buffer = filled(2, 2)
    buffer.close()
    buffer.close()
    assert len(buffer) == 2
    buffer.close(discard=True)
    assert list(buffer) == []


def test_close_wakes_a_waiting_producer_which_learns_that_its_item_was_not_taken() -> None:
    buffer = filled(capacity=1, items=1)
    answers: list[bool] = []
    with started(lambda: answers.append(buffer.put(1))) as put:
        assert not put.wait(BLOCKED_S)
        buffer.close(discard=True)
        assert put.wait(WAIT_S)
    assert answers == [False]
    assert len(buffer) == 0


def test_close_wakes_a_waiting_consumer() -> None:
    buffer: Buffer[int] = Buffer(1)
    seen: list[int] = []
    with started(lambda: seen.extend(buffer)) as drained:
        assert not drained.wait(BLOCKED_S)
        buffer.close()
        assert drained.wait(WAIT_S)
    assert seen == []


def test_many_producers_and_consumers_lose_and_double_nothing() -> None:
    buffer: Buffer[int] = Buffer(2)
    taken: list[list[int]] = [[], [], []]
    consumers = [threading.Thread(target=lambda out=out: out.extend(buffer), name="test/consumer") for out in taken]
    producers = [
        threading.Thread(target=lambda start=start: [buffer.put(start + i) for i in range(100)], name="test/producer")
        for start in (0, 100, 200)
    ]
    for thread in consumers + producers:
        thread.start()
    for thread in producers:
        thread.join(WAIT_S)
    buffer.close()
    for thread in consumers:
        thread.join(WAIT_S)
    assert sorted(item for out in taken for item in out) == list(range(300))
    for out in taken:
        assert sorted(out, key=lambda item: item // 100) == sorted(out), "items of one producer overtook each other"


def test_one_consumer_sees_each_producers_items_in_order() -> None:
    buffer: Buffer[int] = Buffer(2)
    with started(lambda: [buffer.put(item) for item in range(50)]):
        assert [buffer.get(WAIT_S) for _ in range(50)] == list(range(50))


def test_latest_value_starts_with_what_it_was_given() -> None:
    latest = LatestValue("first")
    assert latest.get() == "first"
    assert latest.wait_newer(0, timeout_s=0.0) == ("first", 0)


def test_latest_value_keeps_only_the_newest() -> None:
    latest = LatestValue(0)
    for value in (1, 2, 3):
        latest.set(value)
    assert latest.get() == 3
    assert latest.wait_newer(0, timeout_s=0.0) == (3, 3)


@pytest.mark.parametrize(
    ("seen", "version"),
    [pytest.param(0, 1, id="older-returns-at-once"), pytest.param(1, 1, id="equal-waits-until-time-is-up")],
)
def test_wait_newer_returns_what_is_there(seen: int, version: int) -> None:
    latest = LatestValue("a")
    latest.set("b")
    assert latest.wait_newer(seen, timeout_s=0.01) == ("b", version)


def test_wait_newer_is_woken_by_the_writer() -> None:
    latest = LatestValue("old")
    answers: list[tuple[str, int]] = []
    with started(lambda: answers.append(latest.wait_newer(0, WAIT_S))) as woken:
        assert not woken.wait(BLOCKED_S), "it returned though there was nothing newer"
        latest.set("new")
        assert woken.wait(WAIT_S)
    assert answers == [("new", 1)]
