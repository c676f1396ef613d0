"""The still background of one camera, learnt while people walk through it.

It is the median of pictures spread over all the time so far, so that it is there within a second of a scene that is
never empty: a walker covers a place for less than half a second. Two repairs keep it true afterwards. What is known to
be a person is not learnt, so that nobody who stands still fades away. And a place that differs from the background,
does not move, and has weaker edges around it than the background has is no person but the hole that one left (a ghost):
it is learnt at once.
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Mask = NDArray[np.uint8]

FIRST_PICTURES = 20
"""So many pictures are learnt as they are, people and all."""
LEAST_PICTURES = 8
"""The background is usable from here on."""
MOST_PICTURES = 24
GHOST_EDGES = 0.65
"""A region is a ghost when its outline is weaker than the background's there by this factor."""
GHOST_PIXELS = 30
"""Smaller regions are not looked at."""
STILL_PICTURES = 6
STILL_DIFFERENCE = 12
"""A place is still when no colour channel changed by more than this over so many pictures."""


class Background:
    """Learns from the pictures of one camera, all of one size."""

    def __init__(self) -> None:
        self._samples: list[Picture] = []
        self._seen = 0
        self._stride = 1
        self._median: Picture | None = None
        self._edges: NDArray[np.float32] | None = None
        self._recent: deque[Picture] = deque(maxlen=STILL_PICTURES)

    @property
    def picture(self) -> Picture | None:
        """The background now; None until enough has been seen."""
        return self._median

    def learn(self, image_bgr: Picture, people: Mask | None) -> None:
        """Take the next picture in.

        Args:
            image_bgr: `(H, W, 3)`.
            people: `(H, W)`, not 0 where people were found in it; None when not known.
        """
        self._seen += 1
        self._recent.append(image_bgr)
        young = self._seen <= FIRST_PICTURES
        if not young and self._seen % self._stride:
            return
        sample = image_bgr
        if not young and people is not None and self._median is not None:
            sample = np.where(people[:, :, None] > 0, self._median, image_bgr)
        self._samples.append(sample)
        if len(self._samples) > MOST_PICTURES:
            self._samples = self._samples[::2]
            self._stride *= 2
        if len(self._samples) >= LEAST_PICTURES:
            self._set(_median(self._samples))

    def forget_ghosts(self, image_bgr: Picture, mask: Mask) -> Mask:
        """Learn the places that only differ because someone has left them.

        Args:
            image_bgr: The next picture, before it is learnt.
            mask: `(H, W)`, 1 where it differs from the background.

        Returns:
            The mask without the ghosts.
        """
        if self._median is None or self._edges is None or len(self._recent) < STILL_PICTURES:
            return mask
        moved = cv2.absdiff(image_bgr, self._recent[0]).max(axis=2) > STILL_DIFFERENCE
        count, labels, table, _ = cv2.connectedComponentsWithStats(mask * ~moved, connectivity=4)
        regions = np.asarray(labels, np.uint16)
        outline = cv2.morphologyEx((regions > 0).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        around = cv2.dilate(regions, np.ones((3, 3), np.uint8))[outline]
        now = np.bincount(around, _edges(image_bgr)[outline], count)
        then = np.bincount(around, self._edges[outline], count)
        ghosts = (now < GHOST_EDGES * then) & (np.asarray(table)[:, cv2.CC_STAT_AREA] >= GHOST_PIXELS)
        ghosts[0] = False
        if not ghosts.any():
            return mask
        gone = ghosts[regions]
        self._samples = [np.where(gone[:, :, None], image_bgr, sample) for sample in self._samples]
        self._set(np.where(gone[:, :, None], image_bgr, self._median))
        return np.asarray(mask * ~gone, np.uint8)

    def _set(self, picture: Picture) -> None:
        self._median = picture
        self._edges = _edges(picture)


def _median(samples: list[Picture]) -> Picture:
    middle = len(samples) // 2
    return np.asarray(np.partition(np.stack(samples), middle, axis=0)[middle])


def _edges(image_bgr: Picture) -> NDArray[np.float32]:
    """`(H, W)` how sharply brightness changes."""
    grey = cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)), np.float32)
