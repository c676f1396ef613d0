"""One video file, decoded picture by picture with media time, going on behind damage.

Decoding is PyAV's, not `cv2.VideoCapture`'s: OpenCV's `read()` says False at the first damaged packet, which cannot
be told from the end of the file, and it hides the container's timestamps behind a frame counter times a nominal
rate, which drifts on files of varying rate.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar, cast

import av
import numpy as np
from av.stream import Disposition
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from errors import SourceError

T = TypeVar("T")

USUAL_FPS = 25.0
"""Assumed where a container gives no believable rate."""
MAX_FPS = 1000.0
MAX_READ_ERRORS = 64
"""Failed reads in a row after which a file counts as over."""
KEPT_SHARE = 0.99
"""A file that yields less than this share of what its header promises was cut off."""


class MediaClock:
    """Media time of pictures from what the container says, made to start at 0 and to rise always.

    A picture without a timestamp, or with one that does not rise or lies beyond the end the container promises, comes
    one frame period after the picture before it.

    Args:
        fps: Nominal rate.
        duration_s: The container's promise, None when there is none.
    """

    def __init__(self, fps: float, duration_s: float | None) -> None:
        self._period_s = 1.0 / fps
        self._limit_s = float("inf") if duration_s is None else duration_s + 1.0
        self._start_s: float | None = None
        self._last_index, self._last_s = -1, -self._period_s

    def time_s(self, index: int, container_s: float | None) -> float:
        """Media time of picture `index`, given in rising order."""
        now_s = expected_s = self._last_s + (index - self._last_index) * self._period_s
        if container_s is not None:
            if self._start_s is None:
                self._start_s = container_s - expected_s
            told_s = container_s - self._start_s
            if self._last_s < told_s <= max(self._limit_s, expected_s):
                now_s = told_s
        self._last_index, self._last_s = index, now_s
        return now_s


class LostPictures:
    """Which pictures will never come, so that the frame numbers after them stay right.

    After a packet that cannot be decoded the decoder may also swallow the pictures that build on it without a word.
    So from the first failure on, every packet is awaited by its timestamp until its picture came or was overtaken.
    """

    def __init__(self) -> None:
        self._awaited: set[int] = set()
        self._unplaced = 0

    def failed(self, pts: int | None) -> None:
        """A packet could not be decoded."""
        if pts is None:
            self._unplaced += 1
        else:
            self._awaited.add(pts)

    def decoded(self, pts: int | None) -> None:
        """A packet was taken by the decoder; its picture may come later, or never."""
        if self._awaited and pts is not None:
            self._awaited.add(pts)

    def before(self, pts: int | None) -> int:
        """How many pictures were lost before the one of this timestamp, since the last that came."""
        overtaken = {item for item in self._awaited if pts is not None and item < pts}
        self._awaited -= overtaken | ({pts} if pts is not None else set())
        count = len(overtaken) + self._unplaced
        self._unplaced = 0
        return count

    def rest(self) -> int:
        """How many were lost after the last picture that came."""
        return len(self._awaited) + self._unplaced


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One decoded picture.

    Attributes:
        index: Position in the file, from 0; pictures lost to damage are counted.
        time_s: Media time since the first picture.
        image_bgr: `(H, W, 3)` uint8, not writeable, turned upright.
    """

    index: int
    time_s: float
    image_bgr: NDArray[np.uint8]


class VideoFile:
    """An opened video file; belongs to one thread.

    Attributes:
        fps: Mean frames per second.
        frames_total: Pictures the container promises, None when it does not say.
        duration_s: Seconds the container promises, None when it does not say.
        damaged: Pictures lost so far because their data is damaged.

    Args:
        uri: Path of the file.
        threads: Decoding threads. One a camera costs the least processor time in all; more pay only where there are
            more cores than cameras.

    Raises:
        SourceError: `source_unreadable` or `source_no_video`.
    """

    def __init__(self, uri: str, threads: int = 1) -> None:
        self._uri = uri
        self._container = _open_container(uri)
        try:
            self._stream = _pick_stream(uri, self._container)
        except SourceError:
            self._container.close()
            raise
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = threads
        rate = float(self._stream.average_rate or self._stream.guessed_rate or 0)
        self.fps = rate if 0.0 < rate <= MAX_FPS else USUAL_FPS
        self.frames_total = self._stream.frames or None
        duration = self._container.duration
        self.duration_s = duration / av.time_base if duration and duration > 0 else None
        self.damaged = 0
        self._packets_read = 0
        self._end_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._container.close()

    def pictures(self) -> Iterator[Picture]:
        """Every picture that can be decoded, in order of showing, to the very last; to be called once."""
        clock, lost = MediaClock(self.fps, self.duration_s), LostPictures()
        reformatter = VideoReformatter()
        index = 0
        for picture in self._decoded(lost):
            missing = lost.before(picture.pts)
            self.damaged += missing
            index += missing
            if picture.is_corrupt:
                self.damaged += 1
            else:
                time_s = clock.time_s(index, picture.time)
                self._end_s = time_s + 1.0 / self.fps
                yield Picture(index, time_s, upright_bgr(picture, reformatter))
            index += 1
        self.damaged += lost.rest()

    def shortfall(self) -> str | None:
        """One line when the file ended well before the end its container promises; to be asked after the last picture.

        Packets are compared where the container counts them, else seconds.
        """
        if self.frames_total is not None:
            if self._packets_read >= KEPT_SHARE * self.frames_total:
                return None
            return f"cut off after {self._packets_read} of {self.frames_total} frames"
        if self.duration_s is None or self._end_s >= KEPT_SHARE * self.duration_s - 1.0 / self.fps:
            return None
        return f"cut off after {self._end_s:.1f} of {self.duration_s:.1f} s"

    def _decoded(self, lost: LostPictures) -> Iterator[av.VideoFrame]:
        for packet in self._packets():
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                if packet.size:
                    lost.failed(packet.pts)
                continue
            if packet.size and not packet.is_discard:
                lost.decoded(packet.pts)
            yield from pictures

    def _packets(self) -> Iterator[av.Packet[av.VideoStream]]:
        """The packets of the stream, and an empty one that makes the decoder give up what it holds back."""
        for packet in past_read_errors(lambda: self._container.demux(self._stream)):
            self._packets_read += packet.dts is not None or packet.size > 0
            if packet.size:  # an AVI's "same again" is empty in mid-file and would end the decoding
                yield packet
        flush = cast("av.Packet[av.VideoStream]", av.Packet())
        flush.stream = self._stream
        yield flush


def past_read_errors(read: Callable[[], Iterator[T]]) -> Iterator[T]:
    """What `read` yields, beginning again where it was after an error, until it ends or only fails."""
    failures = 0
    while failures < MAX_READ_ERRORS:
        try:
            for item in read():
                failures = 0
                yield item
        except av.FFmpegError:
            failures += 1
        else:
            return


def _open_container(uri: str) -> av.container.InputContainer:
    try:
        # absolute, so that a colon in a name is not taken for a protocol; playlists must not reach for the network
        container = av.open(os.path.abspath(uri), metadata_errors="replace", options={"protocol_whitelist": "file"})
    except (av.FFmpegError, ValueError) as error:
        raise SourceError(f"{uri}: {_why_not_a_video(uri)}") from error
    if container.format.name == "tty":  # FFmpeg draws any text file as a film of a terminal
        container.close()
        raise SourceError(f"{uri}: this is a text file, not a video; name a video file")
    return container


def _pick_stream(uri: str, container: av.container.InputContainer) -> av.VideoStream:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:  # a cover in a music file
            return stream
    kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "no stream at all"
    raise SourceError(f"{uri}: has no video ({kinds}); name a file with pictures", code="source_no_video")


def _why_not_a_video(uri: str) -> str:
    """What is wrong with a file that does not open, as far as its bytes tell."""
    try:
        with open(uri, "rb") as file:
            is_mp4 = file.read(12)[4:8] == b"ftyp"
    except OSError as error:
        return f"{error.strerror or error}; check the path"
    if is_mp4:
        return "an MP4 whose index is missing, so it was cut off before its end; record or copy it again"
    return "not a video that can be read; check that it plays elsewhere, or record or copy it again"


def upright_bgr(picture: av.VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """The picture's pixels, turned as the container says a player should.

    One reformatter for all pictures keeps its tables; one thread, because the cores are busy with other cameras.
    """
    image = np.asarray(reformatter.reformat(picture, format="bgr24", threads=1).to_ndarray(), np.uint8)
    quarters = round(picture.rotation / 90) % 4  # counterclockwise, as np.rot90 turns
    if quarters:
        image = np.ascontiguousarray(np.rot90(image, quarters))
    image.setflags(write=False)
    return image
