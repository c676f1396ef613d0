"""Who was there: identities, one identity, its pictures, sightings by time and camera."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from errors import StoreError
from store.people import Whom
from store.records import When
from web.people_bodies import ErasedReply, IdentitiesReply, IdentityReply, SightingsReply
from web.schemas import Text
from web.service import TheService, may_fail

router = APIRouter(tags=["people"])

Limit = Annotated[int, Query(ge=1, le=1000, description="Most of them, 1 to 1000", examples=[50])]
Offset = Annotated[int, Query(ge=0, le=1 << 31, description="How many to pass over", examples=[0])]
JobFilter = Annotated[Text | None, Query(description="Of this job only", examples=["3f2a9c01"])]
CameraFilter = Annotated[Text | None, Query(description="Seen by this camera", examples=["cam11"])]
Since = Annotated[
    float | None,
    Query(allow_inf_nan=False, description="In view then or later, seconds since 1970", examples=[1764158400.0]),
]
Until = Annotated[
    float | None,
    Query(allow_inf_nan=False, description="In view then or earlier, seconds since 1970", examples=[1764162000.0]),
]
Number = Annotated[int, Field(ge=1, le=1 << 53)]


class RenameRequest(BaseModel):
    """A name for a person."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "Ann"}]})

    name: Text | None = Field(max_length=200, description="The name; null takes it away", examples=["Ann"])


@router.get("/identities", response_description="Some of the people", summary="People", responses=may_fail(422, 503))
def list_identities(
    service: TheService,
    *,
    job_id: JobFilter = None,
    camera: CameraFilter = None,
    since: Since = None,
    until: Until = None,
    search: Annotated[Text, Query(max_length=200, description="Part of a name, or how a number begins")] = "",
    here_now: Annotated[bool, Query(description="Only those in view of a running job")] = False,
    order: Annotated[Literal["last_seen", "first_seen", "seconds", "id"], Query(description="By what")] = "last_seen",
    descending: Annotated[bool, Query(description="The largest, or the latest, first")] = True,
    limit: Limit = 50,
    offset: Offset = 0,
) -> IdentitiesReply:
    """People page by page. With a filter their figures are of the sightings that fit it."""
    whom = Whom(When(job_id, camera, since, until), search, here_now)
    found = service.store.people(whom, order=order, descending=descending, limit=limit, offset=offset)
    return IdentitiesReply.model_validate(found)


@router.get(
    "/identities/{number}",
    response_description="All there is of a person",
    summary="One person",
    responses=may_fail(503, _404="Nobody has that number"),
)
def get_identity(number: Number, service: TheService) -> IdentityReply:
    """When and where the person was seen, pictures, and what was put right by hand; `links` lead to the rest.

    Any number that the person ever had will do.
    """
    found = service.store.person(number)
    if found is None:
        raise nobody(number)
    return IdentityReply.model_validate(found)


@router.patch(
    "/identities/{number}",
    response_description="The person",
    summary="Name a person",
    responses=may_fail(422, 503, _404="Nobody has that number"),
)
def rename_identity(number: Number, body: RenameRequest, service: TheService) -> IdentityReply:
    """Give a person a name, or take it away."""
    service.store.rename(number, body.name)
    return get_identity(number, service)


@router.delete(
    "/identities/{number}",
    response_description="What was removed",
    summary="Erase a person",
    responses=may_fail(503, _404="Nobody has that number"),
)
def forget_identity(number: Number, service: TheService) -> ErasedReply:
    """Erase a person from the store and from the records of its jobs, for good."""
    return ErasedReply.model_validate(service.store.forget(number))


@router.get(
    "/crops/{crop_id}",
    summary="A picture of a person",
    response_class=FileResponse,
    responses={
        200: {"content": {"image/jpeg": {}}, "description": "A JPEG"},
        **may_fail(503, _404="There is no such picture (any more)"),
    },
)
def get_crop(crop_id: Annotated[int, Field(ge=1, le=1 << 53)], service: TheService) -> FileResponse:
    """By the number that people are told with."""
    store = service.store
    crop = store.crop(crop_id)
    if crop is None or not crop.path.resolve().is_relative_to(store.folder.resolve()) or not crop.path.is_file():
        raise StoreError(f"there is no picture {crop_id} (any more)", code="crop_unknown")
    headers = {"Cache-Control": "private, max-age=3600"}
    return FileResponse(crop.path, media_type="image/jpeg", headers=headers)


@router.get(
    "/sightings", response_description="Some of the sightings", summary="Who was where", responses=may_fail(422, 503)
)
def list_sightings(
    service: TheService,
    *,
    job_id: JobFilter = None,
    camera: CameraFilter = None,
    since: Since = None,
    until: Until = None,
    identity: Annotated[Number | None, Query(description="Of this person", examples=[7])] = None,
    boxes: Annotated[bool, Query(description="With two boxes a second")] = False,
    limit: Limit = 200,
    offset: Offset = 0,
) -> SightingsReply:
    """Stretches of tracks in order of time."""
    when = When(job_id, camera, since, until)
    found = service.store.sightings(when, person=identity, boxes=boxes, limit=limit, offset=offset)
    return SightingsReply.model_validate(found)


def nobody(number: int) -> StoreError:
    """Nobody has a number."""
    return StoreError(f"nobody has the number {number}; GET /identities lists people", code="person_unknown")
