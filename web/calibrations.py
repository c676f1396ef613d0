"""Calibrations made on the page: saved, listed, taken away, each with the floor plan that it was made on."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from web.photo import photo_kind
from web.service import TheService, may_fail
from web.shelf import PlanPlace, Saved

PLAN_PATH: Final = r"/calibrations/[^/]+/plan"
"""What is sent there is a picture."""
MOST_CAMERAS: Final = 256

router = APIRouter(prefix="/calibrations", tags=["tracking"])

Name = Annotated[str, Path(description="What it is called", examples=["hall"])]
Metres = Annotated[float, Query(ge=-1e5, le=1e5, allow_inf_nan=False)]
UNKNOWN: Final = "There is none of that name"


class PlanBody(BaseModel):
    """Where the picture of a floor plan lies."""

    width_m: float = Field(description="Width of the whole picture, metres", examples=[20.0])
    left_m: float = Field(description="x of its left edge", examples=[-2.0])
    bottom_m: float = Field(description="y of its lower edge", examples=[-1.5])


class SavedCalibration(BaseModel):
    """A calibration that a job can be started with."""

    name: str = Field(description="What it is called", examples=["hall"])
    path: str = Field(
        description="Give this as `calibration` to start a job", examples=["results/calibrations/hall.json"]
    )
    cameras: list[str] = Field(description="That it says something of", examples=[["cam11", "cam44"]])
    saved_unix_s: float = Field(description="When it was saved, seconds since 1970", examples=[1764158400.0])
    plan: PlanBody | None = Field(description="Its floor plan, see `/calibrations/NAME/plan`; null without one")

    @classmethod
    def of(cls, saved: Saved) -> Self:
        """As answered."""
        place = saved.plan
        return cls(
            name=saved.name,
            path=str(saved.path),
            cameras=list(saved.cameras),
            saved_unix_s=round(saved.saved_unix_s, 3),
            plan=place and PlanBody(width_m=place.width_m, left_m=place.left_m, bottom_m=place.bottom_m),
        )


class CalibrationsReply(BaseModel):
    """All that were saved."""

    calibrations: list[SavedCalibration] = Field(description="By name")


class CalibrationBody(BaseModel):
    """How cameras see the floor."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"cameras": {"cam11": {"floor_to_image": [[80, -30, 300], [5, -60, 400], [0.01, 0.08, 1]]}}}]
        },
    )

    cameras: dict[Annotated[str, Field(min_length=1, max_length=200)], dict[str, Any]] = Field(
        min_length=1,
        max_length=MOST_CAMERAS,
        description="By the cameras' names, as in a calibration file",
        examples=[{"cam11": {"floor_to_image": [[80, -30, 300], [5, -60, 400], [0.01, 0.08, 1]]}}],
    )


@router.get("", response_description="The calibrations", summary="Calibrations that were saved")
def list_calibrations(service: TheService) -> CalibrationsReply:
    """Those made on the page or sent here. Others are files that jobs may read, see `GET /inputs`."""
    return CalibrationsReply(calibrations=[SavedCalibration.of(saved) for saved in service.shelf.all()])


@router.get(
    "/{name}",
    response_description="The calibration",
    summary="One calibration",
    responses=may_fail(422, _404=UNKNOWN),
)
def get_calibration(name: Name, service: TheService) -> CalibrationBody:
    """What it says of each camera."""
    return CalibrationBody(cameras=dict(service.shelf.cameras(name)))


@router.put(
    "/{name}",
    response_description="It was saved",
    summary="Save a calibration",
    responses=may_fail(413, 422, _409="There are too many already"),
)
def save_calibration(name: Name, body: CalibrationBody, service: TheService) -> SavedCalibration:
    """Keep it under a name, in place of what had that name. Running jobs go on with what they began with."""
    return SavedCalibration.of(service.shelf.save(name, body.cameras))


@router.delete("/{name}", status_code=204, summary="Remove a calibration", responses=may_fail(422, _404=UNKNOWN))
def remove_calibration(name: Name, service: TheService) -> None:
    """With its floor plan. The map of jobs that were started with it is gone, too."""
    service.shelf.remove(name)


@router.put(
    "/{name}/plan",
    response_description="It was saved",
    summary="Save a floor plan",
    responses=may_fail(413, _404=UNKNOWN, _422="The picture cannot be read, is too large, or the place makes no sense"),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The picture itself: a JPEG, PNG or WebP",
            "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def save_plan(
    name: Name,
    request: Request,
    service: TheService,
    *,
    width_m: Annotated[float, Query(gt=0.0, le=1e5, description="Width of the picture, metres", examples=[20.0])],
    left_m: Annotated[Metres, Query(description="x of its left edge", examples=[-2.0])] = 0.0,
    bottom_m: Annotated[Metres, Query(description="y of its lower edge", examples=[-1.5])] = 0.0,
) -> SavedCalibration:
    """The picture behind the map of jobs that are started with this calibration."""
    picture = await request.body()
    place = PlanPlace(width_m, left_m, bottom_m)
    return SavedCalibration.of(await anyio.to_thread.run_sync(service.shelf.put_plan, name, picture, place))


@router.get(
    "/{name}/plan",
    summary="A floor plan",
    response_class=Response,
    responses={
        200: {"content": {"image/*": {}}, "description": "The picture as it was sent"},
        **may_fail(422, _404="There is none of that name, or it has no plan"),
    },
)
def get_plan(name: Name, service: TheService) -> Response:
    """Where it lies says `GET /calibrations`."""
    picture = service.shelf.plan(name)
    return Response(picture, media_type=photo_kind(picture), headers={"Cache-Control": "private, no-cache"})
