"""The likelihood ratio that tells whether a newcomer is somebody who left."""

from __future__ import annotations

import numpy as np
import pytest

from association.recovery import (
    MAX_LOOK_GAIN,
    MIN_PLACE_GAIN,
    OTHER_MEAN,
    Ends,
    Others,
    caution,
    look_gain,
    place_gain,
    recovery_gain,
)

AREA = 640.0 * 480.0


def ends(time_s: float, cx: float = 100.0, height: float = 100.0, speed: float = 0.0) -> Ends:
    return Ends(np.array([time_s]), np.array([[cx, 150.0]]), np.array([height]), np.array([[speed, 0.0]]))


@pytest.mark.parametrize(
    ("similarity", "sign"),
    [
        pytest.param(0.95, 1, id="alike"),
        pytest.param(0.88, 1, id="as-alike-as-usual"),
        pytest.param(0.6, -1, id="as-others-are"),
        pytest.param(0.5, -1, id="at-the-limit"),
    ],
)
def test_look_gain_has_a_sign(similarity: float, sign: int) -> None:
    gain = float(look_gain(np.array(similarity)))
    assert np.isfinite(gain)
    assert np.sign(gain) == sign


@pytest.mark.parametrize("similarity", [0.499, -1.0, np.nan], ids=["below-the-limit", "opposite", "unknown"])
def test_look_gain_forbids(similarity: float) -> None:
    assert look_gain(np.array(similarity)) == -np.inf


def test_look_gain_rises_with_likeness_up_to_its_cap() -> None:
    gains = look_gain(np.linspace(0.5, 1.0, 51))
    assert (np.diff(gains) >= 0).all()
    assert gains[-1] == pytest.approx(min(MAX_LOOK_GAIN, np.log(0.09 / 0.08) + 0.5 * (0.45 / 0.09) ** 2))


def test_here_and_now_is_better_than_there_and_later() -> None:
    left = ends(0.0)
    near = place_gain(ends(0.5), left, AREA)[0, 0]
    far = place_gain(ends(0.5, cx=400.0), left, AREA)[0, 0]
    later = place_gain(ends(20.0), left, AREA)[0, 0]
    assert near > 0.0
    assert near > later
    assert far == MIN_PLACE_GAIN


def test_a_walker_is_expected_ahead() -> None:
    left = ends(0.0, speed=200.0)
    ahead = place_gain(ends(0.5, cx=200.0), left, AREA)
    behind = place_gain(ends(0.5, cx=0.0), left, AREA)
    assert ahead > behind


def test_another_height_speaks_against() -> None:
    left = ends(0.0)
    assert place_gain(ends(0.5, height=60.0), left, AREA) < place_gain(ends(0.5), left, AREA)


@pytest.mark.parametrize(
    ("begun_s", "possible"),
    [
        pytest.param(5.1, True, id="after"),
        pytest.param(5.0, False, id="at-the-same-time"),
        pytest.param(4.0, False, id="before"),
    ],
)
def test_nobody_is_two_at_once(begun_s: float, possible: bool) -> None:
    assert np.isfinite(place_gain(ends(begun_s), ends(5.0), AREA)[0, 0]) == possible


def test_place_gain_of_many() -> None:
    left = Ends(np.zeros(3), np.array([[100.0, 150.0]] * 3), np.full(3, 100.0), np.zeros((3, 2)))
    assert place_gain(ends(1.0), left, AREA).shape == (1, 3)


def test_caution() -> None:
    found = caution(np.array([True, False]), np.array([True, False]), np.array([True, False]))
    np.testing.assert_allclose(found, [[0.0, 2.0], [3.0, 3.0]])


def test_among_many_lost_one_is_alike_by_chance() -> None:
    def gain(lost: int) -> float:
        table = np.zeros((1, lost))
        return float(recovery_gain(table + 2.0, table, table)[0, 0])

    assert gain(1) == pytest.approx(2.0)
    assert gain(10) == pytest.approx(2.0 - 0.5 * np.log(10))


def test_what_is_forbidden_stays_forbidden() -> None:
    table = np.zeros((1, 1))
    assert recovery_gain(table - np.inf, table + 9.0, table)[0, 0] == -np.inf
    assert recovery_gain(table + 8.0, table - np.inf, table)[0, 0] == -np.inf


@pytest.mark.parametrize(
    ("seen", "mean"),
    [
        pytest.param([], OTHER_MEAN, id="nobody-seen"),
        pytest.param([0.2] * 100, OTHER_MEAN, id="people-who-differ-more-than-usual"),
        pytest.param([0.95] * 20, (0.95 + OTHER_MEAN) / 2.0, id="as-many-as-the-guess-counts-for"),
        pytest.param([0.95] * 2000, 0.95, id="all-dressed-alike"),
    ],
)
def test_how_alike_others_are_is_learnt(seen: list[float], mean: float) -> None:
    others = Others()
    others.learn(np.array(seen))
    assert others.mean == pytest.approx(mean, abs=0.01)


def test_a_look_that_everybody_has_tells_nothing() -> None:
    alike = np.array(0.92)
    assert float(look_gain(alike)) > 2.0
    assert abs(float(look_gain(alike, 0.92))) < 0.5
