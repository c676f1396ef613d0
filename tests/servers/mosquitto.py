"""An MQTT broker for the tests, from Debian's packages: on a free port, gone afterwards."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

START_S = 10.0
PROGRAMS = ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto")


class Mosquitto:
    """A broker that wants a user's password.

    Args:
        folder: For its files.
    """

    user, password = "tracker", "correct horse battery staple"

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self._program = shutil.which("mosquitto") or next((path for path in PROGRAMS if Path(path).exists()), None)
        if self._program is None:
            pytest.skip("no mosquitto: apt-get install mosquitto")
        passwords = folder / "passwords"
        command = ["mosquitto_passwd", "-b", "-c", str(passwords), self.user, self.password]
        subprocess.run(command, check=True, capture_output=True, timeout=START_S)
        passwords.chmod(0o644)
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nuser root\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again, and wait until it answers."""
        assert self._program is not None
        command = [self._program, "-c", str(self._config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "mosquitto ended"
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
        raise AssertionError("mosquitto does not answer")

    def kill(self) -> None:
        """End it without a word; nothing when it is not running."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None


@contextmanager
def running_mosquitto(folder: Path) -> Iterator[Mosquitto]:
    """A broker that runs; skips where there is none, and says why."""
    broker = Mosquitto(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
