"""Jobs: listed, read, stopped, paused, resumed, deleted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Query

from config import OutputConfig
from errors import JobError, StoreError
from store.values import StoredJob
from web.records import delete_records
from web.service import Service, TheService, may_fail
from web.status_bodies import JobsReply, StatusReply

logger = logging.getLogger(__name__)

MOST_STORED: Final = 100

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.get("", response_description="The jobs", summary="All jobs the server remembers")
def list_jobs(service: TheService) -> JobsReply:
    """Running and queued jobs and those that ended lately, newest first; then those of earlier runs of the server."""
    known = {job.job_id: StatusReply.of(job.snapshot()) for job in reversed(service.jobs.jobs())}
    earlier = [StatusReply.of_stored(job) for job in _stored(service) if job.id not in known]
    return JobsReply(jobs=[*known.values(), *earlier])


def _stored(service: Service) -> Sequence[StoredJob]:
    """The jobs that the store knows; none while it does not answer: those that run are listed all the same."""
    if service.memory is None:
        return ()
    try:
        return service.store.jobs(limit=MOST_STORED).items
    except StoreError as error:
        if error.code != "store_unavailable":
            raise
        logger.warning("jobs of earlier runs are not listed: %s", error.message)
        return ()


@router.get("/{job_id}", response_description="How it is doing", summary="One job", responses=may_fail(404))
def get_job(job_id: str, service: TheService) -> StatusReply:
    """The same as `/status?job_id=`; also a job of an earlier run of the server."""
    try:
        return StatusReply.of(service.jobs.get(job_id).snapshot())
    except JobError:
        stored = service.stored_job(job_id)
        if stored is None:
            raise
        return StatusReply.of_stored(stored, service.readable_report(stored))


@router.post(
    "/{job_id}/stop",
    response_description="How it is doing; a running job is `stopped` soon",
    summary="Stop a job",
    responses=may_fail(404),
)
def stop_job(job_id: str, service: TheService) -> StatusReply:
    """Ask the job to end early; what it wrote so far is kept and valid.

    Returns at once: poll until `status` is `stopped`. A queued job leaves the queue; stopping twice or after the
    end changes nothing.
    """
    job = service.jobs.get(job_id)
    job.stop()
    return StatusReply.of(job.snapshot())


@router.post(
    "/{job_id}/pause",
    response_description="How it is doing: `paused`",
    summary="Pause a job",
    responses=may_fail(404, _409="The job is not running"),
)
def pause_job(job_id: str, service: TheService) -> StatusReply:
    """Halt a running job after the round under way.

    Files wait where they are; live cameras go on and what they send meanwhile is dropped. Pausing twice changes
    nothing.
    """
    job = service.jobs.get(job_id)
    job.pause()
    return StatusReply.of(job.snapshot())


@router.post(
    "/{job_id}/resume",
    response_description="How it is doing: `processing`",
    summary="Resume a paused job",
    responses=may_fail(404, _409="The job is not running"),
)
def resume_job(job_id: str, service: TheService) -> StatusReply:
    """Let a paused job go on. Resuming a running job changes nothing."""
    job = service.jobs.get(job_id)
    job.resume()
    return StatusReply.of(job.snapshot())


@router.delete(
    "/{job_id}",
    response_description="How it was",
    summary="Delete a job that is over",
    responses=may_fail(404, _409="The job is not over: stop it first; or another one uses the files to be removed"),
)
def delete_job(
    job_id: str,
    service: TheService,
    *,
    records: Annotated[
        bool, Query(description="Also remove what it wrote: its records and its annotated video", examples=[False])
    ] = False,
) -> StatusReply:
    """Forget the job, also in the store; people stay known by their looks.

    Its files stay unless `records=true`; other files in its folder stay in any case.
    """
    reply = get_job(job_id, service)
    written = service.outputs(job_id)
    with service.jobs.holding(written if records else OutputConfig(), job_id):
        if any(job.job_id == job_id for job in service.jobs.jobs()):
            service.jobs.forget(job_id)
        if service.stored_job(job_id) is not None:
            service.store.delete_job(job_id, with_results=records)
        if records:
            delete_records(written)
    return reply
