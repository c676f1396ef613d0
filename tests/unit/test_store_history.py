"""The small steps on the way into the store: stretches, presence, and the corrected history's labels."""

from __future__ import annotations

import pytest

from entities import CameraId, GlobalId, LocalId, RoundResult, Segment
from store.gathering import Gatherer
from store.history import Labels
from store.presence import Presence
from tests.builders import CAM1, CAM2, box, frame_result

FPS = 10.0


@pytest.mark.parametrize(
    ("segments", "parts"),
    [
        pytest.param([], [(10, 20, 0)], id="of-nobody"),
        pytest.param([(0, 50, 3)], [(10, 20, 3)], id="one-around-it"),
        pytest.param([(10, 20, 3)], [(10, 20, 3)], id="one-just-as-long"),
        pytest.param([(0, 9, 3), (21, 30, 3)], [(10, 20, 0)], id="up-to-its-ends"),
        pytest.param([(0, 10, 3), (20, 30, 4)], [(10, 10, 3), (20, 20, 4)], id="on-its-ends"),
        pytest.param([(0, 14, 3), (15, 30, 4)], [(10, 14, 3), (15, 20, 4)], id="two"),
        pytest.param([(12, 14, 3)], [(12, 14, 3)], id="nobody-around-somebody-is-left-out"),
        pytest.param([(10, 12, 3), (16, 20, 3)], [(10, 20, 3)], id="a-gap-within-one-is-closed"),
        pytest.param([(10, 12, 3), (13, 13, 0), (14, 20, 3)], [(10, 20, 3)], id="also-where-it-says-nobody"),
        pytest.param(
            [(5, 11, 3), (12, 13, 4), (14, 20, 3)], [(10, 11, 3), (12, 13, 4), (14, 20, 3)], id="there-and-back"
        ),
    ],
)
def test_labels(segments: list[tuple[int, int, int]], parts: list[tuple[int, int, int]]) -> None:
    history = [Segment(CAM1, LocalId(1), first, last, GlobalId(who)) for first, last, who in segments]
    labels = Labels([*reversed(history), Segment(CAM2, LocalId(1), 0, 99, GlobalId(9))])
    assert labels.of(("cam1", 1), 10, 20) == parts


def gather(frames: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """First and last frame and identity of every stretch of one track, seen under an identity in each frame."""
    gatherer = Gatherer()
    last = {}
    for frame, who in frames:
        gatherer.add(frame_result([box()], [1], [who], frame, FPS))
        for stretch in gatherer.take(frame / FPS):
            last[stretch.first_frame] = (stretch.first_frame, stretch.last_frame, int(stretch.identity))
    return sorted(last.values())


@pytest.mark.parametrize(
    ("frames", "stretches"),
    [
        pytest.param([(0, 1)], [(0, 0, 1)], id="one-frame"),
        pytest.param([(0, 1), (10, 1)], [(0, 10, 1)], id="a-gap-of-a-second-is-none"),
        pytest.param([(0, 1), (11, 1)], [(0, 0, 1), (11, 11, 1)], id="a-longer-one-is"),
        pytest.param([(0, 0), (1, 1), (2, 1)], [(0, 2, 1)], id="who-it-is-now-it-was-before"),
        pytest.param([(0, 1), (1, 2)], [(0, 0, 1), (1, 1, 2)], id="somebody-else"),
        pytest.param([(0, 1), (1, 0), (2, 1)], [(0, 0, 1), (1, 2, 1)], id="nobody-for-a-moment"),
        pytest.param([(i, 1) for i in range(0, 605, 5)], [(0, 600, 1)], id="a-minute"),
        pytest.param([(i, 1) for i in range(0, 610, 5)], [(0, 600, 1), (605, 605, 1)], id="more-than-a-minute"),
    ],
)
def test_stretches(frames: list[tuple[int, int]], stretches: list[tuple[int, int, int]]) -> None:
    assert gather(frames) == stretches


def seen(presence: Presence, frame: int, camera: CameraId, who: list[int]) -> list[tuple[str, int]]:
    """What a round in which one camera sees some people brings about."""
    result = frame_result([box(90.0 * name) for name in who], who, who, frame, FPS, camera)
    return [(each.kind, each.person) for each in presence.add(RoundResult(0, frame / FPS, (result,)))]


def test_people_are_handed_over_and_leave() -> None:
    presence = Presence()
    assert seen(presence, 0, CAM1, [1, 2]) == []
    assert seen(presence, 10, CAM2, [1]) == [("handed_over", 1)]
    assert seen(presence, 20, CAM1, [1]) == [], "who is in both is handed over once"
    assert seen(presence, 50, CAM1, [1]) == [], "five seconds are not long"
    assert seen(presence, 51, CAM1, [1]) == [("left", 2)]
    assert seen(presence, 60, CAM2, [2]) == [], "who comes back begins anew"


def test_who_becomes_somebody_else_has_not_left() -> None:
    presence = Presence()
    seen(presence, 0, CAM1, [1, 2])
    presence.merge(GlobalId(2), GlobalId(1))
    assert seen(presence, 90, CAM2, [3]) == [("left", 1)]
