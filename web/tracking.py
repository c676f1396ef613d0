"""Starts jobs and says how the latest is: the two requests of the first version."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from config import build_config, merged
from jobs import new_job_id, own_folder
from web.confine import Confinement
from web.schemas import StartReply, StartRequest
from web.service import TheService, may_fail
from web.status_bodies import StatusReply

router = APIRouter(tags=["tracking"])


@router.post(
    "/start_tracking",
    response_description="The job was accepted",
    status_code=202,
    summary="Start tracking people in two or more videos",
    responses=may_fail(400, 403, 409, 413, 422, 424, 429),
)
def start_tracking(body: StartRequest, service: TheService) -> StartReply:
    """Check the request, the videos and the outputs at once, then start the job, or queue it behind others."""
    _confine(body, service.confinement)
    job_id = new_job_id()
    records = body.results or str(own_folder(service.results_root, job_id))
    given = merged(body.values(), {"output": {"results": records}})
    named = {"cameras": list(service.cameras(body.cameras)) if body.cameras else []}
    config = build_config(merged(service.defaults, merged(given, named)))
    job = service.jobs.submit(config, job_id)
    return StartReply(
        job_id=job_id,
        message="tracking is queued behind other jobs" if job.status == "queued" else "tracking started",
        status=job.status,
        status_url=f"/status?job_id={job_id}",
    )


def _confine(body: StartRequest, confinement: Confinement) -> None:
    """Refuse what the request may not touch, before anything of it is looked at.

    What the operator set as a default is not looked at: it was not asked for from outside.
    """
    for video in body.sources:
        confinement.check_source(video)
    if body.calibration is not None:
        confinement.check_calibration(body.calibration)
    if body.output is not None:
        confinement.check_output(body.output)
    if body.results is not None:
        confinement.check_results(body.results)


@router.get("/status", response_description="How it is doing", summary="How a job is doing", responses=may_fail(404))
def status(
    service: TheService,
    job_id: Annotated[
        str | None, Query(description="The job; the latest one when absent", examples=["3f2a9c01"])
    ] = None,
) -> StatusReply:
    """Progress, people and cameras of the latest job, or of the one asked for."""
    if job_id is not None:
        return StatusReply.of(service.jobs.get(job_id).snapshot())
    jobs = service.jobs.jobs()
    return StatusReply.of(jobs[-1].snapshot()) if jobs else StatusReply()
