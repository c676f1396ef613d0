"""Whether the service lives, whether it can take a job, and what it has to tell to monitoring."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from errors import TrackingError
from web.metrics import service_registry
from web.service import TheService, may_fail
from web.status_bodies import HealthReply

router = APIRouter(tags=["server"])


@router.get("/healthz", response_description="It does", summary="Whether the server answers")
def healthz(service: TheService) -> HealthReply:
    """For load balancers and monitoring; cheap."""
    states = [job.snapshot().status for job in service.jobs.jobs()]
    return HealthReply(running=states.count("processing") + states.count("paused"), queued=states.count("queued"))


@router.get(
    "/readyz",
    response_description="It is",
    summary="Whether the server is ready for jobs",
    responses=may_fail(_503="It is shutting down"),
)
def readyz(service: TheService) -> HealthReply:
    """The same as `/healthz` while jobs are taken, an error when not."""
    if not service.jobs.accepting:
        raise TrackingError("the server is shutting down and takes no more jobs", code="shutting_down")
    return healthz(service)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Text as Prometheus reads it"}},
)
def metrics(service: TheService) -> Response:
    """Jobs, rounds, people, frames read and dropped, times by stage, streams, memory and CPU of the process."""
    return Response(generate_latest(service_registry(service)), media_type=CONTENT_TYPE_LATEST)
