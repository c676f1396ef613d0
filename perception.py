"""What the tracker asks of a detector and an embedder, and one batch of each over all cameras of a round."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from entities import Detections, FloatArray


class Detector(Protocol):
    """Finds people in pictures."""

    @property
    def name(self) -> str:
        """Model and runtime for people and `run.json`, e.g. `yolov8n openvino bf16`."""

    @property
    def at_once(self) -> int:
        """Threads that may call it at the same time, at least 1; 1 where one round depends on the one before."""

    def detect(self, camera_ids: Sequence[str], images_bgr: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        """Find the people of one round, all cameras in one batch.

        Args:
            camera_ids: Whose pictures; a detector that learns a background keeps one for each.
            images_bgr: `(H, W, 3)` uint8 each; sizes may differ. May be empty.

        Returns:
            One `Detections` a picture (no embeddings), best score first, boxes clipped to the picture
            and at least 2 px wide and high.
        """


class Embedder(Protocol):
    """Turns crops of people into unit vectors that are alike for one person. Belongs to one thread."""

    @property
    def name(self) -> str:
        """Model and runtime for people and `run.json`."""

    @property
    def dimension(self) -> int:
        """Length D of an embedding."""

    @property
    def mean_person(self) -> FloatArray | None:
        """`(D,)` mean embedding over many people (not of length 1): the generic prior; None if unknown."""

    def embed(self, images_bgr: Sequence[NDArray[np.uint8]], boxes_xyxy: Sequence[FloatArray]) -> list[FloatArray]:
        """Embed every box of every picture, all crops in one batch.

        Args:
            images_bgr: `(H, W, 3)` uint8 each.
            boxes_xyxy: `(N, 4)` each, pixels of that picture. N may be 0; boxes may touch the border.

        Returns:
            `(N, D)` float32 a picture, rows of length 1; a row of NaN for a box with no pixels inside.
        """
