"""The search for the offset of two clocks: right to a tenth of a second, silent where nothing is clearly better."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from association.homography import residual_m
from association.offset import OffsetSearch
from tests.walkers import both_see

Residual = Callable[[float], float]


def searched(residual: Residual, present_s: float = 0.0) -> float | None:
    search = OffsetSearch(present_s)
    while not search.over:
        assert search.found_s is None
        search.tell(residual(search.trial_s))
    return search.found_s


def valley(at_s: float) -> Residual:
    return lambda offset_s: min(1.0, 0.1 + abs(offset_s - at_s))


@pytest.mark.parametrize("at_s", [-2.0, -1.37, -0.5, -0.15, 0.15, 0.3, 1.0, 1.62, 2.0])
def test_finds_the_lowest(at_s: float) -> None:
    assert searched(valley(at_s)) == pytest.approx(at_s, abs=0.06)


@pytest.mark.parametrize(
    ("residual", "present_s"),
    [
        pytest.param(valley(0.0), 0.0, id="no-offset"),
        pytest.param(valley(0.08), 0.0, id="too-small-to-matter"),
        pytest.param(valley(0.5), 0.5, id="the-one-in-use"),
        pytest.param(lambda _: 0.1, 0.0, id="nobody-moves"),
        pytest.param(lambda offset_s: 0.5 + 0.05 * np.cos(7.0 * offset_s + 1.0), 0.0, id="hardly-better"),
        pytest.param(lambda _: np.nan, 0.0, id="nobody-there"),
        pytest.param(lambda offset_s: np.nan if abs(offset_s) < 1.0 else 0.1, 0.0, id="not-known-at-present"),
    ],
)
def test_keeps_the_present_offset(residual: Residual, present_s: float) -> None:
    assert searched(residual, present_s) is None


def test_goes_back_to_none() -> None:
    assert searched(valley(0.0), present_s=0.7) == pytest.approx(0.0, abs=0.06)


@pytest.mark.parametrize(("offset_s", "noise_px"), [(-1.8, 0.0), (-0.4, 4.0), (0.25, 4.0), (1.9, 4.0)])
def test_finds_the_offset_of_walkers(offset_s: float, noise_px: float) -> None:
    memory = both_see(people=7, seconds=10.0, offset_s=offset_s, noise_px=noise_px)
    found_s = searched(lambda trial_s: residual_m(memory.pairs(0, 1, trial_s)))
    assert found_s == pytest.approx(offset_s, abs=0.1)


@pytest.mark.parametrize(
    ("people", "speed_m_s"),
    [
        pytest.param(7, 1.3, id="no-offset"),
        pytest.param(7, 0.0, id="nobody-moves"),
        pytest.param(3, 1.3, id="too-few-people"),
    ],
)
def test_says_nothing_of_walkers(people: int, speed_m_s: float) -> None:
    memory = both_see(people, 10.0, offset_s=0.0 if speed_m_s and people > 3 else 1.0, speed_m_s=speed_m_s)
    assert searched(lambda trial_s: residual_m(memory.pairs(0, 1, trial_s))) is None
