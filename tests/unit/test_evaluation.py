"""Scores of cases small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from errors import TrackingError
from evaluation import ALL, evaluate
from evaluation.mot_files import cameras_of, read_rows

Row = tuple[int, int, float]
"""Frame, id and left border of a box of 10 by 20 pixels."""


def write(path: Path, rows: Sequence[Row]) -> None:
    path.write_text("".join(f"{frame},{number},{x},5,10,20,1,-1,-1,-1\n" for frame, number, x in rows))


def scores_of(
    tmp_path: Path, truth: Sequence[Sequence[Row]], found: Sequence[Sequence[Row]]
) -> dict[str, dict[str, float]]:
    for index, rows in enumerate(truth, start=1):
        write(tmp_path / f"cam{index}_gt.txt", rows)
    results = tmp_path / "results"
    results.mkdir()
    for index, rows in enumerate(found, start=1):
        write(results / f"cam{index}.txt", rows)
    return evaluate(tmp_path, results)


ONE = [(frame, 1, 0.0) for frame in range(1, 5)]
TWO = [(frame, person, 100.0 * person) for frame in range(1, 5) for person in (1, 2)]


@pytest.mark.parametrize(
    ("truth", "found", "want"),
    [
        pytest.param(ONE, ONE, {"IDF1": 100.0, "MOTA": 100.0, "HOTA": 100.0, "IDSW": 0, "ids": 1}, id="perfect"),
        pytest.param(
            ONE, [(f, 9, x) for f, _, x in ONE], {"IDF1": 100.0, "HOTA": 100.0}, id="other-number-same-person"
        ),
        pytest.param(ONE, [], {"IDF1": 0.0, "MOTA": 0.0, "HOTA": 0.0, "ids": 0, "people": 1}, id="nobody-found"),
        # Two of four right: IDF1 = 2 x 2 / (4 + 2); MOTA = 1 - 2 misses / 4.
        pytest.param(ONE, ONE[:2], {"IDF1": 66.7, "MOTA": 50.0, "IDSW": 0}, id="half-missed"),
        # The better half of the ids counts: IDF1 = 2 x 2 / (4 + 4); one switch: MOTA = 1 - 1 / 4.
        pytest.param(ONE, [*ONE[:2], (3, 2, 0.0), (4, 2, 0.0)], {"IDF1": 50.0, "MOTA": 75.0, "IDSW": 1}, id="switched"),
        # A false box a frame: IDF1 = 2 x 4 / (4 + 8); MOTA = 1 - 4 / 4.
        pytest.param(ONE, [*ONE, *((f, 2, 300.0) for f in range(1, 5))], {"IDF1": 66.7, "MOTA": 0.0}, id="false-boxes"),
        # 10 wide, moved by 3: IoU 7/13 = .54 counts; by 4: 6/14 = .43 does not.
        pytest.param(ONE, [(f, 1, 3.0) for f, _, _ in ONE], {"IDF1": 100.0}, id="just-overlapping-enough"),
        pytest.param(ONE, [(f, 1, 4.0) for f, _, _ in ONE], {"IDF1": 0.0}, id="overlapping-too-little"),
        # The second box under one id is told and counts as missed: IDF1 = 2 x 4 / (8 + 4).
        pytest.param(TWO, [(f, 1, x) for f, _, x in TWO], {"shared": 4, "IDF1": 66.7, "MOTA": 50.0}, id="shared-id"),
    ],
)
def test_scores_of_one_camera(tmp_path: Path, truth: list[Row], found: list[Row], want: dict[str, float]) -> None:
    scores = scores_of(tmp_path, [truth], [found])
    assert {name: scores[ALL][name] for name in want} == want
    assert scores["cam1"] == scores[ALL]


def test_a_person_needs_one_id_in_all_cameras(tmp_path: Path) -> None:
    other_id = [(frame, 2, x) for frame, _, x in ONE]
    scores = scores_of(tmp_path, [ONE, ONE], [ONE, other_id])
    assert scores[ALL]["IDF1"] == 50.0
    assert scores[ALL]["people"] == 1
    assert scores[ALL]["ids"] == 2
    assert scores["cam1"]["IDF1"] == 100.0
    assert scores["cam2"]["IDF1"] == 100.0


def test_one_id_in_two_cameras_at_one_time_is_not_shared(tmp_path: Path) -> None:
    assert scores_of(tmp_path, [ONE, ONE], [ONE, ONE])[ALL]["shared"] == 0


def test_cameras_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    assert list(scores_of(tmp_path, [ONE, ONE], [ONE, ONE])) == [ALL, "cam1", "cam2"]


def test_a_missing_result_file_counts_as_nobody_found(tmp_path: Path) -> None:
    assert scores_of(tmp_path, [ONE, ONE], [ONE])["cam2"]["IDF1"] == 0.0


def test_rows_are_read_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "cam1.txt"
    path.write_text("3,7,1.5,2.5,10,20,0.9,-1,-1,-1\n")
    rows = read_rows(path)
    assert (rows.frames.tolist(), rows.ids.tolist()) == ([3], [7])
    assert rows.boxes_xywh.tolist() == [[1.5, 2.5, 10.0, 20.0]]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("not numbers\n", id="words"),
        pytest.param("1,2,3\n", id="too-few-columns"),
        pytest.param("\n", id="blank"),
    ],
)
def test_a_malformed_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cam1.txt"
    path.write_text(text)
    with pytest.raises(TrackingError, match=r"cam1\.txt") as caught:
        read_rows(path)
    assert caught.value.code == "mot_malformed"


def test_no_truth_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrackingError) as caught:
        cameras_of(tmp_path)
    assert caught.value.code == "truth_missing"


def test_no_results_folder_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "cam1_gt.txt", ONE)
    with pytest.raises(TrackingError) as caught:
        evaluate(tmp_path, tmp_path / "nowhere")
    assert caught.value.code == "results_missing"
