"""Distances that nobody measured: learnt soon where people show them, given up where they do not hold any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from association.encounters import FAR_M
from association.learnt_ruler import LearntRuler
from association.standing import Metres, Standing
from entities import CameraId
from tests.builders import CAM1, CAM2
from tests.walkers import CORNER, OPPOSITE, FixedRuler, standing

EVERYBODY = range(7)


class FloorRuler(FixedRuler):
    """Knows the truth about both cameras, as if somebody had measured their floors."""

    def distances_m(self, first: Standing, second: Standing) -> Metres | None:
        a, b = (self._floor(of) for of in (first, second))
        return np.asarray(np.linalg.norm(a[:, None] - b, axis=2))

    def _floor(self, of: Standing) -> Metres:
        corners = np.array([[-4.0, -4.0], [4.0, -4.0], [4.0, 4.0], [-4.0, 4.0]])
        view = (CORNER, OPPOSITE)[of.camera].feet(corners)
        rows = [
            row
            for (x, y), (u, v) in zip(corners, view, strict=True)
            for row in ([u, v, 1, 0, 0, 0, -x * u, -x * v, -x], [0, 0, 0, u, v, 1, -y * u, -y * v, -y])
        ]
        matrix = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
        mapped = np.column_stack([of.feet_xy, np.ones(len(of.feet_xy))]) @ matrix.T
        return np.asarray(mapped[:, :2] / mapped[:, 2:])


class Watched:
    """A ruler that has watched walkers; camera 2 may be late, and its people mistaken from a time on."""

    def __init__(
        self,
        seconds: float,
        *,
        offset_s: float = 0.0,
        people: Sequence[int] = EVERYBODY,
        taken_for: Sequence[int] | None = None,
        mistaken_s: float = 0.0,
        measured: FloorRuler | None = None,
        cameras: Sequence[CameraId] = (CAM1, CAM2),
    ) -> None:
        self.ruler = LearntRuler(cameras, measured)
        self.news: list[tuple[float, str]] = []
        for time_s in np.arange(0.0, seconds, 0.1).tolist():
            first = standing(0, time_s, people, noise_px=2.0)
            second = standing(1, time_s, people, shown_s=time_s - offset_s, noise_px=2.0)
            if taken_for is not None and time_s >= mistaken_s:
                second = replace(second, slots=second.slots + 50, identities=np.array(taken_for) + 1)
            self.ruler.watch([first, second])
            self.news += [(time_s, line) for line in self.ruler.news()]
            self.last = (first, second)

    @property
    def distances_m(self) -> Metres | None:
        return self.ruler.distances_m(*self.last)


def feed(ruler: LearntRuler, start_s: float, seconds: float, taken_for: Sequence[int] = EVERYBODY) -> None:
    """Let a ruler go on watching; people of camera 2 are taken for others."""
    for time_s in np.arange(start_s, start_s + seconds, 0.1).tolist():
        second = standing(1, time_s, EVERYBODY, noise_px=2.0)
        second = replace(second, slots=second.slots + 50, identities=np.array(taken_for) + 1)
        ruler.watch([standing(0, time_s, EVERYBODY, noise_px=2.0), second])


def apart(distances: Metres | None) -> tuple[float, float]:
    """The largest distance of anybody to himself, the median one to somebody else."""
    assert distances is not None
    own = np.eye(len(distances), dtype=bool)
    return float(distances[own].max()), float(np.median(distances[~own]))


def test_learns_within_ten_seconds() -> None:
    watched = Watched(10.0)
    [(time_s, line)] = watched.news
    assert 6.0 <= time_s <= 9.5
    assert line.startswith("cam1 and cam2: they see one floor: places of 7 people agree within 0.")
    same, other = apart(watched.distances_m)
    assert same < 0.3 < 1.0 < other


def test_says_nothing_before() -> None:
    watched = Watched(5.5)
    assert watched.distances_m is None
    assert watched.news == []


@pytest.mark.parametrize(
    ("people", "taken_for"),
    [
        pytest.param(range(3), None, id="three-people"),
        pytest.param(EVERYBODY, [1, 2, 3, 4, 5, 6, 0], id="everybody-taken-for-somebody-else"),
        pytest.param(EVERYBODY, [10, 11, 12, 13, 14, 15, 16], id="nobody-in-both"),
        pytest.param([], None, id="nobody"),
    ],
)
def test_never_learns(people: Sequence[int], taken_for: Sequence[int] | None) -> None:
    watched = Watched(14.0, people=people, taken_for=taken_for)
    assert watched.distances_m is None
    assert watched.news == []


def test_the_order_of_the_cameras_does_not_matter() -> None:
    watched = Watched(8.0)
    first, second = watched.last
    distances = watched.ruler.distances_m(first, second)
    turned = watched.ruler.distances_m(second, first)
    assert distances is not None
    assert turned is not None
    assert np.array_equal(distances, turned.T)


def test_a_learnt_map_never_bars() -> None:
    distances = Watched(8.0).distances_m
    assert distances is not None
    assert 2.0 < distances.max() < FAR_M


def test_feet_that_are_not_seen_are_not_measured() -> None:
    watched = Watched(8.0)
    first, second = watched.last
    hidden = replace(first, clear=np.arange(len(EVERYBODY)) != 2)
    distances = watched.ruler.distances_m(hidden, second)
    assert distances is not None
    assert np.isnan(distances).all(axis=1).tolist() == [i == 2 for i in EVERYBODY]


def test_given_up_when_it_does_not_hold_any_more() -> None:
    watched = Watched(30.0, taken_for=[1, 2, 3, 4, 5, 6, 0], mistaken_s=10.0)
    [_, (time_s, line)] = watched.news
    assert line == "cam1 and cam2: places do not agree any more, and no longer count"
    assert time_s > 15.0
    assert watched.distances_m is None


def test_doubted_it_is_kept_and_learnt_anew_from_then_on() -> None:
    watched = Watched(10.0)
    watched.ruler.doubt((0, 1), 10.0)
    assert watched.ruler.proven_s((1, 0)) < 10.0
    assert watched.distances_m is not None
    feed(watched.ruler, 10.0, 8.0)
    assert watched.ruler.proven_s((0, 1)) > 12.0
    assert watched.ruler.news() == []


def test_what_was_seen_before_a_doubt_proves_nothing() -> None:
    """From then on everybody is taken for somebody else: without the doubt, those from before are the majority yet."""
    watched = Watched(30.0)
    watched.ruler.doubt((0, 1), 30.0)
    feed(watched.ruler, 30.0, 8.0, taken_for=[1, 2, 3, 4, 5, 6, 0])
    assert watched.distances_m is None


def test_kept_while_nobody_is_there() -> None:
    ruler = Watched(10.0).ruler
    nobody = [standing(camera, 10.0, []) for camera in (0, 1)]
    for time_s in np.arange(10.0, 80.0, 0.25).tolist():
        ruler.watch([replace(of, time_s=time_s) for of in nobody])
    assert ruler.news() == []
    assert ruler.distances_m(*[standing(camera, 80.0, EVERYBODY) for camera in (0, 1)]) is not None


@pytest.mark.parametrize("offset_s", [-1.2, 0.8])
@pytest.mark.parametrize("measured", [None, FloorRuler()], ids=["learnt", "calibrated"])
def test_allows_for_the_offset_of_the_clocks(offset_s: float, measured: FloorRuler | None) -> None:
    watched = Watched(16.0, offset_s=offset_s, measured=measured)
    assert any(f"cam2 shows the same moment {offset_s:+.1f} s later" in line for _, line in watched.news)
    same, other = apart(watched.distances_m)
    assert same < 0.4 < 1.0 < other


def test_finds_no_offset_where_there_is_none() -> None:
    assert not any("moment" in line for _, line in Watched(16.0, measured=FloorRuler()).news)


def test_what_is_measured_is_not_learnt() -> None:
    measured = FloorRuler()
    watched = Watched(8.0, measured=measured)
    assert watched.distances_m == pytest.approx(measured.distances_m(*watched.last))


def test_one_camera() -> None:
    ruler = LearntRuler([CAM1])
    ruler.watch([standing(0, 0.0, EVERYBODY)])
    assert ruler.news() == []
