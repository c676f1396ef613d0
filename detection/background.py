"""The still background of one camera, learnt while people walk through it.

It is the median of pictures spread over all the time so far, so that it is there within a second of a scene that is
never empty: a walker covers a place for less than half a second. Two repairs keep it true afterwards. What is known to
be a person is not learnt, so that nobody who stands still fades away. And a place that differs from the background but
has weaker edges around it than the background has is no person but the hole that one left (a ghost): it is learnt at
once.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Mask = NDArray[np.uint8]

FIRST_PICTURES = 60
"""So many pictures are learnt as they are, people and all."""
LEAST_PICTURES = 8
"""The background is usable from here on."""
MOST_PICTURES = 24
GHOST_EDGES = 0.65
"""A region is a ghost when its outline is weaker than the background's there by this factor."""


class Background:
    """Learns from the pictures of one camera, all of one size."""

    def __init__(self) -> None:
        self._samples: list[Picture] = []
        self._seen = 0
        self._stride = 1
        self._median: Picture | None = None
        self._edges: NDArray[np.float32] | None = None

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

    def forget_ghosts(self, image_bgr: Picture, regions: NDArray[np.int32], count: int) -> set[int]:
        """Learn the regions that only differ because someone has left them.

        Args:
            image_bgr: The picture in which they were found.
            regions: `(H, W)` number of the region of every pixel, 0 for none.
            count: Regions are numbered 1 to `count`.

        Returns:
            The numbers of the ghosts.
        """
        if self._median is None or self._edges is None or count == 0:
            return set()
        outline = cv2.morphologyEx((regions > 0).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
        labels = cv2.dilate(regions.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int32)[outline]
        now = np.bincount(labels, _edges(image_bgr)[outline], count + 1)
        then = np.bincount(labels, self._edges[outline], count + 1)
        ghosts = {int(number) for number in np.flatnonzero(now < GHOST_EDGES * then) if number > 0}
        if ghosts:
            gone = np.isin(regions, list(ghosts))
            for i, sample in enumerate(self._samples):
                self._samples[i] = np.where(gone[:, :, None], image_bgr, sample)
            self._set(np.where(gone[:, :, None], image_bgr, self._median))
        return ghosts

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
