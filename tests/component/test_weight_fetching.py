"""Fetching weights from an origin that behaves in every way an origin can; all on loopback."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import downloads
from errors import WeightsError
from weight_files import KnownWeights, obtain

CONTENT = b"\x80\x02" + bytes(range(256)) * 1200
SIZE = len(CONTENT)
HALF = SIZE // 2


class Origin(ThreadingHTTPServer):
    """Serves CONTENT by the path asked: the name of a behaviour."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges: list[str | None] = []

    def url(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{behaviour}"


class Handler(BaseHTTPRequestHandler):
    server: Origin

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        getattr(self, self.path.strip("/"))(int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0)

    def good(self, start: int) -> None:
        if start >= SIZE:
            self.send_error(416)
            return
        self.answer(CONTENT[start:], SIZE - start, 206 if start else 200)

    def drops_once(self, start: int) -> None:
        if len(self.server.ranges) == 1:
            self.answer(CONTENT[:HALF], SIZE, 200)
        else:
            self.good(start)

    def always_drops(self, start: int) -> None:
        self.answer(CONTENT[start : start + 1000], SIZE - start, 206 if start else 200)

    def no_resume(self, start: int) -> None:
        self.answer(CONTENT, SIZE, 200)

    def wrong(self, start: int) -> None:
        self.answer(CONTENT[::-1], SIZE, 200)

    def page(self, start: int) -> None:
        self.answer(b"<html>too many requests</html>", 30, 200)

    def absent(self, start: int) -> None:
        self.send_error(404)

    def busy_once(self, start: int) -> None:
        if len(self.server.ranges) == 1:
            self.send_error(503)
        else:
            self.good(start)

    def answer(self, body: bytes, promised: int, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(promised))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def origin() -> Iterator[Origin]:
    server = Origin()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="test/origin")
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def known(url: str, *, hashed: bool = True) -> KnownWeights:
    digest = hashlib.sha256(CONTENT).hexdigest() if hashed else None
    return KnownWeights("net.pt", "a network", url, "https://page.invalid", SIZE if hashed else None, digest)


def fetch_into(folder: Path, wanted: KnownWeights) -> tuple[Path, list[tuple[int, int | None]]]:
    told: list[tuple[int, int | None]] = []
    path = obtain("net.pt", False, lambda have, total: told.append((have, total)), places=[folder], known=[wanted])
    return path, told


@pytest.mark.parametrize(
    ("behaviour", "ranges"),
    [
        pytest.param("good", [None], id="good"),
        pytest.param("drops_once", [None, f"bytes={HALF}-"], id="resumed-after-a-drop"),
        pytest.param("busy_once", [None, None], id="asked-again-after-503"),
    ],
)
def test_fetched(tmp_path: Path, origin: Origin, behaviour: str, ranges: list[str | None]) -> None:
    path, told = fetch_into(tmp_path / "weights", known(origin.url(behaviour)))
    assert path.read_bytes() == CONTENT
    assert [item.name for item in path.parent.iterdir()] == ["net.pt"]
    assert told[-1] == (SIZE, SIZE)
    assert [have for have, _ in told] == sorted({have for have, _ in told}), "progress only grows"
    assert origin.ranges == ranges


@pytest.mark.parametrize(
    ("behaviour", "left", "ranges"),
    [
        pytest.param("good", CONTENT[:HALF], [f"bytes={HALF}-"], id="goes-on-where-an-earlier-run-stopped"),
        pytest.param("no_resume", CONTENT[:HALF], [f"bytes={HALF}-"], id="origin-that-cannot-resume-starts-over"),
        pytest.param("good", CONTENT * 2, [f"bytes={2 * SIZE}-", None], id="leftover-too-long-starts-over"),
    ],
)
def test_leftovers(tmp_path: Path, origin: Origin, behaviour: str, left: bytes, ranges: list[str | None]) -> None:
    (tmp_path / "net.pt.part").write_bytes(left)
    path, _ = fetch_into(tmp_path, known(origin.url(behaviour)))
    assert path.read_bytes() == CONTENT
    assert origin.ranges == ranges
    assert not (tmp_path / "net.pt.part").exists()


@pytest.mark.parametrize(
    ("behaviour", "hashed", "code", "tries"),
    [
        pytest.param("always_drops", True, "weights_fetch_failed", 3, id="keeps-breaking-off"),
        pytest.param("absent", True, "weights_fetch_failed", 1, id="404"),
        pytest.param("wrong", True, "weights_checksum", 1, id="wrong-bytes"),
        pytest.param("page", True, "weights_checksum", 1, id="page-instead-of-a-file"),
        pytest.param("page", False, "weights_corrupt", 1, id="page-where-no-hash-is-known"),
    ],
)
def test_refused(tmp_path: Path, origin: Origin, behaviour: str, hashed: bool, code: str, tries: int) -> None:
    with pytest.raises(WeightsError, match=re.escape(origin.url(behaviour))) as caught:
        fetch_into(tmp_path, known(origin.url(behaviour), hashed=hashed))
    assert caught.value.code == code
    assert len(origin.ranges) == tries
    assert not (tmp_path / "net.pt").exists(), "never a substitute"


def test_a_broken_off_fetch_keeps_what_came(tmp_path: Path, origin: Origin) -> None:
    with pytest.raises(WeightsError):
        fetch_into(tmp_path, known(origin.url("always_drops")))
    assert (tmp_path / "net.pt.part").read_bytes() == CONTENT[:3000]
    path, _ = fetch_into(tmp_path, known(origin.url("good")))
    assert path.read_bytes() == CONTENT


def test_no_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(WeightsError, match="check the network") as caught:
        fetch_into(tmp_path, known(f"http://127.0.0.1:{port}/net.pt"))
    assert caught.value.code == "weights_fetch_failed"
    assert "refused" in caught.value.message


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "weights").write_text("in the way")
    with pytest.raises(WeightsError, match=r"cannot write into .*MCT_WEIGHTS") as caught:
        fetch_into(tmp_path / "weights", known("http://127.0.0.1:9/net.pt"))
    assert caught.value.code == "weights_fetch_failed"


def test_a_file_that_cannot_be_written_is_not_the_networks_fault(tmp_path: Path, origin: Origin) -> None:
    (tmp_path / "net.pt.part").mkdir()
    with pytest.raises(WeightsError, match=r"cannot write into .*MCT_WEIGHTS"):
        fetch_into(tmp_path, known(origin.url("good")))
    assert len(origin.ranges) == 1, "trying again changes nothing"


def test_a_drive_origin_goes_through_the_injected_fetch(tmp_path: Path) -> None:
    asked = []

    def from_memory(url: str, part: Path, on_progress: downloads.Progress) -> None:
        asked.append(url)
        part.write_bytes(CONTENT)
        on_progress(SIZE, SIZE)

    wanted = known(f"{downloads.DRIVE}abc", hashed=False)
    path = obtain("net.pt", False, places=[tmp_path], known=[wanted], fetch_origin=from_memory)
    assert path.read_bytes() == CONTENT
    assert asked == ["gdrive:abc"]


def test_drive_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        nowhere = urllib.parse.urlunsplit(("http", f"127.0.0.1:{listening.getsockname()[1]}", "", "", ""))
    monkeypatch.setenv("https_proxy", nowhere)
    with pytest.raises(WeightsError, match="Google Drive file abc") as caught:
        fetch_into(tmp_path, known(f"{downloads.DRIVE}abc", hashed=False))
    assert caught.value.code == "weights_fetch_failed"
