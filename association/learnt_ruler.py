"""Distances between people in two pictures whose floors and clocks nobody has measured: learnt from the people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from association.encounters import FAR_M, SLACK_S, Ruler
from association.feet import FeetMemory, FootPairs
from association.homography import NEAR_M, LearntHomography, fit_homography, residual_m
from association.offset import OffsetSearch
from association.standing import Metres, Points, Standing
from entities import CameraId

LEARN_S = 0.25
"""One thing is learnt this often, so that no step takes long."""
FIRST_S = 6.0
"""Before, too few people were seen for long enough."""
REFIT_S = 3.0
SEARCH_AGAIN_S = 20.0
"""After a search for an offset has ended, the clocks are trusted for so long."""
LEAST_TRIAL_PAIRS = 60
MOST_TRIAL_PAIRS = 120
"""Pairs of feet that an offset is tried on: with few, a map can be bent to make up for any offset."""
NEVER_BARS_M = FAR_M - 0.1
"""A learnt map is a guess where nobody has walked yet: it speaks against a pair, but does not bar it."""
MOST_NEWS = 4
"""Lines told of one pair of cameras: a map that comes and goes is no news."""


class LearntRuler:
    """Measures where a calibration does, and elsewhere by floor maps that have proven themselves.

    Every pair of cameras is learnt by itself: its map again and again from the last minute of people who are known
    by their looks in both, given up as soon as it does not hold any more; and the offset of its clocks.

    Args:
        camera_ids: All cameras of the job.
        measured: Where something measures already; only the offset of the clocks is learnt there.
    """

    def __init__(self, camera_ids: Sequence[CameraId], measured: Ruler | None = None) -> None:
        cameras = range(len(camera_ids))
        self._feet = FeetMemory(len(camera_ids))
        self._measured = measured
        self._pairs = {(a, b): _Pair((a, b), (camera_ids[a], camera_ids[b])) for a, b in combinations(cameras, 2)}
        self._next_s: float | None = None
        self._turn = 0

    def watch(self, standings: Sequence[Standing]) -> None:
        """Take the people of one round and learn a little."""
        if self._measured is not None:
            self._measured.watch(standings)
        for standing in standings:
            self._feet.take(standing)
        now_s = max((standing.time_s for standing in standings), default=-np.inf)
        if self._next_s is None and standings:
            self._next_s = now_s + FIRST_S
        if self._pairs and self._next_s is not None and now_s >= self._next_s - SLACK_S:
            self._next_s = now_s + LEARN_S
            self._learn(now_s)

    def distances_m(self, first: Standing, second: Standing) -> Metres | None:
        if first.camera > second.camera:
            distances = self.distances_m(second, first)
            return None if distances is None else distances.T
        pair = self._pairs[first.camera, second.camera]
        if pair.offset_s > 0.0:
            first = self._feet.earlier(first, pair.offset_s)
        if pair.offset_s < 0.0:
            second = self._feet.earlier(second, -pair.offset_s)
        distances = None if self._measured is None else self._measured.distances_m(first, second)
        pair.measured = distances is not None
        if distances is None and pair.map is not None:
            distances = np.minimum(_all_distances_m(pair.map, first, second), NEVER_BARS_M)
        return None if distances is None else np.where(first.clear[:, None] & second.clear, distances, np.nan)

    def proven_s(self, cameras: tuple[int, int]) -> float:
        return self._pairs[min(cameras), max(cameras)].proven_s

    def doubt(self, cameras: tuple[int, int], since_s: float) -> None:
        self._pairs[min(cameras), max(cameras)].begin_anew(since_s)

    def forget(self, slot: int) -> None:
        self._feet.forget(slot)

    def news(self) -> list[str]:
        """What was learnt since this was last asked, a line for people each."""
        return [line for pair in self._pairs.values() for line in pair.take_news()]

    def _learn(self, now_s: float) -> None:
        """Fit the map whose turn it is or, when no map is due, try an offset of the pair whose turn it is."""
        due = min(self._pairs.values(), key=lambda pair: pair.fit_at_s)
        if now_s >= due.fit_at_s - SLACK_S:
            due.fit(self._feet.pairs(*due.cameras, due.offset_s, due.since_s), now_s)
            return
        self._turn = (self._turn + 1) % len(self._pairs)
        pair = list(self._pairs.values())[self._turn]
        if now_s >= pair.search_at_s and self._may_search(pair):
            pairs = self._feet.pairs(*pair.cameras, pair.search.trial_s, pair.since_s)
            pair.tried(self._residual_m(pair.cameras, pairs.some(MOST_TRIAL_PAIRS)), now_s)

    def _may_search(self, pair: _Pair) -> bool:
        """Whether a search is under way or there are people enough for one."""
        return (
            pair.search.begun
            or len(self._feet.pairs(*pair.cameras, pair.offset_s, pair.since_s).people) >= LEAST_TRIAL_PAIRS
        )

    def _residual_m(self, cameras: tuple[int, int], pairs: FootPairs) -> float:
        """How badly the places of people agree, 0 to `NEAR_M`; NaN when that cannot be told."""
        if len(pairs.people) < LEAST_TRIAL_PAIRS:
            return float("nan")
        if self._measured is None:
            return residual_m(pairs)
        first = _standing(cameras[0], pairs.points_a, pairs.heights_a)
        second = _standing(cameras[1], pairs.points_b, pairs.heights_b)
        distances = self._measured.distances_m(first, second)
        if distances is None:
            return residual_m(pairs)
        return float(np.minimum(np.nan_to_num(np.diag(distances), nan=NEAR_M), NEAR_M).mean())


class _Pair:
    """What is known of two cameras.

    Attributes:
        cameras: Their numbers.
        map: From the floor of the first to that of the second; None while none has proven itself.
        offset_s: What the first shows at a time, the second shows this much later.
        measured: Whether a calibration measures between them.
        search: Looks for a better offset.
        search_at_s: Media time before which it rests.
        since_s: Media time before which the two may have shown something else.
        proven_s: Media time at which people later than that last proved the map.
    """

    def __init__(self, cameras: tuple[int, int], names: tuple[CameraId, CameraId]) -> None:
        self.cameras = cameras
        self.map: LearntHomography | None = None
        self.measured = False
        self.offset_s = 0.0
        self.search = OffsetSearch()
        self.search_at_s = -np.inf
        self.since_s = self.proven_s = -np.inf
        self._first, self._second = names
        self._fit_at_s = -np.inf
        self._news: list[str] = []
        self._told = 0

    @property
    def fit_at_s(self) -> float:
        """Media time of the next fit; never where a calibration measures."""
        return np.inf if self.measured else self._fit_at_s

    def fit(self, pairs: FootPairs, now_s: float) -> None:
        """Learn the map anew; one of more people stays while it holds, one that does not hold is given up."""
        self._fit_at_s = now_s + REFIT_S
        if self.map is not None and not self.map.holds(pairs):
            self._tell("places do not agree any more, and no longer count")
            self.map = None
            return
        if self.map is not None and pairs.enough:
            self.proven_s = now_s
        old, new = self.map, fit_homography(pairs)
        if new is None or (old is not None and new.people < old.people):
            return
        if old is None:
            self._tell(
                f"they see one floor: places of {new.people} people agree within {new.median_m:.1f} m, and count"
            )
        self.map, self.proven_s = new, now_s

    def tried(self, residual_m: float, now_s: float) -> None:
        """Take what the trial of an offset came to; use the offset when the search has found a better one."""
        self.search.tell(residual_m)
        if not self.search.over:
            return
        found_s = self.search.found_s
        if found_s is not None:
            self.offset_s = found_s
            self._fit_at_s = now_s
            self._tell(f"{self._second} shows the same moment {found_s:+.1f} s later, which is allowed for")
        self.search = OffsetSearch(self.offset_s)
        self.search_at_s = now_s + SEARCH_AGAIN_S

    def begin_anew(self, since_s: float) -> None:
        """Learn from what is seen later only; what is known stays until that speaks against it."""
        self.since_s = since_s
        self.search = OffsetSearch(self.offset_s)

    def take_news(self) -> list[str]:
        """What was told since this was last asked."""
        news, self._news = self._news, []
        return news

    def _tell(self, line: str) -> None:
        self._told += 1
        if self._told <= MOST_NEWS:
            self._news.append(f"{self._first} and {self._second}: {line}")


def _all_distances_m(learnt: LearntHomography, first: Standing, second: Standing) -> Metres:
    """Metres `(N, M)` between everybody of one camera and everybody of the other."""
    i, j = np.indices((len(first.slots), len(second.slots))).reshape(2, -1)
    distances = learnt.distance_m(first.feet_xy[i], second.feet_xy[j], first.heights_px[i], second.heights_px[j])
    return distances.reshape(len(first.slots), len(second.slots))


def _standing(camera: int, points: Points, heights: Metres) -> Standing:
    count = len(points)
    ones, numbers = np.ones(count), np.arange(count)
    return Standing(camera, 0.0, points, heights, ones, 0.0 * ones, ones > 0.0, numbers, numbers)
