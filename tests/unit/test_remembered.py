"""People not seen for long: found again by look, not taken for others however many there are, forgotten in order."""

from __future__ import annotations

import numpy as np
import pytest

from association.centring import RawLooks
from atoms import NO_LOOK, Atom, Row
from entities import NOBODY, FloatArray, GlobalId, LocalId
from remembered import Remembered, revived
from tests.builders import look, unit

SPACE = RawLooks(cos_thresh=0.4, similarity=0.4)
"""Similarity is the cosine."""
DIMENSION = 45
"""As many directions as real looks differ in: two of different people have a cosine of 0.15 or so."""
EVER = 10**6


def atom(identity: int, embedding: FloatArray, camera: int = 0, last_s: float = 10.0) -> Atom:
    row = Row(7, last_s, True, (0.0, 0.0, 0.0), 1.0, 0.0, 1.0, 3.0 * embedding, NO_LOOK)
    new = Atom(row, key=1, slot=0, camera=camera, local_id=LocalId(identity), frame_s=0.1)
    new.name(GlobalId(identity), last_s)
    return new


def remembered(*people: int) -> Remembered:
    """One row a person, seen at 10 s a number."""
    memory = Remembered()
    for person in people:
        memory.add([atom(person, look(person, DIMENSION), last_s=10.0 * person)])
    return memory


def recognised(memory: Remembered, *looks: FloatArray, least: float = 0.4) -> list[GlobalId]:
    return memory.recognise(np.array(looks, np.float32), SPACE, least)


@pytest.mark.parametrize(
    ("memory", "seen", "least", "name"),
    [
        pytest.param(remembered(), look(1, DIMENSION), 0.4, NOBODY, id="nobody-remembered"),
        pytest.param(remembered(1, 2, 3), look(2, DIMENSION), 0.4, 2, id="known"),
        pytest.param(remembered(1, 2, 3), look(4, DIMENSION), 0.4, NOBODY, id="a-stranger"),
        pytest.param(remembered(1), look(1, DIMENSION, noise=1.0), 0.99, NOBODY, id="less-alike-than-asked-for"),
        pytest.param(remembered(1), np.zeros(DIMENSION, np.float32), 0.4, NOBODY, id="no-look"),
    ],
)
def test_recognise(memory: Remembered, seen: FloatArray, least: float, name: int) -> None:
    assert recognised(memory, seen, least=least) == [name]


def test_several_at_once() -> None:
    names = recognised(remembered(1, 2, 3), look(3, DIMENSION), look(9, DIMENSION), look(1, DIMENSION))
    assert names == [3, NOBODY, 1]


@pytest.mark.parametrize(
    ("others", "cosine", "known"),
    [
        pytest.param(0, 0.5, True, id="alike-enough-when-alone"),
        pytest.param(3000, 0.5, False, id="no-more-among-thousands"),
        pytest.param(3000, 0.9, True, id="quite-alike-among-thousands"),
    ],
)
def test_among_many_somebody_is_always_a_little_alike(others: int, cosine: float, known: bool) -> None:
    seen, aside = look(1, DIMENSION), look(2, DIMENSION)
    aside = unit(list(aside - float(aside @ seen) * seen))
    memory = Remembered()
    memory.add([atom(7, unit(list(cosine * seen + np.sqrt(1.0 - cosine**2) * aside)))])
    for number, stranger in enumerate(np.random.default_rng(3).normal(size=(others, DIMENSION))):
        memory.add([atom(100 + number, unit(list(stranger)))])
    assert recognised(memory, seen) == [7 if known else NOBODY]


@pytest.mark.parametrize(
    ("before_s", "most", "left"),
    [
        pytest.param(0.0, EVER, {1, 2, 3}, id="nothing-to-forget"),
        pytest.param(20.0, EVER, {2, 3}, id="seen-at-the-limit-stays"),
        pytest.param(20.1, EVER, {3}, id="before-the-limit-goes"),
        pytest.param(0.0, 3, {1, 2, 3}, id="as-many-as-allowed"),
        pytest.param(0.0, 1, {3}, id="the-longest-unseen-go"),
        pytest.param(99.0, EVER, set(), id="all"),
    ],
)
def test_forget(before_s: float, most: int, left: set[int]) -> None:
    memory = remembered(2, 1, 3)
    memory.forget(before_s, most)
    assert len(memory) == len(left)
    names = recognised(memory, *(look(person, DIMENSION) for person in (1, 2, 3)))
    assert names == [person if person in left else NOBODY for person in (1, 2, 3)]


def test_what_is_taken_is_as_it_was_and_remembered_no_more() -> None:
    memory = remembered(1, 3)
    memory.add([atom(2, look(2, DIMENSION), camera=0, last_s=5.0), atom(2, look(5, DIMENSION), camera=1, last_s=9.0)])
    for identity in range(10, 100):  # more than there was room for at first
        memory.add([atom(identity, look(identity, DIMENSION))])
    back = [revived(past, row, key=4, slot=6, now_s=50.0) for past, row in memory.take(GlobalId(2))]
    assert {(each.camera, each.last_s, each.identity, each.seconds) for each in back} == {
        (0, 5.0, 2, 1.0),
        (1, 9.0, 2, 1.0),
    }
    assert all(each.archived and each.settled and each.since_s == 50.0 for each in back)
    np.testing.assert_allclose(back[0].look, 3.0 * look(2, DIMENSION), atol=1e-6)
    assert len(memory) == 92
    assert recognised(memory, look(2, DIMENSION), look(99, DIMENSION)) == [NOBODY, 99]


def test_who_never_showed_a_look_is_not_remembered() -> None:
    memory = Remembered()
    memory.add([atom(1, np.zeros(1, np.float32))])
    assert len(memory) == 0
