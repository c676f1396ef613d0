"""Whether the service lives and can take a job."""

from __future__ import annotations

from fastapi import APIRouter

from web.schemas import HealthReply
from web.service import TheService

router = APIRouter(tags=["server"])


@router.get("/healthz", response_description="It does", summary="Whether the server answers")
def healthz(service: TheService) -> HealthReply:
    """For load balancers and monitoring; cheap."""
    states = [job.snapshot().status for job in service.jobs.jobs()]
    return HealthReply(running=states.count("processing") + states.count("paused"), queued=states.count("queued"))
