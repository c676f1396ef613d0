"""What happened: by cursor, and as it happens (Server-Sent Events)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from errors import JobError, StoreError
from notify.settings import Kind
from store.store import Store
from store.values import StoredEvent
from web.people import JobFilter, Number
from web.people_bodies import EventBody, EventsReply
from web.schemas import Text
from web.service import Service, TheService, may_fail
from web.streams import Mailbox, Stream

KEEP_ALIVE_S: Final = 15.0
"""A line that says nothing, so that nobody between takes the connection for dead."""
END_S: Final = 1.0
"""How often a stream of one job looks whether that is over."""
BATCH: Final = 200

router = APIRouter(tags=["events"])


class Ended(BaseModel):
    """A job is over; the last event of a stream of it."""

    job_id: str
    status: str


@dataclass(frozen=True)
class Filter:
    """Which events are asked for."""

    job_id: JobFilter = None
    identity: Annotated[Number | None, Query(description="Of this person, by any of its numbers", examples=[7])] = None
    kinds: Annotated[
        list[Kind] | None,
        Query(description="Of these kinds; may be repeated", examples=[["appeared", "left"]]),
    ] = None

    def read(self, store: Store, after: int, limit: int, *, last: bool = False) -> tuple[StoredEvent, ...]:
        """Events behind a cursor: the first of them, or the `last`."""
        kinds = tuple(self.kinds or ())
        return store.events(after=after, job_id=self.job_id, person=self.identity, kinds=kinds, limit=limit, last=last)


TheFilter = Annotated[Filter, Depends()]


@router.get("/events", response_description="Some events", summary="What happened", responses=may_fail(422, 503))
def list_events(
    service: TheService,
    wanted: TheFilter,
    after: Annotated[int, Query(ge=0, le=1 << 53, description="Cursor; 0 for the beginning", examples=[512])] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most of them, 1 to 1000", examples=[200])] = BATCH,
    *,
    tail: Annotated[bool, Query(description="The last `limit` of those asked for, in place of the first")] = False,
) -> EventsReply:
    """In the order they were written. Ask again with `next` as `after`; none come when there are no new ones."""
    # asked before the events are read: what comes meanwhile is told by the next request
    end = max(after, service.store.last_event()) if tail else after
    events = wanted.read(service.store, after, limit, last=tail)
    return EventsReply(
        events=[EventBody.model_validate(event) for event in events], next=max(end, events[-1].id if events else 0)
    )


@router.get(
    "/jobs/{job_id}/events",
    response_description="Some events",
    summary="What happened in a job",
    responses=may_fail(422, 503),
)
def list_job_events(
    job_id: Text,
    service: TheService,
    after: Annotated[int, Query(ge=0, le=1 << 53, description="Cursor; 0 for the beginning", examples=[512])] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most of them, 1 to 1000", examples=[200])] = BATCH,
) -> EventsReply:
    """The same as `/events?job_id=`."""
    return list_events(service, Filter(job_id), after, limit)


@router.get(
    "/events/stream",
    summary="What happens",
    response_class=Response,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Server-Sent Events; `data` as in `/events`"},
        204: {"description": "The job is over, and this client was told everything: ask no more"},
        **may_fail(404, 422, 503, _429="Too many streams are open"),
    },
)
async def stream_events(
    service: TheService,
    wanted: TheFilter,
    after: Annotated[
        int | None, Query(ge=0, le=1 << 53, description="Cursor; what is new from now on when absent", examples=[512])
    ] = None,
    last_event_id: Annotated[int | None, Header(ge=0, le=1 << 53, description="What browsers send to go on")] = None,
) -> Response:
    """Each event within about a second of its writing, named by its kind, until one side closes.

    A stream that breaks off goes on where it was: its `id` is the cursor. A stream of one job (`job_id`) ends with the
    job: the last event is called `ended`, with the job's `status`.
    """
    store = service.store
    start = last_event_id if last_event_id is not None else after
    cursor = await run_in_threadpool(store.last_event) if start is None else start
    if wanted.job_id is not None:
        status = await run_in_threadpool(service.outcome, wanted.job_id)
        told = last_event_id is not None and not await run_in_threadpool(wanted.read, store, cursor, 1)
        if status is not None and told:
            return Response(status_code=204)  # to browsers: do not connect again
    mailbox: Mailbox[int] = Mailbox()
    count_out = service.streams.admit(mailbox)
    stop = service.events.listen(mailbox.put)

    def leave() -> None:
        stop()
        count_out()

    return Stream(_lines(service, wanted, cursor, mailbox), "text/event-stream", leave)


async def _lines(service: Service, wanted: Filter, cursor: int, mailbox: Mailbox[int]) -> AsyncIterator[bytes]:
    yield b"retry: 2000\n\n"
    store, wait_s = service.store, KEEP_ALIVE_S if wanted.job_id is None else END_S
    with suppress(StoreError):  # the client asks again, where it was
        while True:
            # asked before the events are read: what came until then is told before the end
            ended = await run_in_threadpool(_ending, service, wanted.job_id)
            while events := await run_in_threadpool(wanted.read, store, cursor, BATCH):
                for event in events:
                    body = EventBody.model_validate(event).model_dump_json()
                    yield f"id: {event.id}\nevent: {event.kind}\ndata: {body}\n\n".encode()
                cursor = events[-1].id
            if ended is not None:
                yield f"id: {cursor}\nevent: ended\ndata: {ended.model_dump_json()}\n\n".encode()
                return
            try:
                async with asyncio.timeout(wait_s):
                    if await mailbox.next() is None:
                        return
            except TimeoutError:
                yield b": still here\n\n"


def _ending(service: Service, job_id: str | None) -> Ended | None:
    """The end of a job; None while there is none, and without a job."""
    if job_id is None:
        return None
    try:
        status = service.outcome(job_id)
    except JobError:
        return Ended(job_id=job_id, status="deleted")
    return None if status is None else Ended(job_id=job_id, status=status)
