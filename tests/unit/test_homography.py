"""The learnt map between two floors: right where people show it, refused where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from association.feet import LEAST_POINTS, FootPairs
from association.homography import FAR_M, LearntHomography, fit_homography
from tests.walkers import CORNER, OPPOSITE, walk


def pairs(people: int = 6, each: int = 15, noise_px: float = 0.0) -> FootPairs:
    times = np.arange(each) / 5.0
    floor = np.concatenate([walk(person, times) for person in range(people)] or [np.zeros((0, 2))])
    noise = noise_px * np.sin(np.arange(4.0 * len(floor)) ** 2).reshape(4, -1)
    return FootPairs(
        CORNER.feet(floor) + noise[:2].T,
        OPPOSITE.feet(floor) + noise[2:].T,
        CORNER.heights(floor),
        OPPOSITE.heights(floor),
        np.repeat(np.arange(1, people + 1), each),
    )


def swapped(of: FootPairs, people: int) -> FootPairs:
    """The same, but the first so many people are taken for each other."""
    order = np.arange(len(of.people))
    wrong = of.people <= people
    order[wrong] = np.roll(order[wrong], int((of.people == 1).sum()))
    return of._replace(points_b=of.points_b[order], heights_b=of.heights_b[order])


def fitted(of: FootPairs) -> LearntHomography:
    learnt = fit_homography(of)
    assert learnt is not None
    return learnt


FAR_FLOOR = np.array([[-3.0, 2.0], [0.0, 0.0], [3.0, -2.0], [2.5, 3.0]])
"""Where some of the people never go."""


@pytest.mark.parametrize(
    ("of", "error_m"),
    [
        pytest.param(pairs(), 1e-6, id="exact"),
        pytest.param(pairs(people=4, each=8), 1e-6, id="just-enough"),
        pytest.param(pairs(noise_px=6.0), 0.3, id="feet-off-by-six-pixels"),
        pytest.param(swapped(pairs(people=8), 2), 0.05, id="a-quarter-taken-for-each-other"),
        pytest.param(swapped(pairs(people=10), 4), 0.05, id="forty-percent-taken-for-each-other"),
    ],
)
def test_finds_the_map(of: FootPairs, error_m: float) -> None:
    a, b = CORNER.feet(FAR_FLOOR), OPPOSITE.feet(FAR_FLOOR)
    distance = fitted(of).distance_m(a, b, CORNER.heights(FAR_FLOOR), OPPOSITE.heights(FAR_FLOOR))
    assert distance.max() < error_m


def one_line(of: FootPairs) -> FootPairs:
    floor = np.column_stack([np.linspace(-3.0, 3.0, len(of.people)), np.zeros(len(of.people))])
    floor = floor[np.argsort(np.sin(np.arange(len(floor)) ** 2))]
    return FootPairs(
        CORNER.feet(floor), OPPOSITE.feet(floor), CORNER.heights(floor), OPPOSITE.heights(floor), of.people
    )


def standing(of: FootPairs, people: int, right: bool) -> FootPairs:
    """Nobody moves: as many places as people, paired rightly or not."""
    first = np.repeat(np.arange(people), 15) * 15
    other = (first + (0 if right else 15)) % (15 * people)
    return FootPairs(
        of.points_a[first],
        of.points_b[other],
        of.heights_a[first],
        of.heights_b[other],
        np.repeat(np.arange(people), 15),
    )


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(pairs(people=0), id="nobody"),
        pytest.param(pairs(people=3), id="too-few-people"),
        pytest.param(pairs(people=4, each=(LEAST_POINTS - 1) // 4), id="too-few-points"),
        pytest.param(swapped(pairs(people=6), 6), id="everybody-taken-for-somebody-else"),
        pytest.param(one_line(pairs()), id="all-on-one-line"),
        pytest.param(standing(pairs(), 1, right=True)._replace(people=np.arange(15) % 5), id="all-in-one-place"),
        pytest.param(standing(pairs(), 4, right=False), id="four-who-stand-fit-anything"),
    ],
)
def test_refuses(of: FootPairs) -> None:
    assert fit_homography(of) is None


@pytest.mark.parametrize("turn", range(1, 20))
def test_refuses_pairs_put_together_anyhow(turn: int) -> None:
    of = pairs(people=8, each=10)
    order = np.argsort(np.sin(turn * np.arange(1, 81) ** 2))
    assert fit_homography(of._replace(points_b=of.points_b[order], heights_b=of.heights_b[order])) is None


def test_says_what_it_rests_on() -> None:
    learnt = fitted(swapped(pairs(people=8), 2))
    assert (learnt.points, learnt.people) == (120, 6)
    assert learnt.share == pytest.approx(0.75, abs=0.05)
    assert learnt.median_m < 0.05 < 1.0 < learnt.chance_m


def test_the_same_pairs_give_the_same_map() -> None:
    assert np.array_equal(fitted(pairs(noise_px=3.0)).matrix, fitted(pairs(noise_px=3.0)).matrix)


def test_distances_are_metres_of_the_floor() -> None:
    floor = np.array([[0.0, 0.0]])
    aside = np.array([[1.0, 0.0]])
    learnt = fitted(pairs())
    distance = learnt.distance_m(
        CORNER.feet(floor), OPPOSITE.feet(aside), CORNER.heights(floor), OPPOSITE.heights(aside)
    )
    assert distance == pytest.approx(1.0, abs=0.35)


def test_what_lies_beyond_the_horizon_is_far() -> None:
    above = np.array([[960.0, -5000.0]])
    assert fitted(pairs()).distance_m(above, above, np.ones(1), np.ones(1)) == FAR_M


def test_distances_of_nothing() -> None:
    none = np.zeros((0, 2))
    assert fitted(pairs()).distance_m(none, none, np.zeros(0), np.zeros(0)).shape == (0,)
