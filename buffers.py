"""The only hand-overs between threads: a bounded buffer and a latest value."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from enum import Enum
from typing import Generic, TypeVar

T = TypeVar("T")


class WhenFull(Enum):
    """What `Buffer.put` does when there is no room."""

    BLOCK = "block"
    """Wait for room: every item arrives. For files."""
    DROP_OLDEST = "drop_oldest"
    """Throw the oldest item away and count it. For live streams."""


class Closed(Exception):  # noqa: N818 - a state, not a fault
    """The buffer was closed and holds nothing more."""


class Buffer(Generic[T]):
    """A bounded queue that can be closed; many producers and consumers may share it.

    Iterating takes items until the buffer is closed and drained.

    Args:
        capacity: Most items held at once, at least 1.
        when_full: See `WhenFull`.
        bell: Rung when an item comes and when it is closed, for a consumer of several buffers.
    """

    def __init__(
        self, capacity: int, when_full: WhenFull = WhenFull.BLOCK, bell: LatestValue[None] | None = None
    ) -> None:
        if capacity < 1:
            raise ValueError(f"capacity: want at least 1, got {capacity}")
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._when_full = when_full
        self._bell = bell
        self._closed = False
        self._dropped = 0
        self._changed = threading.Condition()

    def put(self, item: T, timeout_s: float | None = None) -> bool:
        """Hand an item over, waiting for room under `BLOCK`.

        Returns:
            False when the buffer is closed (before or while waiting): the item was not taken.

        Raises:
            TimeoutError: There was no room in time: the item was not taken.
        """
        with self._changed:
            if self._when_full is WhenFull.BLOCK and not self._changed.wait_for(self._takes, timeout_s):
                raise TimeoutError(f"no room within {timeout_s} s")
            if self._closed:
                return False
            if len(self._items) == self._capacity:
                self._items.popleft()
                self._dropped += 1
            self._items.append(item)
            self._changed.notify_all()
        self._ring()
        return True

    def get(self, timeout_s: float | None = None) -> T:
        """Take the oldest item, waiting for one.

        Raises:
            Closed: The buffer is closed and drained.
            TimeoutError: Nothing came in time.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._items or self._closed, timeout_s):
                raise TimeoutError(f"nothing came within {timeout_s} s")
            if not self._items:
                raise Closed
            item = self._items.popleft()
            self._changed.notify_all()
            return item

    def close(self, *, discard: bool = False) -> None:
        """Take no more items and wake everybody who waits; may be called twice.

        Args:
            discard: Also throw away what has not been taken, for a consumer that died.
        """
        with self._changed:
            self._closed = True
            if discard:
                self._items.clear()
            self._changed.notify_all()
        self._ring()

    def _takes(self) -> bool:
        return self._closed or len(self._items) < self._capacity

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.set(None)

    def __iter__(self) -> Iterator[T]:
        while True:
            try:
                yield self.get()
            except Closed:
                return

    def __len__(self) -> int:
        with self._changed:
            return len(self._items)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        with self._changed:
            return self._closed

    @property
    def dropped(self) -> int:
        """Items thrown away for want of room so far."""
        with self._changed:
            return self._dropped


class LatestValue(Generic[T]):
    """One slot that always holds the newest value; readers never wait for the writer."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._version = 0
        self._changed = threading.Condition()

    def set(self, value: T) -> None:
        """Replace the value and wake those who wait for a newer one."""
        with self._changed:
            self._value = value
            self._version += 1
            self._changed.notify_all()

    def get(self) -> T:
        """The newest value."""
        with self._changed:
            return self._value

    def wait_newer(self, version: int, timeout_s: float) -> tuple[T, int]:
        """Wait for a value newer than `version`; whatever is there when time is up, with its version."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            self._changed.wait_for(lambda: self._version > version, max(0.0, deadline - time.monotonic()))
            return self._value, self._version
