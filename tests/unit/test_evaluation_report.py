"""What is said about a results folder: which parts there are, when they are left out, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from errors import TrackingError
from evaluation import make_report
from evaluation.floor import score_floor

pytest.importorskip("trackeval", reason="scoring needs trackeval")

FPS = 10.0


def lines(frames: Sequence[int], person: int = 1) -> str:
    return "".join(f"{frame},{person},5,5,10,20,1,-1,-1,-1\n" for frame in frames)


@dataclass(frozen=True)
class Case:
    """Truth and results of two cameras in which one person walks through frames 1 to 10."""

    truth: Path
    results: Path

    def write(self, name: str, text: str) -> None:
        """Write a file of the results."""
        path = self.results / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = Case(tmp_path / "truth", tmp_path / "results")
    made.truth.mkdir()
    for camera in ("cam1", "cam2"):
        (made.truth / f"{camera}_gt.txt").write_text(lines(range(1, 11)), encoding="utf-8")
        made.write(f"mot/{camera}.txt", lines(range(2, 11), 7))
        made.write(f"mot-online/{camera}.txt", lines(range(4, 11), 7))
    cameras = [{"camera_id": "cam1", "fps": FPS}, {"camera_id": "cam2", "fps": 2 * FPS}]
    made.write("run.json", json.dumps({"cameras": cameras}))
    return made


def test_a_results_folder_is_scored_as_corrected_and_as_shown(case: Case) -> None:
    report = make_report(case.truth, case.results)
    assert report.corrected is not None
    assert report.online is not None
    assert list(report.corrected) == list(report.online) == ["all", "cam1", "cam2"]
    assert report.corrected["all"]["IDF1"] == 94.7  # 2 x 9 / (10 + 9)
    assert report.online["all"]["IDF1"] == 82.4  # 2 x 7 / (10 + 7)
    assert report.floor is None
    assert report.notes == ()


def test_times_are_of_each_cameras_own_rate(case: Case) -> None:
    times = make_report(case.truth, case.results).time_to_id
    assert times is not None
    assert list(times) == ["all", "cam1", "cam2"]
    assert (times["cam1"].median_s, times["cam1"].found_median_s) == (0.3, 0.2)
    assert (times["cam2"].median_s, times["cam2"].found_median_s) == (0.15, 0.1)
    assert (times["all"].entries, times["all"].median_s) == (2, 0.225)


def test_a_given_rate_wins(case: Case) -> None:
    times = make_report(case.truth, case.results, fps=1.0).time_to_id
    assert times is not None
    assert times["all"].median_s == 3.0


def test_without_rates_times_are_left_out_and_it_is_said(case: Case) -> None:
    (case.results / "run.json").unlink()
    report = make_report(case.truth, case.results)
    assert report.time_to_id is None
    assert any("--fps" in note for note in report.notes)


def test_a_folder_of_files_alone_counts_as_corrected(case: Case) -> None:
    report = make_report(case.truth, case.results / "mot-online", fps=FPS)
    assert report.corrected is not None
    assert report.corrected["all"]["IDF1"] == 82.4
    assert report.online is None
    assert report.time_to_id is None


def test_a_job_that_still_runs_is_scored_as_shown(case: Case) -> None:
    for path in (case.results / "mot").iterdir():
        path.unlink()
    (case.results / "mot").rmdir()
    report = make_report(case.truth, case.results)
    assert report.corrected is None
    assert report.time_to_id is not None
    assert report.time_to_id["cam1"].found_median_s == 0.0


def test_cameras_that_are_missing_on_one_side_are_told(case: Case) -> None:
    (case.truth / "cam3_gt.txt").write_text(lines([1]), encoding="utf-8")
    case.write("mot/cam4.txt", lines([1]))
    report = make_report(case.truth, case.results, fps=FPS)
    assert report.notes == ("cam3: no results; counts as nobody found", "cam4: no truth; left out")


def test_values_are_json(case: Case) -> None:
    values = json.loads(json.dumps(make_report(case.truth, case.results).as_values(), allow_nan=False))
    assert list(values) == ["corrected", "online", "time_to_id", "floor", "notes"]
    assert list(values["time_to_id"]["all"]) == [
        "entries",
        "without_id",
        "median_s",
        "p90_s",
        "found_median_s",
        "found_p90_s",
    ]


def test_floor_needs_both_files(case: Case) -> None:
    (case.truth / "floor_gt.csv").write_text("frame,id,x_m,y_m\n1,1,0,0\n", encoding="utf-8")
    assert make_report(case.truth, case.results).floor is None
    case.write("floor.csv", "time_s,id,x_m,y_m\n0.0,4,0.5,0.0\n")
    assert make_report(case.truth, case.results).floor == {"IDF1": 100.0, "ids": 1, "people": 1}


@pytest.mark.parametrize(
    ("truth", "results", "idf1"),
    [
        pytest.param("1,1,0,0\n2,1,0,0\n", "0.0,5,0,0\n0.1,5,0,0\n", 100.0, id="there"),
        pytest.param("1,1,0,0\n", "0.0,5,0.6,0.8\n", 100.0, id="exactly-a-metre-off"),
        pytest.param("1,1,0,0\n", "0.0,5,0.61,0.8\n", 0.0, id="further-off"),
        pytest.param("1,1,0,0\n2,1,0,0\n", "0.0,5,0,0\n0.1,6,0,0\n", 50.0, id="two-ids"),
        pytest.param("1,1,0,0\n", "", 0.0, id="nobody-found"),
        # 2 x 1 / (1 + 2)
        pytest.param("1,1,0,0\n", "0.0,5,0,0\n0.0,6,9,9\n", 66.7, id="a-ghost"),
        pytest.param("1,1,0,0\n2,1,3,0\n", "0.04,5,0,0\n0.06,5,3,0\n", 100.0, id="nearest-frame"),
        pytest.param("1,1,0,0\n", "0.04,5,9,9\n0.01,5,0,0\n", 100.0, id="of-one-id-the-nearest-in-time"),
        pytest.param("1,1,0,0\n\n2,1,0,0\n", "0.0,5,0,0\n0.1,5,0,0\n", 100.0, id="blank-lines-are-nothing"),
    ],
)
def test_floor_scores(tmp_path: Path, truth: str, results: str, idf1: float) -> None:
    (tmp_path / "floor_gt.csv").write_text(f"frame,id,x_m,y_m\n{truth}", encoding="utf-8")
    (tmp_path / "floor.csv").write_text(f"time_s,id,x_m,y_m\n{results}", encoding="utf-8")
    assert score_floor(tmp_path / "floor_gt.csv", tmp_path / "floor.csv", FPS)["IDF1"] == idf1


def test_floor_columns_are_found_by_name(tmp_path: Path) -> None:
    (tmp_path / "floor_gt.csv").write_text("frame,id,x_m,y_m\n1,1,0,0\n", encoding="utf-8")
    (tmp_path / "floor.csv").write_text("y_m,note,time_s,id,x_m\n0,word,0.0,5,0\n", encoding="utf-8")
    assert score_floor(tmp_path / "floor_gt.csv", tmp_path / "floor.csv", FPS)["IDF1"] == 100.0


def no_truth(case: Case) -> None:
    for path in case.truth.iterdir():
        path.unlink()


def no_truth_folder(case: Case) -> None:
    no_truth(case)
    case.truth.rmdir()


def nobody_in_the_truth(case: Case) -> None:
    for path in case.truth.iterdir():
        path.write_text("", encoding="utf-8")


def no_results(case: Case) -> None:
    for path in (case.results / "mot").iterdir():
        path.unlink()


def other_cameras(case: Case) -> None:
    for path in (case.results / "mot").iterdir():
        path.rename(path.with_stem(f"door-{path.stem}"))


def truth_floor(text: str) -> Callable[[Case], None]:
    def write(case: Case) -> None:
        (case.truth / "floor_gt.csv").write_text(text, encoding="utf-8")
        case.write("floor.csv", "time_s,id,x_m,y_m\n")

    return write


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        pytest.param(no_truth, "truth_missing", "_gt.txt", id="no-truth"),
        pytest.param(no_truth_folder, "truth_missing", "no such folder", id="no-truth-folder"),
        pytest.param(nobody_in_the_truth, "truth_empty", "nobody in cam1_gt.txt, cam2_gt.txt", id="empty-truth"),
        pytest.param(no_results, "results_missing", "holds no <camera>.txt", id="no-results"),
        pytest.param(other_cameras, "cameras_differ", "door-cam1, door-cam2", id="other-cameras"),
        pytest.param(
            lambda case: case.write("mot/cam2.txt", lines([1]) + "2,x,1,1,1,1\n"),
            "mot_malformed",
            "cam2.txt, line 2: want numbers frame,id,x,y,w,h,… with whole frames from 1, got '2,x,1,1,1,1'",
            id="a-word",
        ),
        pytest.param(
            lambda case: case.write("mot/cam2.txt", lines([1]) + "\n" + "2,1,1,1\n"),
            "mot_malformed",
            "cam2.txt, line 3: ",
            id="a-short-row-behind-a-blank-one",
        ),
        pytest.param(lambda case: case.write("mot/cam1.txt", "0,1,1,1,1,1\n"), "mot_malformed", "line 1", id="frame-0"),
        pytest.param(lambda case: case.write("mot/cam1.txt", "1,1.5,1,1,1,1"), "mot_malformed", "line 1", id="half-id"),
        pytest.param(lambda case: case.write("mot/cam1.txt", "1,1,nan,1,1,1"), "mot_malformed", "line 1", id="nan"),
        pytest.param(lambda case: case.write("mot/cam1.txt", "\n\n"), "mot_malformed", "blank", id="blank"),
        pytest.param(
            truth_floor("1,1,0,0\n"),
            "csv_malformed",
            "line 1: want a first line that names frame,id,x_m,y_m",
            id="no-header",
        ),
        pytest.param(truth_floor(""), "csv_malformed", "floor_gt.csv, line 1", id="empty-table"),
        pytest.param(
            truth_floor("frame,id,x_m,y_m\n1,1,0,0\n2,1,far,0\n"), "csv_malformed", "floor_gt.csv, line 3", id="a-place"
        ),
        pytest.param(lambda case: case.write("run.json", "{}"), "run_report_malformed", "run.json", id="no-cameras"),
        pytest.param(lambda case: case.write("run.json", "{"), "run_report_malformed", "run.json", id="cut-off"),
    ],
)
def test_what_cannot_be_compared_is_refused(case: Case, spoil: Callable[[Case], None], code: str, said: str) -> None:
    spoil(case)
    with pytest.raises(TrackingError) as caught:
        make_report(case.truth, case.results)
    assert caught.value.code == code
    assert said in caught.value.message


def test_a_folder_in_place_of_a_file_is_named(case: Case) -> None:
    (case.results / "mot" / "cam1.txt").unlink()
    (case.results / "mot" / "cam1.txt").mkdir()
    with pytest.raises(TrackingError, match=r"cam1\.txt: cannot be read") as caught:
        make_report(case.truth, case.results)
    assert caught.value.code == "records_unreadable"
