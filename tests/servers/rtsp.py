"""An RTSP server for the tests, from Debian's packages: started, told to misbehave, killed and started again."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import numpy as np
import pytest
from numpy.typing import NDArray

SCRIPT: Final = Path(__file__).with_name("rtsp_server.py")
SYSTEM_PYTHON: Final = "/usr/bin/python3"
PACKAGES: Final = "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good"
NEEDED: Final = """
import gi
gi.require_version("Gst", "1.0"); gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(map(Gst.ElementFactory.find, ("appsrc", "rtph264pay", "udpsink")))
"""
FPS: Final = 10
END_S: Final = 10


def require_server() -> None:
    """Skip where there is no server, and say why."""
    try:
        found = subprocess.run([SYSTEM_PYTHON, "-c", NEEDED], check=False, capture_output=True, timeout=60).returncode
    except OSError:
        found = -1
    if found:
        pytest.skip(f"no RTSP server: apt-get install {PACKAGES}")


class RtspServer:
    """A server on a port of its own, running inside `with`.

    Args:
        clips: The clips of each stream, see `write_clip`.
        login: `user:password` that clients must say; empty: none.
    """

    def __init__(self, clips: Mapping[str, Iterable[Path]], login: str = "") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        streams = [f"{name}={','.join(map(str, paths))}" for name, paths in clips.items()]
        self._command = [SYSTEM_PYTHON, str(SCRIPT), str(self.port), *([login] if login else []), *streams]
        self._process: subprocess.Popen[str] | None = None

    def url(self, name: str, login: str = "") -> str:
        """Where a stream is."""
        return f"rtsp://{login + '@' if login else ''}127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start it; clients may come when this returns."""
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def tell(self, command: str) -> None:
        """Give it a command, see `rtsp_server.py`."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it on the spot."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=END_S)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def write_clip(path: Path, pictures: Iterable[NDArray[np.uint8]], size_px: tuple[int, int]) -> Path:
    """Write pictures of that size as the server wants them, a key picture every half second."""
    with av.open(str(path), "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=FPS)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = size_px
        stream.pix_fmt = "yuv420p"
        stream.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "threads": "1",
            "x264-params": "keyint=5:aud=1:repeat-headers=1",
        }
        for number, image in enumerate(pictures):
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path
