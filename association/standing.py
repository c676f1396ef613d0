"""Where the people of one camera's frame stand, as far as their feet show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from entities import BoolArray, CameraTracks, IntArray

Points = NDArray[np.float64]
Metres = NDArray[np.float64]

COVERED = 0.6
"""Where more of a box is covered its lower end is hardly the feet."""
EDGE_SHARE = 0.01
"""A box this close to the lower border, in picture heights, is cut off above the feet."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The feet of the people of one frame; row i of every array is one person.

    Attributes:
        camera: Number of the camera.
        time_s: Media time.
        feet_xy: `(N, 2)` middle of the lower edge of the box, pixels of the original frame.
        heights_px: `(N,)` height of the box.
        scores: `(N,)` in [0, 1].
        occlusion: `(N,)` covered share of the box.
        clear: `(N,)` whether the lower end of the box can be taken for feet: seen, hardly covered, not cut off.
        slots: `(N,)` the piece that the box is in, see `Coexistence`.
        identities: `(N,)` who that is as of the last step, `NOBODY` while unknown.
    """

    camera: int
    time_s: float
    feet_xy: Points
    heights_px: NDArray[np.float64]
    scores: NDArray[np.float64]
    occlusion: NDArray[np.float64]
    clear: BoolArray
    slots: IntArray
    identities: IntArray


def standing(camera: int, tracks: CameraTracks, slots: IntArray, identities: IntArray) -> Standing:
    """Where the tracks of a frame stand.

    Args:
        camera: Number of the camera.
        tracks: Its tracks in this frame.
        slots: `(N,)` the piece that each is in.
        identities: `(N,)` who that is.
    """
    feet, heights = feet_of(tracks.boxes_xyxy)
    return Standing(
        camera,
        tracks.timestamp_s,
        feet,
        heights,
        tracks.scores.astype(np.float64),
        tracks.occlusion.astype(np.float64),
        shows_feet(tracks.boxes_xyxy, tracks.observed, tracks.occlusion, tracks.size_px[1]),
        slots,
        identities,
    )


def feet_of(boxes_xyxy: NDArray[np.floating]) -> tuple[Points, NDArray[np.float64]]:
    """`(N, 2)` middle of the lower edge of each box, and `(N,)` their heights."""
    boxes = boxes_xyxy.astype(np.float64)
    return np.stack([(boxes[:, 0] + boxes[:, 2]) / 2.0, boxes[:, 3]], axis=1), boxes[:, 3] - boxes[:, 1]


def shows_feet(
    boxes_xyxy: NDArray[np.floating], observed: BoolArray, occlusion: NDArray[np.floating], height_px: int
) -> BoolArray:
    """Whether the lower end of each box can be taken for feet.

    Args:
        boxes_xyxy: `(N, 4)` pixels of the original frame.
        observed: `(N,)` False for boxes carried by motion.
        occlusion: `(N,)` covered share of the box.
        height_px: Of the frame.
    """
    cut = boxes_xyxy[:, 3] > (1.0 - EDGE_SHARE) * height_px
    return np.asarray(observed & (occlusion <= COVERED) & ~cut)
