"""A sink that changes what another one sees; everything else is left to that one."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from entities import IdentityEvent, Segment, TrackedRound
from sinks import Sink


class Between:
    """Hands every round on to a sink, as `changed` makes it.

    Args:
        sink: Gets the rounds.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def changed(self, tracked: TrackedRound) -> TrackedRound:
        """What the sink is to see of a round; called in the sink's thread."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        return self._sink.name

    @property
    def required(self) -> bool:
        return self._sink.required

    def __enter__(self) -> Self:
        self._sink.__enter__()
        return self

    def write(self, tracked: TrackedRound) -> None:
        self._sink.write(self.changed(tracked))

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        self._sink.finish(segments, events)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sink.__exit__(kind, error, trace)
