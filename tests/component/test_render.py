"""The video keeps media time, whatever the pace, number and fate of the cameras."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from config import OutputConfig
from entities import CameraId, FrameResult, Round, RoundResult, Source, TrackedRound
from errors import OutputError
from sinks import Sink
from sinks.render import MOST_FPS, RenderSink, output_rate
from tests.builders import CAM1, CAM2, SIZE_PX, box, frame, frame_result, unseen

QUIET = OutputConfig(window=False)


class Recorder:
    """A target that keeps copies, may lose interest, and may fail."""

    def __init__(self, wants: int = 10**9, fails_at: int | None = None) -> None:
        self.pictures: list[NDArray[np.uint8]] = []
        self.entered = self.left = 0
        self._wants = wants
        self._fails_at = fails_at

    @property
    def active(self) -> bool:
        return len(self.pictures) < self._wants

    def __enter__(self) -> Self:
        self.entered += 1
        return self

    def write(self, picture_bgr: NDArray[np.uint8]) -> None:
        if len(self.pictures) == self._fails_at:
            raise OutputError("no room", code="disk_full")
        self.pictures.append(picture_bgr.copy())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.left += 1


def source(camera_id: CameraId = CAM1, fps: float = 10.0, duration_s: float | None = None) -> Source:
    return Source(camera_id, f"{camera_id}.mp4", SIZE_PX, fps, duration_s=duration_s)


def round_of(*frames: tuple[CameraId, float], shade: int = 90) -> TrackedRound:
    """A round of empty frames at the given media times; the first gives the round's instant."""
    times = dict(frames)
    pictures = tuple(frame(0, 1.0, camera_id, shade=shade) for camera_id in times)
    dated = tuple(
        type(item)(item.camera_id, round(times[item.camera_id] * 1000), times[item.camera_id], item.image_bgr)
        for item in pictures
    )
    instant = frames[0][1]
    results = tuple(frame_result(index=item.index, fps=1000.0, camera_id=item.camera_id) for item in dated)
    return unseen(Round(0, instant, dated), RoundResult(0, instant, results))


def rendered(sources: list[Source], rounds: list[TrackedRound]) -> list[NDArray[np.uint8]]:
    recorder = Recorder()
    with RenderSink(sources, QUIET, {}, on_note=print, more=[recorder]) as sink:
        for item in rounds:
            sink.write(item)
        sink.finish(())
    return recorder.pictures


def test_it_is_a_sink() -> None:
    sink: Sink = RenderSink([source()], QUIET, {}, on_note=print)
    assert sink.name == "video"


@pytest.mark.parametrize(
    ("rates", "rate"),
    [
        pytest.param([25.0], 25.0, id="one"),
        pytest.param([25.0, 30.0, 5.0], 30.0, id="the-fastest"),
        pytest.param([60.0], 60.0, id="at-the-limit"),
        pytest.param([0.2], 1.0, id="slideshow"),
        pytest.param([90000.0, 25.0], MOST_FPS, id="nonsense-is-limited"),
    ],
)
def test_output_rate(rates: list[float], rate: float) -> None:
    assert output_rate([source(CameraId(f"c{i}"), fps) for i, fps in enumerate(rates)]) == rate


@pytest.mark.parametrize(
    ("rates", "times", "pictures"),
    [
        pytest.param([10.0], [], 0, id="no-round"),
        pytest.param([10.0], [0.0], 1, id="one-round"),
        pytest.param([10.0], [k / 10 for k in range(30)], 30, id="constant-rate"),
        pytest.param([10.0], [0.0, 0.1, 0.9], 10, id="gap-is-filled"),
        pytest.param([10.0], [0.5, 0.6], 7, id="late-start-is-filled"),
        pytest.param([10.0], [0.0, 0.104, 0.196, 0.31, 0.39], 5, id="jitter-neither-repeats-nor-skips"),
        pytest.param([10.0], [k / 100 for k in range(100)], 11, id="too-fast-is-skipped"),
        pytest.param([10.0, 2.0], [0.0, 0.5], 10, id="slow-camera-last-frame-keeps-its-length"),
    ],
)
def test_length(rates: list[float], times: list[float], pictures: int) -> None:
    sources = [source(CameraId(f"c{i}"), fps) for i, fps in enumerate(rates)]
    last = sources[-1].camera_id
    assert len(rendered(sources, [round_of((last, t)) for t in times])) == pictures


@pytest.mark.parametrize(("states", "pictures"), [({}, 601), ({CAM1: "live"}, 102)], ids=["recorded", "live"])
def test_a_pause_of_live_cameras_is_not_filmed(states: dict[CameraId, str], pictures: int) -> None:
    rounds = [round_of((CAM1, 0.0)), round_of((CAM1, 60.0))]
    told = [replace(item, round=replace(item.round, states=states)) for item in rounds]
    assert len(rendered([source()], told)) == pictures


def test_the_longest_camera_decides() -> None:
    rounds = [round_of((CAM1, k / 10), (CAM2, k / 10)) for k in range(10)]
    rounds += [round_of((CAM2, k / 10)) for k in range(10, 30)]
    assert len(rendered([source(CAM1), source(CAM2)], rounds)) == 30


def test_a_repeated_tick_shows_the_old_picture_and_the_round_shows_at_its_time() -> None:
    shown = rendered([source()], [round_of((CAM1, 0.0), shade=60), round_of((CAM1, 0.3), shade=200)])
    middles = [int(picture[picture.shape[0] // 2, picture.shape[1] // 2, 0]) for picture in shown]
    assert middles == [60, 60, 60, 200]


def test_people_are_drawn_and_counted() -> None:
    def people(global_ids: list[int]) -> TrackedRound:
        found: FrameResult = frame_result([box(200, 400, 300)] * len(global_ids), [1] * len(global_ids), global_ids)
        return unseen(Round(0, 0.0, (frame(),)), RoundResult(0, 0.0, (found,), len(global_ids), len(global_ids)))

    nobody, somebody = (rendered([source()], [people(ids)])[0] for ids in ([], [7]))
    changed = np.argwhere((nobody != somebody).any(axis=2))
    assert len(changed) > 500
    header_height = 40
    assert (changed[:, 0] < header_height).any(), "the figures of the header"
    assert (changed[:, 0] > 2 * header_height).any(), "the box"


def test_a_lost_interest_saves_the_work_and_ends_nothing() -> None:
    bored, keen = Recorder(wants=2), Recorder()
    with RenderSink([source()], QUIET, {}, on_note=print, more=[bored, keen]) as sink:
        for k in range(5):
            sink.write(round_of((CAM1, k / 10)))
    assert (len(bored.pictures), len(keen.pictures)) == (2, 5)
    assert (bored.left, keen.left) == (1, 1)


def test_a_failing_target_fails_the_sink_and_all_are_closed() -> None:
    good, bad = Recorder(), Recorder(fails_at=3)

    def run() -> None:
        with RenderSink([source()], QUIET, {}, on_note=print, more=[good, bad]) as sink:
            for k in range(9):
                sink.write(round_of((CAM1, k / 10)))

    with pytest.raises(OutputError, match="no room"):
        run()
    assert (good.left, bad.left) == (1, 1)
    assert len(bad.pictures) == 3


def test_what_was_opened_is_closed_when_the_video_cannot_be(tmp_path: Path) -> None:
    first = Recorder()
    output = OutputConfig(window=False, video=tmp_path / "gone" / "out.mp4")
    with pytest.raises(OutputError), RenderSink([source()], output, {}, on_note=print, more=[first]):
        pass
    assert (first.entered, first.left) == (1, 1)


@pytest.mark.parametrize("name", ["out.mp4", "out.avi"])
def test_a_video_file_as_long_as_its_input(tmp_path: Path, name: str) -> None:
    output = OutputConfig(window=False, video=tmp_path / name, width_px=640)
    sink = RenderSink([source(CAM1, 25.0), source(CAM2, 30.0)], output, {}, on_note=print)
    assert sink.required
    with sink:
        for k in range(60):
            sink.write(round_of((CAM2, k / 30), (CAM1, int(k / 30 * 25) / 25)))
    with av.open(str(tmp_path / name)) as container:
        stream = container.streams.video[0]
        frames = sum(1 for _ in container.decode(stream))
        assert stream.average_rate == 30
        assert frames == 60


def test_without_a_video_it_is_optional_and_needs_no_display() -> None:
    assert not RenderSink([source()], QUIET, {}, on_note=print).required


def test_without_a_display_the_video_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    notes: list[str] = []
    for name, window in (("with.mp4", True), ("without.mp4", False)):
        with RenderSink([source()], OutputConfig(window=window, video=tmp_path / name), {}, notes.append) as sink:
            for k in range(3):
                sink.write(round_of((CAM1, k / 10)))
    assert notes == ["no display: running without a window"]
    assert (tmp_path / "with.mp4").read_bytes() == (tmp_path / "without.mp4").read_bytes()
