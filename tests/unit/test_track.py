"""One track's own bookkeeping: when it may be confirmed, what it learns, when it is somebody else."""

from __future__ import annotations

import numpy as np
import pytest

from association.sightings import Sighting
from config import CameraTrackingConfig
from entities import LocalId
from tests.builders import box, look
from track import Track

CONFIG = CameraTrackingConfig()
DT_S = 1 / 15


def sighting(
    index: int = 0,
    cx: float = 100.0,
    score: float = 0.9,
    person: int | None = 1,
    *,
    overlap: float = 0.0,
    clean: bool = True,
    dt_s: float = DT_S,
) -> Sighting:
    """A box of frame `index`."""
    xyxy = np.array(box(cx), np.float64)
    cxcywh = np.array([cx, 150.0, 40.0, 100.0])
    embedding = None if person is None else look(person)
    return Sighting(index * dt_s, xyxy, cxcywh, score, overlap, 0.0, clean, embedding)


def followed(*sightings: Sighting, dt_s: float = DT_S, similarity: float = 0.9) -> Track:
    """A track that took all the sightings, each exactly where it is."""
    track = Track.begin(sightings[0], dt_s, bank_size=30)
    for item in sightings[1:]:
        track.see(item, Track.begin(item, dt_s, 1).motion, similarity, dt_s)
    return track


@pytest.mark.parametrize(
    ("scores", "fps", "person"),
    [
        pytest.param([0.9], 15, False, id="one-box-is-no-evidence"),
        pytest.param([0.9], 5, False, id="one-box-is-no-evidence-at-5fps"),
        pytest.param([0.9] * 2, 15, True, id="two-at-15fps"),
        pytest.param([0.9] * 2, 30, False, id="two-at-30fps-are-too-soon"),
        pytest.param([0.9] * 3, 30, True, id="three-at-30fps-are-exactly-0.1s"),
        pytest.param([0.69] * 20, 15, False, id="never-a-sure-box"),
        pytest.param([0.55] * 20 + [0.7], 15, True, id="one-box-at-the-confirming-score"),
    ],
)
def test_a_standing_thing_is_a_person_by_its_score(scores: list[float], fps: int, person: bool) -> None:
    track = followed(*[sighting(i, score=s, dt_s=1 / fps) for i, s in enumerate(scores)], dt_s=1 / fps)
    assert track.is_person(CONFIG) is person


@pytest.mark.parametrize(
    ("travel", "count", "score", "person"),
    [
        pytest.param(100.0, 8, 0.55, True, id="its-own-height"),
        pytest.param(99.0, 8, 0.55, False, id="less-than-its-height"),
        pytest.param(100.0, 7, 0.55, False, id="too-fast-to-be-true"),
        pytest.param(100.0, 8, 0.49, False, id="too-unsure"),
    ],
)
def test_a_thing_that_walks_is_a_person(travel: float, count: int, score: float, person: bool) -> None:
    steps = np.linspace(0.0, travel, count)
    track = followed(*[sighting(i, 100.0 + step, score) for i, step in enumerate(steps)])
    assert track.is_person(CONFIG) is person


def test_the_user_may_ask_for_more() -> None:
    track = followed(*[sighting(i) for i in range(5)])
    assert not track.is_person(CameraTrackingConfig(confirm_after_s=0.5))
    assert not track.is_person(CameraTrackingConfig(confirm_score=0.95))


@pytest.mark.parametrize(("count", "ready"), [(1, False), (2, True)], ids=["one-hit", "two-hits"])
def test_may_be_recovered(count: int, ready: bool) -> None:
    assert followed(*[sighting(i, score=0.5) for i in range(count)]).may_be_recovered() is ready


@pytest.mark.parametrize(
    ("item", "learnt", "known"),
    [
        pytest.param(sighting(), 1, 1, id="clean"),
        pytest.param(sighting(clean=False), 0, 1, id="unclean-is-a-glimpse"),
        pytest.param(sighting(person=None, clean=False), 0, 0, id="unknown-is-nothing"),
    ],
)
def test_what_a_track_learns(item: Sighting, learnt: int, known: int) -> None:
    track = followed(item)
    assert (len(track.bank), len(track.bank.looks)) == (learnt, known)


def confirmed(looks: int = 5, *, overlap_at: int | None = 14, unlike: float = 0.2) -> Track:
    """A confirmed track of person 1 that learnt so many looks and then met somebody."""
    frames = [sighting(3 * i) for i in range(looks)]
    track = followed(*frames)
    track.local_id = LocalId(7)
    if overlap_at is not None:
        meeting = sighting(overlap_at, overlap=0.31, clean=False)
        track.see(meeting, track.motion, np.nan, DT_S)
    return track


def strange(track: Track, start: int, count: int, similarity: float = 0.49, *, clean: bool = True) -> None:
    """Give the track boxes of person 2."""
    for i in range(start, start + count):
        track.see(sighting(i, person=2, clean=clean), track.motion, similarity, DT_S)


@pytest.mark.parametrize(
    ("count", "similarity", "split"),
    [
        pytest.param(2, 0.49, False, id="two-strange-looks"),
        pytest.param(3, 0.49, True, id="three-strange-looks"),
        pytest.param(3, 0.5, False, id="at-the-limit-is-not-strange"),
    ],
)
def test_strange_looks_after_a_meeting_are_somebody_else(count: int, similarity: float, split: bool) -> None:
    track = confirmed()
    strange(track, 15, count, similarity)
    assert track.is_somebody_else is split


@pytest.mark.parametrize(
    ("track", "start", "clean"),
    [
        pytest.param(confirmed(looks=2), 15, True, id="hardly-known"),
        pytest.param(confirmed(overlap_at=None), 15, True, id="met-nobody"),
        pytest.param(confirmed(), 45, True, id="met-long-ago"),
        pytest.param(confirmed(), 15, False, id="not-clean"),
    ],
)
def test_strange_looks_are_no_doubt_when(track: Track, start: int, clean: bool) -> None:
    strange(track, start, 5, clean=clean)
    assert not track.is_somebody_else


def test_an_own_look_clears_the_doubts() -> None:
    track = confirmed()
    strange(track, 15, 2)
    track.see(sighting(17), track.motion, 0.9, DT_S)
    strange(track, 18, 2)
    assert not track.is_somebody_else


def test_doubts_do_not_outlive_the_meeting() -> None:
    track = confirmed()
    strange(track, 43, 2)
    strange(track, 45, 1)
    track.see(sighting(46, overlap=0.31, clean=False), track.motion, np.nan, DT_S)
    strange(track, 47, 2)
    assert not track.is_somebody_else


def test_a_track_is_trusted_up_to_its_last_sighting_unless_split() -> None:
    track = confirmed()
    strange(track, 15, 2)
    assert track.trusted_until_s == track.last.time_s


def test_a_split_hands_over_the_doubted_sightings_only() -> None:
    track = confirmed()
    strange(track, 15, 3)
    other = track.split()
    assert not track.is_somebody_else
    assert track.trusted_until_s == pytest.approx(14 * DT_S)
    assert (other.confirmed, other.hits, other.best_score) == (False, 3, 0.9)
    assert other.first.time_s == pytest.approx(15 * DT_S)
    np.testing.assert_array_equal(other.bank.rows, [look(2)] * 3)
    assert (track.bank.rows == look(1)).all()


def test_becoming_somebody_takes_id_and_looks() -> None:
    lost, found = confirmed(), followed(sighting(100), sighting(101))
    found.become(lost)
    assert found.local_id == 7
    assert len(found.bank) == 5 + 2


@pytest.mark.parametrize(
    ("missed", "gap_s", "mended"),
    [
        pytest.param(1, 0.2, False, id="one-miss"),
        pytest.param(2, 0.2, True, id="two-misses"),
        pytest.param(9, 1.5, True, id="as-long-as-allowed"),
        pytest.param(9, 1.6, False, id="too-long"),
    ],
)
def test_motion_is_mended_after_a_gap(missed: int, gap_s: float, mended: bool) -> None:
    track = followed(sighting())
    track.missed_looks = missed
    assert (track.mended_motion(sighting(1, dt_s=gap_s), 5.0) is not None) is mended
