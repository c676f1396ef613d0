"""Where tracked rounds go: the annotated video, the window, the records."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from entities import IdentityEvent, Segment, TrackedRound


class Sink(Protocol):
    """Takes tracked rounds in order, in a thread of its own.

    Entering opens what it writes to; leaving closes it so that what was written is valid, on every path:
    end, stop, error and Ctrl-C.
    """

    @property
    def name(self) -> str:
        """Short name for threads, logs and errors, e.g. `video`."""

    @property
    def required(self) -> bool:
        """Whether its failure fails the job; an optional sink is detached and counted."""

    def __enter__(self) -> Self: ...

    def write(self, tracked: TrackedRound) -> None:
        """Take one round.

        Raises:
            OutputError: It cannot be written (disk full, folder gone).
        """

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        """Take the corrected history, and what was decided for it, once, after the last round and before leaving."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
