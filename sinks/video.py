"""The annotated video: H.264 in .mp4 by PyAV, XVID or MJPG in .avi by OpenCV; valid on every way out."""

from __future__ import annotations

import errno
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from errors import OutputError

logger = logging.getLogger(__name__)

Image = NDArray[np.uint8]

EXTENSIONS: Final = (".mp4", ".avi")
MP4_ENCODER: Final = "libx264"
AVI_CODES: Final = ("XVID", "MJPG")
"""Tried in turn: XVID is a fifth of the size and the quicker one; MJPG is built into OpenCV and always there."""
RESERVE_BYTES: Final = 16 * 2**20
"""Writing stops while this much is free, so that the file can still be closed properly."""
SPACE_EVERY: Final = 30
GROWTH_EVERY: Final = 300
"""Pictures between two looks at the free space and at the growth of the file."""
NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
KEYFRAME_EVERY_S: Final = 2.0


class VideoWriter(Protocol):
    """Takes pictures of one size at a constant rate; entering opens the file, leaving closes it."""

    def __enter__(self) -> Self: ...

    def write(self, picture_bgr: Image) -> None:
        """Append a picture.

        Raises:
            OutputError: `disk_full` or `output_unwritable`.
            ValueError: The picture has another size than the video.
        """

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_video(path: Path, size_px: tuple[int, int], fps: float) -> VideoWriter:
    """The writer for the path's extension, not yet entered.

    Args:
        path: Ends in one of `EXTENSIONS`; an existing file is replaced.
        size_px: Width and height, both even.
        fps: Pictures per second.

    Raises:
        OutputError: `output_extension`.
    """
    _check_extension(path)
    if path.suffix.lower() == ".mp4":
        return Mp4Writer(path, size_px, fps)
    return AviWriter(path, size_px, fps)


def check_video_path(path: Path, *, overwrite: bool, inputs: Sequence[str]) -> None:
    """Find out before the work whether the video can be written at the end of it. Leaves nothing behind.

    A missing folder is an error and not made: it is more often a slip of the pen than a wish.

    Raises:
        OutputError: `output_extension`, `output_is_input`, `output_no_folder`, `output_exists`, `output_unwritable` or
            `encoder_missing`.
    """
    _check_extension(path)
    if any(_same_file(path, Path(uri)) for uri in inputs):
        raise OutputError(f"output {path}: is also an input; choose another name", code="output_is_input")
    if not path.parent.is_dir():
        raise OutputError(
            f"output {path}: there is no folder {path.parent}; create it or choose another", code="output_no_folder"
        )
    if path.is_dir():
        raise OutputError(f"output {path}: is a folder; give a file name in it")
    if path.exists() and not overwrite:
        raise OutputError(f"output {path}: exists; choose another name or pass --overwrite", code="output_exists")
    _try_to_write(path)
    if path.suffix.lower() == ".mp4":
        require_encoder(MP4_ENCODER)


def require_encoder(name: str) -> None:
    """Make sure that PyAV was built with an encoder.

    Raises:
        OutputError: `encoder_missing`.
    """
    try:
        av.Codec(name, "w")
    except ValueError as error:  # PyAV's UnknownCodecError
        raise OutputError(
            f"output: this PyAV has no encoder {name}; install PyAV from its wheel, or write an .avi",
            code="encoder_missing",
        ) from error


def free_bytes(folder: Path) -> int:
    """Room left on the disk of a folder."""
    return shutil.disk_usage(folder).free


class Mp4Writer:
    """H.264 4:2:0 in an MP4 that browsers play and seek.

    The file is written in fragments, so that it plays up to the last fragment even after a power cut, and turned into a
    plain indexed one when it is closed (`hybrid_fragmented` of FFmpeg's mov muxer). The index stands at the end, which
    is no matter where the server answers range requests. `ultrafast` takes 40 % of the time of `veryfast` for three
    times its size: the tracker beside it needs the cores.

    Args:
        path: Replaced when it exists.
        size_px: Width and height, both even.
        fps: Pictures per second.
        room: Tells the free bytes of a folder.
    """

    def __init__(
        self, path: Path, size_px: tuple[int, int], fps: float, room: Callable[[Path], int] = free_bytes
    ) -> None:
        self._path = path
        self._size_px = size_px
        self._rate = Fraction(fps).limit_denominator(1001)
        self._room = room
        self._written = 0
        self._broken = False

    def __enter__(self) -> Self:
        require_encoder(MP4_ENCODER)
        _require_room(self._path, self._room)
        try:
            self._container = av.open(str(self._path), "w", format="mp4", options={"movflags": "hybrid_fragmented"})
        except OSError as error:
            raise _as_output_error(self._path, error) from error
        self._stream = self._add_stream()
        return self

    def _add_stream(self) -> VideoStream:
        stream = self._container.add_stream(MP4_ENCODER, rate=self._rate)
        stream.width, stream.height = self._size_px
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = max(1, round(KEYFRAME_EVERY_S * self._rate))
        stream.codec_context.thread_count = 2
        stream.codec_context.colorspace = 6  # SMPTE 170M: the matrix of OpenCV's BGR to YUV
        stream.codec_context.color_range = 1  # 16 to 235, likewise
        stream.options = {"preset": "ultrafast", "crf": "23"}
        return stream

    def write(self, picture_bgr: Image) -> None:
        _check_size(picture_bgr, self._size_px)
        if self._written % SPACE_EVERY == 0:
            _require_room(self._path, self._room)
        planes = np.asarray(cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = self._written
        frame.time_base = 1 / self._rate
        try:
            self._container.mux(self._stream.encode(frame))
        except OSError as error:
            self._broken = True
            raise _as_output_error(self._path, error) from error
        self._written += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            try:
                if self._written and not self._broken:
                    self._container.mux(self._stream.encode(None))
            finally:
                self._container.close()
        except OSError as problem:
            if error is None:
                raise _as_output_error(self._path, problem) from problem
            logger.warning("closing %s after an error: %s", self._path, problem)
        _remove_if_empty(self._path, self._written)


class AviWriter:
    """XVID or MJPG in an AVI, by OpenCV's VideoWriter.

    OpenCV drops what it cannot write without a word, so the writer looks at the room on the disk, at the growth of the
    file, and counts the pictures of the closed file.

    Args:
        path: Replaced when it exists.
        size_px: Width and height, both even.
        fps: Pictures per second.
        codes: The four-letter codes to try in turn.
        room: Tells the free bytes of a folder.
    """

    def __init__(
        self,
        path: Path,
        size_px: tuple[int, int],
        fps: float,
        codes: Sequence[str] = AVI_CODES,
        room: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._path = path
        self._size_px = size_px
        self._fps = fps
        self._codes = codes
        self._room = room
        self._written = 0
        self._bytes = 0

    def __enter__(self) -> Self:
        _require_room(self._path, self._room)
        for code in self._codes:
            self._writer = cv2.VideoWriter(str(self._path), cv2.VideoWriter.fourcc(*code), self._fps, self._size_px)
            if self._writer.isOpened():
                return self
            self._writer.release()
        tried = " and ".join(self._codes)
        raise OutputError(f"output {self._path}: OpenCV could not open it with {tried}; check the folder, or use .mp4")

    def write(self, picture_bgr: Image) -> None:
        _check_size(picture_bgr, self._size_px)
        if self._written % SPACE_EVERY == 0:
            _require_room(self._path, self._room)
        self._writer.write(picture_bgr)
        self._written += 1
        if self._written % GROWTH_EVERY == 0:
            self._require_growth()

    def _require_growth(self) -> None:
        size = self._path.stat().st_size if self._path.exists() else 0
        if size <= self._bytes:
            raise OutputError(f"output {self._path}: stopped growing at {size} bytes; check the disk and its quota")
        self._bytes = size

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.release()
        _remove_if_empty(self._path, self._written)
        if error is None and self._written:
            self._require_complete()

    def _require_complete(self) -> None:
        try:
            with av.open(str(self._path)) as container:
                found = container.streams.video[0].frames
        except (OSError, IndexError) as problem:
            raise OutputError(f"output {self._path}: cannot be read back after writing: {problem}") from problem
        if found < self._written:
            raise OutputError(
                f"output {self._path}: only {found} of {self._written} pictures were written; "
                "check the disk and its quota"
            )


def _check_extension(path: Path) -> None:
    if path.suffix.lower() not in EXTENSIONS:
        known = " or ".join(EXTENSIONS)
        raise OutputError(
            f"output {path}: unknown extension {path.suffix or '(none)'!r}; use {known}", code="output_extension"
        )


def _same_file(output: Path, source: Path) -> bool:
    """Whether both names lead to one file, also by links and relative paths."""
    try:
        return os.path.samefile(output, source)
    except (OSError, ValueError):
        return False


def _try_to_write(path: Path) -> None:
    try:
        if path.exists():
            with path.open("ab"):
                return
        with tempfile.TemporaryFile(dir=path.parent):
            return
    except OSError as error:
        raise _as_output_error(path, error) from error


def _check_size(picture: Image, size_px: tuple[int, int]) -> None:
    if picture.shape != (size_px[1], size_px[0], 3):
        raise ValueError(f"picture: want {(size_px[1], size_px[0], 3)}, got {picture.shape}")


def _require_room(path: Path, room: Callable[[Path], int]) -> None:
    try:
        left = room(path.parent)
    except OSError as error:
        raise _as_output_error(path, error) from error
    if left < RESERVE_BYTES:
        raise OutputError(
            f"output {path}: disk full ({left // 2**20} MiB left, {RESERVE_BYTES // 2**20} are kept free); make room",
            code="disk_full",
        )


def _remove_if_empty(path: Path, written: int) -> None:
    """A file without a picture is no video."""
    if not written:
        path.unlink(missing_ok=True)


def _as_output_error(path: Path, error: OSError) -> OutputError:
    if error.errno in NO_ROOM:
        return OutputError(f"output {path}: disk full ({error.strerror}); make room", code="disk_full")
    return OutputError(f"output {path}: {error.strerror or error}; check the path and its permissions")
