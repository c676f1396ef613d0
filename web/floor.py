"""Where people stood on the floor, and what of it the cameras of a job see: what a map is drawn of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from association.geometry import FloorView, camera_pose
from association.standing import feet_of, shows_feet
from calibration import FloorViews, read_calibration
from entities import CameraId, Source
from errors import ConfigError, JobError
from sinks.top_view import outline
from store.records import When
from store.values import Sighting, StoredJob
from web.service import Service, TheService, may_fail

SPAN_S: Final = 60.0
MOST_SIGHTINGS: Final = 1000

router = APIRouter(prefix="/jobs", tags=["people"])

Place = tuple[float, float]


class FloorCamera(BaseModel):
    """A camera of a job, and what it sees of the floor."""

    camera: str = Field(description="The camera", examples=["cam11"])
    size_px: tuple[int, int] = Field(description="Width and height of its picture", examples=[[1280, 720]])
    calibrated: bool = Field(description="Whether it is known how it sees the floor", examples=[True])
    floor_to_image: list[list[float]] | None = Field(description="3 by 3, as in the calibration; null without one")
    place_m: Place | None = Field(description="Above which place it hangs, where that is known", examples=[[1.5, -4.0]])
    seen_m: list[Place] = Field(description="Corners of the floor that it sees well", examples=[[[0, 0], [4, 3]]])


class Trail(BaseModel):
    """Where somebody went, as one track of one camera shows it."""

    person_id: int = Field(description="Who", examples=[7])
    camera: str = Field(description="Seen by", examples=["cam11"])
    points: list[tuple[float, float, float]] = Field(
        description="Media time in seconds, x and y in metres", examples=[[[12.0, 1.3, -3.8]]]
    )


class FloorReply(BaseModel):
    """What a map of a job shows."""

    begins_unix_s: float = Field(description="Wall clock at media time 0", examples=[1764158400.0])
    media_s: float = Field(description="Media time of the last round", examples=[83.4])
    calibration: str | None = Field(
        description="What the job's calibration is called in `GET /calibrations`; null when it is none of those",
        examples=["hall"],
    )
    cameras: list[FloorCamera] = Field(description="In the job's order")
    trails: list[Trail] = Field(description="In order of time")


@router.get(
    "/{job_id}/floor",
    response_description="Cameras and trails",
    summary="Who stood where",
    responses=may_fail(422, 503, _404="The store knows no such job"),
)
def get_floor(
    job_id: str,
    service: TheService,
    until_s: Annotated[
        float | None, Query(ge=0.0, allow_inf_nan=False, description="Media time; the last round when absent")
    ] = None,
    span_s: Annotated[
        float, Query(gt=0.0, le=3600.0, description="So long before it, seconds", examples=[60])
    ] = SPAN_S,
) -> FloorReply:
    """Two points a second for everybody in calibrated cameras; without a calibration there are none."""
    job = service.stored_job(job_id)
    if job is None:
        raise JobError(f"the store knows no job {job_id}; GET /jobs lists jobs", code="job_unknown")
    sources = [Source(CameraId(each.name), each.source, each.size_px, each.fps) for each in job.cameras]
    shared, own = _calibrations(service, job)
    views = read_calibration(shared, sources, own)
    end_s = job.media_s if until_s is None else until_s
    begin_unix_s = job.begins_unix_s
    when = When(job_id, None, begin_unix_s + end_s - span_s, begin_unix_s + end_s)
    found = service.store.sightings(when, boxes=True, limit=MOST_SIGHTINGS).items if views else ()
    return FloorReply(
        begins_unix_s=begin_unix_s,
        media_s=job.media_s,
        calibration=service.shelf.name_of(shared),
        cameras=[_camera(source, views.get(source.camera_id)) for source in sources],
        trails=list(_trails(found, views, (end_s - span_s, end_s))),
    )


def _calibrations(service: Service, job: StoredJob) -> tuple[Path | None, dict[CameraId, Path]]:
    """Files of how the job's cameras see the floor, of all and of single ones.

    By its settings, or by its report if an earlier run of the server did it.
    """
    try:
        config = service.jobs.get(job.id).config
    except JobError:
        shared, own = _reported(service, job)
    else:
        shared = config.identity.calibration
        own = {camera.id: camera.calibration for camera in config.cameras}
    return shared, {CameraId(camera): path for camera, path in own.items() if camera is not None and path is not None}


def _reported(service: Service, job: StoredJob) -> tuple[Path | None, dict[str | None, Path | None]]:
    """The calibration of all cameras, and those of single ones, that a job's report names; those that are gone not."""
    report = None if job.results is None else job.results / "run.json"
    if report is None or not report.is_file():
        return None, {}
    service.confinement.check_output(report)
    try:
        said = json.loads(report.read_text(encoding="utf-8"))["configuration"]
        own = {camera["id"]: _there(service, camera["calibration"]) for camera in said.get("cameras", ())}
        return _there(service, said["identity"]["calibration"]), own
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{report}: not a report of a job: {error!r}", code="report_invalid") from error


def _there(service: Service, named: str | None) -> Path | None:
    """A file that may be read and is there."""
    if named is None or not Path(named).is_file():
        return None
    service.confinement.check_calibration(named)
    return Path(named)


def _camera(source: Source, view: FloorView | None) -> FloorCamera:
    pose = None if view is None else camera_pose(view)
    return FloorCamera(
        camera=source.camera_id,
        size_px=source.size_px,
        calibrated=view is not None,
        floor_to_image=None if view is None else view.floor_to_image.tolist(),
        place_m=None if pose is None else (float(pose[0][0]), float(pose[0][1])),
        seen_m=[] if view is None else [(float(x), float(y)) for x, y in outline(view).round(3)],
    )


def _trails(sightings: Iterable[Sighting], views: FloorViews, span_s: tuple[float, float]) -> Iterable[Trail]:
    for seen in sightings:
        view = views.get(CameraId(seen.camera))
        samples = [each for each in seen.samples if span_s[0] <= each.time_s <= span_s[1]]
        if view is None or seen.person_id is None or not samples:
            continue
        boxes = np.array([each.box_xyxy for each in samples], np.float64)
        uncovered = np.zeros(len(boxes))  # the store does not keep by how much boxes are
        shown = shows_feet(boxes, np.ones(len(boxes), bool), uncovered, view.size_px[1])
        places, _ = view.locate(*feet_of(boxes))
        points = [
            (round(each.time_s, 3), round(float(x), 3), round(float(y), 3))
            for each, (x, y), feet in zip(samples, places, shown, strict=True)
            if feet and np.isfinite(x)
        ]
        if points:
            yield Trail(person_id=seen.person_id, camera=seen.camera, points=points)
