"""Pictures of the user's clips: some to set a quantised network up with, others to judge it by."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from address import parse_address
from detection.letterbox import Letterbox, network_shape
from entities import CameraId
from errors import SourceError
from probe import open_source
from source_settings import LiveConfig
from sources.opening import open_recorded

T = TypeVar("T")
Image = NDArray[np.uint8]

SPAN_S = 600.0
"""Of a clip this much is looked at, seconds from its start: more would take minutes to decode."""


def evenly(items: Iterable[T], most: int) -> list[T]:
    """Some of the items, evenly spread, without knowing how many there are.

    Every second one is dropped whenever there are too many, and from then on half as many are taken.

    >>> evenly(range(10), 4)
    [0, 4, 8]

    Args:
        items: Passed through once; no more than `most` are held.
        most: An even number, at least 2.

    Returns:
        All items where there are no more than `most`, else more than half as many as that.
    """
    kept: list[T] = []
    step = 1
    for index, item in enumerate(items):
        if len(kept) == most and index % step == 0:
            kept = kept[::2]
            step *= 2
        if index % step == 0:
            kept.append(item)
    return kept


def samples_of(clip: str, most: int, pixels: int) -> tuple[list[Image], list[Image]]:
    """Pictures spread over a clip, taken in turn for the one purpose and the other; the same ones every time.

    Args:
        clip: A file, or a folder of pictures.
        most: Pictures of both purposes, an even number.
        pixels: Of the network's input; pictures come as large as it will see them.

    Returns:
        Pictures to set up with, and others to judge by, BGR.

    Raises:
        SourceError: It is no recorded video, or cannot be read.
    """
    address = parse_address(clip)
    if not address.recorded:
        raise SourceError(f"{address.shown}: sends by itself; record some minutes of it and name the file")
    settings = LiveConfig()
    open_source(address, CameraId("clip"), settings)  # it says what is wrong with it, if anything
    with open_recorded(address, settings) as video:
        early = takewhile(lambda each: each.time_s < SPAN_S, video.pictures())
        taken = evenly((as_seen(each.image_bgr, pixels) for each in early), most)
    return taken[::2], taken[1::2]


def as_seen(image_bgr: Image, pixels: int) -> Image:
    """The picture as large as it is in the network's input, without the margin."""
    size_px = image_bgr.shape[1], image_bgr.shape[0]
    inner_px = Letterbox.fit(size_px, network_shape(size_px, pixels)).inner_px
    return np.asarray(cv2.resize(image_bgr, inner_px, interpolation=cv2.INTER_LINEAR), np.uint8)
