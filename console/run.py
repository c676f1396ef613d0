"""Runs one job in the foreground: progress while it runs, Ctrl-C at any time, a summary at the end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Final, Self

from rich.console import Console

from config import TrackingConfig
from console.errors import exit_code, show_error
from console.summary import as_json, show_summary
from console.views import View, create_view
from job import Job, JobSnapshot
from work import Work

REFRESH_S: Final = 0.1
SHOW_CURSOR: Final = b"\x1b[?25h"


class Interrupts:
    """Within it the first Ctrl-C (or SIGTERM) is only noted; the second ends the process on the spot."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None

    def __enter__(self) -> Self:
        self._previous = {kind: signal.signal(kind, self._on_signal) for kind in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        # Nothing but a note: the interrupted code may hold any lock.
        if self.signal is not None:
            if os.isatty(sys.__stderr__.fileno() if sys.__stderr__ else 2):
                os.write(2, SHOW_CURSOR + b"\n")
            os._exit(128 + number)
        self.signal = signal.Signals(number)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, previous in self._previous.items():
            signal.signal(number, previous)


def run_job(
    config: TrackingConfig,
    make_work: Callable[[TrackingConfig, str], Work],
    *,
    quiet: bool = False,
    json: bool = False,
) -> int:
    """Do the job; all output is written here.

    Args:
        config: What to do.
        make_work: Makes the work from the configuration and a name for its threads.
        quiet: Show nothing but errors.
        json: Print one JSON object to stdout instead of progress and summary.

    Returns:
        The exit code: 0 done, or ended by the user in the window; 1 failed; 2 wrong settings; 128 plus the signal when
        interrupted.
    """
    with Interrupts() as interrupts:
        job = Job("cli", config, make_work(config, "job-cli"))
        with create_view(Console(stderr=True), silent=quiet or json) as view:
            end = _follow(job, view, interrupts)
    _report(end, quiet=quiet, json=json)
    if end.error is not None:
        return exit_code(end.error.code)
    return 0 if interrupts.signal is None or end.status == "done" else 128 + interrupts.signal


def _report(end: JobSnapshot, *, quiet: bool, json: bool) -> None:
    if json:
        sys.stdout.write(as_json(end) + "\n")
    elif end.error is not None:
        show_error(end.error.message, end.error.code)
    elif not quiet:
        show_summary(end, Console())


def _follow(job: Job, view: View, interrupts: Interrupts) -> JobSnapshot:
    job.start()
    while not job.wait(REFRESH_S):
        seen = job.snapshot()
        if interrupts.signal is not None and not seen.stopped:
            view.say("stopping: closing the files written so far; once more ends at once")
            job.stop()
        view.update(seen)
    end = job.snapshot()
    view.update(end)
    return end
