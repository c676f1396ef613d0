"""One person in one frame as one row: compact on disk while a job runs, labelled anew when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entities import NOBODY, CameraId, IntArray, RoundResult, Segment
from sinks.results_folder import GrowingFile

Rows = NDArray[np.void]
"""`(N,)` of `ROW`, or of what else a spool holds."""

ROW: np.dtype[Any] = np.dtype(
    [
        ("round", np.int32),
        ("time_s", np.float64),  # of the frame
        ("camera", np.uint16),  # position in the job's camera order
        ("frame", np.int32),  # from 0
        ("local_id", np.int32),
        ("global_id", np.int32),  # as shown, 0 for nobody
        ("box", np.float32, (4,)),  # x1 y1 x2 y2
        ("score", np.float32),
        ("observed", np.bool_),
    ]
)

LabelRows = Callable[[Rows], IntArray]
"""Says who each row is, `(N,)`, 0 for nobody."""

CHUNK_ROWS = 65_536
FRAME_BITS, TRACK_BITS = 31, 22
"""A camera, a track and a frame share one int64 key: 1024 cameras, 4 million tracks each, 2 billion frames."""


def rows_of(result: RoundResult, numbers: Mapping[CameraId, int]) -> Rows:
    """The people of a round, camera by camera.

    Args:
        result: What the tracker says about the round.
        numbers: Position of every camera in the job's camera order.
    """
    rows = np.empty(sum(len(frame) for frame in result.frames), ROW)
    start = 0
    for frame in result.frames:
        part = rows[start : start + len(frame)]
        part["round"], part["time_s"], part["frame"] = result.index, frame.timestamp_s, frame.frame_index
        part["camera"] = numbers[frame.camera_id]
        part["local_id"], part["global_id"] = frame.local_ids, frame.global_ids
        part["box"], part["score"], part["observed"] = frame.boxes_xyxy, frame.scores, frame.observed
        start += len(frame)
    return rows


def as_shown(rows: Rows) -> IntArray:
    """Who each row was when it was shown."""
    return rows["global_id"].astype(np.int64)


class Corrected:
    """Who each row is by the corrected history.

    Args:
        segments: The history; stretches of one track do not overlap. A row in no stretch is nobody.
        numbers: Position of every camera in the job's camera order.
    """

    def __init__(self, segments: Iterable[Segment], numbers: Mapping[CameraId, int]) -> None:
        table = np.array(
            [(numbers[s.camera_id], s.local_id, s.first_frame, s.last_frame, s.global_id) for s in segments], np.int64
        ).reshape(-1, 5)
        firsts = _key(table[:, 0], table[:, 1], table[:, 2])
        order = np.argsort(firsts, kind="stable")
        self._firsts = firsts[order]
        self._lasts = _key(table[:, 0], table[:, 1], table[:, 3])[order]
        self._ids = table[order, 4]

    def __call__(self, rows: Rows) -> IntArray:
        ids = np.full(len(rows), NOBODY, np.int64)
        if len(self._ids):
            keys = _key(rows["camera"], rows["local_id"], rows["frame"])
            nearest = np.searchsorted(self._firsts, keys, side="right") - 1
            inside = (nearest >= 0) & (keys <= self._lasts[nearest])
            ids[inside] = self._ids[nearest[inside]]
        return ids


def _key(camera: NDArray[Any], track: NDArray[Any], frame: NDArray[Any]) -> IntArray:
    wide = camera.astype(np.int64) << (TRACK_BITS + FRAME_BITS)
    return np.asarray(wide | (track.astype(np.int64) << FRAME_BITS) | frame.astype(np.int64), np.int64)


class RowSpool:
    """All rows of a job in a binary file, so that memory stays flat however long the job runs.

    Args:
        path: The file.
        kind: What a row is.

    Raises:
        OutputError: The file cannot be written.
    """

    def __init__(self, path: Path, kind: np.dtype[Any] = ROW) -> None:
        self._path = path
        self._kind = kind
        self._file = GrowingFile(path)

    def append(self, rows: Rows) -> None:
        """Add rows."""
        self._file.append(rows.tobytes())

    def chunks(self) -> Iterator[Rows]:
        """All rows so far, in order, some at a time."""
        with self._path.open("rb") as file:
            while data := file.read(CHUNK_ROWS * self._kind.itemsize):
                yield np.frombuffer(data, self._kind)

    def close(self) -> None:
        """Close and remove the file; may be called twice."""
        self._file.close()
        self._path.unlink(missing_ok=True)


class History:
    """All rows of a job with who each one is; may be gone through more than once.

    Args:
        spool: The rows.
        label: Says who they are.
    """

    def __init__(self, spool: RowSpool, label: LabelRows) -> None:
        self._spool = spool
        self._label = label

    def __iter__(self) -> Iterator[tuple[Rows, IntArray]]:
        for rows in self._spool.chunks():
            yield rows, self._label(rows)
