"""What can be asked of the server, and nothing of how it is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from config import build_config, merged
from jobs import JobManager, new_job_id, own_folder
from web.reference import reference_page
from web.schemas import ErrorReply, HealthReply, JobsReply, StartReply, StartRequest, StatusReply

PAGE: Final = Path(__file__).with_name("index.html")

router = APIRouter()


@dataclass(frozen=True)
class Service:
    """What the routes work with.

    Attributes:
        jobs: Runs the jobs.
        defaults: Nested configuration values under every request's own.
        results_root: Jobs that name no results folder get one here, named after the job.
    """

    jobs: JobManager
    defaults: dict[str, Any]
    results_root: Path


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]


def _may_fail(*statuses: int) -> dict[int | str, dict[str, Any]]:
    reasons = {
        400: "The body is not JSON",
        404: "No such job",
        409: "The queue is full, or an output exists or is in use",
        422: "A value is missing, unknown or out of bounds, or a video cannot be used",
        424: "Model weights are missing or damaged",
    }
    return {status: {"model": ErrorReply, "description": reasons[status]} for status in statuses}


@router.post(
    "/start_tracking",
    response_description="The job was accepted",
    status_code=202,
    tags=["tracking"],
    summary="Start tracking people in two or more videos",
    responses=_may_fail(400, 409, 422, 424),
)
def start_tracking(body: StartRequest, service: TheService) -> StartReply:
    """Check the request, the videos and the outputs at once, then start the job, or queue it behind others."""
    job_id = new_job_id()
    records = body.results or str(own_folder(service.results_root, job_id))
    given = merged(body.values(), {"output": {"results": records}})
    config = build_config(merged(service.defaults, given))
    job = service.jobs.submit(config, job_id)
    return StartReply(
        job_id=job_id,
        message="tracking is queued behind other jobs" if job.status == "queued" else "tracking started",
        status=job.status,
        status_url=f"/status?job_id={job_id}",
    )


@router.get(
    "/status",
    response_description="How it is doing",
    tags=["tracking"],
    summary="How a job is doing",
    responses=_may_fail(404),
)
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


@router.get("/jobs", response_description="The jobs", tags=["jobs"], summary="All jobs the server remembers")
def list_jobs(service: TheService) -> JobsReply:
    """Running and queued jobs and those that ended lately, newest first."""
    return JobsReply(jobs=[StatusReply.of(job.snapshot()) for job in reversed(service.jobs.jobs())])


@router.get(
    "/jobs/{job_id}", response_description="How it is doing", tags=["jobs"], summary="One job", responses=_may_fail(404)
)
def get_job(job_id: str, service: TheService) -> StatusReply:
    """The same as `/status?job_id=`."""
    return StatusReply.of(service.jobs.get(job_id).snapshot())


@router.post(
    "/jobs/{job_id}/stop",
    response_description="How it is doing; a running job is `stopped` soon",
    tags=["jobs"],
    summary="Stop a job",
    responses=_may_fail(404),
)
def stop_job(job_id: str, service: TheService) -> StatusReply:
    """Ask the job to end early; what it wrote so far is kept and valid.

    Returns at once: poll until `status` is `stopped`. A queued job leaves the queue; stopping twice or after the
    end changes nothing.
    """
    job = service.jobs.get(job_id)
    job.stop()
    return StatusReply.of(job.snapshot())


@router.get("/healthz", response_description="It does", tags=["server"], summary="Whether the server answers")
def healthz(service: TheService) -> HealthReply:
    """For load balancers and monitoring; cheap."""
    states = [job.snapshot().status for job in service.jobs.jobs()]
    return HealthReply(running=states.count("processing"), queued=states.count("queued"))


@router.get("/", include_in_schema=False)
def index() -> HTMLResponse:
    """A page that shows the jobs; needs nothing from elsewhere."""
    return HTMLResponse(PAGE.read_text(encoding="utf-8"))


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The reference; needs nothing from elsewhere either, unlike the customary viewers."""
    return HTMLResponse(reference_page(request.app.openapi()))
