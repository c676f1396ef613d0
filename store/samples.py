"""Some boxes of a sighting in few bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from store.values import BoxSample

SAMPLE: Final[np.dtype[Any]] = np.dtype([("frame", "<i4"), ("time_s", "<f8"), ("box", "<f4", (4,))])
"""28 bytes a box."""


def pack(samples: Sequence[BoxSample]) -> bytes:
    """The bytes of samples, in their order."""
    return np.array([(each.frame, each.time_s, each.box_xyxy) for each in samples], SAMPLE).tobytes()


def unpack(data: bytes) -> tuple[BoxSample, ...]:
    """What `pack` made bytes of.

    >>> unpack(pack([BoxSample(3, 0.1, (1.0, 2.0, 3.0, 4.0))]))
    (BoxSample(frame=3, time_s=0.1, box_xyxy=(1.0, 2.0, 3.0, 4.0)),)
    """
    rows: NDArray[np.void] = np.frombuffer(data, SAMPLE)
    columns = zip(rows["frame"].tolist(), rows["time_s"].tolist(), rows["box"].tolist(), strict=True)
    return tuple(BoxSample(frame, time_s, (x1, y1, x2, y2)) for frame, time_s, (x1, y1, x2, y2) in columns)
