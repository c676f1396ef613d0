"""Live pictures: a snapshot or a stream, of one camera or of all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from errors import TrackingError
from sinks.live import MOSAIC
from web.service import Service, TheService, may_fail
from web.streams import Mailbox, Stream

FIRST_PICTURE_S: Final = 10.0
"""A job that loads its networks has no picture yet."""
BOUNDARY: Final = b"picture"

router = APIRouter(prefix="/jobs", tags=["live"])

Camera = Annotated[
    str | None, Query(description="The camera; all of them in one picture when absent", examples=["cam11"])
]
New = Annotated[
    str | None,
    Query(alias="t", description="Anything: makes the address new to a browser that would show an old picture"),
]
LIVE_ERRORS: Final = may_fail(
    _404="No such job, or it has no such camera",
    _409="The job is over",
    _429="Too many streams are open",
    _503="No picture yet",
)


@router.get(
    "/{job_id}/live.jpg",
    summary="The newest picture",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "A JPEG with boxes and ids"}, **LIVE_ERRORS},
)
async def snapshot(job_id: str, service: TheService, camera: Camera = None, _: New = None) -> Response:
    """Waits up to ten seconds for the first picture of a job that is about to start."""
    mailbox: Mailbox[bytes] = Mailbox()
    leave = _watch(service, job_id, camera, mailbox)
    try:
        async with asyncio.timeout(FIRST_PICTURE_S):
            jpeg = await mailbox.next()
    except TimeoutError:
        raise TrackingError(f"job {job_id} has no picture yet; try again", code="no_picture_yet") from None
    finally:
        leave()
    if jpeg is None:
        raise TrackingError(f"job {job_id} ended, or has no camera {camera!r}", code="no_live_picture")
    return Response(jpeg, media_type="image/jpeg")


@router.get(
    "/{job_id}/live.mjpeg",
    summary="A stream of pictures",
    response_class=Response,
    responses={
        200: {"content": {"multipart/x-mixed-replace": {}}, "description": "JPEGs, for an `<img>`"},
        **LIVE_ERRORS,
    },
)
async def stream(job_id: str, service: TheService, camera: Camera = None, _: New = None) -> Response:
    """Up to 12 pictures a second until the job ends. Who reads slowly misses some and is never behind."""
    mailbox: Mailbox[bytes] = Mailbox()
    leave = _watch(service, job_id, camera, mailbox)
    return Stream(_parts(mailbox), f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}", leave)


def _watch(service: Service, job_id: str, camera: str | None, mailbox: Mailbox[bytes]) -> Callable[[], None]:
    service.jobs.get(job_id)
    pictures = service.observed.pictures(job_id)
    channel = MOSAIC if camera is None else camera
    if not pictures.has(channel):
        raise TrackingError(f"job {job_id} has no camera {camera!r}", code="camera_unknown")
    count_out = service.streams.admit(mailbox)
    stop = pictures.watch(channel, mailbox.put)

    def leave() -> None:
        stop()
        count_out()

    return leave


async def _parts(mailbox: Mailbox[bytes]) -> AsyncIterator[bytes]:
    while (jpeg := await mailbox.next()) is not None:
        head = b"--%s\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % (BOUNDARY, len(jpeg))
        yield head + jpeg + b"\r\n"
    yield b"--%s--\r\n" % BOUNDARY
