"""The service, its cameras and those who read from it, for `benchmarks/soak.py`, each stopped by its own handle."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import av
import numpy as np
import psutil
from prometheus_client.parser import text_string_to_metric_families

from tests.servers.rtsp import FPS, RtspServer, write_clip

ROOT: Final = Path(__file__).resolve().parent.parent
SETTLE_S: Final = 15.0
"""Threads that answered requests leave when nobody needed them for ten seconds."""
PATIENCE_S: Final = 120.0
"""Busy machines are slow: what takes longer is stuck."""
START_S: Final = 0.5
"""About as long an RTSP server takes until it sends."""
DELIMITER: Final = b"\x00\x00\x00\x01\x09"
"""Begins each picture of a clip; one in `KEY_EVERY` needs none before it."""
KEY_EVERY: Final = 5


class CameraServer:
    """A camera with an RTSP server of its own. What it sees goes on while that is dead, as it does for real ones.

    Args:
        video: What it sees, again and again.
        size_px: Of its pictures.
        begun_s: When that began, by the monotonic clock; cameras of one place have it in common.
    """

    def __init__(self, video: Path, size_px: tuple[int, int], begun_s: float) -> None:
        with av.open(str(video)) as container:
            pictures = (np.asarray(each.to_ndarray(format="bgr24"), np.uint8) for each in container.decode(video=0))
            self._clip = write_clip(video.with_suffix(".h264"), pictures, size_px)
        self._pictures = re.findall(DELIMITER + rb".*?(?=" + DELIMITER + rb"|\Z)", self._clip.read_bytes(), re.DOTALL)
        self._begun_s = begun_s
        self._start_s = START_S
        self._server = RtspServer({video.stem: [self._clip]})
        self.url = self._server.url(video.stem)

    def start(self) -> None:
        """Serve what is to be seen from now on; clients may come when this returns."""
        asked_s = time.monotonic()
        now = round((asked_s + self._start_s - self._begun_s) * FPS / KEY_EVERY) * KEY_EVERY % len(self._pictures)
        self._clip.write_bytes(b"".join(self._pictures[now:] + self._pictures[:now]))
        self._server.start()
        self._start_s = time.monotonic() - asked_s

    def kill(self) -> None:
        """End the server on the spot."""
        self._server.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


class Service:
    """`app.py` in a process of its own.

    Args:
        folder: Where it runs; its results and its log go there.
        settings: Of the environment.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._log = folder / "log.txt"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MCT_")}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py")],
                cwd=folder,
                env={**clean, **settings},
                stderr=log,
            )
        self._watched = psutil.Process(self._process.pid)
        self.port = 0

    def wait_for_it(self) -> None:
        """Return when it listens; `port` is known then.

        Raises:
            SystemExit: It does not come to that.
        """
        until(lambda: "API on " in self.log() or self._process.poll() is not None, "the service does not start")
        if self._process.poll() is not None:
            raise SystemExit(f"the service ended:\n{self.log()}")
        self.port = int(re.findall(r"API on http://127\.0\.0\.1:(\d+)", self.log())[0])

    def log(self) -> str:
        """What it said so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer; a POST when there is something to say."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:
            return json.load(reply)

    def figures(self) -> dict[str, float]:
        """What it tells Prometheus of itself as a whole, and what the system says of its process."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=PATIENCE_S) as reply:
            families = text_string_to_metric_families(reply.read().decode())
            told = {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}
        return told | {"threads": self._watched.num_threads(), "rss": self._watched.memory_info().rss}

    def idle(self) -> dict[str, float]:
        """Its figures with no job, once the threads that answered requests have had time to leave."""
        end_s = time.monotonic() + SETTLE_S
        while time.monotonic() < end_s:
            figures = self.figures()
            time.sleep(1.0)
        return figures

    def stop(self) -> int:
        """End it as systems do; its exit code."""
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class Reader(threading.Thread):
    """Somebody who reads a stream until it ends or he is cut off.

    Args:
        port: Of the service.
        path: Of the stream.
        mark: How lines begin that are kept.
    """

    def __init__(self, port: int, path: str, mark: bytes) -> None:
        super().__init__(daemon=True)
        self.marks: list[bytes] = []
        self._mark = mark
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self._socket.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode())
        self.start()

    def run(self) -> None:
        with suppress(OSError), self._socket, self._socket.makefile("rb") as lines:
            self.marks.extend(line.strip() for line in lines if line.startswith(self._mark))

    def cut(self) -> None:
        """Go without a word."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self.join(PATIENCE_S)


def until(condition: Callable[[], bool], complaint: str) -> None:
    """Wait for something.

    Raises:
        SystemExit: With the complaint, when it takes too long.
    """
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end_s:
            raise SystemExit(complaint)
        time.sleep(0.1)
