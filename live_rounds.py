"""Rounds of cameras that send by themselves: who has something for an instant is in, nobody is waited for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from buffers import Buffer, Closed, LatestValue
from entities import CameraId, Frame, Round

PATIENCE: Final = 3.0
"""A camera that missed so many of its pictures is not waited for until it sends again."""
LATE_S: Final = 0.25
"""A frame this much older than now gives way to a newer one; older than the last round it is of no use to anybody."""
HEARTBEAT_S: Final = 0.5
"""While nobody sends anything, an empty round this often says that time goes on."""
SMOOTHING: Final = 0.1
LEAST_WAIT_S: Final = 1e-3


class Rhythm:
    """When a camera's next picture is due, learnt from those that came.

    Args:
        period_s: What its source promises.
    """

    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._last_s: float | None = None

    def saw(self, time_s: float) -> None:
        """A picture of this time was taken out."""
        if self._last_s is not None and time_s - self._last_s < PATIENCE * self._period_s:
            self._period_s += SMOOTHING * (time_s - self._last_s - self._period_s)
        self._last_s = time_s

    def promises(self, start_s: float, end_s: float) -> bool:
        """Whether the next picture should belong between these times; a camera that fell silent promises nothing."""
        if self._last_s is None:
            return False
        return self._last_s + self._period_s <= end_s and start_s <= self._last_s + PATIENCE * self._period_s


class LiveRoundAssembler:
    """Takes frames from live buffers and hands out rounds; iterate it once, in one thread.

    A round begins with the earliest frame there is. Cameras whose next picture is due within the skew are waited for,
    no longer than the skew. The times of rounds never fall; empty rounds stand for silence.

    Attributes:
        late: Frames of each camera that belonged to an instant that was over.

    Args:
        buffers: The frames of each camera, in the job's camera order, timestamps rising; all ring the bell.
        bell: See `Buffer`.
        periods_s: Frame period of each camera, as far as its source promises.
        skew_s: How far apart the frames of one instant may be.
        now_s: The clock that stamped the frames.
        states: What each camera's reader is doing.
        until_s: End here; None goes on until all buffers are closed and drained.
    """

    def __init__(
        self,
        buffers: Mapping[CameraId, Buffer[Frame]],
        bell: LatestValue[None],
        periods_s: Mapping[CameraId, float],
        *,
        skew_s: float,
        now_s: Callable[[], float],
        states: Callable[[], Mapping[CameraId, str]] = dict,
        until_s: float | None = None,
    ) -> None:
        self._buffers = dict(buffers)
        self._bell = bell
        self._rhythms = {camera: Rhythm(periods_s[camera]) for camera in buffers}
        self._skew_s = skew_s
        self._now_s = now_s
        self._states = states
        self._until_s = float("inf") if until_s is None else until_s
        self._heads: dict[CameraId, Frame] = {}
        self._time_s = 0.0
        self.late = dict.fromkeys(buffers, 0)

    def __iter__(self) -> Iterator[Round]:
        index = 0
        version = -1
        while True:
            _, version = self._bell.wait_newer(version, 0.0)
            now_s = self._now_s()
            over = self._fill(now_s)
            if (over and not self._heads) or self._time_s >= self._until_s or now_s - LATE_S >= self._until_s:
                return
            frames, wait_s = self._choose(now_s)
            if frames or now_s - self._time_s >= HEARTBEAT_S:
                start_s = min((frame.timestamp_s for frame in frames), default=now_s)
                if start_s >= self._until_s:
                    return
                self._time_s = max(self._time_s, start_s)
                yield Round(index, self._time_s, frames, self._states())
                index += 1
            else:
                self._bell.wait_newer(version, max(LEAST_WAIT_S, wait_s))

    def _fill(self, now_s: float) -> bool:
        """Have a frame of every camera wait, a newer one in place of an old one; whether all cameras are over."""
        open_buffers = 0
        for camera, buffer in self._buffers.items():
            try:
                while self._wants(camera, now_s):
                    self._take(buffer.get(0.0))
            except TimeoutError:
                open_buffers += 1
            except Closed:
                continue
            else:
                open_buffers += 1
        return not open_buffers

    def _wants(self, camera: CameraId, now_s: float) -> bool:
        return camera not in self._heads or now_s - self._heads[camera].timestamp_s > LATE_S

    def _take(self, frame: Frame) -> None:
        self._rhythms[frame.camera_id].saw(frame.timestamp_s)
        self.late[frame.camera_id] += self._heads.pop(frame.camera_id, None) is not None
        if frame.timestamp_s < self._time_s - LATE_S:
            self.late[frame.camera_id] += 1
        else:
            self._heads[frame.camera_id] = frame

    def _choose(self, now_s: float) -> tuple[tuple[Frame, ...], float]:
        """The frames of the next round, or none and how long to wait for more."""
        if not self._heads:
            return (), self._time_s + HEARTBEAT_S - now_s
        start_s = min(frame.timestamp_s for frame in self._heads.values())
        end_s = start_s + self._skew_s
        missing = [camera for camera in self._buffers if camera not in self._heads]
        if now_s < end_s and any(self._rhythms[camera].promises(start_s, end_s) for camera in missing):
            return (), end_s - now_s
        chosen = [camera for camera in self._buffers if camera in self._heads]
        chosen = [camera for camera in chosen if self._heads[camera].timestamp_s <= end_s]
        return tuple(self._heads.pop(camera) for camera in chosen), 0.0
