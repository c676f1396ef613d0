"""Who was where, when, and who looks like this picture: what a store answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from acquaintances import KnownLook
from entities import GlobalId
from store.memory import JobFacts, begin_memory
from store.people import Whom
from store.records import When
from store.store import Store
from store_settings import StoreConfig
from tests.builders import CAM1, CAM2, look, unit
from tests.stored import NOON_UNIX_S, Clock, begin_job, header, run_job, walk

COMMON = 2.0 * look(100)
"""What everybody has in common."""
MEAN_PERSON = COMMON / np.float32(5.0**0.5)


def test_who_was_where_and_when(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 4.0)) + walk(CAM2, 1, (6.0, 9.0)) + walk(CAM2, 2, (9.5, 10.0), local_id=2))
    page = store.people(order="id", descending=False)
    assert [(each.id, each.cameras, round(each.seconds, 6)) for each in page.items] == [
        (1, ("cam1", "cam2"), 7.0),
        (2, ("cam2",), 0.5),
    ]
    assert page.items[0].first_seen_unix_s == NOON_UNIX_S
    assert page.items[0].crop is not None
    assert page.items[0].crop.path.is_file()
    assert store.crop(page.items[0].crop.id) == page.items[0].crop
    detail = store.person(1)
    assert detail is not None
    assert [(stay.camera, stay.intervals_s) for stay in detail.stays] == [
        ("cam1", ((0.0, 4.0),)),
        ("cam2", ((6.0, 9.0),)),
    ]
    job = store.job("monday")
    assert job is not None
    assert (job.status, job.media_s, [camera.name for camera in job.cameras]) == ("done", 10.0, ["cam1", "cam2"])
    assert [(each.kind, each.person_id) for each in store.events()] == [("handed_over", 1), ("left", 1), ("left", 2)]


@pytest.mark.parametrize(
    ("whom", "found"),
    [
        pytest.param(Whom(), [1, 2, 12], id="everybody"),
        pytest.param(Whom(When(job_id="tuesday")), [12], id="of-a-job"),
        pytest.param(Whom(When(camera="cam2")), [2], id="of-a-camera"),
        pytest.param(Whom(When(since_unix_s=NOON_UNIX_S + 5.0)), [2, 12], id="at-its-end-is-in-view"),
        pytest.param(Whom(When(since_unix_s=NOON_UNIX_S + 5.1)), [12], id="after-its-end-is-not"),
        pytest.param(Whom(When(until_unix_s=NOON_UNIX_S + 3.0)), [1, 2], id="at-its-start-is-in-view"),
        pytest.param(Whom(When(until_unix_s=NOON_UNIX_S + 2.9)), [1], id="before-its-start-is-not"),
        pytest.param(Whom(search="1"), [1, 12], id="numbers-that-begin-so"),
        pytest.param(Whom(search="A_n"), [], id="no-patterns"),
        pytest.param(Whom(search="NN_"), [2], id="part-of-a-name-in-any-case"),
        pytest.param(Whom(here_now=True), [], id="nobody-is-here-when-no-job-runs"),
    ],
)
def test_people_can_be_narrowed_down(store: Store, config: StoreConfig, whom: Whom, found: list[int]) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)))
    run_job(config, walk(CAM1, 12, (0.0, 1.0)), job_id="tuesday", clock=Clock(NOON_UNIX_S + 86400.0))
    store.rename(2, "Ann_a")
    page = store.people(whom, order="id", descending=False)
    assert ([each.id for each in page.items], page.total) == (found, len(found))


def test_people_come_page_by_page_in_any_order(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 4.0)) + walk(CAM1, 3, (4.5, 8.0), local_id=2))
    assert [each.id for each in store.people().items] == [3, 2, 1]
    assert [each.id for each in store.people(order="seconds", descending=False).items] == [2, 1, 3]
    page = store.people(order="first_seen", descending=False, limit=1, offset=1)
    assert ([each.id for each in page.items], page.total) == ([2], 3)


def test_names_come_and_go(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)))
    store.rename(1, "Ann")
    assert [each.name for each in store.people().items] == ["Ann"]
    store.rename(1, None)
    assert [each.name for each in store.people().items] == [None]


def test_events_are_read_on_from_a_cursor(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 1, (3.0, 4.0)) + walk(CAM2, 2, (5.0, 6.0), local_id=2))
    first = store.events(limit=1)
    assert [each.kind for each in first] == ["handed_over"]
    assert [each.kind for each in store.events(after=first[0].id)] == ["left", "left"]
    assert store.events(after=store.last_event()) == ()
    assert [each.kind for each in store.events(person=1)] == ["handed_over", "left"]
    assert [each.person_id for each in store.events(kinds=["left"], job_id="monday")] == [1, 2]
    assert store.events(job_id="tuesday") == ()
    assert store.events(limit=2, last=True) == store.events(after=first[0].id)
    assert [each.kind for each in store.events(person=1, limit=1, last=True)] == ["left"]


def test_the_newest_sightings_come_in_order_of_time(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 1.0)) + walk(CAM1, 2, (2.0, 3.0), local_id=2) + walk(CAM2, 3, (4.0, 5.0)))
    page = store.sightings(newest=True, limit=2)
    assert ([each.person_id for each in page.items], page.total) == ([2, 3], 3)
    assert [each.person_id for each in store.sightings(limit=2).items] == [1, 2]


def test_a_name_that_no_job_can_have_is_unknown(store: Store) -> None:
    assert store.job("mon\0day") is None


def test_an_empty_store_answers(store: Store) -> None:
    assert (store.people().total, store.jobs().total, store.events(), store.last_event()) == (0, 0, (), 0)
    assert (store.person(1), store.job("monday"), store.crop(1)) == (None, None, None)
    assert store.search(look(1), embedder="colour", mean_person=None) == ()


def learn(config: StoreConfig, people: dict[int, int]) -> None:
    """A job that learnt how people look: the numbers, with the number of their look."""
    memory, _ = begin_job(config)
    looks = [
        KnownLook(GlobalId(name), CAM1, 9.0 * unit(list(look(who) + COMMON)), 1.0, 9, 0.0, 1.0)
        for name, who in people.items()
    ]
    rounds = [tracked for name in people for tracked in walk(CAM1, name, (0.0, 0.5), local_id=name)]
    with memory.sink("job-monday") as sink:
        memory.learn(np.inf, lambda: (looks, {CAM1: MEAN_PERSON}))
        for tracked in rounds:
            sink.write(tracked)
    memory.finish("done", None)


def test_a_photo_finds_who_looks_like_it(store: Store, config: StoreConfig) -> None:
    learn(config, {1: 1, 2: 2, 3: 3})
    photo = unit(list(look(2, noise=0.3) + COMMON))
    matches = store.search(photo, embedder="colour", mean_person=MEAN_PERSON, limit=2)
    assert (matches[0].person.id, len(matches)) == (2, 2)
    assert matches[0].similarity > 0.8 > 0.4 > matches[1].similarity, "around the mean person strangers are near 0"
    assert matches[0].camera == "cam1"
    assert store.search(photo, embedder="osnet", mean_person=None) == (), "another network's looks are another language"


def test_looks_follow_corrections(store: Store, config: StoreConfig) -> None:
    learn(config, {1: 1, 2: 2})
    store.merge(1, 2)
    assert {each.person.id for each in store.search(look(2), embedder="colour", mean_person=None)} == {1}
    memory, _ = begin_job(config, "tuesday", clock=Clock(NOON_UNIX_S + 60.0))
    memory.finish("done", None)
    assert [(each.identity, each.boxes, each.last_s) for each in memory.known.by_camera([CAM1])] == [(1, 18, -59.0)]


def test_looks_of_another_network_are_not_known(store: Store, config: StoreConfig) -> None:
    learn(config, {1: 1})
    models = {"detector": "motion", "embedder": "osnet openvino", "weights": {"embedder": {"sha256": "ab" * 32}}}
    other = JobFacts("tuesday", replace(header(), models=models))
    memory = begin_memory(config, other, lambda _: None)
    assert memory is not None
    memory.finish("done", None)
    assert memory.known.looks == ()
    assert memory.known.first_id == 2
