"""Reads MOTChallenge text: one line `frame,id,x,y,w,h,…` per box, frames from 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from errors import TrackingError
from evaluation.tables import read_first_columns

TRUTH_ENDING = "_gt.txt"
COLUMNS = ("frame", "id", "x", "y", "w", "h")


@dataclass(frozen=True, slots=True, eq=False)
class MotRows:
    """The boxes of one camera; row i of every array is one box, in the order of the file.

    Attributes:
        frames: `(N,)` int64, from 1.
        ids: `(N,)` int64.
        boxes_xywh: `(N, 4)` float64 pixels.
    """

    frames: NDArray[np.int64]
    ids: NDArray[np.int64]
    boxes_xywh: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.frames)

    def of(self, rows: NDArray[np.intp]) -> MotRows:
        """Some of the boxes, by number."""
        return MotRows(self.frames[rows], self.ids[rows], self.boxes_xywh[rows])


def rows_by_frame(frames: NDArray[np.int64]) -> Mapping[int, NDArray[np.intp]]:
    """Numbers of the rows of each frame that has any: frames ascending, rows in the order of the file."""
    order = np.argsort(frames, kind="stable")
    distinct, starts = np.unique(frames[order], return_index=True)
    return dict(zip(distinct.tolist(), np.split(order, starts[1:]), strict=False))


def cameras_of(truth_dir: Path) -> list[str]:
    """Names of the cameras that have truth in a folder, sorted.

    Raises:
        TrackingError: There is none.
    """
    names = sorted(path.name.removesuffix(TRUTH_ENDING) for path in truth_dir.glob(f"*{TRUTH_ENDING}"))
    if not names:
        what = f"holds no file *{TRUTH_ENDING}" if truth_dir.is_dir() else "no such folder"
        raise TrackingError(f"truth {truth_dir}: {what}; check the path", code="truth_missing")
    return names


def read_rows(path: Path) -> MotRows:
    """The boxes of a file; none when it is missing or empty.

    Raises:
        TrackingError: The file is there but is not MOTChallenge text; told by its line.
    """
    table = read_first_columns(path, COLUMNS) if path.exists() else np.zeros((0, len(COLUMNS)))
    return MotRows(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:])
