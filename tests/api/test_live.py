"""Live pictures over HTTP: snapshots and streams that end with their job or with the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from app import create_app
from entities import CameraId, TrackedRound
from errors import TrackingError
from jobs import JobManager
from tests.api.client import Client, error_of, running, start, watching
from tests.builders import box, frame_result, tracked
from tests.fake_pipeline import WAIT_S, Workshop
from web.settings import ServerSettings
from web.streams import Mailbox, Stream, Streams

CAM11, CAM44 = CameraId("cam11"), CameraId("cam44")


def a_round(index: int = 0) -> TrackedRound:
    return tracked([frame_result([box()], [1], [7], index, camera_id=camera) for camera in (CAM11, CAM44)], index)


@pytest.fixture
def job_id(client: Client, workshop: Workshop) -> str:
    """A running job that has shown a round."""
    job_id = start(client)
    assert workshop.made[0].running.wait(WAIT_S)
    workshop.made[0].show(a_round())
    return job_id


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.mark.parametrize("query", [pytest.param("", id="mosaic"), pytest.param("?camera=cam11", id="camera")])
def test_a_snapshot_is_a_jpeg(client: Client, job_id: str, query: str) -> None:
    reply = client.get(f"/jobs/{job_id}/live.jpg{query}")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "image/jpeg")
    assert reply.content.startswith(b"\xff\xd8")
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("kind", ["jpg", "mjpeg"])
def test_what_cannot_be_shown_is_said(
    client: Client, job_id: str, workshop: Workshop, jobs: JobManager, kind: str
) -> None:
    assert error_of(client.get(f"/jobs/nobody/live.{kind}"))["code"] == "job_unknown"
    unknown = client.get(f"/jobs/{job_id}/live.{kind}?camera=cam9")
    assert (unknown.status_code, error_of(unknown)["code"]) == (404, "camera_unknown")
    workshop.made[0].finish()
    assert jobs.get(job_id).wait(WAIT_S)
    over = client.get(f"/jobs/{job_id}/live.{kind}")
    assert (over.status_code, error_of(over)["code"]) == (409, "job_not_running")


def stream(client: Client, job_id: str, pool: ThreadPoolExecutor) -> Future[httpx.Response]:
    return pool.submit(client.get, f"/jobs/{job_id}/live.mjpeg?camera=cam11")


def test_a_stream_is_parts_that_end_with_the_job(
    app: FastAPI, client: Client, job_id: str, workshop: Workshop, pool: ThreadPoolExecutor
) -> None:
    reply = stream(client, job_id, pool)
    watching(app, 1)
    assert client.get(f"/jobs/{job_id}/live.jpg?camera=cam11").status_code == 200
    workshop.made[0].finish()
    parts = reply.result(WAIT_S).content.split(b"--picture")
    assert parts[0] == b""
    assert parts[-1] == b"--\r\n"
    assert len(parts) >= 3
    head, _, body = parts[1].partition(b"\r\n\r\n")
    assert b"Content-Type: image/jpeg" in head
    assert f"Content-Length: {len(body) - 2}".encode() in head
    assert body.startswith(b"\xff\xd8")
    watching(app, 0)


def test_a_stream_of_a_queued_job_ends_when_that_is_stopped(
    app: FastAPI, client: Client, job_id: str, pool: ThreadPoolExecutor
) -> None:
    queued = start(client)
    reply = stream(client, queued, pool)
    watching(app, 1)
    client.post(f"/jobs/{queued}/stop")
    assert reply.result(WAIT_S).content == b"--picture--\r\n"


def test_a_camera_that_turns_out_not_to_exist_ends_its_stream(
    app: FastAPI, client: Client, workshop: Workshop, pool: ThreadPoolExecutor
) -> None:
    start(client)
    queued = start(client)
    reply = pool.submit(client.get, f"/jobs/{queued}/live.jpg?camera=cam9")
    watching(app, 1)
    workshop.made[0].finish()
    assert workshop.made[1].running.wait(WAIT_S)
    assert error_of(reply.result(WAIT_S))["code"] == "no_live_picture"


def test_no_more_streams_than_allowed(workshop: Workshop, tmp_path: Path, pool: ThreadPoolExecutor) -> None:
    app = create_app(workshop, results_root=tmp_path, settings=ServerSettings(max_viewers=1))
    with running(app) as client:
        job_id = start(client)
        assert workshop.made[0].running.wait(WAIT_S)
        first = stream(client, job_id, pool)
        watching(app, 1)
        refused = client.get(f"/jobs/{job_id}/live.mjpeg")
        assert (refused.status_code, error_of(refused)["code"]) == (429, "too_many_viewers")
        workshop.made[0].finish()
        assert first.result(WAIT_S).status_code == 200


def test_a_slow_reader_gets_the_newest_and_an_end() -> None:
    async def read() -> list[str | None]:
        mailbox: Mailbox[str] = Mailbox()
        for item in ("one", "two", "three"):
            await asyncio.to_thread(mailbox.put, item)
        newest = await mailbox.next()
        mailbox.put(None)
        mailbox.put("late")
        return [newest, await mailbox.next(), await mailbox.next()]

    assert asyncio.run(read()) == ["three", None, None]


@pytest.mark.parametrize("asgi", ["2.3", "2.4"])
def test_who_reads_nothing_is_let_go(asgi: str) -> None:
    ends: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"picture"

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    stream = Stream(pieces(), "text/plain", lambda: ends.append("end"), stall_s=0.05)
    scope = {"type": "http", "asgi": {"spec_version": asgi}}
    asyncio.run(asyncio.wait_for(stream(scope, receive, send), WAIT_S))
    assert ends == ["end"]


def test_who_fills_a_mailbox_whose_loop_is_gone_does_not_notice() -> None:
    async def make() -> Mailbox[str]:
        return Mailbox()

    asyncio.run(make()).put("nobody reads this")


def test_streams_that_are_closed_end_and_take_nobody() -> None:
    async def close() -> str | None:
        streams, mailbox = Streams(2), Mailbox[str]()
        streams.admit(mailbox)
        streams.close()
        with pytest.raises(TrackingError) as refused:
            streams.admit(Mailbox[str]())
        assert refused.value.code == "shutting_down"
        return await mailbox.next()

    assert asyncio.run(close()) is None
