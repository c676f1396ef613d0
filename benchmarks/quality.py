"""What the built-in scenes score now, beside what is kept in tests/data/quality.json; the tests fail when it falls.

    python benchmarks/quality.py                    # measure and compare
    python benchmarks/quality.py --write            # and keep what is better
    python benchmarks/quality.py --networks         # also the demo's scene with the real weights: a minute or two

A kept figure is never lowered by `--write`. When it must be, because a scene itself was changed, take its line out of
the file first, and say why in the commit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from evaluation import ALL  # noqa: E402 - found only once the root is on the path
from tests.quality import TRIALS, figures_of, measure, raised, read_kept, write_kept  # noqa: E402 - likewise


def main() -> None:
    """Measure every trial, print a Markdown table, keep what is better when asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep what is better")
    parser.add_argument("--networks", action="store_true", help="also what needs the real weights")
    args = parser.parse_args()
    kept = read_kept()
    print("| scene | figure | kept | now |\n|---|---|---|---|")
    for name, trial in TRIALS.items():
        if trial.networks and not args.networks:
            continue
        with tempfile.TemporaryDirectory() as folder:
            report = measure(trial, Path(folder))
        now, before = figures_of(report), kept.get(name, {})
        for key, figure in now.items():
            print(f"| {name} | {key} | {before.get(key, '')} | {figure} |", flush=True)
        if report.time_to_id is not None:
            time = report.time_to_id[ALL]
            print(f"| {name} | s to an id, median and 90 % | | {time.median_s} {time.p90_s} |", flush=True)
        kept[name] = raised(before, now)
    if args.write:
        write_kept(kept)


if __name__ == "__main__":
    main()
