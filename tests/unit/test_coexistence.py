"""Who was seen at once is remembered through cuts, archiving and the re-use of slots."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from association.coexistence import Coexistence, disjoint_cameras
from entities import FloatArray, IntArray


def slots_of(table: Coexistence, count: int) -> list[int]:
    return [table.take_slot() for _ in range(count)]


def met(table: Coexistence, a: int, b: int) -> bool:
    return bool(table.met(np.array([a, b]))[0, 1])


def test_those_in_one_frame_have_met() -> None:
    table = Coexistence()
    a, b, c = slots_of(table, 3)
    table.meet(np.array([a, b]), 5)
    assert met(table, a, b)
    assert met(table, b, a)
    assert not met(table, a, c)


def test_nobody_in_the_frame_is_fine() -> None:
    Coexistence().meet(np.zeros(0, np.int64), 1)


@pytest.mark.parametrize(
    ("frames", "cut", "early", "late"),
    [
        pytest.param([3, 4], 5, True, False, id="met-before-the-cut"),
        pytest.param([5, 6], 5, False, True, id="met-from-the-cut-on"),
        pytest.param([4, 5], 5, True, True, id="met-on-both-sides"),
        pytest.param([], 5, False, False, id="never-met"),
    ],
)
def test_divide(frames: list[int], cut: int, early: bool, late: bool) -> None:
    table = Coexistence()
    whole, other, rest = slots_of(table, 3)
    for frame in range(10):
        table.meet(np.array([whole, other] if frame in frames else [whole]), frame)
    table.divide(whole, rest, cut)
    assert (met(table, whole, other), met(table, rest, other)) == (early, late)
    assert not met(table, whole, rest)


def test_a_part_may_be_divided_again() -> None:
    table = Coexistence()
    first, other, second, third = slots_of(table, 4)
    for frame in range(10):
        table.meet(np.array([first, other]), frame)
    table.divide(first, second, 3)
    table.divide(second, third, 6)
    assert all(met(table, part, other) for part in (first, second, third))
    assert not met(table, second, third)


def test_absorbing_takes_over_whom_the_other_met() -> None:
    table = Coexistence()
    keep, gone, friend = slots_of(table, 3)
    table.meet(np.array([gone, friend]), 1)
    table.absorb(keep, gone)
    table.free_slot(gone)
    assert met(table, keep, friend)


def test_a_used_slot_has_met_nobody() -> None:
    table = Coexistence()
    a, b = slots_of(table, 2)
    table.meet(np.array([a, b]), 1)
    table.free_slot(b)
    assert table.take_slot() == b
    assert not met(table, a, b)


def test_the_table_grows() -> None:
    table = Coexistence(capacity=2)
    slots = slots_of(table, 9)
    table.meet(np.array(slots), 1)
    assert len(set(slots)) == 9
    assert table.met(np.array(slots)).all()


@pytest.mark.parametrize(
    ("first_s", "last_s", "common_s"),
    [
        pytest.param([0.0, 2.0], [3.0, 5.0], 1.0, id="overlap"),
        pytest.param([0.0, 3.0], [3.0, 5.0], 0.0, id="touch"),
        pytest.param([0.0, 4.0], [3.0, 5.0], 0.0, id="gap"),
        pytest.param([0.0, 1.0], [9.0, 2.0], 1.0, id="inside"),
    ],
)
def test_common_seconds(first_s: list[float], last_s: list[float], common_s: float) -> None:
    table = Coexistence()
    slots = np.array(slots_of(table, 2))
    got = table.common_s(slots, np.array(first_s), np.array(last_s), np.zeros(2, np.bool_))
    assert got[0, 1] == got[1, 0] == common_s


def test_holes_of_an_archived_piece_do_not_count() -> None:
    """Two visits a minute apart, with somebody else in between: archived, they are still not there at once."""
    table = Coexistence()
    slots = np.array(slots_of(table, 3))
    first_s, last_s = np.array([0.0, 60.0, 20.0]), np.array([10.0, 70.0, 30.0])
    table.common_s(slots, first_s, last_s, np.zeros(3, np.bool_))
    table.absorb(int(slots[0]), int(slots[1]))
    got = table.common_s(slots[[0, 2]], np.array([0.0, 20.0]), np.array([70.0, 30.0]), np.array([True, False]))
    assert got[0, 1] == 0.0


def pieces(visits: int, at_once: bool) -> tuple[FloatArray, IntArray, NDArray[np.float64]]:
    """Similarity, cameras and common seconds of one person's visits in two cameras."""
    cameras = np.repeat([0, 1], visits)
    visit = np.tile(np.arange(visits), 2)
    common_s = np.where((visit[:, None] == visit) & at_once, 5.0, 0.0)
    return np.ones((2 * visits, 2 * visits), np.float32), cameras, common_s


@pytest.mark.parametrize(
    ("visits", "at_once", "disjoint"),
    [
        pytest.param(1, False, False, id="too-little-evidence"),
        pytest.param(2, False, False, id="just-too-little"),
        pytest.param(3, False, True, id="just-enough-as-nobody-says-otherwise"),
        pytest.param(4, True, False, id="there-at-once"),
        pytest.param(30, True, False, id="coming-back-often-changes-nothing"),
    ],
)
def test_disjoint_cameras(visits: int, at_once: bool, disjoint: bool) -> None:
    """What the first people show of one pair of cameras is taken to hold for the third camera, too."""
    similarity, cameras, common_s = pieces(visits, at_once)
    got = disjoint_cameras(similarity, cameras, np.full(2 * visits, 2.0, np.float32), common_s, 3)
    assert got.tolist() == (disjoint & ~np.eye(3, dtype=np.bool_)).tolist()


@pytest.mark.parametrize(
    ("visits", "disjoint"), [pytest.param(3, False, id="too-little-evidence"), pytest.param(4, True, id="enough")]
)
def test_once_somebody_is_in_two_cameras_at_once_each_pair_has_to_show_it(visits: int, disjoint: bool) -> None:
    """One person stays where cameras 0 and 1 overlap; another comes and goes between cameras 0 and 2."""
    walks = 2 * visits
    cameras = np.array([0, 1, *[0, 2] * visits])
    similarity, common_s = np.zeros((walks + 2, walks + 2), np.float32), np.zeros((walks + 2, walks + 2))
    similarity[:2, :2] = similarity[2:, 2:] = 1.0
    common_s[:2, :2] = 5.0
    got = disjoint_cameras(similarity, cameras, np.full(walks + 2, 2.0, np.float32), common_s, 3)
    assert got[0, 2] == got[2, 0] == disjoint
    assert not got[0, 1]
    assert not got[1, 2]


def test_short_pieces_and_strangers_have_no_say() -> None:
    similarity, cameras, common_s = pieces(9, at_once=False)
    assert not disjoint_cameras(similarity, cameras, np.full(18, 0.4, np.float32), common_s, 2).any()
    assert not disjoint_cameras(np.float32(0.5) * similarity, cameras, np.full(18, 2.0, np.float32), common_s, 2).any()
