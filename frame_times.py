"""Which frame of a camera was when: enough of the times to find the first frame after any of them."""

from __future__ import annotations

from array import array

import numpy as np

LONGEST_FRAME_S = 0.2
"""A frame stands for the time since the one before, at most these seconds."""
FIRST_FRAME_S = 0.04
"""What is assumed of the first frame of a camera."""
KNOT_S = 10.0
"""Times are kept this far apart, and before and after a gap; in between frames come evenly."""
GAP_S = 1.0
"""A camera that shows nothing for longer does not come evenly."""


class FrameTimes:
    """The times of one camera's frames, which come in order; a few kilobytes an hour."""

    def __init__(self) -> None:
        self._knots_s = array("d")
        self._knot_frames = array("q")
        self._last_s = 0.0
        self._last_frame = -1

    def add(self, frame_index: int, time_s: float) -> float:
        """Take the next frame; the media time that it takes, up to `LONGEST_FRAME_S`."""
        since_s = time_s - self._last_s
        first = not self._knots_s
        if not first and since_s > GAP_S:
            self._keep(self._last_frame, self._last_s)
        if first or since_s > GAP_S or time_s - self._knots_s[-1] >= KNOT_S:
            self._keep(frame_index, time_s)
        self._last_frame, self._last_s = frame_index, time_s
        return FIRST_FRAME_S if first else min(max(since_s, 0.0), LONGEST_FRAME_S)

    def first_at(self, time_s: float) -> int:
        """The first frame at a time or later; one that is still to come when all were earlier."""
        if not self._knots_s or time_s > self._last_s:
            return self._last_frame + 1
        times_s, frames = [*self._knots_s, self._last_s], [*self._knot_frames, self._last_frame]
        return int(np.ceil(np.interp(time_s, times_s, frames) - 1e-3))  # sums of frame times are not exact

    def _keep(self, frame_index: int, time_s: float) -> None:
        self._knot_frames.append(frame_index)
        self._knots_s.append(time_s)
