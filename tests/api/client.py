"""A client that runs the application with its lifespan, in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI

from web.service import Service

PAIR = {"video1": "cam11.mp4", "video2": "cam44.mp4"}


class Client:
    """Blocking requests to an application in this process."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self._client = client

    def get(self, path: str, **content: Any) -> httpx.Response:
        return self._call("GET", path, **content)

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self._call("POST", path, **content)

    def put(self, path: str, **content: Any) -> httpx.Response:
        return self._call("PUT", path, **content)

    def patch(self, path: str, **content: Any) -> httpx.Response:
        return self._call("PATCH", path, **content)

    def delete(self, path: str, **content: Any) -> httpx.Response:
        return self._call("DELETE", path, **content)

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
        client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
        try:
            yield Client(portal, client)
        finally:
            portal.call(client.aclose)


def start(client: Client, **more: Any) -> str:
    reply = client.post("/start_tracking", json=PAIR | more)
    assert reply.status_code == 202, reply.text
    job_id: str = reply.json()["job_id"]
    return job_id


def watching(app: FastAPI, count: int) -> None:
    """Wait until so many streams are open."""
    service: Service = app.state.service
    tick = threading.Event()
    for _ in range(500):
        if len(service.streams) == count:
            return
        tick.wait(0.01)
    raise AssertionError(f"{len(service.streams)} streams are open, not {count}")


def error_of(reply: Any) -> dict[str, str]:
    assert set(reply.json()) == {"error"}
    error: dict[str, str] = reply.json()["error"]
    assert set(error) == {"code", "message"}
    assert "\n" not in error["message"]
    return error
