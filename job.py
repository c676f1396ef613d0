"""One piece of work in a thread of its own: its states, its outcome, who may stop it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Literal

from config import TrackingConfig
from errors import JobError, TrackingError
from telemetry import Progress
from work import Work

logger = logging.getLogger(__name__)

Status = Literal["queued", "processing", "paused", "done", "failed", "stopped"]
"""A job's state in the words of the API and the command line."""


class JobState(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    FAILED = "failed"


NEXT: Final[Mapping[JobState, frozenset[JobState]]] = {
    JobState.QUEUED: frozenset({JobState.STARTING, JobState.STOPPING}),
    JobState.STARTING: frozenset({JobState.RUNNING, JobState.STOPPING, JobState.FAILED}),
    JobState.RUNNING: frozenset({JobState.PAUSED, JobState.STOPPING, JobState.FAILED}),
    JobState.PAUSED: frozenset({JobState.RUNNING, JobState.STOPPING, JobState.FAILED}),
    JobState.STOPPING: frozenset({JobState.FINISHED, JobState.FAILED}),
    JobState.FINISHED: frozenset(),
    JobState.FAILED: frozenset(),
}
"""The one table of what may follow what."""

OVER: Final = frozenset({JobState.FINISHED, JobState.FAILED})


@dataclass(frozen=True, slots=True)
class JobSnapshot:
    """A job as it was at one moment.

    Attributes:
        job_id: The job.
        config: What it was asked to do.
        state: Where it is in its life.
        stopped: It was asked to end before its end.
        progress: How far it is.
        notes: What the user should know, oldest first.
        error: Why it failed.
        created_at: When it was accepted, UTC.
        started_at: When it left the queue.
        finished_at: When it was over.
    """

    job_id: str
    config: TrackingConfig
    state: JobState
    stopped: bool
    progress: Progress
    notes: tuple[str, ...]
    error: TrackingError | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in OVER

    @property
    def status(self) -> Status:
        """The state in the words of the API."""
        if self.state is JobState.QUEUED:
            return "queued"
        if self.state is JobState.FAILED:
            return "failed"
        if self.state is JobState.FINISHED:
            return "stopped" if self.stopped else "done"
        return "paused" if self.state is JobState.PAUSED else "processing"

    @property
    def seconds(self) -> float:
        """Wall time from leaving the queue to the end, 0 before both."""
        if self.started_at is None or self.finished_at is None:
            return 0.0
        return (self.finished_at - self.started_at).total_seconds()


class Job:
    """One piece of work, in a thread of its own once started.

    Args:
        job_id: Its name, unique.
        config: What is to be done; kept for those who ask.
        work: Does it.
        on_end: Called once when the job is over, from its thread, or from whoever stopped it before it had one.
    """

    def __init__(
        self, job_id: str, config: TrackingConfig, work: Work, on_end: Callable[[], None] = lambda: None
    ) -> None:
        self.job_id = job_id
        self.config = config
        self._work: Work | None = work
        self._on_end = on_end
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._state = JobState.QUEUED
        self._stopped = False
        self._error: TrackingError | None = None
        self._last: tuple[Progress, tuple[str, ...]] = (work.progress, work.notes)
        self._created_at = datetime.now(UTC)
        self._started_at: datetime | None = None
        self._finished_at: datetime | None = None

    @property
    def state(self) -> JobState:
        """Where the job is in its life."""
        with self._lock:
            return self._state

    def start(self) -> None:
        """Start the thread; nothing when the job has left the queue already."""
        with self._lock:
            if self._state is not JobState.QUEUED or self._work is None:
                return
            self._advance(JobState.STARTING)
            self._started_at = datetime.now(UTC)
            work = self._work
        name = f"job-{self.job_id}/tracker"
        self._thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask the job to end early and return at once; nothing when it is over or ending already."""
        with self._lock:
            if self._state is JobState.STOPPING or self._state in OVER:
                return
            waiting = self._state is JobState.QUEUED
            work = self._work
            self._stopped = True
            self._advance(JobState.STOPPING)
            if waiting:
                self._finish(None)
        if waiting:
            self._on_end()
            self._ended.set()
        elif work is not None:
            work.stop()

    def pause(self) -> None:
        """Halt the job after the round under way; nothing when it is halted already.

        Raises:
            JobError: `job_not_running`.
        """
        with self._lock:
            if self._state is not JobState.PAUSED:
                self._running_work("paused").pause()
                self._advance(JobState.PAUSED)

    def resume(self) -> None:
        """Let a halted job go on; nothing when it is running.

        Raises:
            JobError: `job_not_running`.
        """
        with self._lock:
            if self._state is not JobState.RUNNING:
                self._running_work("resumed").resume()
                self._advance(JobState.RUNNING)

    def _running_work(self, wish: str) -> Work:
        if self._work is None or self._state not in {JobState.RUNNING, JobState.PAUSED}:
            raise JobError(
                f"job {self.job_id} is {self._state} and cannot be {wish}; only a running one can",
                code="job_not_running",
            )
        return self._work

    def wait(self, timeout_s: float) -> bool:
        """Wait for the job to be over and its thread gone.

        A thread that is still freeing networks when the interpreter goes down takes the process with it (SIGABRT).

        Returns:
            False when it was not over in time.
        """
        deadline = time.monotonic() + timeout_s
        if not self._ended.wait(timeout_s):
            return False
        if self._thread is not None:
            self._thread.join(max(0.0, deadline - time.monotonic()))
            return not self._thread.is_alive()
        return True

    def snapshot(self) -> JobSnapshot:
        """The job as it is now."""
        with self._lock:
            progress, notes = (self._work.progress, self._work.notes) if self._work else self._last
            return JobSnapshot(
                job_id=self.job_id,
                config=self.config,
                state=self._state,
                stopped=self._stopped,
                progress=progress,
                notes=notes,
                error=self._error,
                created_at=self._created_at,
                started_at=self._started_at,
                finished_at=self._finished_at,
            )

    def _run(self, work: Work) -> None:
        error: TrackingError | None = None
        try:
            if self._go():
                work.run()
        except TrackingError as failure:
            error = failure
        except Exception as failure:  # last line of the thread
            logger.exception("job %s failed unexpectedly", self.job_id)
            error = TrackingError(
                f"unexpected {type(failure).__name__}: {failure}; this is a fault of the program, "
                "its log shows where (MCT_DEBUG=1)",
                code="internal_error",
            )
        self._end(error)
        try:
            self._on_end()
        finally:
            self._ended.set()

    def _go(self) -> bool:
        """Enter RUNNING, unless a stop came first."""
        with self._lock:
            if self._state is JobState.STARTING:
                self._advance(JobState.RUNNING)
            return self._state is JobState.RUNNING

    def _end(self, error: TrackingError | None) -> None:
        with self._lock:
            if self._work is not None:
                self._stopped = self._stopped or self._work.stopped
            if self._state is not JobState.STOPPING:
                self._advance(JobState.STOPPING)
            self._finish(error)

    def _finish(self, error: TrackingError | None) -> None:
        """Enter the final state and let go of the work, which may hold networks and histories."""
        self._error = error
        self._advance(JobState.FINISHED if error is None else JobState.FAILED)
        self._finished_at = datetime.now(UTC)
        if self._work is not None:
            self._last = (self._work.progress, self._work.notes)
        self._work = None

    def _advance(self, state: JobState) -> None:
        if state not in NEXT[self._state]:
            raise ValueError(f"job {self.job_id}: {self._state} cannot become {state}")
        logger.info("job %s: %s -> %s", self.job_id, self._state, state)
        self._state = state
