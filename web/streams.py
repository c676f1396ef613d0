"""Answers that go on for as long as somebody reads: the newest item for each reader, an end for all at shutdown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final, Generic, TypeVar

from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from errors import TrackingError

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

STALL_S: Final = 20.0
"""A reader that takes nothing for this long is let go: it would hold its place for ever."""


class Mailbox(Generic[Item]):
    """Holds the newest item for one reader in the event loop; older ones it did not come to are dropped.

    To be made in the event loop; filled and closed from any thread.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._came = asyncio.Event()
        self._item: Item | None = None
        self._closed = False

    def put(self, item: Item | None) -> None:
        """Leave an item in place of what lies there; None for: there will be no more."""
        with suppress(RuntimeError):  # the loop is gone, and the reader with it
            self._loop.call_soon_threadsafe(self._take, item)

    async def next(self) -> Item | None:
        """The newest item that was not read yet, when there is one; None at the end."""
        await self._came.wait()
        if not self._closed:
            self._came.clear()
        item, self._item = self._item, None
        return item

    def _take(self, item: Item | None) -> None:
        self._item = None if self._closed else item
        self._closed = self._closed or item is None
        self._came.set()


class Streams:
    """The streams that are open: not too many, and all closed when the server stops. Used by the event loop only.

    Args:
        most: Open at once.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[int, Callable[[None], None]] = {}
        self._closed = False

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, mailbox: Mailbox[Item]) -> Callable[[], None]:
        """Count a reader in.

        Returns:
            Counts it out; may be called twice.

        Raises:
            TrackingError: `too_many_viewers` or `shutting_down`.
        """
        if self._closed:
            raise TrackingError("the server is shutting down", code="shutting_down")
        if len(self._open) >= self._most:
            raise TrackingError(
                f"{self._most} streams are open, which is the most; close one (MCT_SERVER__MAX_VIEWERS allows more)",
                code="too_many_viewers",
            )
        self._open[id(mailbox)] = mailbox.put
        return lambda: self._open.pop(id(mailbox), None) and None

    def close(self) -> None:
        """End all streams and take no more."""
        self._closed = True
        for put in tuple(self._open.values()):
            put(None)


class Stream(StreamingResponse):
    """Sends pieces as they come, to readers that keep reading.

    Args:
        pieces: What to send.
        media_type: Of the whole.
        at_end: Called once, when the last piece was sent or the reader is gone.
        stall_s: See `STALL_S`.
    """

    def __init__(
        self, pieces: AsyncIterator[bytes], media_type: str, at_end: Callable[[], None], stall_s: float = STALL_S
    ) -> None:
        super().__init__(pieces, media_type=media_type, headers={"X-Accel-Buffering": "no"})
        self._at_end = at_end
        self._stall_s = stall_s

    async def stream_response(self, send: Send) -> None:
        async def in_time(message: Message) -> None:
            async with asyncio.timeout(self._stall_s):
                await send(message)

        try:
            await super().stream_response(in_time)
        except TimeoutError:
            logger.info("a reader that took nothing for %.0f s was let go", self._stall_s)
        finally:
            self._at_end()
