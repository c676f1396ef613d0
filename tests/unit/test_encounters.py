"""People of two cameras who stand at one place are rather one person, those who stand far apart are not."""

from __future__ import annotations

import numpy as np
import pytest

from association.encounters import BONUS, FAR_M, LASTING_BONUS, Encounters, PairEvidence, bonus
from association.histograms import BIN_M, BINS, medians
from association.standing import Metres, Standing, standing
from tests.builders import SIZE_PX, camera_tracks
from tests.walkers import FixedRuler

FPS = 10.0
SLOT1, SLOT2, SLOT3 = 1, 4, 2


class PixelRuler(FixedRuler):
    """A metre is a hundred pixels in every camera; camera 9 is not known."""

    def __init__(self) -> None:
        self.known = True
        self.proof_s = -np.inf
        self.doubted_s: list[float] = []

    def doubt(self, cameras: tuple[int, int], since_s: float) -> None:
        assert cameras == (0, 1)
        self.doubted_s.append(since_s)

    def proven_s(self, cameras: tuple[int, int]) -> float:
        return self.proof_s

    def distances_m(self, first: Standing, second: Standing) -> Metres | None:
        if not self.known or 9 in (first.camera, second.camera):
            return None
        return np.asarray(np.linalg.norm(first.feet_xy[:, None] - second.feet_xy, axis=2) / 100.0)


def at(camera: int, time_s: float, people: dict[int, float], clear: bool = True) -> Standing:
    """People of a camera by slot, standing at so many metres."""
    count = len(people)
    feet = np.array([(100.0 * metres, 0.0) for metres in people.values()]).reshape(count, 2)
    slots = np.array(list(people), np.int64)
    some = np.ones(count)
    return Standing(camera, time_s, feet, 100 * some, some, 0 * some, np.full(count, clear), slots, slots)


def after(seconds: float, away_m: float, *, clear: bool = True, fps: float = FPS, camera: int = 1) -> Encounters:
    """Slot 1 of camera 0 and slot 2 of another one, for so long so far apart."""
    out = Encounters(PixelRuler())
    for frame in range(round(seconds * fps)):
        out.see([at(0, frame / fps, {SLOT1: 0.0}), at(camera, frame / fps, {SLOT2: away_m}, clear)])
    return out


def of(encounters: Encounters, *slots: int) -> PairEvidence:
    return encounters.judge(np.array(slots or (SLOT1, SLOT2)))


@pytest.mark.parametrize(
    ("seconds", "away_m", "votes", "weight", "apart"),
    [
        pytest.param(0.0, 0.0, 0.0, 0.0, False, id="never-seen-at-once"),
        pytest.param(0.4, 0.1, 0.0, 0.0, False, id="too-short-to-tell"),
        pytest.param(0.5, 0.1, 0.45, 0.5, False, id="just-long-enough"),
        pytest.param(2.0, 0.1, 1.8, 2.0, False, id="at-one-place"),
        pytest.param(12.0, 0.1, 7.2, 8.0, False, id="no-more-say-after-eight-seconds"),
        pytest.param(2.0, 1.1, -0.2, 2.0, False, id="too-far-to-agree"),
        pytest.param(2.0, 2.9, -2.0, 2.0, False, id="not-far-enough-to-bar"),
        pytest.param(0.9, 9.0, -0.9, 0.9, False, id="too-short-to-bar"),
        pytest.param(1.0, 9.0, -1.0, 1.0, True, id="far-apart"),
    ],
)
def test_judge(seconds: float, away_m: float, votes: float, weight: float, apart: bool) -> None:
    found = of(after(seconds, away_m))
    assert found.votes[0, 1] == pytest.approx(votes, abs=0.1 * max(weight, 0.01))
    assert found.seconds[0, 1] == pytest.approx(weight)
    assert found.apart.tolist() == [[False, apart], [apart, False]]
    assert np.array_equal(found.votes, found.votes.T)
    assert np.array_equal(found.seconds, found.seconds.T)


@pytest.mark.parametrize(
    "encounters",
    [
        pytest.param(Encounters(None), id="no-ruler"),
        pytest.param(after(2.0, 0.0, camera=9), id="camera-not-known"),
        pytest.param(after(2.0, 0.0, clear=False), id="feet-not-seen"),
    ],
)
def test_nothing_is_known(encounters: Encounters) -> None:
    encounters.see([at(0, 0.0, {SLOT1: 0.0}), at(9, 0.0, {})])
    assert len(encounters) == 0
    found = of(encounters)
    assert not found.seconds.any()
    assert not found.votes.any()
    assert not found.apart.any()


@pytest.mark.parametrize("fps", [2.0, 7.0, 10.0, 25.0, 60.0])
def test_seconds_do_not_depend_on_the_rate(fps: float) -> None:
    assert of(after(2.0, 0.1, fps=fps)).seconds[0, 1] == pytest.approx(2.0, abs=0.5)


def test_a_slower_camera_is_compared_when_it_has_a_frame() -> None:
    encounters = Encounters(PixelRuler())
    for frame in range(60):
        people = [at(0, frame / 30.0, {SLOT1: 0.0})]
        if frame % 6 == 0:
            people.append(at(1, frame / 30.0, {SLOT2: 0.1}))
        encounters.see(people)
    assert of(encounters).seconds[0, 1] == pytest.approx(2.0, abs=0.2)


def test_nobody_to_judge() -> None:
    assert of(after(1.0, 0.0), *[]).votes.shape == (2, 2)
    assert Encounters(PixelRuler()).judge(np.zeros(0, np.int64)).votes.shape == (0, 0)


def test_a_freed_slot_has_met_nobody() -> None:
    encounters = after(2.0, 0.1)
    encounters.free_slot(SLOT2)
    assert len(encounters) == 0
    encounters.see([at(0, 9.0, {SLOT1: 0.0}), at(1, 9.0, {SLOT2: 0.0})])
    assert not of(encounters).seconds.any()


def test_a_piece_that_absorbs_another_has_stood_where_that_stood() -> None:
    encounters = after(1.0, 0.1)
    for frame in range(10):
        encounters.see([at(0, 1 + frame / FPS, {SLOT1: 0.0}), at(1, 1 + frame / FPS, {SLOT3: 0.1})])
    encounters.absorb(SLOT3, SLOT2)
    encounters.free_slot(SLOT2)
    assert of(encounters, SLOT1, SLOT3).seconds[0, 1] == pytest.approx(2.0)


def test_the_past_fades() -> None:
    """Whoever stood beside somebody for a minute, and then a minute elsewhere, is not held to be him."""
    encounters = after(60.0, 0.1)
    for frame in range(600):
        time_s = 60.0 + frame / FPS
        encounters.see([at(0, time_s, {SLOT1: 0.0}), at(1, time_s, {SLOT2: 9.0, SLOT3: 0.1})])
    assert of(encounters).apart[0, 1]


SLOT5, SLOT6, NEWCOMER = 5, 6, 7
BEFORE_DOUBT_S = 0.4
"""So long two people have to be missed until there is doubt; less than `LEAST_S`, so that nothing is said by then."""


def two_people(encounters: Encounters, start_s: float, seconds: float, *, shown: dict[int, float]) -> None:
    """Camera 0 sees two people at 0 and 5 m; camera 1 shows these slots at so many metres."""
    for frame in range(round(seconds * FPS)):
        time_s = start_s + frame / FPS
        encounters.see([at(0, time_s, {SLOT1: 0.0, SLOT5: 5.0}), at(1, time_s, shown)])


@pytest.mark.parametrize(
    ("doubtful_s", "seconds"),
    [pytest.param(1.0, 1.0, id="doubt-that-vanishes"), pytest.param(6.0, 0.0, id="doubt-that-lasts")],
)
def test_what_is_said_in_doubt_waits(doubtful_s: float, seconds: float) -> None:
    """Nobody is where he should be: that is how a camera shows another time, or how both people are hidden."""
    encounters = Encounters(PixelRuler())
    two_people(encounters, 0.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    two_people(encounters, 4.0, doubtful_s, shown={NEWCOMER: 9.0})
    assert not of(encounters, SLOT1, NEWCOMER).seconds.any()
    two_people(encounters, 4.0 + doubtful_s, 6.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    assert of(encounters, SLOT1, NEWCOMER).seconds[0, 1] == pytest.approx(seconds)
    assert of(encounters, SLOT1, SLOT2).votes[0, 1] > 4.0


def test_what_was_said_before_the_doubt_stands() -> None:
    encounters = Encounters(PixelRuler())
    two_people(encounters, 0.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    before = of(encounters, SLOT1, SLOT2)
    two_people(encounters, 4.0, 20.0, shown={NEWCOMER: 9.0})
    after_all = of(encounters, SLOT1, SLOT2)
    assert np.array_equal(before.votes, after_all.votes)
    assert not of(encounters, SLOT1, NEWCOMER).seconds.any()


def test_after_a_silence_nothing_is_said_until_people_are_met_again() -> None:
    encounters = Encounters(PixelRuler())
    two_people(encounters, 0.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    two_people(encounters, 9.0, 20.0, shown={NEWCOMER: 9.0})
    assert not of(encounters, SLOT1, NEWCOMER).seconds.any()
    two_people(encounters, 29.0, 6.0, shown={SLOT2: 0.1, SLOT6: 5.1, NEWCOMER: 9.0})
    assert of(encounters, SLOT1, NEWCOMER).seconds[0, 1] > 1.0


def test_many_may_wait() -> None:
    """More pairs than there was room for when the doubt began."""
    crowd = {slot: 20.0 + slot for slot in range(10, 50)}
    encounters = Encounters(PixelRuler())
    two_people(encounters, 0.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    two_people(encounters, 4.0, 1.0, shown=crowd)
    two_people(encounters, 5.0, 6.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    assert of(encounters, SLOT5, *crowd).seconds[0, 1:] == pytest.approx(1.0)


def test_what_waits_is_forgotten_with_the_map_that_said_it() -> None:
    ruler = PixelRuler()
    encounters = Encounters(ruler)
    two_people(encounters, 0.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    two_people(encounters, 4.0, 1.0, shown={NEWCOMER: 9.0})
    ruler.known = False
    two_people(encounters, 5.0, 1.0, shown={NEWCOMER: 9.0})
    ruler.known = True
    two_people(encounters, 6.0, 6.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    two_people(encounters, 12.0, 1.0, shown={NEWCOMER: 9.0})
    two_people(encounters, 13.0, 6.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    assert of(encounters, SLOT1, NEWCOMER).seconds[0, 1] == pytest.approx(1.0 + BEFORE_DOUBT_S)


def test_doubt_is_between_two_cameras_only() -> None:
    encounters = Encounters(PixelRuler())
    two_people(encounters, 0.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    for frame in range(60):
        time_s = 4.0 + frame / FPS
        here, there = {SLOT1: 0.0, SLOT5: 5.0}, {SLOT3: 0.1, 8: 5.1}
        encounters.see([at(0, time_s, here), at(1, time_s, {NEWCOMER: 9.0}), at(2, time_s, there)])
    assert of(encounters, SLOT1, SLOT3).seconds[0, 1] == pytest.approx(6.0)
    assert not of(encounters, SLOT1, NEWCOMER).seconds.any()


def test_a_proof_by_people_ends_the_doubt() -> None:
    ruler = PixelRuler()
    encounters = Encounters(ruler)
    two_people(encounters, 0.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    two_people(encounters, 4.0, 6.0, shown={NEWCOMER: 9.0})
    ruler.proof_s = 10.0
    two_people(encounters, 10.0, 2.0, shown={NEWCOMER: 9.0})
    assert of(encounters, SLOT1, NEWCOMER).seconds[0, 1] == pytest.approx(2.0 + BEFORE_DOUBT_S)


def test_the_ruler_is_told_since_when_there_is_doubt() -> None:
    ruler = PixelRuler()
    encounters = Encounters(ruler)
    two_people(encounters, 0.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    two_people(encounters, 9.0, 4.0, shown={SLOT2: 0.1, SLOT6: 5.1})
    two_people(encounters, 13.0, 4.0, shown={NEWCOMER: 9.0})
    [silence_s, disagreement_s] = ruler.doubted_s
    assert silence_s == 9.0
    assert 14.0 < disagreement_s < 17.0


def test_memory_follows_the_slots_in_use() -> None:
    encounters = Encounters(PixelRuler())
    for visit in range(300):
        here = {2 * (visit % 5): 0.0}
        there = {2 * (visit % 5) + 1: 0.0}
        for frame in range(3):
            time_s = 10.0 * visit + frame / FPS
            encounters.see([at(0, time_s, here), at(1, time_s, there)])
        encounters.free_slot(*here)
        encounters.free_slot(*there)
    assert len(encounters) == 0


@pytest.mark.parametrize(
    ("seconds", "median_m"),
    [
        pytest.param({0: 1.0}, BIN_M / 2, id="one-bin"),
        pytest.param({0: 1.0, 2: 1.0}, BIN_M, id="between-two"),
        pytest.param({0: 1.0, 5: 3.0}, (5 + 1 / 3) * BIN_M, id="the-heavier"),
        pytest.param({BINS - 2: 1.0}, FAR_M - BIN_M / 2, id="the-last-that-is-near"),
    ],
)
def test_medians(seconds: dict[int, float], median_m: float) -> None:
    histogram = np.zeros((1, BINS))
    histogram[0, list(seconds)] = list(seconds.values())
    assert medians(histogram) == pytest.approx([median_m])


def test_the_last_bin_is_far() -> None:
    histogram = np.zeros((1, BINS))
    histogram[0, -1] = 1.0
    assert medians(histogram)[0] > FAR_M
    assert medians(histogram[:0]).shape == (0,)


@pytest.mark.parametrize(
    ("votes", "seconds", "expected"),
    [
        pytest.param(0.0, 0.0, 0.0, id="nothing-known"),
        pytest.param(0.5, 0.5, 0.5 * BONUS, id="half-a-second-counts-half"),
        pytest.param(2.0, 2.0, BONUS, id="agree"),
        pytest.param(-2.0, 2.0, -BONUS, id="disagree"),
        pytest.param(5.0, 5.0, BONUS + LASTING_BONUS / 2, id="agree-for-longer"),
        pytest.param(30.0, 30.0, BONUS + LASTING_BONUS, id="agree-for-long"),
        pytest.param(0.0, 6.0, 0.0, id="as-much-for-as-against"),
    ],
)
def test_bonus(votes: float, seconds: float, expected: float) -> None:
    assert bonus(np.array(votes), np.array(seconds)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("foot", "observed", "clear"),
    [
        pytest.param(400.0, True, True, id="whole"),
        pytest.param(475.0, True, True, id="just-above-the-border"),
        pytest.param(476.0, True, False, id="cut-off-below"),
        pytest.param(400.0, False, False, id="carried-by-motion"),
    ],
)
def test_standing(foot: float, observed: bool, clear: bool) -> None:
    assert SIZE_PX[1] == 480
    tracks = camera_tracks([(7, [90.0, 300.0, 110.0, foot], np.ones(4, np.float32))], dimension=4, observed=observed)
    found = standing(2, tracks, np.array([5]), np.array([0]))
    assert found.feet_xy.tolist() == [[100.0, foot]]
    assert found.heights_px.tolist() == [foot - 300.0]
    assert found.clear.tolist() == [clear]
    assert (found.camera, found.slots.tolist()) == (2, [5])
