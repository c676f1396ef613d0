"""People who are to be blurred are, in every picture and whether tracked or not, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Self

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from config import OutputConfig
from entities import IdentityEvent, Segment, TrackedRound
from sinks.blur import Blurred, Part, blur
from sinks.outputs import for_viewers
from tests.builders import CAM1, detections, frame_detections, frame_result, round_detections, tracked

SIZE = 200


def noise() -> NDArray[np.uint8]:
    """A picture in which every pixel tells something."""
    return np.random.default_rng(0).integers(0, 256, (SIZE, SIZE, 3), np.uint8)


def detail(image: NDArray[np.uint8]) -> float:
    """How much neighbours differ."""
    return float(np.abs(cv2.Laplacian(image, cv2.CV_32F)).mean())


class Screen:
    """Keeps what it is shown."""

    name = "screen"
    required = True

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.images: list[NDArray[np.uint8]] = []

    def __enter__(self) -> Self:
        self.calls.append("enter")
        return self

    def write(self, tracked: TrackedRound) -> None:
        self.images.append(tracked.round.frames[0].image_bgr)

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        self.calls.append("finish")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.calls.append("exit")


def shown(person: TrackedRound, part: Part) -> NDArray[np.uint8]:
    """What a screen gets of a round on noise."""
    (frame,) = person.round.frames
    image = noise()
    image.setflags(write=False)
    screen = Screen()
    with Blurred(screen, part) as sink:
        sink.write(replace(person, round=replace(person.round, frames=(replace(frame, image_bgr=image),))))
        sink.finish(())
    assert screen.calls == ["enter", "finish", "exit"]
    assert np.array_equal(image, noise()), "the picture itself is left as it is for everybody else"
    return screen.images[0]


@pytest.mark.parametrize("part", ["people", "faces-region"])
def test_who_is_tracked_is_blurred(part: Part) -> None:
    image = shown(tracked([frame_result([[50, 50, 90, 140]], [1], [1])]), part)
    assert detail(image[50:80, 50:90]) < 0.1 * detail(noise())
    blurred_feet = detail(image[100:140, 50:90]) < 0.1 * detail(noise())
    assert blurred_feet is (part == "people")
    assert np.array_equal(image[150:], noise()[150:])
    assert np.array_equal(image[:, 100:], noise()[:, 100:])


def test_who_was_only_just_found_is_blurred_too() -> None:
    person = tracked([frame_result()])
    found = round_detections([frame_detections(detections([[50, 50, 90, 140]], scores=[0.1]), camera_id=CAM1)])
    image = shown(replace(person, detections=found), "people")
    assert detail(image[50:140, 50:90]) < 0.1 * detail(noise())


def test_who_was_found_stays_blurred_where_nobody_looks() -> None:
    found = round_detections([frame_detections(detections([[50, 50, 90, 140]], scores=[0.1]), camera_id=CAM1)])
    not_looked = round_detections([frame_detections(None, camera_id=CAM1)])
    nobody = round_detections([frame_detections(detections([]), camera_id=CAM1)])
    screen = Screen()
    with Blurred(screen, "people") as sink:
        for detected in (found, not_looked, nobody, not_looked):
            person = tracked([frame_result()])
            (frame,) = person.round.frames
            pictures = (replace(frame, image_bgr=noise()),)
            sink.write(replace(person, round=replace(person.round, frames=pictures), detections=detected))
    sharp = [detail(image[50:140, 50:90]) > 0.5 * detail(noise()) for image in screen.images]
    assert sharp == [False, False, True, True]


def test_a_picture_of_nobody_is_not_copied() -> None:
    assert np.array_equal(shown(tracked([frame_result()]), "people"), noise())


@pytest.mark.parametrize(
    "box",
    [
        pytest.param([-30, -30, 20, 20], id="over-the-corner"),
        pytest.param([190, 190, 260, 260], id="over-the-other-corner"),
        pytest.param([300, 300, 350, 350], id="outside"),
        pytest.param([10, 10, 10, 10], id="of-no-size"),
        pytest.param([10, 10, 11, 150], id="of-one-pixel"),
        pytest.param([-50, -50, 400, 400], id="larger-than-the-picture"),
    ],
)
def test_every_box_can_be_blurred(box: list[float]) -> None:
    image = noise()
    blur(image, np.array([box], np.float32), "people")
    assert image.shape == (SIZE, SIZE, 3)


@pytest.mark.parametrize("asked", [True, False])
def test_nothing_is_blurred_unless_asked_for(*, asked: bool) -> None:
    screen = Screen()
    person = tracked([frame_result([[50, 50, 90, 140]], [1], [1])])
    with for_viewers(screen, OutputConfig(blur="people" if asked else "none"), dict) as sink:
        sink.write(person)
    assert (screen.images[0] is not person.round.frames[0].image_bgr) is asked
