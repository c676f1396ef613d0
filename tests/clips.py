"""Small test videos made on the spot: good ones, odd ones and broken ones.

Every picture carries its number as a row of black and white blocks, so that a test can tell which frames came
out, and in which order, after lossy coding.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE_PX = (160, 96)
COLOUR_BGR = (60, 110, 170)
BITS = 10
BLOCK_PX = 16
TICKS_PER_S = 90_000


def stamped(number: int, size_px: tuple[int, int] = SIZE_PX) -> NDArray[np.uint8]:
    """A picture of one colour with `number` in its top row of blocks, least significant bit on the left."""
    image = np.full((size_px[1], size_px[0], 3), COLOUR_BGR, np.uint8)
    for bit in range(BITS):
        image[:BLOCK_PX, bit * BLOCK_PX : (bit + 1) * BLOCK_PX] = 235 if number >> bit & 1 else 20
    return image


def read_stamp(image: NDArray[np.uint8]) -> int:
    """The number that `stamped` put into a picture."""
    middle = image[BLOCK_PX // 2, BLOCK_PX // 2 : BITS * BLOCK_PX : BLOCK_PX, 1]
    return sum(1 << bit for bit, value in enumerate(middle) if value > 128)


def make_clip(
    path: Path,
    frames: int = 20,
    fps: float = 25.0,
    *,
    size_px: tuple[int, int] = SIZE_PX,
    codec: str = "libx264",
    times_s: Sequence[float] | None = None,
    b_frames: int = 0,
    key_every: int = 5,
    index_first: bool = False,
) -> Path:
    """Write a clip of numbered pictures.

    Args:
        path: The suffix picks the container.
        frames: Pictures, at most 1024.
        fps: Nominal rate.
        size_px: Width (at least 160) and height.
        codec: Encoder.
        times_s: Presentation time of each picture, increasing, for a varying rate; else `index / fps`.
        b_frames: Pictures that are coded after a later one (libx264 and mpeg4).
        key_every: Pictures from one key frame to the next.
        index_first: Put an MP4's index in front, so that a cut-off file still opens.
    """
    rate = Fraction(fps).limit_denominator(1001)
    options = {"movflags": "faststart"} if index_first else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = key_every
        stream.codec_context.max_b_frames = b_frames
        if codec == "libx264":
            stream.options = {"preset": "ultrafast", "bf": str(b_frames), "threads": "1", "crf": "18"}
        if times_s is not None:
            stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        for number in range(frames):
            picture = av.VideoFrame.from_ndarray(stamped(number, size_px), format="bgr24")
            if times_s is None:
                picture.pts, picture.time_base = number, 1 / rate
            else:
                picture.pts, picture.time_base = round(times_s[number] * TICKS_PER_S), Fraction(1, TICKS_PER_S)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def make_cut_off(path: Path, keep: float, **clip: object) -> Path:
    """A clip of which only the first `keep` of the bytes are there."""
    make_clip(path, **clip)  # type: ignore[arg-type] # handed through as given
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    return path


def make_damaged(path: Path, packets: Collection[int], **clip: object) -> Path:
    """A clip whose packets of these numbers, in the order of the file, are overwritten with 0xFF."""
    make_clip(path, **clip)  # type: ignore[arg-type] # handed through as given
    with av.open(str(path)) as container:
        spans = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(path.read_bytes())
    for number in packets:
        start, size = spans[number]
        assert start is not None
        data[start : start + size] = b"\xff" * size
    path.write_bytes(bytes(data))
    return path


def make_audio_only(path: Path) -> Path:
    """A quarter of a second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000)
        assert isinstance(stream, av.AudioStream)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 4_000), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 16_000
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    return path


def make_noise(path: Path, size_bytes: int = 20_000) -> Path:
    """Bytes that are no video."""
    path.write_bytes(np.random.default_rng(0).bytes(size_bytes))
    return path


def make_turned(path: Path, **clip: object) -> Path:
    """An MP4 whose header says that a player shall turn the pictures a quarter clockwise, as phones write."""
    make_clip(path, **clip)  # type: ignore[arg-type] # handed through as given
    data = path.read_bytes()
    matrix_at = data.index(b"tkhd") + 4 + 40  # ISO 14496-12, 8.3.2: the track header, version 0
    quarter = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data[:matrix_at] + quarter + data[matrix_at + len(quarter) :])
    return path
