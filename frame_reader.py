"""Checks the input videos and decodes each into a buffer, in a thread of its own."""

from __future__ import annotations

import logging
import os
import re
import stat
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from buffers import Buffer, LatestValue
from entities import CameraId, Frame, Source
from errors import SourceError, TrackingError
from telemetry import CameraProgress, CameraState
from video_file import Picture, VideoFile

logger = logging.getLogger(__name__)

MAX_NAME = 48
"""Longest camera name, in characters; it becomes part of file names."""


def probe_sources(videos: Sequence[str], at_least: int = 2) -> tuple[Source, ...]:
    """Open every input once and describe it, in the order given, under unique camera names.

    Args:
        videos: Paths of video files.
        at_least: Fewest inputs that make sense to the caller.

    Raises:
        SourceError: Too few (`source_count`), the same file twice, also through a link (`source_duplicate`), or
            one that cannot be used, see `open_source`.
    """
    if len(videos) < at_least:
        raise SourceError(f"got {len(videos)} video(s); give at least {at_least}, one a camera", code="source_count")
    sources: list[Source] = []
    seen: dict[tuple[int, int], str] = {}
    for uri in videos:
        _check_file(uri)
        status = os.stat(uri)
        twin = seen.setdefault((status.st_dev, status.st_ino), uri)
        if twin is not uri or uri in [source.uri for source in sources]:
            raise SourceError(f"{uri} and {twin} are the same file; give each video once", code="source_duplicate")
        sources.append(open_source(uri, camera_name(uri, [source.camera_id for source in sources])))
    return tuple(sources)


def camera_name(uri: str, taken: Sequence[str] = ()) -> CameraId:
    """The file's stem, safe as a file name and different from `taken` also where case does not count.

    >>> camera_name("/a/front door.mp4"), camera_name("b/CAM.avi", ["cam", "cam-2"])
    ('front_door', 'CAM-3')
    """
    stem = re.sub(r"[^\w.-]", "_", Path(uri).stem).strip(".")[:MAX_NAME] or "camera"
    names = {name.casefold() for name in taken}
    name, number = stem, 1
    while name.casefold() in names:
        number += 1
        name = f"{stem}-{number}"
    return CameraId(name)


def open_source(uri: str, camera_id: CameraId) -> Source:
    """Check that a file is a video with at least one decodable picture, and say what it is.

    Raises:
        SourceError: `source_missing`, `source_is_directory`, `source_empty`, `source_no_video`, `source_unreadable`.
    """
    _check_file(uri)
    with VideoFile(uri) as video:
        first = next(video.pictures(), None)
        if first is None:
            raise SourceError(f"{uri}: not one picture in it can be decoded; the file is damaged or empty of video")
        height, width = first.image_bgr.shape[:2]
        return Source(camera_id, uri, (width, height), video.fps, video.frames_total, video.duration_s)


def _check_file(uri: str) -> None:
    try:
        status = os.stat(uri)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceError(f"{uri}: no such file; check the path", code="source_missing") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{uri!r}: cannot be looked at ({error}); check the path") from error
    if stat.S_ISDIR(status.st_mode):
        raise SourceError(f"{uri}: is a directory; name a video file in it", code="source_is_directory")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{uri}: is not a regular file; name a video file")
    if status.st_size == 0:
        raise SourceError(f"{uri}: the file is empty (0 bytes); copy or record it again", code="source_empty")
    if not os.access(uri, os.R_OK):
        raise SourceError(f"{uri}: no permission to read it; change its mode or owner")


class FrameReader:
    """Decodes one source into a buffer: every picture, in order, from a named daemon thread.

    The buffer is closed when the source is over, on every path, so that nobody waits for an ended camera.

    Args:
        source: What to read, as `open_source` found it.
        frames: Takes the frames; a `BLOCK` buffer holds the reader back until there is room.
        job: Name of the job, for the thread's name.
        max_seconds: Stop at this media time; None reads to the end.
        decoder_threads: See `VideoFile`.
    """

    def __init__(
        self,
        source: Source,
        frames: Buffer[Frame],
        job: str = "job",
        max_seconds: float | None = None,
        decoder_threads: int = 1,
    ) -> None:
        self._source = source
        self._frames = frames
        self._max_seconds = float("inf") if max_seconds is None else max_seconds
        self._decoder_threads = decoder_threads
        self._progress = LatestValue(CameraProgress(source.camera_id, frames_total=source.frames_total))
        self._error: TrackingError | None = None
        self._thread = threading.Thread(target=self._run, name=f"{job}/reader-{source.camera_id}", daemon=True)

    def start(self) -> None:
        """Begin to read; to be called once."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the reader to end and return at once, also while it waits for room; may be called twice."""
        self._frames.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the reader to end; True when it has, or was never started."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def name(self) -> str:
        """The thread's name, for messages about a reader that is stuck."""
        return self._thread.name

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
        with VideoFile(self._source.uri, self._decoder_threads) as video:
            to_the_end = self._hand_over(video)
            shortfall = video.shortfall() if to_the_end else None
        self._report(dropped={"damaged": video.damaged} if video.damaged else {})
        read = self.progress.frames_read
        if to_the_end and not read:
            raise SourceError(f"{self._source.uri}: not one picture in it can be decoded; record or copy it again")
        self._report(state=CameraState.ENDED, error=shortfall)
        logger.info("%s ended: %s frames, %s damaged, %s", self.name, read, video.damaged, shortfall or "complete")

    def _hand_over(self, video: VideoFile) -> bool:
        """Put every picture into the buffer; False when told to stop before the end of the file."""
        for read, picture in enumerate(video.pictures(), start=1):
            if picture.time_s >= self._max_seconds or not self._frames.put(self._frame(picture)):
                return False
            dropped = {"damaged": video.damaged} if video.damaged else {}
            self._report(frames_read=read, dropped=dropped)
        return True

    def _frame(self, picture: Picture) -> Frame:
        return Frame(self._source.camera_id, picture.index, picture.time_s, picture.image_bgr)

    def _fail(self, error: TrackingError) -> None:
        self._error = error
        self._report(state=CameraState.FAILED, error=error.message)

    def _report(self, **changes: object) -> None:
        self._progress.set(replace(self._progress.get(), **changes))  # type: ignore[arg-type] # fields by name
