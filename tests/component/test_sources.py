"""Every kind of input that needs no camera: folders, files at their own rate, webcams, streams over HTTP."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from address import parse_address
from config import TrackingConfig
from errors import SourceError
from probe import probe_inputs
from source_settings import CameraConfig, LiveConfig
from sources import LivePicture
from sources.fitting import fitted
from sources.folder import PictureFolder, picture_files
from sources.network import NetworkStream
from sources.opening import open_live
from sources.paced import paced
from sources.webcam import WebcamStream
from tests import clips

QUICK: Final = LiveConfig(open_timeout_s=2.0, read_timeout_s=0.5)
WAIT_S: Final = 10.0


# Folders of pictures


def make_folder(path: Path, names: list[str]) -> Path:
    path.mkdir()
    for number, name in enumerate(names):
        cv2.imwrite(str(path / name), clips.stamped(number))
    return path


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "in", ["f2.png", "f10.png", "f1.png"])
    (folder / "notes.txt").write_text("not a picture")
    video = PictureFolder(str(folder), 5.0)
    pictures = list(video.pictures())
    assert [clips.read_stamp(picture.image_bgr) for picture in pictures] == [2, 0, 1]
    assert [(picture.index, picture.time_s) for picture in pictures] == [(0, 0.0), (1, 0.2), (2, 0.4)]
    assert (video.frames_total, video.duration_s, video.damaged) == (3, 0.6, 0)
    assert not pictures[0].image_bgr.flags.writeable


def test_names_sort_as_people_read_them(tmp_path: Path) -> None:
    names = ["1.png", "01.png", "10.png", "aa1.png", "b1.png", "img.png", "img_2.png", "img_10.png"]
    folder = make_folder(tmp_path / "in", names)
    expected = ["01.png", "1.png", "10.png", "aa1.png", "b1.png", "img.png", "img_2.png", "img_10.png"]
    assert [path.name for path in picture_files(str(folder))] == expected


def test_damaged_pictures_are_counted_and_keep_their_number(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "in", ["1.jpg", "2.jpg", "3.jpg"])
    (folder / "1.jpg").write_bytes(b"")
    (folder / "2.jpg").write_bytes(b"no picture")
    video = PictureFolder(str(folder), 25.0)
    assert [picture.index for picture in video.pictures()] == [2]
    assert video.damaged == 2


def test_folders_are_recordings_like_files(tmp_path: Path) -> None:
    folders = [make_folder(tmp_path / name, ["1.png", "2.png"]) for name in ("hall", "door")]
    found = probe_inputs(TrackingConfig(videos=tuple(map(str, folders)), live=LiveConfig(folder_fps=10.0)))
    assert [(item.source.camera_id, item.source.fps, item.source.frames_total) for item in found] == [
        ("hall", 10.0, 2),
        ("door", 10.0, 2),
    ]


def test_a_camera_taken_every_third_picture_promises_fewer(tmp_path: Path) -> None:
    cameras = tuple(
        CameraConfig(str(clips.make_clip(tmp_path / f"{name}.mp4", 20, 24.0)), stride=stride, name=f"Camera {name}")
        for name, stride in (("a", 1), ("b", 3))
    )
    one, third = probe_inputs(TrackingConfig(cameras=cameras))
    assert (one.source.fps, one.source.frames_total, one.source.name) == (24.0, 20, "Camera a")
    assert (third.source.fps, third.source.frames_total, third.source.duration_s) == (8.0, 7, one.source.duration_s)


# Pictures of one size


@pytest.mark.parametrize(
    ("size_px", "black"),
    [
        pytest.param((40, 30), 0.0, id="the-same"),
        pytest.param((80, 60), 0.0, id="twice"),
        pytest.param((13, 10), 0.05, id="about-the-same-aspect"),
        pytest.param((30, 30), 0.25, id="square-between-bars"),
        pytest.param((4000, 1), 0.97, id="a-line"),
    ],
)
def test_fitted(size_px: tuple[int, int], black: float) -> None:
    image = np.full((size_px[1], size_px[0], 3), 200, np.uint8)
    out = fitted(image, (40, 30))
    assert out.shape == (30, 40, 3)
    assert (out == 0).mean() == pytest.approx(black, abs=0.03)


# At their own rate

FPS = 10.0


class Clock:
    """Passes when waited for."""

    def __init__(self, stop_after_s: float = np.inf) -> None:
        self.now = 100.0
        self._end = self.now + stop_after_s

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        return self.now >= self._end


def at(*media_s: float | None) -> Iterator[LivePicture]:
    image = np.zeros((2, 2, 3), np.uint8)
    yield from (LivePicture(image, time_s) for time_s in media_s)


@pytest.mark.parametrize(
    ("media_s", "shown_s"),
    [
        pytest.param([5.0, 5.1, 5.4], [0.0, 0.1, 0.4], id="as-they-were-taken"),
        pytest.param([5.0, None, 5.1], [0.0, 0.0, 0.1], id="without-a-time-at-once"),
        pytest.param([5.0, 5.1, 3605.0, 3605.1], [0.0, 0.1, 0.1, 0.2], id="jump-ahead"),
        pytest.param([5.0, 5.1, 0.0, 0.1], [0.0, 0.1, 0.1, 0.2], id="jump-back"),
        pytest.param([5.0, 10.0], [0.0, 5.0], id="a-long-gap-stays"),
    ],
)
def test_paced(media_s: list[float | None], shown_s: list[float]) -> None:
    clock = Clock()
    shown = [clock.now - 100.0 for _ in paced(at(*media_s), FPS, clock.wait, lambda: clock.now)]
    assert shown == pytest.approx(shown_s)


def test_pictures_that_are_taken_once_in_a_while_keep_their_pace() -> None:
    clock = Clock()
    shown = [clock.now - 100.0 for _ in paced(at(0.0, 20.0, 40.0), 0.05, clock.wait, lambda: clock.now)]
    assert shown == pytest.approx([0.0, 20.0, 40.0])


def test_paced_catches_up_after_a_slow_consumer_but_not_for_ever() -> None:
    clock = Clock()
    shown = []
    for number, _ in enumerate(paced(at(0.0, 0.1, 0.2, 0.3, 5.0), FPS, clock.wait, lambda: clock.now)):
        shown.append(clock.now - 100.0)
        clock.now += {0: 0.15, 3: 30.0}.get(number, 0.0)
    assert shown == pytest.approx([0.0, 0.15, 0.2, 0.3, 30.3])


def test_paced_ends_when_told_to_stop() -> None:
    clock = Clock(stop_after_s=0.25)
    assert len(list(paced(at(0.0, 0.1, 0.2, 0.3), FPS, clock.wait, lambda: clock.now))) == 3


def test_a_file_loops_with_time_going_on(tmp_path: Path) -> None:
    address = parse_address(str(clips.make_clip(tmp_path / "a.mp4", 5, 25.0)))
    with closing(open_live(address, LiveConfig(realtime=True, loop=True))) as stream:
        assert (stream.frames_total, stream.duration_s, stream.paced) == (None, None, True)
        pictures = list(islice(stream.pictures(), 12))
    assert [clips.read_stamp(picture.image_bgr) for picture in pictures] == [*range(5), *range(5), 0, 1]
    assert [picture.media_s for picture in pictures] == pytest.approx([i / 25 for i in range(12)], abs=1e-3)


def test_a_file_at_its_own_rate_ends_once(tmp_path: Path) -> None:
    address = parse_address(str(clips.make_clip(tmp_path / "a.mp4", 5, 25.0)))
    with closing(open_live(address, LiveConfig(realtime=True))) as stream:
        assert (stream.frames_total, stream.duration_s, stream.endless) == (5, 0.2, False)
        assert len(list(stream.pictures())) == 5


def test_a_file_of_damage_does_not_loop_for_ever(tmp_path: Path) -> None:
    address = parse_address(str(clips.make_damaged(tmp_path / "a.mp4", range(20))))
    stream = open_live(address, LiveConfig(realtime=True, loop=True))
    with closing(stream), pytest.raises(SourceError, match="not one picture"):
        list(stream.pictures())


# Webcams


class Device:
    """A webcam that sends two pictures and is unplugged; number 9 is not there."""

    def __init__(self, number: int) -> None:
        self._left = 2
        self._there = number != 9
        self.released = False

    def isOpened(self) -> bool:
        return self._there

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        self._left -= 1
        return (True, np.zeros((6, 8, 3), np.uint8)) if self._left >= 0 else (False, None)

    def get(self, _: int) -> float:
        return 0.0

    def release(self) -> None:
        self.released = True


def test_a_webcam_sends_until_it_is_unplugged() -> None:
    stream = WebcamStream(parse_address("webcam:0"), Device)
    assert (stream.fps, stream.endless, stream.paced) == (25.0, True, False)
    pictures = stream.pictures()
    assert next(pictures).media_s is None
    assert not next(pictures).image_bgr.flags.writeable
    with pytest.raises(SourceError, match="webcam:0: sends no more pictures"):
        next(pictures)


def test_no_such_webcam() -> None:
    with pytest.raises(SourceError, match="webcam:9: no camera of that number"):
        WebcamStream(parse_address("9"), Device)


# Over HTTP


class Camera(BaseHTTPRequestHandler):
    """`/mjpeg` sends pictures without end, `/stuck` a few and no more, `/secret` with a login, `/hls/…` files."""

    files: Path
    over: threading.Event

    def do_GET(self) -> None:
        wanted = "Basic " + base64.b64encode(b"joe:p@ss").decode()
        if self.path == "/secret" and self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
        elif self.path in {"/mjpeg", "/stuck", "/secret"}:
            self._send_mjpeg(5 if self.path == "/stuck" else 1000)
        elif self.path.startswith("/hls/") and (self.files / self.path[5:]).is_file():
            data = (self.files / self.path[5:]).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        else:
            self.send_error(404)

    def _send_mjpeg(self, most: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        try:
            for number in range(most):
                jpeg = cv2.imencode(".jpg", clips.stamped(number))[1].tobytes()
                head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n".encode()
                self.wfile.write(head + jpeg + b"\r\n")
                if self.over.wait(0.02):
                    return
            self.over.wait(WAIT_S)
        except OSError:  # whoever watched has gone
            return

    def log_message(self, *_: object) -> None: ...


@contextmanager
def camera_at(folder: Path) -> Iterator[str]:
    """The address of an HTTP server on loopback."""
    over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Camera,), {"files": folder, "over": over}))
    thread = threading.Thread(target=partial(server.serve_forever, 0.02), name="test/http")
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join(WAIT_S)


def opened(url: str, user: str = "", password: str = "") -> NetworkStream:
    return NetworkStream(parse_address(url, user, password), QUICK)


@pytest.mark.parametrize(("path", "user"), [("mjpeg", ""), ("secret", "joe")])
def test_mjpeg_over_http(tmp_path: Path, path: str, user: str) -> None:
    with camera_at(tmp_path) as host, closing(opened(f"http://{host}/{path}", user, "p@ss")) as stream:
        assert (stream.endless, stream.paced, stream.duration_s) == (True, False, None)
        numbers = [clips.read_stamp(picture.image_bgr) for picture in islice(stream.pictures(), 10)]
    assert numbers == list(range(numbers[0], numbers[0] + 10))


def test_a_stream_that_gets_stuck_is_an_error_in_time(tmp_path: Path) -> None:
    with camera_at(tmp_path) as host, closing(opened(f"http://{host}/stuck")) as stream:
        with pytest.raises(SourceError, match=r"no picture for 0\.5 s") as caught:
            list(stream.pictures())
        assert caught.value.code == "source_timeout"


def test_hls_is_shown_at_its_own_rate(tmp_path: Path) -> None:
    clips.make_clip(tmp_path / "in.mp4", 25, 25.0)
    with av.open(str(tmp_path / "in.mp4")) as source, av.open(str(tmp_path / "v.m3u8"), "w", format="hls") as playlist:
        stream = playlist.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                playlist.mux(packet)
    with camera_at(tmp_path) as host, closing(opened(f"http://{host}/hls/v.m3u8")) as one:
        assert one.paced
        assert [clips.read_stamp(picture.image_bgr) for picture in one.pictures()] == list(range(25))


@pytest.mark.parametrize(
    ("url", "code", "words"),
    [
        pytest.param("http://joe:wr0ng@{}/secret", "source_unauthorized", "401", id="wrong-password"),
        pytest.param("http://joe:wr0ng@{}/attic", "source_not_found", "404", id="no-such-path"),
        pytest.param("http://joe:wr0ng@{}/hls/notes.txt", "source_no_video", "not with video", id="no-video"),
        pytest.param("rtsp://joe:wr0ng@{}/x", "source_no_video", "check port and path", id="other-protocol"),
        pytest.param("http://joe:wr0ng@nobody.invalid/x", "source_no_host", "nobody.invalid", id="no-such-host"),
        pytest.param("rtsp://joe:wr0ng@127.0.0.1:1/x", "source_refused", "port 1", id="refused"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(tmp_path: Path, url: str, code: str, words: str) -> None:
    (tmp_path / "notes.txt").write_text("no video\n" * 100)
    with camera_at(tmp_path) as host, pytest.raises(SourceError, match=words) as caught:
        opened(url.format(host))
    assert caught.value.code == code
    assert "wr0ng" not in caught.value.message


def test_a_server_that_takes_connections_and_says_nothing() -> None:
    quiet = socket.create_server(("127.0.0.1", 0))
    with quiet, pytest.raises(SourceError, match=r"sends nothing for 0\.3 s") as caught:
        NetworkStream(parse_address(f"rtsp://127.0.0.1:{quiet.getsockname()[1]}/x"), LiveConfig(open_timeout_s=0.3))
    assert caught.value.code == "source_timeout"


def test_one_camera_away_is_forgiven_all_are_not(tmp_path: Path) -> None:
    away = "rtsp://joe:s3cret@127.0.0.1:1/x"
    with camera_at(tmp_path) as host:
        here, gone = probe_inputs(TrackingConfig(videos=(f"http://{host}/mjpeg", away), live=QUICK))
    assert (here.away, gone.source.size_px) == (None, (1280, 720))
    assert gone.away is not None
    assert gone.away.code == "source_refused"
    with pytest.raises(SourceError, match="refuses connections"):
        probe_inputs(TrackingConfig(videos=(away,), live=QUICK))
    (waited,) = probe_inputs(TrackingConfig(videos=(away,), live=LiveConfig(wait_at_start=True)))
    assert waited.away is not None


def test_the_same_camera_twice() -> None:
    url = "rtsp://joe:s3cret@127.0.0.1:1/x"
    with pytest.raises(SourceError, match="are the same camera") as caught:
        probe_inputs(TrackingConfig(videos=(url, url)))
    assert caught.value.code == "source_duplicate"
    assert "s3cret" not in caught.value.message
