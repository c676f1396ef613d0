"""What `evaluate` prints, on the records of a small made-up job."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import main

pytest.importorskip("trackeval", reason="scoring needs trackeval")


def lines(first: int, shift: int = 0, person: int = 1) -> str:
    return "".join(f"{frame},{person},{10 + shift},10,20,50,1,1,1\n" for frame in range(first, 11))


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A job of one camera at 10 frames per second that finds its one person in frame 2 and shows an id from frame 4."""
    for folder in ("truth", "results/mot", "results/mot-online"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "truth/a-door-with-a-long-name_gt.txt").write_text(lines(1))
    (tmp_path / "truth/floor_gt.csv").write_text("frame,id,x_m,y_m\n1,1,0,0\n")
    (tmp_path / "results/floor.csv").write_text("time_s,id,x_m,y_m\n0.0,1,0,0\n")
    (tmp_path / "results/mot/a-door-with-a-long-name.txt").write_text(lines(2))
    (tmp_path / "results/mot-online/a-door-with-a-long-name.txt").write_text(lines(4))
    return ["evaluate", "--truth", str(tmp_path / "truth"), "--results", str(tmp_path / "results")]


def test_the_table_has_both_histories_and_the_sentences(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*words, "--fps", "10"]) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if " all " in line] == ["corrected", "as"]
    assert "median 0.30 s, 90 % within 0.30 s of coming into view (0.20 s, 0.20 s of being found)" in out
    assert "0 of 1 entries never had one" in out
    assert "IDF1 100.0 within 1 m, 1 ids, 1 people" in out
    assert "note" not in out
    assert "…" not in out, "nothing is cut off"


def test_without_a_rate_it_is_asked_for(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(words) == 0
    assert "give --fps" in capsys.readouterr().out


def test_json_is_one_object(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*words, "--fps", "10", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["time_to_id"]["all"]["p90_s"] == 0.3
    assert told["floor"]["IDF1"] == 100.0


def test_nobody_ever_with_an_id_is_said(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "results/mot-online/a-door-with-a-long-name.txt").write_text("")
    assert main.main([*words, "--fps", "10"]) == 0
    assert "time to an id  1 of 1 entries never had one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code"),
    [pytest.param(["--fps", "0"], 2, id="no-rate"), pytest.param(["--truth", "nowhere"], 1, id="no-truth")],
)
def test_what_is_refused(words: list[str], options: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main([*words, *options]) == code
    assert capsys.readouterr().err.startswith("error: ")
