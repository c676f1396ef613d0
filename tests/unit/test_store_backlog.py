"""With the database gone the job goes on: what waits is written when it is back, what is lost is named."""

from __future__ import annotations

import threading

import pytest

from entities import NOBODY, CameraId, GlobalId, LocalId
from errors import StoreError
from store.backlog import FIRST_PAUSE_S, LONGEST_PAUSE_S, Backlog
from store.batch import Batch, Happening, Stretch
from store.writer import Writer

WAIT_S = 10.0


class Database:
    """Takes batches, or says why not."""

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.attempts = 0
        self.code = ""
        self.wrote = threading.Event()

    def write(self, batch: Batch) -> None:
        self.attempts += 1
        if self.code:
            raise StoreError("store: the disk is full", code=self.code)
        self.taken.append(batch.media_s)
        self.wrote.set()


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def batch(media_s: float) -> Batch:
    """Two rows."""
    stretch = Stretch(CameraId("cam1"), LocalId(1), 0, 1, 0.0, 0.1, 2, GlobalId(1), ())
    return Batch(media_s, [stretch], [Happening(0, 0.0, "left", GlobalId(1), NOBODY)])


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def backlog(database: Database, clock: Clock, notes: list[str]) -> Backlog:
    return Backlog(database.write, notes.append, clock, most_rows=6)


def test_while_all_is_well_nothing_is_said(backlog: Backlog, database: Database, notes: list[str]) -> None:
    for second in range(3):
        backlog.add(batch(second))
    backlog.finish()
    assert (database.taken, notes, backlog.wait_s) == ([0, 1, 2], [], None)


def test_what_waited_is_written_in_order(backlog: Backlog, database: Database, clock: Clock, notes: list[str]) -> None:
    database.code = "store_unavailable"
    backlog.add(batch(0))
    backlog.add(batch(1))
    assert len(notes) == 1, "one outage is told once"
    assert "the disk is full; the job goes on" in notes[0]
    database.code = ""
    backlog.add(batch(2))
    assert database.taken == [], "it is not asked at every turn"
    clock.now_s += FIRST_PAUSE_S
    backlog.drain()
    assert database.taken == [0, 1, 2]
    assert notes[1] == "store: answers again; caught up on 6 rows"


def test_pauses_grow_and_end(backlog: Backlog, database: Database, clock: Clock) -> None:
    database.code = "store_unavailable"
    backlog.add(batch(0))
    pauses = []
    for _ in range(8):
        pauses.append(backlog.wait_s)
        clock.now_s += pauses[-1] or 0.0
        backlog.drain()
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_too_much_costs_the_oldest_and_says_so(
    backlog: Backlog, database: Database, clock: Clock, notes: list[str]
) -> None:
    database.code = "store_unavailable"
    for second in range(5):
        backlog.add(batch(second))
    database.code = ""
    clock.now_s += FIRST_PAUSE_S
    backlog.drain()
    assert database.taken == [2, 3, 4]
    assert "lost 2 batches (sightings: 2, events: 2) of about 0 s to 1 s" in notes[-1]


def test_what_is_lost_at_the_end_is_named(backlog: Backlog, database: Database, notes: list[str]) -> None:
    database.code = "store_unavailable"
    backlog.add(batch(7))
    backlog.add(Batch(9.0, segments=()))
    backlog.finish()
    assert "lost 2 batches (sightings: 1, events: 1) of about 7 s to 9 s" in notes[-1]
    assert "the corrected history of the job is not in the store" in notes[-1]


def test_the_end_asks_once_more_without_waiting(backlog: Backlog, database: Database) -> None:
    database.code = "store_unavailable"
    backlog.add(batch(0))
    database.code = ""
    backlog.finish()
    assert database.taken == [0]


def test_a_batch_that_is_refused_does_not_hold_up_the_next(
    backlog: Backlog, database: Database, notes: list[str]
) -> None:
    database.code = "store_refused"
    backlog.add(batch(0))
    database.code = ""
    backlog.add(batch(1))
    assert database.taken == [1]
    assert any("lost 1 batch (sightings: 1" in note for note in notes)


def test_handing_over_never_waits_for_the_database(notes: list[str]) -> None:
    held, begun = threading.Event(), threading.Event()
    taken: list[float] = []

    def write(each: Batch) -> None:
        begun.set()
        assert held.wait(WAIT_S)
        taken.append(each.media_s)

    writer = Writer(write, notes.append, "job-t/store-writer")
    writer.start()
    writer.put(batch(0))
    assert begun.wait(WAIT_S)
    for second in range(1, 1500):
        writer.put(batch(second))
    held.set()
    assert writer.close(WAIT_S)
    assert taken[0] == 0
    assert taken[-1] == 1499
    assert notes == ["store: lost 499 batches while the database did not answer"]


def test_a_database_that_comes_back_is_found_without_a_new_batch(database: Database, notes: list[str]) -> None:
    database.code = "store_unavailable"

    def write(each: Batch) -> None:
        try:
            database.write(each)
        finally:
            database.code = ""

    writer = Writer(write, notes.append, "job-t/store-writer")
    writer.start()
    writer.put(batch(0))
    assert database.wrote.wait(WAIT_S)
    assert writer.close(WAIT_S)
    assert (database.taken, database.attempts) == ([0], 2)


def test_a_fault_of_the_writer_is_told_and_holds_nobody_up(notes: list[str]) -> None:
    def write(_: Batch) -> None:
        raise KeyError("camera")

    writer = Writer(write, notes.append, "job-t/store-writer")
    writer.start()
    writer.put(batch(0))
    assert writer.close(WAIT_S)
    assert "nothing more is written: KeyError('camera')" in notes[0]
