"""Who stood where somebody else stood at that time: what positions say of two pieces of tracks in two cameras.

How far apart two people stand is measured by a `Ruler`, of which there may be several kinds: a calibrated floor, or
whatever else relates the pictures of two cameras. This module collects what it says over time, as long as the two
cameras agree: what is said while they seem not to waits, and is forgotten if they turn out not to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from association.accord import Accord, Rhythm
from association.histograms import BIN_M, BINS, Cameras, Histograms, medians
from association.partings import Partings
from association.standing import Metres, Standing
from entities import BoolArray, IntArray

SAMPLE_S = 0.1
"""Two cameras are compared this often; people hardly move in between."""
MOST_SAMPLE_S = 0.5
"""A comparison stands for the time since the last one; after a longer break, for `SAMPLE_S`."""
LEAST_S = 0.5
"""With less common time nothing is said."""
NEAR_M = 1.0
"""Pieces whose median distance is less are rather one person: evidence falls from 1 at 0 m to -1 at twice this."""
MOST_SAY_S = 8.0
"""A pair counts by its common seconds, at most these."""
FAR_M = (BINS - 1) * BIN_M
"""Farther apart, by the median, are different people. Feet are often guessed wrong: a gate must be wide."""
FAR_S = 1.0
"""Least common time for that."""
BONUS = 0.4
"""What positions that agree for a second add to the similarity of two clusters; taken away where they disagree."""
LASTING_BONUS, LASTING_S = 0.3, 2.0
"""What more is added as they go on, from `LASTING_S` to `MOST_SAY_S`: strangers share a way not for long."""
SLACK_S = 1e-6
"""Media times are sums of frame times: equal within this."""


class Ruler(Protocol):
    """Measures how far people seen by two cameras stand from each other."""

    def watch(self, standings: Sequence[Standing]) -> None:
        """Take the people of one round, at most one `Standing` a camera, before they are measured."""

    def distances_m(self, first: Standing, second: Standing) -> Metres | None:
        """Metres between everybody of one camera and everybody of another.

        Returns:
            `(N, M)`, NaN where it cannot tell; None where it cannot tell anything of these two cameras.
        """

    def doubt(self, cameras: tuple[int, int], since_s: float) -> None:
        """Learn of these two cameras from what they show later than this only: they may have changed."""

    def forget(self, slot: int) -> None:
        """Somebody else will have this slot."""

    def proven_s(self, cameras: tuple[int, int]) -> float:
        """Media time at which people last proved right what it says of these two cameras; `-inf` for never."""


@dataclass(frozen=True, slots=True, eq=False)
class PairEvidence:
    """What is known of every two pieces apart from their looks; all symmetric.

    Evidence of clusters is that of their pairs added up, so that pairs of which nothing is known do not dilute it.

    Attributes:
        votes: `(N, N)` for (positive) or against being one person, in seconds.
        seconds: `(N, N)` how much the votes weigh, `>= |votes|`; 0 where nothing is known.
        apart: `(N, N)` pairs that cannot be one person.
    """

    votes: NDArray[np.float64]
    seconds: NDArray[np.float64]
    apart: BoolArray


def bonus(votes: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """What evidence adds to similarity, at most `BONUS + LASTING_BONUS` either way; see `PairEvidence`."""
    lasting = np.clip((seconds - LASTING_S) / (MOST_SAY_S - LASTING_S), 0.0, 1.0)
    return (BONUS * np.minimum(seconds, 1.0) + LASTING_BONUS * lasting) * votes / np.maximum(seconds, 1e-9)


class Encounters:
    """How long every two pieces of different cameras stood how far apart, by slots as in `Coexistence`.

    Attributes:
        partings: Who does not stand together any more.

    Args:
        ruler: Measures distances; None where nothing can.
    """

    def __init__(self, ruler: Ruler | None) -> None:
        self.partings = Partings()
        self._ruler = ruler
        self._compared_s: dict[Cameras, float] = {}
        self._rhythms: dict[int, Rhythm] = {}
        self._accords: dict[Cameras, Accord] = {}
        self._histograms = Histograms()

    def __len__(self) -> int:
        return len(self._histograms)

    def see(self, standings: Sequence[Standing]) -> None:
        """Take the people of one round, at most one `Standing` a camera."""
        if self._ruler is None:
            return
        self._welcome(standings, self._ruler)
        self._ruler.watch(standings)
        self.partings.touch(standings)
        for first, second in combinations(standings, 2):
            seconds = self._due(first, second)
            if seconds:
                self._compare(first, second, seconds, self._ruler)

    def judge(self, slots: IntArray) -> PairEvidence:
        """What is known of every two of these pieces.

        Args:
            slots: `(N,)` different slots.
        """
        count = len(slots)
        pairs, histograms = self._histograms.pairs, self._histograms.seconds
        place = np.full(1 + max(slots.max(initial=0), pairs.max(initial=0)), -1)
        place[slots] = np.arange(count)
        ends = place[pairs]
        seconds = histograms.sum(axis=1)
        known = (ends >= 0).all(axis=1) & (seconds >= LEAST_S - SLACK_S)
        votes, weights, apart = np.zeros((count, count)), np.zeros((count, count)), np.zeros((count, count), np.bool_)
        if known.any():
            away_m = medians(histograms[known])
            weight = np.minimum(seconds[known], MOST_SAY_S)
            for a, b in (ends[known].T, ends[known, ::-1].T):
                votes[a, b] = weight * np.clip((NEAR_M - away_m) / NEAR_M, -1.0, 1.0)
                weights[a, b] = weight
                apart[a, b] = (away_m > FAR_M) & (seconds[known] >= FAR_S - SLACK_S)
        return PairEvidence(votes, weights, apart)

    def free_slot(self, slot: int) -> None:
        """Forget what is known of a slot."""
        if self._ruler is not None:
            self._ruler.forget(slot)
        self.partings.free_slot(slot)
        self._histograms.free_slot(slot)

    def absorb(self, slot: int, other: int) -> None:
        """Let `slot` have stood where `other` stood, too."""
        self._histograms.absorb(slot, other)

    def _welcome(self, standings: Sequence[Standing], ruler: Ruler) -> None:
        """Trust no camera that was silent for a time until it shows the same time and place as others do."""
        back = {
            standing.camera: standing.time_s
            for standing in standings
            if self._rhythms.setdefault(standing.camera, Rhythm()).came_back(standing.time_s)
        }
        for cameras in self._compared_s:
            if not back.keys().isdisjoint(cameras):
                self._lose(cameras, max(back.values()), ruler)

    def _lose(self, cameras: Cameras, now_s: float, ruler: Ruler) -> None:
        """Two cameras may not show one time and place any more."""
        self._histograms.drop(cameras)
        ruler.doubt(cameras, now_s)
        if cameras in self._accords:
            self._accords[cameras].lose(now_s)

    def _compare(self, first: Standing, second: Standing, seconds: float, ruler: Ruler) -> None:
        """Take what is measured between two cameras, for what it is worth as far as they agree."""
        cameras = (first.camera, second.camera)
        away_m = ruler.distances_m(first, second)
        if away_m is None:
            if self._accords.pop(cameras, None) is not None:
                self._histograms.drop(cameras)
            return
        known = first.clear[:, None] & second.clear & np.isfinite(away_m)
        accord = self._accords.setdefault(cameras, Accord())
        if accord.broken and ruler.proven_s(cameras) > accord.broken_s:
            accord = self._accords[cameras] = Accord()
        doubted, broken = accord.doubtful, accord.broken
        accord.take(first, second, np.where(known, away_m, np.nan), seconds)
        if accord.broken:
            if not broken:
                self._lose(cameras, max(first.time_s, second.time_s), ruler)
            return
        i, j = np.nonzero(known)
        pairs = list(zip(first.slots[i].tolist(), second.slots[j].tolist(), strict=True))
        if accord.doubtful:
            self._histograms.note_for_later(pairs, away_m[i, j], seconds, cameras)
            return
        if doubted:
            self._histograms.settle(cameras)
        self._histograms.note(pairs, away_m[i, j], seconds, cameras)
        self.partings.note(first, second, away_m, known, seconds)

    def _due(self, first: Standing, second: Standing) -> float:
        """Seconds that a comparison of two cameras stands for now; 0 when they were compared a moment ago."""
        cameras = (first.camera, second.camera)
        now_s = max(first.time_s, second.time_s)
        since_s = now_s - self._compared_s.get(cameras, now_s - SAMPLE_S)
        if since_s < SAMPLE_S - SLACK_S:
            return 0.0
        self._compared_s[cameras] = now_s
        return since_s if since_s <= MOST_SAMPLE_S else SAMPLE_S
