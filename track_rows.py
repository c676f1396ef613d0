"""The boxes of a round one by one, weighed: what pieces of tracks grow by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from atoms import NO_LOOK, Row
from entities import BoolArray, CameraTracks, FloatArray

MOST_SECONDS_A_ROW = 0.5
"""A box stands for the time since the one before, at most these seconds."""


def rows_of(
    tracks: Sequence[CameraTracks],
    looks: FloatArray,
    shows: BoolArray,
    contrasts: FloatArray,
    since_s: NDArray[np.float64],
) -> list[Row]:
    """The boxes of a round, those of all cameras one after the other.

    Args:
        tracks: Of each camera.
        looks: `(N, D)` embeddings.
        shows: `(N,)` whether they tell something.
        contrasts: `(N, D)` the same made comparable.
        since_s: `(N,)` media time since the track last showed a look.
    """
    boxes = np.concatenate([each.boxes_xyxy for each in tracks]).astype(np.float64)
    occlusion = np.concatenate([each.occlusion for each in tracks])
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2.0
    heights = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
    weight = np.concatenate([each.scores for each in tracks]).clip(0.05, 1.0)
    clear = weight * np.clip(1.0 - 1.2 * occlusion, 0.05, 1.0)
    seconds = np.where(shows, since_s.clip(0.0, MOST_SECONDS_A_ROW), 0.0)
    evidence_s = seconds.astype(np.float32) * clear
    places = zip(*centres.T.tolist(), heights.tolist(), strict=True)
    shown = (_shown(weight[:, None] * looks, shows), _shown(clear[:, None] * contrasts, shows))
    numbers = (seconds.tolist(), occlusion.tolist(), evidence_s.tolist())
    frames = [(each.frame_index, each.timestamp_s, flag) for each in tracks for flag in each.observed.tolist()]
    return list(map(Row, *zip(*frames, strict=True), places, *numbers, *shown)) if frames else []


def _shown(looks: FloatArray, shows: BoolArray) -> list[FloatArray]:
    return [look if show else NO_LOOK for look, show in zip(looks, shows.tolist(), strict=True)]
