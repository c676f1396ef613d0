"""Decodes one recorded input into a buffer, in a thread of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

from buffers import Buffer, LatestValue
from entities import Frame, Source
from errors import SourceError, TrackingError
from sources import RecordedVideo
from sources.fitting import fitted
from telemetry import CameraProgress, CameraState
from thread_trace import NO_TRACE, ThreadTrace
from video_file import Picture, VideoFile
from worker import Worker

logger = logging.getLogger(__name__)


class FrameReader(Worker):
    """Decodes one source into a buffer: every picture or every Nth, in order, from a named daemon thread.

    The buffer is closed when the source is over, on every path, so that nobody waits for an ended camera.

    Args:
        source: What to read, as `open_source` found it.
        frames: Takes the frames; a `BLOCK` buffer holds the reader back until there is room.
        job: Name of the job, for the thread's name.
        max_seconds: Stop at this media time; None reads to the end.
        open_video: Opens the source; a video file of that name unless given.
        stride: Hand over every Nth picture.
        trace: Takes how long each picture took to decode.
    """

    def __init__(
        self,
        source: Source,
        frames: Buffer[Frame],
        job: str = "job",
        max_seconds: float | None = None,
        open_video: Callable[[], RecordedVideo] | None = None,
        *,
        stride: int = 1,
        trace: ThreadTrace = NO_TRACE,
    ) -> None:
        super().__init__(self._run, f"{job}/reader-{source.camera_id}")
        self._source = source
        self._frames = frames
        self._max_seconds = float("inf") if max_seconds is None else max_seconds
        self._trace = trace
        self._open_video = open_video or (lambda: VideoFile(source.uri))
        self._stride = stride
        self._progress = LatestValue(CameraProgress(source.camera_id, frames_total=source.frames_total))
        self._error: TrackingError | None = None

    def stop(self) -> None:
        """Ask the reader to end and return at once, also while it waits for room; may be called twice."""
        self._frames.close()

    @property
    def progress(self) -> CameraProgress:
        """How far it is; may be asked from any thread."""
        return self._progress.get()

    @property
    def error(self) -> TrackingError | None:
        """Why it failed, None while it has not. A file that was merely cut off has not failed."""
        return self._error

    def _run(self) -> None:
        try:
            self._read()
        except TrackingError as error:
            self._fail(error)
        except Exception as error:  # the thread's last line: nothing may die in silence
            logger.exception("reading %s failed", self._source.uri)
            self._fail(SourceError(f"{self._source.uri}: reading failed: {error!r}"))
        finally:
            self._frames.close()

    def _read(self) -> None:
        self._report(state=CameraState.READING)
        with self._open_video() as video:
            to_the_end = self._hand_over(video)
            shortfall = video.shortfall() if to_the_end else None
        self._report(dropped={"damaged": video.damaged} if video.damaged else {})
        read = self.progress.frames_read
        if to_the_end and not read:
            raise SourceError(f"{self._source.uri}: not one picture in it can be decoded; record or copy it again")
        self._report(state=CameraState.ENDED, error=shortfall)
        logger.info("%s ended: %s frames, %s damaged, %s", self.name, read, video.damaged, shortfall or "complete")

    def _hand_over(self, video: RecordedVideo) -> bool:
        """Put every picture into the buffer; False when told to stop before the end of the file."""
        for read, picture in enumerate(self._trace.each("decode", self._wanted(video)), start=1):
            if picture.time_s >= self._max_seconds or not self._frames.put(self._frame(picture)):
                return False
            dropped = {"damaged": video.damaged} if video.damaged else {}
            self._report(frames_read=read, dropped=dropped)
        return True

    def _wanted(self, video: RecordedVideo) -> Iterator[Picture]:
        return (picture for picture in video.pictures() if picture.index % self._stride == 0)

    def _frame(self, picture: Picture) -> Frame:
        image = fitted(picture.image_bgr, self._source.size_px)  # a recording may change its size on the way
        return Frame(self._source.camera_id, picture.index, picture.time_s, image)

    def _fail(self, error: TrackingError) -> None:
        self._error = error
        self._report(state=CameraState.FAILED, error=error.message)

    def _report(self, **changes: object) -> None:
        self._progress.set(replace(self._progress.get(), **changes))  # type: ignore[arg-type] # fields by name
