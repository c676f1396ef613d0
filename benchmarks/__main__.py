"""Speed of the whole program on the built-in scene, and where the time goes: `make bench`.

Absolute figures, of this machine and this moment; `speed.py` compares with a yardstick on clips of one's own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def run() -> dict[str, Any]:
    """The `run.json` of one demo with video and records."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "main.py"), "demo", "--folder", folder, "--no-window", "--quiet"]
        subprocess.run(command, check=True)
        report: dict[str, Any] = json.loads((Path(folder) / "results" / "run.json").read_text(encoding="utf-8"))
    return report


def main() -> None:
    """Run twice, since the first run may convert the networks, and print the second."""
    run()
    report = run()
    models = report["models"]
    print(f"{models['detector']}, {models['embedder']}: {report['rounds_per_s']} rounds/s, {report['rounds']} rounds")
    print("\n| stage | runs | median ms | 95 % ms | s in all |\n|---|---|---|---|---|")
    for name, stage in report["stages"].items():
        print(f"| {name} | {stage['count']} | {stage['p50_ms']:.1f} | {stage['p95_ms']:.1f} | {stage['total_s']:.1f} |")


if __name__ == "__main__":
    main()
