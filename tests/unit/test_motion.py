"""The Kalman filters: known answers, frame-rate independence, and mending after a gap."""

from __future__ import annotations

import numpy as np
import pytest

from association import motion
from association.motion import FADE_RATE, MIN_SIDE_PX, Motion

BOX = np.array([100.0, 200.0, 40.0, 100.0])


def walked(fps: float, seconds: float, speed: float = 60.0) -> Motion:
    """A filter that watched a box walk to the right."""
    state = motion.begin(BOX)
    for i in range(1, round(seconds * fps) + 1):
        state = motion.predict(state, 1 / fps, unseen=False)
        state = motion.update(state, BOX + np.array([speed * i / fps, 0, 0, 0]), np.array(5.0))
    return state


def test_a_new_box_stands_still() -> None:
    later = motion.predict(motion.begin(BOX), 1.0, unseen=False)
    np.testing.assert_allclose(later.box_cxcywh, BOX)
    np.testing.assert_allclose(later.velocity, 0.0)


def test_no_time_changes_nothing() -> None:
    start = walked(15, 1.0)
    np.testing.assert_allclose(motion.predict(start, 0.0, unseen=False).state, start.state)


def test_doubt_grows_with_time_and_shrinks_with_a_measurement() -> None:
    start = walked(15, 1.0)
    later = motion.predict(start, 0.5, unseen=False)
    assert (later.spread[0] > start.spread[0]).all()
    assert (later.spread[2] > start.spread[2]).all()
    seen = motion.update(later, later.box_cxcywh, np.array(5.0))
    assert (seen.spread[0] < later.spread[0]).all()


@pytest.mark.parametrize("fps", [7.5, 15.0, 25.0, 30.0], ids="{}fps".format)
def test_learns_the_speed_of_a_walker_at_any_frame_rate(fps: float) -> None:
    state = walked(fps, 4.0)
    assert state.velocity[0] == pytest.approx(60.0, rel=0.03)
    assert state.box_cxcywh[0] == pytest.approx(100.0 + 240.0, abs=2.0)


def test_two_small_steps_predict_what_one_large_step_does() -> None:
    start = walked(15, 1.0)
    once = motion.predict(start, 0.2, unseen=False)
    twice = motion.predict(motion.predict(start, 0.1, unseen=False), 0.1, unseen=False)
    np.testing.assert_allclose(twice.box_cxcywh, once.box_cxcywh)
    np.testing.assert_allclose(twice.spread, once.spread, rtol=0.02)  # the box height moves a little between


def test_an_exact_measurement_is_believed() -> None:
    seen = motion.update(motion.begin(BOX), BOX + 7.0, np.array(1e-6))
    np.testing.assert_allclose(seen.box_cxcywh, BOX + 7.0, rtol=1e-6)


def test_a_worthless_measurement_is_not() -> None:
    seen = motion.update(motion.begin(BOX), BOX + 7.0, np.array(1e6))
    np.testing.assert_allclose(seen.box_cxcywh, BOX, rtol=1e-6)


@pytest.mark.parametrize(
    ("unseen", "kept"),
    [pytest.param(False, 1.0, id="seen-goes-on"), pytest.param(True, np.exp(-0.2 * FADE_RATE), id="unseen-fades")],
)
def test_growth_fades_while_nobody_sees_the_box(unseen: bool, kept: float) -> None:
    state = walked(15, 1.0).state.copy()
    state[1, 3] = 10.0
    later = motion.predict(Motion(state), 0.2, unseen)
    assert later.velocity[3] == pytest.approx(10.0 * kept)
    assert later.velocity[0] == pytest.approx(state[1, 0])


def test_fade_is_a_fifth_at_each_frame_of_15_fps() -> None:
    assert np.exp(-FADE_RATE / 15) == pytest.approx(0.8)


def test_a_shrinking_box_never_vanishes() -> None:
    state = motion.begin(BOX).state.copy()
    state[1, 2:] = -1000.0
    assert (motion.predict(Motion(state), 1.0, unseen=False).box_cxcywh[2:] == MIN_SIDE_PX).all()


def test_many_at_once_are_as_one_by_one() -> None:
    singles = [walked(15, 1.0, speed) for speed in (-30.0, 0.0, 80.0)]
    unseen = np.array([True, False, True])
    stacked = Motion(np.array([single.state for single in singles]))
    together = motion.update(motion.predict(stacked, 0.1, unseen), np.tile(BOX, (3, 1)), np.full(3, 9.0))
    for i, single in enumerate(singles):
        alone = motion.update(motion.predict(single, 0.1, bool(unseen[i])), BOX, np.array(9.0))
        np.testing.assert_allclose(together.state[i], alone.state)


@pytest.mark.parametrize(
    ("score", "overlap", "expected"),
    [
        pytest.param(0.5, 0.0, 10.0, id="half-sure"),
        pytest.param(1.0, 0.0, 5.0, id="sure"),
        pytest.param(0.5, 1.0, 30.0, id="covered"),
    ],
)
def test_measurement_std(score: float, overlap: float, expected: float) -> None:
    assert motion.measurement_std(np.array(100.0), np.array(score), np.array(overlap)) == pytest.approx(expected)


def test_replay_learns_the_turn_taken_during_a_gap() -> None:
    """A walker to the right is found again on the left: the mended filter knows it went left."""
    start = walked(15, 2.0)
    last = start.box_cxcywh.copy()
    found = last - [60.0, 0.0, 0.0, 0.0]
    coasted = motion.update(motion.predict(start, 1.0, unseen=True), found, np.array(5.0))
    mended = motion.replay(start, last, found, gap_s=1.0, steps=15, std_px=5.0)
    assert mended.velocity[0] == pytest.approx(-60.0, abs=25.0)
    assert abs(mended.velocity[0] + 60.0) < abs(coasted.velocity[0] + 60.0)
    assert mended.box_cxcywh[0] == pytest.approx(found[0], abs=5.0)
