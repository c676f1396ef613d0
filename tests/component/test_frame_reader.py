"""Readers of files deliver every frame, on time, past damage, and stop when told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import av
import numpy as np
import pytest

from address import parse_address
from buffers import Buffer, WhenFull
from entities import CameraId, Frame, Source
from errors import SourceError
from frame_reader import FrameReader
from probe import open_source
from source_settings import LiveConfig
from telemetry import CameraState
from tests import clips
from video_file import MAX_READ_ERRORS, LostPictures, MediaClock, Picture, VideoFile, past_read_errors

TIMEOUT_S = 20.0
CAMERA = CameraId("cam")
DAMAGED = Path(__file__).resolve().parents[3] / "shared" / "data" / "damaged"


def read_all(path: Path, max_seconds: float | None = None, threads: int = 1) -> tuple[list[Frame], FrameReader]:
    """All frames of a file, and its reader after the end."""
    buffer: Buffer[Frame] = Buffer(2)
    reader = FrameReader(described(path), buffer, "test", max_seconds, lambda: VideoFile(str(path), threads))
    reader.start()
    frames = list(buffer)
    assert reader.join(TIMEOUT_S)
    return frames, reader


def described(path: Path) -> Source:
    return open_source(parse_address(str(path)), CAMERA, LiveConfig())


def stamps(frames: list[Frame]) -> list[int]:
    return [clips.read_stamp(frame.image_bgr) for frame in frames]


# Reading


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        pytest.param("a.mp4", {}, id="h264"),
        pytest.param("a.mp4", {"b_frames": 3}, id="h264-b-frames-to-the-last"),
        pytest.param("a.avi", {"codec": "mpeg4", "b_frames": 2}, id="avi-b-frames"),
        pytest.param("a.avi", {"codec": "mjpeg"}, id="mjpeg"),
        pytest.param("a.mkv", {}, id="mkv-of-unsaid-length"),
        pytest.param("a.mp4", {"frames": 1}, id="one-frame"),
    ],
)
@pytest.mark.parametrize("threads", [1, 3])
def test_every_frame_in_order_and_on_time(tmp_path: Path, name: str, clip: dict[str, object], threads: int) -> None:
    clips.make_clip(tmp_path / name, **clip)  # type: ignore[arg-type] # fields by name
    frames, reader = read_all(tmp_path / name, threads=threads)
    count = clip.get("frames", 20)
    assert stamps(frames) == [frame.index for frame in frames] == list(range(int(str(count))))
    assert [frame.timestamp_s for frame in frames] == pytest.approx([i / 25 for i in range(len(frames))], abs=1e-3)
    assert reader.progress.state is CameraState.ENDED
    assert reader.progress.frames_read == len(frames)
    assert (reader.progress.error, reader.error, dict(reader.progress.dropped)) == (None, None, {})


@pytest.mark.skipif(not DAMAGED.is_dir(), reason="the shared samples are not here")
def test_a_real_cut_off_file_is_read_as_far_as_it_goes() -> None:
    frames, reader = read_all(DAMAGED / "truncated-mpeg4.avi")
    assert [frame.index for frame in frames] == list(range(45))
    assert reader.progress.state is CameraState.ENDED
    assert reader.progress.error == "cut off after 46 of 2955 frames"


def test_timestamps_are_the_containers(tmp_path: Path) -> None:
    times_s = [2.0, 2.04, 2.2, 2.21, 2.5, 2.9]
    frames, _ = read_all(clips.make_clip(tmp_path / "a.mp4", len(times_s), times_s=times_s))
    assert [frame.timestamp_s for frame in frames] == pytest.approx([t - 2.0 for t in times_s], abs=1e-3)


def test_pictures_are_bgr_and_read_only(tmp_path: Path) -> None:
    frames, _ = read_all(clips.make_clip(tmp_path / "a.mp4", 2))
    image = frames[0].image_bgr
    assert image.shape == (96, 160, 3)
    assert image.dtype == np.uint8
    assert not image.flags.writeable
    assert image.flags.c_contiguous
    assert image[60:].mean(axis=(0, 1)) == pytest.approx(clips.COLOUR_BGR, abs=8)


def test_a_recording_that_changes_its_size_keeps_that_of_its_first_picture(tmp_path: Path) -> None:
    class Switches:
        fps, frames_total, duration_s, damaged = 25.0, 2, 0.08, 0

        def __enter__(self) -> Self:
            return self

        def pictures(self) -> Iterator[Picture]:
            yield Picture(0, 0.0, np.full((48, 64, 3), 200, np.uint8))
            yield Picture(1, 0.04, np.full((96, 128, 3), 200, np.uint8))

        def shortfall(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    buffer: Buffer[Frame] = Buffer(2)
    reader = FrameReader(Source(CAMERA, "dvr.ts", (64, 48), 25.0), buffer, "test", open_video=Switches)
    reader.start()
    images = [frame.image_bgr for frame in buffer]
    assert reader.join(TIMEOUT_S)
    assert [image.shape for image in images] == [(48, 64, 3), (48, 64, 3)]
    assert images[1].mean() > 190
    assert not images[1].flags.writeable


def test_pictures_are_turned_upright(tmp_path: Path) -> None:
    path = clips.make_turned(tmp_path / "a.mp4", frames=3)
    assert described(path).size_px == (96, 160)
    frames, _ = read_all(path)
    assert frames[2].size_px == (96, 160)
    back = np.rot90(frames[2].image_bgr)  # counterclockwise
    assert clips.read_stamp(back) == 2


@pytest.mark.parametrize(
    ("packets", "clip", "lost"),
    [
        pytest.param([7, 8], {"codec": "mjpeg"}, [7, 8], id="independent-pictures"),
        pytest.param([5], {"codec": "mjpeg", "frames": 6}, [5], id="the-last"),
        pytest.param([0], {"codec": "mjpeg"}, [0], id="the-first"),
        pytest.param([0], {}, [0, 1, 2, 3, 4], id="a-key-frame-and-all-that-hangs-on-it"),
    ],
)
def test_damage_is_skipped_and_counted(
    tmp_path: Path, packets: list[int], clip: dict[str, object], lost: list[int]
) -> None:
    path = tmp_path / ("a.avi" if clip else "a.mp4")
    frames, reader = read_all(clips.make_damaged(path, packets, **clip))
    kept = [i for i in range(int(str(clip.get("frames", 20)))) if i not in lost]
    assert [frame.index for frame in frames] == stamps(frames) == kept
    assert [frame.timestamp_s for frame in frames] == pytest.approx([i / 25 for i in kept], abs=1e-3)
    assert reader.progress.state is CameraState.ENDED
    assert dict(reader.progress.dropped) == {"damaged": len(lost)}


def test_damage_among_b_frames_keeps_numbers_right(tmp_path: Path) -> None:
    frames, reader = read_all(clips.make_damaged(tmp_path / "a.mp4", [7, 8], b_frames=2))
    late = [frame for frame in frames if frame.index >= 10]
    assert stamps(late) == [frame.index for frame in late] == list(range(10, 20))
    assert len(frames) + reader.progress.dropped["damaged"] == 20


@pytest.mark.parametrize(
    ("name", "clip", "line"),
    [
        pytest.param("a.mp4", {"index_first": True}, r"cut off after \d+ of 20 frames", id="frames-promised"),
        pytest.param("a.mkv", {}, r"cut off after 0\.\d of 0\.8 s", id="seconds-promised"),
    ],
)
def test_a_file_cut_off_ends_in_order_and_says_so(
    tmp_path: Path, name: str, clip: dict[str, object], line: str
) -> None:
    frames, reader = read_all(clips.make_cut_off(tmp_path / name, 0.7, **clip))
    assert 0 < len(frames) < 20
    assert stamps(frames) == list(range(len(frames)))
    assert reader.progress.state is CameraState.ENDED
    assert reader.error is None
    assert re.fullmatch(line, reader.progress.error or "")


@pytest.mark.parametrize(
    ("max_seconds", "count"),
    [
        pytest.param(0.001, 1, id="the-first-only"),
        pytest.param(0.4, 10, id="at-a-frame-stops-before-it"),
        pytest.param(99.0, 20, id="beyond-the-end"),
    ],
)
def test_max_seconds(tmp_path: Path, max_seconds: float, count: int) -> None:
    frames, reader = read_all(clips.make_clip(tmp_path / "a.mp4"), max_seconds)
    assert len(frames) == count
    assert reader.progress.state is CameraState.ENDED
    assert reader.progress.error is None


@pytest.mark.parametrize(("stride", "taken"), [(1, range(20)), (3, range(0, 20, 3)), (100, [0])])
def test_every_nth_picture_keeps_its_number_and_time(tmp_path: Path, stride: int, taken: Sequence[int]) -> None:
    buffer: Buffer[Frame] = Buffer(20)
    path = clips.make_clip(tmp_path / "a.mp4")
    reader = FrameReader(described(path), buffer, "test", stride=stride)
    reader.start()
    frames = list(buffer)
    assert reader.join(TIMEOUT_S)
    assert stamps(frames) == [frame.index for frame in frames] == list(taken)
    assert [frame.timestamp_s for frame in frames] == pytest.approx([index / 25 for index in taken], abs=1e-3)
    assert (reader.progress.frames_read, reader.progress.error) == (len(taken), None)


def test_stop_while_waiting_for_room(tmp_path: Path) -> None:
    buffer: Buffer[Frame] = Buffer(1)
    reader = FrameReader(described(clips.make_clip(tmp_path / "a.mp4")), buffer, "test")
    reader.start()
    first = buffer.get(TIMEOUT_S)
    reader.stop()
    reader.stop()
    assert reader.join(TIMEOUT_S)
    assert first.index == 0
    assert len(list(buffer)) <= 1, "nothing arrives after the stop"
    assert reader.progress.state is CameraState.ENDED
    assert reader.progress.error is None


def test_stop_before_start(tmp_path: Path) -> None:
    buffer: Buffer[Frame] = Buffer(1)
    reader = FrameReader(described(clips.make_clip(tmp_path / "a.mp4")), buffer, "test")
    reader.stop()
    assert reader.join(0.0)
    assert reader.progress.state is CameraState.WAITING
    reader.start()
    assert reader.join(TIMEOUT_S)
    assert list(buffer) == []


def test_the_thread_carries_job_and_camera(tmp_path: Path) -> None:
    source = described(clips.make_clip(tmp_path / "a.mp4"))
    assert FrameReader(source, Buffer(1), "job-3f2").name == "job-3f2/reader-cam"


@pytest.mark.parametrize("how", ["gone", "no-pictures-left"])
def test_a_source_that_went_bad_fails_and_closes_the_buffer(tmp_path: Path, how: str) -> None:
    path = clips.make_clip(tmp_path / "a.mp4")
    source = described(path)
    path.unlink()
    if how == "no-pictures-left":
        clips.make_damaged(path, range(20))
    buffer: Buffer[Frame] = Buffer(1)
    reader = FrameReader(source, buffer, "test")
    reader.start()
    assert list(buffer) == []
    assert reader.join(TIMEOUT_S)
    assert isinstance(reader.error, SourceError)
    assert reader.progress.state is CameraState.FAILED
    assert reader.progress.error == reader.error.message


def test_a_live_buffer_never_holds_the_reader_back(tmp_path: Path) -> None:
    buffer: Buffer[Frame] = Buffer(2, WhenFull.DROP_OLDEST)
    source = described(clips.make_clip(tmp_path / "a.mp4"))
    reader = FrameReader(replace(source, frames_total=None), buffer, "test")
    reader.start()
    assert reader.join(TIMEOUT_S)
    assert [frame.index for frame in buffer] == [18, 19]
    assert buffer.dropped == 18


# The parts


@pytest.mark.parametrize(
    ("told_s", "expected_s"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([5.0, 5.1, 5.4], [0.0, 0.1, 0.4], id="relative-to-the-first"),
        pytest.param([None, None], [0.0, 0.1], id="never-told"),
        pytest.param([3.0, None, 3.3], [0.0, 0.1, 0.3], id="one-missing"),
        pytest.param([None, 3.0, 3.1], [0.0, 0.1, 0.2], id="told-from-the-second-on"),
        pytest.param([0.0, 0.1, 0.1, 0.3], [0.0, 0.1, 0.2, 0.3], id="equal-to-the-last"),
        pytest.param([0.0, 0.3, 0.2, 0.6], [0.0, 0.3, 0.4, 0.6], id="one-step-back-leaves-no-offset"),
        pytest.param([0.0, 0.1, 900.0, 0.3], [0.0, 0.1, 0.2, 0.3], id="beyond-the-end-of-the-file"),
    ],
)
def test_media_clock(told_s: list[float | None], expected_s: list[float]) -> None:
    clock = MediaClock(fps=10.0, duration_s=20.0)
    assert [clock.time_s(i, told) for i, told in enumerate(told_s)] == pytest.approx(expected_s)


def test_media_clock_runs_through_lost_pictures() -> None:
    clock = MediaClock(fps=10.0, duration_s=None)
    assert clock.time_s(2, 7.2) == pytest.approx(0.2), "two were lost before the first that came"
    assert clock.time_s(5, None) == pytest.approx(0.5)


def test_lost_pictures_are_counted_where_they_belong() -> None:
    lost = LostPictures()
    lost.decoded(0)
    assert lost.before(0) == 0
    lost.failed(3)
    lost.decoded(1)
    lost.decoded(4)
    assert lost.before(1) == 0, "picture 1 comes before the lost one"
    assert lost.before(4) == 1
    lost.failed(None)
    assert lost.before(5) == 1
    lost.failed(9)
    assert lost.rest() == 1


def test_reading_goes_on_after_an_error() -> None:
    tape: Iterator[int | None] = iter([1, 2, None, None, 3])

    def read() -> Iterator[int]:
        for item in tape:
            if item is None:
                raise av.InvalidDataError(1, "a damaged block")
            yield item

    assert list(past_read_errors(read)) == [1, 2, 3]


def test_reading_that_only_fails_ends() -> None:
    attempts: list[int] = []

    def read() -> Iterator[int]:
        attempts.append(1)
        raise av.InvalidDataError(1, "a dead disk")

    assert list(past_read_errors(read)) == []
    assert len(attempts) == MAX_READ_ERRORS
