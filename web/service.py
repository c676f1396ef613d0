"""What the routes work with, and how they say what may go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import Depends, Request

from jobs import JobManager
from web.confine import Confinement
from web.guard import Sessions
from web.observed import Observed
from web.schemas import ErrorReply
from web.settings import ServerSettings
from web.streams import Streams


@dataclass(frozen=True)
class Service:
    """What the routes work with.

    Attributes:
        jobs: Runs the jobs.
        defaults: Nested configuration values under every request's own.
        results_root: Jobs that name no results folder get one here, named after the job.
        settings: What is allowed.
        confinement: Which files and addresses requests may name.
        sessions: Browsers that have shown the token.
        streams: Those that are open.
        observed: Live pictures of the jobs.
    """

    jobs: JobManager
    defaults: dict[str, Any]
    results_root: Path
    settings: ServerSettings
    confinement: Confinement
    sessions: Sessions
    streams: Streams
    observed: Observed


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(_service)]

REASONS: Final = {
    400: "The body is not JSON",
    403: "A path or address outside of what this server may use",
    404: "No such job",
    409: "Not in the state that it is in: the queue is full, an output exists or is in use, a job is running or over",
    413: "More bytes than a request may have",
    422: "A value is missing, unknown or out of bounds, or a video cannot be used",
    424: "Model weights are missing or damaged",
    429: "Too much at once; try again later",
    503: "Not now",
}


def may_fail(*statuses: int, **other: str) -> dict[int | str, dict[str, Any]]:
    """The errors of a route for its reference.

    Args:
        statuses: HTTP statuses out of `REASONS`.
        other: Own reasons, by status with a `_` before it, e.g. `_404="No such person"`.
    """
    reasons = {status: REASONS[status] for status in statuses}
    reasons |= {int(status.removeprefix("_")): reason for status, reason in other.items()}
    return {status: {"model": ErrorReply, "description": reason} for status, reason in sorted(reasons.items())}
