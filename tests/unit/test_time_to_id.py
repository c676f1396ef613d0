"""How soon people have an id: small cases, worked out by hand, at 10 frames per second."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pytest

from evaluation.mot_files import MotRows
from evaluation.time_to_id import Entry, entries_of, matched, summary_of

FPS = 10.0
Row = tuple[int, int, float]
"""Frame, id and left border of a box of 10 by 20 pixels."""


def rows(boxes: Iterable[Row]) -> MotRows:
    table = np.array([(f, i, x, 0.0, 10.0, 20.0) for f, i, x in boxes]).reshape(-1, 6)
    return MotRows(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:])


def stay(first: int, last: int, person: int = 1, x: float = 0.0) -> list[Row]:
    """A person who stands still from one frame to another, both included."""
    return [(frame, person, x) for frame in range(first, last + 1)]


@pytest.mark.parametrize(
    ("truth", "shown", "found", "want"),
    [
        pytest.param([], stay(1, 9), stay(1, 9), [], id="nobody-there"),
        pytest.param(stay(1, 9), [], [], [Entry(None, None)], id="never-found"),
        pytest.param(stay(1, 9), [], stay(1, 9), [Entry(None, None)], id="found-but-never-shown"),
        pytest.param(stay(1, 9), stay(1, 9), [], [Entry(0.0, 0.0)], id="at-once"),
        pytest.param(stay(5, 9), stay(8, 9), stay(6, 9), [Entry(0.3, 0.2)], id="found-then-shown"),
        pytest.param(stay(5, 9), stay(8, 9), [], [Entry(0.3, 0.0)], id="shown-is-found"),
        pytest.param(stay(5, 9), stay(8, 9, 77), [], [Entry(0.3, 0.0)], id="whatever-the-number"),
        pytest.param(stay(5, 9), stay(1, 4), [], [Entry(None, None)], id="shown-before-is-not-at-the-person"),
        pytest.param([*stay(1, 4), *stay(14, 20)], stay(14, 20), [], [Entry(1.3, 0.0)], id="away-for-exactly-a-second"),
        pytest.param(
            [*stay(1, 4), *stay(15, 20)], stay(3, 16), [], [Entry(0.2, 0.0), Entry(0.0, 0.0)], id="away-for-longer"
        ),
        pytest.param(
            [*stay(1, 9, 1), *stay(1, 9, 2, 50.0)],
            [*stay(3, 9, 8, 50.0), *stay(5, 9, 9)],
            [],
            [Entry(0.4, 0.0), Entry(0.2, 0.0)],
            id="two-people",
        ),
        pytest.param(stay(1, 9)[::-1], stay(3, 9), [], [Entry(0.2, 0.0)], id="rows-in-any-order"),
    ],
)
def test_entries(truth: list[Row], shown: list[Row], found: list[Row], want: list[Entry]) -> None:
    assert entries_of(rows(truth), rows(shown), rows(found), FPS) == want


def test_a_camera_of_one_frame_in_two_seconds_has_no_gaps_between_neighbours() -> None:
    assert len(entries_of(rows(stay(1, 5)), rows([]), rows([]), fps=0.5)) == 1


@pytest.mark.parametrize(
    ("truth", "results", "want"),
    [
        pytest.param([(1, 1, 0.0)], [(1, 1, 3.0)], [True], id="seven-of-thirteen"),
        pytest.param([(1, 1, 0.0)], [(1, 1, 4.0)], [False], id="six-of-fourteen"),
        pytest.param([(1, 1, 0.0)], [(2, 1, 0.0)], [False], id="another-frame"),
        pytest.param([(1, 1, 0.0), (1, 2, 1.0)], [(1, 1, 1.0)], [False, True], id="one-box-is-for-one-person"),
        pytest.param([(1, 1, 0.0), (1, 2, 2.0)], [(1, 5, 1.0), (1, 6, -2.0)], [True, True], id="most-people-get-one"),
        pytest.param([], [(1, 1, 0.0)], [], id="nobody"),
    ],
)
def test_matched(truth: list[Row], results: list[Row], want: list[bool]) -> None:
    assert matched(rows(truth), rows(results)).tolist() == want


def test_half_over_is_enough() -> None:
    half = MotRows(np.array([1]), np.array([1]), np.array([[0.0, 0.0, 10.0, 10.0]]))
    assert matched(rows([(1, 1, 0.0)]), half).tolist() == [True]


@pytest.mark.parametrize(
    ("times_s", "never", "median_s", "p90_s"),
    [
        pytest.param([], 0, None, None, id="no-entries"),
        pytest.param([], 2, None, None, id="none-with-an-id"),
        pytest.param([0.5], 0, 0.5, 0.5, id="one"),
        pytest.param([0.1, 0.2, 0.9], 1, 0.2, 0.76, id="those-without-are-counted-not-timed"),
        pytest.param([i / 10 for i in range(11)], 0, 0.5, 0.9, id="eleven"),
    ],
)
def test_summary(times_s: Sequence[float], never: int, median_s: float | None, p90_s: float | None) -> None:
    entries = [Entry(time_s, time_s / 2) for time_s in times_s] + [Entry(None, None)] * never
    found = summary_of(entries)
    assert (found.entries, found.without_id) == (len(times_s) + never, never)
    assert (found.median_s, found.p90_s) == (median_s, p90_s)
    assert found.found_median_s == (None if median_s is None else pytest.approx(median_s / 2))
    assert found.found_p90_s == (None if p90_s is None else pytest.approx(p90_s / 2))
