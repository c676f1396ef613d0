"""What becomes of a job's rows: while it runs, at its end, and when it has none."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, update

from entities import EventKind, Evidence, GlobalId, IdentityEvent, LocalId, Piece, Segment
from errors import StoreError
from store.backlog import Backlog
from store.batch import Batch, Happening
from store.engine import writing
from store.gathering import Gatherer
from store.job_log import this_process
from store.people import Whom
from store.schema import Base, JobRow
from store.store import Store
from store.upkeep import Upkeep
from store.writer import Writer
from store.writing import BatchRows, JobKey
from store_settings import StoreConfig
from tests.builders import CAM1, CAM2
from tests.fake_pipeline import WAIT_S
from tests.stored import LONG_AGO_UNIX_S, NOON_UNIX_S, Clock, as_shown, begin_job, run_job, walk


def intervals(store: Store) -> list[tuple[int | None, tuple[int, int], float, float]]:
    rows = store.sightings().items
    return [(each.person_id, each.frames, round(each.start_s, 3), round(each.end_s, 3)) for each in rows]


def test_rows_are_there_while_the_job_runs(store: Store, config: StoreConfig) -> None:
    memory, _ = begin_job(config)
    with memory.sink("job-monday") as sink:
        for tracked in walk(CAM1, 1, (0.0, 2.0)):
            sink.write(tracked)
    job = store.job("monday")
    assert job is not None
    assert (job.status, job.media_s) == ("processing", 2.0)
    assert [each.id for each in store.people(Whom(here_now=True)).items] == [1]
    memory.finish("stopped", StoreError("no reason", code="because"))
    job = store.job("monday")
    assert job is not None
    assert (job.status, job.error_code) == ("stopped", "because")
    assert store.people(Whom(here_now=True)).items == ()


def test_long_stretches_are_cut_and_read_as_one(store: Store, config: StoreConfig) -> None:
    run_job(replace(config, crops=False), walk(CAM1, 1, (0.0, 70.0)))
    assert len(intervals(store)) == 2
    detail = store.person(1)
    assert detail is not None
    assert [stay.intervals_s for stay in detail.stays] == [((0.0, 70.0),)]


def test_boxes_are_sampled_with_both_ends(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 10.0)))
    (sighting,) = store.sightings(boxes=True).items
    assert sighting.boxes == 101
    assert (sighting.samples[0].frame, sighting.samples[-1].frame) == (0, 100)
    assert len(sighting.samples) == 21
    assert store.sightings().items[0].samples == ()


def test_the_corrected_history_cuts_and_renames(store: Store, config: StoreConfig) -> None:
    history = [
        Segment(CAM1, LocalId(1), 0, 14, GlobalId(1)),
        Segment(CAM1, LocalId(1), 15, 30, GlobalId(2)),
    ]
    run_job(config, walk(CAM1, 1, (0.0, 3.0)) + walk(CAM2, 4, (3.0, 4.0)), segments=history)
    assert intervals(store) == [
        (1, (0, 14), 0.0, 1.4),
        (2, (15, 30), 1.5, 3.0),
        (None, (30, 40), 3.0, 4.0),
    ]
    assert [each.boxes for each in store.sightings().items] == [15, 16, 11]
    assert {each.id for each in store.people().items} == {1, 2}
    assert len(store.crops(1)) + len(store.crops(2)) == len(list(store.folder.rglob("*.jpg"))), "nobody's are gone"


def test_a_piece_that_moves_takes_its_past_along(store: Store, config: StoreConfig) -> None:
    piece = Piece(CAM1, LocalId(1), 0.0, 1.0)
    moved = IdentityEvent(
        1.2,
        EventKind.RELABELLED,
        GlobalId(2),
        GlobalId(1),
        CAM1,
        LocalId(1),
        "",
        Evidence(0.5, 0.4, False, (), (piece,)),
    )
    rounds = walk(CAM1, 1, (0.0, 1.0)) + walk(CAM1, 2, (1.1, 2.0), events=[moved])
    run_job(config, rounds, outcome=None)
    assert [row[0] for row in intervals(store)] == [2, 2]


def test_a_job_whose_process_died_is_interrupted(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)), outcome=None)
    assert store.mark_interrupted() == [], "this process is alive"
    with writing(store.engine) as session:
        session.execute(update(JobRow).values(owner=this_process().rpartition("/")[0] + "/1.0"))
    assert store.mark_interrupted() == ["monday"]
    job = store.job("monday")
    assert job is not None
    assert (job.status, job.finished_unix_s) == ("interrupted", NOON_UNIX_S)
    assert [each.id for each in store.people().items] == [1]
    memory, _ = begin_job(config, job_id="tuesday")
    assert memory.known.first_id == 2, "its numbers are not given again, and none is left out"
    memory.finish("done", None)


def test_a_silent_job_of_another_machine_is_interrupted_after_a_while(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)), outcome=None)
    with writing(store.engine) as session:
        session.execute(update(JobRow).values(owner="elsewhere/1/0.0"))
    assert Store(store.engine, store.folder, Clock(NOON_UNIX_S + 599.0)).mark_interrupted() == []
    assert Store(store.engine, store.folder, Clock(NOON_UNIX_S + 601.0)).mark_interrupted() == ["monday"]
    memory, _ = begin_job(config, job_id="tuesday")
    assert memory.known.first_id == 1_000_001, "the job may be cut off only, and still be giving numbers"
    memory.finish("done", None)


def test_a_job_that_sees_nothing_says_that_it_is_there() -> None:
    written: list[float] = []
    again = threading.Event()

    def write(batch: Batch) -> None:
        written.append(batch.media_s)
        if len(written) == 3:
            again.set()

    writer = Writer(write, lambda _: None, "job-monday/store-writer", idle_s=0.001)
    writer.put(Batch(7.0))
    writer.start()
    assert again.wait(WAIT_S)
    assert writer.close(WAIT_S)
    assert set(written) == {7.0}


def test_jobs_side_by_side_share_no_number(store: Store, config: StoreConfig) -> None:
    first, _ = begin_job(config)
    second, _ = begin_job(config, job_id="tuesday")
    assert (first.known.first_id, second.known.first_id) == (1, 1_000_001)
    first.finish("done", None)
    second.finish("done", None)
    third, _ = begin_job(config, job_id="monday")
    assert third.known.first_id == 1_000_001
    third.finish("done", None)
    assert len({job.id for job in store.jobs().items}) == 3, "a name is never used twice"


def test_readers_of_events_miss_none_of_two_who_write_at_once(store: Store, config: StoreConfig) -> None:
    jobs = {name: begin_job(config, job_id=name)[0] for name in ("monday", "tuesday")}
    late = threading.Thread(target=jobs["tuesday"].write, args=(Batch(1.0, (), [happening("later", 2)]),))
    with writing(store.engine) as session:
        key = JobKey("monday", NOON_UNIX_S, "colour")
        BatchRows(session, key, NOON_UNIX_S).write(Batch(1.0, (), [happening("earlier", 1)]))
        late.start()
        late.join(0.2)  # with no turns it is done by then
        cursor = store.last_event()
    late.join(WAIT_S)
    assert [each.reason for each in store.events(after=cursor)] == ["earlier", "later"]
    for memory in jobs.values():
        memory.finish("done", None)


def happening(reason: str, person: int) -> Happening:
    return Happening(0, 1.0, EventKind.APPEARED.value, GlobalId(person), GlobalId(0), reason=reason)


def test_the_job_goes_on_when_the_database_is_lost(store: Store, config: StoreConfig) -> None:
    memory, notes = begin_job(config)
    rounds = walk(CAM1, 1, (0.0, 2.0))
    with writing(store.engine) as session:
        session.connection().exec_driver_sql("DROP TABLE crops")
        session.connection().exec_driver_sql("DROP TABLE sightings")
    with memory.sink("job-monday") as sink:
        for tracked in rounds:
            sink.write(tracked)
        sink.finish(as_shown(rounds))
    memory.finish("done", None)
    assert any("sightings" in note for note in notes)
    assert any("lost" in note and "the corrected history" in note for note in notes)


def test_a_database_that_comes_back_gets_everything(tmp_path: Path) -> None:
    config = StoreConfig(url=str(tmp_path / "store.db"))
    memory, notes = begin_job(config)
    store = Store.open(str(config.url))
    clock = Clock()
    backlog = Backlog(memory.write, notes.append, clock)
    gatherer = Gatherer()
    for second, table in enumerate(["sightings", "gone", "gone", "sightings"]):
        with store.engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            if table not in tables:  # the disk is taken away, or is back
                connection.exec_driver_sql(f"ALTER TABLE {(tables & {'sightings', 'gone'}).pop()} RENAME TO {table}")
            connection.commit()
        for tracked in walk(CAM1, 1, (second, second + 0.9)):
            gatherer.add(tracked.result.frames[0])
        clock.now_s += 60.0
        backlog.add(Batch(second + 0.9, gatherer.take(second + 0.9)))
    backlog.finish()
    memory.finish("done", None)
    assert intervals(store) == [(1, (0, 39), 0.0, 3.9)]
    assert [note.partition(":")[2].split(";")[0] for note in notes if "answers again" in note] == [" answers again"]
    assert sum("does not answer" in note for note in notes) == 1
    store.close()


def test_pictures_that_cannot_be_written_cost_nothing_else(config: StoreConfig, store: Store) -> None:
    assert config.crops_folder is not None
    config.crops_folder.write_text("in the way")
    _, notes = run_job(config, walk(CAM1, 1, (0.0, 2.0)))
    assert [note for note in notes if "no pictures of people for now" in note] == notes[:1]
    assert [each.id for each in store.people().items] == [1]


def test_a_server_purges_when_it_starts(config: StoreConfig, store: Store) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)), clock=Clock(LONG_AGO_UNIX_S))
    upkeep = Upkeep(store, config)
    upkeep.start()
    assert upkeep.stop()
    assert store.people().total == 0


def test_the_steps_lead_to_the_tables_of_today(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://ann:s3cret@localhost:1/nothing?connect_timeout=1", id="before-the-host"),
        pytest.param("postgresql://localhost:1/nothing?user=ann&password=s3cret&connect_timeout=1", id="in-the-query"),
    ],
)
def test_a_password_is_never_shown(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store.open(url)
    assert caught.value.code == "store_unavailable"
    assert "s3cret" not in caught.value.message
    assert "s3cret" not in repr(StoreConfig(url="postgresql://ann:s3cret@host/name"))


@pytest.mark.parametrize("url", ["mysql://host/name", "sqlite://", "postgresql://host:port/name"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Store.open(url)
    assert caught.value.code == "store_url"
