"""What threads did, in the format that trace viewers read."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from thread_trace import NO_TRACE, ThreadTrace


def events(trace: ThreadTrace, folder: Path) -> list[dict[str, Any]]:
    trace.write(folder / "trace.json")
    out: list[dict[str, Any]] = json.loads((folder / "trace.json").read_text(encoding="utf-8"))["traceEvents"]
    return out


def test_spans_of_two_threads(tmp_path: Path) -> None:
    trace = ThreadTrace()
    trace.add("detect", 10.0, 0.5)
    other = threading.Thread(target=lambda: trace.add("decode", 10.25, 0.1), name="reader-cam1")
    other.start()
    other.join()
    named = {event["args"]["name"]: event["tid"] for event in events(trace, tmp_path) if event["ph"] == "M"}
    assert set(named) == {"MainThread", "reader-cam1"}
    spans = [(e["name"], e["tid"], e["ts"], e["dur"]) for e in events(trace, tmp_path) if e["ph"] == "X"]
    assert spans == [("detect", named["MainThread"], 0.0, 5e5), ("decode", named["reader-cam1"], 2.5e5, 1e5)]


def test_a_block_that_raises_is_noted(tmp_path: Path) -> None:
    trace = ThreadTrace()
    with pytest.raises(ValueError, match="broken"), trace.span("write"):
        raise ValueError("broken")
    assert [event["name"] for event in events(trace, tmp_path) if event["ph"] == "X"] == ["write"]


def test_each_hands_on_every_item(tmp_path: Path) -> None:
    trace = ThreadTrace()
    assert list(trace.each("decode", range(3))) == [0, 1, 2]
    assert len([event for event in events(trace, tmp_path) if event["ph"] == "X"]) == 3


def test_nobody_is_watched_unless_asked(tmp_path: Path) -> None:
    with NO_TRACE.span("anything"):
        assert list(NO_TRACE.each("anything", "ab")) == ["a", "b"]
    assert events(NO_TRACE, tmp_path) == []
