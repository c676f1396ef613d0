"""The command line as a process: what it imports, what signals do, what a script sees."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WAIT_S = 60

DEAF_JOB = """
import sys, threading
import main
from telemetry import Progress

class Deaf:
    progress, notes, stopped = Progress(), (), False
    def __init__(self, config, name): self.started = 0
    def run(self):
        print("running", flush=True)
        threading.Event().wait({wait_s})
    def stop(self): print("asked", flush=True)

sys.exit(main.main(["track", "a.mp4", "b.mp4", "-o", "o.mp4", "--quiet"], Deaf))
"""

HEAVY = ("cv2", "torch", "openvino", "av", "fastapi", "uvicorn", "pydantic", "numpy", "scipy", "ultralytics")


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )


def test_importing_main_loads_nothing_heavy() -> None:
    done = run("-c", f"import main, sys; print([name for name in {HEAVY!r} if name in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


@pytest.mark.parametrize("words", [pytest.param((), id="nothing"), pytest.param(("--help",), id="asked")])
def test_help_lists_the_commands(words: tuple[str, ...]) -> None:
    done = run("main.py", *words)
    assert done.returncode == 0
    for command in ("track", "serve", "weights", "demo"):
        assert f"\n  {command} " in done.stdout


def test_a_usage_error_is_one_line_on_stderr_and_exit_code_2() -> None:
    done = run("main.py", "track", "a.mp4", "b.mp4", "--conf", "1.5")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "error: Invalid value for '--conf': 1.5 is not from 0 to 1 [usage]\n"


@pytest.mark.parametrize(
    ("kind", "code"),
    [pytest.param(signal.SIGINT, 130, id="ctrl-c"), pytest.param(signal.SIGTERM, 143, id="terminate")],
)
def test_the_first_signal_asks_and_the_second_ends_at_once(kind: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DEAF_JOB.format(wait_s=WAIT_S)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "running\n"
        process.send_signal(kind)
        assert process.stdout.readline() == "asked\n"
        process.send_signal(kind)
        assert process.wait(WAIT_S) == code


def test_a_port_that_is_no_number_is_refused_by_app() -> None:
    done = run("app.py", MCT_PORT="http")
    assert done.returncode == 2
    assert done.stderr.endswith("error: MCT_PORT=http: want a number from 0 to 65535 [config_invalid]\n")


@pytest.mark.parametrize("words", [pytest.param(("app.py",), id="app"), pytest.param(("main.py", "serve"), id="main")])
def test_a_taken_port_is_one_clear_line(words: tuple[str, ...]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run(*words, MCT_PORT=port)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"error: cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "[address_unavailable]" in done.stderr


@pytest.mark.parametrize("words", [pytest.param(("app.py",), id="app"), pytest.param(("main.py", "serve"), id="main")])
@pytest.mark.parametrize(
    ("kind", "code"),
    [pytest.param(signal.SIGINT, 0, id="ctrl-c"), pytest.param(signal.SIGTERM, -signal.SIGTERM, id="terminate")],
)
def test_the_server_says_where_it_is_and_ends_cleanly(words: tuple[str, ...], kind: signal.Signals, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | {"MCT_PORT": "0"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        seen = next(line for line in process.stderr if "API on http://127.0.0.1:" in line)
        assert "http://127.0.0.1:0" not in seen
        next(line for line in process.stderr if "startup complete" in line)
        process.send_signal(kind)
        rest = process.stderr.read()
        assert process.wait(WAIT_S) == code
    assert "Traceback" not in rest
