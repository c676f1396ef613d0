"""What is drawn on a camera's picture: in the person's colour, in place, and readable."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from entities import CameraId, FrameResult, GlobalId
from sinks.annotate import TRAIL_POINTS, Annotator, Trails
from sinks.lettering import Lettering, clock, printable
from sinks.palette import UNKNOWN, BgrColour, colour_of
from tests.builders import CAM1, box, frame_result

SHADE = 90
FPS = 10.0


def canvas(width: int = 400, height: int = 300) -> NDArray[np.uint8]:
    return np.full((height, width, 3), SHADE, np.uint8)


def has(picture: NDArray[np.uint8], colour: BgrColour) -> NDArray[np.bool_]:
    """Where the picture has exactly this colour."""
    return np.asarray((picture == colour).all(axis=2))


def found(
    boxes: list[list[float]], global_ids: list[int], index: int = 0, observed: list[bool] | None = None
) -> FrameResult:
    result = frame_result(boxes, range(1, len(boxes) + 1), global_ids, index=index, fps=FPS)
    seen = np.asarray([True] * len(boxes) if observed is None else observed, np.bool_)
    return FrameResult(
        CAM1,
        index,
        result.timestamp_s,
        result.boxes_xyxy,
        result.scores,
        result.local_ids,
        result.global_ids,
        seen,
    )


def drawn(result: FrameResult, scale: tuple[float, float] = (1.0, 1.0), trail_s: float = 0.0) -> NDArray[np.uint8]:
    picture = canvas()
    Annotator(Lettering(), 14, trail_s).draw(picture, result, scale)
    return picture


def test_nobody_leaves_the_picture_alone() -> None:
    assert np.array_equal(drawn(found([], [])), canvas())


@pytest.mark.parametrize(
    "scale", [pytest.param((1.0, 1.0), id="full-size"), pytest.param((0.5, 0.25), id="smaller-in-both-ways")]
)
def test_the_box_is_where_the_person_is(scale: tuple[float, float]) -> None:
    x1, y1, x2, y2 = 100.0, 120.0, 180.0, 280.0
    mask = has(drawn(found([[x1, y1, x2, y2]], [7]), scale), colour_of(GlobalId(7)))
    for x in (x1, x2):
        for y in (0.6 * y1 + 0.4 * y2, y2):
            assert mask[round(y * scale[1]), round(x * scale[0])], (x, y)
    assert not mask[round((y1 + y2) / 2 * scale[1]), round((x1 + x2) / 2 * scale[0])], "the person stays visible"


def test_a_person_has_one_colour_everywhere() -> None:
    one, other = (drawn(found([box(cx, 250)], [7])) for cx in (100, 300))
    assert has(one, colour_of(GlobalId(7))).sum() == has(other, colour_of(GlobalId(7))).sum() > 300


def test_an_unknown_person_is_a_thin_grey_box_without_a_label() -> None:
    picture = drawn(found([[100, 100, 180, 280]], [0]))
    outline = 2 * (80 + 180)
    assert has(picture, UNKNOWN).sum() == outline
    assert (picture != SHADE).any(axis=2).sum() == outline


def test_a_carried_box_is_dashed() -> None:
    seen, carried = (drawn(found([[100, 100, 180, 280]], [7], observed=[flag])) for flag in (True, False))
    foot = slice(279, 282), slice(105, 175)
    share = [float(has(picture, colour_of(GlobalId(7)))[foot].any(axis=0).mean()) for picture in (seen, carried)]
    assert share[0] == 1.0
    assert 0.3 < share[1] < 0.9


@pytest.mark.parametrize(
    "place",
    [
        pytest.param([-50.0, -80.0, 30.0, 60.0], id="top-left"),
        pytest.param([370.0, 200.0, 460.0, 380.0], id="bottom-right"),
        pytest.param([-1e7, -1e7, 1e7, 1e7], id="larger-than-all"),
        pytest.param([500.0, 400.0, 600.0, 500.0], id="outside"),
        pytest.param([200.0, 100.0, 200.0, 100.0], id="no-area"),
    ],
)
@pytest.mark.parametrize("observed", [True, False])
def test_the_label_stays_inside_the_picture(place: list[float], observed: bool) -> None:
    mask = has(drawn(found([place], [7], observed=[observed])), colour_of(GlobalId(7)))
    assert mask.sum() > 300, "a whole tag"


def test_labels_of_a_crowd_do_not_cover_each_other() -> None:
    boxes = [box(100 + 12 * k, 200 + 10 * k, 120) for k in range(3)]
    together = drawn(found(boxes, [1, 2, 3]))
    for global_id, place in zip((1, 2, 3), boxes, strict=True):
        alone = drawn(found([place], [global_id]))
        tag = [has(picture, (0, 0, 0)).sum() for picture in (alone, together)]
        assert tag[0] > 20, "black ink"
        assert tag[1] >= 2.5 * tag[0], "the ink of three tags"


def test_people_in_front_are_drawn_over_people_behind() -> None:
    behind, front = [100.0, 100.0, 200.0, 220.0], [150.0, 120.0, 250.0, 280.0]
    for boxes, ids in (([behind, front], [1, 2]), ([front, behind], [2, 1])):
        assert has(drawn(found(boxes, ids)), colour_of(GlobalId(2)))[220, 150]


class TestTrails:
    @staticmethod
    def walk(trails: Trails, steps: range, global_id: int = 7, observed: bool = True) -> None:
        for k in steps:
            trails.add(found([box(50 + 5 * k, 200)], [global_id], index=k, observed=[observed]))

    def test_a_walk_leaves_points_at_the_feet(self) -> None:
        trails = Trails(2.0)
        self.walk(trails, range(5))
        (run,) = trails.runs(GlobalId(7))
        assert np.allclose(run, [[k / FPS, 50 + 5 * k, 200] for k in range(5)])

    @pytest.mark.parametrize("length_s", [0.5, 1.0, 2.4, 60.0])
    def test_length(self, length_s: float) -> None:
        trails = Trails(length_s)
        self.walk(trails, range(1000))
        (run,) = trails.runs(GlobalId(7))
        assert len(run) <= TRAIL_POINTS
        assert run[-1, 0] == 99.9, "up to where the person is now"
        assert length_s - 2 * max(0.1, length_s / TRAIL_POINTS) <= 99.9 - run[0, 0] <= length_s + 1e-9

    def test_no_length_no_trail(self) -> None:
        trails = Trails(0.0)
        self.walk(trails, range(10))
        assert trails.runs(GlobalId(7)) == []

    def test_a_pause_breaks_the_trail(self) -> None:
        trails = Trails(2.0)
        self.walk(trails, range(5))
        self.walk(trails, range(15, 19))
        assert [len(run) for run in trails.runs(GlobalId(7))] == [5, 4]

    def test_people_gone_are_forgotten(self) -> None:
        trails = Trails(1.0)
        for k in range(500):
            self.walk(trails, range(k, k + 1), global_id=k + 1)
        assert len(trails) <= 11

    @pytest.mark.parametrize(
        ("global_id", "observed"), [pytest.param(0, True, id="unknown"), pytest.param(7, False, id="carried")]
    )
    def test_only_people_known_and_seen_leave_one(self, global_id: int, observed: bool) -> None:
        trails = Trails(1.0)
        self.walk(trails, range(5), global_id, observed)
        assert len(trails) == 0

    def test_it_is_drawn_behind_the_person_and_fades(self) -> None:
        annotator = Annotator(Lettering(), 14, 2.0)
        for k in range(20):
            picture = canvas()
            annotator.draw(picture, found([box(60 + 15 * k, 250, 60)], [7], index=k), (1.0, 1.0))
        strength = np.abs(picture[250, 60:320].astype(int) - SHADE).max(axis=1)
        assert strength[:40].max() > 10, "the old end is there"
        assert strength[:40].mean() < strength[200:230].mean() / 2, "and fainter than the new one"

    def test_a_way_outside_the_picture_draws_nothing(self) -> None:
        annotator = Annotator(Lettering(), 14, 2.0)
        for k in range(5):
            picture = canvas()
            annotator.draw(picture, found([box(1000 + 15 * k, 250, 60)], [7], index=k), (1.0, 1.0))
        assert (picture[:, :300] == SHADE).all()


@pytest.mark.parametrize(
    ("time_s", "text"),
    [
        pytest.param(-1.0, "00:00.0", id="before-the-start"),
        pytest.param(0.0, "00:00.0", id="start"),
        pytest.param(0.3, "00:00.3", id="float-noise-does-not-show"),
        pytest.param(59.99, "00:59.9", id="never-rounded-up"),
        pytest.param(60.0, "01:00.0", id="a-minute"),
        pytest.param(3723.4, "1:02:03.4", id="hours"),
    ],
)
def test_clock(time_s: float, text: str) -> None:
    assert clock(time_s) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("cam11", "cam11", id="plain"),
        pytest.param("Süd-Tor 入口", "Süd-Tor 入口", id="unicode"),
        pytest.param("a\nb\x00c", "a?b?c", id="control-characters"),
        pytest.param(CameraId("x\udcff"), "x?", id="undecodable-file-name"),
    ],
)
def test_any_name_can_be_written(name: str, shown: str) -> None:
    assert printable(name) == shown
    picture = canvas()
    Lettering().write(picture, shown, (10, 50), (255, 255, 255), 16)
    assert (picture > SHADE).any()


@pytest.mark.parametrize(
    ("room_px", "start", "end"),
    [
        pytest.param(1000, "north entrance", "north entrance", id="enough-room"),
        pytest.param(60, "nor", "…", id="cut"),
        pytest.param(3, "", "", id="no-room"),
    ],
)
def test_text_is_cut_to_its_room(room_px: int, start: str, end: str) -> None:
    lettering = Lettering()
    fitted = lettering.fitted("north entrance", room_px, 14)
    assert fitted.startswith(start)
    assert fitted.endswith(end)
    assert bool(fitted) == bool(start)
    assert lettering.width(fitted, 14) <= room_px
