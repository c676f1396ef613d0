"""When what a job learns of people's looks is handed over: soon at first, so that they can be searched for."""

from __future__ import annotations

import math
from functools import partial

from acquaintances import KnownLook
from entities import GlobalId
from multi_camera_tracker import Looks
from store.looks import LooksLearnt
from tests.builders import CAM1, look


def known(boxes: int) -> Looks:
    return [KnownLook(GlobalId(1), CAM1, look(1), boxes / 10.0, boxes, 0.0, boxes / 10.0)], {}


def test_soon_at_first_then_every_ten_seconds_and_at_the_end() -> None:
    learnt, handed_over_s = LooksLearnt(), []
    for second in [*range(40), math.inf]:
        learnt.offer(float(second), lambda: known(3))
        handed_over_s += [second] if learnt.take() != ((), {}) else []
    assert handed_over_s == [1, 2, 4, 8, 16, 26, 36, math.inf]


def test_only_what_is_new_is_handed_over() -> None:
    learnt = LooksLearnt()
    for second, boxes, new in ((1.0, 3, 1), (2.0, 3, 0), (4.0, 4, 1)):
        learnt.offer(second, partial(known, boxes))
        assert len(learnt.take()[0]) == new
