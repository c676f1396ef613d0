"""Sends events to one target, in order, in a thread of its own: tried again, given up in time, losses counted."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from buffers import Buffer, LatestValue, WhenFull
from errors import TrackingError
from notify import DeliveryError, Message, Target

logger = logging.getLogger(__name__)

WAITS_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Between the attempts at one message; after the last it is lost."""
MOST_BEHIND: Final = 1000
"""Events that may wait; older ones are lost. They wait where they are stored, not in memory."""
JOIN_S: Final = 8.0
STOPPED: Final = "the server stopped before it was sent"

Read = Callable[[int], Sequence[Message]]
"""Some messages behind a cursor, in order; may raise `TrackingError`."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How a target is doing.

    Attributes:
        sent: Messages taken.
        lost: Messages given up, and those passed over when too many waited.
        error: Why the last attempt failed; None when it did not.
    """

    sent: int = 0
    lost: int = 0
    error: str | None = None


class Notifier:
    """Sends what is new to one target.

    Args:
        target: Where to; belongs to this thread from `start` on.
        read: What is new.
        cursor: What lies behind it is new.
        kinds: What is sent; empty for all.
        waits_s: See `WAITS_S`.
        most_behind: See `MOST_BEHIND`.
    """

    def __init__(
        self,
        target: Target,
        read: Read,
        cursor: int,
        *,
        kinds: Sequence[str] = (),
        waits_s: Sequence[float] = WAITS_S,
        most_behind: int = MOST_BEHIND,
    ) -> None:
        self.name = target.name
        self._target = target
        self._read = read
        self._cursor = cursor
        self._kinds = frozenset(kinds)
        self._waits_s = waits_s
        self._most_behind = most_behind
        self._news: Buffer[None] = Buffer(1, WhenFull.DROP_OLDEST)
        self._newest: LatestValue[int] = LatestValue(cursor)
        self._stop = threading.Event()
        self._tally: LatestValue[Tally] = LatestValue(Tally())
        self._thread = threading.Thread(target=self._run, name=f"server/notify-{self.name}", daemon=True)

    @property
    def tally(self) -> Tally:
        """How the target is doing."""
        return self._tally.get()

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def tell(self, cursor: int) -> None:
        """There is news up to this cursor; returns at once, from any thread."""
        self._newest.set(cursor)
        self._news.put(None)

    def stop(self, within_s: float = 0.0) -> None:
        """Go on for so long with what was told of, then send no more; what is left by then is counted as lost."""
        self._news.close()
        self._thread.join(within_s)
        self._stop.set()
        self._thread.join(JOIN_S)  # for the attempt under way

    def _run(self) -> None:
        try:
            for _ in self._news:
                self._catch_up()
        except Exception:  # last line of the thread
            logger.exception("%s: notifications ended", self.name)
        finally:
            self._target.close()
            if (tally := self._tally.get()).lost:
                logger.warning("%s: sent %d, lost %d in all", self.name, tally.sent, tally.lost)

    def _catch_up(self) -> None:
        """Send everything that there is, or count it once told to stop."""
        while messages := self._unread():
            for message in messages:
                if message.kind in self._kinds or not self._kinds:
                    self._treat(message)
                self._cursor = message.id

    def _unread(self) -> Sequence[Message]:
        try:
            return self._read(self._cursor)
        except TrackingError as error:  # the store does not answer; the next news tries again
            logger.info("%s: %s", self.name, error.message)
            return ()

    def _treat(self, message: Message) -> None:
        """Send it, or give it up when too many wait behind it or nothing is to be sent any more."""
        if self._stop.is_set():
            self._count(lost=1, error=STOPPED)
        elif message.id <= self._newest.get() - self._most_behind:
            self._count(lost=1, error="too slow: old events are passed over")
        else:
            self._send(message)

    def _send(self, message: Message) -> None:
        """Try until it is taken, refused for good, or tried often enough."""
        for wait_s in (*self._waits_s, None):
            try:
                self._target.deliver(message)
            except DeliveryError as error:
                if wait_s is None or not error.again:
                    self._count(lost=1, error=str(error))
                    return
                self._count(error=str(error))
                if self._stop.wait(wait_s):
                    self._count(lost=1, error=STOPPED)
                    return
            else:
                self._count(sent=1)
                return

    def _count(self, *, sent: int = 0, lost: int = 0, error: str | None = None) -> None:
        before = self._tally.get()
        self._tally.set(Tally(before.sent + sent, before.lost + lost, error))
        if error is not None and (before.error is None or (lost and not before.lost)):
            logger.warning("%s: %s; sent %d, lost %d", self.name, error, before.sent + sent, before.lost + lost)
        elif error is None and before.error is not None:
            logger.info("%s: works again; lost %d so far", self.name, before.lost)
