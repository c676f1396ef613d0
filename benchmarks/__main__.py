"""How fast the whole program is here, and how near to what the machine allows: `make bench`.

    python -m benchmarks                            street-2cam and plaza-3cam where they are, else the built-in scene
    python -m benchmarks --clips CAM1 CAM2          on clips of one's own
    python -m benchmarks --runs 5 --json bench.json
    python -m benchmarks --runs 1 --device cuda     `make bench-gpu`

In each run a yardstick (`--yardstick`: a script that takes clips and `--rounds`, and prints its rounds/s), the program,
the program looking at every other round, and the detector alone (`detector.py`: two ways of calling it) take turns on
the same clips, since absolute figures drift with the machine and ratios do not. The turns are many and short, the first
seconds of the clips: within a minute the machine may become half as fast. The program writes the video and all records,
with default settings; its rate runs from the loaded models to the last closed file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
YARDSTICK = SHARED / "tools" / "reference_loop.py"
WEIGHTS = SHARED / "weights"
CLIPS = (("street-2cam", 2), ("plaza-3cam", 2))
"""Folders under `../shared/data`, and how many of their cameras."""
TURN_SECONDS = "12"
"""How much of the clips the program sees in a turn."""
YARDSTICK_ROUNDS = "60"
"""How many rounds the yardstick does in a turn (`--rounds`)."""
MANY = 8
"""Cameras of the larger job whose cost per camera is compared with two."""
MANY_SECONDS = "8"


@dataclass
class Sitting:
    """What was measured of some clips, one figure a run; rates in rounds per second."""

    name: str
    cameras: int = 0
    program: list[float] = field(default_factory=list)
    yardstick: list[float] = field(default_factory=list)
    every_other: list[float] = field(default_factory=list)
    one_batch: list[float] = field(default_factory=list)
    side_by_side: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    stages: dict[str, dict[str, float]] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, str]]:
        """What to print, with medians of ratios run by run."""
        rate = statistics.median(self.program)
        rows = [("rounds/s", f"{rate:.2f}"), ("cameras at 30 pictures/s", f"{rate * self.cameras / 30.0:.1f}")]
        if self.yardstick:
            rows.append(("ratio to the yardstick", f"{ratio(self.program, self.yardstick):.2f}"))
        rows.append(("with --stride 2, ratio to that without", f"{ratio(self.every_other, self.program):.2f}"))
        rows.append(("share of the detector's rate, one batch at a time", f"{ratio(self.program, self.one_batch):.2f}"))
        rows.append(("share of its rate as the program calls it", f"{ratio(self.program, self.side_by_side):.2f}"))
        rows.append(("peak memory, MB", f"{statistics.median(self.peak_mb):.0f}"))
        return [(f"{self.name}: {what}", figure) for what, figure in rows]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median of the ratios run by run."""
    return statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))


def yardstick_rate(script: Path, clips: Sequence[Path]) -> float:
    """Rounds per second that the plain loop prints."""
    command = [sys.executable, str(script), *map(str, clips), "--weights", str(WEIGHTS)]
    command += ["--rounds", YARDSTICK_ROUNDS]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"rounds/s ([0-9.]+)", out)
    if found is None:
        raise SystemExit(f"the yardstick printed no rate: {out!r}")
    return float(found.group(1))


def program_run(clips: Sequence[Path], *extra: str) -> tuple[dict[str, Any], float]:
    """The `run.json` of one whole run with video and records, and the most memory it took, MB."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        command = [sys.executable, str(ROOT / "main.py"), "track", *map(str, clips), "--output", f"{folder}/out.mp4"]
        child = subprocess.Popen([*command, "--results", str(results), "--no-window", "--quiet", *extra])
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"the program ended with {child.returncode}")
        report: dict[str, Any] = json.loads((results / "run.json").read_text(encoding="utf-8"))
    return report, usage.ru_maxrss / 1024.0


def detector_rates(clips: Sequence[Path], device: str) -> tuple[float, float]:
    """Rounds per second of the detector alone from pictures that are in memory: in one batch, and as it is called."""
    command = [sys.executable, str(ROOT / "benchmarks" / "detector.py"), *map(str, clips), "--device", device]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    one_batch, side_by_side = re.findall(r": ([0-9.]+)$", out, re.MULTILINE)
    return float(one_batch), float(side_by_side)


def sit(name: str, clips: Sequence[Path], runs: int, yardstick: Path | None, device: str) -> Sitting:
    """Let everybody take turns on the clips."""
    sitting = Sitting(name, len(clips))
    there = ("--device", device, "--max-seconds", TURN_SECONDS)
    program_run(clips, "--device", device, "--max-seconds", "2")  # converts and caches the networks
    for run in range(runs):
        if yardstick is not None:
            sitting.yardstick.append(yardstick_rate(yardstick, clips))
        report, peak_mb = program_run(clips, *there)
        sitting.program.append(report["rounds_per_s"])
        sitting.peak_mb.append(peak_mb)
        sitting.stages = report["stages"]
        sitting.every_other.append(program_run(clips, "--stride", "2", *there)[0]["rounds_per_s"])
        one_batch, side_by_side = detector_rates(clips, device)
        sitting.one_batch.append(one_batch)
        sitting.side_by_side.append(side_by_side)
        print(f"  {name}, run {run + 1}: {sitting.program[-1]:.2f} rounds/s", file=sys.stderr)
    return sitting


def cost_per_camera(clips: Sequence[Path], device: str) -> float:
    """Time of a camera's part of a round with many cameras, relative to two; each is a copy of one of the clips."""
    rates = []
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder) / f"cam{number}.mp4" for number in range(MANY)]
        for number, copy in enumerate(copies):
            shutil.copyfile(clips[number % len(clips)], copy)
        for count in (2, MANY):
            report, _ = program_run(copies[:count], "--max-seconds", MANY_SECONDS, "--device", device)
            rates.append(count * report["rounds_per_s"])
    return float(rates[0] / rates[1])


def starting(clips: Sequence[Path]) -> list[tuple[str, str]]:
    """How long the first things take with warm caches."""

    def seconds(*words: str) -> float:
        start_s = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start_s

    def median(*words: str) -> str:
        return f"{statistics.median(seconds(*words) for _ in range(5)):.2f}"

    with tempfile.TemporaryDirectory() as folder:
        first = ["main.py", "track", *map(str, clips), "--results", f"{folder}/r", "--overwrite"]
        first += ["--max-seconds", "0.1", "--no-window", "--quiet"]
        return [
            ("import main, s", median("-c", "import main")),
            ("--help, s", median("main.py", "--help")),
            ("a whole job of the first two rounds, s", median(*first)),
        ]


def all_clips(given: Sequence[Path], folder: Path) -> dict[str, list[Path]]:
    """What to measure on, by name."""
    if given:
        return {"clips": list(given)}
    found = {
        name: sorted((SHARED / "data" / name).glob("cam*.mp4"))[:cameras]
        for name, cameras in CLIPS
        if (SHARED / "data" / name).exists()
    }
    if found:
        return found
    sys.path.insert(0, str(ROOT))
    from scenes import SceneSpec
    from scenes.render import render_scene

    return {"demo": list(render_scene(SceneSpec(), folder / "demo").videos)}


def main() -> None:
    """Measure, print one table, keep the figures with the machine and the versions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", nargs="+", type=Path, default=[])
    parser.add_argument("--yardstick", type=Path, default=YARDSTICK if YARDSTICK.exists() else None)
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clips = all_clips(args.clips, Path(folder))
        sittings = [sit(name, paths, args.runs, args.yardstick, args.device) for name, paths in clips.items()]
        first = next(iter(clips.values()))
        rows = [row for sitting in sittings for row in sitting.rows()]
        rows.append(
            (f"time of a camera's part of a round, {MANY} cameras to 2", f"{cost_per_camera(first, args.device):.2f}")
        )
        rows += starting(first)
        report, _ = program_run(first, "--max-seconds", "1", "--device", args.device)
    print("| what | figure |\n|---|---|")
    print("\n".join(f"| {what} | {figure} |" for what, figure in rows))
    print("\n| stage | median ms | 95 % ms | s in all |\n|---|---|---|---|")
    for name, stage in sittings[0].stages.items():
        print(f"| {name} | {stage['p50_ms']:.1f} | {stage['p95_ms']:.1f} | {stage['total_s']:.1f} |")
    machine = {"platform": platform.platform(), "processor": processor(), "cores": os.cpu_count()}
    facts = {
        "machine": machine,
        "versions": report["versions"],
        "models": report["models"],
        "figures": dict(rows),
        "sittings": [asdict(sitting) for sitting in sittings],
    }
    args.json.parent.mkdir(parents=True, exist_ok=True)
    args.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {args.json}", file=sys.stderr)


def processor() -> str:
    """The processor's name where the system tells."""
    path = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", path.read_text(encoding="utf-8")) if path.exists() else []
    return names[0] if names else platform.processor()


if __name__ == "__main__":
    main()
