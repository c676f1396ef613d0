"""`explain` tells a person's story from the records alone: places, links, corrections, or what is wrong with them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from console.explain import print_story, show_story
from console.story import read_story
from errors import TrackingError
from main import main


def piece(camera: str, track: int, similarity: float | None = None) -> dict[str, Any]:
    out: dict[str, Any] = {"camera": camera, "local_id": track, "start_s": 1.0, "end_s": 2.5}
    return out if similarity is None else out | {"similarity": similarity}


def event(
    time_s: float,
    kind: str,
    person: int | None,
    other: int | None = None,
    track: tuple[str, int] | None = None,
    **evidence: Any,
) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "similarity": None,
        "threshold": 0.4,
        "scale": "centred",
        "position": 0.0,
        "margin": None,
        "rivals": [],
    }
    lists = {"pieces": [piece("cam1", 1)], "likest": []}
    return {
        "time_s": time_s,
        "kind": kind,
        "id": person,
        "other_id": other,
        "camera": track[0] if track else None,
        "local_id": track[1] if track else None,
        "reason": f"reason of {kind}",
        "evidence": None if kind == "static" else figures | lists | evidence,
    }


EVENTS = [
    event(1.0, "appeared", 1),
    event(1.0, "appeared", 2),
    event(2.0, "appeared", 3),
    event(2.5, "joined", 2, None, ("cam2", 4), margin=0.25, likest=[piece("cam1", 1, 0.7), piece("cam3", 9, 0.6)]),
    event(3.0, "merged", 2, 3),
    event(4.0, "merged", 1, 2, similarity=0.5),
    event(5.0, "split", 4, 1),
    event(6.0, "relabelled", 4, 1, ("cam1", 8)),
    event(7.0, "static", None, 5, ("cam2", 6)),
]
STAY = {"first_seen_s": 1.0, "last_seen_s": 9.0, "sightings": 30, "intervals": [{"start_s": 1.0, "end_s": 9.0}]}


def entry(person: int, cameras: tuple[str, ...] = ("cam1",)) -> dict[str, Any]:
    return {
        "id": person,
        "first_seen_s": 1.0,
        "last_seen_s": 9.0,
        "sightings": 30,
        "cameras": dict.fromkeys(cameras, STAY),
        "crops": [f"crops/{person}/cam1-00001.000.jpg"],
        "sheet": f"identities/{person}.jpg",
    }


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Records: 1 was also 2 and 3, from 1 was split 4, 5 was a thing."""
    people = [entry(1, ("cam1", "cam2")), entry(4)]
    document = {"labels": "corrected", "cameras": ["cam1", "cam2", "cam3"], "people": people}
    (tmp_path / "identities.json").write_text(json.dumps(document))
    (tmp_path / "events.jsonl").write_text("".join(json.dumps(item) + "\n" for item in EVENTS))
    return tmp_path


def told(results: Path, person: int, width: int = 100, encoding: str = "utf-8") -> str:
    terminal: StringIO = type("Terminal", (StringIO,), {"encoding": encoding})()
    print_story(read_story(results, person), Console(file=terminal, width=width, color_system=None))
    return terminal.getvalue()


@pytest.mark.parametrize(
    ("person", "merged", "into", "times"),
    [
        pytest.param(1, (2, 3), (), [1, 1, 2, 2.5, 3, 4, 5, 6], id="with-those-who-became-it"),
        pytest.param(2, (3,), (1,), [1, 2, 2.5, 3, 4], id="merged-away"),
        pytest.param(3, (), (2, 1), [2, 3], id="merged-away-twice"),
        pytest.param(4, (), (), [5, 6], id="split-off"),
        pytest.param(5, (), (), [7], id="a-thing"),
    ],
)
def test_a_story_is_of_the_person_and_of_who_became_it(
    results: Path, person: int, merged: tuple[int, ...], into: tuple[int, ...], times: list[float]
) -> None:
    story = read_story(results, person)
    assert (story.merged, story.into) == (merged, into)
    assert [item["time_s"] for item in story.events] == times
    assert (story.entry is not None) == (person in {1, 4})


def test_what_is_told_of_somebody(results: Path) -> None:
    lines = told(results, 1).splitlines()
    text = "\n".join(lines)
    assert "person 1  seen 0:01.0 to 0:09.0 by 2 cameras, 30 sightings; was also 2, 3 until corrected" in lines[0]
    assert [line.split()[0] for line in lines if "━" in line] == ["cam1", "cam2"]
    for part in (
        "0:01.0  1 appeared: cam1 track 1 (0:01.0 to 0:02.5)",
        "cam2 track 4 joined 2",
        "reason of joined; margin +0.25",
        "by piece: 0.70 cam1 track 1 (0:01.0 to 0:02.5), 0.60 cam3 track 9",
        "3 became 2",
        "2 became 1",
        "4 split from 1",
        "cam1 track 8 went from 1 to 4",
        "strangers are near 0",
        "pictures  identities/1.jpg",
        "crops/1/cam1-00001.000.jpg",
    ):
        assert part in " ".join(text.split()) or part in text, part


@pytest.mark.parametrize(
    ("person", "part"),
    [
        pytest.param(2, "became 1: see --id 1", id="merged"),
        pytest.param(3, "became 2 and that 1: see --id 1", id="merged-twice"),
        pytest.param(5, "is nobody any more", id="a-thing"),
    ],
)
def test_who_is_no_more_says_what_became_of_it(results: Path, person: int, part: str) -> None:
    text = told(results, person)
    assert part in text
    assert "━" not in text
    assert "pictures" not in text


@pytest.mark.parametrize("width", [30, 80, 300])
def test_it_fits_the_terminal(results: Path, width: int) -> None:
    bars = [line for line in told(results, 1, width).splitlines() if "━" in line]
    assert len(bars) == 2
    assert all(len(line.rstrip()) <= max(width, 40) for line in bars)


def test_a_terminal_without_such_letters_gets_plain_ones(results: Path) -> None:
    text = told(results, 1, encoding="ascii")
    assert "####" in text
    assert "━" not in text


def test_a_job_that_died_is_told(results: Path) -> None:
    path = results / "identities.json"
    path.write_text(path.read_text().replace("corrected", "shown"))
    assert "the job died" in told(results, 1)


@pytest.mark.parametrize(
    ("person", "standing", "became"), [pytest.param(1, True, None, id="standing"), pytest.param(3, False, 1, id="gone")]
)
def test_scripts_get_one_object(
    results: Path, person: int, standing: bool, became: int | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(results), "--id", str(person), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["id"], shown["standing"], shown["became"], shown["labels"]) == (person, standing, became, "corrected")
    assert (shown["person"] == entry(1, ("cam1", "cam2"))) is standing
    assert shown["events"][0] in EVENTS


def test_the_command_prints_it(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert show_story(results, 4, as_json=False) == 0
    assert "person 4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("person", "near"),
    [pytest.param(6, "1, 2, 3, 4, 5", id="just-above"), pytest.param(999, "1, 2, 3, 4, 5", id="far-off")],
)
def test_an_id_never_given_names_near_ones(results: Path, person: int, near: str) -> None:
    with pytest.raises(TrackingError, match=f"id {person}: nobody in .* near it are {near}") as caught:
        read_story(results, person)
    assert caught.value.code == "person_unknown"


def test_a_job_without_people_has_no_near_ids(results: Path) -> None:
    (results / "identities.json").write_text('{"labels": "corrected", "cameras": [], "people": []}')
    (results / "events.jsonl").write_text("")
    with pytest.raises(TrackingError, match="the job gave none"):
        read_story(results, 1)


@pytest.mark.parametrize(
    ("name", "text", "code", "part"),
    [
        pytest.param("identities.json", None, "results_missing", "holds no identities.json", id="no-records"),
        pytest.param("events.jsonl", None, "results_missing", "holds no events.jsonl", id="no-events"),
        pytest.param("identities.json", "{", "records_unreadable", "line 1: is no JSON", id="cut-off"),
        pytest.param("identities.json", "[]", "records_unreadable", "is not what a job writes", id="of-others"),
        pytest.param("events.jsonl", '{"id": 1}\n', "records_unreadable", "line 1: is not what", id="no-event"),
        pytest.param("events.jsonl", "\n", "records_unreadable", "line 1: is no JSON", id="blank-line"),
        pytest.param("events.jsonl", "\udcff", "records_unreadable", "cannot be read", id="no-text"),
    ],
)
def test_records_that_cannot_be_told_from(results: Path, name: str, text: str | None, code: str, part: str) -> None:
    path = results / name
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(TrackingError, match=part) as caught:
        read_story(results, 1)
    assert caught.value.code == code
