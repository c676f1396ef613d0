"""Where everybody stood, in metres: told by the cameras that see the feet, smoothed, by the corrected ids."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from association.geometry import FloorView
from config import OutputConfig
from entities import CameraId, FrameResult, LocalId, RoundResult, Segment, Source
from scenes.camera import Camera, look_at
from sinks.floor import FLOOR, HEADER, SPOOL, FloorRecord, Places, by_round, place_rows, places_of, smoothed
from sinks.records import record_sinks, remove_records
from sinks.rows import as_shown
from tests.builders import CAM1, CAM2, SIZE_PX, frame_result, tracked

SOUTH = look_at((0.0, -6.0, 3.0), (0.0, 0.0, 0.0), 80.0, SIZE_PX)
WEST = look_at((-6.0, 0.0, 3.0), (0.0, 0.0, 0.0), 80.0, SIZE_PX)
VIEWS = {CAM1: FloorView(SOUTH.floor_to_image, SIZE_PX), CAM2: FloorView(WEST.floor_to_image, SIZE_PX)}
FPS = 15.0


def person(camera: Camera, x_m: float, y_m: float) -> list[float]:
    """The box of somebody who stands there."""
    (foot, head), _ = camera.project(np.array([[x_m, y_m, 0.0], [x_m, y_m, 1.7]]))
    height = float(foot[1] - head[1])
    return [float(foot[0]) - 0.2 * height, float(foot[1]) - height, float(foot[0]) + 0.2 * height, float(foot[1])]


def seen(
    camera: CameraId, people: dict[int, tuple[float, float]], frame: int = 0, ids: Sequence[int] | None = None
) -> FrameResult:
    """A frame with people by track at places in metres; ids are the tracks' numbers unless said."""
    view = SOUTH if camera == CAM1 else WEST
    boxes = [person(view, *place) for place in people.values()]
    return frame_result(boxes, list(people), list(people) if ids is None else ids, frame, FPS, camera)


def write(folder: Path, rounds: Sequence[Sequence[FrameResult]], segments: Sequence[Segment] | None) -> str:
    with FloorRecord([CAM1, CAM2], VIEWS, folder) as sink:
        for index, results in enumerate(rounds):
            sink.write(tracked(results, index, FPS))
        if segments is not None:
            sink.finish(tuple(segments))
    assert not (folder / SPOOL).exists()
    return (folder / FLOOR).read_text()


def rows(text: str) -> list[tuple[float, int, float, float]]:
    head, *lines = text.splitlines(keepends=True)
    assert head == HEADER
    return [(float(t), int(i), float(x), float(y)) for t, i, x, y in (line.split(",") for line in lines)]


def segment(camera: CameraId, track: int, name: int) -> Segment:
    return Segment(camera, LocalId(track), 0, 999, name)  # type: ignore[arg-type]  # plain numbers read better


def test_one_row_a_person_and_round(tmp_path: Path) -> None:
    rounds = [[seen(CAM1, {1: (1.0, 0.5)}, i), seen(CAM2, {1: (1.0, 0.5), 2: (-1.0, 0.0)}, i)] for i in range(3)]
    found = rows(write(tmp_path / "r", rounds, [segment(CAM1, 1, 7), segment(CAM2, 1, 7), segment(CAM2, 2, 3)]))
    assert [(time_s, name) for time_s, name, _, _ in found] == [
        (round(i / FPS, 3), name) for i in range(3) for name in (3, 7)
    ]
    places = {3: (-1.0, 0.0), 7: (1.0, 0.5)}
    assert all((x, y) == pytest.approx(places[name], abs=0.01) for _, name, x, y in found)


def test_the_corrected_ids_count(tmp_path: Path) -> None:
    rounds = [[seen(CAM1, {1: (0.0, 0.0), 2: (2.0, 0.0)}, ids=[0, 5])]]
    found = rows(write(tmp_path / "r", rounds, [segment(CAM1, 1, 4), segment(CAM1, 2, 0)]))
    assert [name for _, name, _, _ in found] == [4]


def test_a_job_that_died_tells_what_was_shown(tmp_path: Path) -> None:
    found = rows(write(tmp_path / "r", [[seen(CAM1, {1: (0.0, 0.0), 2: (2.0, 0.0)}, ids=[0, 5])]], None))
    assert [name for _, name, _, _ in found] == [5]


@pytest.mark.parametrize(
    "rounds",
    [
        pytest.param([], id="no-rounds"),
        pytest.param([[]], id="no-frames"),
        pytest.param([[seen(CAM1, {})]], id="no-people"),
        pytest.param([[frame_result([[100.0, 300.0, 160.0, 480.0]], [1], [1])]], id="feet-cut-off"),
        pytest.param([[frame_result([[100.0, 3.0, 110.0, 20.0]], [1], [1])]], id="above-the-horizon"),
        pytest.param(
            [[frame_result([person(SOUTH, 0, 0)], [1], [1], camera_id=CameraId("cam9"))]], id="unknown-camera"
        ),
    ],
)
def test_nothing_to_tell(tmp_path: Path, rounds: list[list[FrameResult]]) -> None:
    cameras = [CAM1, CAM2, CameraId("cam9")]
    with FloorRecord(cameras, VIEWS, tmp_path / "r") as sink:
        for index, results in enumerate(rounds):
            sink.write(tracked(results, index, FPS))
        sink.finish((segment(CAM1, 1, 1),))
    assert (tmp_path / "r" / FLOOR).read_text() == HEADER


def test_a_covered_camera_counts_less() -> None:
    """Somebody who stands half behind somebody else, and the same alone."""
    box = person(SOUTH, 0.0, 1.0)
    x1, y1, x2, y2 = box
    in_front = [x1 + 0.5 * (x2 - x1), y1 + 20, x2 + 20, y2 + 20]
    _, alone = places_of(frame_result([box], [1], [1]), VIEWS[CAM1])
    _, covered = places_of(frame_result([box, in_front], [1, 2], [1, 2]), VIEWS[CAM1])
    assert 0.0 < covered[0] < 0.7 * alone[0]


def test_a_box_carried_by_motion_tells_nothing() -> None:
    one = frame_result([person(SOUTH, 0.0, 1.0)], [1], [1])
    carried = FrameResult(
        one.camera_id,
        0,
        0.0,
        one.boxes_xyxy,
        one.scores,
        one.local_ids,
        one.global_ids,
        np.zeros(1, np.bool_),
    )
    assert places_of(carried, VIEWS[CAM1])[1].tolist() == [0.0]


def walk(places: Sequence[tuple[float, float]], name: int = 1) -> list[Places]:
    return [Places(i / FPS, np.array([name]), np.array([place]), np.ones(1)) for i, place in enumerate(places)]


def test_smoothing_leaves_a_straight_walk_where_it_is() -> None:
    places = [(0.1 * i, -0.05 * i) for i in range(40)]
    found = np.concatenate([round_.places_m for round_ in smoothed(walk(places))])
    assert found == pytest.approx(np.array(places), abs=0.05)


def test_smoothing_takes_half_the_noise_away() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.2, (200, 2))
    found = np.concatenate([round_.places_m for round_ in smoothed(walk(noise.tolist()))])
    assert found.std() < 0.5 * noise.std()


def test_smoothing_does_not_mix_people_or_bridge_absences() -> None:
    apart = [
        Places(0.0, np.array([1, 2]), np.array([[0.0, 0.0], [9.0, 9.0]]), np.ones(2)),
        Places(0.1, np.array([2]), np.array([[9.0, 9.0]]), np.ones(1)),
        Places(5.0, np.array([1]), np.array([[4.0, 4.0]]), np.ones(1)),
    ]
    found = [round_.places_m.round(9).tolist() for round_ in smoothed(apart)]
    assert found == [[[0.0, 0.0], [9.0, 9.0]], [[9.0, 9.0]], [[4.0, 4.0]]]
    assert list(smoothed([])) == []


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 99])
def test_a_round_may_lie_across_pieces_of_the_history(piece: int) -> None:
    rounds = [[seen(CAM1, {1: (1.0, 0.5), 2: (-1.0, 0.5)}, i), seen(CAM2, {1: (1.0, 0.5)}, i)] for i in range(4)]
    numbers = {CAM1: 0, CAM2: 1}
    every = np.concatenate([place_rows(tracked(results, i).result, numbers, VIEWS) for i, results in enumerate(rounds)])
    pieces = [every[start : start + piece] for start in range(0, len(every), piece)]
    found = list(by_round((rows, as_shown(rows)) for rows in pieces))
    assert [places.ids.tolist() for places in found] == [[1, 2]] * 4


def test_only_with_a_calibration(tmp_path: Path) -> None:
    sources = [Source(CAM1, "a.mp4", SIZE_PX, FPS)]
    output = OutputConfig(results=tmp_path / "r")
    assert [sink.name for sink in record_sinks(sources, output, {})] == ["records"]
    assert [sink.name for sink in record_sinks(sources, output, VIEWS)] == ["records", "floor"]
    assert record_sinks(sources, OutputConfig(), VIEWS) == []


def test_an_earlier_jobs_places_are_removed(tmp_path: Path) -> None:
    (tmp_path / FLOOR).write_text("old")
    (tmp_path / "identities.json").write_text('{"cameras": [], "people": []}')
    remove_records(tmp_path)
    assert not (tmp_path / FLOOR).exists()


def test_results_without_any_frame_make_no_rows(tmp_path: Path) -> None:
    assert RoundResult(0, 0.0, ()).frames == ()
    assert rows(write(tmp_path / "r", [[]], [])) == []
