"""Two who look alike swap their tracks in one view; the other view, where they are apart, tells."""

from __future__ import annotations

import numpy as np
import pytest

from association.partings import Partings
from association.standing import Metres, Standing
from config import IdentityConfig
from entities import NOBODY, FloatArray, GlobalId
from identity_gallery import IdentityGallery
from tests.builders import CAM1, CAM2, box, camera_tracks, look, unit
from tests.walkers import FixedRuler

FPS = 10.0
A, B, OTHER = 1, 2, 3


def people(camera: int, time_s: float, feet_px: dict[int, float]) -> Standing:
    """People of a camera by slot, side by side at so many pixels, 100 px high."""
    count = len(feet_px)
    feet = np.array([(x, 300.0) for x in feet_px.values()]).reshape(count, 2)
    slots, some = np.array(list(feet_px), np.int64), np.ones(count)
    return Standing(camera, time_s, feet, 100.0 * some, some, 0.0 * some, some > 0, slots, slots)


def partings(together_s: float, parted_s: float, away_m: float, touch_s: float | None) -> list[tuple[int, float]]:
    """What is told of A in one camera and B in another; A touches somebody at `touch_s`."""
    out: list[tuple[int, float]] = []
    found = Partings()
    for frame in range(round((together_s + parted_s) * FPS)):
        time_s = frame / FPS
        near = touch_s is not None and abs(time_s - touch_s) < 1e-6
        first = people(0, time_s, {A: 100.0, OTHER: 120.0 if near else 500.0})
        second = people(1, time_s, {B: 100.0})
        metres = 0.2 if time_s < together_s - 1e-6 else away_m
        found.touch([first, second])
        found.note(first, second, np.array([[metres], [9.0]]), np.array([[True], [True]]), 1.0 / FPS)
        out += found.due()
    return out


@pytest.mark.parametrize(
    ("together_s", "parted_s", "away_m", "touch_s", "told"),
    [
        pytest.param(2.0, 1.0, 3.0, 2.0, True, id="parted-where-boxes-touched"),
        pytest.param(2.0, 0.7, 3.0, 2.0, True, id="just-long-enough"),
        pytest.param(2.0, 0.6, 3.0, 2.0, False, id="too-short-to-be-believed"),
        pytest.param(0.9, 1.0, 3.0, 0.9, False, id="hardly-together-before"),
        pytest.param(2.0, 1.0, 1.3, 2.0, False, id="not-far-enough"),
        pytest.param(2.0, 1.0, 3.0, None, False, id="touched-nobody"),
        pytest.param(4.0, 1.0, 3.0, 1.0, False, id="touched-long-before"),
    ],
)
def test_due(together_s: float, parted_s: float, away_m: float, touch_s: float | None, told: bool) -> None:
    found = partings(together_s, parted_s, away_m, touch_s)
    assert [(slot, round(since_s, 6)) for slot, since_s in found] == ([(A, together_s - 0.1)] if told else [])


def test_coming_back_together_is_no_parting() -> None:
    found = Partings()
    for frame in range(60):
        first, second = people(0, frame / FPS, {A: 100.0, OTHER: 110.0}), people(1, frame / FPS, {B: 100.0})
        metres = 3.0 if frame % 6 < 3 else 0.1
        found.touch([first])
        found.note(first, second, np.array([[metres], [9.0]]), np.ones((2, 1), np.bool_), 1.0 / FPS)
    assert found.due() == []


def test_a_freed_slot_is_told_nothing_of() -> None:
    found = Partings()
    for frame in range(40):
        first, second = people(0, frame / FPS, {A: 100.0, OTHER: 110.0}), people(1, frame / FPS, {B: 100.0})
        found.touch([first])
        found.note(first, second, np.array([[0.1 if frame < 20 else 4.0]] * 2), np.ones((2, 1), np.bool_), 1.0 / FPS)
    found.free_slot(B)
    assert found.due() == []


DEPTH_PX = (10.0, 50.0)
"""Pixels down the picture for a metre of depth: camera 1 looks along the floor, camera 2 from above."""


class OneFloor(FixedRuler):
    """Both cameras see one floor, on which 50 pixels across are a metre."""

    def distances_m(self, first: Standing, second: Standing) -> Metres | None:
        here, there = (s.feet_xy / (50.0, DEPTH_PX[s.camera]) for s in (first, second))
        return np.asarray(np.linalg.norm(here[:, None] - there, axis=2))


MEAN_PERSON: FloatArray = np.asarray(0.7 * look(0, 64), np.float32)


def test_a_swap_that_no_look_tells_is_undone() -> None:
    """In camera 1 the tracks of two in the same uniform go over to one another where they pass; in camera 2 not."""
    gallery = IdentityGallery(IdentityConfig(), (CAM1, CAM2), MEAN_PERSON, OneFloor())
    uniform = unit(list(MEAN_PERSON + 0.6 * look(1, 64)))
    for frame in range(120):
        time_s = frame / 15.0
        places = {1: 100.0 + 60.0 * time_s, 2: 580.0 - 60.0 * time_s}
        swapped = {1: 2, 2: 1} if time_s > 4.0 else {1: 1, 2: 2}
        depth_m = {1: 4.0, 2: 6.0}
        who_is = ({t: swapped[t] for t in (1, 2)}, {1: 1, 2: 2})
        tracks = [
            camera_tracks(
                [(t, box(places[p], DEPTH_PX[number] * depth_m[p]), uniform) for t, p in who_is[number].items()],
                frame,
                15.0,
                camera,
                64,
            )
            for number, camera in enumerate((CAM1, CAM2))
        ]
        gallery.observe(time_s, tracks)
    who: dict[tuple[str, int], list[GlobalId]] = {}
    for segment in gallery.finish():
        who.setdefault((segment.camera_id, segment.local_id), []).append(segment.global_id)
    first, second = who[CAM2, 1][0], who[CAM2, 2][0]
    assert NOBODY not in (first, second)
    assert first != second
    assert (who[CAM2, 1][-1], who[CAM2, 2][-1]) == (first, second)
    assert (who[CAM1, 1], who[CAM1, 2]) == ([first, second], [second, first])
