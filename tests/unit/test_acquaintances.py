"""People known from before a job are recognised in it, under their number, and cost nobody else's."""

from __future__ import annotations

import numpy as np
import pytest

from acquaintances import EARLIER, NOBODY_KNOWN, Acquaintances, KnownLook
from by_hand import ByHand
from config import IdentityConfig
from entities import CameraId, GlobalId, IdentityEvent
from identity_gallery import IdentityGallery
from tests.builders import CAM1, CAM2, box, camera_tracks, look, unit

MEAN_PERSON = np.zeros(32, np.float32)
YARD = CameraId("yard")
AN_HOUR_AGO_S = -3600.0


def known(person: int, name: int, camera: CameraId = CAM1, seen_s: float = AN_HOUR_AGO_S) -> KnownLook:
    """Five seconds of somebody an hour ago."""
    return KnownLook(GlobalId(name), camera, 20.0 * look(person), 5.0, 20, seen_s - 5.0, seen_s)


def gallery(*looks: KnownLook, first_id: int = 8) -> IdentityGallery:
    return IdentityGallery(
        IdentityConfig(), [CAM1, CAM2], MEAN_PERSON, known=Acquaintances(GlobalId(first_id), tuple(looks))
    )


def walk(people: IdentityGallery, person: int, seconds: float = 2.0, fps: float = 10.0) -> list[IdentityEvent]:
    """Somebody walks through the first camera; what is decided meanwhile."""
    events: list[IdentityEvent] = []
    for index in range(round(seconds * fps)):
        tracks = camera_tracks([(1, box(100.0 + 9.0 * index), look(person, noise=0.3, seed=index))], index, fps)
        events += people.observe(index / fps, [tracks])[1]
    return events


def who(people: IdentityGallery) -> set[int]:
    return {segment.global_id for segment in people.finish()}


@pytest.mark.parametrize("camera", [CAM1, CAM2, YARD])
def test_somebody_known_is_recognised_whichever_camera_saw_them(camera: CameraId) -> None:
    people = gallery(known(1, 3, camera), known(2, 5))
    walk(people, 1)
    assert who(people) == {3}
    assert people.people_total == 1, "who is known and does not come does not count"


def test_a_stranger_gets_the_first_number_that_nobody_had() -> None:
    people = gallery(known(1, 3), known(2, 5))
    walk(people, 9)
    assert who(people) == {8}


def test_without_anybody_known_numbers_begin_at_1() -> None:
    people = IdentityGallery(IdentityConfig(), [CAM1], MEAN_PERSON, known=NOBODY_KNOWN)
    walk(people, 1)
    assert who(people) == {1}


def test_what_is_left_behind_is_what_was_seen_and_what_was_recognised() -> None:
    people = gallery(known(1, 3), known(2, 5))
    walk(people, 1)
    left = people.looks(everybody=True)
    assert [(each.identity, each.camera) for each in left] == [(3, CAM1)]
    assert left[0].boxes > 20
    assert left[0].first_s == AN_HOUR_AGO_S - 5.0
    assert left[0].last_s == pytest.approx(1.9)


def test_who_was_put_away_is_left_behind_too() -> None:
    people = IdentityGallery(IdentityConfig(window_s=1.0, max_atoms=10), [CAM1, CAM2], MEAN_PERSON)
    for person in range(1, 9):
        for index in range(20):
            frame = 50 * person + index
            row = (person, box(100.0 + 9.0 * index), look(person, noise=0.3, seed=index))
            people.observe(frame / 10.0, [camera_tracks([row], frame, 10.0)])
    assert people.looks_remembered > 0
    assert {each.identity for each in people.looks(everybody=True)} == set(range(1, 9))
    assert {each.identity for each in people.looks()} < set(range(1, 9))


def test_cameras_of_the_past_become_one() -> None:
    acquaintances = Acquaintances(GlobalId(8), (known(1, 3, YARD), known(1, 3, CameraId("roof")), known(1, 3)))
    cameras = acquaintances.cameras([CAM1, CAM2])
    assert cameras == (CAM1, CAM2, EARLIER)
    assert [(each.camera, each.boxes) for each in acquaintances.by_camera(cameras)] == [(CAM1, 20), (EARLIER, 40)]
    assert NOBODY_KNOWN.cameras([CAM1]) == (CAM1,)


def test_who_was_seen_too_long_ago_is_not_recognised() -> None:
    people = gallery(known(1, 3, seen_s=-1.01 * IdentityConfig().max_age_s))
    walk(people, 1, seconds=0.2)
    walk(people, 1)
    assert who(people) == {8}


@pytest.mark.parametrize(
    ("pins", "found"),
    [
        pytest.param([], {1}, id="alike-in-the-end-is-one"),
        pytest.param([(2, 1)], {1, 2}, id="unless-somebody-said-no"),
        pytest.param([(2, 3)], {1}, id="of-them"),
    ],
)
def test_people_who_were_said_to_be_two_stay_two(pins: list[tuple[int, int]], found: set[int]) -> None:
    people = gallery(first_id=1)
    people.heed(ByHand(frozenset((GlobalId(one), GlobalId(other)) for one, other in pins)))
    for index in range(80):
        share = 0.2 if index < 20 else 0.8
        later = unit(list(share * look(1) + (1.0 - share**2) ** 0.5 * look(2)))
        one = camera_tracks([(1, box(100.0 + 9.0 * index), look(1))], index, 10.0)
        other = camera_tracks([(1, box(900.0 - 9.0 * index), later)], index, 10.0, CAM2)
        people.observe(index / 10.0, [one, other])
    assert who(people) == found
