"""All that association sees of a job, in one file: a line of JSON, then a block a round, whole wherever it ends."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from pydantic import TypeAdapter, ValidationError

from config import TrackingConfig
from entities import CameraId, Detections, FloatArray, FrameDetections, RoundDetections, Source
from errors import RecordingError

FORMAT: Final = "person-tracker recording"
VERSION: Final = 1
SECTIONS: Final = ("camera", "identity")
"""The sections of the configuration that association goes by."""

ROUND: Final = np.dtype([("index", "<i8"), ("time_s", "<f8"), ("frames", "<i8")])
FRAME: Final = np.dtype(
    [
        ("index", "<i8"),
        ("time_s", "<f8"),
        ("size_px", "<i4", (2,)),
        ("camera", "<i4"),  # position in the header's list
        ("people", "<i4"),  # `NOT_LOOKED_AT` where there are no detections
        ("dimension", "<i4"),  # of an embedding, `NOT_EMBEDDED` where there are none
    ]
)
NUMBER: Final = np.dtype("<f4")
NOT_LOOKED_AT: Final = -1
NOT_EMBEDDED: Final = -1
BOX_AND_SCORE: Final = 5

LENGTH_BYTES, CHECKSUM_BYTES = 4, 4
END_MARK: Final = bytes(LENGTH_BYTES) + b"END."
"""Stands where the next block would begin, when the recorder came to its end."""
MOST_HEADER_BYTES: Final = 1 << 24
MOST_BLOCK_BYTES: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class RecordingHeader:
    """What holds for the whole recording.

    Attributes:
        sources: The cameras, in the job's order.
        conf: Boxes that scored less were not recorded.
        stride: Every how many rounds were looked at.
        settings: What of `SECTIONS` was not at its default, by section and name.
        models: Detector, embedder and their weights, as in `run.json`.
        mean_person: See `Embedder.mean_person`.
        program: Version of the program that recorded.
    """

    sources: tuple[Source, ...]
    conf: float
    stride: int
    settings: dict[str, dict[str, Any]]
    models: dict[str, Any]
    mean_person: tuple[float, ...] | None
    program: str

    @property
    def camera_ids(self) -> list[CameraId]:
        """The cameras, in the job's order."""
        return [source.camera_id for source in self.sources]

    @property
    def prior(self) -> FloatArray | None:
        """`(D,)` `mean_person` as the embedder gave it."""
        return None if self.mean_person is None else np.array(self.mean_person, np.float32)


HEADER: Final = TypeAdapter(RecordingHeader)


def describe(
    sources: Sequence[Source],
    config: TrackingConfig,
    mean_person: FloatArray | None,
    models: Mapping[str, Any],
    program: str,
) -> RecordingHeader:
    """The header of a job's recording; see `RecordingHeader` for the arguments."""
    defaults = TrackingConfig()
    return RecordingHeader(
        sources=tuple(sources),
        conf=config.detection.conf,
        stride=config.stride,
        settings={name: _changed(getattr(config, name), getattr(defaults, name)) for name in SECTIONS},
        models=dict(models),
        mean_person=None if mean_person is None else tuple(mean_person.tolist()),
        program=program,
    )


def _changed(section: Any, defaults: Any) -> dict[str, Any]:
    """What of a section is not at its default, so that a replay under better defaults shows what they bring."""
    values = {field.name: getattr(section, field.name) for field in dataclasses.fields(section)}
    return {name: value for name, value in values.items() if value != getattr(defaults, name)}


def encode_header(header: RecordingHeader) -> bytes:
    """The file's first line."""
    document = {"format": FORMAT, "version": VERSION, **HEADER.dump_python(header, mode="json")}
    return json.dumps(document, allow_nan=False).encode() + b"\n"


def encode_round(round_: RoundDetections, numbers: Mapping[CameraId, int]) -> bytes:
    """The block of a round: length and CRC-32 of the rest (`<u4` each), `ROUND`, a `FRAME` each, then the numbers.

    Args:
        round_: What association sees.
        numbers: Position of every camera in the header's list.
    """
    frames = np.zeros(len(round_.frames), FRAME)
    arrays: list[FloatArray] = []
    for row, frame in zip(frames, round_.frames, strict=True):
        row["index"], row["time_s"], row["size_px"] = frame.frame_index, frame.timestamp_s, frame.size_px
        row["camera"], row["people"], row["dimension"] = numbers[frame.camera_id], NOT_LOOKED_AT, NOT_EMBEDDED
        found = frame.detections
        if found is not None:
            row["people"] = len(found)
            arrays += [found.boxes_xyxy, found.scores]
            if found.embeddings is not None:
                row["dimension"] = found.embeddings.shape[1]
                arrays.append(found.embeddings)
    head = np.array((round_.index, round_.timestamp_s, len(frames)), ROUND)
    content = b"".join([head.tobytes(), frames.tobytes(), *(array.astype(NUMBER).tobytes() for array in arrays)])
    return _number(len(content)) + _number(zlib.crc32(content)) + content


def _number(value: int) -> bytes:
    return value.to_bytes(4, "little")


def decode_round(content: bytes, camera_ids: Sequence[CameraId]) -> RoundDetections:
    """The round of a block, without length and checksum; bit for bit what was recorded.

    Raises:
        ValueError: The content does not hold together.
    """
    head = np.frombuffer(content, ROUND, 1)[0]
    rows = np.frombuffer(content, FRAME, int(head["frames"]), ROUND.itemsize)
    numbers = np.frombuffer(content, NUMBER, offset=ROUND.itemsize + rows.nbytes)
    frames, start = [], 0
    for row in rows:
        index, time_s, size_px, camera, people, dimension = row.tolist()
        count = people * (BOX_AND_SCORE + max(dimension, 0)) if people > 0 else 0
        found = None if people == NOT_LOOKED_AT else _detections(numbers[start : start + count], people, dimension)
        frames.append(FrameDetections(camera_ids[camera], index, time_s, (int(size_px[0]), int(size_px[1])), found))
        start += count
    if start != len(numbers):
        raise ValueError(f"the frames speak of {start} numbers, there are {len(numbers)}")
    return RoundDetections(int(head["index"]), float(head["time_s"]), tuple(frames))


def _detections(numbers: FloatArray, people: int, dimension: int) -> Detections:
    boxes, scores, rest = np.split(numbers, [4 * people, BOX_AND_SCORE * people])
    looks = None if dimension == NOT_EMBEDDED else rest.reshape(people, dimension)
    return Detections(boxes.reshape(people, 4), scores, looks)


class Recording:
    """A recording on disk; iterating reads its rounds, any number of times, one at a time.

    Attributes:
        path: The file.
        header: What holds for all of it.
        shortfall: Where and why it ended too early, None while that is not known or when it is whole.

    Raises:
        RecordingError: The file cannot be read, is no recording, is of another version of the format, or (while
            iterating) a block is damaged. A file that was merely cut off is read as far as it goes.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shortfall: str | None = None
        with _reading(path), path.open("rb") as file:
            self.header = _decode_header(path, file.readline(MOST_HEADER_BYTES))
            self._start = file.tell()

    def __iter__(self) -> Iterator[RoundDetections]:
        self.shortfall = None
        camera_ids = self.header.camera_ids
        with _reading(self.path), self.path.open("rb") as file:
            file.seek(self._start)
            count = 0
            while (content := self._next_block(file, count)) is not None:
                try:
                    round_ = decode_round(content, camera_ids)
                except (ValueError, IndexError) as error:
                    raise self._damaged(count, str(error)) from error
                yield round_
                count += 1

    def _next_block(self, file: BinaryIO, count: int) -> bytes | None:
        """The next block's content; None at the end, told or not."""
        head = file.read(LENGTH_BYTES + CHECKSUM_BYTES)
        if head == END_MARK:
            return None
        length = int.from_bytes(head[:LENGTH_BYTES], "little")
        if length > MOST_BLOCK_BYTES:
            raise self._damaged(count, f"a length of {length} bytes")
        content = file.read(length)
        if len(head) < LENGTH_BYTES + CHECKSUM_BYTES or len(content) < length:
            self.shortfall = f"{self.path}: the recording was cut off after {count} rounds; only these are replayed"
            return None
        if zlib.crc32(content) != int.from_bytes(head[LENGTH_BYTES:], "little"):
            raise self._damaged(count, "wrong checksum")
        return content

    def _damaged(self, count: int, why: str) -> RecordingError:
        return RecordingError(f"recording {self.path}: damaged after {count} rounds ({why}); copy or record it again")


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordingError(f"recording {path}: {error.strerror or error}; check the path") from error


def _decode_header(path: Path, line: bytes) -> RecordingHeader:
    try:
        document = json.loads(line)
        if document.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT!r}")
        version = document.pop("version")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise RecordingError(f"recording {path}: is no recording; make one with `track --record`") from error
    if version != VERSION:
        raise RecordingError(
            f"recording {path}: is of version {version} of the format, this program reads {VERSION}; record it again"
        )
    try:
        return HEADER.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecordingError(f"recording {path}: damaged header: {where}: {first['msg']}; record it again") from error
