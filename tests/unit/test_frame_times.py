"""The first frame at a time or later, also of a camera that was gone for a while."""

from __future__ import annotations

import pytest

from frame_times import FIRST_FRAME_S, LONGEST_FRAME_S, FrameTimes


@pytest.mark.parametrize(
    ("time_s", "frame"),
    [
        pytest.param(-1.0, 0, id="before-everything"),
        pytest.param(0.0, 0, id="exactly-the-first"),
        pytest.param(10.0, 100, id="exactly-one"),
        pytest.param(10.01, 101, id="just-after-one"),
        pytest.param(29.9, 299, id="the-last-before-a-gap"),
        pytest.param(500.0, 300, id="in-the-gap"),
        pytest.param(1000.0, 300, id="the-first-after-the-gap"),
        pytest.param(1005.0, 350, id="after-the-gap"),
        pytest.param(1029.9, 599, id="the-last"),
        pytest.param(1030.0, 600, id="still-to-come"),
    ],
)
def test_the_first_frame_at_a_time(time_s: float, frame: int) -> None:
    times = FrameTimes()
    for index in range(600):
        times.add(index, index / 10.0 + (970.0 if index >= 300 else 0.0))
    assert times.first_at(time_s) == frame


def test_without_any_frame_it_is_the_first() -> None:
    assert FrameTimes().first_at(3.0) == 0


def test_how_long_frames_take() -> None:
    times = FrameTimes()
    assert [times.add(*each) for each in ((0, 5.0), (1, 5.1), (2, 7.0))] == [
        FIRST_FRAME_S,
        pytest.approx(0.1),
        LONGEST_FRAME_S,
    ]
