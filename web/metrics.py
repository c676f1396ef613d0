"""The state of the service for Prometheus, read off the jobs whenever it asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, get_args

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from job import JobSnapshot, Status
from notify.notifier import Notifier
from web.service import Service

PREFIX: Final = "tracker_"


class ServiceCollector(Collector):
    """Jobs and what they do; figures of single jobs are those of jobs that are not over.

    Args:
        service: What is looked at.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """What holds at this moment."""
        jobs = [job.snapshot() for job in self._service.jobs.jobs()]
        states = Counter(job.status for job in jobs)
        counts = GaugeMetricFamily(PREFIX + "jobs", "Jobs remembered, by status.", labels=["status"])
        for status in get_args(Status):
            counts.add_metric([status], states[status])
        yield counts
        yield GaugeMetricFamily(
            PREFIX + "streams_open", "Streams of pictures and events.", value=len(self._service.streams)
        )
        if self._service.memory is not None:
            yield _of_notifiers(self._service.memory.notifiers)
        live = [job for job in jobs if not job.over]
        yield from _of_jobs(live)
        yield from _of_cameras(live)
        yield from _of_stages(live)


def service_registry(service: Service) -> CollectorRegistry:
    """All that there is to tell of a service and of its process."""
    registry = CollectorRegistry()
    registry.register(ServiceCollector(service))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return registry


def _of_notifiers(notifiers: Sequence[Notifier]) -> Metric:
    told = CounterMetricFamily(PREFIX + "notifications", "Events told to others.", labels=["target", "outcome"])
    for notifier in notifiers:
        told.add_metric([notifier.name, "sent"], notifier.tally.sent)
        told.add_metric([notifier.name, "lost"], notifier.tally.lost)
    return told


def _of_jobs(jobs: Sequence[JobSnapshot]) -> Iterable[Metric]:
    rounds = CounterMetricFamily(PREFIX + "rounds", "Rounds tracked.", labels=["job"])
    rate = GaugeMetricFamily(PREFIX + "rounds_per_second", "Rounds a second, recent.", labels=["job"])
    now = GaugeMetricFamily(PREFIX + "people_now", "Different people in view.", labels=["job"])
    total = GaugeMetricFamily(PREFIX + "people_identified", "People identified so far.", labels=["job"])
    for job in jobs:
        label, progress = [job.job_id], job.progress
        rounds.add_metric(label, progress.rounds_done)
        rate.add_metric(label, progress.fps)
        now.add_metric(label, progress.people_now)
        total.add_metric(label, progress.people_total)
    return rounds, rate, now, total


def _of_cameras(jobs: Sequence[JobSnapshot]) -> Iterable[Metric]:
    frames = CounterMetricFamily(PREFIX + "frames_read", "Frames decoded.", labels=["job", "camera"])
    dropped = CounterMetricFamily(PREFIX + "frames_dropped", "Frames lost.", labels=["job", "camera", "cause"])
    state = GaugeMetricFamily(
        PREFIX + "camera_state", "1 for what the camera's reader is doing.", labels=["job", "camera", "state"]
    )
    for job in jobs:
        for camera in job.progress.cameras:
            label = [job.job_id, camera.camera_id]
            frames.add_metric(label, camera.frames_read)
            state.add_metric([*label, camera.state.value], 1)
            for cause, count in camera.dropped.items():
                dropped.add_metric([*label, cause], count)
    return frames, dropped, state


def _of_stages(jobs: Sequence[JobSnapshot]) -> Iterable[Metric]:
    seconds = CounterMetricFamily(
        PREFIX + "stage_seconds", "Time spent in a stage of a round.", labels=["job", "stage"]
    )
    runs = CounterMetricFamily(PREFIX + "stage_runs", "How often a stage ran.", labels=["job", "stage"])
    recent = GaugeMetricFamily(
        PREFIX + "stage_recent_seconds", "Recent times of a stage.", labels=["job", "stage", "quantile"]
    )
    for job in jobs:
        for stage, time in job.progress.stages.items():
            label = [job.job_id, stage]
            seconds.add_metric(label, time.total_s)
            runs.add_metric(label, time.count)
            recent.add_metric([*label, "0.5"], time.p50_ms / 1e3)
            recent.add_metric([*label, "0.95"], time.p95_ms / 1e3)
    return seconds, runs, recent
