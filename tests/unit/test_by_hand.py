"""What somebody put right by hand: who stays two, whose numbers are one person, and how both act in a running job."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from association.clustering import cluster
from by_hand import NOTHING_BY_HAND, ByHand, Split
from config import IdentityConfig
from entities import NOBODY, CameraId, CameraTracks, EventKind, FloatArray, GlobalId, IdentityEvent, IntArray
from identity_gallery import IdentityGallery
from tests.builders import CAM1, CAM2, box, camera_tracks, look, unit

LINKED = ByHand(links={2: 1})
FPS = 10.0
LEAST = 0.4
Track = tuple[CameraId, int, int]
"""Camera, local id, whose look."""


def test_apart() -> None:
    by_hand = ByHand(frozenset({(GlobalId(1), GlobalId(2)), (GlobalId(4), GlobalId(3))}))
    apart = by_hand.apart(np.array([0, 1, 2, 1, 3]))
    assert {(int(i), int(j)) for i, j in np.argwhere(apart)} == {(1, 2), (2, 1), (3, 2), (2, 3)}


@pytest.mark.parametrize(
    ("by_hand", "identities", "people"),
    [
        pytest.param(LINKED, [], [], id="nobody"),
        pytest.param(NOTHING_BY_HAND, [1, 2], [1, 2], id="nothing-by-hand"),
        pytest.param(LINKED, [0, 1, 2, 3], [0, 1, 1, 3], id="two-numbers"),
        pytest.param(ByHand(links={2: 1, 3: 1}), [3, 2, 1], [1, 1, 1], id="three-numbers"),
    ],
)
def test_as_one(by_hand: ByHand, identities: list[int], people: list[int]) -> None:
    assert by_hand.as_one(np.array(identities, np.int64)).tolist() == people


SIMILARITY: NDArray[np.float64] = np.array(
    [
        # 1    1    2    new  3
        [1.0, 0.8, 0.0, 0.1, 0.2],
        [0.8, 1.0, 0.0, 0.1, 0.0],
        [0.0, 0.0, 1.0, 0.7, 0.1],
        [0.1, 0.1, 0.7, 1.0, 0.0],
        [0.2, 0.0, 0.1, 0.0, 1.0],
    ]
)
IDENTITIES: IntArray = np.array([1, 1, 2, NOBODY, 3])


def test_who_is_one_by_hand_is_joined_however_different_the_looks_and_so_is_who_looks_like_either() -> None:
    shared = SIMILARITY.copy()
    nearest = LINKED.share_looks(shared, np.ones(5), IDENTITIES)
    assert nearest.tolist() == [1, 1, 2, 2, NOBODY]
    assert np.array_equal(shared, shared.T)
    nobody_apart = np.zeros((5, 5), np.bool_)
    assert cluster(shared, np.ones(5), nobody_apart, LEAST).tolist() == [0, 0, 0, 0, 4]
    assert cluster(SIMILARITY, np.ones(5), nobody_apart, LEAST).tolist() == [0, 0, 2, 2, 4]


def test_who_was_seen_at_once_stays_two_also_by_hand() -> None:
    shared = SIMILARITY.copy()
    LINKED.share_looks(shared, np.ones(5), IDENTITIES)
    seen_at_once = np.zeros((5, 5), np.bool_)
    seen_at_once[0, 2] = seen_at_once[2, 0] = True
    labels = cluster(shared, np.ones(5), seen_at_once, LEAST)
    assert labels[0] != labels[2]


@pytest.mark.parametrize(
    ("before", "after", "nearest", "kept"),
    [
        pytest.param([1, 2], [1, 1], [1, 2], [1, 2], id="both-keep-their-numbers"),
        pytest.param([1, 2, 0], [1, 1, 1], [1, 2, 2], [1, 2, 2], id="a-new-piece-takes-the-likeliest"),
        pytest.param([1, 2, 2], [1, 1, 2], [1, 2, 2], [1, 1, 2], id="not-a-number-of-another-cluster"),
        pytest.param([1, 2, 3, 3], [1, 2, 1, 2], [1, 2, 3, 3], [1, 2, 3, 2], id="no-number-in-two-clusters"),
        pytest.param([1, 4], [1, 1], [1, 0], [1, 1], id="who-is-not-linked-is-merged-as-ever"),
        pytest.param([0, 0], [1, 7], [1, 2], [1, 7], id="somebody-else-is-nobody-of-them"),
    ],
)
def test_keep_numbers(before: list[int], after: list[int], nearest: list[int], kept: list[int]) -> None:
    by_hand = ByHand(links={2: 1, 3: 1})
    assert by_hand.keep_numbers(np.array(before), np.array(after), np.array(nearest)).tolist() == kept


TWIN = 12
"""Looks a good deal like person 1."""


def face(person: int, seed: int) -> FloatArray:
    if person == TWIN:
        return unit(list(look(1, noise=0.2, seed=seed) + 0.8 * look(TWIN, noise=0.2, seed=seed)))
    return look(person, noise=0.2, seed=seed)


class Hall:
    """A gallery that is shown tracks for some seconds at a time."""

    def __init__(self, config: IdentityConfig | None = None) -> None:
        self.gallery = IdentityGallery(config or IdentityConfig(), [CAM1, CAM2], np.zeros(32, np.float32))
        self.events: list[IdentityEvent] = []
        self._frame = 0

    def watch(self, seconds: float, *tracks: Track) -> list[int]:
        """Who the tracks are in the end."""
        ids: list[IntArray] = []
        for _ in range(round(seconds * FPS)):
            seen = [self._seen(CAM1, tracks), self._seen(CAM2, tracks)]
            ids, events = self.gallery.observe(self._frame / FPS, seen)
            self.events += events
            self._frame += 1
        return [int(name) for of_camera in ids for name in of_camera]

    def history(self) -> dict[tuple[CameraId, int], list[tuple[int, int, int]]]:
        """First frame, last frame and corrected id of every stretch of every track."""
        out: dict[tuple[CameraId, int], list[tuple[int, int, int]]] = {}
        for each in self.gallery.finish():
            row = (each.first_frame, each.last_frame, int(each.global_id))
            out.setdefault((each.camera_id, int(each.local_id)), []).append(row)
        return out

    def _seen(self, camera: CameraId, tracks: tuple[Track, ...]) -> CameraTracks:
        rows = [
            (local_id, box(150.0 * local_id + 5.0 * (self._frame % 50)), face(person, self._frame))
            for where, local_id, person in tracks
            if where == camera
        ]
        return camera_tracks(rows, self._frame, FPS, camera, 32)


@pytest.fixture
def hall() -> Hall:
    """Persons 1 and 2 were seen one after the other."""
    hall = Hall()
    assert hall.watch(2.0, (CAM1, 1, 1)) == [1]
    assert hall.watch(2.0, (CAM2, 1, 2)) == [2]
    return hall


def test_one_of_them_is_nobody_else_while_the_other_is_in_view(hall: Hall) -> None:
    """Under whichever number: the person cannot be in a picture twice."""
    hall.gallery.heed(LINKED)
    assert hall.gallery.people_total == 1
    assert hall.watch(3.0, (CAM2, 1, 2), (CAM2, 2, 1)) == [2, 3]


def test_without_a_link_they_are_two(hall: Hall) -> None:
    assert hall.watch(3.0, (CAM2, 1, 2), (CAM2, 2, 1)) == [2, 1]


def test_who_looks_like_both_is_them_and_stays_so(hall: Hall) -> None:
    hall.gallery.heed(LINKED)
    assert hall.watch(3.0, (CAM1, 5, 1), (CAM2, 6, 2)) == [1, 2]
    assert hall.gallery.people_total == 1


def test_undone_they_are_who_they_were(hall: Hall) -> None:
    hall.gallery.heed(LINKED)
    hall.watch(2.0, (CAM1, 5, 1))
    hall.gallery.heed(NOTHING_BY_HAND)
    assert hall.watch(3.0, (CAM2, 8, 2), (CAM2, 9, 1)) == [2, 1]
    segments = hall.gallery.finish()
    assert {(each.camera_id, each.local_id): each.global_id for each in segments} == {
        (CAM1, 1): 1,
        (CAM2, 1): 2,
        (CAM1, 5): 1,
        (CAM2, 8): 2,
        (CAM2, 9): 1,
    }


SPLIT = ByHand(frozenset({(GlobalId(1), GlobalId(77))}), splits=(Split((GlobalId(1),), GlobalId(77), 2.0),))
UNDONE = ByHand(links={77: 1})


@pytest.fixture
def twins() -> Hall:
    """Two who look alike were taken for one, the second is still in view."""
    hall = Hall()
    assert hall.watch(2.0, (CAM1, 1, 1)) == [1]
    assert hall.watch(2.0, (CAM2, 1, TWIN)) == [1]
    return hall


def test_who_was_split_is_somebody_else_from_the_next_step_on(twins: Hall) -> None:
    twins.gallery.heed(SPLIT)
    assert twins.watch(0.3, (CAM2, 1, TWIN)) == [77]
    assert twins.gallery.people_total == 2
    split = [event for event in twins.events if event.kind is EventKind.SPLIT]
    assert [(event.global_id, event.other_id) for event in split] == [(77, 1)]
    assert split[0].reason.startswith("by hand")
    assert twins.history() == {(CAM1, 1): [(0, 19, 1)], (CAM2, 1): [(20, 42, 77)]}


def test_the_two_that_were_split_are_told_apart_by_their_looks(twins: Hall) -> None:
    twins.gallery.heed(SPLIT)
    twins.watch(1.0, (CAM2, 1, TWIN))
    assert twins.watch(2.0, (CAM1, 5, 1), (CAM1, 6, TWIN)) == [1, 77]
    assert twins.watch(2.0, (CAM2, 7, TWIN)) == [77]
    assert twins.watch(2.0, (CAM2, 8, 1)) == [1]
    twins.gallery.heed(SPLIT)
    twins.watch(1.0, (CAM2, 8, 1))
    assert [event.kind for event in twins.events].count(EventKind.SPLIT) == 1, "it is divided once"


def test_undone_the_two_that_were_split_are_one(twins: Hall) -> None:
    twins.gallery.heed(SPLIT)
    twins.watch(1.0, (CAM2, 1, TWIN))
    twins.gallery.heed(UNDONE)
    assert twins.watch(2.0, (CAM1, 5, 1)) == [1]
    assert twins.watch(2.0, (CAM1, 6, TWIN)) == [77], "by its number: those who watch see the other one"
    assert twins.gallery.people_total == 1


@pytest.mark.parametrize(
    ("config", "wait_s"),
    [
        pytest.param(IdentityConfig(), 0.0, id="that-still-grows"),
        pytest.param(IdentityConfig(), 3.0, id="that-is-over"),
        pytest.param(IdentityConfig(window_s=1.0), 4.0, id="that-is-of-the-past"),
    ],
)
def test_a_piece_over_the_time_is_divided_there(config: IdentityConfig, wait_s: float) -> None:
    hall = Hall(config)
    hall.watch(6.0, (CAM1, 1, 1), (CAM2, 1, 2))
    hall.watch(wait_s, (CAM2, 1, 2))
    hall.gallery.heed(SPLIT)
    hall.watch(1.0, *([(CAM1, 1, 1)] if not wait_s else []), (CAM2, 1, 2))
    first, second = hall.history()[CAM1, 1]
    assert (first, second[0], second[2]) == ((0, 19, 1), 20, 77)
    assert {row[2] for row in hall.history()[CAM2, 1]} == {2}


def test_splits_in_a_row() -> None:
    hall = Hall()
    hall.watch(6.0, (CAM1, 1, 1))
    first = Split((GlobalId(1),), GlobalId(77), 4.0)
    hall.gallery.heed(ByHand(frozenset({(GlobalId(1), GlobalId(77))}), splits=(first,)))
    hall.watch(1.0, (CAM1, 1, 1))
    pins = frozenset((GlobalId(a), GlobalId(b)) for a, b in ((1, 77), (1, 78), (77, 78)))
    hall.gallery.heed(ByHand(pins, splits=(first, Split((GlobalId(1),), GlobalId(78), 2.0))))
    hall.watch(1.0, (CAM1, 1, 1))
    assert hall.history()[CAM1, 1] == [(0, 19, 1), (20, 39, 78), (40, 79, 77)]


def test_a_split_of_somebody_with_two_numbers_divides_both(hall: Hall) -> None:
    hall.gallery.heed(LINKED)
    hall.watch(2.0, (CAM1, 2, 1), (CAM2, 2, 2))
    numbers = (GlobalId(1), GlobalId(2))
    pins = frozenset((number, GlobalId(77)) for number in numbers)
    hall.gallery.heed(ByHand(pins, LINKED.links, (Split(numbers, GlobalId(77), 3.0),)))
    hall.watch(1.0, (CAM1, 2, 1))
    assert {track: [row[2] for row in rows] for track, rows in hall.history().items()} == {
        (CAM1, 1): [1],
        (CAM2, 1): [2, 77],
        (CAM1, 2): [77],
        (CAM2, 2): [77],
    }
