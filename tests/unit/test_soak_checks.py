"""What the soak judges: each check holds on good figures and fails on bad ones."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks.soak_checks import (
    GROWTH,
    IN_FLIGHT,
    SETTLED_S,
    SHORT_GROWTH,
    Absence,
    Check,
    Figures,
    camera_checks,
    course_checks,
    event_checks,
    fifth,
    identity_checks,
    log_checks,
    record_checks,
)
from config import TrackingConfig
from entities import CameraId, Round, RoundResult, Source, TrackedRound
from recording import describe
from sinks.recording import Recorder
from tests.builders import CAM1, CAM2, SIZE_PX, box, detections, frame_detections, round_detections

CAMERAS = (CAM1, CAM2)
LAP_S = 10.0
PEOPLE = 2


def failed(checks: Iterable[Check]) -> list[str]:
    """What does not hold."""
    return [check.what for check in checks if not check.holds]


def course(seconds: float = 1800.0, **last: float) -> list[Figures]:
    """A sample each hundredth of the time; in the last fifth some figures are others."""
    samples: list[Figures] = []
    for number in range(100):
        share = number / 100.0
        figures = {"share": share, "clock_s": share * seconds, "rss": 300e6, "pictures": 40.0 * number}
        samples.append(figures | (last if share >= 0.8 else {}))
    return samples


IDLE: Figures = {"threads": 12.0, "process_open_fds": 30.0, "tracker_streams_open": 0.0}


@pytest.mark.parametrize(
    ("samples", "after", "wrong"),
    [
        pytest.param(course(), IDLE, [], id="flat"),
        pytest.param(course(rss=300e6 * (1.0 + GROWTH)), IDLE, [], id="at-the-limit"),
        pytest.param(course(rss=300e6 * (1.01 + GROWTH)), IDLE, ["memory"], id="memory-grows"),
        pytest.param(course(rss=200e6), IDLE, [], id="memory-falls"),
        pytest.param(course(120.0, rss=300e6 * (1.01 + GROWTH)), IDLE, [], id="too-short-to-have-settled"),
        pytest.param(course(120.0, rss=300e6 * (1.01 + SHORT_GROWTH)), IDLE, ["memory"], id="grows-fast"),
        pytest.param(course(pictures=4000.0), IDLE, ["pictures"], id="viewers-see-nothing-any-more"),
        pytest.param(course(), {**IDLE, "threads": 14.0}, ["threads"], id="a-thread-left"),
        pytest.param(course(), {**IDLE, "process_open_fds": 35.0}, ["process_open_fds"], id="files-left-open"),
        pytest.param(course(), {**IDLE, "tracker_streams_open": 1.0}, ["tracker_streams"], id="a-stream-left-open"),
    ],
)
def test_course(samples: Sequence[Figures], after: Figures, wrong: list[str]) -> None:
    found = failed(course_checks(samples, IDLE, after))
    assert len(found) == len(wrong)
    assert all(what.startswith(word) for what, word in zip(found, wrong, strict=True))


def test_a_run_has_settled_when_its_second_fifth_begins_late_enough() -> None:
    growing = 300e6 * (1.01 + GROWTH)
    assert failed(course_checks(course(5.0 * SETTLED_S + 60.0, rss=growing), IDLE, IDLE))
    assert not failed(course_checks(course(5.0 * SETTLED_S - 60.0, rss=growing), IDLE, IDLE))


def test_fifths() -> None:
    samples = course()
    assert [len(fifth(samples, number)) for number in range(5)] == [20] * 5


def camera(name: CameraId, reconnects: int, read: int = 20, dropped: int = 0) -> dict[str, Any]:
    return {
        "camera": name,
        "reconnects": reconnects,
        "frames_read": read,
        "dropped": dropped,
        "dropped_by_cause": {},
    }


@pytest.mark.parametrize(
    ("reconnects", "back_s", "wrong"),
    [
        pytest.param(2, 9.0, [], id="as-often-as-killed"),
        pytest.param(3, 9.0, [], id="once-more"),
        pytest.param(1, 9.0, ["cam1: connected anew"], id="once-too-few"),
        pytest.param(2, float("inf"), ["cam1: connected anew"], id="never-came-back"),
    ],
)
def test_cameras(reconnects: int, back_s: float, wrong: list[str]) -> None:
    absences = [Absence("cam1", 1.0, 3.0), Absence("cam1", 6.0, back_s)]
    status = {"cameras": [camera(CAM1, reconnects), camera(CAM2, 0)]}
    assert failed(camera_checks(absences, status)) == wrong


ROUNDS = 20


class Left:
    """What a job of two cameras left in its folder: everything in order unless something is changed before `write`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recorded = list(range(ROUNDS))
        self.tracks: list[dict[str, Any]] = [
            {"round": i, "camera": name, "frame": i, "time_s": 1.0 * i, "shown_id": 1 + number}
            for i in range(ROUNDS)
            for number, name in enumerate(CAMERAS)
        ]
        self.online: list[tuple[str, int, int]] = [
            (row["camera"], row["frame"] + 1, row["shown_id"]) for row in self.tracks
        ]
        self.events = [{"kind": "appeared", "time_s": 0.0}, {"kind": "appeared", "time_s": 2.5}]
        self.people: list[dict[str, Any]] = [{"id": 1, "first_seen_s": 0.0}, {"id": 2, "first_seen_s": 1.0}]

    def write(self) -> Path:
        (self.folder / "mot-online").mkdir()
        for name in CAMERAS:
            rows = [f"{frame},{who},0,0,1,1\n" for camera, frame, who in self.online if camera == name]
            (self.folder / "mot-online" / f"{name}.txt").write_text("".join(rows), encoding="utf-8")
        lines(self.folder / "tracks.jsonl", self.tracks)
        lines(self.folder / "events.jsonl", self.events)
        (self.folder / "identities.json").write_text(json.dumps({"people": self.people}), encoding="utf-8")
        sources = [Source(name, f"{name}.mp4", SIZE_PX, 10.0, None, None) for name in CAMERAS]
        header = describe(sources, TrackingConfig(), None, {}, "0")
        with Recorder(self.folder / "job.rec", header) as recorder:
            for index in self.recorded:
                seen = [frame_detections(detections([box()]), index, camera_id=name) for name in CAMERAS]
                round_ = round_detections(seen, index)
                at = round_.index, round_.timestamp_s
                recorder.write(TrackedRound(Round(*at, ()), round_, RoundResult(*at, ())))
            recorder.finish(())
        return self.folder

    def judged(self, read: int = ROUNDS, dropped: int = 0) -> list[str]:
        """What does not hold of the records, when so many frames of the second camera were read."""
        status = {"rounds_done": ROUNDS, "cameras": [camera(CAM1, 0, ROUNDS), camera(CAM2, 0, read, dropped)]}
        return failed(record_checks(self.write() / "job.rec", self.folder, status))


@pytest.fixture
def left(tmp_path: Path) -> Left:
    return Left(tmp_path)


@pytest.mark.parametrize(
    ("read", "dropped", "good"),
    [
        pytest.param(ROUNDS, 0, True, id="all-recorded"),
        pytest.param(ROUNDS + 100, 100, True, id="the-rest-counted-as-dropped"),
        pytest.param(ROUNDS + IN_FLIGHT, 0, True, id="as-many-as-may-be-on-their-way"),
        pytest.param(ROUNDS + IN_FLIGHT + 1, 0, False, id="lost"),
        pytest.param(ROUNDS, 1, False, id="more-than-were-read"),
    ],
)
def test_frames(left: Left, read: int, dropped: int, good: bool) -> None:
    assert left.judged(read, dropped) == ([] if good else ["cam2: frames neither recorded nor dropped"])


def test_what_was_damaged_was_never_read(left: Left) -> None:
    status = {"rounds_done": ROUNDS, "cameras": [camera(CAM1, 0, ROUNDS, 1) | {"dropped_by_cause": {"damaged": 1}}]}
    assert failed(record_checks(left.write() / "job.rec", left.folder, status)) == []


def test_a_round_that_is_missing(left: Left) -> None:
    left.recorded.remove(7)
    assert left.judged(ROUNDS - 1)[0] == "rounds recorded"


def test_a_track_of_no_frame(left: Left) -> None:
    left.tracks[5]["frame"] = 99
    assert "tracks of no recorded frame" in left.judged()


@pytest.mark.parametrize("change", ["missing", "somebody-else", "twice"])
def test_files_that_differ(left: Left, change: str) -> None:
    row = left.online.pop(3)
    camera_id, frame, _ = row
    left.online += {"missing": [], "somebody-else": [(camera_id, frame, 77)], "twice": [row, row]}[change]
    assert left.judged() == ["mot-online against tracks.jsonl"]


def test_nothing_tracked_is_not_good(left: Left) -> None:
    left.tracks, left.online = [], []
    assert left.judged() == ["mot-online against tracks.jsonl"]


STORED = [
    {"id": 1, "kind": "appeared", "time_s": 0.0},
    {"id": 2, "kind": "appeared", "time_s": 2.5004},
    {"id": 3, "kind": "handed_over", "time_s": 3.0},
]


@pytest.mark.parametrize(
    ("stored", "heard", "wrong"),
    [
        pytest.param(STORED, {1, 2, 3}, [], id="all"),
        pytest.param(STORED[1:], {2, 3}, ["events of the records that are not stored"], id="one-not-stored"),
        pytest.param(STORED, {1, 3}, ["stored events not heard"], id="one-not-heard"),
    ],
)
def test_events(left: Left, stored: Sequence[Mapping[str, Any]], heard: set[int], wrong: list[str]) -> None:
    assert failed(event_checks(left.write(), stored, heard)) == wrong


def test_no_event_is_not_good(left: Left) -> None:
    left.events = []
    assert failed(event_checks(left.write(), [], set())) == ["events of the records that are not stored"]


def identities(left: Left, *absences: Absence) -> list[str]:
    return [
        what.split(",")[0].split(" (")[0] for what in failed(identity_checks(left.write(), absences, PEOPLE, LAP_S))
    ]


def test_ids_that_are_kept(left: Left) -> None:
    assert identities(left, Absence("cam1", 5.0, 8.0)) == []


def test_ids_that_are_not_kept(left: Left) -> None:
    for row in left.tracks:
        if row["camera"] == "cam1" and row["time_s"] >= 8.0:
            row["shown_id"] = 3
    assert identities(left, Absence("cam1", 5.0, 8.0)) == ["boxes known from before"]


def test_too_many_ids_in_the_last_lap(left: Left) -> None:
    for row in left.tracks[-8:]:
        row["shown_id"] += row["frame"]
    assert identities(left) == ["identities a person in the last lap"]


def test_more_and_more_ids(left: Left) -> None:
    left.people += [{"id": number, "first_seen_s": 12.0} for number in (3, 4)]
    assert identities(left) == ["new identities a person and lap"]


@pytest.mark.parametrize(
    ("log", "code", "status", "notes", "wrong"),
    [
        pytest.param("12:00 INFO fine", -signal.SIGTERM, "stopped", ["learnt"], [], id="good"),
        pytest.param("Traceback", -signal.SIGTERM, "stopped", [], ["complaints in the log"], id="an-error"),
        pytest.param("a thread is stuck", -signal.SIGTERM, "stopped", [], ["complaints in the log"], id="stuck"),
        pytest.param("", -signal.SIGTERM, "failed", [], ["end of the job"], id="failed"),
        pytest.param("", -signal.SIGTERM, "stopped", ["12 rows lost"], ["end of the job"], id="lost"),
        pytest.param("", -signal.SIGKILL, "stopped", [], ["exit code of the service"], id="had-to-be-killed"),
    ],
)
def test_log(log: str, code: int, status: str, notes: list[str], wrong: list[str]) -> None:
    assert failed(log_checks(log, code, {"status": status, "notes": notes})) == wrong


def lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
