"""The figures are what their definitions say, worked out here a second way in worlds where no match is in doubt."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from typing import NamedTuple

import numpy as np
import pytest

from evaluation.mot_files import MotRows
from evaluation.scores import score

pytest.importorskip("trackeval", reason="scoring needs trackeval")

CAMERAS, FRAMES, PEOPLE, IDS = 2, 12, 3, 4
WIDTH = 20.0
SHIFTS = (0.0, 2.0, 5.0, 8.0)
"""How far results are off, pixels: overlaps of 1, .82, .6 and .43."""


class Pair(NamedTuple):
    """A true box and the result at the same place."""

    person: int
    found_id: int
    overlap: float


class World(NamedTuple):
    """Boxes so far apart that each result fits one person or nobody."""

    truth: list[MotRows]
    found: list[MotRows]
    pairs: list[Pair]
    true_count: Counter[int]
    found_count: Counter[int]

    @property
    def rows(self) -> tuple[int, int]:
        return self.true_count.total(), self.found_count.total()


def rows_of(boxes: list[tuple[int, int, float]]) -> MotRows:
    table = np.array([(f, i, x, 0.0, WIDTH, 50.0) for f, i, x in boxes]).reshape(-1, 6)
    return MotRows(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2:])


def world(seed: int) -> World:
    """People are there or not, found or not, well or badly, and their ids change now and then; there are ghosts."""
    rng = np.random.default_rng(seed)
    truth, found, pairs = [], [], []
    for _ in range(CAMERAS):
        true_boxes, found_boxes = [], []
        carried = rng.permutation(IDS)
        for frame in range(1, FRAMES + 1):
            if rng.random() < 0.15:
                carried = rng.permutation(IDS)
            for person in range(PEOPLE):
                x = 100.0 * person
                there, seen = rng.random() < 0.8, rng.random() < 0.7
                shift = float(rng.choice(SHIFTS))
                if there:
                    true_boxes.append((frame, person, x))
                if seen:
                    found_boxes.append((frame, int(carried[person]), x + shift))
                if there and seen:
                    pairs.append(Pair(person, int(carried[person]), (WIDTH - shift) / (WIDTH + shift)))
        truth.append(rows_of(true_boxes))
        found.append(rows_of(found_boxes))
    true_count = Counter(int(i) for rows in truth for i in rows.ids)
    return World(truth, found, pairs, true_count, Counter(int(i) for rows in found for i in rows.ids))


def hota(world: World) -> tuple[float, float, float]:
    """HOTA, DetA and AssA in percent: Luiten et al. (2021), equations 5 to 10 and 13."""
    figures = []
    for alpha in np.arange(1, 20) / 20:
        hits = Counter((pair.person, pair.found_id) for pair in world.pairs if pair.overlap >= alpha)
        hit = hits.total()
        detection = hit / (sum(world.rows) - hit)
        association = sum(
            count * count / (world.true_count[person] + world.found_count[found_id] - count)
            for (person, found_id), count in hits.items()
        ) / max(hit, 1)
        figures.append(((detection * association) ** 0.5, detection, association))
    overall, detection, association = 100.0 * np.mean(figures, axis=0)
    return overall, detection, association


def idf1(world: World) -> float:
    """In percent: Ristani et al. (2016), the best of all ways to give each person an id of its own."""
    hits = Counter((pair.person, pair.found_id) for pair in world.pairs if pair.overlap >= 0.5)
    best = max(sum(hits[pair] for pair in enumerate(ids)) for ids in permutations(range(IDS), PEOPLE))
    return 100.0 * 2 * best / sum(world.rows)


def mota(world: World) -> tuple[float, int]:
    """MOTA in percent and switches: Bernardin and Stiefelhagen (2008)."""
    last: dict[int, int] = {}
    hit = switches = 0
    for person, found_id, overlap in world.pairs:
        if overlap >= 0.5:
            hit += 1
            switches += last.setdefault(person, found_id) != found_id
            last[person] = found_id
    true, found = world.rows
    return 100.0 * (1 - ((true - hit) + (found - hit) + switches) / true), switches


@pytest.mark.parametrize("seed", range(8))
def test_scores_are_as_defined(seed: int) -> None:
    made = world(seed)
    scores = score(made.truth, made.found)
    for name, want in zip(("HOTA", "DetA", "AssA"), hota(made), strict=True):
        assert scores[name] == pytest.approx(want, abs=0.051), name
    assert scores["IDF1"] == pytest.approx(idf1(made), abs=0.051)
    assert scores["MOTA"] == pytest.approx(mota(made)[0], abs=0.051)
    assert scores["IDSW"] == mota(made)[1]
    assert (scores["people"], scores["ids"]) == (len(made.true_count), len(made.found_count))
    assert scores["shared"] == 0
