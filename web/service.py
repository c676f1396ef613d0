"""What the routes work with, and how they say what may go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

from anyio import CapacityLimiter
from fastapi import Depends, Request

from cameras_file import read_cameras
from config import OutputConfig
from errors import ConfigError, JobError, OutputError, StoreError
from jobs import JobManager
from photo_look import PhotoEye
from sinks.records import REPORT
from source_settings import CameraConfig
from store.store import Store
from store.values import StoredJob
from web.confine import Confinement
from web.event_watch import EventWatch
from web.guard import Sessions
from web.memory import Memory
from web.observed import Observed
from web.reported import NOTHING_SAID, Report, read_report
from web.schemas import ErrorReply
from web.settings import ServerSettings
from web.shelf import Shelf
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
        shelf: Calibrations that were made on the page.
        sessions: Browsers that have shown the token.
        streams: Those that are open.
        observed: Live pictures of the jobs.
        eye: Looks at uploaded pictures.
        searches: How many of them are unpacked at once: one of 40 megapixels takes 240 MB.
        memory: What outlives the jobs; None when the operator wants none.
    """

    jobs: JobManager
    defaults: dict[str, Any]
    results_root: Path
    settings: ServerSettings
    confinement: Confinement
    shelf: Shelf
    sessions: Sessions
    streams: Streams
    observed: Observed
    eye: PhotoEye
    searches: CapacityLimiter
    memory: Memory | None

    @property
    def store(self) -> Store:
        """What outlives the jobs.

        Raises:
            StoreError: `store_off`.
        """
        return self._memory().store

    @property
    def events(self) -> EventWatch:
        """What notices new events.

        Raises:
            StoreError: `store_off`.
        """
        return self._memory().events

    def cameras(self, only: Sequence[str] = ()) -> tuple[CameraConfig, ...]:
        """The cameras that the operator has named, as the file says now.

        Args:
            only: Those of these ids; empty for all.

        Raises:
            ConfigError: `cameras_off`, or `cameras_invalid`.
        """
        if self.settings.cameras is None:
            raise ConfigError(
                "this server knows no cameras; name them in a file, MCT_SERVER__CAMERAS", code="cameras_off"
            )
        return read_cameras(self.settings.cameras, only)

    def stored_job(self, job_id: str) -> StoredJob | None:
        """What the store knows of a job; None when nothing, or there is no store."""
        return None if self.memory is None else self.memory.store.job(job_id)

    def outcome(self, job_id: str) -> str | None:
        """How a job ended, once all that the store is to have of it is there; None while it is not over.

        Raises:
            JobError: `job_unknown`.
        """
        try:
            job = self.jobs.get(job_id).snapshot()
        except JobError:
            stored = self.stored_job(job_id)
            if stored is None:
                raise
            return None if stored.status == "processing" else stored.status
        return job.status if job.over else None

    def report(self, job: StoredJob) -> Report:
        """What a job of an earlier run of the server said of itself; nothing where it left no report.

        Raises:
            ConfigError: `report_invalid`.
            OutputError: `output_outside`.
        """
        if job.results is not None:
            self.confinement.check_output(job.results / REPORT)
        return read_report(job.results)

    def readable_report(self, job: StoredJob) -> Report:
        """The same; an empty one in place of one that somebody damaged or moved away."""
        try:
            return self.report(job)
        except (ConfigError, OutputError):
            return NOTHING_SAID

    def outputs(self, job_id: str) -> OutputConfig:
        """What a job was to write, also one of an earlier run of the server; all of it where requests may reach.

        Raises:
            JobError: `job_unknown`.
            OutputError: `output_outside`.
        """
        try:
            output = self.jobs.get(job_id).config.output
        except JobError:
            stored = self.stored_job(job_id)
            if stored is None:
                raise
            output = OutputConfig(results=stored.results, video=self.readable_report(stored).configuration.output.video)
        for path in (output.results, output.video, output.record):
            if path is not None:
                self.confinement.check_output(path)
        return output

    def _memory(self) -> Memory:
        if self.memory is None:
            raise StoreError("this server keeps no store; set MCT_STORE__URL", code="store_off")
        return self.memory


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
