"""Stores with people in them, as jobs would have left them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from entities import (
    CameraId,
    EventKind,
    GlobalId,
    IdentityEvent,
    LocalId,
    Round,
    RoundResult,
    Segment,
    Source,
    TrackedRound,
)
from recording import RecordingHeader
from store.memory import JobFacts, JobMemory, open_store
from store_settings import StoreConfig
from tests.builders import CAM1, CAM2, SIZE_PX, box, frame, frame_result, unseen

MODELS = {"detector": "motion", "embedder": "colour stripes", "weights": {}}
NOON_UNIX_S = 4_000_000_000.0
"""So far ahead that nothing is too old for those who go by the real clock."""
LONG_AGO_UNIX_S = 1_000_000_000.0
FPS = 10.0
"""Of the rounds that `walk` makes."""


def header(cameras: Sequence[CameraId] = (CAM1, CAM2)) -> RecordingHeader:
    """What holds for a job of these cameras."""
    sources = tuple(Source(camera, f"{camera}.mp4", SIZE_PX, FPS) for camera in cameras)
    return RecordingHeader(sources, 0.1, 1, {}, dict(MODELS), None, "0.1.0")


class Clock:
    """A wall clock that moves when told."""

    def __init__(self, now_s: float = NOON_UNIX_S) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def walk(
    camera: CameraId,
    person: int,
    seconds: tuple[float, float],
    *,
    local_id: int = 1,
    events: Sequence[IdentityEvent] = (),
) -> list[TrackedRound]:
    """Rounds in which one camera sees one person go from left to right; the first brings the events."""
    out: list[TrackedRound] = []
    for index in range(round(seconds[0] * FPS), round(seconds[1] * FPS) + 1):
        result = frame_result([box(100.0 + index)], [local_id], [person], index, FPS, camera)
        round_ = Round(index, index / FPS, (frame(index, FPS, camera),))
        out.append(unseen(round_, RoundResult(index, index / FPS, (result,), 1, 1, tuple(events) if not out else ())))
    return out


def as_shown(rounds: Sequence[TrackedRound]) -> tuple[Segment, ...]:
    """The corrected history of a job in which nothing had to be corrected."""
    spans: dict[tuple[CameraId, int, int], list[int]] = {}
    for each in rounds:
        for result in each.result.frames:
            for local_id, name in zip(result.local_ids.tolist(), result.global_ids.tolist(), strict=True):
                spans.setdefault((result.camera_id, local_id, name), []).append(result.frame_index)
    return tuple(
        Segment(camera, LocalId(local_id), min(frames), max(frames), GlobalId(name))
        for (camera, local_id, name), frames in spans.items()
    )


def merged(gone: int, heir: int, time_s: float = 0.0) -> IdentityEvent:
    """The program finds that two are one."""
    return IdentityEvent(time_s, EventKind.MERGED, GlobalId(heir), GlobalId(gone), reason="alike")


def begin_job(
    config: StoreConfig, job_id: str = "monday", results: Path | None = None, clock: Clock | None = None
) -> tuple[JobMemory, list[str]]:
    """A job that has just begun, and the notes that it will make."""
    notes: list[str] = []
    store = open_store(config)
    assert store is not None
    return JobMemory(store, config, JobFacts(job_id, header(), results), notes.append, clock or Clock()), notes


def run_job(
    config: StoreConfig,
    rounds: Sequence[TrackedRound],
    *,
    job_id: str = "monday",
    outcome: str | None = "done",
    segments: Sequence[Segment] | None = None,
    results: Path | None = None,
    clock: Clock | None = None,
) -> tuple[JobMemory, list[str]]:
    """Let a job write rounds into a store; returns its memory and the notes.

    Args:
        config: Where the store is, and what it may keep.
        rounds: In their order.
        job_id: Its name.
        outcome: How it ended; None for a job that died with its process.
        segments: The corrected history; as shown when None.
        results: Its results folder.
        clock: The wall clock.
    """
    notes: list[str] = []
    store = open_store(config)
    assert store is not None
    memory = JobMemory(store, config, JobFacts(job_id, header(), results), notes.append, clock or Clock())
    with memory.sink(f"job-{job_id}") as sink:
        for tracked in rounds:
            sink.write(tracked)
        if outcome is not None:
            sink.finish(as_shown(rounds) if segments is None else tuple(segments))
    if outcome is not None:
        memory.finish(outcome, None)
    store.close()
    return memory, notes
