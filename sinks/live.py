"""The newest annotated pictures of a running job, for whoever watches: one encoder, and only while somebody does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from buffers import Buffer, LatestValue, WhenFull
from config import OutputConfig
from entities import CameraId, Frame, FrameResult, IdentityEvent, Segment, Source, TrackedRound
from sinks.annotate import Annotator
from sinks.layout import text_height
from sinks.lettering import Lettering
from sinks.mosaic import Mosaic

logger = logging.getLogger(__name__)

MOSAIC: Final = ""
"""The channel that shows all cameras; the others have the cameras' names, none of which is empty."""
MOST_FPS: Final = 12.0
"""Pictures a second of one channel; more would take from tracking what nobody misses."""
CAMERA_WIDTH_PX: Final = 960
JPEG_QUALITY: Final = 80
JOIN_S: Final = 5.0

Image = NDArray[np.uint8]
Listener = Callable[[bytes | None], None]
"""Takes a JPEG, or None when there will be no more; called from the encoder's thread, so it must not wait."""


@dataclass(eq=False)
class Viewer:
    """Somebody who watches a channel.

    Attributes:
        channel: Which.
        listener: Takes the pictures.
        served: Whether there was one; written by the encoder only.
    """

    channel: str
    listener: Listener
    served: bool = False


class LivePictures:
    """Where viewers and the encoder of one job meet. Viewers come and go in one thread, that of the event loop."""

    def __init__(self) -> None:
        self.calls: Buffer[None] = Buffer(1, WhenFull.DROP_OLDEST)
        self.channels: LatestValue[tuple[str, ...] | None] = LatestValue(None)
        self._viewers: tuple[Viewer, ...] = ()  # replaced as a whole: the encoder reads it at any time

    def watch(self, channel: str, listener: Listener) -> Callable[[], None]:
        """Have pictures sent, the first one soon, also while the job is paused.

        Args:
            channel: `MOSAIC` or a camera's name. One that does not exist ends at once, as soon as that is known.
            listener: See `Listener`.

        Returns:
            Ends it; may be called twice.
        """
        viewer = Viewer(channel, listener)
        self._viewers += (viewer,)
        if not self.calls.put(None) or not self.has(channel):
            listener(None)

        def leave() -> None:
            self._viewers = tuple(other for other in self._viewers if other is not viewer)

        return leave

    def has(self, channel: str) -> bool:
        """Whether there is such a channel, as far as that is known."""
        channels = self.channels.get()
        return channels is None or channel in channels

    def viewers(self) -> dict[str, list[Viewer]]:
        """Who watches what."""
        by_channel: dict[str, list[Viewer]] = {}
        for viewer in self._viewers:
            by_channel.setdefault(viewer.channel, []).append(viewer)
        return by_channel

    def close(self) -> None:
        """The job is over: everybody is told, also those who still come."""
        self.calls.close()
        for viewer in self._viewers:
            viewer.listener(None)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The newest frame of every camera with what was found in it, and the figures and states of the last round."""

    time_s: float = 0.0
    people_now: int = 0
    people_total: int = 0
    frames: Mapping[CameraId, tuple[Frame, FrameResult | None]] = field(default_factory=dict)
    states: Mapping[CameraId, str] = field(default_factory=dict)


class LiveSink:
    """Keeps the newest round and has an encoder draw it for those who watch; a round never waits for that.

    Args:
        sources: The cameras, in order.
        output: How wide, and how long trails are.
        pictures: Who watches.
        thread_name: Of the encoder.
    """

    name = "live"
    required = False

    def __init__(
        self, sources: Sequence[Source], output: OutputConfig, pictures: LivePictures, thread_name: str
    ) -> None:
        self._pictures = pictures
        self._shown: LatestValue[_Shown] = LatestValue(_Shown())
        self._artist = Artist(sources, output)
        self._thread = threading.Thread(target=self._run, name=thread_name, daemon=True)

    def __enter__(self) -> Self:
        self._pictures.channels.set(self._artist.channels)
        for viewers in self._pictures.viewers().values():
            for viewer in viewers:
                if viewer.channel not in self._artist.channels:
                    viewer.listener(None)
        self._thread.start()
        return self

    def write(self, tracked: TrackedRound) -> None:
        """Keep the round's frames; those of cameras without one in it stay."""
        results = {result.camera_id: result for result in tracked.result.frames}
        newest = {frame.camera_id: (frame, results.get(frame.camera_id)) for frame in tracked.round.frames}
        frames = {**self._shown.get().frames, **newest}
        result = tracked.result
        round_ = tracked.round
        self._shown.set(_Shown(round_.timestamp_s, result.people_now, result.people_total, frames, round_.states))
        self._pictures.calls.put(None)

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        """Nothing: what has been shown stays shown."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pictures.close()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        try:
            encoded_s: dict[str, float] = {}
            for _ in self._pictures.calls:
                self._serve(encoded_s)
        except Exception:  # last line of the thread
            logger.exception("live pictures failed")
            self._pictures.close()

    def _serve(self, encoded_s: dict[str, float]) -> None:
        """Draw every channel that is due: its last picture is old enough, or somebody has had none yet."""
        shown = self._shown.get()
        for channel, viewers in self._pictures.viewers().items():
            old = time.monotonic() - encoded_s.get(channel, -np.inf) >= 1.0 / MOST_FPS
            due = old or not all(viewer.served for viewer in viewers)
            picture = self._artist.draw(channel, shown) if due else None
            if picture is not None:
                jpeg = encode(picture)
                encoded_s[channel] = time.monotonic()
                for viewer in viewers:
                    viewer.served = True
                    viewer.listener(jpeg)


class Artist:
    """Draws channels on demand; belongs to the encoder's thread.

    Args:
        sources: The cameras, in order.
        output: How wide, and how long trails are.
    """

    def __init__(self, sources: Sequence[Source], output: OutputConfig) -> None:
        self._sources = tuple(sources)
        self._output = output
        self._lettering = Lettering()
        self._mosaic: Mosaic | None = None
        self._in_mosaic: dict[CameraId, Frame] = {}
        self._annotators: dict[CameraId, Annotator] = {}
        self.channels = (MOSAIC, *(source.camera_id for source in sources))

    def draw(self, channel: str, shown: _Shown) -> Image | None:
        """The channel's picture; None while there is none, or no such channel."""
        if channel == MOSAIC:
            return self._draw_mosaic(shown) if shown.frames or shown.states else None
        camera = shown.frames.get(CameraId(channel))
        return None if camera is None else self._draw_camera(*camera)

    def _draw_mosaic(self, shown: _Shown) -> Image:
        if self._mosaic is None:
            self._mosaic = Mosaic(self._sources, self._output.width_px, self._output.trail_s, {})
        for camera_id, (frame, result) in shown.frames.items():
            if self._in_mosaic.get(camera_id) is not frame:
                self._in_mosaic[camera_id] = frame
                self._mosaic.update(frame, result)
        self._mosaic.tell(shown.states)
        self._mosaic.count(shown.people_now, shown.people_total)
        return self._mosaic.compose(shown.time_s)

    def _draw_camera(self, frame: Frame, result: FrameResult | None) -> Image:
        width, height = frame.size_px
        scale = min(1.0, CAMERA_WIDTH_PX / width)
        size = (max(1, round(scale * width)), max(1, round(scale * height)))
        shrink = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_NEAREST
        picture = np.asarray(cv2.resize(frame.image_bgr, size, interpolation=shrink), np.uint8)
        if result is not None:
            annotator = self._annotators.get(frame.camera_id)
            if annotator is None:
                annotator = Annotator(self._lettering, text_height(size[0], size[0]), self._output.trail_s)
                self._annotators[frame.camera_id] = annotator
            annotator.draw(picture, result, (size[0] / width, size[1] / height))
        return picture


def encode(picture_bgr: Image) -> bytes:
    """The picture as JPEG."""
    done, data = cv2.imencode(".jpg", picture_bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError(f"picture {picture_bgr.shape} cannot be encoded")
    return data.tobytes()
