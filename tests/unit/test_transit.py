"""Times between cameras that see different places: learnt from those who walked, said of those who may have."""

from __future__ import annotations

import numpy as np
import pytest

from association.transit import BONUS, FULL_WALKS, LEAST_WALKS, transit_bonus
from entities import BoolArray

WALK_S = 12.0
APART: BoolArray = np.array([[False, True], [True, False]])


class Pieces:
    """So many people who walked from camera 0 to camera 1, and two pieces that may be somebody else's walk."""

    def __init__(self, walks: int, between_s: float = WALK_S, there: int = 1) -> None:
        start = 30.0 * np.arange(walks)
        leaves = np.append(start + 3.0, 1000.0)
        comes = np.append(leaves[:-1] + WALK_S + 0.4 * np.sin(np.arange(walks)), 1000.0 + between_s)
        self.identities = np.concatenate([np.arange(1, walks + 1), [0], np.arange(1, walks + 1), [0]])
        self.cameras = np.repeat([0, there], walks + 1)
        self.first_s = np.concatenate([leaves - 3.0, comes])
        self.last_s = self.first_s + 3.0
        self.walked = np.ones(len(self.cameras), np.bool_)
        self.pair = (walks, 2 * walks + 1)

    def bonus(self, disjoint: BoolArray = APART) -> float:
        """Of the two pieces."""
        bonus = transit_bonus(
            self.identities, self.cameras, self.first_s, self.last_s, walked=self.walked, disjoint=disjoint
        )
        assert np.array_equal(bonus, bonus.T)
        assert np.abs(bonus).max(initial=0.0) <= BONUS
        return float(bonus[self.pair])


@pytest.mark.parametrize(
    ("walks", "between_s", "bonus"),
    [
        pytest.param(FULL_WALKS, WALK_S, BONUS, id="as-long-as-others-took"),
        pytest.param(FULL_WALKS, WALK_S + 1.0, 0.5 * BONUS, id="a-little-longer"),
        pytest.param(FULL_WALKS, WALK_S + 4.5, -BONUS, id="much-longer"),
        pytest.param(FULL_WALKS, 60.0, 0.0, id="was-elsewhere-meanwhile"),
        pytest.param(FULL_WALKS, 0.0, -BONUS, id="at-once"),
        pytest.param(FULL_WALKS, -1.5, 0.0, id="seen-in-both"),
        pytest.param(FULL_WALKS, -600.0, 0.0, id="the-other-way-which-nobody-went"),
        pytest.param(2 * FULL_WALKS, WALK_S, BONUS, id="no-surer-than-sure"),
        pytest.param(LEAST_WALKS, WALK_S, BONUS * LEAST_WALKS / FULL_WALKS, id="just-enough-walks"),
        pytest.param(LEAST_WALKS - 1, WALK_S, 0.0, id="too-few-walks"),
        pytest.param(0, WALK_S, 0.0, id="nobody-walked"),
    ],
)
def test_bonus(walks: int, between_s: float, bonus: float) -> None:
    assert Pieces(walks, between_s).bonus() == pytest.approx(bonus, abs=0.11 * BONUS)


def test_nothing_is_said_of_views_that_overlap() -> None:
    assert Pieces(FULL_WALKS).bonus(np.zeros((2, 2), np.bool_)) == 0.0


def test_nothing_is_said_within_a_camera() -> None:
    assert Pieces(FULL_WALKS, there=0).bonus() == 0.0


def test_a_piece_of_many_stretches_is_no_walk() -> None:
    pieces = Pieces(FULL_WALKS)
    pieces.walked[: FULL_WALKS + 1] = False
    assert pieces.bonus() == 0.0


def test_some_wrong_identities_do_not_matter() -> None:
    pieces = Pieces(FULL_WALKS)
    pieces.first_s[FULL_WALKS + 1 : FULL_WALKS + 3] += 100.0
    assert pieces.bonus() == pytest.approx(BONUS, abs=0.02)


def test_of_nothing() -> None:
    none = np.zeros(0, np.int64)
    empty = transit_bonus(none, none, np.zeros(0), np.zeros(0), walked=np.zeros(0, np.bool_), disjoint=APART)
    assert empty.shape == (0, 0)
