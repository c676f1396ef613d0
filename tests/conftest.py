"""What every test gets: no thread may outlive its test."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

GRACE_S = 2.0


@pytest.fixture(autouse=True)
def no_thread_outlives_its_test() -> Iterator[None]:
    """Fail a test that leaves a thread of ours running (libraries' own pools carry no slash in their names)."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + GRACE_S
    for thread in set(threading.enumerate()) - before:
        if "/" in thread.name:
            thread.join(max(0.0, deadline - time.monotonic()))
            assert not thread.is_alive(), f"thread {thread.name} outlived the test"
