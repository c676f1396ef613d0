"""The results folder: right content, valid on every path, nothing of others touched."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from config import OutputConfig
from entities import (
    NOBODY,
    CameraId,
    EventKind,
    Evidence,
    Frame,
    GlobalId,
    IdentityEvent,
    LocalId,
    Piece,
    Rival,
    Round,
    RoundResult,
    Segment,
    Source,
    TrackedRound,
)
from errors import OutputError
from sinks import Sink
from sinks.crops import Crop, CropStore, best_mix, crop_qualities
from sinks.records import Records, record_sinks
from sinks.results_folder import GrowingFile, check_results_folder, replacing
from sinks.rows import ROW, Corrected, as_shown, rows_of
from tests.builders import CAM1, CAM2, box, frame_result, tracked, unseen
from tests.limits import largest_file

CAMERAS = (CAM1, CAM2)
FORMATS = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
FPS = 15.0


def segment(local_id: int, global_id: int, first: int = 0, last: int = 999, camera: CameraId = CAM1) -> Segment:
    return Segment(camera, LocalId(local_id), first, last, GlobalId(global_id))


def two_people(index: int) -> TrackedRound:
    """Camera 1 shows local track 1 as nobody for two rounds, then as 5; camera 2 shows local track 9 as 6."""
    shown = 5 if index >= 2 else 0
    return tracked(
        [
            frame_result([box(100.25, 210)], [1], [shown], index),
            frame_result([box(300, 300, 150)], [9], [6], index, camera_id=CAM2),
        ],
        index,
    )


def record(folder: Path, rounds: Sequence[TrackedRound], segments: tuple[Segment, ...], crops: int = 2) -> Path:
    with Records(CAMERAS, folder, crops) as sink:
        for item in rounds:
            sink.write(item)
        sink.finish(segments)
    return folder


def record_and_die(folder: Path, rounds: Sequence[TrackedRound]) -> None:
    """What a job does that fails before its history is corrected."""
    with Records(CAMERAS, folder, 2) as sink:
        for item in rounds:
            sink.write(item)
        raise RuntimeError("the job died")


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def mot(path: Path) -> list[list[float]]:
    return [[float(value) for value in line.split(",")] for line in path.read_text().splitlines()]


def identities(folder: Path) -> dict[str, Any]:
    document = json.loads((folder / "identities.json").read_text())
    assert isinstance(document, dict)
    return document


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


EVIDENCE = Evidence(
    0.61234,
    0.4,
    False,
    (Rival(GlobalId(3), 0.5, "seen at once in cam1", -0.01), Rival(GlobalId(4), 0.1)),
    (Piece(CAM2, LocalId(4), 1.23456, 2.0),),
    (Piece(CAM1, LocalId(1), 0.0, 1.0, 0.7),),
    0.25,
)

ONE_PERSON = (segment(1, 2), segment(9, 2, camera=CAM2))
"""The corrected history of `two_people`: both tracks are person 2."""


# What is written


def test_mot_holds_the_corrected_ids_and_mot_online_the_shown(tmp_path: Path) -> None:
    folder = record(tmp_path / "r", [two_people(i) for i in range(4)], ONE_PERSON)
    first = "1,2,80.2,110.0,40.0,100.0,0.900,-1,-1,-1"
    assert (folder / "mot/cam1.txt").read_text().splitlines()[0] == first
    assert [row[:2] for row in mot(folder / "mot/cam1.txt")] == [[1, 2], [2, 2], [3, 2], [4, 2]]
    assert [row[:2] for row in mot(folder / "mot/cam2.txt")] == [[1, 2], [2, 2], [3, 2], [4, 2]]
    assert [row[:2] for row in mot(folder / "mot-online/cam1.txt")] == [[3, 5], [4, 5]], "nobody is not written"
    assert [row[:2] for row in mot(folder / "mot-online/cam2.txt")] == [[1, 6], [2, 6], [3, 6], [4, 6]]


def test_tracks_hold_both_ids(tmp_path: Path) -> None:
    tracks = json_lines(record(tmp_path / "r", [two_people(i) for i in range(3)], ONE_PERSON[:1]) / "tracks.jsonl")
    assert [(row["round"], row["camera"], row["id"], row["shown_id"], row["local_id"]) for row in tracks] == [
        (0, "cam1", 2, None, 1),
        (0, "cam2", None, 6, 9),
        (1, "cam1", 2, None, 1),
        (1, "cam2", None, 6, 9),
        (2, "cam1", 2, 5, 1),
        (2, "cam2", None, 6, 9),
    ]
    assert tracks[2] == {
        "round": 1,
        "time_s": 0.067,
        "camera": "cam1",
        "frame": 1,
        "id": 2,
        "shown_id": None,
        "local_id": 1,
        "box": [80.2, 110.0, 120.2, 210.0],
        "confidence": 0.9,
        "observed": True,
    }


def test_tracks_are_there_while_the_job_runs(tmp_path: Path) -> None:
    with Records(CAMERAS, tmp_path / "r", 0) as sink:
        sink.write(two_people(2))
        assert [row["id"] for row in json_lines(tmp_path / "r/tracks.jsonl")] == [5, 6]
        assert [row[1] for row in mot(tmp_path / "r/mot-online/cam1.txt")] == [5]


def test_events_are_streamed(tmp_path: Path) -> None:
    events = (
        IdentityEvent(1.23456, EventKind.APPEARED, GlobalId(1)),
        IdentityEvent(2.0, EventKind.MERGED, GlobalId(1), GlobalId(2), CAM2, LocalId(4), "look 0.61", EVIDENCE),
        IdentityEvent(3.0, EventKind.STATIC, NOBODY, GlobalId(1)),
    )
    item = tracked([])
    with Records(CAMERAS, tmp_path / "r", 0) as sink:
        sink.write(replace(item, result=replace(item.result, events=events)))
        lines = json_lines(tmp_path / "r/events.jsonl")
    none = {"camera": None, "local_id": None, "reason": "", "evidence": None}
    assert lines == [
        {"time_s": 1.235, "kind": "appeared", "id": 1, "other_id": None, **none},
        {
            "time_s": 2.0,
            "kind": "merged",
            "id": 1,
            "other_id": 2,
            "camera": "cam2",
            "local_id": 4,
            "reason": "look 0.61",
            "evidence": {
                "similarity": 0.612,
                "threshold": 0.4,
                "scale": "centred",
                "position": 0.25,
                "margin": 0.372,
                "rivals": [
                    {"id": 3, "similarity": 0.5, "position": -0.01, "barred": "seen at once in cam1"},
                    {"id": 4, "similarity": 0.1, "position": 0.0, "barred": None},
                ],
                "pieces": [{"camera": "cam2", "local_id": 4, "start_s": 1.235, "end_s": 2.0}],
                "likest": [{"camera": "cam1", "local_id": 1, "start_s": 0.0, "end_s": 1.0, "similarity": 0.7}],
            },
        },
        {"time_s": 3.0, "kind": "static", "id": None, "other_id": 1, **none},
    ]


def test_identities_say_when_and_where(tmp_path: Path) -> None:
    seen_at = [0, 1, 2, 17, 18, 34]  # 15 frames a second: a gap of exactly 1 s, then one of 16/15 s
    rounds = [tracked([frame_result([box()], [1], [3], i)], i) for i in seen_at]
    rounds.append(tracked([frame_result([box()], [4], [3], 40, camera_id=CAM2)], 40))
    folder = record(tmp_path / "r", rounds, (segment(1, 3), segment(4, 3, camera=CAM2)), crops=0)
    assert identities(folder) == {
        "labels": "corrected",
        "cameras": ["cam1", "cam2"],
        "people": [
            {
                "id": 3,
                "first_seen_s": 0.0,
                "last_seen_s": 2.667,
                "sightings": 7,
                "cameras": {
                    "cam1": {
                        "first_seen_s": 0.0,
                        "last_seen_s": 2.267,
                        "sightings": 6,
                        "intervals": [{"start_s": 0.0, "end_s": 1.2}, {"start_s": 2.267, "end_s": 2.267}],
                    },
                    "cam2": {
                        "first_seen_s": 2.667,
                        "last_seen_s": 2.667,
                        "sightings": 1,
                        "intervals": [{"start_s": 2.667, "end_s": 2.667}],
                    },
                },
                "crops": [],
                "sheet": None,
            }
        ],
    }


def test_carried_boxes_are_no_sightings_but_presence(tmp_path: Path) -> None:
    rounds = [two_people(i) for i in range(4)]
    carried = [replace(item, observed=np.zeros(len(item), np.bool_)) for item in rounds[3].result.frames]
    rounds[3] = replace(rounds[3], result=replace(rounds[3].result, frames=tuple(carried)))
    person = identities(record(tmp_path / "r", rounds, ONE_PERSON))["people"][0]
    assert person["sightings"] == 6
    assert person["last_seen_s"] == 0.2
    assert [row["observed"] for row in json_lines(tmp_path / "r/tracks.jsonl")][-4:] == [True, True, False, False]


def test_no_people_at_all(tmp_path: Path) -> None:
    folder = record(
        tmp_path / "r", [tracked([frame_result(index=i), frame_result(camera_id=CAM2)]) for i in (0, 1)], ()
    )
    expected = {f"{part}/{camera}.txt" for part in ("mot", "mot-online") for camera in CAMERAS}
    assert files_in(folder) == expected | {"tracks.jsonl", "events.jsonl", "identities.json"}
    assert all((folder / name).read_bytes() == b"" for name in expected | {"tracks.jsonl", "events.jsonl"})
    assert identities(folder)["people"] == []


def test_cameras_come_and_go_within_rounds(tmp_path: Path) -> None:
    rounds = [tracked([], 0), tracked([frame_result([box()], [9], [6], 1, camera_id=CAM2)], 1)]
    folder = record(tmp_path / "r", rounds, ONE_PERSON)
    assert [row["camera"] for row in json_lines(folder / "tracks.jsonl")] == ["cam2"]


# However it ends


def test_without_a_history_the_records_are_as_shown(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the job died"):
        record_and_die(tmp_path / "r", [two_people(i) for i in range(4)])
    for camera in CAMERAS:
        online = (tmp_path / "r/mot-online" / f"{camera}.txt").read_bytes()
        assert online
        assert (tmp_path / "r/mot" / f"{camera}.txt").read_bytes() == online
    document = identities(tmp_path / "r")
    assert document["labels"] == "shown"
    assert [person["id"] for person in document["people"]] == [5, 6]
    assert all((tmp_path / "r" / crop).is_file() for person in document["people"] for crop in person["crops"])
    assert len(json_lines(tmp_path / "r/tracks.jsonl")) == 8


@pytest.mark.parametrize("finished", [True, False], ids=["finished", "not-finished"])
def test_nothing_temporary_stays(tmp_path: Path, finished: bool) -> None:
    with Records(CAMERAS, tmp_path / "r", 2) as sink:
        sink.write(two_people(2))
        if finished:
            sink.finish(ONE_PERSON)
    assert [name for name in os.listdir(tmp_path / "r") if name.startswith(".")] == []


def test_a_write_that_fails_half_way_leaves_whole_lines(tmp_path: Path) -> None:
    rounds = [two_people(i) for i in range(100)]
    with largest_file(3_000), pytest.raises(OutputError, match="File too large") as caught:
        record(tmp_path / "r", rounds, ONE_PERSON, crops=0)
    assert caught.value.code == "disk_full"
    assert "tracks.jsonl" in caught.value.message
    tracks = json_lines(tmp_path / "r/tracks.jsonl")
    assert 2 < len(tracks) < 30
    assert all(len(row) == 10 for row in mot(tmp_path / "r/mot-online/cam2.txt"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
@pytest.mark.parametrize("name", ["tracks.jsonl", "mot-online/cam2.txt"])
def test_a_full_disk(tmp_path: Path, name: str) -> None:
    path = tmp_path / "r" / name
    path.parent.mkdir(parents=True)
    path.symlink_to("/dev/full")
    rounds = [two_people(i) for i in range(2, 200)]
    with pytest.raises(OutputError, match="disk full") as caught:
        record(tmp_path / "r", rounds, ONE_PERSON)
    assert caught.value.code == "disk_full"
    assert name in caught.value.message
    assert (tmp_path / "r/mot-online/cam1.txt").read_bytes().endswith(b",-1,-1,-1\n")
    assert identities(tmp_path / "r")["labels"] == "shown"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with suppress(RuntimeError), replacing(path) as file:
        file.write(b"ne")
        raise RuntimeError
    assert (path.read_text(), os.listdir(tmp_path)) == ("old", ["a.txt"])
    with replacing(path) as file:
        file.write(b"new")
    assert (path.read_text(), os.listdir(tmp_path)) == ("new", ["a.txt"])


def test_a_growing_file_takes_nothing_and_closes_twice(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "a.txt")
    file.append(b"")
    file.append(b"a\nb\n")
    file.close()
    file.close()
    assert (tmp_path / "a.txt").read_text() == "a\nb\n"


# The folder


@pytest.mark.parametrize(
    ("prepare", "overwrite", "code"),
    [
        pytest.param(lambda path: None, False, None, id="new"),
        pytest.param(Path.mkdir, False, None, id="empty"),
        pytest.param(lambda path: (path.mkdir(), (path / "a").touch()), False, "output_exists", id="not-empty"),
        pytest.param(lambda path: (path.mkdir(), (path / "a").touch()), True, None, id="not-empty-overwrite"),
        pytest.param(Path.touch, False, "output_unwritable", id="a-file"),
        pytest.param(Path.touch, True, "output_unwritable", id="a-file-overwrite"),
        pytest.param(lambda path: path.parent.rmdir(), False, "output_unwritable", id="no-parent"),
    ],
)
def test_check_results_folder(tmp_path: Path, prepare: Any, overwrite: bool, code: str | None) -> None:
    path = tmp_path / "parent" / "results"
    path.parent.mkdir()
    prepare(path)
    before = sorted(tmp_path.rglob("*"))
    if code is None:
        check_results_folder(path, overwrite)
    else:
        with pytest.raises(OutputError, match=re.escape(str(path))) as caught:
            check_results_folder(path, overwrite)
        assert caught.value.code == code
        assert ("--overwrite" in caught.value.message) == (code == "output_exists")
    assert sorted(tmp_path.rglob("*")) == before, "looking changes nothing"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_check_results_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="no permission"):
        check_results_folder(tmp_path / "results", overwrite=False)
    tmp_path.chmod(0o700)


def test_a_folder_that_vanished_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        Records(CAMERAS, tmp_path / "gone" / "r", 2).__enter__()
    assert caught.value.code == "output_unwritable"


def test_a_second_job_replaces_the_first_ones_records_and_nothing_else(tmp_path: Path) -> None:
    folder = record(tmp_path / "r", [two_people(i) for i in range(3)], (segment(1, 1), segment(9, 2, camera=CAM2)))
    foreign = ["notes.txt", "mot/other.txt", "crops/1/mine.png", "crops/readme.md", "identities/me.jpg", "run.json"]
    for name in foreign:
        (folder / name).write_text("mine")
    with Records([CAM1], folder, 2) as sink:
        sink.write(tracked([frame_result([box()], [1], [8])]))
        sink.finish((segment(1, 8),))
    ours = {"mot/cam1.txt", "mot-online/cam1.txt", "tracks.jsonl", "events.jsonl", "identities.json"}
    assert files_in(folder) == {*foreign, *ours, "crops/8/cam1-00000.000.jpg", "identities/8.jpg"}
    assert all((folder / name).read_text() == "mine" for name in foreign)
    assert not (folder / "crops/2").exists(), "a folder that became empty goes too"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("not json", id="not-json"),
        pytest.param("[]", id="a-list"),
        pytest.param(
            '{"cameras": ["../../safe"], "people": [{"crops": ["../safe.txt", "crops/1/../../../safe.txt"],'
            ' "sheet": "identities/../../safe.txt"}]}',
            id="hostile",
        ),
    ],
)
def test_an_identities_file_that_is_not_ours_leads_nowhere(tmp_path: Path, text: str) -> None:
    (tmp_path / "safe.txt").write_text("mine")
    (tmp_path / "r").mkdir()
    (tmp_path / "r/identities.json").write_text(text)
    record(tmp_path / "r", [two_people(2)], ONE_PERSON)
    assert (tmp_path / "safe.txt").read_text() == "mine"
    assert identities(tmp_path / "r")["labels"] == "corrected"


# Labels


@pytest.mark.parametrize(
    ("segments", "local_id", "frame", "expected"),
    [
        pytest.param([], 1, 5, 0, id="no-history"),
        pytest.param([segment(1, 7, 5, 9)], 1, 4, 0, id="before"),
        pytest.param([segment(1, 7, 5, 9)], 1, 5, 7, id="first-frame"),
        pytest.param([segment(1, 7, 5, 9)], 1, 9, 7, id="last-frame"),
        pytest.param([segment(1, 7, 5, 9)], 1, 10, 0, id="after"),
        pytest.param([segment(1, 7, 0, 4), segment(1, 8, 5, 9)], 1, 5, 8, id="the-next-stretch"),
        pytest.param([segment(1, 8, 5, 9), segment(1, 7, 0, 4)], 1, 4, 7, id="stretches-in-any-order"),
        pytest.param([segment(1, 7, 0, 4), segment(1, 8, 8, 9)], 1, 6, 0, id="between-stretches"),
        pytest.param([segment(1, 7)], 2, 5, 0, id="another-track"),
        pytest.param([segment(1, 7, camera=CAM2)], 1, 5, 0, id="another-camera"),
        pytest.param([segment(1, 0)], 1, 5, 0, id="no-person"),
        pytest.param([segment(4_000_000, 7, 2**30, 2**31 - 1)], 4_000_000, 2**31 - 1, 7, id="largest"),
    ],
)
def test_corrected(segments: list[Segment], local_id: int, frame: int, expected: int) -> None:
    rows = np.zeros(1, ROW)
    rows["local_id"], rows["frame"] = local_id, frame
    assert Corrected(segments, {CAM1: 0, CAM2: 1})(rows).tolist() == [expected]


# Crops


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        pytest.param([], [], id="nobody"),
        pytest.param([[100, 100, 200, 356]], [0.9], id="good"),
        pytest.param([[100, 10, 200, 410]], [0.9], id="larger-is-no-better"),
        pytest.param([[100, 100, 150, 228]], [0.45], id="half-the-height"),
        pytest.param([[1, 100, 101, 356]], [0.27], id="cut-off-by-the-border"),
        pytest.param([[2, 100, 102, 356]], [0.9], id="exactly-at-the-margin"),
        pytest.param([[100, 100, 110, 115]], [0.0], id="too-small"),
        pytest.param([[100, 100, 200, 356], [150, 100, 250, 356]], [0.45, 0.45], id="half-covered"),
        pytest.param([[100, 100, 200, 356], [100, 100, 200, 356]], [0.0, 0.0], id="covered"),
    ],
)
def test_crop_qualities(boxes: list[list[float]], expected: list[float]) -> None:
    array = np.asarray(boxes, np.float32).reshape(-1, 4)
    found = crop_qualities(array, np.full(len(boxes), 0.9, np.float32), (640, 480))
    assert found.tolist() == pytest.approx(expected)


def shaded(index: int, boxes: Sequence[Sequence[float]], ids: Sequence[int], camera: CameraId = CAM1) -> TrackedRound:
    """A round of one camera in which each box is filled with ten times its id."""
    result = frame_result(boxes, ids, ids, index, FPS, camera)
    image = np.zeros((480, 640, 3), np.uint8)
    for (x1, y1, x2, y2), shade in zip(np.asarray(boxes, int), ids, strict=True):
        image[y1:y2, x1:x2] = 10 * shade
    picture = Frame(camera, index, index / FPS, image)
    return unseen(Round(index, index / FPS, (picture,)), RoundResult(index, index / FPS, (result,)))


def test_crops_show_the_person(tmp_path: Path) -> None:
    boxes = [[10, 20, 60, 160], [300, 20, 500, 470]]
    folder = record(tmp_path / "r", [shaded(0, boxes, [4, 9])], (segment(4, 1), segment(9, 2)))
    paths = [person["crops"] for person in identities(folder)["people"]]
    assert paths == [["crops/1/cam1-00000.000.jpg"], ["crops/2/cam1-00000.000.jpg"]]
    small, large = (cv2.imread(str(folder / path[0])) for path in paths)
    assert small is not None
    assert large is not None
    assert small.shape == (140, 50, 3)
    assert large.shape == (384, 171, 3), "made smaller"
    assert small[20:-20, 10:-10].mean() == pytest.approx(40, abs=3)
    assert large.mean() == pytest.approx(90, abs=3)


def test_crops_are_few_good_and_spread(tmp_path: Path) -> None:
    rounds = [shaded(i, [box(300, 400, 100 + i)], [1]) for i in range(150)]
    rounds += [shaded(i, [box(300, 400, 60)], [1], CAM2) for i in range(150)]
    folder = record(tmp_path / "r", rounds, (segment(1, 1), segment(1, 1, camera=CAM2)), crops=3)
    crops = identities(folder)["people"][0]["crops"]
    assert files_in(folder / "crops") == {crop.removeprefix("crops/") for crop in crops}
    assert len(crops) == 3
    assert {Path(crop).name[:4] for crop in crops} == {"cam1", "cam2"}
    assert float(Path(crops[0]).stem.removeprefix("cam1-")) > 6.0, "the best is a late, large one"


def crop(camera: CameraId, time_s: float, quality: float) -> Crop:
    return Crop(np.zeros(1, ROW), camera, time_s, quality)


@pytest.mark.parametrize(
    ("crops", "count", "chosen"),
    [
        pytest.param([], 3, [], id="none"),
        pytest.param([crop(CAM1, 0, 0.9)], 0, [], id="none-wanted"),
        pytest.param([crop(CAM1, 0, 0.5), crop(CAM1, 9, 0.9)], 9, [0.9, 0.5], id="fewer-than-wanted-best-first"),
        pytest.param(
            [crop(CAM1, 0, 0.9), crop(CAM1, 9, 0.8), crop(CAM2, 0, 0.5)], 2, [0.9, 0.5], id="another-camera-adds-more"
        ),
        pytest.param(
            [crop(CAM1, 0, 0.9), crop(CAM1, 9, 0.8), crop(CAM2, 0, 0.3)], 2, [0.9, 0.8], id="unless-it-is-far-worse"
        ),
        pytest.param(
            [crop(CAM1, 0, 0.9), crop(CAM1, 1.9, 0.8), crop(CAM1, 2, 0.5)], 2, [0.9, 0.5], id="another-time-adds-more"
        ),
    ],
)
def test_best_mix(crops: list[Crop], count: int, chosen: list[float]) -> None:
    assert [item.quality for item in best_mix(crops, count)] == chosen


def test_the_store_is_bounded(tmp_path: Path) -> None:
    store = CropStore(tmp_path / "s", 4)
    for index in range(0, 300, 15):
        item = shaded(index, [box(300, 400, 200)], [1])
        store.offer(item, rows_of(item.result, {CAM1: 0}))
    assert len(list((tmp_path / "s").iterdir())) == 4
    store.close()
    assert not (tmp_path / "s").exists()


def test_a_crowd_that_comes_in_at_once_is_stored_bit_by_bit_everybody_first(tmp_path: Path) -> None:
    store = CropStore(tmp_path / "s", 4)
    boxes = [box(30 + 40 * i, 200 + 15 * i, 80 + 5 * i) for i in range(10)]
    stored: list[int] = []
    for index in range(9):  # looked at every third round of 1/15 s
        item = shaded(index, boxes, range(1, 11))
        store.offer(item, rows_of(item.result, {CAM1: 0}))
        stored.append(len(list((tmp_path / "s").iterdir())))
    assert stored == [4, 4, 4, 8, 8, 8, 10, 10, 10]


def test_nobodys_crops_go(tmp_path: Path) -> None:
    folder = record(tmp_path / "r", [shaded(0, [box(300, 400, 200)], [1])], (segment(1, 0),))
    assert not (folder / "crops").exists()


# Building, documentation


def test_record_sinks(tmp_path: Path) -> None:
    sources = [Source(camera, f"{camera}.mp4", (640, 480), 25.0) for camera in CAMERAS]
    assert record_sinks(sources, OutputConfig(), {}) == []
    (sink,) = record_sinks(sources, OutputConfig(results=tmp_path / "r"), {})
    with sink:
        sink.write(two_people(0))
        sink.finish(ONE_PERSON)
    assert (sink.name, sink.required) == ("records", True)
    assert len(mot(tmp_path / "r/mot/cam2.txt")) == 1


def test_rows_keep_every_value(tmp_path: Path) -> None:
    result = two_people(3).result
    rows = rows_of(result, {CAM1: 0, CAM2: 1})
    assert as_shown(rows).tolist() == [5, 6]
    assert rows["camera"].tolist() == [0, 1]
    assert rows["time_s"].tolist() == [frame.timestamp_s for frame in result.frames]
    assert rows["box"].tolist() == [frame.boxes_xyxy[0].tolist() for frame in result.frames]


def keys(value: Any, path: str = "") -> set[str]:
    """The paths of all keys in nested JSON; list items and the names of cameras are one."""
    if isinstance(value, list):
        return set().union(*(keys(item, path + "[]") for item in value))
    if isinstance(value, dict):
        named = {("*" if key in CAMERAS else key): item for key, item in value.items()}
        return {f"{path}.{key}" for key in named}.union(*(keys(item, f"{path}.{key}") for key, item in named.items()))
    return set()


def test_the_documented_keys_are_the_real_ones(tmp_path: Path) -> None:
    examples = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", FORMATS.read_text(), re.DOTALL)]
    item = two_people(2)
    event = IdentityEvent(1.0, EventKind.APPEARED, GlobalId(1), evidence=EVIDENCE)
    with Records(CAMERAS, tmp_path / "r", 2) as sink:
        sink.write(replace(item, result=replace(item.result, events=(event,))))
        sink.finish(ONE_PERSON)
    real = [json_lines(tmp_path / "r/tracks.jsonl")[0], json_lines(tmp_path / "r/events.jsonl")[0]]
    assert [list(example) for example in examples[:2]] == [list(line) for line in real]
    assert keys(examples[1]) == keys(real[1])
    assert keys(examples[2]) == keys(identities(tmp_path / "r"))
    text = FORMATS.read_text()
    assert all(f"`{kind.value}`" in text for kind in EventKind)
    first, second = re.findall(r"^frame,id.*$|^\d+,\d+,.*$", text, re.MULTILINE)
    real_columns = (tmp_path / "r/mot/cam1.txt").read_text().splitlines()[0].split(",")
    assert len(first.split(",")) == len(second.split(",")) == len(real_columns)


def test_records_are_a_sink(tmp_path: Path) -> None:
    sink: Sink = Records(CAMERAS, tmp_path / "r", 0)
    assert sink.required
