"""Events are told in order, tried again, given up in time; every loss is counted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

import pytest

from buffers import Buffer
from errors import StoreError
from notify import DeliveryError, Message
from notify.notifier import Notifier

WAIT_S = 5.0
AGAIN = DeliveryError("not now", again=True)
NEVER = DeliveryError("never", again=False)


class Target:
    """Fails as told, then takes everything."""

    name = "target"

    def __init__(self, *failures: DeliveryError) -> None:
        self._failures = list(failures)
        self.attempts = 0
        self.attempted = threading.Event()
        self.taken: Buffer[int] = Buffer(1000)
        self.closed = threading.Event()

    def deliver(self, message: Message) -> None:
        self.attempts += 1
        self.attempted.set()
        if self._failures:
            raise self._failures.pop(0)
        self.taken.put(message.id)

    def close(self) -> None:
        self.closed.set()


def messages(count: int, kind: str = "appeared") -> list[Message]:
    return [Message(number, kind, b"{}") for number in range(1, count + 1)]


def reading(stored: Sequence[Message]) -> Callable[[int], list[Message]]:
    """As a store reads: two at a time."""
    return lambda cursor: [message for message in stored if message.id > cursor][:2]


def run(target: Target, stored: Sequence[Message], expected: int, **more: object) -> tuple[list[int], Notifier]:
    """Tell everything that is stored; returns what was taken once that is as much as expected."""
    notifier = Notifier(target, reading(stored), 0, waits_s=(0.0, 0.0), **more)  # type: ignore[arg-type]  # as given
    notifier.start()
    notifier.tell(stored[-1].id)
    taken = [target.taken.get(WAIT_S) for _ in range(expected)]
    notifier.stop()
    assert target.closed.is_set()
    return taken, notifier


def test_events_are_told_in_order() -> None:
    taken, notifier = run(Target(), messages(5), 5)
    assert taken == [1, 2, 3, 4, 5]
    assert (notifier.tally.sent, notifier.tally.lost, notifier.tally.error) == (5, 0, None)


def test_only_the_kinds_asked_for_are_told() -> None:
    stored = [Message(1, "joined", b""), Message(2, "left", b""), Message(3, "joined", b""), Message(4, "left", b"")]
    taken, notifier = run(Target(), stored, 2, kinds=["left"])
    assert taken == [2, 4]
    assert notifier.tally.lost == 0


@pytest.mark.parametrize(
    ("failures", "taken", "lost"),
    [
        pytest.param([AGAIN], [1, 2], 0, id="works-at-the-second-attempt"),
        pytest.param([AGAIN, AGAIN], [1, 2], 0, id="works-at-the-last-attempt"),
        pytest.param([AGAIN, AGAIN, AGAIN], [2], 1, id="given-up"),
        pytest.param([NEVER], [2], 1, id="refused-for-good"),
    ],
)
def test_a_message_is_tried_again_and_given_up_in_time(
    failures: list[DeliveryError], taken: list[int], lost: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    target = Target(*failures)
    found, notifier = run(target, messages(2), len(taken))
    assert (found, notifier.tally.lost) == (taken, lost)
    assert target.attempts == len(taken) + len(failures)
    assert notifier.tally.error is None
    assert "works again" in caplog.text


def test_too_many_that_wait_are_passed_over_and_counted() -> None:
    taken, notifier = run(Target(), messages(10), 3, most_behind=3)
    assert taken == [8, 9, 10]
    assert notifier.tally.lost == 7


def test_a_store_that_does_not_answer_is_asked_again_with_the_next_news() -> None:
    stored, asked = messages(1), threading.Event()

    def read(cursor: int) -> list[Message]:
        if not asked.is_set():
            asked.set()
            raise StoreError("gone", code="store_unavailable")
        return reading(stored)(cursor)

    target = Target()
    notifier = Notifier(target, read, 0)
    notifier.start()
    notifier.tell(1)
    assert asked.wait(WAIT_S)
    notifier.tell(1)
    assert target.taken.get(WAIT_S) == 1
    notifier.stop()


def test_it_stops_while_it_waits_for_the_next_attempt(caplog: pytest.LogCaptureFixture) -> None:
    target = Target(*[AGAIN] * 100)
    notifier = Notifier(target, reading(messages(3)), 0, waits_s=(60.0,))
    notifier.start()
    notifier.tell(3)
    assert target.attempted.wait(WAIT_S)
    notifier.stop()
    assert target.closed.is_set()
    assert (target.attempts, notifier.tally.sent, notifier.tally.lost) == (1, 0, 3)
    assert "sent 0, lost 3" in caplog.text


def test_what_was_told_is_sent_before_it_stops() -> None:
    target = Target()
    notifier = Notifier(target, reading(messages(5)), 0)
    notifier.start()
    notifier.tell(5)
    notifier.stop(WAIT_S)
    assert (notifier.tally.sent, notifier.tally.lost) == (5, 0)


def test_telling_never_waits_for_the_target() -> None:
    go_on = threading.Event()

    class Slow(Target):
        went_on = False

        def deliver(self, message: Message) -> None:
            super().deliver(message)
            self.went_on = go_on.wait(WAIT_S)

    slow = Slow()
    notifier = Notifier(slow, reading(messages(3)), 0)
    notifier.start()
    notifier.tell(1)
    assert slow.attempted.wait(WAIT_S)
    for cursor in range(1000):
        notifier.tell(cursor)
    assert (slow.attempts, slow.went_on) == (1, False)
    go_on.set()
    notifier.stop()
