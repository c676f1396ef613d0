"""Ids across all cameras against the truth, scene by scene, one configuration for all: the table of the README.

    python benchmarks/accuracy.py ../shared/data/street-2cam ../shared/data/plaza-3cam ../shared/data/corridor-3cam

A scene is a folder with camN.mp4 and camN_gt.txt (MOTChallenge rows, ids shared by all cameras). `--keep DIR` leaves
videos and records there to look at; further `track` options go behind `--`. `to id` is how many seconds people are in
view before an id stands at them, median and 90 % (docs/evaluation.md).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from evaluation import ALL, make_report  # noqa: E402 - found only once the root is on the path

COLUMNS = ("IDF1", "HOTA", "AssA", "DetA", "MOTA", "IDSW", "ids", "people", "shared")


def track(scene: Path, folder: Path, extra: list[str]) -> None:
    """Run the whole program on a scene."""
    clips = [str(path) for path in sorted(scene.glob("cam*.mp4"))]
    command = [sys.executable, str(ROOT / "main.py"), "track", *clips, "--output", str(folder / f"{scene.name}.mp4")]
    command += ["--results", str(folder / scene.name), "--no-window", "--quiet", "--overwrite", *extra]
    subprocess.run(command, check=True)


def table_rows(scene: Path, results: Path) -> list[str]:
    """One row for ids as corrected, one for ids as shown."""
    report = make_report(scene, results)
    assert report.time_to_id is not None, f"{results} lacks ids as shown"
    soon = report.time_to_id[ALL]
    rows = []
    for label, scores, times in (
        ("corrected", report.corrected, ("", "")),
        ("as shown", report.online, (soon.median_s, soon.p90_s)),
    ):
        assert scores is not None
        cells = [scene.name, label, *(scores[ALL][name] for name in COLUMNS), *times]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    return rows


def main() -> None:
    """Track, score, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="+", type=Path)
    parser.add_argument("--keep", type=Path)
    words = sys.argv[1:]
    split = words.index("--") if "--" in words else len(words)
    args = parser.parse_args(words[:split])
    print(f"| scene | ids | {' | '.join(COLUMNS)} | to id, median s | to id, 90 % s |")
    print("|---|---|" + "---|" * (len(COLUMNS) + 2))
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for scene in args.scenes:
            track(scene, folder, words[split + 1 :])
            print("\n".join(table_rows(scene, folder / scene.name)), flush=True)


if __name__ == "__main__":
    main()
