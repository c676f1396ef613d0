"""Listens and serves until SIGINT or SIGTERM."""

from __future__ import annotations

import logging
import socket
from typing import Final

import uvicorn
from fastapi import FastAPI

from errors import TrackingError
from web.service import Service
from web.settings import ServerSettings
from web.streams import Streams

MOST_REQUESTS: Final = 128
"""Connections served at once besides the streams; further ones are told to come back."""

logger = logging.getLogger(__name__)

REQUESTS_S: Final = 5
"""Seconds that requests under way have when the server stops."""


class Server(uvicorn.Server):
    """Ends the streams first: they would go on for as long as it waits for requests under way."""

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.close()
        await super().shutdown(sockets)


def serve(app: FastAPI, host: str, port: int, settings: ServerSettings) -> None:
    """Serve until SIGINT (then return) or SIGTERM (then end the process); jobs are stopped first in both cases.

    Args:
        app: What to serve.
        host: Address to listen on; `0.0.0.0` or `::` for all.
        port: 0 to 65535; 0 takes a free one and the log says which.
        settings: What the application was built with.

    Raises:
        TrackingError: `address_unavailable`.
    """
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{listener.getsockname()[1]}"
    logger.info("API on %s, page at %s/, reference at %s/docs; Ctrl-C stops", url, url, url)
    service: Service = app.state.service
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=REQUESTS_S,
        limit_concurrency=settings.max_viewers + MOST_REQUESTS,
    )
    try:
        Server(config, service.streams).run(sockets=[listener])
    except KeyboardInterrupt:
        logger.info("stopped")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TrackingError(
            f"cannot listen on {host}:{port}: {reason}; choose another with --host and --port",
            code="address_unavailable",
        ) from error
