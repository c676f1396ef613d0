"""The visualization thread's sink: one picture of all cameras per tick, into the video and the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from calibration import FloorViews
from config import OutputConfig
from entities import IdentityEvent, Segment, Source, TrackedRound
from sinks.mosaic import Mosaic
from sinks.video import open_video
from sinks.window import Window

LEAST_FPS: Final = 1.0
LONGEST_STILL_S: Final = 10.0
"""Of a longer time without a round, as when live cameras were paused, only so much is in the video."""
MOST_FPS: Final = 60.0
"""Containers with a variable rate may promise any; more than this is not seen."""


class Target(Protocol):
    """Where composed pictures go; entering opens it, leaving closes it."""

    @property
    def active(self) -> bool:
        """Whether pictures are still of any use to it."""

    def __enter__(self) -> Self: ...

    def write(self, picture_bgr: NDArray[np.uint8]) -> None:
        """Take the picture of the next tick; it is drawn over afterwards, so who keeps it, copies."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class RenderSink:
    """Turns rounds, which come at any pace, into pictures at a constant rate of media time.

    Tick k stands for media time k / fps. A tick without a round repeats what is known, so that gaps, slow cameras and
    variable rates keep their length; a round that falls on a tick already shown is drawn on the next. The video is
    therefore as long as the longest camera, to one picture; only where live cameras were paused it is shorter.

    Args:
        sources: The inputs, in the job's camera order; at least one.
        output: What is asked for.
        views: How cameras see the floor, as far as that is known.
        on_note: Takes what the user should know, in this sink's thread.
        more: Further targets.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        output: OutputConfig,
        views: FloorViews,
        on_note: Callable[[str], None],
        more: Sequence[Target] = (),
    ) -> None:
        self._mosaic = Mosaic(sources, output.width_px, output.trail_s, views if output.top_view else {})
        self.fps = output_rate(sources)
        self._frame_s = {source.camera_id: 1.0 / source.fps for source in sources}
        self._targets: list[Target] = list(more)
        if output.window:
            self._targets.append(Window(self._mosaic.size_px, on_note))
        self._required = output.video is not None
        if output.video is not None:
            self._targets.append(open_video(output.video, self._mosaic.size_px, self.fps))
        self._next_tick = 0
        self._end_s = 0.0
        self._stack = ExitStack()

    @property
    def name(self) -> str:
        return "video"

    @property
    def required(self) -> bool:
        return self._required

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            for target in self._targets:
                opening.enter_context(target)
            self._stack = opening.pop_all()
        return self

    def write(self, tracked: TrackedRound) -> None:
        if not any(target.active for target in self._targets):
            return
        tick = round(tracked.round.timestamp_s * self.fps)
        if tracked.round.states:  # cameras do not wait while the standing picture is written again and again
            self._next_tick = max(self._next_tick, tick - round(LONGEST_STILL_S * self.fps))
        self._mosaic.tell(tracked.round.states)
        self._emit_until(tick)
        results = {result.camera_id: result for result in tracked.result.frames}
        for frame in tracked.round.frames:
            self._mosaic.update(frame, results.get(frame.camera_id))
            self._end_s = max(self._end_s, frame.timestamp_s + self._frame_s[frame.camera_id])
        self._mosaic.count(tracked.result.people_now, tracked.result.people_total)
        self._emit_until(tick + 1)

    def _emit_until(self, tick: int) -> None:
        """Send the picture as it stands to every tick before this one that has none yet."""
        while self._next_tick < tick:
            picture = self._mosaic.compose(self._next_tick / self.fps)
            for target in self._targets:
                if target.active:
                    target.write(picture)
            self._next_tick += 1

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        """Nothing: what has been shown stays shown."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stack.__exit__(kind, error, trace)
            return
        with self._stack:  # closes the targets, whatever happens here
            if any(target.active for target in self._targets):
                self._emit_until(round(self._end_s * self.fps))


def output_rate(sources: Sequence[Source]) -> float:
    """Pictures per second of the video: the fastest camera's, so that none loses any."""
    return min(MOST_FPS, max(LEAST_FPS, *(source.fps for source in sources)))
