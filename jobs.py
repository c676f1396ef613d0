"""Who runs, who waits in line, who is remembered."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from config import OutputConfig, TrackingConfig
from errors import JobError, OutputError
from job import OVER, Job, JobSnapshot, JobState
from work import Work

MINUTE_S: Final = 60.0

logger = logging.getLogger(__name__)


def new_job_id() -> str:
    """A name that no other job has, also not one of an earlier run of the program; fit for a folder."""
    return secrets.token_hex(4)


def own_folder(root: Path, name: str) -> Path:
    """Where the records go of a job that was not told where: `name` in `root`; only `root` is made.

    Raises:
        OutputError: `root` cannot be made.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"results {root}: cannot be made: {error.strerror or error}; name another folder") from error
    return root / name


class JobManager:
    """Runs jobs, a few at a time, keeps the others waiting in order, and remembers the finished.

    Args:
        make_work: Makes the work of a job from its configuration and its name.
        max_running: Jobs that run at once.
        max_queued: Jobs that wait; more are refused.
        max_kept: Finished jobs remembered.
        starts_per_minute: Jobs that may be asked for in a minute, refused ones counted.
        on_end: Told each job that is over, from that job's thread or from whoever stopped it.
        now_s: A monotonic clock in seconds.
    """

    def __init__(
        self,
        make_work: Callable[[TrackingConfig, str], Work],
        *,
        max_running: int = 1,
        max_queued: int = 4,
        max_kept: int = 100,
        starts_per_minute: int = 600,
        on_end: Callable[[str], None] = lambda _: None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_work = make_work
        self._max_running = max_running
        self._max_queued = max_queued
        self._max_kept = max_kept
        self._on_end = on_end
        self._starts_per_minute = starts_per_minute
        self._now_s = now_s
        self._asked_s: deque[float] = deque(maxlen=starts_per_minute)
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._in_preflight: dict[str, TrackingConfig] = {}
        self._held: list[tuple[str, TrackingConfig]] = []
        self._closed = False

    def submit(self, config: TrackingConfig, job_id: str | None = None) -> JobSnapshot:
        """Accept a job: it starts now or when its turn comes.

        Args:
            config: What to do.
            job_id: Its name, from `new_job_id`; None to have one made.

        Raises:
            JobError: `queue_full`, `too_many_starts` or `shutting_down`.
            OutputError: `output_in_use`: a job that is not over reads or writes the same file.
            TrackingError: What the work's own preflight says.
        """
        job_id = job_id or new_job_id()
        with self._lock:
            self._refuse(config)
            self._in_preflight[job_id] = config  # holds its place and its files while it is looked at
        try:
            work = self._make_work(config, f"job-{job_id}")
            work.check()
            job = Job(job_id, config, work, lambda: self._ended(job_id))
        except BaseException:
            with self._lock:
                del self._in_preflight[job_id]
            raise
        with self._lock:
            del self._in_preflight[job_id]
            if self._closed:
                raise _shutting_down()
            self._jobs[job_id] = job
            self._forget_old()
        self._start_next()
        return job.snapshot()

    def get(self, job_id: str) -> Job:
        """The job of that name.

        Raises:
            JobError: `job_unknown`.
        """
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise _unknown(job_id)
        return job

    def forget(self, job_id: str) -> JobSnapshot:
        """Let go of a job that is over; what it wrote stays.

        Raises:
            JobError: `job_unknown`, or `job_not_over`.
        """
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None:
                raise _unknown(job_id)
            if job.state not in OVER:
                raise JobError(
                    f"job {job_id} is not over; stop it first with POST /jobs/{job_id}/stop", code="job_not_over"
                )
            del self._jobs[job_id]
        return job.snapshot()

    @contextmanager
    def holding(self, output: OutputConfig, job_id: str) -> Iterator[None]:
        """Keep other jobs off what a job wrote, e.g. to remove it.

        Args:
            output: What it wrote.
            job_id: The job.

        Raises:
            OutputError: `output_in_use`: another job that is not over reads or writes the same file.
        """
        held = (job_id, replace(TrackingConfig(), output=output))
        with self._lock:
            for other_id, other in self._busy().items():
                if other_id != job_id:
                    _refuse_shared_files(held[1], other, other_id)
            self._held.append(held)
        try:
            yield
        finally:
            with self._lock:
                self._held.remove(held)

    @property
    def accepting(self) -> bool:
        """Whether jobs are taken at all."""
        with self._lock:
            return not self._closed

    def jobs(self) -> tuple[Job, ...]:
        """All jobs remembered, oldest first."""
        with self._lock:
            return tuple(self._jobs.values())

    def shutdown(self, timeout_s: float) -> tuple[str, ...]:
        """Accept no more jobs, stop all, and wait until they are over or time is up.

        Returns:
            The jobs that were not over in time.
        """
        with self._lock:
            self._closed = True
            jobs = tuple(self._jobs.values())
        deadline_s = time.monotonic() + timeout_s
        for job in jobs:
            job.stop()
        stuck = tuple(job.job_id for job in jobs if not job.wait(max(0.0, deadline_s - time.monotonic())))
        if stuck:
            logger.error("jobs not over after %.0f s: %s", timeout_s, ", ".join(stuck))
        return stuck

    def _refuse(self, config: TrackingConfig) -> None:
        if self._closed:
            raise _shutting_down()
        self._count_start()
        busy = self._busy()
        for job_id, other in (*busy.items(), *self._held):
            _refuse_shared_files(config, other, job_id)
        if len(busy) >= self._max_running + self._max_queued:
            raise JobError(
                f"{self._max_running} running and {self._max_queued} waiting are the most; "
                "try again when a job is over, or stop one with POST /jobs/{id}/stop",
                code="queue_full",
            )

    def _busy(self) -> dict[str, TrackingConfig]:
        """What the jobs that are not over are to do."""
        return {job.job_id: job.config for job in self._jobs.values() if job.state not in OVER} | self._in_preflight

    def _count_start(self) -> None:
        """Every one costs a look at the videos, also those that are refused then."""
        now_s = self._now_s()
        if len(self._asked_s) == self._starts_per_minute and now_s - self._asked_s[0] < MINUTE_S:
            raise JobError(
                f"{self._starts_per_minute} jobs in a minute are the most (MCT_SERVER__STARTS_PER_MINUTE); "
                f"try again in {MINUTE_S - now_s + self._asked_s[0]:.0f} s",
                code="too_many_starts",
            )
        self._asked_s.append(now_s)

    def _ended(self, job_id: str) -> None:
        self._on_end(job_id)
        self._start_next()

    def _start_next(self) -> None:
        with self._lock:
            states = {job_id: job.state for job_id, job in self._jobs.items()}
            waiting = [job_id for job_id, state in states.items() if state is JobState.QUEUED]
            running = sum(state is not JobState.QUEUED and state not in OVER for state in states.values())
            free = 0 if self._closed else max(0, self._max_running - running)
            for job_id in waiting[:free]:
                self._jobs[job_id].start()

    def _forget_old(self) -> None:
        over = [job_id for job_id, job in self._jobs.items() if job.state in OVER]
        for job_id in over[: max(0, len(over) - self._max_kept)]:
            del self._jobs[job_id]


def _unknown(job_id: str) -> JobError:
    return JobError(f"job {job_id!r} is not known; GET /jobs lists those that are")


def _shutting_down() -> JobError:
    return JobError("the server is shutting down and takes no more jobs", code="shutting_down")


def _refuse_shared_files(config: TrackingConfig, other: TrackingConfig, other_id: str) -> None:
    """Two jobs may read one file, but what one writes no other may touch."""
    clash = (_outputs(config) & (_outputs(other) | _inputs(other))) | (_inputs(config) & _outputs(other))
    if clash:
        raise OutputError(
            f"{min(clash)} belongs to job {other_id}, which is not over; choose another path or wait for that job",
            code="output_in_use",
        )


def _outputs(config: TrackingConfig) -> set[str]:
    output = config.output
    return {
        os.path.realpath(path)
        for path in (output.video, output.results, output.record, output.profile)
        if path is not None
    }


def _inputs(config: TrackingConfig) -> set[str]:
    return {os.path.realpath(camera.source) for camera in config.inputs}
