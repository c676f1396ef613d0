"""A running job in a terminal: a live bar, or plain lines where there is no terminal, or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from job import JobSnapshot
from telemetry import CameraState

LINE_EVERY_S: Final = 5.0
WARMING_UP: Final = {"starting": "loading models"}
"""What stands in place of the figures before there are any."""
TROUBLE: Final = frozenset({CameraState.CONNECTING, CameraState.STALLED, CameraState.RECONNECTING, CameraState.FAILED})
"""States of a camera that whoever watches should know of."""


class View(Protocol):
    """Shows a job while it runs."""

    def __enter__(self) -> Self: ...

    def update(self, job: JobSnapshot) -> None:
        """Show the job as it is now."""

    def say(self, line: str) -> None:
        """Show a line that stays."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def create_view(console: Console, *, silent: bool) -> View:
    """The view that suits where the output goes."""
    if silent:
        return SilentView()
    return LiveView(console) if console.is_terminal else PlainView(console)


def clock(seconds: float) -> str:
    """Minutes and seconds, hours where there are some.

    >>> clock(5.4), clock(65), clock(3600)
    ('0:05', '1:05', '1:00:00')
    """
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def facts(job: JobSnapshot) -> str:
    """Speed, people and time left in one short line."""
    progress = job.progress
    parts = [
        f"{progress.fps:.1f} rounds/s",
        f"{progress.people_now} {'person' if progress.people_now == 1 else 'people'}",
        f"{progress.people_total} {'id' if progress.people_total == 1 else 'ids'}",
    ]
    if progress.eta_s is not None:
        parts.append(f"{clock(progress.eta_s)} left")
    parts += [f"{camera.camera_id} {camera.state.value}" for camera in progress.cameras if camera.state in TROUBLE]
    return " · ".join(parts)


def phase(job: JobSnapshot) -> str:
    """What the job is doing, in one word."""
    if job.stopped:
        return "stopping"
    if not job.progress.rounds_done:
        return "starting"
    return "finishing" if job.progress.fraction >= 1.0 else "tracking"


def measurable(job: JobSnapshot) -> bool:
    """Whether it is known how much there is to do."""
    progress = job.progress
    return progress.rounds_done > 0 and (progress.rounds_total is not None or progress.eta_s is not None)


class _Notes:
    """Tells each of a job's notes once."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def new(self, job: JobSnapshot) -> list[str]:
        fresh = [note for note in job.notes if note not in self._told]
        self._told += fresh
        return fresh


class SilentView:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def update(self, job: JobSnapshot) -> None: ...

    def say(self, line: str) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class PlainView:
    """Writes a line every few seconds, for logs and pipes.

    Args:
        console: Where to.
        now_s: A monotonic clock in seconds.
    """

    def __init__(self, console: Console, now_s: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now_s = now_s
        self._next_s = now_s() + LINE_EVERY_S
        self._notes = _Notes()

    def __enter__(self) -> Self:
        return self

    def update(self, job: JobSnapshot) -> None:
        for note in self._notes.new(job):
            self.say(f"note: {note}")
        if self._now_s() < self._next_s:
            return
        self._next_s = self._now_s() + LINE_EVERY_S
        self.say(f"{phase(job)}: {self._figures(job)}")

    @staticmethod
    def _figures(job: JobSnapshot) -> str:
        progress = job.progress
        if not progress.rounds_done:
            return WARMING_UP.get(phase(job), "no round done")
        share = f"{progress.fraction:.0%}, " if measurable(job) else ""
        return f"{share}{progress.rounds_done} rounds · {facts(job)}"

    def say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LiveView:
    """One line that moves: what it is doing, how far, how fast, how many people, how long still."""

    def __init__(self, console: Console) -> None:
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=12),
            TextColumn("{task.fields[percent]:>4}"),
            TextColumn("{task.fields[facts]}", style="cyan"),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("starting", total=None, percent="", facts=WARMING_UP["starting"])
        self._notes = _Notes()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def update(self, job: JobSnapshot) -> None:
        for note in self._notes.new(job):
            self._bar.console.print(Text.assemble(("note: ", "bold yellow"), note))
        progress = job.progress
        known = measurable(job)
        self._bar.update(
            self._task,
            description=phase(job),
            total=1.0 if known else None,
            completed=progress.fraction,
            percent=f"{progress.fraction:.0%}" if known else "",
            facts=facts(job) if progress.rounds_done else WARMING_UP.get(phase(job), ""),
        )

    def say(self, line: str) -> None:
        self._bar.console.print(Text(line))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
