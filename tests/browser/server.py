"""The service in a process of its own, weights-free, on a free port."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "MCT_PORT": "0",
    "MCT_DETECTION__MODEL": "motion",
    "MCT_REID__MODEL": "colour",
    "MCT_STORE__URL": "store.db",
    "MCT_SERVER__INPUTS": "in",
}
"""Relative to the folder that it runs in."""
END_S = 30


@contextmanager
def serving(folder: Path, **environment: str) -> Iterator[str]:
    """Serve from a folder; gives the address."""
    (folder / "in").mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        cwd=folder,
        env=os.environ | ENVIRONMENT | environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield _address(process)
    finally:
        process.terminate()
        process.communicate(timeout=END_S)


def _address(process: subprocess.Popen[str]) -> str:
    """Where the server says that it listens."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found.group(0)
    raise AssertionError(f"the server ended without saying where it listens: {''.join(said)}")
