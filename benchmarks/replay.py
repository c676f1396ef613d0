"""Rounds per second of association and records alone, on one core: three cameras with ten people each, or a recording.

    python benchmarks/replay.py                     made up: 60 s at 30 rounds/s, OSNet's 512 numbers a person
    python benchmarks/replay.py monday.rec          written by `track --record`

The time is that of the whole job, from the opened recording to the last closed record. On a machine that does other
things beside, the share of the core that the program got says what the figure is worth.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import TrackingConfig  # noqa: E402 - found only once the root is on the path
from entities import (  # noqa: E402
    CameraId,
    Detections,
    FloatArray,
    FrameDetections,
    RoundDetections,
    Source,
)
from recording import END_MARK, describe, encode_header, encode_round  # noqa: E402

CAMERAS, PEOPLE, SEEN, DIMENSION = 3, 15, 10, 512
FPS, SECONDS, SIZE_PX = 30.0, 60.0, (1280, 720)
SHARED, NOISE = 0.7, 0.35
"""What everybody's look has in common, and what differs from frame to frame, beside a person's own look of length 1."""


def unit(rows: NDArray[Any]) -> FloatArray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def made_up_rounds(camera_ids: list[CameraId], mean_person: FloatArray) -> Iterator[RoundDetections]:
    """People walk to and fro through each picture, past each other; each camera misses some boxes."""
    rng = np.random.default_rng(7)
    looks = unit(rng.normal(size=(PEOPLE, DIMENSION)))
    here = [rng.permutation(PEOPLE)[:SEEN] for _ in camera_ids]
    pace, phase = rng.uniform(0.1, 0.4, (CAMERAS, SEEN)), rng.uniform(0, 6.3, (CAMERAS, SEEN))
    heights = rng.uniform(150, 400, (CAMERAS, SEEN))
    for index in range(int(SECONDS * FPS)):
        time_s = index / FPS
        frames = []
        for camera, camera_id in enumerate(camera_ids):
            x = SIZE_PX[0] * (0.5 + 0.4 * np.sin(pace[camera] * time_s + phase[camera]))
            foot = 300 + heights[camera] + rng.normal(size=SEEN)
            half = 0.2 * heights[camera]
            boxes = np.stack([x - half, foot - heights[camera], x + half, foot], axis=1).astype(np.float32)
            noise = unit(rng.normal(size=(SEEN, DIMENSION))) * NOISE
            seen = rng.random(SEEN) > 0.03
            scores = rng.uniform(0.6, 0.95, SEEN).astype(np.float32)
            found = Detections(boxes[seen], scores[seen], unit(mean_person + looks[here[camera]] + noise)[seen])
            frames.append(FrameDetections(camera_id, index, time_s, SIZE_PX, found))
        yield RoundDetections(index, time_s, tuple(frames))


def make_up(path: Path) -> None:
    """Write a recording of nobody real."""
    sources = [
        Source(CameraId(f"cam{number}"), f"cam{number}.mp4", SIZE_PX, FPS, None, SECONDS)
        for number in range(1, CAMERAS + 1)
    ]
    mean_person = unit(np.random.default_rng(6).normal(size=DIMENSION)) * np.float32(SHARED)
    header = describe(sources, TrackingConfig(), mean_person, {"detector": "made up", "embedder": "made up"}, "")
    numbers = {camera_id: number for number, camera_id in enumerate(header.camera_ids)}
    with path.open("wb") as file:
        file.write(encode_header(header))
        for round_ in made_up_rounds(header.camera_ids, mean_person):
            file.write(encode_round(round_, numbers))
        file.write(END_MARK)


def replay(recording: Path, folder: Path) -> tuple[dict[str, Any], dict[str, Any], float]:
    """What the program said of one replay on one core, its `run.json`, and its share of that core."""
    command = [sys.executable, str(ROOT / "main.py"), "replay", "--detections", str(recording)]
    command += ["--results", str(folder), "--overwrite", "--json"]
    before, start_s = os.times(), time.perf_counter()
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    after, seconds = os.times(), time.perf_counter() - start_s
    busy_s = after.children_user + after.children_system - before.children_user - before.children_system
    return json.loads(said), json.loads((folder / "run.json").read_text(encoding="utf-8")), busy_s / seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recording", nargs="?", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # the runs inherit it
    with tempfile.TemporaryDirectory() as scratch:
        recording = args.recording or Path(scratch) / "made-up.rec"
        if args.recording is None:
            make_up(recording)
        rates = []
        for run in range(args.runs):
            said, report, share = replay(recording, Path(scratch) / "results")
            rates.append(said["rounds_per_s"])
            print(
                f"run {run + 1}: {said['rounds']} rounds, {said['people']} people, {rates[-1]:.1f} rounds/s, ", end=""
            )
            print(f"with {share:.0%} of the core")
    print(f"median: {statistics.median(rates):.1f} rounds/s on one core")
    for stage, took in report["stages"].items():
        print(
            f"  {stage:10s} p50 {took['p50_ms']:6.2f} ms  p95 {took['p95_ms']:6.2f} ms  {took['total_s']:.2f} s in all"
        )


if __name__ == "__main__":
    main()
