"""Reads MOTChallenge text: one line `frame,id,x,y,w,h,…` per box, frames from 1."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from errors import TrackingError

TRUTH_ENDING = "_gt.txt"


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

    def of_frame(self, frame: int) -> MotRows:
        """The boxes of one frame."""
        mine = self.frames == frame
        return MotRows(self.frames[mine], self.ids[mine], self.boxes_xywh[mine])


def cameras_of(truth_dir: Path) -> list[str]:
    """Names of the cameras that have truth in a folder, sorted.

    Raises:
        TrackingError: There is none.
    """
    names = sorted(path.name.removesuffix(TRUTH_ENDING) for path in truth_dir.glob(f"*{TRUTH_ENDING}"))
    if not names:
        raise TrackingError(f"truth {truth_dir}: holds no file *{TRUTH_ENDING}; check the path", code="truth_missing")
    return names


def read_rows(path: Path) -> MotRows:
    """The boxes of a file; none when it is missing or empty.

    Raises:
        TrackingError: The file is there but is not MOTChallenge text.
    """
    if not path.exists() or path.stat().st_size == 0:
        return MotRows(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 4)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            table = np.loadtxt(path, delimiter=",", ndmin=2, usecols=range(6))
    except (ValueError, OSError, UserWarning) as error:
        raise TrackingError(
            f"{path}: not MOTChallenge text ({error}); want rows frame,id,x,y,w,h,…", code="mot_malformed"
        ) from error
    return MotRows(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:6])
