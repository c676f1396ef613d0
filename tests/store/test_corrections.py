"""Putting right by hand: every answer follows, and undoing brings back what was."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from by_hand import ByHand, Split
from entities import EventKind, GlobalId, IdentityEvent, TrackedRound
from errors import StoreError
from provenance import split_by_hand
from store.batch import Batch
from store.engine import writing
from store.memory import JobMemory
from store.schema import JobRow
from store.store import Store
from store.values import CorrectionKind
from store_settings import StoreConfig
from tests.builders import CAM1, CAM2
from tests.stored import NOON_UNIX_S, Clock, as_shown, begin_job, merged, run_job, walk

Wish = Callable[[Store], object]


def people(store: Store) -> dict[int, tuple[str, ...]]:
    return {each.id: each.cameras for each in store.people(order="id", descending=False).items}


def test_merging_and_undoing(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)))
    correction = store.merge(1, 2)
    assert people(store) == {1: ("cam1", "cam2")}
    detail = store.person(2)
    assert detail is not None
    assert (detail.person.id, detail.aliases, detail.corrections) == (1, (1, 2), (correction,))
    assert {each.person_id for each in store.events()} == {1}
    store.undo(correction.id)
    assert people(store) == {1: ("cam1",), 2: ("cam2",)}
    assert store.corrections() == ()
    assert [each.id for each in store.corrections(undone=True)] == [correction.id]


def test_what_comes_later_follows_a_merge(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)))
    store.merge(1, 2)
    run_job(config, walk(CAM2, 2, (0.0, 2.0)), job_id="tuesday", clock=Clock(NOON_UNIX_S + 86400.0))
    detail = store.person(1)
    assert detail is not None
    assert [(stay.job_id, stay.camera) for stay in detail.stays] == [
        ("monday", "cam1"),
        ("monday", "cam2"),
        ("tuesday", "cam2"),
    ]


def test_splitting_one_at_a_time(store: Store, config: StoreConfig) -> None:
    came = IdentityEvent(0.0, EventKind.APPEARED, GlobalId(1))
    run_job(config, walk(CAM1, 1, (0.0, 2.0), events=[came]) + walk(CAM2, 1, (3.0, 5.0)))
    correction = store.split(1, NOON_UNIX_S + 2.5)
    assert correction.kind is CorrectionKind.SPLIT
    assert people(store) == {1: ("cam1",), correction.other_id: ("cam2",)}
    assert {each.person_id for each in store.sightings(person=correction.other_id).items} == {correction.other_id}
    assert [each.kind for each in store.events(person=1)] == ["appeared"]
    assert [each.kind for each in store.events(person=correction.other_id)] == ["handed_over", "left"]
    store.undo(correction.id)
    assert people(store) == {1: ("cam1", "cam2")}
    detail = store.person(1)
    assert detail is not None
    assert detail.aliases == (1,), "nobody was ever given the other number"
    assert store.split(1, NOON_UNIX_S + 2.5).other_id > correction.other_id, "numbers are never used again"


def spans(store: Store, person: int) -> list[tuple[float, float, tuple[int, int], int]]:
    found = store.sightings(person=person).items
    return [(round(each.start_s, 3), round(each.end_s, 3), each.frames, each.boxes) for each in found]


def test_a_track_that_shows_two_people_is_cut_where_the_other_begins(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 4.0)))
    at_unix_s = NOON_UNIX_S + 2.5
    correction = store.split(1, at_unix_s)
    assert spans(store, 1) == [(0.0, 2.4, (0, 24), 25)]
    assert spans(store, correction.other_id) == [(2.5, 4.0, (25, 40), 16)]
    assert all(crop.unix_s < at_unix_s for crop in store.crops(1))
    store.undo(correction.id)
    detail = store.person(1)
    assert detail is not None
    assert [stay.intervals_s for stay in detail.stays] == [((0.0, 4.0),)], "the cut is not to be seen any more"


def running(config: StoreConfig) -> tuple[JobMemory, list[TrackedRound]]:
    """A job that runs, in which one person was seen twice; the second time is not over."""
    rounds = walk(CAM2, 1, (0.0, 1.5)) + walk(CAM1, 1, (2.0, 3.0))
    memory, _ = begin_job(config)
    with memory.sink("job-monday") as sink:
        for tracked in rounds:
            sink.write(tracked)
    return memory, rounds


def test_of_a_running_job_what_is_over_is_cut(store: Store, config: StoreConfig) -> None:
    memory, _ = running(config)
    other = store.split(1, NOON_UNIX_S + 1.0).other_id
    assert [span[2] for span in spans(store, other)] == [(10, 15), (20, 30)]
    memory.finish("done", None)


@pytest.mark.parametrize("outcome", ["done", None], ids=["it-ends", "its-process-dies"])
def test_what_may_still_grow_is_cut_once_the_job_is_over(
    store: Store, config: StoreConfig, outcome: str | None
) -> None:
    memory, rounds = running(config)
    other = store.split(1, NOON_UNIX_S + 2.5).other_id
    assert spans(store, other) == []
    if outcome is not None:
        memory.write(Batch(media_s=3.0, segments=as_shown(rounds)))
        memory.finish(outcome, None)
    else:
        died(store, "monday")
        store.mark_interrupted()
    assert [span[2] for span in spans(store, other)] == [(25, 30)]
    assert [span[2] for span in spans(store, 1)] == [(0, 15), (20, 24)]
    if outcome is None:
        memory.finish("stopped", None)  # closes what the dead process would have lost


def died(store: Store, job_id: str) -> None:
    """The process that ran a job is gone."""
    with writing(store.engine) as session:
        row = session.get(JobRow, job_id)
        assert row is not None
        row.owner = "elsewhere/1/0.0"
        row.heartbeat_unix_s = 0.0


def split_at(memory: JobMemory, time_s: float) -> IdentityEvent:
    """The running job tells that it has divided the one whom it was told to."""
    (split,) = memory.by_hand.splits
    return split_by_hand(split, time_s)


def test_a_job_that_has_heard_of_a_split_tells_the_two_apart_by_itself(store: Store, config: StoreConfig) -> None:
    memory, _ = running(config)
    new = store.split(1, NOON_UNIX_S + 2.5).other_id
    memory.write(Batch(media_s=3.0))
    assert memory.by_hand == ByHand(
        frozenset({(GlobalId(1), GlobalId(new))}), {}, (Split((GlobalId(1),), GlobalId(new), 2.5),)
    )
    rounds = walk(CAM1, new, (4.0, 5.0), events=[split_at(memory, 4.0)]) + walk(CAM2, 1, (6.0, 7.0), local_id=2)
    with memory.sink("job-monday-on") as sink:
        for tracked in rounds:
            sink.write(tracked)
    assert [span[2] for span in spans(store, new)] == [(25, 30), (40, 50)], "what was whole is cut"
    assert [span[2] for span in spans(store, 1)] == [(0, 15), (20, 24), (60, 70)], "the first of them came again"
    memory.finish("done", None)


def test_undone_the_halves_of_a_split_are_one_whoever_told_them_apart(store: Store, config: StoreConfig) -> None:
    memory, _ = running(config)
    correction = store.split(1, NOON_UNIX_S + 1.75)
    new = correction.other_id
    memory.write(Batch(media_s=3.0))
    with memory.sink("job-monday-on") as sink:
        for tracked in walk(CAM1, new, (4.0, 5.0), events=[split_at(memory, 4.0)]):
            sink.write(tracked)
    assert people(store) == {1: ("cam2",), new: ("cam1",)}
    store.undo(correction.id)
    assert people(store) == {1: ("cam1", "cam2")}
    detail = store.person(new)
    assert detail is not None
    assert (detail.person.id, detail.aliases) == (1, (1, new)), "the job gave it"
    memory.write(Batch(media_s=6.0))
    assert memory.by_hand == ByHand(links={new: 1})
    again = store.split(1, NOON_UNIX_S + 1.75).other_id
    assert people(store) == {1: ("cam2",), again: ("cam1",)}
    memory.write(Batch(media_s=7.0))
    assert memory.by_hand.splits == (Split((GlobalId(1), GlobalId(new)), GlobalId(again), 1.75),)
    memory.finish("done", None)
    memory.finish("done", None)


def test_a_split_divides_what_was_and_not_what_comes(store: Store, config: StoreConfig) -> None:
    """Whoever comes again is known by the look of one half or the other, and has that one's number."""
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 1, (3.0, 5.0)))
    new = store.split(1, NOON_UNIX_S + 2.5).other_id
    rounds = walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, new, (3.0, 5.0))
    memory, _ = run_job(config, rounds, job_id="tuesday", clock=Clock(NOON_UNIX_S + 86400.0))
    assert dict(memory.names) == {}
    seen = {who: [(each.job_id, each.camera) for each in store.sightings(person=who).items] for who in (1, new)}
    assert seen == {1: [("monday", "cam1"), ("tuesday", "cam1")], new: [("monday", "cam2"), ("tuesday", "cam2")]}
    assert {each.job_id for each in store.events(person=1)} == {"tuesday"}


def test_a_chain_of_corrections_is_undone_in_any_order(store: Store, config: StoreConfig) -> None:
    rounds = walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)) + walk(CAM1, 3, (6.0, 8.0), local_id=2)
    run_job(config, rounds)
    first, _ = store.merge(2, 3), store.merge(1, 2)
    assert people(store) == {1: ("cam1", "cam2")}
    store.undo(first.id)
    assert people(store) == {1: ("cam1", "cam2"), 3: ("cam1",)}


def test_merges_of_the_program_reach_back_to_earlier_jobs(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)))
    run_job(config, walk(CAM1, 1, (0.0, 2.0), events=[merged(2, 1)]), job_id="tuesday")
    assert people(store) == {1: ("cam1", "cam2")}
    detail = store.person(2)
    assert detail is not None
    assert detail.person.id == 1


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        pytest.param(lambda store: store.merge(1, 1), "correction_invalid", id="merge-with-oneself"),
        pytest.param(lambda store: store.merge(1, 9), "person_unknown", id="merge-with-nobody"),
        pytest.param(lambda store: store.split(1, NOON_UNIX_S), "correction_invalid", id="split-before-everything"),
        pytest.param(lambda store: store.split(1, NOON_UNIX_S + 9), "correction_invalid", id="split-after-everything"),
        pytest.param(lambda store: store.keep_apart(2, 2), "correction_invalid", id="apart-from-oneself"),
        pytest.param(lambda store: store.undo(7), "correction_unknown", id="undo-nothing"),
        pytest.param(lambda store: store.rename(9, "Ann"), "person_unknown", id="name-nobody"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, config: StoreConfig, wish: Wish, code: str) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)))
    with pytest.raises(StoreError) as caught:
        wish(store)
    assert caught.value.code == code


def test_two_that_were_said_to_be_two_are_not_merged(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)))
    pin = store.keep_apart(2, 1)
    with pytest.raises(StoreError, match="two people"):
        store.merge(1, 2)
    store.undo(pin.id)
    store.merge(1, 2)


def test_a_running_job_hears_of_it_with_its_next_batch(store: Store, config: StoreConfig) -> None:
    rounds = walk(CAM1, 1, (0.0, 1.0)) + walk(CAM2, 2, (3.0, 4.0)) + walk(CAM2, 3, (5.0, 6.0), local_id=2)
    run_job(config, rounds)
    memory, _ = begin_job(config, "tuesday")
    merge = store.merge(1, 2)
    store.keep_apart(1, 3)
    assert heard(memory) == ({}, set(), {})
    memory.write(Batch())
    assert heard(memory) == ({2: 1}, {(1, 3), (2, 3)}, {2: 1})
    store.undo(merge.id)
    memory.write(Batch())
    assert heard(memory) == ({}, {(1, 3)}, {})
    memory.finish("done", None)


def heard(memory: JobMemory) -> tuple[dict[int, int], set[tuple[int, int]], dict[int, int]]:
    """What a job knows: who is one, who stays two, who is shown under which number."""
    return dict(memory.by_hand.links), set(memory.by_hand.pins), dict(memory.names)
