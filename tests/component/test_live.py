"""Live pictures: drawn once for all who watch, not at all for nobody, and never in the way of a round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from buffers import Buffer
from config import OutputConfig
from entities import CameraId, Round, RoundResult, Source, TrackedRound
from sinks.live import MOSAIC, LivePictures, LiveSink
from tests.builders import CAM1, CAM2, SIZE_PX, box, frame, frame_result, tracked, unseen

WAIT_S = 5.0
SOURCES = tuple(Source(camera, f"{camera}.mp4", SIZE_PX, 15.0) for camera in (CAM1, CAM2))


class Viewer:
    """Keeps every picture that it is sent."""

    def __init__(self) -> None:
        self._sent: Buffer[bytes | None] = Buffer(1000)

    def __call__(self, jpeg: bytes | None) -> None:
        self._sent.put(jpeg)

    def next(self) -> bytes | None:
        return self._sent.get(WAIT_S)

    def picture(self) -> NDArray[np.uint8]:
        jpeg = self.next()
        assert jpeg is not None
        return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)

    def __len__(self) -> int:
        return len(self._sent)


def a_round(index: int = 0) -> TrackedRound:
    """One person in each camera."""
    return tracked([frame_result([box()], [1], [7], index, camera_id=camera) for camera in (CAM1, CAM2)], index)


@pytest.fixture
def pictures() -> LivePictures:
    return LivePictures()


@pytest.fixture
def sink(pictures: LivePictures) -> Iterator[LiveSink]:
    with LiveSink(SOURCES, OutputConfig(), pictures, "job-l/live-encoder") as sink:
        yield sink


def test_a_camera_is_shown_with_its_people(sink: LiveSink, pictures: LivePictures) -> None:
    viewer = Viewer()
    pictures.watch(CAM1, viewer)
    sink.write(a_round())
    picture = viewer.picture()
    assert picture.shape == (SIZE_PX[1], SIZE_PX[0], 3)
    plain = picture[:20].astype(int)
    assert np.ptp(plain) < 8
    assert np.ptp(picture.astype(int)) > 100  # a box and a label on plain grey


def test_all_cameras_are_shown_in_one_picture(sink: LiveSink, pictures: LivePictures) -> None:
    viewer = Viewer()
    pictures.watch(MOSAIC, viewer)
    sink.write(a_round())
    height, width = viewer.picture().shape[:2]
    assert width > SIZE_PX[0]
    assert height > SIZE_PX[1] / 2


def test_a_large_camera_is_scaled_down(pictures: LivePictures) -> None:
    large = (Source(CAM1, "a.mp4", (1920, 1080), 15.0),)
    viewer = Viewer()
    pictures.watch(CAM1, viewer)

    with LiveSink(large, OutputConfig(), pictures, "job-l/live-encoder") as sink:
        sink.write(unseen(Round(0, 0.0, (frame(size_px=(1920, 1080)),)), RoundResult(0, 0.0, ())))
        assert viewer.picture().shape == (540, 960, 3)


def test_many_viewers_share_one_encoding(sink: LiveSink, pictures: LivePictures) -> None:
    viewers = [Viewer() for _ in range(5)]
    for viewer in viewers:
        pictures.watch(CAM1, viewer)
    sink.write(a_round())
    first = [viewer.next() for viewer in viewers]
    assert all(jpeg is first[0] for jpeg in first)


def test_nothing_is_encoded_for_nobody(sink: LiveSink, pictures: LivePictures, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[object] = []
    monkeypatch.setattr(cv2, "imencode", lambda *given: encoded.append(given))
    for index in range(20):
        sink.write(a_round(index))
    leave = pictures.watch("nobody's camera", Viewer())
    leave()
    sink.__exit__(None, None, None)
    assert encoded == []


def test_who_comes_while_the_job_is_paused_sees_its_last_round(sink: LiveSink, pictures: LivePictures) -> None:
    sink.write(a_round())
    for _ in range(2):
        viewer = Viewer()
        leave = pictures.watch(CAM1, viewer)
        assert viewer.next()
        leave()


def test_a_camera_without_a_frame_in_the_last_round_keeps_its_picture(sink: LiveSink, pictures: LivePictures) -> None:
    sink.write(a_round())
    sink.write(tracked([frame_result(index=1, camera_id=CAM2)], 1))
    viewer = Viewer()
    pictures.watch(CAM1, viewer)
    assert viewer.next()


def test_pictures_come_at_a_bounded_rate(sink: LiveSink, pictures: LivePictures) -> None:
    viewer = Viewer()
    pictures.watch(CAM1, viewer)
    for index in range(200):
        sink.write(a_round(index))
    assert viewer.next()
    assert len(viewer) < 20


def test_who_leaves_is_sent_nothing_more(sink: LiveSink, pictures: LivePictures) -> None:
    gone, here = Viewer(), Viewer()
    leave = pictures.watch(CAM1, gone)
    leave()
    leave()
    pictures.watch(CAM1, here)
    sink.write(a_round())
    assert here.next()
    assert len(gone) == 0


@pytest.mark.parametrize("started", [pytest.param(True, id="running"), pytest.param(False, id="never-started")])
def test_the_end_is_told_to_those_who_watch_and_those_who_still_come(*, started: bool) -> None:
    pictures, early, late = LivePictures(), Viewer(), Viewer()
    pictures.watch(CAM1, early)
    with ExitStack() as stack:
        if started:
            stack.enter_context(LiveSink(SOURCES, OutputConfig(), pictures, "job-l/live-encoder"))
    pictures.close()
    pictures.watch(CAM1, late)
    assert early.next() is None
    assert late.next() is None


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_camera_that_does_not_exist_ends_at_once(pictures: LivePictures, when: str) -> None:
    viewer = Viewer()
    if when == "before":
        pictures.watch(CameraId("cam9"), viewer)
    with LiveSink(SOURCES, OutputConfig(), pictures, "job-l/live-encoder"):
        if when == "after":
            pictures.watch(CameraId("cam9"), viewer)
        assert viewer.next() is None


def test_a_camera_that_changes_its_size_is_still_shown(sink: LiveSink, pictures: LivePictures) -> None:

    sink.write(a_round())
    sink.write(unseen(Round(1, 0.1, (frame(1, size_px=(320, 200)),)), RoundResult(1, 0.1, (frame_result(index=1),))))
    viewer = Viewer()
    pictures.watch(CAM1, viewer)
    assert viewer.picture().shape == (200, 320, 3)
