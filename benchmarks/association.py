"""Time of association alone: 64 people on four cameras, and the same with ten thousand people remembered.

    python benchmarks/association.py
    python benchmarks/association.py --people 128 --cameras 8 --remembered 0

Made-up people walk past each other, 16 a camera, each for some seconds, so that the window is full of pieces. The times
are those of one core: all of `MultiCameraTracker.associate`, per camera and over all cameras.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from atoms import NO_LOOK, Atom, Row  # noqa: E402 - found only once the root is on the path
from benchmarks.long_run import Passage, Player, World  # noqa: E402
from config import TrackingConfig  # noqa: E402
from entities import FloatArray, GlobalId, LocalId  # noqa: E402
from multi_camera_tracker import MultiCameraTracker  # noqa: E402

STAY_S = 20.0
WARM_UP_S = 40.0
FIRST_ID = 1_000_000
"""Ids of those remembered, out of the way of those in view."""


class Crowd(World):
    """As many people in view of each camera at any time; whoever leaves goes to another camera or home."""

    def __init__(self, mean_person: FloatArray, cameras: int, people: int, seconds: float) -> None:
        self._people = people
        super().__init__(mean_person, cameras, people, seconds / 3600.0)

    def _passages(self, visitors: int, length_s: float) -> Iterable[Passage]:
        cameras = len(self.camera_ids)
        out: list[Passage] = []
        for place in range(visitors):
            start_s = -STAY_S * self._rng.random()
            while start_s < length_s:
                number = len(out)
                out.append(Passage(number // 2, number, place % cameras, start_s, start_s + STAY_S))
                start_s += STAY_S
        return out


def fill(tracker: MultiCameraTracker, mean_person: FloatArray, people: int, cameras: int) -> None:
    """Let the tracker remember people, each by the look of one camera and a last visit now."""
    rng = np.random.default_rng(9)
    for number in range(people):
        look = mean_person + 0.7 * rng.normal(size=len(mean_person)) / np.sqrt(len(mean_person))
        row = Row(0, 0.0, True, (0.0, 0.0, 0.0), 4.0, 0.0, 4.0, np.asarray(look, np.float32), NO_LOOK)
        atom = Atom(row, key=0, slot=0, camera=number % cameras, local_id=LocalId(FIRST_ID + number), frame_s=0.1)
        atom.name(GlobalId(FIRST_ID + number), 0.0)
        tracker._gallery._book.remembered.add([atom])


def measure(people: int, cameras: int, remembered: int, fps: float, seconds: float) -> str:
    """A row of the table."""
    mean_person = np.load(ROOT / "reid" / "data" / "osnet_x0_25_msmt17.npz")["mean_person"]
    world = Crowd(mean_person, cameras, people, WARM_UP_S + seconds)
    tracker = MultiCameraTracker(world.camera_ids, TrackingConfig(), mean_person)
    fill(tracker, mean_person, remembered, cameras)
    spent_ms = []
    for round_, _ in Player(world, fps).rounds(WARM_UP_S + seconds):
        start_s = time.thread_time()
        tracker.associate(round_)
        if round_.timestamp_s >= WARM_UP_S:
            spent_ms.append(1e3 * (time.thread_time() - start_s))
    figures = (np.mean(spent_ms), *np.percentile(spent_ms, [50, 99]))
    cells = (people, cameras, remembered, *(f"{value:.1f}" for value in figures), tracker._gallery.atoms_held)
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=64)
    parser.add_argument("--cameras", type=int, default=4)
    parser.add_argument("--remembered", type=int, nargs="+", default=[0, 10_000])
    parser.add_argument("--fps", type=float, default=15.0)
    parser.add_argument("--seconds", type=float, default=30.0)
    args = parser.parse_args()
    print("| people | cameras | remembered | ms a round, mean | median | 99 % | pieces clustered |")
    print("|---|---|---|---|---|---|---|")
    with threadpool_limits(limits=1, user_api="blas"):  # as in a job
        for remembered in args.remembered:
            print(measure(args.people, args.cameras, remembered, args.fps, args.seconds), flush=True)


if __name__ == "__main__":
    main()
