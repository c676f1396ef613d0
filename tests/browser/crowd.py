"""A store that has seen a thousand people, made in a moment: many to a picture, each painted in a colour of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from entities import EventKind, Frame, GlobalId, IdentityEvent, Round, RoundResult, TrackedRound
from sinks.palette import colour_of
from store_settings import StoreConfig
from tests.builders import CAM1, CAM2, frame_result, unseen
from tests.stored import run_job

PEOPLE = 1000
AT_ONCE = 20
ROUNDS = 3
FPS = 2.0
SIZE_PX = (640, 480)


def remember_a_crowd(folder: Path) -> None:
    """Write it into `store.db` of a folder; the first people are seen by both cameras and told apart by events."""
    config = StoreConfig(url=str(folder / "store.db"))
    run_job(config, list(_rounds()), results=None)


def _rounds() -> Iterator[TrackedRound]:
    for first in range(0, PEOPLE, AT_ONCE):
        people = [first + i + 1 for i in range(AT_ONCE)]
        for step in range(ROUNDS):
            index = first // AT_ONCE * ROUNDS + step
            camera = CAM2 if step == ROUNDS - 1 and first < 200 else CAM1
            boxes = [[10.0 + 30 * i + 2 * step, 200.0, 34.0 + 30 * i + 2 * step, 272.0] for i in range(AT_ONCE)]
            frame = Frame(camera, index, index / FPS, _picture(people, boxes))
            result = frame_result(boxes, people, people, index, FPS, camera)
            events = tuple(_appeared(person, index / FPS) for person in people) if step == 0 else ()
            round_ = Round(index, index / FPS, (frame,))
            yield unseen(round_, RoundResult(index, index / FPS, (result,), AT_ONCE, people[-1], events))


def _appeared(person: int, time_s: float) -> IdentityEvent:
    return IdentityEvent(time_s, EventKind.APPEARED, GlobalId(person), reason="nobody known fits")


def _picture(people: list[int], boxes: list[list[float]]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """People as standing blocks: head, coat, legs."""
    image = np.full((SIZE_PX[1], SIZE_PX[0], 3), 200, np.uint8)
    for person, box in zip(people, boxes, strict=True):
        x1, y1, x2, y2 = (round(value) for value in box)
        third = (x2 - x1) // 3
        image[y1 + 2 : y1 + 12, x1 + third : x2 - third] = (150, 180, 220)
        image[y1 + 12 : y1 + 42, x1 + 3 : x2 - 3] = colour_of(GlobalId(person))
        image[y1 + 42 : y2, x1 + 6 : x2 - 6] = colour_of(GlobalId(person + 7))
    image.setflags(write=False)
    return image
