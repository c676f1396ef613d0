"""Notes of feet: whose they are is asked late, between them people walk straight, and old ones are forgotten."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from association.feet import FeetMemory, FootPairs
from association.standing import Standing

BOOK = 7
"""The identity of everybody whom nothing else is said of."""


def at(camera: int, time_s: float, x: float, *, slot: int = 1, name: int = BOOK) -> Standing:
    ones = np.ones(1)
    return Standing(
        camera,
        time_s,
        np.array([[x, 2.0 * x]]),
        100.0 * ones,
        0.9 * ones,
        0.0 * ones,
        ones > 0.0,
        np.array([slot]),
        np.array([name]),
    )


def memory_of(*standings: Standing) -> FeetMemory:
    memory = FeetMemory(2)
    for standing in standings:
        memory.take(standing)
    return memory


def pairs_of(*standings: Standing, offset_s: float = 0.0) -> FootPairs:
    return memory_of(*standings).pairs(0, 1, offset_s)


def test_one_person_at_one_time_is_a_pair() -> None:
    pairs = pairs_of(at(0, 1.0, 10.0), at(1, 1.0, 30.0, slot=2))
    assert pairs.points_a.tolist() == [[10.0, 20.0]]
    assert pairs.points_b.tolist() == [[30.0, 60.0]]
    assert (pairs.heights_a.tolist(), pairs.heights_b.tolist(), pairs.people.tolist()) == ([100.0], [100.0], [BOOK])


def test_who_takes_over_a_slot_did_not_stand_where_the_last_one_stood() -> None:
    memory = memory_of(at(0, 1.0, 10.0), at(1, 1.0, 30.0, slot=2))
    memory.forget(1)
    memory.take(at(0, 1.1, 70.0))  # at once: the last one's note does not hold back his
    assert len(memory.pairs(0, 1, 0.0).people) == 0
    memory.take(at(1, 1.3, 90.0, slot=2))
    assert memory.pairs(0, 1, 0.0).points_a.tolist() == [[70.0, 140.0]]


SEEN = at(1, 1.0, 30.0, slot=2)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param([], id="nobody"),
        pytest.param([at(1, 1.0, 30.0, slot=2, name=8)], id="somebody-else"),
        pytest.param([at(1, 1.0, 30.0, slot=2, name=0)], id="not-known-who"),
        pytest.param([at(1, 1.2, 30.0, slot=2)], id="at-another-time"),
        pytest.param([at(1, 0.6, 30.0, slot=2), at(1, 1.2, 50.0, slot=2)], id="between-notes-too-far-apart"),
        pytest.param([replace(SEEN, scores=np.array([0.5]))], id="hardly-a-person"),
        pytest.param([replace(SEEN, occlusion=np.array([0.2]))], id="covered"),
        pytest.param([replace(SEEN, clear=np.array([False]))], id="feet-not-seen"),
    ],
)
def test_no_pair(other: list[Standing]) -> None:
    assert len(pairs_of(at(0, 1.0, 10.0), *other).people) == 0


@pytest.mark.parametrize(
    ("offset_s", "x"),
    [
        pytest.param(0.0, 30.0, id="none"),
        pytest.param(0.2, 50.0, id="the-other-is-late"),
        pytest.param(0.1, 40.0, id="between-two-notes"),
        pytest.param(-0.05, 25.0, id="the-other-is-early"),
    ],
)
def test_offset(offset_s: float, x: float) -> None:
    others = [at(1, 0.8 + 0.2 * i, 10.0 + 20.0 * i, slot=2) for i in range(4)]
    pairs = pairs_of(at(0, 1.0, 10.0), *others, offset_s=offset_s)
    assert pairs.points_b == pytest.approx(np.array([[x, 2.0 * x]]))


def test_who_it_is_may_be_known_later() -> None:
    memory = memory_of(at(0, 1.0, 10.0), at(1, 1.0, 30.0, slot=2, name=0))
    assert len(memory.pairs(0, 1, 0.0).people) == 0
    memory.take(at(1, 1.1, 32.0, slot=2))
    assert memory.pairs(0, 1, 0.0).people.tolist() == [BOOK]


def test_noted_five_times_a_second() -> None:
    both = [at(camera, 0.04 * i, 10.0 + i, slot=1 + camera) for i in range(51) for camera in (0, 1)]
    assert len(pairs_of(*both).people) == 11


def test_forgotten_after_a_minute() -> None:
    memory = memory_of(at(0, 1.0, 10.0), at(1, 1.0, 30.0, slot=2))
    memory.take(at(0, 61.0, 10.0))
    assert len(memory.pairs(0, 1, 0.0).people) == 1
    memory.take(at(0, 61.5, 10.0))
    assert len(memory.pairs(0, 1, 0.0).people) == 0


def test_many_pairs_are_thinned_out_evenly() -> None:
    both = [at(camera, 0.2 * i, float(i), slot=1 + camera) for i in range(200) for camera in (0, 1)]
    some = pairs_of(*both).some(50)
    assert some.points_a[:, 0].tolist() == [4.0 * i for i in range(50)]


@pytest.mark.parametrize(
    ("ago_s", "x"),
    [
        pytest.param(0.4, 14.0, id="at-a-note"),
        pytest.param(0.3, 15.0, id="between-notes"),
        pytest.param(1.0, 8.0, id="its-first"),
        pytest.param(1.5, None, id="before-it-came"),
    ],
)
def test_where_somebody_stood(ago_s: float, x: float | None) -> None:
    memory = memory_of(*[at(0, 0.2 * i, 8.0 + 2.0 * i) for i in range(6)])
    then = memory.earlier(at(0, 1.0, 18.0), ago_s)
    assert then.clear.tolist() == [x is not None]
    if x is not None:
        assert then.feet_xy == pytest.approx(np.array([[x, 2.0 * x]]))
        assert then.heights_px.tolist() == [100.0]


def test_where_somebody_new_stood() -> None:
    assert memory_of(at(0, 0.0, 8.0)).earlier(at(0, 0.2, 9.0, slot=5), 0.2).clear.tolist() == [False]
