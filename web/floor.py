"""Where people stood on the floor, and what of it the cameras of a job see: what a map is drawn of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Final

import numpy as np
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from association.geometry import FloorView, camera_pose
from association.standing import feet_of, shows_feet
from calibration import FloorViews, read_calibration
from entities import CameraId, Source
from errors import ConfigError, JobError, OutputError, SourceError
from sinks.top_view import outline
from store.records import When
from store.values import Sighting, StoredJob
from web.people import JobFilter, Limit, Number, Offset, Since, Until, nobody
from web.service import Service, TheService, may_fail

SPAN_S: Final = 60.0
MOST_SIGHTINGS: Final = 1000

router = APIRouter(tags=["people"])

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
    trails: list[Trail] = Field(description="In order of time; of more than 1,000 sightings those of the newest")


class FloorStretch(BaseModel):
    """Where somebody went, as one track of one camera shows it."""

    job_id: str = Field(description="The job", examples=["3f2a9c01"])
    camera: str = Field(description="Seen by", examples=["cam11"])
    points: list[tuple[float, float, float]] = Field(
        description="Wall clock in seconds since 1970, x and y in metres", examples=[[[1764158412.0, 1.3, -3.8]]]
    )


class FloorTrackReply(BaseModel):
    """Where a person went, over all jobs."""

    total: int = Field(description="Sightings of the person in all, of which `limit` were looked at", examples=[14])
    stretches: list[FloorStretch] = Field(description="In order of time")
    unmeasured: list[str] = Field(
        description="Jobs that saw the person and cannot say where: not calibrated (any more), or no feet in view",
        examples=[["1b2c3d4e"]],
    )


@router.get(
    "/jobs/{job_id}/floor",
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
    sources, views, shared = _views(service, job)
    end_s = job.media_s if until_s is None else until_s
    begin_unix_s = job.begins_unix_s
    when = When(job_id, None, begin_unix_s + end_s - span_s, begin_unix_s + end_s)
    found = service.store.sightings(when, boxes=True, newest=True, limit=MOST_SIGHTINGS).items if views else ()
    return FloorReply(
        begins_unix_s=begin_unix_s,
        media_s=job.media_s,
        calibration=service.shelf.name_of(shared),
        cameras=[_camera(source, views.get(source.camera_id)) for source in sources],
        trails=list(_trails(found, views, (end_s - span_s, end_s))),
    )


@router.get(
    "/identities/{number}/floor",
    response_description="Where the person went",
    summary="Floor track of a person",
    responses=may_fail(422, 503, _404="Nobody has that number"),
)
def get_floor_track(
    number: Number,
    service: TheService,
    *,
    job_id: JobFilter = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 200,
    offset: Offset = 0,
) -> FloorTrackReply:
    """Over all jobs, in order of time; two points a second where a calibrated camera saw the feet."""
    store = service.store
    if store.person(number) is None:
        raise nobody(number)
    found = store.sightings(When(job_id, None, since, until), person=number, boxes=True, limit=limit, offset=offset)
    stretches: list[FloorStretch] = []
    unmeasured: list[str] = []
    for name, sightings in groupby(sorted(found.items, key=lambda seen: seen.job_id), key=lambda seen: seen.job_id):
        mine = list(_stretches(service, name, list(sightings)))
        stretches += mine
        unmeasured += [] if mine else [name]
    stretches.sort(key=lambda stretch: stretch.points[0])
    return FloorTrackReply(total=found.total, stretches=stretches, unmeasured=unmeasured)


def _stretches(service: Service, job_id: str, sightings: Sequence[Sighting]) -> Iterator[FloorStretch]:
    """What a job says of where somebody went; nothing where its calibration is gone or cannot be used any more."""
    job = service.stored_job(job_id)
    if job is None:
        return
    try:
        _, views, _ = _views(service, job)
    except (ConfigError, SourceError, OutputError):
        return
    for trail in _trails(sightings, views, (0.0, math.inf)):
        points = [(round(job.begins_unix_s + time_s, 3), x, y) for time_s, x, y in trail.points]
        yield FloorStretch(job_id=job_id, camera=trail.camera, points=points)


def _views(service: Service, job: StoredJob) -> tuple[list[Source], FloorViews, Path | None]:
    """The cameras of a job, how they see the floor, and the file that says it of all of them."""
    sources = [Source(CameraId(each.name), each.source, each.size_px, each.fps) for each in job.cameras]
    shared, own = _calibrations(service, job)
    return sources, read_calibration(shared, sources, own), shared


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
    said = service.report(job).configuration
    own = {camera.id: _there(service, camera.calibration) for camera in said.cameras}
    return _there(service, said.identity.calibration), own


def _there(service: Service, named: Path | None) -> Path | None:
    """A file that may be read and is there."""
    if named is None or not named.is_file():
        return None
    service.confinement.check_calibration(str(named))
    return named


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
