"""A camera's reader: states, watch, new connections, drops; on fake streams and a fake clock, without a network."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest

from buffers import Buffer, WhenFull
from entities import CameraId, Frame, Source
from errors import SourceError
from live_reader import PARTING_S, LiveReader
from source_settings import LiveConfig
from sources import LivePicture, LiveStream
from telemetry import CameraState
from worker import Worker

TIMEOUT_S = 10.0
SIZE_PX = (8, 6)
SOURCE = Source(CameraId("cam"), "rtsp://***@cam", SIZE_PX, 25.0)
SETTINGS = LiveConfig(retry_s=1.0, retry_max_s=8.0, stall_s=2.0)


class Clock:
    """Time that passes only when somebody waits, or a test says so; `waited` holds every wait."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited: list[float] = []
        self.on_wait: Callable[[], object] = lambda: None

    def now_s(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.on_wait()
        self.now += seconds
        self.waited.append(seconds)
        return False


class Stream:
    """Yields pictures of these sizes, then ends as told."""

    fps = 25.0
    frames_total = None
    duration_s = None
    paced = False

    def __init__(
        self,
        pictures: int = 0,
        error: Exception | None = None,
        *,
        endless: bool = True,
        damaged: int = 0,
        size_px: tuple[int, int] = SIZE_PX,
        before: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._pictures = pictures
        self._error = error
        self._before = before
        self._size_px = size_px
        self.endless = endless
        self.damaged = damaged
        self.closed = False

    def pictures(self) -> Iterator[LivePicture]:
        for number in range(self._pictures):
            self._before(number)
            yield LivePicture(np.full((self._size_px[1], self._size_px[0], 3), 7, np.uint8), None)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self.closed = True


LOST = SourceError("cam: lost", code="source_lost")
END = Stream(endless=False)


def reader_of(
    streams: Sequence[LiveStream | Exception], settings: LiveConfig = SETTINGS, capacity: int = 100
) -> tuple[LiveReader, Buffer[Frame], Clock]:
    """A reader whose connections are these, one after the other."""
    clock = Clock()
    left = iter(streams)

    def connect() -> LiveStream:
        clock.now += 0.1
        stream = next(left)
        if isinstance(stream, Exception):
            raise stream
        return stream

    frames: Buffer[Frame] = Buffer(capacity, WhenFull.DROP_OLDEST)
    return LiveReader(SOURCE, frames, connect, settings, now_s=clock.now_s, wait=clock.wait), frames, clock


def run(reader: LiveReader) -> None:
    reader.start()
    assert reader.join(TIMEOUT_S)


def test_an_input_with_an_end_ends() -> None:
    reader, frames, _ = reader_of([Stream(3, endless=False)])
    states = [reader.progress.state]
    run(reader)
    states.append(reader.progress.state)
    assert states == [CameraState.WAITING, CameraState.ENDED]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert (reader.progress.frames_read, reader.error) == (3, None)


@pytest.mark.parametrize("how", [LOST, None], ids=["broken", "hung-up"])
def test_a_lost_camera_is_connected_anew_and_its_frames_go_on_counting(how: SourceError | None) -> None:
    first = Stream(2, how)
    reader, frames, _ = reader_of([first, Stream(2, endless=False)])
    run(reader)
    assert first.closed
    assert reader.progress.reconnects == 1
    found = list(frames)
    assert [frame.index for frame in found] == [0, 1, 2, 3]
    times_s = [frame.timestamp_s for frame in found]
    assert times_s == sorted(set(times_s))


def test_pauses_double_up_to_the_bound_and_begin_again_after_a_good_connection() -> None:
    def ten_seconds_later(_: int) -> None:
        clock.now += 10.0

    good = Stream(5, LOST, before=ten_seconds_later)
    reader, _, clock = reader_of([*[LOST] * 5, good, LOST, END])
    run(reader)
    assert clock.waited == [1.0, 2.0, 4.0, 8.0, 8.0, 1.0, 2.0]


def test_before_its_first_picture_a_camera_is_connecting_and_says_why() -> None:
    seen = []
    reader, _, clock = reader_of([LOST, Stream(1, LOST), LOST, END])
    clock.on_wait = lambda: seen.append((reader.progress.state, reader.progress.error))
    run(reader)
    assert seen == [
        (CameraState.CONNECTING, "cam: lost"),
        (CameraState.RECONNECTING, "cam: lost"),
        (CameraState.RECONNECTING, "cam: lost"),
    ]


@pytest.mark.parametrize(
    ("silent_s", "state"),
    [
        pytest.param(2.0, CameraState.LIVE, id="silent-for-just-so-long"),
        pytest.param(2.1, CameraState.STALLED, id="longer-is-stalled"),
    ],
)
def test_a_camera_that_keeps_its_reader_waiting_is_stalled(silent_s: float, state: CameraState) -> None:
    states: list[CameraState] = []

    def watch(number: int) -> None:
        if number == 1:  # the reader waits for its second picture
            clock.now += silent_s
            states.append(reader.progress.state)
        if number == 2:
            states.append(reader.progress.state)

    reader, _, clock = reader_of([Stream(3, endless=False, before=watch)])
    run(reader)
    assert states == [state, CameraState.LIVE], "the next picture makes it live again"
    assert reader.progress.reconnects == 0


def test_a_camera_away_for_too_long_is_given_up() -> None:
    settings = LiveConfig(retry_s=1.0, retry_max_s=8.0, give_up_s=10.0)
    reader, frames, clock = reader_of([Stream(1, LOST), *[LOST] * 20], settings)
    run(reader)
    assert reader.progress.state is CameraState.FAILED
    assert reader.error is not None
    assert reader.error.code == "source_given_up"
    assert 10.0 <= clock.now <= 10.0 + 8.0 + 1.0
    assert frames.closed


def test_drops_are_counted_by_cause_over_all_connections() -> None:
    reader, frames, _ = reader_of([Stream(5, LOST, damaged=2), Stream(2, damaged=1, endless=False)], capacity=3)
    run(reader)
    assert dict(reader.progress.dropped) == {"damaged": 3, "buffer_full": 4}
    assert [frame.index for frame in frames] == [4, 5, 6], "the newest stay"


def test_every_nth_picture_keeps_its_number() -> None:
    clock = Clock()
    frames: Buffer[Frame] = Buffer(9)
    streams = iter([Stream(4, LOST), Stream(4, endless=False)])
    reader = LiveReader(SOURCE, frames, lambda: next(streams), SETTINGS, now_s=clock.now_s, stride=3, wait=clock.wait)
    run(reader)
    assert [frame.index for frame in frames] == [0, 3, 6]
    assert reader.progress.frames_read == 3


def test_pictures_of_another_size_are_fitted_into_the_first() -> None:
    reader, frames, _ = reader_of([Stream(1, LOST, size_px=(16, 6)), Stream(1, endless=False, size_px=(80, 60))])
    run(reader)
    wide, large = frames
    assert wide.size_px == large.size_px == SIZE_PX
    assert (large.image_bgr == 7).all()
    assert (wide.image_bgr[[0, -1]] == 0).all(), "black bars above and below"
    assert (wide.image_bgr[2:4] == 7).all()
    assert not wide.image_bgr.flags.writeable


def test_a_fault_of_the_program_fails_the_camera_and_tells_no_address(caplog: pytest.LogCaptureFixture) -> None:
    reader, frames, _ = reader_of([ZeroDivisionError("rtsp://joe:s3cret@cam")])
    run(reader)
    assert reader.progress.state is CameraState.FAILED
    assert frames.closed
    assert "s3cret" not in f"{reader.progress.error} {caplog.text}"


def test_stop_ends_a_reader_that_waits_to_connect_again() -> None:
    tried = threading.Event()

    def connect() -> LiveStream:
        tried.set()
        raise LOST

    reader = LiveReader(SOURCE, Buffer(1), connect, LiveConfig(retry_s=60.0), now_s=lambda: 0.0)
    reader.start()
    assert tried.wait(TIMEOUT_S)
    reader.stop()
    reader.stop()
    assert reader.join(TIMEOUT_S)
    assert reader.progress.state is CameraState.ENDED


def test_stop_ends_a_reader_whose_camera_goes_on() -> None:
    going = threading.Event()
    reader, frames, _ = reader_of([Stream(10**9, before=lambda number: going.set() if number else None)])
    reader.start()
    assert going.wait(TIMEOUT_S)
    reader.stop()
    assert reader.join(TIMEOUT_S)
    assert list(frames) == []


def test_stop_leaves_a_reader_to_itself_whose_camera_hangs() -> None:
    hanging, answer = threading.Event(), threading.Event()

    def hang(_: int) -> None:
        hanging.set()
        assert answer.wait(TIMEOUT_S)

    stream = Stream(2, before=hang)
    readers = [reader_of([each])[0] for each in (stream, Stream(2, before=hang))]
    for reader in readers:
        reader.start()
    assert hanging.wait(TIMEOUT_S)
    for reader in readers:
        reader.stop()
    start_s = time.monotonic()
    assert all(reader.join(TIMEOUT_S) for reader in readers)
    assert time.monotonic() - start_s < 2 * PARTING_S, "two that hang cost no more than one"
    assert {reader.progress.state for reader in readers} == {CameraState.ENDED}
    assert not stream.closed
    answer.set()
    assert all(Worker.join(reader, TIMEOUT_S) for reader in readers), "they end once the camera answers"
    assert stream.closed
