"""How many bytes a request may have."""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Stops reading a request that is larger than it may be, whatever its header says.

    Args:
        app: What reads.
        most_bytes: Of any request.
        pictures: The paths that take pictures.
        most_picture_bytes: Of a request to one of them.
    """

    def __init__(self, app: ASGIApp, most_bytes: int, pictures: re.Pattern[str], most_picture_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._pictures = pictures
        self._most_picture_bytes = most_picture_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most_picture_bytes if self._pictures.fullmatch(scope["path"]) else self._most_bytes
        told = dict(scope["headers"]).get(b"content-length", b"0")
        promised = int(told) if told.isdigit() else 0
        read = 0

        async def counted() -> Message:
            nonlocal read
            if promised > most:
                raise _too_large(most)
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise _too_large(most)
            return message

        await self._app(scope, counted, send)


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"more than the {most} bytes that a request here may have; send less")
