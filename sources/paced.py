"""Recorded pictures at the pace at which they were taken, as a camera would send them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from errors import SourceError
from sources import LivePicture, RecordedVideo

BEHIND_S = 1.0
AHEAD_S = 10.0
"""A picture that is due longer ago, or only later than this, says that the sender's clock jumped: time begins anew."""
AHEAD_PICTURES = 2.0
"""But so many pictures ahead is no jump, however rare they are."""


def paced(
    pictures: Iterator[LivePicture],
    fps: float,
    wait: Callable[[float], bool],
    now_s: Callable[[], float] = time.monotonic,
) -> Iterator[LivePicture]:
    """Hold every picture back until it is due by the sender's clock, counted from the first.

    Args:
        pictures: As they can be had; those without a time pass at once.
        fps: Their usual rate, > 0.
        wait: Waits so many seconds, less when told to stop; True when told to stop.
        now_s: A monotonic clock in seconds.
    """
    start_s: float | None = None
    ahead_s = max(AHEAD_S, AHEAD_PICTURES / fps)
    for picture in pictures:
        if picture.media_s is not None:
            now = now_s()
            if start_s is None or not -BEHIND_S <= start_s + picture.media_s - now <= ahead_s:
                start_s = now - picture.media_s
            if wait(max(0.0, start_s + picture.media_s - now)):
                return
        yield picture


class RealtimeFile:
    """A recorded input that passes for a camera.

    Args:
        shown: What it is called in errors.
        open_video: Opens it; asked again for every lap.
        loop: Begin again at the end.

    Raises:
        SourceError: It cannot be opened.
    """

    paced = True
    endless = False

    def __init__(self, shown: str, open_video: Callable[[], RecordedVideo], *, loop: bool) -> None:
        self._shown = shown
        self._open_video = open_video
        self._loop = loop
        self._damaged = 0
        self._video = open_video()
        self.fps = self._video.fps
        self.frames_total = None if loop else self._video.frames_total
        self.duration_s = None if loop else self._video.duration_s

    @property
    def damaged(self) -> int:
        return self._damaged + self._video.damaged

    def pictures(self) -> Iterator[LivePicture]:
        lap_s = 0.0
        while True:
            end_s = 0.0
            for picture in self._video.pictures():
                end_s = picture.time_s + 1.0 / self.fps
                yield LivePicture(picture.image_bgr, lap_s + picture.time_s)
            if not end_s:
                raise SourceError(f"{self._shown}: not one picture in it can be decoded; record or copy it again")
            if not self._loop:
                return
            lap_s += end_s
            self._damaged = self.damaged
            self.close()
            self._video = self._open_video()

    def close(self) -> None:
        self._video.__exit__(None, None, None)
