"""The service as its users meet it: a real uvicorn in a process of its own, driven by real curl."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import main
from scenes import RenderedScene
from store.store import Store
from store.values import Sighting

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 90.0
ENVIRONMENT = {"MCT_PORT": "0", "MCT_DETECTION__MODEL": "motion", "MCT_REID__MODEL": "colour", "MCT_LIVE__LOOP": "true"}

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def curl(*arguments: str) -> Any:
    """The JSON that the real curl gets."""
    command = ["curl", "--silent", "--show-error", "--max-time", "20", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=30).stdout)


def address_of(server: subprocess.Popen[str]) -> str:
    """Where the server says that it listens."""
    assert server.stderr is not None
    for line in server.stderr:
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            return found.group(0)
    raise AssertionError("the server ended without saying where it listens")


@pytest.fixture
def server(tmp_path: Path, scene: RenderedScene) -> Iterator[subprocess.Popen[str]]:
    """`python app.py` on a free port, in an empty folder; the videos lie elsewhere."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        cwd=tmp_path,
        env=os.environ | ENVIRONMENT | {"MCT_SERVER__INPUTS": str(scene.videos[0].parents[1])},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        assert process.stderr is not None
        process.stderr.close()


def wait_for_end(address: str, job_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        status: dict[str, Any] = curl(f"{address}/status?job_id={job_id}")
        if status["status"] not in {"queued", "processing"}:
            return status
    raise AssertionError("the job did not end in time")


def start(address: str, request: dict[str, Any]) -> Any:
    return curl(
        "-X", "POST", f"{address}/start_tracking", "-H", "Content-Type: application/json", "-d", json.dumps(request)
    )


def test_start_poll_done_files_there(server: subprocess.Popen[str], scene: RenderedScene, tmp_path: Path) -> None:
    address = address_of(server)
    assert curl(f"{address}/status")["status"] == "not started"
    accepted = start(
        address,
        {
            "video1": str(scene.videos[0]),
            "video2": str(scene.videos[1]),
            "output": "output.avi",
            "conf": 0.3,
            "iou_thresh": 0.3,
            "cos_thresh": 0.8,
        },
    )
    end = wait_for_end(address, accepted["job_id"])
    assert end["status"] == "done", end["error"]
    assert end["progress"] == 1.0
    assert end["rounds_done"] == end["rounds_total"] == 40
    assert {camera["state"] for camera in end["cameras"]} == {"ended"}
    assert (tmp_path / "output.avi").stat().st_size > 0
    assert (tmp_path / end["results"] / "identities.json").exists()


def test_interrupted_with_a_job_running_it_ends_cleanly(
    server: subprocess.Popen[str], scene: RenderedScene, tmp_path: Path
) -> None:
    address = address_of(server)
    start(address, {"videos": [str(video) for video in scene.videos], "results": str(tmp_path / "kept")})
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=60)
    assert server.returncode in {0, 130}
    report = tmp_path / "kept" / "run.json"
    assert not report.exists() or json.loads(report.read_text(encoding="utf-8"))["outcome"] in {"stopped", "done"}


def test_people_and_events_of_a_job_are_there_while_it_runs_and_after(
    server: subprocess.Popen[str], long_videos: list[str], tmp_path: Path
) -> None:
    """Pictures and events are read by real clients that stay; neither they nor their end hold anything up."""
    address = address_of(server)
    job_id = start(address, {"videos": long_videos})["job_id"]
    pictures = subprocess.Popen(
        ["curl", "-sN", f"{address}/jobs/{job_id}/live.mjpeg?camera={Path(long_videos[0]).stem}"],
        stdout=subprocess.PIPE,
    )
    events = subprocess.Popen(["curl", "-sN", f"{address}/events/stream?after=0"], stdout=subprocess.PIPE, text=True)
    assert pictures.stdout is not None
    assert events.stdout is not None
    with pictures, events:
        assert b"image/jpeg" in pictures.stdout.read(20_000)
        kind = next(line for line in events.stdout if line.startswith("event: "))
        assert kind == "event: appeared\n"
        seen = json.loads(next(line for line in events.stdout if line.startswith("data: ")).removeprefix("data: "))
        assert seen["job_id"] == job_id
        (first, *_) = curl(f"{address}/identities?order=id&descending=false")["items"]
        assert first["id"] == seen["person_id"]
        curl("-X", "POST", f"{address}/jobs/{job_id}/stop")
        assert wait_for_end(address, job_id)["status"] in {"stopped", "done"}
        assert b"--picture--" in pictures.stdout.read()
        begun = time.monotonic()
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
        assert time.monotonic() - begun < 4.0, "an open stream held the server up"
        events.communicate(timeout=10)
        assert events.returncode == 0


BREATH = threading.Event()
"""Never set: whoever asks without a pause takes the processor from the job, which keeps to the time."""


def until(answer: Callable[[], Any]) -> Any:
    """What is answered once that is something."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if found := answer():
            return found
        BREATH.wait(0.25)
    raise AssertionError("it never came to that")


def split(address: str, person: dict[str, Any], seconds: float) -> Any:
    """Say that who is seen of a person in the last seconds is somebody else."""
    wish = {"kind": "split", "identity": person["id"], "at_unix_s": person["last_seen_unix_s"] - seconds}
    return curl(f"{address}/corrections", "-H", "Content-Type: application/json", "-d", json.dumps(wish))


def in_view(address: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = curl(f"{address}/identities?here_now=true&order=seconds")["items"]
    return found


def numbers(people: list[dict[str, Any]]) -> set[int]:
    return {each["id"] for each in people}


def heard(records: Path, number: int) -> bool:
    """Whether the job says that it has split somebody off."""
    events = [json.loads(line) for line in (records / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    return number in {each["id"] for each in events if each["kind"] == "split"}


def tracks(records: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (records / "tracks.jsonl").read_text(encoding="utf-8").splitlines()]


def in_store(sightings: Sequence[Sighting], row: dict[str, Any]) -> set[int | None]:
    """Who the store says a row of the records is."""
    track = (row["camera"], row["local_id"])
    mine = [each for each in sightings if (each.camera, each.local_id) == track]
    return {each.person_id for each in mine if each.frames[0] <= row["frame"] <= each.frames[1]}


def test_a_split_by_hand_acts_in_the_running_job_and_is_undone(
    server: subprocess.Popen[str], long_videos: list[str], tmp_path: Path
) -> None:
    """On screen, in the store and in the records; those of the end follow an undoing when they are exported."""
    address, records = address_of(server), tmp_path / "kept"
    job_id = start(address, {"videos": long_videos, "realtime": True, "results": str(records)})["job_id"]
    person = until(lambda: [each for each in in_view(address) if each["seconds"] > 3.0])[0]
    first = split(address, person, 1.0)
    until(lambda: first["other_id"] in numbers(in_view(address)) and heard(records, first["other_id"]))
    curl("-X", "DELETE", f"{address}/corrections/{first['id']}")
    assert first["other_id"] not in numbers(in_view(address))
    second = split(address, person, 1.5)
    until(lambda: second["other_id"] in numbers(in_view(address)) and heard(records, second["other_id"]))
    curl("-X", "POST", f"{address}/jobs/{job_id}/stop")
    assert wait_for_end(address, job_id)["status"] == "stopped"
    rows = tracks(records)
    store = Store.open(str(tmp_path / "results" / "store.db"))
    sightings = store.sightings(limit=1000).items
    store.close()
    people = {each.person_id for each in sightings}
    assert second["other_id"] in people
    assert first["other_id"] not in people
    undone = {first["other_id"]: person["id"]}
    named = [(row, undone.get(row["id"], row["id"])) for row in rows if row["id"]]
    assert [(row, who) for row, who in named if in_store(sightings, row) != {who}] == []
    curl("-X", "DELETE", f"{address}/corrections/{second['id']}")
    assert main.main(["export", str(records), "--store", str(tmp_path / "results" / "store.db")]) == 0
    assert not {first["other_id"], second["other_id"]} & {row["id"] for row in tracks(records)}
