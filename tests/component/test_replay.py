"""Replays: the same ids as the job that was recorded, other settings where asked, clear about what cannot be had."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import main
from config import TrackingConfig, build_config, merged
from console.settings import replay_config
from detect_ahead import RoundDetector
from entities import Detections, FloatArray, Round, RoundDetections, Source
from errors import ConfigError, OutputError, RecordingError
from multi_camera_tracker import MultiCameraTracker
from pace import Pace
from recording import END_MARK, Recording, describe, encode_header, encode_round
from replay import Replay, narrowed, without_looks
from round_tracker import RoundTracker
from sinks.recording import Recorder
from sinks.records import Records
from telemetry import StageClock
from tests.builders import CAM1, CAM2, SIZE_PX, box, detections, frame, frame_detections, look, round_detections

NOON = datetime(2026, 5, 4, 12, 0, 1)
ROUNDS = 45
SOURCES = (Source(CAM1, "one.mp4", SIZE_PX, 15.0, ROUNDS, ROUNDS / 15), Source(CAM2, "two.mp4", SIZE_PX, 15.0))
MEAN = np.asarray(0.5 * look(0), np.float32)
FILES = ("mot/cam1.txt", "mot/cam2.txt", "mot-online/cam1.txt", "tracks.jsonl", "events.jsonl", "identities.json")


def walking(count: int = ROUNDS) -> list[RoundDetections]:
    """Two people walk in each camera, one of them in both; a third, seen less surely, goes the other way."""
    rounds = []
    for index in range(count):
        frames = []
        for camera, people in ((CAM1, (1, 2)), (CAM2, (2, 3))):
            boxes = [box(100.0 + 200.0 * place + 3.0 * index, 300.0, 150.0) for place in range(2)]
            looks = [look(person, noise=0.3, seed=index) for person in people]
            weak = box(600.0 - 2.0 * index, 300.0, 120.0)
            found = detections([*boxes, weak], [0.9, 0.8, 0.75], [*looks, look(9)])
            frames.append(frame_detections(found, index, camera_id=camera))
        rounds.append(round_detections(frames, index))
    return rounds


class Eyes:
    """A detector and an embedder that see what they are told to."""

    name = "fake"
    at_once = 1
    dimension = 32
    mean_person = MEAN

    def __init__(self, conf: float) -> None:
        self._conf = conf
        self._found: list[Detections] = []

    def look_at(self, round_: RoundDetections) -> Round:
        """Be before this round; returns its pictures."""
        self._found = [frame.detections for frame in round_.frames if frame.detections is not None]
        return Round(round_.index, round_.timestamp_s, tuple(frame(round_.index, camera_id=c) for c in (CAM1, CAM2)))

    def detect(self, camera_ids: Sequence[str], images_bgr: Sequence[NDArray[np.uint8]]) -> list[Detections]:
        kept = [(found, found.scores >= self._conf) for found in self._found]
        return [Detections(found.boxes_xyxy[sure], found.scores[sure]) for found, sure in kept]

    def embed(self, images_bgr: Sequence[NDArray[np.uint8]], boxes_xyxy: Sequence[FloatArray]) -> list[FloatArray]:
        return [self._looks(*pair) for pair in zip(self._found, boxes_xyxy, strict=True)]

    @staticmethod
    def _looks(found: Detections, boxes: FloatArray) -> FloatArray:
        assert found.embeddings is not None
        wanted = [np.flatnonzero((found.boxes_xyxy == row).all(axis=1))[0] for row in boxes]
        return found.embeddings[wanted]


def live(folder: Path, config: TrackingConfig, rounds: Sequence[RoundDetections], *, whole: bool = True) -> Path:
    """What a job does, recording included; returns the recording."""
    header = describe(SOURCES, config, MEAN, {"detector": "fake"}, "0.1.0")
    eyes = Eyes(config.detection.conf)
    core = MultiCameraTracker(header.camera_ids, config, MEAN)
    detector, tracker = RoundDetector(eyes, Pace(config.stride)), RoundTracker(core, eyes, StageClock())
    with Recorder(folder / "a.rec", header) as recorder, Records(header.camera_ids, folder / "live", 0) as records:
        for round_ in rounds:
            pictures = eyes.look_at(round_)
            tracked = tracker.process(detector.look(pictures, wanted=detector.wants(pictures)))
            recorder.write(tracked)
            records.write(tracked)
        segments = tracker.finish()
        records.finish(segments, tracker.last_events)
        if whole:
            recorder.finish(segments)
    return folder / "a.rec"


def replayed(path: Path, folder: Path, **given: Any) -> Replay:
    recording = Recording(path)
    values = given | {"output": {"results": str(folder)}}
    replay = Replay(replay_config(values, None, {}, recording, NOON), recording)
    replay.run()
    return replay


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return found


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({}, id="defaults"),
        pytest.param({"stride": 2}, id="stride"),
        pytest.param({"camera": {"iou_thresh": 0.2}, "identity": {"cos_thresh": 0.7}}, id="thresholds"),
        pytest.param({"identity": {"period_s": 0.1, "min_track_s": 0.5}}, id="other-settings"),
    ],
)
def test_a_replay_writes_the_same_bytes_as_the_job(tmp_path: Path, values: dict[str, Any]) -> None:
    config = build_config(values)
    path = live(tmp_path, config, walking())
    replay = replayed(path, tmp_path / "again")
    assert files(tmp_path / "again") == files(tmp_path / "live")
    assert all(files(tmp_path / "again").values()), "nobody was found"
    assert not (tmp_path / "again" / "crops").exists()
    assert replay.notes == ()


def test_what_is_decided_when_the_job_ends_is_an_event_too(tmp_path: Path) -> None:
    """Identities are reconsidered so seldom that all of it is: the events tell of everybody in the records."""
    seldom = {"identity": {"period_s": 1000.0}}
    path = live(tmp_path, build_config(seldom), walking())
    replayed(path, tmp_path / "again", **seldom)
    for folder in (tmp_path / "live", tmp_path / "again"):
        events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
        people = json.loads((folder / "identities.json").read_text())["people"]
        assert {each["id"] for each in events if each["kind"] == "appeared"} == {each["id"] for each in people}
        assert people


EVERY_LOOK = {"camera": {"look_again_s": 0.0}}
"""A job that embeds whoever can be somebody, so that other settings find all the looks they want."""


def live_twice(folder: Path, values: dict[str, Any]) -> tuple[Path, Path, TrackingConfig]:
    """The recordings of a job with every look and of one with other settings, and these."""
    (folder / "own").mkdir()
    config = build_config(merged(EVERY_LOOK, values))
    end_s = config.max_seconds or ROUNDS
    own = live(folder / "own", config, [round_ for round_ in walking() if round_.timestamp_s < end_s])
    return live(folder, build_config(EVERY_LOOK), walking()), own, config


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"detection": {"conf": 0.78}}, id="conf"),
        pytest.param({"stride": 3}, id="stride"),
        pytest.param({"max_seconds": 2.0}, id="max-seconds"),
        pytest.param({"identity": {"cos_thresh": 1.0}}, id="cos-thresh"),
    ],
)
def test_other_settings_give_what_a_job_with_them_would_have_given(tmp_path: Path, values: dict[str, Any]) -> None:
    path, _, _ = live_twice(tmp_path, values)
    replayed(path, tmp_path / "again", **values)
    assert files(tmp_path / "again") == files(tmp_path / "own" / "live")
    assert files(tmp_path / "again") != files(tmp_path / "live")


@pytest.mark.parametrize("look_again_s", [0.0, 0.2, 1.0])
def test_looks_that_a_job_would_not_have_had_are_not_used(tmp_path: Path, look_again_s: float) -> None:
    path, own, config = live_twice(tmp_path, {"camera": {"look_again_s": look_again_s}})
    core = MultiCameraTracker([CAM1, CAM2], config, MEAN)
    numbers = {CAM1: 0, CAM2: 1}
    fewer = 0
    for everything, wanted in zip(Recording(path), Recording(own), strict=True):
        seen = without_looks(everything, core.worth_a_look(everything))
        assert encode_round(seen, numbers) == encode_round(wanted, numbers)
        core.associate(seen)
        fewer += encode_round(seen, numbers) != encode_round(everything, numbers)
    assert bool(fewer) is (look_again_s > 0.0)


def test_a_recording_cut_off_is_replayed_as_far_as_it_goes(tmp_path: Path) -> None:
    path = live(tmp_path, TrackingConfig(), walking(20), whole=False)
    path.write_bytes(path.read_bytes() + b"\x00\x01")
    replay = replayed(path, tmp_path / "again")
    assert files(tmp_path / "again") == files(tmp_path / "live")
    assert "cut off after 20 rounds" in replay.notes[0]
    assert report(tmp_path / "again")["notes"] == list(replay.notes)


def test_a_damaged_recording_fails_and_leaves_valid_records(tmp_path: Path) -> None:
    path = live(tmp_path, TrackingConfig(), walking(20))
    content = bytearray(path.read_bytes())
    content[len(content) - len(END_MARK) - 1] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(RecordingError, match="damaged after 19 rounds"):
        replayed(path, tmp_path / "again")
    assert json.loads((tmp_path / "again/identities.json").read_text())["labels"] == "shown"
    assert report(tmp_path / "again")["error"]["code"] == "recording_unreadable"


def test_a_recording_without_rounds(tmp_path: Path) -> None:
    replay = replayed(live(tmp_path, TrackingConfig(), []), tmp_path / "again")
    assert (replay.progress.rounds_done, replay.progress.fraction) == (0, 1.0)
    assert json.loads((tmp_path / "again/identities.json").read_text())["people"] == []


def test_silence_at_the_start_is_not_the_end(tmp_path: Path) -> None:
    """Live jobs begin before the first picture is there."""
    header = describe(SOURCES, TrackingConfig(), MEAN, {"detector": "fake"}, "0.1.0")
    numbers = {camera_id: number for number, camera_id in enumerate(header.camera_ids)}
    rounds = [replace(round_, frames=()) if round_.index < 3 else round_ for round_ in walking()]
    blocks = [encode_header(header), *(encode_round(round_, numbers) for round_ in rounds), END_MARK]
    (tmp_path / "live.rec").write_bytes(b"".join(blocks))
    replay = replayed(tmp_path / "live.rec", tmp_path / "again")
    assert replay.progress.rounds_done == len(rounds)
    assert replay.progress.people_total > 0


def test_the_report_says_what_was_replayed(tmp_path: Path) -> None:
    replay = replayed(live(tmp_path, TrackingConfig(), walking()), tmp_path / "again")
    found = report(tmp_path / "again")
    assert found["outcome"] == "done"
    assert found["models"] == {"detector": "fake", "recording": str(tmp_path / "a.rec")}
    assert found["rounds"] == replay.progress.rounds_done == ROUNDS
    assert [camera["progress"]["frames_read"] for camera in found["cameras"]] == [ROUNDS, ROUNDS]
    assert {camera["progress"]["state"] for camera in found["cameras"]} == {"ended"}
    assert found["stages"]["associate"]["count"] == ROUNDS


class StopsAfter(Recording):
    """Has its replay stopped when a few rounds were read."""

    replay: Replay

    def __iter__(self) -> Iterator[RoundDetections]:
        for round_ in super().__iter__():
            if round_.index == 10:
                self.replay.stop()
                self.replay.stop()
            yield round_


def test_a_stop_ends_it_early_with_valid_records(tmp_path: Path) -> None:
    recording = StopsAfter(live(tmp_path, TrackingConfig(), walking()))
    config = replay_config({"output": {"results": str(tmp_path / "again")}}, None, {}, recording, NOON)
    recording.replay = replay = Replay(config, recording)
    replay.run()
    assert replay.stopped
    assert replay.progress.rounds_done == 10
    assert replay.progress.fraction < 1.0
    assert report(tmp_path / "again")["outcome"] == "stopped"
    assert json.loads((tmp_path / "again/identities.json").read_text())["labels"] == "corrected"


def test_records_that_exist_are_kept_unless_told(tmp_path: Path) -> None:
    path = live(tmp_path, TrackingConfig(), walking(3))
    with pytest.raises(OutputError) as caught:
        replayed(path, tmp_path / "live")
    assert caught.value.code == "output_exists"


# Settings


def saved(path: Path, **values: Any) -> Recording:
    header = describe(SOURCES, build_config(values), None, {}, "0.1.0")
    path.write_bytes(encode_header(header) + END_MARK)
    return Recording(path)


RECORDED = {"stride": 2, "detection": {"conf": 0.2}, "identity": {"similarity": 0.5}}
"""Settings of the recorded job."""


@pytest.mark.parametrize(
    ("given", "environ", "stride", "conf", "similarity"),
    [
        pytest.param({}, {}, 2, 0.2, 0.5, id="as-recorded"),
        pytest.param({"stride": 4}, {}, 4, 0.2, 0.5, id="option"),
        pytest.param({}, {"MCT_DETECTION__CONF": "0.3"}, 2, 0.3, 0.5, id="environment"),
        pytest.param({"detection": {"conf": 0.4}}, {"MCT_DETECTION__CONF": "0.3"}, 2, 0.4, 0.5, id="option-wins"),
        pytest.param({"identity": {"similarity": 0.6}}, {}, 2, 0.2, 0.6, id="over-the-recorded"),
    ],
)
def test_settings(
    tmp_path: Path, given: dict[str, Any], environ: dict[str, str], stride: int, conf: float, similarity: float
) -> None:
    recording = saved(tmp_path / "a.rec", **RECORDED)
    config = replay_config(given | {"output": {"results": "r"}}, None, environ, recording, NOON)
    assert (config.stride, config.detection.conf, config.identity.similarity) == (stride, conf, similarity)
    assert config.videos == ("one.mp4", "two.mp4")


def test_of_the_outputs_only_records_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    site = tmp_path / "site.toml"
    site.write_text('stride = 4\n[output]\nvideo = "o.mp4"\nrecord = "b.rec"\nresults = "daily"\noverwrite = true\n')
    config = replay_config({}, site, {}, saved(tmp_path / "a.rec", **RECORDED), NOON)
    output = config.output
    assert (output.video, output.record, output.window, output.crops_per_person) == (None, None, False, 0)
    assert (output.results, output.overwrite, config.stride) == (Path("results/20260504-120001"), True, 4)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        pytest.param({"detection": {"conf": 0.19}}, "less than 0.2 were not recorded", id="conf-below"),
        pytest.param({"stride": 1}, "multiple of 2", id="stride-below"),
        pytest.param({"stride": 3}, "multiple of 2", id="no-multiple"),
        pytest.param({"identity": {"nosuch": 1}}, "nosuch", id="unknown"),
    ],
)
def test_what_was_not_recorded_cannot_be_asked_for(tmp_path: Path, given: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        replay_config(given | {"output": {"results": "r"}}, None, {}, saved(tmp_path / "a.rec", **RECORDED), NOON)


def test_settings_that_there_are_no_more(tmp_path: Path) -> None:
    header = describe(SOURCES, TrackingConfig(), None, {}, "0.0.9")
    old = replace(header, settings={"identity": {"nosuch": 1.0}})
    (tmp_path / "a.rec").write_bytes(encode_header(old))
    with pytest.raises(RecordingError, match="nosuch"):
        replay_config({}, None, {}, Recording(tmp_path / "a.rec"), NOON)


# What association gets to see


FOUND = detections([box(100), box(300)], [0.5, 0.3], [look(1), look(2)])


@pytest.mark.parametrize(
    ("index", "values", "kept"),
    [
        pytest.param(0, {}, 2, id="nothing-asked-for"),
        pytest.param(0, {"detection": {"conf": 0.1}}, 2, id="as-recorded"),
        pytest.param(0, {"detection": {"conf": 0.5}}, 1, id="at-the-threshold"),
        pytest.param(0, {"detection": {"conf": 0.51}}, 0, id="nobody-left"),
        pytest.param(4, {"stride": 2}, 2, id="looked-at"),
        pytest.param(5, {"stride": 2}, None, id="not-looked-at"),
    ],
)
def test_narrowed(index: int, values: dict[str, Any], kept: int | None) -> None:
    round_ = round_detections([frame_detections(FOUND, index)], index)
    (seen,) = narrowed(round_, build_config(values), 0.1).frames
    if kept is None:
        assert seen.detections is None
    else:
        assert seen.detections is not None
        assert seen.detections.scores.tolist() == FOUND.scores[:kept].tolist()
        assert seen.detections.embeddings is not None
        assert len(seen.detections.embeddings) == len(seen.detections.boxes_xyxy) == kept


@pytest.mark.parametrize(
    ("max_seconds", "cameras"),
    [
        pytest.param(0.5, [], id="past"),
        pytest.param(1.0, [], id="at-the-end"),
        pytest.param(1.02, [CAM1], id="one-camera-past"),
        pytest.param(1.1, [CAM1, CAM2], id="before"),
    ],
)
def test_narrowed_to_a_time(max_seconds: float, cameras: list[str]) -> None:
    late = replace(frame_detections(FOUND, 15, camera_id=CAM2), timestamp_s=1.03)
    round_ = round_detections([frame_detections(FOUND, 15), late], 15)
    seen = narrowed(round_, build_config({"max_seconds": max_seconds}), 0.1)
    assert [frame.camera_id for frame in seen.frames] == cameras


def test_looks_that_are_not_worth_it_are_taken_away() -> None:
    cameras = [frame_detections(FOUND), frame_detections(None, camera_id=CAM2)]
    seen = without_looks(round_detections(cameras), [np.array([True, False]), np.zeros(0, np.bool_)])
    first, second = seen.frames
    assert first.detections is not None
    assert first.detections.embeddings is not None
    assert np.isnan(first.detections.embeddings).all(axis=1).tolist() == [False, True]
    assert first.detections.embeddings.dtype == np.float32
    assert second.detections is None


def test_a_round_recorded_without_looks_stays_so() -> None:
    round_ = round_detections([frame_detections(detections([box()]))])
    sure = narrowed(round_, build_config({"detection": {"conf": 0.5}}), 0.1)
    (seen,) = without_looks(sure, [np.ones(1, np.bool_)]).frames
    assert seen.detections is not None
    assert seen.detections.embeddings is None


# The command


def command(*words: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main.main(["replay", *map(str, words), "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, told


def test_the_command_tells_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = live(tmp_path, TrackingConfig(), walking())
    code, told = command("--detections", path, "--results", tmp_path / "r", "--max-seconds", "2", capsys=capsys)
    assert (code, told["status"], told["rounds"], told["videos"]) == (0, "done", 30, ["one.mp4", "two.mp4"])
    assert told["rounds_per_s"] > 0.0
    assert told["results"] == str(tmp_path / "r")
    code, told = command("--detections", path, "--results", tmp_path / "r", "--overwrite", capsys=capsys)
    assert (code, told["rounds"]) == (0, ROUNDS)


def test_quiet_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = live(tmp_path, TrackingConfig(), walking(3))
    assert main.main(["replay", "--detections", str(path), "--results", str(tmp_path / "r"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        pytest.param(["--detections", "nowhere.rec"], 1, "recording_unreadable", id="missing"),
        pytest.param(["--detections", "noise.rec"], 1, "recording_unreadable", id="no-recording"),
        pytest.param([], 2, "usage", id="none-named"),
        pytest.param(["--detections", "a.rec", "--conf", "0.05"], 2, "config_invalid", id="conf-not-recorded"),
        pytest.param(["--detections", "a.rec", "--config", "nowhere.toml"], 2, "config_invalid", id="no-such-file"),
        pytest.param(["--detections", "a.rec", "--stride", "0"], 2, "usage", id="stride-0"),
        pytest.param(["--detections", "a.rec", "--results", "live"], 1, "output_exists", id="records-exist"),
        pytest.param(["--detections", "a.rec", "--results", "no/such"], 1, "output_unwritable", id="no-folder"),
    ],
)
def test_what_is_wrong_is_one_clear_error(
    words: list[str],
    code: int,
    error: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    live(tmp_path, TrackingConfig(), walking(3))
    (tmp_path / "noise.rec").write_bytes(bytes(range(256)))
    assert command(*words, capsys=capsys)[0] == code
    assert main.main(["replay", *words]) == code
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert f"[{error}]" in shown
