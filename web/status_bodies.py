"""What the API says of jobs: how they are doing, their cameras, stages and errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal, Self

from pydantic import BaseModel, Field

from address import redacted
from job import JobSnapshot, Status
from store.values import StoredJob
from telemetry import CameraProgress, StageTime
from web.reported import NOTHING_SAID, Report
from web.schemas import ErrorBody


class CameraBody(BaseModel):
    """How one camera is doing."""

    camera: str = Field(description="The camera's name: the stem of its file, made unique", examples=["cam11"])
    state: str = Field(
        description="Files: `waiting`, `reading`, `ended` or `failed`; cameras that send by themselves: `connecting`, "
        "`live`, `stalled`, `reconnecting`, `ended` or `failed`",
        examples=["reading"],
    )
    frames_read: int = Field(description="Frames decoded so far", examples=[240])
    frames_total: int | None = Field(description="Frames the file promises; null when unknown", examples=[525])
    dropped: int = Field(description="Frames lost so far", examples=[0])
    dropped_by_cause: dict[str, int] = Field(description="The same by cause", examples=[{"damaged": 0}])
    error: str | None = Field(description="What is or was wrong with the source", examples=[None])
    reconnects: int = Field(description="How often a lost connection was made anew", examples=[0])

    @classmethod
    def of(cls, camera: CameraProgress) -> Self:
        """The camera as answered."""
        return cls(
            camera=camera.camera_id,
            state=camera.state.value,
            frames_read=camera.frames_read,
            frames_total=camera.frames_total,
            dropped=sum(camera.dropped.values()),
            dropped_by_cause=dict(camera.dropped),
            error=camera.error,
            reconnects=camera.reconnects,
        )


class StageBody(BaseModel):
    """How long one stage of a round takes."""

    count: int = Field(description="How often it ran", examples=[240])
    total_s: float = Field(description="Seconds in all", examples=[7.9])
    p50_ms: float = Field(description="Median of the recent runs, milliseconds", examples=[31.5])
    p95_ms: float = Field(description="95th percentile of the recent runs, milliseconds", examples=[38.0])

    @classmethod
    def of(cls, stage: StageTime) -> Self:
        """The stage as answered."""
        return cls(
            count=stage.count,
            total_s=round(stage.total_s, 3),
            p50_ms=round(stage.p50_ms, 2),
            p95_ms=round(stage.p95_ms, 2),
        )


class StatusReply(BaseModel):
    """How a job is doing. Before any job, `status` is `not started` and the rest is empty."""

    job_id: str | None = Field(None, description="The job; null before any", examples=["3f2a9c01"])
    status: Literal["not started", "interrupted"] | Status = Field(
        "not started",
        description="Life of the job; `interrupted` when the server died with it",
        examples=["processing"],
    )
    stop_requested: bool = Field(
        False, description="A stop was asked for; the job is or was closing its files", examples=[False]
    )
    progress: float = Field(0.0, ge=0.0, le=1.0, description="Share done, 0 to 1; 0 when unknown", examples=[0.46])
    rounds_done: int = Field(0, description="Rounds tracked; a round is one instant of all cameras", examples=[240])
    rounds_total: int | None = Field(None, description="Rounds expected; null when unknown", examples=[525])
    fps: float = Field(0.0, description="Rounds per second of wall time, recent", examples=[14.2])
    eta_s: float | None = Field(None, description="Seconds left; null when unknown", examples=[20.1])
    media_time_s: float = Field(0.0, description="Where in the videos the job is, seconds", examples=[8.0])
    people_now: int = Field(0, description="Different people in view over all cameras", examples=[6])
    total_visits: int = Field(0, description="People identified so far over all cameras", examples=[11])
    cameras: list[CameraBody] = Field(default=[], description="One entry a camera")
    stages: dict[str, StageBody] = Field(default={}, description="Time by stage of a round")
    videos: list[str] = Field(default=[], description="The inputs", examples=[["cam11.mp4", "cam44.mp4"]])
    output: str | None = Field(None, description="The annotated video; null when none", examples=["output.avi"])
    results: str | None = Field(None, description="The folder of records", examples=["results/3f2a9c01"])
    notes: list[str] = Field(
        default=[],
        description="What the user should know although the job goes on",
        examples=[["no display: running without a window"]],
    )
    error: ErrorBody | None = Field(None, description="Why the job failed; null when it did not")
    created_at: datetime | None = Field(
        None, description="When the job was accepted, UTC", examples=["2026-05-04T12:00:01Z"]
    )
    started_at: datetime | None = Field(
        None, description="When it left the queue, UTC", examples=["2026-05-04T12:00:01Z"]
    )
    finished_at: datetime | None = Field(None, description="When it was over, UTC", examples=["2026-05-04T12:00:38Z"])

    @classmethod
    def of(cls, job: JobSnapshot) -> Self:
        """The job as answered."""
        progress, output = job.progress, job.config.output
        return cls(
            job_id=job.job_id,
            status=job.status,
            stop_requested=job.stopped,
            progress=1.0 if job.status == "done" else round(progress.fraction, 4),
            rounds_done=progress.rounds_done,
            rounds_total=progress.rounds_total,
            fps=round(progress.fps, 2),
            eta_s=None if job.over or progress.eta_s is None else round(progress.eta_s, 1),
            media_time_s=round(progress.media_time_s, 3),
            people_now=progress.people_now,
            total_visits=progress.people_total,
            cameras=[CameraBody.of(camera) for camera in progress.cameras],
            stages={name: StageBody.of(stage) for name, stage in progress.stages.items()},
            videos=[redacted(camera.source) for camera in job.config.inputs],
            output=None if output.video is None else str(output.video),
            results=None if output.results is None else str(output.results),
            notes=list(job.notes),
            error=None if job.error is None else ErrorBody.of(job.error),
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
        )

    @classmethod
    def of_stored(cls, job: StoredJob, report: Report = NOTHING_SAID) -> Self:
        """A job of an earlier run of the server, as far as the store knows it and its report said."""
        video = report.configuration.output.video
        error = None if job.error_code is None else ErrorBody(code=job.error_code, message=job.error_message or "")
        finished = job.finished_unix_s
        return cls(
            job_id=job.id,
            status=job.status,
            stop_requested=job.status == "stopped",
            progress=1.0 if job.status == "done" else 0.0,
            rounds_done=report.rounds,
            media_time_s=round(job.media_s, 3),
            total_visits=job.people,
            cameras=[CameraBody.of(camera.progress) for camera in report.cameras],
            stages={name: StageBody.of(stage) for name, stage in report.stages.items()},
            notes=report.notes,
            output=None if video is None else str(video),
            videos=[camera.source for camera in job.cameras],
            results=None if job.results is None else str(job.results),
            error=error,
            started_at=datetime.fromtimestamp(job.begins_unix_s, UTC),
            finished_at=None if finished is None else datetime.fromtimestamp(finished, UTC),
        )


class JobsReply(BaseModel):
    """The jobs the server remembers."""

    jobs: list[StatusReply] = Field(description="Newest first")


class HealthReply(BaseModel):
    """The server answers."""

    status: Literal["ok"] = Field("ok", description="Always `ok`", examples=["ok"])
    running: int = Field(description="Jobs being worked on", examples=[1])
    queued: int = Field(description="Jobs waiting", examples=[0])
