"""At which rounds to look: every n-th, or as many as there is time for."""

from __future__ import annotations

import pytest

from pace import MOST_PASSED_OVER, Pace

PERIOD_S = 0.04


def run(pace: Pace, look_s: float, pass_s: float, rounds: int = 400) -> list[bool]:
    """Which rounds are looked at, when looking and passing over take so long."""
    out = []
    for index in range(rounds):
        looked = pace.looks_at(index, index * PERIOD_S)
        pace.took(look_s if looked else pass_s, looked=looked)
        out.append(looked)
    return out


@pytest.mark.parametrize("stride", [1, 3])
def test_a_fixed_pace_depends_on_nothing_else(stride: int) -> None:
    assert run(Pace(stride), look_s=9.0, pass_s=1.0) == [index % stride == 0 for index in range(400)]


@pytest.mark.parametrize(
    ("stride", "look_s", "pass_s", "every"),
    [
        pytest.param(1, 0.030, 0.002, 1, id="time-enough"),
        pytest.param(1, 0.040, 0.002, 1, id="just-enough"),
        pytest.param(1, 0.070, 0.002, 2, id="every-other"),
        pytest.param(1, 0.150, 0.002, 4, id="every-fourth"),
        pytest.param(3, 0.010, 0.002, 3, id="never-more-often-than-asked"),
        pytest.param(1, 9.000, 0.002, MOST_PASSED_OVER + 1, id="hopelessly-slow"),
        pytest.param(1, 0.060, 0.050, MOST_PASSED_OVER + 1, id="not-even-time-to-pass-over"),
    ],
)
def test_it_keeps_up(stride: int, look_s: float, pass_s: float, every: int) -> None:
    looked = run(Pace(stride, keep_up=True), look_s, pass_s)
    assert looked[0]
    assert sum(looked[200:]) == pytest.approx(200 / every, abs=1)
    spent_s = sum(look_s if each else pass_s for each in looked[200:])
    assert spent_s <= 200 * PERIOD_S * 1.05 or every == MOST_PASSED_OVER + 1


def test_it_looks_more_often_again_when_there_is_time() -> None:
    pace = Pace(1, keep_up=True)
    run(pace, look_s=0.2, pass_s=0.002)
    assert pace.stride > 4
    looked = run(pace, look_s=0.02, pass_s=0.002)
    assert all(looked[200:])
