"""Ids across all cameras against the truth, scene by scene, one configuration for all: the table of the README.

    python benchmarks/accuracy.py ../shared/data/street-2cam ../shared/data/plaza-3cam ../shared/data/corridor-3cam

A scene is a folder with camN.mp4 and camN_gt.txt (MOTChallenge rows, ids shared by all cameras). `--keep DIR` leaves
videos and records there to look at; further `track` options go behind `--`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from evaluation import evaluate  # noqa: E402 - found only once the root is on the path

COLUMNS = ("IDF1", "HOTA", "AssA", "DetA", "MOTA", "IDSW", "ids", "people", "shared")


def track(scene: Path, folder: Path, extra: list[str]) -> None:
    """Run the whole program on a scene."""
    clips = [str(path) for path in sorted(scene.glob("cam*.mp4"))]
    command = [sys.executable, str(ROOT / "main.py"), "track", *clips, "--output", str(folder / f"{scene.name}.mp4")]
    command += ["--results", str(folder / scene.name), "--no-window", "--quiet", "--overwrite", *extra]
    subprocess.run(command, check=True)


def main() -> None:
    """Track, score, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="+", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("extra", nargs="*", default=[], help="options of `track`, after --")
    own, _, extra = " ".join(sys.argv[1:]).partition(" -- ")
    args = parser.parse_args(own.split())
    print(f"| scene | ids | {' | '.join(COLUMNS)} |")
    print("|---|---|" + "---|" * len(COLUMNS))
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for scene in args.scenes:
            track(scene, folder, extra.split())
            for label, records in (("corrected", "mot"), ("as shown", "mot-online")):
                scores = evaluate(scene, folder / scene.name / records)["all"]
                print(f"| {scene.name} | {label} | {' | '.join(str(scores[name]) for name in COLUMNS)} |", flush=True)


if __name__ == "__main__":
    main()
