"""Video in .mp4: H.264 by PyAV."""

from __future__ import annotations

import logging
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from errors import OutputError
from sinks.disk import as_output_error, check_size, free_bytes, remove_if_empty, require_room

logger = logging.getLogger(__name__)

ENCODER: Final = "libx264"
KEYFRAME_EVERY_S: Final = 2.0
SPACE_EVERY: Final = 30
"""Pictures between two looks at the free space."""


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

    @property
    def active(self) -> bool:
        """Always: a video wants every picture."""
        return True

    def __enter__(self) -> Self:
        require_encoder(ENCODER)
        require_room(self._path, self._room)
        try:
            self._container = av.open(str(self._path), "w", format="mp4", options={"movflags": "hybrid_fragmented"})
        except OSError as error:
            raise as_output_error(self._path, error) from error
        self._stream = self._add_stream()
        return self

    def _add_stream(self) -> VideoStream:
        stream = self._container.add_stream(ENCODER, rate=self._rate)
        stream.width, stream.height = self._size_px
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = max(1, round(KEYFRAME_EVERY_S * self._rate))
        stream.codec_context.thread_count = 2
        stream.codec_context.colorspace = 6  # SMPTE 170M: the matrix of OpenCV's BGR to YUV
        stream.codec_context.color_range = 1  # 16 to 235, likewise
        stream.options = {"preset": "ultrafast", "crf": "23"}
        return stream

    def write(self, picture_bgr: NDArray[np.uint8]) -> None:
        check_size(picture_bgr, self._size_px)
        if self._written % SPACE_EVERY == 0:
            require_room(self._path, self._room)
        planes = np.asarray(cv2.cvtColor(picture_bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
        frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = self._written
        frame.time_base = 1 / self._rate
        try:
            self._container.mux(self._stream.encode(frame))
        except OSError as error:
            self._broken = True
            raise as_output_error(self._path, error) from error
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
                raise as_output_error(self._path, problem) from problem
            logger.warning("closing %s after an error: %s", self._path, problem)
        remove_if_empty(self._path, self._written)


def require_encoder(name: str = ENCODER) -> None:
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
