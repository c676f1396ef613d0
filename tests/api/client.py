"""A client that runs the application with its lifespan, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI


class Client:
    """Blocking requests to an application in this process."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self._client = client

    def get(self, path: str) -> httpx.Response:
        return self._call("GET", path)

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self._call("POST", path, **content)

    def _call(self, method: str, path: str, **content: Any) -> httpx.Response:
        async def call() -> httpx.Response:
            return await self._client.request(method, path, **content)

        return self._portal.call(call)


@contextmanager
def running(app: FastAPI) -> Iterator[Client]:
    """The application between its startup and its shutdown.

    Starlette's TestClient warns about httpx; this is the same on httpx's own ASGI transport.
    """
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(app.router.lifespan_context(app)):
        client = httpx.AsyncClient(transport=transport, base_url="http://tracker")
        try:
            yield Client(portal, client)
        finally:
            portal.call(client.aclose)
