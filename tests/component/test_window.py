"""The window shows pictures on a real X server, and nothing that happens to it harms the job."""

from __future__ import annotations

import functools
import os
import select
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from sinks.window import Window, display_name, has_display

SIZE_PX = (320, 240)
PATIENCE_S = 8.0
TRIES = 6
PAUSE = threading.Event()
"""Never set: its `wait` is how these tests let a moment pass."""


class Display(NamedTuple):
    """A running Xvfb."""

    name: str
    screen: Path

    @property
    def environment(self) -> dict[str, str]:
        """A child's environment with this display."""
        return {**os.environ, "DISPLAY": self.name, "QT_X11_NO_MITSHM": "1"}

    def shows(self, colour_bgr: tuple[int, int, int]) -> bool:
        """Whether a good part of the screen has this colour; Xvfb keeps its pixels in an XWD file."""
        data = self.screen.read_bytes()
        header, colours = (struct.unpack(">I", data[at : at + 4])[0] for at in (0, 76))
        pixels = np.frombuffer(data, np.uint8, offset=header + 12 * colours)
        pixels = pixels[: len(pixels) // 4 * 4].reshape(-1, 4)[:, :3].astype(int)
        return bool((np.abs(pixels - colour_bgr).max(axis=1) < 4).sum() > SIZE_PX[0] * SIZE_PX[1] // 2)


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Display]:
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed (Debian: apt-get install xvfb)")
    folder = tmp_path_factory.mktemp("xvfb")
    read_end, write_end = os.pipe()
    options = f"-displayfd {write_end} -screen 0 640x480x24 -nolisten tcp -noreset -fbdir".split()
    server = subprocess.Popen([program, *options, str(folder)], pass_fds=(write_end,), stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read_end, "rb") as numbers:
            ready, _, _ = select.select([numbers], [], [], PATIENCE_S)
            number = numbers.readline().decode().strip() if ready else ""
        if not number:
            pytest.fail("Xvfb did not start")
        yield Display(f":{number}", folder / "Xvfb_screen0")
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


class XClient:
    """As much of the X11 protocol as it takes to close somebody's window."""

    def __init__(self, display_name_: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(PATIENCE_S)
        self._socket.connect(f"/tmp/.X11-unix/X{display_name_.removeprefix(':')}")

    def __enter__(self) -> Self:
        self._socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        head = self._read(8)
        assert head[0] == 1, "the X server refused"
        setup = self._read(4 * struct.unpack("<H", head[6:8])[0])
        vendor, formats = struct.unpack("<H", setup[16:18])[0], setup[21]
        screen = 32 + (vendor + 3) // 4 * 4 + 8 * formats
        self._root = struct.unpack("<I", setup[screen : screen + 4])[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def _read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self._socket.recv(count - len(data))
            assert part, "the X server hung up"
            data += part
        return data

    def _ask(self, request: bytes) -> tuple[bytes, bytes]:
        self._socket.sendall(request)
        head = self._read(32)
        assert head[0] == 1, f"X error {head[1]}"
        return head, self._read(4 * struct.unpack("<I", head[4:8])[0])

    def _atom(self, name: str) -> int:
        text = name.encode() + b"\0" * (-len(name) % 4)
        head, _ = self._ask(struct.pack("<BBHHxx", 16, 0, 2 + len(text) // 4, len(name)) + text)
        return int(struct.unpack("<I", head[8:12])[0])

    def close_all_windows(self) -> None:
        """Tell every top window what a window manager's close button tells it."""
        protocols, delete = self._atom("WM_PROTOCOLS"), self._atom("WM_DELETE_WINDOW")
        head, body = self._ask(struct.pack("<BxHI", 15, 2, self._root))
        for window in struct.unpack(f"<{struct.unpack('<H', head[16:18])[0]}I", body):
            event = struct.pack("<BBHII5I", 33, 32, 0, window, protocols, delete, 0, 0, 0, 0)
            self._socket.sendall(struct.pack("<BBHII", 25, 0, 11, window, 0) + event)
        self._ask(struct.pack("<BxHI", 15, 2, self._root))  # a reply means that all before has been dealt with


def plain(colour_bgr: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full((SIZE_PX[1], SIZE_PX[0], 3), colour_bgr, np.uint8)


def write_until(window: Window, picture: NDArray[np.uint8], done: Callable[[], bool]) -> bool:
    """Keep a picture coming until something is so; False when it never is."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        window.write(picture)
        if done():
            return True
        PAUSE.wait(0.02)
    return False


def gone(display: Display, colour: tuple[int, int, int]) -> bool:
    """Wait until the colour is no more on the screen: the X server clears a closed window in its own time."""
    deadline = time.monotonic() + PATIENCE_S
    while display.shows(colour):
        if time.monotonic() > deadline:
            return False
        PAUSE.wait(0.02)
    return True


def opened_again(test: Callable[..., None]) -> Callable[..., None]:
    """Try anew: on Xvfb, with no window manager, Qt's window now and then stays unmapped."""

    @functools.wraps(test)
    def patient(*arguments: Any, **named: Any) -> None:
        for left in reversed(range(TRIES)):
            try:
                test(*arguments, **named)
            except AssertionError:
                if not left:
                    raise
            else:
                break

    return patient


@opened_again
def test_pictures_reach_the_screen(display: Display) -> None:
    notes: list[str] = []
    with Window(SIZE_PX, notes.append, display.environment) as window:
        assert window.active
        assert write_until(window, plain((40, 200, 60)), lambda: display.shows((40, 200, 60)))
        assert write_until(window, plain((10, 20, 230)), lambda: display.shows((10, 20, 230)))
    assert gone(display, (10, 20, 230))
    assert notes == []


@opened_again
def test_job_after_job_has_its_window_in_its_own_thread(display: Display) -> None:
    shown = []

    def job(colour: tuple[int, int, int]) -> None:
        with Window(SIZE_PX, print, display.environment) as window:
            shown.append(write_until(window, plain(colour), lambda: display.shows(colour)))

    for colour in ((200, 30, 30), (30, 30, 200)):
        thread = threading.Thread(target=job, args=(colour,), name="test/window")
        thread.start()
        thread.join(2 * PATIENCE_S)
    assert shown == [True, True]


@opened_again
def test_closing_the_window_ends_only_the_window(display: Display) -> None:
    notes: list[str] = []
    colour = (90, 90, 10)
    with Window(SIZE_PX, notes.append, display.environment) as window:
        assert write_until(window, plain(colour), lambda: display.shows(colour))
        with XClient(display.name) as client:
            client.close_all_windows()
        assert write_until(window, plain(colour), lambda: not window.active)
        window.write(plain(colour))
    assert notes == ["window closed: the job goes on"]


@pytest.mark.parametrize("environment", [pytest.param({}, id="unset"), pytest.param({"DISPLAY": ""}, id="empty")])
def test_no_display_is_said_once(environment: Mapping[str, str]) -> None:
    notes: list[str] = []
    with Window(SIZE_PX, notes.append, environment) as window:
        assert not window.active
        window.write(plain((1, 2, 3)))
    assert notes == ["no display: running without a window"]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("DISPLAY", ":54321", id="no-such-x-server"),
        pytest.param("WAYLAND_DISPLAY", "wayland-nowhere", id="no-such-wayland"),
    ],
)
def test_a_display_that_cannot_be_opened_is_said_once(variable: str, value: str) -> None:
    notes: list[str] = []
    environment = {name: text for name, text in os.environ.items() if "DISPLAY" not in name} | {variable: value}
    with Window(SIZE_PX, notes.append, environment) as window:
        assert write_until(window, plain((1, 2, 3)), lambda: not window.active)
        window.write(plain((1, 2, 3)))
    assert notes == [f"no window: display {value} cannot be opened; running without one"]


def test_a_viewer_that_cannot_be_started_is_said_once() -> None:
    notes: list[str] = []
    too_long = {"DISPLAY": ":0", "LONG": "x" * 2**18}
    with Window(SIZE_PX, notes.append, too_long) as window:
        assert not window.active
        window.write(plain((1, 2, 3)))
    assert len(notes) == 1
    assert notes[0].startswith("no window: the viewer could not be started")


def test_leaving_before_the_window_is_up(display: Display) -> None:
    notes: list[str] = []
    with Window(SIZE_PX, notes.append, display.environment) as window:
        window.write(plain((1, 2, 3)))
    assert not window.active
    assert notes == []


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        pytest.param({}, "", id="none"),
        pytest.param({"DISPLAY": ":0"}, ":0", id="x11"),
        pytest.param({"WAYLAND_DISPLAY": "wayland-0"}, "wayland-0", id="wayland"),
        pytest.param({"DISPLAY": ":1", "WAYLAND_DISPLAY": "wayland-0"}, ":1", id="both"),
    ],
)
def test_display_name(environment: Mapping[str, str], name: str) -> None:
    assert display_name(environment) == name
    assert has_display(environment) == bool(name)
