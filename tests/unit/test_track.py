"""What a table of tracks knows of each: when it may be confirmed, what it learns, when it is somebody else."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest

from association.sightings import Sightings
from config import CameraTrackingConfig
from tests.builders import box, look
from track import TRACK, Tracks

CONFIG = CameraTrackingConfig()
DT_S = 1 / 15
FIRST = np.zeros(1, np.int64)
"""The only row of a table, or of a frame."""


def sighting(
    index: int = 0,
    cx: float = 100.0,
    score: float = 0.9,
    person: int | None = 1,
    *,
    overlap: float = 0.0,
    clean: bool = True,
    dt_s: float = DT_S,
) -> Sightings:
    """The only box of frame `index`."""
    embedding = np.full(32, np.nan, np.float32) if person is None else look(person)
    return Sightings(
        index * dt_s,
        FIRST,
        np.array([box(cx)], np.float64),
        np.array([[cx, 150.0, 40.0, 100.0]]),
        np.array([score]),
        np.array([overlap]),
        np.zeros(1),
        np.array([clean]),
        np.array([person is not None]),
        embedding[None],
    )


def see(tracks: Tracks, item: Sightings, similarity: float = 0.9, dt_s: float = DT_S) -> None:
    """Give the only track the only box."""
    tracks.see(FIRST, item, FIRST, np.array([similarity]), dt_s)


def followed(*items: Sightings, dt_s: float = DT_S, similarity: float = 0.9) -> Tracks:
    """A track that took all the sightings, each exactly where it is."""
    tracks = Tracks.begin(items[0], FIRST, dt_s, bank_size=30)
    for item in items[1:]:
        see(tracks, item, similarity, dt_s)
        tracks.rows["state"] = Tracks.begin(item, FIRST, dt_s, 1).rows["state"]
    return tracks


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
    assert track.is_person(CONFIG).tolist() == [person]


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
    assert track.is_person(CONFIG).tolist() == [person]


def test_the_user_may_ask_for_more() -> None:
    track = followed(*[sighting(i) for i in range(5)])
    assert not track.is_person(CameraTrackingConfig(confirm_after_s=0.5))[0]
    assert not track.is_person(CameraTrackingConfig(confirm_score=0.95))[0]


@pytest.mark.parametrize(("count", "ready"), [(1, False), (2, True)], ids=["one-hit", "two-hits"])
def test_may_be_recovered(count: int, ready: bool) -> None:
    assert followed(*[sighting(i, score=0.5) for i in range(count)]).may_be_recovered().tolist() == [ready]


@pytest.mark.parametrize(
    ("item", "learnt", "known"),
    [
        pytest.param(sighting(), 1, 1, id="clean"),
        pytest.param(sighting(clean=False), 0, 1, id="unclean-is-a-glimpse"),
        pytest.param(sighting(person=None, clean=False), 0, 0, id="unknown-is-nothing"),
    ],
)
def test_what_a_track_learns(item: Sightings, learnt: int, known: int) -> None:
    track = followed(item)
    (bank,) = track.banks
    assert (len(bank), len(bank.looks)) == (learnt, known)
    assert track.rows["looks"].tolist() == [learnt]
    assert track.known.tolist() == [known > 0]


def confirmed(looks: int = 5, *, overlap_at: int | None = 14, unlike: float = 0.2) -> Tracks:
    """A confirmed track of person 1 that learnt so many looks and then met somebody."""
    frames = [sighting(3 * i) for i in range(looks)]
    track = followed(*frames)
    track.rows["local_id"] = 7
    if overlap_at is not None:
        meeting = sighting(overlap_at, overlap=0.31, clean=False)
        see(track, meeting, np.nan)
    return track


def strange(track: Tracks, start: int, count: int, similarity: float = 0.49, *, clean: bool = True) -> None:
    """Give the track boxes of person 2."""
    for i in range(start, start + count):
        see(track, sighting(i, person=2, clean=clean), similarity)


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
    assert track.is_somebody_else.tolist() == [split]


@pytest.mark.parametrize(
    ("track", "start", "clean"),
    [
        pytest.param(confirmed(looks=2), 15, True, id="hardly-known"),
        pytest.param(confirmed(overlap_at=None), 15, True, id="met-nobody"),
        pytest.param(confirmed(), 45, True, id="met-long-ago"),
        pytest.param(confirmed(), 15, False, id="not-clean"),
    ],
)
def test_strange_looks_are_no_doubt_when(track: Tracks, start: int, clean: bool) -> None:
    strange(track, start, 5, clean=clean)
    assert not track.is_somebody_else[0]


def test_an_own_look_clears_the_doubts() -> None:
    track = confirmed()
    strange(track, 15, 2)
    see(track, sighting(17))
    strange(track, 18, 2)
    assert not track.is_somebody_else[0]


def test_doubts_do_not_outlive_the_meeting() -> None:
    track = confirmed()
    strange(track, 43, 2)
    strange(track, 45, 1)
    see(track, sighting(46, overlap=0.31, clean=False), np.nan)
    strange(track, 47, 2)
    assert not track.is_somebody_else[0]


def test_a_track_is_trusted_up_to_its_last_sighting_unless_split() -> None:
    track = confirmed()
    strange(track, 15, 2)
    assert track.rows["trusted_until_s"] == track.rows["last_s"]


def test_a_split_hands_over_the_doubted_sightings_only() -> None:
    track = confirmed()
    strange(track, 15, 3)
    other = track.split(np.ones(1, np.bool_))
    assert not track.is_somebody_else[0]
    assert track.rows["trusted_until_s"] == pytest.approx(14 * DT_S)
    assert (other.confirmed[0], other.rows["hits"][0], other.rows["best_score"][0]) == (False, 3, 0.9)
    assert other.rows["first_s"] == pytest.approx(15 * DT_S)
    np.testing.assert_array_equal(other.banks[0].rows, [look(2)] * 3)
    assert (track.banks[0].rows == look(1)).all()


def test_becoming_somebody_takes_id_and_looks() -> None:
    lost, found = confirmed(), followed(sighting(100), sighting(101))
    found.become(0, lost, 0)
    assert found.rows["local_id"] == 7
    assert len(found.banks[0]) == found.rows["looks"] == 5 + 2


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
    """A filter that was told nothing of the gap believes its own velocity of 0; a mended one has learnt the way."""
    track = followed(sighting())
    for _ in range(missed):
        track.miss(FIRST)
    see(track, sighting(1, cx=130.0, dt_s=gap_s))
    assert (track.motion.velocity[0, 0] > 0.0) == mended


def table(*tracks: Tracks) -> Tracks:
    """All in one table."""
    out = Tracks()
    for each in tracks:
        out.add(each)
    return out


@pytest.mark.parametrize("seed", range(3))
def test_many_tracks_in_one_table_are_as_one_by_one(seed: int) -> None:
    """Met, missed, doubted and split in any order: no row takes notice of the others."""
    rng = np.random.default_rng(seed)
    alone = [confirmed(), confirmed(looks=2), followed(sighting(), sighting(1)), confirmed(overlap_at=None)]
    together = table(*[Tracks(each.rows.copy()) for each in alone])
    together.rows["bank"] = [bank for each in map(copy.deepcopy, alone) for bank in each.banks]
    for frame in range(15, 45):
        seen = np.flatnonzero(rng.random(len(alone)) < 0.8)
        similarity, people = rng.uniform(0.3, 0.7, len(seen)), rng.integers(1, 4, len(seen))
        places, overlaps = rng.uniform(50.0, 500.0, len(seen)), rng.choice([0.0, 0.31], len(seen))
        items = [
            sighting(frame, place, person=int(who), overlap=overlap)
            for place, who, overlap in zip(places, people, overlaps, strict=True)
        ]
        for row, item, alike in zip(seen, items, similarity, strict=True):
            see(alone[row], item, alike)
        if items:
            columns = rng.permutation(len(seen))
            together.see(seen[columns], frame_of(items), columns, similarity[columns], DT_S)
        for away in set(range(len(alone))) - set(seen.tolist()):
            alone[away].miss(FIRST)
            together.miss(FIRST + away)
    expected = table(*alone)
    for name in set(TRACK.names or ()) - {"bank", "doubts", "sighting"}:
        np.testing.assert_array_equal(together.rows[name], expected.rows[name], err_msg=name)
    for ours, theirs in zip(together.banks, expected.banks, strict=True):
        np.testing.assert_array_equal(ours.rows, theirs.rows)
    assert [len(doubts) for doubts in together.rows["doubts"]] == [len(doubts) for doubts in expected.rows["doubts"]]


def frame_of(items: list[Sightings]) -> Sightings:
    """The boxes of several sightings of one time in one frame."""
    return Sightings(
        items[0].time_s,
        np.arange(len(items)),
        *(np.concatenate([getattr(item, field.name) for item in items]) for field in dataclasses.fields(Sightings)[2:]),
    )
