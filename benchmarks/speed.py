"""Rounds per second of the whole program against a plain PyTorch loop, in turn on the same clips.

    python benchmarks/speed.py CAM1 CAM2 --yardstick ../shared/tools/reference_loop.py --weights ../shared/weights

Runs yardstick, program, yardstick, program, ... and prints the medians and their ratio; absolute figures drift with
the machine, the ratio does not. The program writes the video and all records; its time runs from the loaded models
to the last closed file. `--json FILE` keeps the figures with the machine they were taken on.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def yardstick_rate(script: Path, clips: list[str], weights: Path) -> float:
    """Rounds per second that the plain loop prints."""
    command = [sys.executable, str(script), *clips, "--weights", str(weights)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"rounds/s ([0-9.]+)", out)
    if found is None:
        raise SystemExit(f"the yardstick printed no rate: {out!r}")
    return float(found.group(1))


def program_run(clips: list[str], extra: list[str]) -> dict[str, Any]:
    """The `run.json` of one whole run with video and records."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        command = [sys.executable, str(ROOT / "main.py"), "track", *clips, "--output", f"{folder}/out.mp4"]
        command += ["--results", str(results), "--no-window", "--quiet", *extra]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        report: dict[str, Any] = json.loads((results / "run.json").read_text(encoding="utf-8"))
    return report


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--yardstick", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--extra", default="", help="further options of `track`, as one string")
    args = parser.parse_args()
    program_run(args.clips, ["--max-seconds", "2", *args.extra.split()])  # converts and caches the networks
    theirs, ours, stages = [], [], {}
    for run in range(args.runs):
        theirs.append(yardstick_rate(args.yardstick, args.clips, args.weights))
        report = program_run(args.clips, args.extra.split())
        ours.append(report["rounds_per_s"])
        stages = report["stages"]
        print(f"run {run + 1}: yardstick {theirs[-1]:.2f}  program {ours[-1]:.2f}  ratio {ours[-1] / theirs[-1]:.2f}")
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    print(
        f"median: yardstick {statistics.median(theirs):.2f}  program {statistics.median(ours):.2f}  ratio {ratio:.2f}"
    )
    for stage, time in stages.items():
        print(f"  {stage:12s} p50 {time['p50_ms']:7.1f} ms  p95 {time['p95_ms']:7.1f} ms")
    if args.json:
        machine = {"platform": platform.platform(), "cores": os.cpu_count()}
        facts = {"yardstick": theirs, "program": ours, "ratio": ratio, "stages": stages, "machine": machine}
        args.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
