"""The whole program on a real RTSP server: ids outlive a camera that is gone, Ctrl-C ends well, no password leaks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
import pytest

from buffers import LatestValue
from config import build_config
from entities import NOBODY, CameraId, IdentityEvent, Segment, TrackedRound
from pipeline import Pipeline
from scenes import SceneSpec
from scenes.render import render_scene
from tests.e2e.conftest import FLAGS, WEIGHTS_FREE
from tests.servers.rtsp import FPS, RtspServer, require_server, write_clip

pytestmark = pytest.mark.servers

ROOT = Path(__file__).resolve().parents[2]
SIZE_PX = (320, 180)
LONGEST_S = 60.0
GONE_S = 5.0
CAM1, CAM2 = CameraId("cam1"), CameraId("cam2")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """Two people before two cameras; from second 5 to 14 one of them is in both."""
    require_server()
    folder = tmp_path_factory.mktemp("streams")
    spec = SceneSpec(cameras=2, people=2, duration_s=30.0, fps=FPS, size_px=SIZE_PX)
    clips = {}
    for video in render_scene(spec, folder).videos:
        with av.open(str(video)) as container:
            decoded = container.decode(video=0)
            pictures = (np.asarray(picture.to_ndarray(format="bgr24"), np.uint8) for picture in decoded)
            clips[video.stem] = [write_clip(folder / f"{video.stem}.h264", pictures, SIZE_PX)]
    return clips


class Witness:
    """A sink that remembers who was seen where and when."""

    name = "witness"
    required = True

    def __init__(self) -> None:
        self.rounds: list[TrackedRound] = []
        self._last: LatestValue[TrackedRound | None] = LatestValue(None)

    def __enter__(self) -> Self:
        return self

    def write(self, tracked: TrackedRound) -> None:
        self.rounds.append(tracked)
        self._last.set(tracked)

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def until(self, condition: Callable[[TrackedRound], bool]) -> float:
        """Wait for a round like that; its time."""
        deadline_s, version = time.monotonic() + LONGEST_S, 0
        while time.monotonic() < deadline_s:
            last, version = self._last.wait_newer(version, LONGEST_S)
            if last is not None and condition(last):
                return last.round.timestamp_s
        raise AssertionError("it never came to that")

    def frames(self, camera: CameraId, start_s: float, end_s: float) -> list[set[int]]:
        """The ids in every frame of a camera between two times."""
        rounds = [tracked for tracked in self.rounds if start_s <= tracked.round.timestamp_s < end_s]
        results = [frame for tracked in rounds for frame in tracked.result.frames if frame.camera_id == camera]
        return [{int(name) for name in frame.global_ids} - {NOBODY} for frame in results]


def test_ids_outlive_a_camera_that_is_gone_and_nobody_waits_for_it(clips: dict[str, list[Path]]) -> None:
    witness = Witness()
    with RtspServer(clips) as server:
        cameras = [{"id": name, "source": server.url(name)} for name in (CAM1, CAM2)]
        live = {"retry_s": 0.2, "retry_max_s": 0.5, "read_timeout_s": 2.0, "stall_s": 0.5}
        config = build_config({**WEIGHTS_FREE, "cameras": cameras, "live": live, "output": {"window": False}})
        pipeline = Pipeline(config, more_sinks=lambda _: [witness])
        job = threading.Thread(target=pipeline.run, name="test/job")
        job.start()
        try:
            begun_s = witness.until(lambda tracked: len(tracked.round.frames) == 2)
            gone_s = witness.until(lambda tracked: tracked.round.timestamp_s > begun_s + 7.0)
            server.tell(f"freeze {CAM1}")
            witness.until(lambda tracked: tracked.round.states[CAM1] == "stalled")
            witness.until(lambda tracked: tracked.round.timestamp_s > gone_s + GONE_S)
            server.tell(f"thaw {CAM1}")
            back_s = witness.until(lambda tracked: len(tracked.round.frames) == 2)
            witness.until(lambda tracked: tracked.round.timestamp_s > back_s + 3.0)
        finally:
            pipeline.stop()
            job.join(LONGEST_S)
    assert not job.is_alive()
    assert back_s - gone_s >= GONE_S
    before = set[int]().union(*witness.frames(CAM1, gone_s - 2.0, gone_s))
    after = set[int]().union(*witness.frames(CAM1, back_s, back_s + 3.0))
    assert before & after, "whoever stayed has the same id"
    known = set[int]().union(*(ids for camera in (CAM1, CAM2) for ids in witness.frames(camera, 0.0, gone_s)))
    assert after <= known, "nobody got a new one"
    assert len(witness.frames(CAM1, gone_s + 1.0, gone_s + GONE_S)) <= 1
    rates = [len(witness.frames(CAM2, start_s, start_s + 4.0)) for start_s in (gone_s - 4.0, gone_s + 1.0)]
    assert rates[1] >= 0.6 * rates[0], "the other camera is not slowed"
    states = {state for tracked in witness.rounds for state in [tracked.round.states[CAM1]]}
    assert {"live", "stalled", "reconnecting"} <= states


def test_a_live_job_ends_well_on_ctrl_c_and_tells_no_password(clips: dict[str, list[Path]], tmp_path: Path) -> None:
    password = "s3cret"
    with RtspServer(clips, f"joe:{password}") as server:
        words = [
            *("track", server.url("cam1", f"joe:{password}"), server.url("cam2", f"joe:{password}")),
            *("--output", "out.mp4", "--results", "results", "--record", "out.rec"),
        ]
        program = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), *words, *FLAGS],
            cwd=tmp_path,
            env=os.environ | {"MCT_DEBUG": "1", "MCT_LIVE__READ_TIMEOUT_S": "1", "MCT_LIVE__RETRY_S": "0.1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert program.stderr is not None
        told = []
        for line in program.stderr:
            told.append(line)
            if ": live" in line:
                server.kill()
            if "refuses connections" in line:
                break
        program.send_signal(signal.SIGINT)
        out, rest = program.communicate(timeout=LONGEST_S)
    assert program.returncode == 130, "".join([*told, rest])
    report: dict[str, Any] = json.loads((tmp_path / "results" / "run.json").read_text(encoding="utf-8"))
    assert report["outcome"] == "stopped"
    assert {camera["uri"] for camera in report["cameras"]} == {server.url(name, "***") for name in clips}
    with av.open(str(tmp_path / "out.mp4")) as video:
        assert sum(1 for _ in video.decode(video=0)) > 1
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(written) > 5
    assert [path for path, data in written.items() if password.encode() in data] == []
    assert password not in out + "".join(told) + rest
