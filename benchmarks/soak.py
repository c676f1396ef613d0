"""Does the service hold out? A real one with two cameras that loop, viewers, and a hand that kills them at random.

    python -m benchmarks.soak --minutes 30          the same as `make soak`
    nice python -m benchmarks.soak --minutes 2      for a quick look

`app.py` runs as its users run it, on loopback, without weights and with a store. An RTSP server serves each camera (see
`CONTRIBUTING.md`); where there is none, files are read at their own rate and nobody kills them. At the end come tables,
and what is not as it should be, with exit code 1: memory that grew, threads and files left open, records lost, people
taken for somebody new because a camera was away.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import pytest

from benchmarks.soak_checks import (
    ASKED_S,
    Absence,
    Check,
    Figures,
    camera_checks,
    course_checks,
    event_checks,
    fifth,
    identity_checks,
    log_checks,
    record_checks,
)
from benchmarks.soak_service import PATIENCE_S, CameraServer, Reader, Service, until
from scenes import SceneSpec
from scenes.render import render_scene
from tests.servers.rtsp import FPS, require_server

SIZE_PX: Final = (320, 180)
SCENE: Final = SceneSpec(cameras=2, people=4, duration_s=30.0, fps=FPS, size_px=SIZE_PX)
CAMERAS: Final = [f"cam{number + 1}" for number in range(SCENE.cameras)]
RECORDING: Final = "soak.rec"
SETTINGS: Final = {
    "MCT_PORT": "0",
    "MCT_DETECTION__MODEL": "motion",
    "MCT_REID__MODEL": "colour",
    "MCT_LIVE__REALTIME": "true",
    "MCT_LIVE__LOOP": "true",
    "MCT_LIVE__RETRY_S": "0.2",
    "MCT_LIVE__RETRY_MAX_S": "1",
    "MCT_LIVE__STALL_S": "0.5",
    "MCT_LIVE__READ_TIMEOUT_S": "2",
    "MCT_OUTPUT__RECORD": RECORDING,
    "MCT_OUTPUT__WIDTH_PX": "480",
    "MCT_OUTPUT__OVERWRITE": "true",
}
WARM_UP_ROUNDS: Final = 100
VIEWERS: Final = 5
LEAST_MINUTES: Final = 1.0
SAMPLE_S, AWAY_S, SOURCE_EVERY_S, VIEWER_EVERY_S = 3.0, (2.0, 8.0), 15.0, 8.0


@dataclass
class Run:
    """A job under way, and what is noted of it.

    Attributes:
        service: Does it.
        job_id: Its name.
        servers: Of its cameras; none where files stand for them.
        rng: Chooses whom to kill and when.
        viewers: Who watches.
        samples: Figures of the service and of the job, some seconds apart.
        absences: Of cameras that were killed.
        cut: Viewers that were killed.
    """

    service: Service
    job_id: str
    servers: Sequence[CameraServer]
    rng: random.Random
    viewers: list[Reader] = field(default_factory=list)
    samples: list[Figures] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    cut: int = 0
    _pictures: int = 0
    _return_s: float = 0.0

    @classmethod
    def start(cls, service: Service, servers: Sequence[CameraServer] = (), seed: int = 0) -> Self:
        """Start a job with all cameras."""
        accepted = service.ask("/start_tracking", {"cameras": CAMERAS})
        return cls(service, accepted["job_id"], servers, random.Random(seed))

    def status(self) -> dict[str, Any]:
        """How the job is doing."""
        status: dict[str, Any] = self.service.ask(f"/jobs/{self.job_id}")
        return status

    def watch(self, number: int) -> Reader:
        """Have another viewer, of all cameras or of one of them."""
        channel = ("", *(f"?camera={camera}" for camera in CAMERAS))[number % (1 + len(CAMERAS))]
        return Reader(self.service.port, f"/jobs/{self.job_id}/live.mjpeg{channel}", b"--picture")

    def events(self) -> list[dict[str, Any]]:
        """What the store has of it."""
        stored: list[dict[str, Any]] = []
        last = 0
        while page := self.service.ask(f"/jobs/{self.job_id}/events?after={last}&limit=1000")["events"]:
            stored += page
            last = page[-1]["id"]
        return stored

    def warm_up(self) -> None:
        """Have everything loaded and used once that stays for later jobs."""
        viewers = [self.watch(number) for number in range(VIEWERS)]
        until(lambda: self.status()["rounds_done"] >= WARM_UP_ROUNDS, "the first job does not get going")
        self.end()
        for viewer in viewers:
            viewer.cut()

    def go_on(self, seconds: float) -> None:
        """Watch, sample and kill for so long, and until every camera is back."""
        self.viewers = [self.watch(number) for number in range(VIEWERS)]
        begun_s = time.monotonic()
        next_sample_s = 0.0
        while (now_s := time.monotonic() - begun_s) < seconds or self._is_waiting(now_s - seconds):
            if now_s >= next_sample_s:
                next_sample_s = now_s + SAMPLE_S
                self._sample(now_s / seconds)
            known_s, near_s = SCENE.duration_s, seconds - ASKED_S - AWAY_S[1]
            self._disturb_sources(now_s, quiet=not known_s < now_s < near_s)
            if self.rng.random() < 1.0 / VIEWER_EVERY_S:
                self._replace_viewer(self.rng.randrange(len(self.viewers)))
            time.sleep(1.0)

    def _sample(self, share: float) -> None:
        status = self.status()
        if status["status"] != "processing":
            raise SystemExit(f"the job ended by itself: {status['status']}, {status['error']}\n{self.service.log()}")
        states = {camera["camera"]: camera["state"] for camera in status["cameras"]}
        for absence in self.absences:
            if not self._return_s and absence.back_s == float("inf") and states[absence.camera] == "live":
                absence.back_s = status["media_time_s"]
        pictures = self._pictures + sum(len(viewer.marks) for viewer in self.viewers)
        told = {"share": share, "clock_s": time.monotonic(), "rounds": status["rounds_done"], "pictures": pictures}
        self.samples.append(self.service.figures() | told)

    def _disturb_sources(self, now_s: float, *, quiet: bool) -> None:
        if self._return_s:
            if now_s >= self._return_s:
                self._server(self.absences[-1].camera).start()
                self._return_s = 0.0
        elif self.servers and not quiet and self._all_there() and self.rng.random() < 1.0 / SOURCE_EVERY_S:
            camera = self.rng.choice(CAMERAS)
            self.absences.append(Absence(camera, self.status()["media_time_s"]))
            self._server(camera).kill()
            self._return_s = now_s + self.rng.uniform(*AWAY_S)

    def _is_waiting(self, longer_s: float) -> bool:
        """Whether a busy machine is to be given more time until all cameras are back."""
        return longer_s < PATIENCE_S and not self._all_there()

    def _all_there(self) -> bool:
        return all(absence.back_s < float("inf") for absence in self.absences)

    def _server(self, camera: str) -> CameraServer:
        return self.servers[CAMERAS.index(camera)]

    def _replace_viewer(self, number: int) -> None:
        self.viewers[number].cut()
        self._pictures += len(self.viewers[number].marks)
        self.viewers[number] = self.watch(number)
        self.cut += 1

    def end(self) -> dict[str, Any]:
        """Stop the job; how it ended."""
        self.service.ask(f"/jobs/{self.job_id}/stop", {})
        until(lambda: self.status()["status"] not in {"processing", "queued"}, "the job does not stop")
        status = self.status()
        for viewer in self.viewers:
            viewer.join(PATIENCE_S)
        return status


def print_course(samples: Sequence[Figures]) -> None:
    """How it went, fifth by fifth."""
    print("\n| fifth | memory, MB | threads | open files | rounds/s | pictures/s to viewers |\n" + "|---" * 6 + "|")
    for number in range(5):
        part = fifth(samples, number)
        length_s = part[-1]["clock_s"] - part[0]["clock_s"]
        rates = [(part[-1][what] - part[0][what]) / length_s for what in ("rounds", "pictures")]
        memory = statistics.median(each["rss"] for each in part) / 1e6
        most = [max(each[what] for each in part) for what in ("threads", "process_open_fds")]
        print(f"| {number + 1} | {memory:.1f} | {most[0]:.0f} | {most[1]:.0f} | {rates[0]:.1f} | {rates[1]:.1f} |")


def print_checks(checks: Sequence[Check]) -> int:
    """What was found; the exit code."""
    print("\n| what | found | wanted | |\n" + "|---" * 4 + "|")
    for check in checks:
        print(f"| {check.what} | {check.found} | {check.wanted} | {'good' if check.holds else 'FAILED'} |")
    failed = [f"{check.what}: {check.found}, wanted {check.wanted}" for check in checks if not check.holds]
    print("\nFAILED:\n" + "\n".join(failed) if failed else "\nall good")
    return 1 if failed else 0


def prepare(folder: Path, stack: ExitStack) -> list[CameraServer]:
    """Render the place and say in `cameras.toml` where to see it; the servers of its cameras, none where files do."""
    videos = render_scene(SCENE, folder).videos
    try:
        require_server()
    except pytest.skip.Exception as reason:
        print(f"{reason}; reading files at their own rate, and no source is killed")
        servers, sources = [], [str(video) for video in videos]
    else:
        begun_s = time.monotonic()
        servers = [stack.enter_context(CameraServer(video, SIZE_PX, begun_s)) for video in videos]
        sources = [server.url for server in servers]
    entries = [
        f'[[camera]]\nid = "{camera}"\nsource = "{source}"\n' for camera, source in zip(CAMERAS, sources, strict=True)
    ]
    (folder / "cameras.toml").write_text("\n".join(entries), encoding="utf-8")
    return servers


def main() -> int:
    """Run, print, judge; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="an empty folder to work in, and to look at afterwards")
    args = parser.parse_args()
    if args.minutes < LEAST_MINUTES:
        parser.error(f"--minutes: want at least {LEAST_MINUTES}, got {args.minutes}")
    with ExitStack() as stack:
        folder = args.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        servers = prepare(folder / "place", stack)
        service = Service(folder, SETTINGS | {"MCT_SERVER__CAMERAS": str(folder / "place" / "cameras.toml")})
        stack.callback(service.stop)
        service.wait_for_it()
        try:
            return soak(service, folder, servers, args)
        except OSError as error:
            print(f"FAILED:\nthe service does not answer: {error}\nits log:\n{service.log()}")
            return 1


def soak(service: Service, folder: Path, servers: Sequence[CameraServer], args: argparse.Namespace) -> int:
    """Run a job for so long and look at what it leaves; the exit code."""
    Run.start(service).warm_up()
    listener = Reader(service.port, "/events/stream", b"id:")
    before = service.idle()
    run = Run.start(service, servers, args.seed)
    run.go_on(60.0 * args.minutes)
    status = run.end()
    stored, after = run.events(), service.idle()
    listener.cut()
    heard = {int(mark.removeprefix(b"id:")) for mark in listener.marks}
    code = service.stop()
    results = folder / status["results"]
    print_course(run.samples)
    print(f"\n{run.cut} viewers and {len(run.absences)} sources killed")
    print("\n".join(["", "the job's notes:", *status["notes"]]))
    return print_checks(
        [
            *course_checks(run.samples, before, after),
            *camera_checks(run.absences, status),
            *record_checks(folder / RECORDING, results, status),
            *event_checks(results, stored, heard),
            *identity_checks(results, run.absences, SCENE.people, SCENE.duration_s),
            *log_checks(service.log(), code, status),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
