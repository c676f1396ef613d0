"""Who left: remembered for a time, and found again by look and place."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from config import CameraTrackingConfig
from lost_tracks import MAX_LOST, LostTracks
from tests.unit.test_track import FIRST, followed, sighting, table
from track import TENTATIVE, Tracks

AREA = 640.0 * 480.0


def gone(number: int, person: int, frame: int = 0) -> Tracks:
    """A confirmed track last seen in `frame`."""
    track = followed(*[sighting(frame - 4 + i, person=person) for i in range(5)])
    track.rows["local_id"] = number
    return track


def newcomer(person: int, frame: int, *, clean: bool = True, count: int = 2) -> Tracks:
    """A tentative track that began in `frame`."""
    return followed(*[sighting(frame + i, person=person, clean=clean) for i in range(count)])


def lost_tracks(*tracks: Tracks) -> LostTracks:
    lost = LostTracks(CameraTrackingConfig())
    lost.add(table(*tracks))
    return lost


def ids(tracks: Tracks) -> list[int]:
    return [int(name) for name in tracks.rows["local_id"]]


def test_found_again_by_look() -> None:
    lost, found = lost_tracks(gone(1, person=1), gone(2, person=2)), newcomer(2, frame=75)
    assert lost.recover(found, AREA).tolist() == [False]
    assert ids(found) == [2]
    assert len(lost) == 1


def test_each_newcomer_gets_its_own() -> None:
    lost = lost_tracks(gone(1, person=1), gone(2, person=2))
    found = table(newcomer(2, frame=75), newcomer(1, frame=75), newcomer(1, frame=75))
    lost.recover(found, AREA)
    assert sorted(ids(found)) == [0, 1, 2]
    assert ids(found)[0] == 2


def test_somebody_missed_just_now_may_be_the_newcomer() -> None:
    missed = gone(5, person=1)
    missed.miss(FIRST)
    tracks = table(missed, newcomer(1, frame=3))
    assert LostTracks(CameraTrackingConfig()).recover(tracks, AREA).tolist() == [True, False]
    assert ids(tracks) == [5, 5]


def test_of_the_lost_and_the_missed_each_is_found_once() -> None:
    lost, missed = lost_tracks(gone(1, person=1), gone(2, person=2)), gone(5, person=5)
    missed.miss(FIRST)
    tracks = table(newcomer(2, frame=75), missed, newcomer(5, frame=75))
    assert lost.recover(tracks, AREA).tolist() == [False, True, False]
    assert ids(tracks) == [2, 5, 5]
    assert len(lost) == 1


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(newcomer(2, frame=75), id="another-look"),
        pytest.param(newcomer(1, frame=-2), id="seen-at-the-same-time"),
        pytest.param(newcomer(1, frame=75, count=1), id="seen-once"),
        pytest.param(followed(*[sighting(75 + i, person=None, clean=False) for i in range(3)]), id="unknown-look"),
    ],
)
def test_a_newcomer_is_nobody_lost_when(found: Tracks) -> None:
    lost = lost_tracks(gone(1, person=1))
    assert lost.recover(found, AREA).tolist() == [False]
    assert ids(found) == [TENTATIVE]
    assert len(lost) == 1


def test_glimpses_are_enough_if_there_is_nothing_better() -> None:
    found = newcomer(1, frame=15, clean=False)
    lost_tracks(gone(1, person=1)).recover(found, AREA)
    assert ids(found) == [1]


def test_only_people_are_remembered() -> None:
    assert len(lost_tracks(newcomer(1, frame=0), gone(1, person=1))) == 1


@pytest.mark.parametrize(("now_s", "left"), [(30.0, 1), (30.01, 0)], ids=["as-long-as-allowed", "too-long"])
def test_forgotten_in_time(now_s: float, left: int) -> None:
    lost = lost_tracks(gone(1, person=1))
    lost.forget(now_s)
    assert len(lost) == left


def test_of_too_many_the_earliest_is_forgotten() -> None:
    lost = lost_tracks(*[gone(i + 1, person=i) for i in range(MAX_LOST + 1)])
    lost.forget(1.0)
    assert len(lost) == MAX_LOST
    found = table(newcomer(0, frame=75), newcomer(1, frame=75))
    lost.recover(found, AREA)
    assert ids(found) == [TENTATIVE, 2]


@pytest.mark.parametrize(("crowd", "name"), [(range(3, 9), 1), ([1] * 6, TENTATIVE)], ids=["all-differ", "all-alike"])
def test_a_look_that_everybody_has_does_not_bring_back_who_left(crowd: Sequence[int], name: int) -> None:
    lost, far_away = lost_tracks(gone(1, person=1)), followed(*[sighting(75 + i, cx=600.0, person=1) for i in range(2)])
    in_view = table(*[gone(10 + number, person=person, frame=75) for number, person in enumerate(crowd)])
    for second in range(10):
        lost.compare(in_view, 5.0 + second)
    lost.recover(far_away, AREA)
    assert ids(far_away) == [name]


def test_people_in_view_are_compared_now_and_then() -> None:
    lost, in_view = lost_tracks(gone(1, person=1)), table(*[gone(2 + i, person=1, frame=75) for i in range(6)])
    for step in range(1000):
        lost.compare(in_view, 5.0 + 1e-4 * step)  # a tenth of a second: once
    found = followed(*[sighting(75 + i, cx=600.0, person=1) for i in range(2)])
    lost.recover(found, AREA)
    assert ids(found) == [1]
