"""The cameras that the operator has named: what of them may be told, which is no address with a password."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from address import parse_address
from source_settings import CameraConfig
from web.service import TheService, may_fail

router = APIRouter(tags=["tracking"])


class NamedCamera(BaseModel):
    """A camera that a job may be started with."""

    id: str = Field(description="To name it by", examples=["door"])
    name: str = Field(description="For people", examples=["Front door"])
    kind: str = Field(description="`rtsp`, `http`, `webcam`, `file` or `folder`", examples=["rtsp"])
    source: str = Field(
        description="Where its pictures come from, without credentials", examples=["rtsp://***@10.0.0.7/1"]
    )
    calibrated: bool = Field(description="Whether it is known how it sees the floor", examples=[False])


class CamerasReply(BaseModel):
    """The cameras of this place."""

    cameras: list[NamedCamera] = Field(description="In the order of the file, enabled ones only")


@router.get(
    "/cameras",
    response_description="The cameras",
    summary="Cameras by name",
    responses=may_fail(422),
)
def list_cameras(service: TheService) -> CamerasReply:
    """Those of the operator's `cameras.toml`, for a start with `"cameras": ["door", "hall"]`. None without a file."""
    named = () if service.settings.cameras is None else service.cameras()
    return CamerasReply(cameras=[_told(camera) for camera in named])


def _told(camera: CameraConfig) -> NamedCamera:
    address = parse_address(camera.source)
    return NamedCamera(
        id=camera.id or "",
        name=camera.name,
        kind=address.kind.value,
        source=address.shown,
        calibrated=camera.calibration is not None,
    )
