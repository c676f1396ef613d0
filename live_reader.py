"""Reads one camera that sends by itself into a buffer: watched, and connected anew when it is lost."""

from __future__ import annotations

import logging
import math
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Final

from address import redacted
from buffers import Buffer, LatestValue
from entities import Frame, Source
from errors import SourceError, TrackingError
from live_clock import Backoff, CaptureClock
from source_settings import LiveConfig
from sources import LivePicture, LiveStream
from sources.fitting import fitted
from sources.paced import paced
from telemetry import CameraProgress, CameraState
from worker import Worker

logger = logging.getLogger(__name__)

PARTING_S: Final = 0.5
"""How long a reader that was told to stop is waited for; only one whose camera hangs takes longer."""


class LiveReader(Worker):
    """Keeps a camera connected, from a named daemon thread.

    The buffer is closed when the camera is over for good: its file ended, it was given up, or somebody said stop.

    Args:
        source: What to read, as it was found.
        frames: Takes the frames; never holds the reader back.
        connect: Opens the camera; asked again after every loss.
        settings: Timeouts and pauses.
        now_s: The job's clock, in seconds since its start.
        job: Name of the job, for the thread's name.
        stride: Hand over every Nth picture.
        wait: Waits so many seconds and says whether to stop; replaceable in tests.
    """

    def __init__(
        self,
        source: Source,
        frames: Buffer[Frame],
        connect: Callable[[], LiveStream],
        settings: LiveConfig,
        *,
        now_s: Callable[[], float],
        job: str = "job",
        stride: int = 1,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        super().__init__(self._run, f"{job}/reader-{source.camera_id}")
        self._source = source
        self._frames = frames
        self._connect = connect
        self._settings = settings
        self._now_s = now_s
        self._stride = stride
        self._next_index = 0
        self._stopping = threading.Event()
        self._parting_s = math.inf
        self._wait = wait or self._stopping.wait
        self._clock = CaptureClock()
        self._stream: LiveStream | None = None
        self._damaged = 0
        self._connected_s: float | None = None
        self._seen_s = 0.0
        self._progress = LatestValue(CameraProgress(source.camera_id, frames_total=source.frames_total))
        self._error: TrackingError | None = None

    def stop(self) -> None:
        """Ask the reader to end and return at once; may be called twice."""
        self._parting_s = min(self._parting_s, time.monotonic() + PARTING_S)
        self._stopping.set()
        self._frames.close(discard=True)

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; True when it has, was never started, or keeps nobody waiting.

        FFmpeg's wait for a camera that hangs cannot be broken off from outside. Such a thread is left to itself soon
        after `stop`: what it still reads goes nowhere, as its buffer is closed, and it ends at its timeout.
        """
        ended = super().join(max(0.0, min(timeout_s, self._parting_s - time.monotonic())))
        return ended or self._stopping.is_set()

    @property
    def progress(self) -> CameraProgress:
        """How it is doing; may be asked from any thread.

        A stalled camera keeps its thread waiting, so that it is whoever asks who finds that out.
        """
        progress = self._progress.get()
        dropped = {cause: count for cause, count in self._dropped().items() if count}
        return replace(progress, dropped=dropped, state=self._state(progress.state))

    @property
    def error(self) -> TrackingError | None:
        """Why it failed, None while it has not. A camera that is merely lost has not failed."""
        return self._error

    def _state(self, said: CameraState) -> CameraState:
        """The state as it is now, of what the thread said last."""
        if self._stopping.is_set() and said is not CameraState.FAILED:
            return CameraState.ENDED
        stalled = said is CameraState.LIVE and self._now_s() - self._seen_s > self._settings.stall_s
        return CameraState.STALLED if stalled else said

    def _dropped(self) -> dict[str, int]:
        stream = self._stream
        return {"damaged": self._damaged + (stream.damaged if stream else 0), "buffer_full": self._frames.dropped}

    def _run(self) -> None:
        try:
            self._keep_connected()
            self._report(state=CameraState.ENDED)
        except TrackingError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - the thread's last line: nothing may die in silence
            told = redacted(traceback.format_exc())
            logger.error("reading %s failed: %s", self._source.uri, told)  # noqa: TRY400 - an exception's text is not
            self._fail(SourceError(f"{self._source.uri}: reading failed: {type(error).__name__}"))
        finally:
            self._frames.close()

    def _keep_connected(self) -> None:
        backoff = Backoff(self._settings.retry_s, self._settings.retry_max_s)
        self._report(state=CameraState.CONNECTING)
        alive_s = self._now_s()
        while not self._stopping.is_set():
            self._connected_s = None
            lost = self._read()
            if lost is None or self._stopping.is_set():
                return
            alive_s = max(alive_s, self._seen_s)
            self._lose(lost, self._now_s() - alive_s)
            self._wait(backoff.failed(self._lasted_s()))

    def _lasted_s(self) -> float:
        """How long the last connection was good."""
        return 0.0 if self._connected_s is None else self._seen_s - self._connected_s

    def _read(self) -> SourceError | None:
        """Read one connection to its end; why it was lost, None when it came to its proper end."""
        try:
            with closing(self._connect()) as stream:
                self._stream = stream
                try:
                    self._hand_over(stream)
                finally:
                    self._damaged += stream.damaged
                    self._stream = None
        except SourceError as error:
            return error
        if stream.endless:
            return SourceError(f"{self._source.uri}: the camera ended the connection", code="source_lost")
        return None

    def _hand_over(self, stream: LiveStream) -> None:
        pictures = stream.pictures()
        for picture in paced(pictures, stream.fps, self._wait, self._now_s) if stream.paced else pictures:
            index, self._next_index = self._next_index, self._next_index + 1
            wanted = index % self._stride == 0
            if self._stopping.is_set() or (wanted and not self._frames.put(self._frame(index, picture))):
                return
            self._see(wanted)

    def _frame(self, index: int, picture: LivePicture) -> Frame:
        time_s = self._clock.stamp(self._now_s(), picture.media_s)
        image = fitted(picture.image_bgr, self._source.size_px)
        return Frame(self._source.camera_id, index, time_s, image)

    def _see(self, wanted: bool) -> None:
        """A picture came, wanted or not: it is live."""
        self._seen_s = self._now_s()
        before = self._progress.get()
        if self._connected_s is None:
            self._connected_s = self._seen_s
            logger.info("%s: live", self.name)
        again = before.state is CameraState.RECONNECTING
        self._report(
            state=CameraState.LIVE,
            frames_read=before.frames_read + wanted,
            error=None,
            reconnects=before.reconnects + again,
        )

    def _lose(self, error: SourceError, away_s: float) -> None:
        """The camera is lost, or still not there.

        Raises:
            SourceError: `source_given_up`: for longer than anybody wants to wait.
        """
        limit_s = self._settings.give_up_s
        if limit_s is not None and away_s >= limit_s:
            raise SourceError(f"{error.message}; given up after {away_s:.0f} s", code="source_given_up")
        before = self._progress.get()
        if error.message != before.error:
            logger.warning("%s: %s; connecting again", self.name, error.message)
        seen = self._next_index > 0
        self._report(state=CameraState.RECONNECTING if seen else CameraState.CONNECTING, error=error.message)

    def _fail(self, error: TrackingError) -> None:
        self._error = error
        self._report(state=CameraState.FAILED, error=error.message)

    def _report(self, **changes: object) -> None:
        self._progress.set(replace(self._progress.get(), **changes))  # type: ignore[arg-type] # fields by name
