"""What was put right by hand gets into the files of a results folder, and out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from entities import TrackedRound
from errors import OutputError, StoreError
from main import main
from sinks.records import Records
from store.exporting import export_records
from store.store import Store
from store_settings import StoreConfig
from tests.builders import CAM1, CAM2
from tests.stored import LONG_AGO_UNIX_S, NOON_UNIX_S, Clock, as_shown, run_job, walk

ROUNDS = walk(CAM1, 1, (0.0, 2.0)) + walk(CAM2, 2, (3.0, 5.0)) + walk(CAM2, 3, (6.0, 7.0), local_id=2)


@pytest.fixture
def results(tmp_path: Path, config: StoreConfig) -> Path:
    """The records of a job that is in the store, too."""
    folder = tmp_path / "results"
    write_records(folder, ROUNDS)
    (folder / "floor.csv").write_text("time_s,id,x_m,y_m\n0.500,1,0.1,0.2\n3.500,2,0.3,0.4\n")
    run_job(config, ROUNDS, results=folder)
    return folder


def write_records(folder: Path, rounds: list[TrackedRound]) -> None:
    with Records([CAM1, CAM2], folder, 3) as records:
        for tracked in rounds:
            records.write(tracked)
        records.finish(as_shown(rounds))


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def people(folder: Path) -> dict[int, dict[str, Any]]:
    return {each["id"]: each for each in json.loads((folder / "identities.json").read_text())["people"]}


def ids(folder: Path, name: str) -> list[int]:
    return sorted({int(line.split(",")[1]) for line in (folder / name).read_text().splitlines() if line[0].isdigit()})


def test_a_merge_is_in_every_file_and_leaves_with_its_undoing(store: Store, results: Path) -> None:
    before = content(results)
    correction = store.merge(1, 2)
    assert export_records(store, results) == 21
    assert (ids(results, "mot/cam1.txt"), ids(results, "mot/cam2.txt")) == ([1], [1, 3])
    assert ids(results, "floor.csv") == [1]
    assert sorted(people(results)) == [1, 3]
    assert sorted(people(results)[1]["cameras"]) == ["cam1", "cam2"]
    assert all((results / path).is_file() for each in people(results).values() for path in each["crops"])
    assert sorted(path.name for path in (results / "crops").iterdir()) == ["1", "3"]
    assert sorted(path.name for path in (results / "identities").iterdir()) == ["1.jpg", "3.jpg"]
    after = content(results)
    assert export_records(store, results) == 0
    assert content(results) == after
    store.undo(correction.id)
    assert export_records(store, results) == 21
    assert content(results) == before


def test_a_split_divides_lines_and_pictures(store: Store, results: Path) -> None:
    store.merge(2, 3)
    new = store.split(2, NOON_UNIX_S + 5.5).other_id
    export_records(store, results)
    assert ids(results, "mot/cam2.txt") == [2, new]
    assert people(results)[new]["first_seen_s"] == 6.0
    assert all(float(Path(path).stem.rpartition("-")[2]) >= 6.0 for path in people(results)[new]["crops"])


def test_a_folder_of_no_job_is_refused(store: Store, results: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no job in"):
        export_records(store, tmp_path)


def test_a_damaged_folder_is_refused_and_left_alone(store: Store, results: Path) -> None:
    store.merge(1, 2)
    (results / "tracks.jsonl").write_text("{}\n")
    before = content(results)
    with pytest.raises(OutputError, match="damaged"):
        export_records(store, results)
    assert content(results) == before


def test_an_export_that_failed_half_way_is_finished_by_the_next(store: Store, results: Path) -> None:
    before = content(results)
    store.merge(1, 2)
    sheet = results / "identities" / "1.jpg"
    sheet.unlink()
    sheet.mkdir()
    with pytest.raises(OutputError, match=r"1\.jpg"):
        export_records(store, results)
    after = content(results)
    assert [name for name in before if name.endswith((".jsonl", ".txt", ".csv")) and after[name] != before[name]] == []
    sheet.rmdir()
    assert export_records(store, results) == 21
    assert (ids(results, "mot/cam2.txt"), ids(results, "floor.csv"), sorted(people(results))) == ([1, 3], [1], [1, 3])
    assert all((results / path).is_file() for each in people(results).values() for path in each["crops"])


def test_the_commands(store: Store, config: StoreConfig, results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = ["--store", str(config.url)]
    store.merge(1, 2)
    assert main(["export", str(results), *named, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"changed": 21}
    assert main(["forget", "--id", "1", *named, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sightings"] == 2
    assert sorted(people(results)) == [3]
    assert main(["forget", "--id", "1", *named]) == 1
    assert "nobody has the number 1" in capsys.readouterr().err
    run_job(config, walk(CAM1, 9, (0.0, 1.0)), job_id="long ago", clock=Clock(LONG_AGO_UNIX_S))
    assert main(["purge", *named]) == 0
    assert "gone: sightings 1, pictures 1, looks 0, events 1" in capsys.readouterr().out


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["purge", "--store", str(tmp_path / "store.db")]) == 1
    assert "no such file" in capsys.readouterr().err
    assert not (tmp_path / "store.db").exists()
