"""A camera on a real RTSP server that comes late, is killed, freezes, changes its size and hangs up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from address import parse_address
from buffers import Buffer, LatestValue, WhenFull
from config import TrackingConfig
from entities import CameraId, Frame, Source
from errors import SourceError
from live_reader import LiveReader
from probe import probe_inputs
from source_settings import CameraConfig, LiveConfig
from sources.opening import open_live
from telemetry import CameraProgress, CameraState
from tests.clips import SIZE_PX, stamped
from tests.servers.rtsp import FPS, RtspServer, require_server, write_clip

pytestmark = pytest.mark.servers

LONGEST_S = 20.0
LOGIN = "joe:s3cret/p@ss"
SECRETS = ("s3cret", "s3cret%2Fp%40ss")
QUICK = LiveConfig(open_timeout_s=3.0, read_timeout_s=1.5, stall_s=0.5, retry_s=0.1, retry_max_s=0.4)
LARGE_PX = (320, 240)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """A stream with two clips of unlike size and aspect."""
    require_server()
    folder = tmp_path_factory.mktemp("clips")
    return {
        "cam": [
            write_clip(folder / f"{size_px[0]}.h264", [stamped(i, size_px) for i in range(20)], size_px)
            for size_px in (SIZE_PX, LARGE_PX)
        ]
    }


@pytest.fixture
def server(clips: dict[str, list[Path]]) -> Iterator[RtspServer]:
    """One that runs."""
    with RtspServer(clips) as running:
        yield running


class Watched:
    """A reader at work, and what it says of itself."""

    def __init__(self, url: str, settings: LiveConfig) -> None:
        start_s = time.monotonic()
        self._bell = LatestValue(None)
        self.frames: Buffer[Frame] = Buffer(2, WhenFull.DROP_OLDEST, self._bell)
        source = Source(CameraId("cam"), "rtsp://shown", SIZE_PX, FPS)
        connect = partial(open_live, parse_address(url), settings)
        self.reader = LiveReader(source, self.frames, connect, settings, now_s=lambda: time.monotonic() - start_s)

    def until(self, condition: Callable[[CameraProgress], bool]) -> CameraProgress:
        """Wait until it says so."""
        deadline_s = time.monotonic() + LONGEST_S
        version = -1
        while not condition(self.reader.progress):
            assert time.monotonic() < deadline_s, self.reader.progress
            _, version = self._bell.wait_newer(version, 0.05)
        return self.reader.progress

    def until_state(self, state: CameraState) -> CameraProgress:
        return self.until(lambda progress: progress.state is state)


@contextmanager
def watched(url: str, settings: LiveConfig = QUICK) -> Iterator[Watched]:
    """A reader of that address, stopped and gone afterwards."""
    one = Watched(url, settings)
    one.reader.start()
    try:
        yield one
    finally:
        one.reader.stop()
        assert one.reader.join(LONGEST_S)
    assert one.reader.progress.state is CameraState.ENDED


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_pictures_come_by_either_transport(server: RtspServer, transport: str) -> None:
    settings = LiveConfig(transport="udp") if transport == "udp" else QUICK
    (found,) = probe_inputs(TrackingConfig(videos=(server.url("cam"),), live=settings))
    assert (found.source.size_px, found.source.fps) == (SIZE_PX, FPS)
    with watched(server.url("cam"), settings) as one:
        one.until(lambda progress: progress.frames_read >= FPS)
        frames = [one.frames.get(LONGEST_S) for _ in range(5)]
    steps_s = [after.timestamp_s - before.timestamp_s for before, after in pairwise(frames[2:])]  # two had waited
    assert steps_s == pytest.approx([1 / FPS] * 2, abs=0.06), "stamped on the job's clock, without bursts"


def test_a_camera_that_comes_late_is_waited_for(clips: dict[str, list[Path]]) -> None:
    server = RtspServer(clips)
    with watched(server.url("cam")) as one:
        told = one.until(lambda progress: progress.error is not None)
        assert told.state is CameraState.CONNECTING
        assert "refuses connections" in (told.error or "")
        with server:
            assert one.until_state(CameraState.LIVE).error is None
            one.reader.stop()
            assert one.reader.join(LONGEST_S)


def test_a_server_killed_and_started_again_is_found_again(server: RtspServer) -> None:
    with watched(server.url("cam")) as one:
        one.until_state(CameraState.LIVE)
        server.kill()
        assert one.until_state(CameraState.RECONNECTING).error
        server.start()
        assert one.until_state(CameraState.LIVE).reconnects == 1


def test_a_frozen_camera_stalls_recovers_and_is_connected_anew_when_it_stays_frozen(server: RtspServer) -> None:
    with watched(server.url("cam"), LiveConfig(read_timeout_s=3.0, stall_s=0.5, retry_s=0.1)) as one:
        one.until_state(CameraState.LIVE)
        server.tell("freeze cam")
        one.until_state(CameraState.STALLED)
        server.tell("thaw cam")
        assert one.until_state(CameraState.LIVE).reconnects == 0
        server.tell("freeze cam")
        lost = one.until_state(CameraState.RECONNECTING)
        assert "no picture for 3 s" in (lost.error or "")
        server.tell("thaw cam")
        assert one.until_state(CameraState.LIVE).reconnects == 1


def test_a_change_of_resolution_changes_nothing_behind_the_reader(server: RtspServer) -> None:
    with watched(server.url("cam")) as one:
        one.until_state(CameraState.LIVE)
        assert one.frames.get(LONGEST_S).image_bgr[:, :10].any()
        server.tell("next cam")
        deadline_s = time.monotonic() + LONGEST_S
        while (frame := one.frames.get(LONGEST_S)).image_bgr[:, :10].any():
            assert frame.size_px == SIZE_PX
            assert time.monotonic() < deadline_s
        assert frame.size_px == SIZE_PX, "4:3 between black bars"
        assert one.reader.progress.reconnects == 0


def test_ten_connections_lost_are_made_anew_and_leave_nothing_behind(server: RtspServer) -> None:
    with watched(server.url("cam")) as one:
        threads, files = [], []
        for lost in range(10):
            assert one.until_state(CameraState.LIVE).reconnects == lost
            threads.append(threading.active_count())
            files.append(len(list(Path("/proc/self/fd").iterdir())))
            server.tell("drop")
            one.until_state(CameraState.RECONNECTING)
        assert one.until_state(CameraState.LIVE).reconnects == 10
    assert threads[-1] <= threads[1]
    assert files[-1] <= files[1]


@pytest.mark.parametrize(
    ("login", "name", "code"),
    [
        pytest.param("joe:wr0ng", "cam", "source_unauthorized", id="wrong-password"),
        pytest.param("", "cam", "source_unauthorized", id="no-password"),
        pytest.param("joe:s3cret%2Fp%40ss", "attic", "source_not_found", id="no-such-stream"),
    ],
)
def test_a_camera_that_refuses_is_an_error_at_once(
    clips: dict[str, list[Path]], login: str, name: str, code: str
) -> None:
    with RtspServer(clips, LOGIN) as server, pytest.raises(SourceError) as caught:
        probe_inputs(TrackingConfig(videos=(server.url(name, login),), live=QUICK))
    assert caught.value.code == code
    assert not any(secret in caught.value.message for secret in (*SECRETS, "wr0ng"))


def test_credentials_come_from_the_environment(clips: dict[str, list[Path]]) -> None:
    user, _, password = LOGIN.partition(":")
    with RtspServer(clips, LOGIN) as server:
        camera = CameraConfig(server.url("cam"), username_env="CAM_USER", password_env="CAM_PASSWORD")
        environ = {"CAM_USER": user, "CAM_PASSWORD": password}
        (found,) = probe_inputs(TrackingConfig(cameras=(camera,), live=QUICK), environ)
    assert found.source.size_px == SIZE_PX
    assert not any(secret in repr(found) for secret in SECRETS)
