"""Recordings: bit for bit what association saw, readable however the recorder ended, and clear where they are not."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import OutputConfig, TrackingConfig, build_config
from entities import Detections, FrameDetections, Round, RoundDetections, RoundResult, Source, TrackedRound
from errors import OutputError, RecordingError
from recording import END_MARK, Recording, RecordingHeader, decode_round, describe, encode_header, encode_round
from sinks.outputs import check_outputs, create_sinks
from sinks.recording import Recorder
from tests.builders import CAM1, CAM2, SIZE_PX, box, detections, frame_detections, look, round_detections
from tests.limits import largest_file

SOURCES = (
    Source(CAM1, "in/one.mp4", SIZE_PX, 15.0, 150, 10.0),
    Source(CAM2, "in/two.mp4", SIZE_PX, 29.97, None, None),
)
NUMBERS = {CAM1: 0, CAM2: 1}
MEAN = np.asarray(0.7 * look(0), np.float32)


def a_header(mean_person: np.ndarray | None = MEAN, **values: object) -> RecordingHeader:
    return describe(SOURCES, build_config(dict(values)), mean_person, {"detector": "fake"}, "0.1.0")


def a_round(index: int) -> RoundDetections:
    """Two people in the first camera; the second is not looked at in every other round."""
    found = detections([box(100.0 + index), box(300.0)], [0.9, 0.3], [look(1, seed=index), look(2)])
    second = None if index % 2 else detections([], looks=[])
    return round_detections([frame_detections(found, index), frame_detections(second, index, camera_id=CAM2)], index)


def tracked(round_: RoundDetections) -> TrackedRound:
    at = round_.index, round_.timestamp_s
    return TrackedRound(Round(*at, ()), round_, RoundResult(*at, ()))


def record(path: Path, rounds: Sequence[RoundDetections], *, finished: bool = True) -> Path:
    with Recorder(path, a_header()) as recorder:
        for round_ in rounds:
            recorder.write(tracked(round_))
        if finished:
            recorder.finish(())
    return path


def same(a: object, b: object) -> bool:
    """Whether two values are the same to the last bit, arrays with type and shape."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if is_dataclass(a) and type(a) is type(b):
        return all(same(getattr(a, field.name), getattr(b, field.name)) for field in fields(a))
    return type(a) is type(b) and a == b


# What is read is what was written


ODD_NUMBERS = np.array([[0.1, -0.0, np.float32(1e-45), 3e38]], np.float32)


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param([], id="no-frames"),
        pytest.param([None], id="not-looked-at"),
        pytest.param([Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))], id="nobody-not-embedded"),
        pytest.param([detections([], looks=[], dimension=512)], id="nobody-embedded"),
        pytest.param([detections([box()])], id="one-not-embedded"),
        pytest.param([detections([box()], looks=[look(1)])], id="one"),
        pytest.param([detections([box()], looks=[np.full(32, np.nan, np.float32)])], id="a-crop-without-pixels"),
        pytest.param([Detections(ODD_NUMBERS, np.ones(1, np.float32))], id="odd-numbers"),
        pytest.param([detections([box(), box(300)], looks=[look(1), look(2)]), None], id="two-cameras"),
    ],
)
def test_a_round_comes_back_to_the_last_bit(frames: Sequence[Detections | None]) -> None:
    cameras = [CAM1, CAM2]
    seen = tuple(FrameDetections(cameras[i], 7, 0.1 + i, (640, 481), found) for i, found in enumerate(frames))
    round_ = RoundDetections(2**40, 1 / 3, seen)
    assert same(decode_round(encode_round(round_, NUMBERS)[8:], cameras), round_)


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5), st.floats(0, 1e6)), max_size=2),
    st.integers(0, 2**31),
)
def test_any_round_comes_back(shapes: list[tuple[int, int, float]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = tuple(
        FrameDetections(
            camera,
            seed,
            time_s,
            SIZE_PX,
            Detections(
                rng.normal(size=(people, 4)).astype(np.float32),
                rng.random(people, np.float32),
                rng.normal(size=(people, dimension)).astype(np.float32),
            ),
        )
        for camera, (people, dimension, time_s) in zip([CAM1, CAM2], shapes, strict=False)
    )
    round_ = RoundDetections(seed, 0.5, frames)
    assert same(decode_round(encode_round(round_, NUMBERS)[8:], [CAM1, CAM2]), round_)


def test_arrays_that_lie_otherwise_in_memory_are_recorded_alike() -> None:
    boxes = np.asfortranarray([box(100), box(300)], np.float32)
    looks = np.stack([look(1), look(2), look(3)])[::-2]
    plain = Detections(np.ascontiguousarray(boxes), np.ones(2, np.float32), np.ascontiguousarray(looks))
    odd = Detections(boxes, np.ones(2, np.float32), looks)
    one, other = (encode_round(round_detections([frame_detections(found)]), NUMBERS) for found in (plain, odd))
    assert one == other


def test_a_recording_can_be_read_again_and_again(tmp_path: Path) -> None:
    rounds = [a_round(index) for index in range(5)]
    recording = Recording(record(tmp_path / "a.rec", rounds))
    for _ in range(2):
        assert same(tuple(recording), tuple(rounds))
        assert recording.shortfall is None


@pytest.mark.parametrize("mean", [pytest.param(MEAN, id="known"), pytest.param(None, id="unknown")])
def test_the_header_comes_back(tmp_path: Path, mean: np.ndarray | None) -> None:
    header = a_header(mean, stride=2, detection={"conf": 0.2}, identity={"similarity": 0.5, "cos_thresh": None})
    (tmp_path / "a.rec").write_bytes(encode_header(header) + END_MARK)
    read = Recording(tmp_path / "a.rec").header
    assert read == header
    assert same(read.prior, mean)
    assert (read.conf, read.stride, read.camera_ids) == (0.2, 2, [CAM1, CAM2])
    assert read.settings == {"camera": {}, "identity": {"similarity": 0.5}}, "only what is not at its default"


def test_the_first_line_says_what_it_is(tmp_path: Path) -> None:
    first = record(tmp_path / "a.rec", []).read_bytes().splitlines()[0]
    document = json.loads(first)
    assert (document["format"], document["version"]) == ("person-tracker recording", 1)
    assert [camera["camera_id"] for camera in document["sources"]] == ["cam1", "cam2"]


def test_the_documented_header_is_the_real_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
    documented = json.loads(text.partition("# Format of a recording")[2].partition("```json\n")[2].partition("```")[0])
    real = json.loads(encode_header(a_header()))
    assert list(documented) == list(real)
    assert documented["sources"][0].keys() == real["sources"][0].keys()
    (tmp_path / "a.rec").write_text(json.dumps(documented) + "\n", encoding="utf-8")
    assert Recording(tmp_path / "a.rec").header.camera_ids == ["cam1"]


# However it ended


def test_a_job_that_died_leaves_a_readable_recording(tmp_path: Path) -> None:
    rounds = [a_round(index) for index in range(3)]
    recording = Recording(record(tmp_path / "a.rec", rounds, finished=False))
    assert same(tuple(recording), tuple(rounds))
    assert recording.shortfall is not None
    assert "cut off after 3 rounds" in recording.shortfall


def test_every_round_is_on_disk_at_once(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.rec", a_header()) as recorder:
        for count in range(3):
            assert len(tuple(Recording(tmp_path / "a.rec"))) == count
            recorder.write(tracked(a_round(count)))


def test_a_cut_anywhere_leaves_the_rounds_before_it(tmp_path: Path) -> None:
    rounds = [a_round(index) for index in range(2)]
    path = record(tmp_path / "a.rec", rounds)
    whole = path.read_bytes()
    start = whole.index(b"\n") + 1
    ends = np.cumsum([start, *(len(encode_round(round_, NUMBERS)) for round_ in rounds)])
    for size in range(start, len(whole)):
        path.write_bytes(whole[:size])
        recording = Recording(path)
        count = int(np.searchsorted(ends, size, side="right")) - 1
        assert len(tuple(recording)) == count
        assert recording.shortfall is not None
        assert f"cut off after {count} rounds" in recording.shortfall


def test_a_full_disk_is_an_error_and_keeps_whole_rounds(tmp_path: Path) -> None:
    rounds = [a_round(index) for index in range(300)]
    with largest_file(40_000), pytest.raises(OutputError, match=r"a\.rec"):
        record(tmp_path / "a.rec", rounds)
    kept = tuple(Recording(tmp_path / "a.rec"))
    assert 50 < len(kept) < 300
    assert same(kept, tuple(rounds[: len(kept)]))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"), Recorder(tmp_path / "nowhere" / "a.rec", a_header()):
        pass


# Where it may be written


@pytest.mark.parametrize(
    ("record", "overwrite", "code"),
    [
        pytest.param("new.rec", False, None, id="new"),
        pytest.param("old.rec", False, "output_exists", id="exists"),
        pytest.param("old.rec", True, None, id="to-be-replaced"),
        pytest.param("in.mp4", True, "output_is_input", id="an-input"),
        pytest.param("out.mp4", True, "output_unwritable", id="the-video"),
        pytest.param("no/such/a.rec", False, "output_no_folder", id="no-folder"),
        pytest.param("folder", True, "output_unwritable", id="a-folder"),
    ],
)
def test_outputs_are_checked_ahead(tmp_path: Path, record: str, *, overwrite: bool, code: str | None) -> None:
    (tmp_path / "folder").mkdir()
    for name in ("old.rec", "in.mp4"):
        (tmp_path / name).write_bytes(b"mine")
    output = OutputConfig(video=tmp_path / "out.mp4", record=tmp_path / record, overwrite=overwrite)
    before = sorted(tmp_path.rglob("*"))
    told = None
    try:
        check_outputs(output, [str(tmp_path / "in.mp4")])
    except OutputError as error:
        told = error.code
    assert told == code
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "old.rec").read_bytes() == b"mine"


def test_a_job_records_only_when_asked(tmp_path: Path) -> None:
    quiet = OutputConfig(window=False)
    names = [
        [sink.name for sink in create_sinks(a_header(), output, {}, on_note=print)]
        for output in (quiet, replace(quiet, record=tmp_path / "a.rec"))
    ]
    assert names == [[], ["recording"]]


# What cannot be read


def changed_header(**values: object) -> bytes:
    return json.dumps(json.loads(encode_header(a_header())) | values).encode() + b"\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "no recording", id="empty"),
        pytest.param(b"\x00\xff" * 500, "no recording", id="noise"),
        pytest.param(b"hello\n", "no recording", id="text"),
        pytest.param(b"[1, 2]\n", "no recording", id="other-json"),
        pytest.param(b"{}\n", "no recording", id="no-format"),
        pytest.param(changed_header(format="else"), "no recording", id="other-format"),
        pytest.param(encode_header(a_header())[:200], "no recording", id="cut-in-the-header"),
        pytest.param(changed_header(version=2), "version 2", id="later-version"),
        pytest.param(changed_header(sources=[{"camera_id": "a"}]), "sources.0", id="damaged-header"),
        pytest.param(changed_header(conf="high"), "conf", id="wrong-type"),
    ],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "a.rec").write_bytes(content)
    with pytest.raises(RecordingError, match=says) as caught:
        Recording(tmp_path / "a.rec")
    assert caught.value.code == "recording_unreadable"
    assert "a.rec" in caught.value.message


@pytest.mark.parametrize(
    "make",
    [pytest.param(lambda path: None, id="missing"), pytest.param(Path.mkdir, id="folder")],
)
def test_a_path_without_a_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "a.rec")
    with pytest.raises(RecordingError, match=r"a\.rec"):
        Recording(tmp_path / "a.rec")


def test_any_changed_byte_of_a_round_is_found(tmp_path: Path) -> None:
    path = record(tmp_path / "a.rec", [a_round(0), a_round(1)])
    whole = path.read_bytes()
    start = whole.index(b"\n") + 1
    for place in range(start, len(whole) - len(END_MARK), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        assert re.search("damaged after|cut off after", told_of(path)), "a changed length may look like a cut"


def told_of(path: Path) -> str:
    """What is said about a recording when it is read."""
    recording = Recording(path)
    try:
        deque(recording, maxlen=0)
    except RecordingError as error:
        return error.message
    return recording.shortfall or "nothing"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(encode_round(a_round(0), NUMBERS)[8:-4], id="too-few-numbers"),
        pytest.param(encode_round(a_round(0), NUMBERS)[8:] + bytes(4), id="too-many-numbers"),
    ],
)
def test_content_that_does_not_hold_together(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        decode_round(content, [CAM1, CAM2])


def test_the_defaults_are_recorded_as_nothing() -> None:
    assert a_header().settings == {"camera": {}, "identity": {}}
    assert a_header().conf == TrackingConfig().detection.conf
