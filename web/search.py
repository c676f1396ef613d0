"""Search by photo: who looks like the person in an uploaded picture."""

from __future__ import annotations

from typing import Annotated, Final

import anyio.to_thread
from fastapi import APIRouter, Query, Request

from web.people_bodies import MatchBody, SearchReply
from web.photo import read_photo
from web.service import Service, TheService, may_fail

PATH: Final = "/identities/search"

router = APIRouter(tags=["people"])


@router.post(
    PATH,
    response_description="Who looks like the picture",
    summary="Search by photo",
    responses=may_fail(413, 424, 503, _422="The picture cannot be read, is too large or shows nobody"),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The picture itself: a JPEG, PNG or WebP",
            "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def search_by_photo(
    request: Request,
    service: TheService,
    limit: Annotated[int, Query(ge=1, le=100, description="Most people, 1 to 100", examples=[10])] = 10,
) -> SearchReply:
    """Send a picture of a person as the body and get the people who look most like it.

    The largest person in the picture counts. The picture is not kept.
    """
    data = await request.body()
    return await anyio.to_thread.run_sync(_search, service, data, limit, limiter=service.searches)


def _search(service: Service, data: bytes, limit: int) -> SearchReply:
    image = read_photo(data)
    store = service.store
    look = service.eye.look(image)
    matches = store.search(look.embedding, embedder=look.embedder, mean_person=look.mean_person, limit=limit)
    return SearchReply(box_xyxy=look.box_xyxy, matches=[MatchBody.model_validate(match) for match in matches])
