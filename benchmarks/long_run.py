"""A long stream in compressed time: does the time and the memory of association stay flat, and do the ids hold?

    python benchmarks/long_run.py                                  12 hours, 5,000 visitors, three cameras: some minutes
    python benchmarks/long_run.py --hours 1 --visitors 400

No pictures: made-up visitors come in waves and walk through one or more cameras, one after the other; one in five
returns after minutes or hours. Rounds in which nobody is in view are left out. The embeddings have the statistics of
OSNet: two of one person have a cosine of 0.85 within a camera and 0.7 between two, those of two people 0.5. Everything
goes through `MultiCameraTracker`, as in a job; times are those of the processor.
"""

from __future__ import annotations

import argparse
import heapq
import math
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import TrackingConfig  # noqa: E402 - found only once the root is on the path
from entities import (  # noqa: E402
    CameraId,
    Detections,
    FloatArray,
    FrameDetections,
    RoundDetections,
    RoundResult,
    Segment,
)
from multi_camera_tracker import MultiCameraTracker  # noqa: E402

SIZE_PX = (1280, 720)
OWN, PLACE, MOMENT, LIGHT, NOISE = 0.22, 0.06, 0.06, 0.03, 0.15
"""Energy in an embedding of length 1: the person; this person in this camera, at any time and on this visit; the
camera; the frame. What is left, 0.48, all people share."""
RANK = 45
"""Looks of people differ in so many directions, which makes centred looks of two people as alike as real ones."""
RETURNS = 0.2
STAY_S, WALK_S, AWAY_S = (2.0, 4.0), (0.5, 2.0), (120.0, 4.0 * 3600.0)
"""Seconds in view of a camera, between two cameras, and until somebody returns."""
WAVE_S = 120.0
"""People come and return in waves so far apart, as when trains arrive; in between nobody is in view."""
SPREAD_S = 3.0
EMPTY_S = 1.5
"""Seconds without anybody that are played none the less, so that tracks end as they would."""
MISSED = 0.03
PACE_PX_S = 70.0
HOUR_S = 3600.0


@dataclass(frozen=True)
class Passage:
    """One visit to one camera."""

    person: int
    visit: int
    camera: int
    start_s: float
    end_s: float


class World:
    """Who is where and when, and what it looks like; the same arguments make the same world."""

    def __init__(self, mean_person: FloatArray, cameras: int, visitors: int, hours: float, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        dimension = len(mean_person)
        basis = np.linalg.qr(rng.normal(size=(dimension, RANK)))[0].T
        self._basis = np.asarray(basis, np.float32)
        self._mean = mean_person / np.linalg.norm(mean_person) * np.sqrt(1.0 - OWN - PLACE - MOMENT - LIGHT - NOISE)
        self._light = np.sqrt(LIGHT) * _unit(rng.normal(size=(cameras, RANK))) @ self._basis
        self._seed = seed
        self._rng = rng
        self.camera_ids = [CameraId(f"cam{number + 1}") for number in range(cameras)]
        self.passages = sorted(self._passages(visitors, hours * HOUR_S), key=lambda passage: passage.start_s)

    def _passages(self, visitors: int, length_s: float) -> Iterable[Passage]:
        visit = 0
        for person in range(visitors):
            start_s = self._in_a_wave(self._rng.uniform(0.0, length_s))
            while start_s < length_s:
                for camera in self._rng.permutation(len(self.camera_ids))[: self._rng.integers(1, 4)].tolist():
                    end_s = start_s + self._rng.uniform(*STAY_S)
                    yield Passage(person, visit, camera, start_s, end_s)
                    start_s = end_s + self._rng.uniform(*WALK_S)
                visit += 1
                again = self._rng.random() < RETURNS
                away_s = np.exp(self._rng.uniform(*np.log(AWAY_S))) if again else length_s
                start_s = self._in_a_wave(start_s + away_s)

    def _in_a_wave(self, time_s: float) -> float:
        return time_s // WAVE_S * WAVE_S + self._rng.uniform(0.0, SPREAD_S)

    def look(self, passage: Passage) -> FloatArray:
        """The look of a passage, apart from what changes from frame to frame."""
        keys = ([0, passage.person], [1, passage.person, passage.camera], [2, passage.visit, passage.camera])
        parts = [_unit(np.random.default_rng([self._seed, *key]).normal(size=RANK)) for key in keys]
        own = sum(np.sqrt(e) * part for e, part in zip((OWN, PLACE, MOMENT), parts, strict=True))
        return np.asarray(self._mean + self._light[passage.camera] + own @ self._basis, np.float32)


def box(passage: Passage, time_s: float) -> list[float]:
    """Where somebody is who walks at an even pace, to the left or to the right, on a lane of his own."""
    height, foot = 150.0 + 23.0 * (passage.person % 7), 300.0 + 130.0 * (passage.visit % 4)
    walked = PACE_PX_S * (time_s - passage.start_s)
    x = 100.0 + 271.0 * (passage.visit // 4 % 5) + (walked if passage.visit % 2 else -walked)
    return [x - 0.2 * height, foot - height, x + 0.2 * height, foot + 4.0 * math.sin(6.0 * time_s)]


@dataclass
class Player:
    """Plays a world round by round; remembers only those in view."""

    world: World
    fps: float
    _next: int = 0
    _looks: dict[Passage, FloatArray] = field(default_factory=dict)
    _rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(5))

    def rounds(self, length_s: float) -> Iterator[tuple[RoundDetections, list[list[Passage]]]]:
        """Each round, and whose box each detection of each frame is."""
        leaving: list[tuple[float, int]] = []
        passages = self.world.passages
        until_s = 0.0
        for index in range(int(length_s * self.fps)):
            time_s = index / self.fps
            while self._next < len(passages) and passages[self._next].start_s <= time_s:
                passage = passages[self._next]
                self._looks[passage] = self.world.look(passage)
                heapq.heappush(leaving, (passage.end_s, self._next))
                self._next += 1
            while leaving and leaving[0][0] <= time_s:
                del self._looks[passages[heapq.heappop(leaving)[1]]]
            until_s = time_s + EMPTY_S if self._looks else until_s
            if time_s >= until_s:
                continue
            here: list[list[Passage]] = [[] for _ in self.world.camera_ids]
            for passage in self._looks:
                if self._rng.random() >= MISSED:
                    here[passage.camera].append(passage)
            frames = tuple(self._frame(index, time_s, camera, people) for camera, people in enumerate(here))
            yield RoundDetections(index, time_s, frames), here

    def _frame(self, index: int, time_s: float, camera: int, people: list[Passage]) -> FrameDetections:
        boxes = np.array([box(passage, time_s) for passage in people], np.float32).reshape(-1, 4)
        looks = np.array([self._looks[passage] for passage in people], np.float32).reshape(-1, len(self.world._mean))
        noise = self._rng.normal(size=looks.shape, scale=np.sqrt(NOISE / looks.shape[1]))
        scores = self._rng.uniform(0.75, 0.95, len(people)).astype(np.float32)
        found = Detections(boxes, scores, _unit(looks + noise))
        return FrameDetections(self.world.camera_ids[camera], index, time_s, SIZE_PX, found)


@dataclass
class Ids:
    """Which id each passage had when it was last seen, as shown and as corrected."""

    shown: dict[Passage, int] = field(default_factory=dict)
    rows: dict[Passage, tuple[CameraId, int, int]] = field(default_factory=dict)

    def take(self, result: RoundResult, round_: RoundDetections, here: list[list[Passage]]) -> None:
        """Note the ids of a round."""
        for frame, seen, people in zip(result.frames, round_.frames, here, strict=True):
            assert seen.detections is not None
            whose = {box.tobytes(): passage for box, passage in zip(seen.detections.boxes_xyxy, people, strict=True)}
            rows = zip(frame.boxes_xyxy, frame.local_ids.tolist(), frame.global_ids.tolist(), strict=True)
            for box, local_id, global_id in rows:
                passage = whose.get(box.tobytes())
                if passage is not None and global_id:
                    self.shown[passage] = global_id
                    self.rows[passage] = (frame.camera_id, local_id, frame.frame_index)

    def corrected(self, segments: Iterable[Segment]) -> dict[Passage, int]:
        """The id of every passage as corrected."""
        stretches: dict[tuple[CameraId, int], list[Segment]] = {}
        for segment in segments:
            stretches.setdefault((segment.camera_id, segment.local_id), []).append(segment)
        return {
            passage: segment.global_id
            for passage, (camera_id, local_id, frame) in self.rows.items()
            for segment in stretches.get((camera_id, local_id), [])
            if segment.first_frame <= frame <= segment.last_frame and segment.global_id
        }


def pairs(names: Iterable[Any]) -> int:
    """How many pairs have one name."""
    return sum(count * (count - 1) // 2 for count in Counter(names).values())


def describe_ids(title: str, ids: dict[Passage, int], passages: list[Passage]) -> str:
    """How many pairs of passages of one person have one id, and how many pairs with one id are one person."""
    same = pairs((p.person, ids[p]) for p in ids)
    visit = pairs((p.visit, ids[p]) for p in ids)
    visits, people = pairs(p.visit for p in passages), pairs(p.person for p in passages)
    numbers = (visit / max(visits, 1), (same - visit) / max(people - visits, 1), same / max(pairs(ids.values()), 1))
    cells = " | ".join(f"{100.0 * number:.1f} %" for number in numbers)
    return f"| {title} | {cells} | {len(set(ids.values()))} / {len({p.person for p in passages})} |"


def deep_bytes(thing: Any, seen: set[int]) -> int:
    """Memory of an object and all it holds; what was counted before counts no more."""
    if id(thing) in seen or isinstance(thing, type):
        return 0
    seen.add(id(thing))
    held: list[Any] = []
    if isinstance(thing, np.ndarray):
        held = [thing.base]
    elif isinstance(thing, dict):
        held = [*thing.keys(), *thing.values()]
    elif isinstance(thing, list | tuple | set | frozenset | deque):
        held = list(thing)
    held.append(getattr(thing, "__dict__", None))
    for kind in type(thing).__mro__:
        held += [getattr(thing, name) for name in getattr(kind, "__slots__", ()) if hasattr(thing, name)]
    return sys.getsizeof(thing) + sum(deep_bytes(item, seen) for item in held if item is not None)


def resident_mb() -> float:
    """Memory of the process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def _unit(rows: NDArray[Any]) -> FloatArray:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9), np.float32)


def describe_memory(tracker: MultiCameraTracker) -> str:
    """Megabytes of the parts that could grow, each counted once."""
    gallery, seen = tracker._gallery, set[int]()
    book = gallery._book
    parts = (book.settled, book.remembered, book, gallery, tracker)
    return " | ".join(f"{deep_bytes(part, seen) / 1e6:.2f}" for part in parts)


def describe_hour(tracker: MultiCameraTracker, result: RoundResult, spent_ms: list[float]) -> str:
    """Time and memory of the rounds up to now."""
    book = tracker._gallery._book
    counts = (f"{len(spent_ms)}", f"{np.mean(spent_ms):.2f}", f"{np.percentile(spent_ms, 99):.1f}")
    held = (result.people_total, len(book.atoms), len(book.remembered))
    return " | ".join([*counts, *map(str, held), describe_memory(tracker), f"{resident_mb():.0f}"])


def play(player: Player, tracker: MultiCameraTracker, hours: float) -> Ids:
    """Track everybody; print a line an hour."""
    ids, hour = Ids(), 1
    spent_ms: list[float] = []
    print(
        "| hour | rounds | ms a round, mean | 99 % | people so far | pieces clustered | looks remembered "
        "| history, MB | remembered, MB | pieces, MB | all else of ids, MB | cameras, MB | process, MB |"
    )
    print("|" + "---|" * 13)
    for round_, here in player.rounds(hours * HOUR_S):
        start_s = time.thread_time()
        result = tracker.associate(round_)
        spent_ms.append(1e3 * (time.thread_time() - start_s))
        ids.take(result, round_, here)
        if round_.timestamp_s >= hour * HOUR_S - WAVE_S:
            print(f"| {hour} | {describe_hour(tracker, result, spent_ms)} |", flush=True)
            hour += 1
            spent_ms.clear()
    return ids


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=12.0)
    parser.add_argument("--visitors", type=int, default=5000)
    parser.add_argument("--cameras", type=int, default=3)
    parser.add_argument("--fps", type=float, default=3.0)
    args = parser.parse_args()
    mean_person = np.load(ROOT / "reid" / "data" / "osnet_x0_25_msmt17.npz")["mean_person"]
    world = World(mean_person, args.cameras, args.visitors, args.hours)
    tracker = MultiCameraTracker(world.camera_ids, TrackingConfig(), mean_person)
    with threadpool_limits(limits=1, user_api="blas"):  # as in a job
        ids = play(Player(world, args.fps), tracker, args.hours)
    segments = tracker.finish()
    passages = [passage for passage in world.passages if passage.start_s < args.hours * HOUR_S]
    print(f"\n{len(passages)} passages, {len({p.visit for p in passages})} visits, {len(segments)} segments")
    print("\n| ids | one id within a visit | one id on return | pairs with one id that are one person | ids / people |")
    print("|---|---|---|---|---|")
    print(describe_ids("as shown", ids.shown, passages))
    print(describe_ids("corrected", ids.corrected(segments), passages))


if __name__ == "__main__":
    main()
