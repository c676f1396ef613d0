"""An uploaded picture becomes pixels: of few kinds, of bounded size, checked before anything is unpacked."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from errors import TrackingError

KINDS: Final = ("JPEG", "PNG", "WEBP")
MOST_PIXELS: Final = 40_000_000
LEAST_PX: Final = 16
"""Smaller than this tells nothing of a person."""


def read_photo(data: bytes) -> NDArray[np.uint8]:
    """The picture, turned as the camera says it was held.

    Args:
        data: The file's content; its kind is told by what it holds, not by what anybody says.

    Returns:
        `(H, W, 3)` uint8 BGR.

    Raises:
        TrackingError: `photo_unreadable`, or `photo_too_large` for more than 40 megapixels.
    """
    with _opened(data) as image:
        rgb = ImageOps.exif_transpose(image).convert("RGB")
    return np.ascontiguousarray(np.asarray(rgb, np.uint8)[:, :, ::-1])


def photo_kind(data: bytes) -> str:
    """The media type of a picture that is kept as it came; nothing of it is unpacked.

    Raises:
        TrackingError: As `read_photo`.
    """
    with _opened(data) as image:
        return Image.MIME[image.format or ""]


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """A picture of which the header was read and is fine."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=KINDS) as image:
            warnings.simplefilter("ignore")
            _check_size(*image.size)  # from the header: nothing is unpacked yet
            yield image
    except TrackingError:
        raise
    except Exception as error:  # a decoder may stumble in any way over bytes that somebody made up
        raise TrackingError(
            "the picture cannot be read; send the bytes of a whole JPEG, PNG or WebP as the body, "
            "as `curl --data-binary @person.jpg` does",
            code="photo_unreadable",
        ) from error


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise TrackingError(
            f"the picture has {width}x{height} pixels; {MOST_PIXELS // 1_000_000} megapixels are the most",
            code="photo_too_large",
        )
    if min(width, height) < LEAST_PX:
        raise TrackingError(
            f"the picture has {width}x{height} pixels; a person needs {LEAST_PX} each way", code="photo_unreadable"
        )
