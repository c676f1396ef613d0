"""What is too old goes for good, and whom somebody wants forgotten."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from entities import GlobalId, LocalId
from errors import StoreError
from store.batch import Batch, Stretch
from store.engine import writing
from store.memory import JobMemory
from store.schema import IdentityRow, LookRow
from store.store import Store
from store_settings import StoreConfig
from tests.builders import CAM1, CAM2
from tests.stored import NOON_UNIX_S, Clock, begin_job, run_job, walk

DAY_S = 86400.0


def at(store: Store, config: StoreConfig, days: float) -> Store:
    """The store so many days later."""
    return Store(store.engine, store.folder, Clock(NOON_UNIX_S + days * DAY_S))


def pictures(store: Store) -> list[Path]:
    return sorted(store.folder.rglob("*.jpg"))


@pytest.mark.parametrize(
    ("setting", "left"),
    [
        pytest.param("crops_days", {"crops": 0, "sightings": 1, "events": 1}, id="pictures"),
        pytest.param("sightings_days", {"crops": 1, "sightings": 0, "events": 1}, id="sightings"),
        pytest.param("events_days", {"crops": 1, "sightings": 1, "events": 0}, id="events"),
    ],
)
def test_each_kind_has_its_own_time(store: Store, config: StoreConfig, setting: str, left: dict[str, int]) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 0.4)))
    limits = StoreConfig(config.url, config.crops_folder, **{setting: 2.0})  # type: ignore[arg-type]  # a float it is
    assert at(store, config, 1.9).purge(limits) == at(store, config, 1.9).purge(limits)
    before = {"crops": len(pictures(store)), "sightings": store.sightings().total, "events": len(store.events())}
    assert before == {"crops": 1, "sightings": 1, "events": 1}
    erased = at(store, config, 2.1).purge(limits)
    after = {"crops": len(pictures(store)), "sightings": store.sightings().total, "events": len(store.events())}
    assert after == left
    assert {"crops": erased.crops, "sightings": erased.sightings, "events": erased.events} == {
        name: before[name] - left[name] for name in before
    }


def test_a_job_of_which_nothing_is_left_goes_too(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)))
    at(store, config, 100.0).purge(config)
    assert store.jobs().total == 0
    with writing(store.engine) as session:
        assert list(session.scalars(select(IdentityRow.id))) == []


def test_what_is_removed_is_not_in_the_file_any_more(tmp_path: Path) -> None:
    config = StoreConfig(url=str(tmp_path / "store.db"))
    store = Store.open(str(config.url))
    run_job(config, walk(CAM1, 1, (0.0, 2.0)))
    store.rename(1, "Rumpelstiltskin")
    assert store.forget(1).left == ()
    assert not [path for path in tmp_path.glob("store.db*") if b"Rumpelstiltskin" in path.read_bytes()]
    store.close()


def test_while_somebody_reads_what_was_removed_may_still_be_in_the_file(tmp_path: Path) -> None:
    config = StoreConfig(url=str(tmp_path / "store.db"))
    store = Store.open(str(config.url))
    run_job(config, walk(CAM1, 1, (0.0, 2.0)))
    reader = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    reader.execute("BEGIN").execute("SELECT * FROM jobs").fetchone()
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
    (line,) = store.forget(1).left
    assert "in use, so what was removed may still be in the file" in line
    reader.close()
    store.close()


def test_pictures_without_a_row_go(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)))
    kept = pictures(store)
    (kept[0].parent / "cam1-9-9.jpg").write_bytes(b"")
    (kept[0].parent / "notes.jpg").write_bytes(b"")
    at(store, config, 20000.0).purge(replace(config, crops_days=36500.0, sightings_days=36500.0))
    assert {path.name for path in pictures(store)} == {path.name for path in kept} | {"notes.jpg"}


def test_forgetting_erases_a_person_everywhere(store: Store, config: StoreConfig, tmp_path: Path) -> None:
    results = records_of_two(tmp_path / "results")
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)), results=results)
    with writing(store.engine) as session:
        session.add(look_of(1))
    erased = store.forget(1)
    assert (erased.looks, erased.crops > 0, erased.left) == (1, True, ())
    assert store.person(1) is None
    assert [each.id for each in store.people().items] == [2]
    assert {each.person_id for each in store.events()} == {2}
    assert all(path.name.startswith("cam2") for path in pictures(store))
    assert people_in(results) == {2}
    assert not (results / "crops" / "1").exists()
    assert (results / "crops" / "2").exists()
    with pytest.raises(StoreError, match="nobody has the number 1"):
        store.forget(1)


def test_who_was_forgotten_stays_so_while_a_job_goes_on(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)))
    store.merge(1, 2)
    store.forget(2)
    run_job(config, walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 3, (2.0, 3.0)), job_id="tuesday")
    assert [each.id for each in store.people().items] == [3]
    assert {path.name.split("-")[0] for path in pictures(store)} == {"cam2"}


def begin_and_see(store: Store, config: StoreConfig, *people: int) -> JobMemory:
    """A job that runs and has seen people, one after the other."""
    memory, _ = begin_job(config, job_id="tuesday")
    with memory.sink("job-tuesday") as sink:
        for place, person in enumerate(people):
            for tracked in walk(CAM1, person, (place, place + 0.5), local_id=person):
                sink.write(tracked)
    return memory


def next_person(store: Store, config: StoreConfig) -> int:
    """The number of the first person of one more job, who is seen."""
    memory, _ = begin_job(config, job_id="wednesday")
    person = int(memory.known.first_id)
    with memory.sink("job-wednesday") as sink:
        for tracked in walk(CAM2, person, (0.0, 0.5)):
            sink.write(tracked)
    memory.finish("done", None)
    assert person in {each.id for each in store.people().items}, "seen, and thrown away"
    return person


def test_who_was_forgotten_while_the_job_ran_has_the_number_for_good(store: Store, config: StoreConfig) -> None:
    memory = begin_and_see(store, config, 1, 2)
    store.forget(2)
    memory.finish("done", None)
    assert next_person(store, config) == 3


def test_all_numbers_of_who_was_forgotten_are_the_persons_for_good(store: Store, config: StoreConfig) -> None:
    memory = begin_and_see(store, config, 1, 2)
    store.merge(1, 2)
    store.forget(1)
    memory.finish("done", None)
    assert next_person(store, config) == 3


def test_who_was_merged_by_hand_has_the_number_for_good_also_after_a_purge(store: Store, config: StoreConfig) -> None:
    memory = begin_and_see(store, config, 1, 2)
    store.merge(1, 2)
    limits = replace(config, sightings_days=1.0, crops_days=1.0)
    memory.write(Batch(2.0 * DAY_S, [stretch(1, 2.0 * DAY_S)]))
    at(store, config, 1.5).purge(limits)
    assert store.sightings().total == 1
    memory.finish("done", None)
    assert next_person(store, config) == 3


def stretch(person: int, time_s: float) -> Stretch:
    return Stretch(CAM1, LocalId(9), 900, 900, time_s, time_s, 1, GlobalId(person), ())


def test_a_deleted_job_takes_its_rows_along(store: Store, config: StoreConfig) -> None:
    run_job(config, walk(CAM1, 1, (0.0, 2.0)))
    run_job(config, walk(CAM1, 1, (0.0, 2.0)), job_id="tuesday")
    store.delete_job("monday")
    assert [job.id for job in store.jobs().items] == ["tuesday"]
    assert {each.job_id for each in store.sightings().items} == {"tuesday"}
    assert {path.parent.name for path in pictures(store)} == {"tuesday"}
    with pytest.raises(StoreError, match="no job monday"):
        store.delete_job("monday")


def look_of(person: int) -> LookRow:
    return LookRow(
        identity_id=person,
        person_id=person,
        camera="cam1",
        embedder="colour",
        job_id="monday",
        look=b"\0\0\x80?",
        amount=1.0,
        seconds=1.0,
        boxes=1,
        first_unix_s=NOON_UNIX_S,
        last_unix_s=NOON_UNIX_S,
    )


def records_of_two(folder: Path) -> Path:
    """The results folder of a job that saw persons 1 and 2."""
    for part in ("mot", "mot-online", "crops/1", "crops/2", "identities"):
        (folder / part).mkdir(parents=True)
    for part in ("mot", "mot-online"):
        (folder / part / "cam1.txt").write_text("1,1,5,5,9,9,0.9,-1,-1,-1\n1,2,5,5,9,9,0.9,-1,-1,-1\n")
    rows = [{"id": name, "shown_id": name, "other_id": None, "camera": "cam1"} for name in (1, 2)]
    for name in ("tracks.jsonl", "events.jsonl"):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "floor.csv").write_text("time_s,id,x_m,y_m\n0.0,1,0.0,0.0\n0.0,2,1.0,1.0\n")
    (folder / "identities.json").write_text(json.dumps({"people": [{"id": 1}, {"id": 2}]}))
    (folder / "identities" / "1.jpg").write_bytes(b"")
    return folder


def people_in(folder: Path) -> set[int]:
    """Everybody named in any file of a results folder."""
    names = {int(line.split(",")[1]) for path in folder.glob("mot*/*.txt") for line in path.read_text().splitlines()}
    names |= {int(line.split(",")[1]) for line in (folder / "floor.csv").read_text().splitlines()[1:]}
    for name in ("tracks.jsonl", "events.jsonl"):
        names |= {json.loads(line)["id"] for line in (folder / name).read_text().splitlines()}
    names |= {each["id"] for each in json.loads((folder / "identities.json").read_text())["people"]}
    return names | {int(path.stem) for path in (folder / "identities").glob("*.jpg")}
