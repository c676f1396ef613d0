"""The look of the person in a single picture, as jobs with the same settings would see it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from config import TrackingConfig
from entities import FloatArray
from errors import TrackingError
from models import Models, load_models, model_facts
from shared_networks import SharedNetworks
from sources.fitting import fitted
from store.fingerprint import embedder_name

SIDE_PX = 640
"""Pictures are looked at in a square: every other shape would be one more network to compile, while jobs wait."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoLook:
    """What a person in a picture looks like.

    Attributes:
        embedding: `(D,)` of length 1.
        embedder: Of which network, see `embedder_name`.
        mean_person: `(D,)` see `Embedder.mean_person`.
        box_xyxy: The person in the picture; None when all of it was taken.
    """

    embedding: FloatArray
    embedder: str
    mean_person: FloatArray | None
    box_xyxy: tuple[float, float, float, float] | None


class PhotoEye:
    """Looks at single pictures; loads its models at the first. Any thread may use it.

    Args:
        config: Which models.
        shared: Networks that jobs use, too.
    """

    def __init__(self, config: TrackingConfig, shared: SharedNetworks) -> None:
        self._config = config
        self._shared = shared

    @cached_property
    def _models(self) -> tuple[Models, str]:
        models = load_models(self._config, self._shared)
        return models, embedder_name(model_facts(models))

    def look(self, image_bgr: NDArray[np.uint8]) -> PhotoLook:
        """The look of the largest person in the picture; of all of it where nobody is found.

        Args:
            image_bgr: `(H, W, 3)`.

        Raises:
            TrackingError: `photo_shows_nobody`, or the models cannot be loaded.
        """
        models, embedder = self._models
        box = self._largest_person(models, image_bgr)
        height, width = image_bgr.shape[:2]
        taken = np.array([[0, 0, width, height]] if box is None else [box], np.float32)
        embedding = models.embedder.embed([image_bgr], [taken])[0][0]
        if not np.isfinite(embedding).all():
            raise TrackingError("the picture shows nothing to search for", code="photo_shows_nobody")
        return PhotoLook(embedding, embedder, models.embedder.mean_person, box)

    def _largest_person(self, models: Models, image_bgr: NDArray[np.uint8]) -> tuple[float, float, float, float] | None:
        if self._config.detection.model == "motion":  # sees what moves, and a picture does not
            return None
        found = models.detector.detect(["photo"], [fitted(image_bgr, (SIDE_PX, SIDE_PX))])[0]
        boxes = found.boxes_xyxy[found.scores >= self._config.camera.high_score]
        if not len(boxes):
            return None
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        return in_picture(boxes[int(np.argmax(areas))], (image_bgr.shape[1], image_bgr.shape[0]))


def in_picture(box_xyxy: FloatArray, size_px: tuple[int, int]) -> tuple[float, float, float, float]:
    """A box of the square that a picture was fitted into, as one of the picture.

    Args:
        box_xyxy: `(4,)` pixels of the square.
        size_px: Width and height of the picture.
    """
    size = np.array(size_px, np.float64)
    scale = SIDE_PX / size.max()
    corners = (box_xyxy.reshape(2, 2) - (SIDE_PX - scale * size) / 2.0) / scale
    x1, y1, x2, y2 = np.clip(corners, 0.0, size).ravel().tolist()
    return x1, y1, x2, y2
