"""Two cameras show one place at one time while each sees people where the other does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from association.accord import SILENT_S, Accord, Rhythm
from association.standing import Metres
from tests.walkers import standing, walk

STEP_S = 0.2
EVERYBODY = range(6)


class Pair:
    """Two cameras of which the second may show another time, or not everybody."""

    def __init__(self) -> None:
        self.accord = Accord()
        self.now_s = 0.0
        self.most_doubt_s = 0.0

    def go_on(
        self, seconds: float, *, late_s: float = 0.0, people: Sequence[int] = EVERYBODY, hidden: Sequence[int] = ()
    ) -> float:
        """Let time pass; the seconds after which `broken` changed, infinite where it did not."""
        start_s, before = self.now_s, self.accord.broken
        changed_s = np.inf
        while self.now_s < start_s + seconds:
            shown = [person for person in people if person not in hidden]
            first = standing(0, self.now_s, people)
            second = standing(1, self.now_s, shown, shown_s=self.now_s - late_s)
            self.accord.take(first, second, self._away_m(people, shown, late_s), STEP_S)
            self.most_doubt_s = max(self.most_doubt_s, self.accord.doubt_s)
            self.now_s += STEP_S
            if self.accord.broken is not before:
                changed_s = min(changed_s, self.now_s - start_s)
        return changed_s

    def _away_m(self, people: Sequence[int], shown: Sequence[int], late_s: float) -> Metres:
        here = np.array([walk(person, np.array([self.now_s]))[0] for person in people]).reshape(-1, 1, 2)
        there = np.array([walk(person, np.array([self.now_s - late_s]))[0] for person in shown]).reshape(1, -1, 2)
        return np.asarray(np.linalg.norm(here - there, axis=2))


def agreed(seconds: float = 25.0) -> Pair:
    pair = Pair()
    assert pair.go_on(seconds) == np.inf
    return pair


def test_no_doubt_while_they_agree() -> None:
    assert agreed().most_doubt_s == 0.0


@pytest.mark.parametrize("late_s", [-9.0, 4.0, 25.0])
def test_another_time_is_noticed_soon_and_for_as_long_as_it_is_shown(late_s: float) -> None:
    pair = agreed()
    assert pair.go_on(30.0, late_s=late_s) < 5.0
    assert pair.accord.broken


@pytest.mark.parametrize("doubted", ["another-time", "silence"])
def test_trusted_again_soon_when_they_agree_again(doubted: str) -> None:
    pair = agreed()
    if doubted == "silence":
        pair.accord.lose(pair.now_s)
    else:
        pair.go_on(10.0, late_s=9.0)
    assert 0.5 < pair.go_on(20.0) < 6.0
    assert not pair.accord.broken


def test_trusted_for_nothing_else_after_a_silence() -> None:
    pair = agreed()
    pair.accord.lose(pair.now_s)
    assert pair.accord.broken_s == pair.now_s
    pair.go_on(20.0, late_s=9.0)
    assert pair.accord.broken


@pytest.mark.parametrize(
    "people",
    [pytest.param([], id="nobody"), pytest.param(EVERYBODY, id="nobody-in-the-other-camera")],
)
def test_whom_nobody_expects_is_not_missed(people: Sequence[int]) -> None:
    pair = Pair()
    pair.go_on(30.0, people=people, hidden=EVERYBODY)
    assert pair.most_doubt_s == 0.0


def test_one_who_is_hidden_raises_doubt_that_the_others_take_away() -> None:
    pair = agreed()
    assert pair.go_on(3.0, hidden=[2]) == np.inf
    assert pair.go_on(10.0) == np.inf
    assert pair.accord.doubt_s == 0.0


def test_who_is_hidden_alone_is_missed() -> None:
    pair = Pair()
    pair.go_on(60.0, people=[2])
    pair.go_on(2.0, people=[2], hidden=[2])
    assert pair.most_doubt_s > 0.0
    assert not pair.accord.broken


def test_with_nothing_known_there_is_nothing_to_lose() -> None:
    accord = Accord()
    accord.lose(1.0)
    assert not accord.broken


def test_feet_that_are_not_seen_are_not_expected_elsewhere() -> None:
    pair = agreed()
    first, second = standing(0, pair.now_s, EVERYBODY), standing(1, pair.now_s, [])
    covered = replace(first, clear=np.zeros(len(EVERYBODY), np.bool_))
    unsure = replace(first, scores=np.full(len(EVERYBODY), 0.5))
    for of in (covered, unsure):
        pair.accord.take(of, second, np.zeros((len(EVERYBODY), 0)), 5.0)
    assert pair.accord.doubt_s == 0.0


@pytest.mark.parametrize(
    ("times_s", "came_back"),
    [
        pytest.param([0.0], [], id="the-first-picture"),
        pytest.param([0.0, 0.1, 0.2], [], id="no-gap"),
        pytest.param([0.0, 0.1, 0.1 + SILENT_S], [], id="exactly-at-the-threshold"),
        pytest.param([0.0, 0.1, 1.2, 1.3], [1.2], id="longer"),
        pytest.param([0.0, 2.0, 4.0, 6.0], [], id="a-slow-camera"),
        pytest.param([0.0, 2.0, 4.0, 12.5], [12.5], id="a-slow-camera-that-was-silent"),
        pytest.param([0.0, 0.1, 5.0, 5.1, 9.0], [5.0, 9.0], id="twice"),
    ],
)
def test_came_back(times_s: list[float], came_back: list[float]) -> None:
    rhythm = Rhythm()
    assert [time_s for time_s in times_s if rhythm.came_back(time_s)] == came_back
