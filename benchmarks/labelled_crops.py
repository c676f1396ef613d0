"""A folder of pedestrian crops named `PPPP_cC…jpg`: person PPPP as seen by camera C (the naming of Market-1501)."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np

from entities import FloatArray, IntArray
from perception import Embedder

NAME = re.compile(r"(?P<person>\d{4})_c(?P<camera>\d+)")
DISTRACTOR = 0
"""Person 0000 stands for pictures of nobody in particular."""


def embed_folder(folder: Path, embedder: Embedder) -> tuple[FloatArray, IntArray, IntArray]:
    """Embed every named crop.

    Returns:
        `(N, D)` unit rows, `(N,)` persons, `(N,)` cameras, in the order of the file names.
    """
    images, boxes, persons, cameras = [], [], [], []
    for path in sorted(folder.glob("*.jpg")):
        named = NAME.match(path.name)
        image = cv2.imread(str(path))
        if named is None or image is None or int(named["person"]) == DISTRACTOR:
            continue
        images.append(np.asarray(image, np.uint8))
        boxes.append(np.array([[0, 0, image.shape[1], image.shape[0]]], np.float32))
        persons.append(int(named["person"]))
        cameras.append(int(named["camera"]))
    if not images:
        raise SystemExit(f"{folder}: no crops named PPPP_cC….jpg")
    looks = np.concatenate(embedder.embed(images, boxes))
    return looks, np.array(persons, np.int64), np.array(cameras, np.int64)
