"""A whole job on the rendered scene: video, records and ids are right, and the same every time."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import pytest

import main
from evaluation import evaluate
from scenes import RenderedScene, SceneSpec
from scenes.render import render_scene
from tests.clips import make_clip
from tests.e2e.conftest import FLAGS


def track(videos: Sequence[Path], folder: Path, output: str = "out.mp4", *more: str) -> Path:
    """Run the command line with weights-free models; returns the results folder."""
    results = folder / "results"
    words = ["track", *map(str, videos), "--output", str(folder / output), "--results", str(results), "--quiet"]
    assert main.main([*words, *FLAGS, *more]) == 0
    return results


def report(results: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((results / "run.json").read_text(encoding="utf-8"))
    return found


def seconds_of(video: Path) -> float:
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate is not None
        return sum(1 for _ in container.decode(video=0)) / float(stream.average_rate)


def mot_files(results: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(results)): path.read_bytes()
        for folder in ("mot", "mot-online")
        for path in sorted((results / folder).iterdir())
    }


def test_people_get_one_id_over_both_cameras(tmp_path: Path) -> None:
    scene = render_scene(SceneSpec(people=4, duration_s=10.0, fps=12.0, size_px=(800, 450)), tmp_path / "scene")
    results = track(scene.videos, tmp_path)
    scores = evaluate(scene.folder, results / "mot")["all"]
    online = evaluate(scene.folder, results / "mot-online")["all"]
    assert (scores["shared"], online["shared"]) == (0, 0)
    assert scores["IDF1"] >= 70.0
    people = json.loads((results / "identities.json").read_text(encoding="utf-8"))["people"]
    assert report(results)["people_total"] == len(people), (
        "who was found to be nobody, or somebody else, counts no more"
    )
    assert any(len(person["cameras"]) == 2 for person in people), "nobody was recognised across the cameras"
    assert all((results / picture).exists() for person in people for picture in [*person["crops"], person["sheet"]])


def test_everybody_can_be_explained(scene: RenderedScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = track(scene.videos, tmp_path)
    events = [json.loads(line) for line in (results / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    ids = {event["id"] for event in events} - {None}
    assert ids
    assert all(event["reason"] for event in events)
    for person in ids:
        assert main.main(["explain", str(results), "--id", str(person)]) == 0
    assert "appeared" in capsys.readouterr().out


def test_the_same_videos_give_the_same_bytes(scene: RenderedScene, tmp_path: Path) -> None:
    runs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        runs.append(mot_files(track(scene.videos, tmp_path / name)))
    assert runs[0] == runs[1]
    assert any(runs[0].values()), "nobody was found"


@pytest.mark.parametrize("output", ["out.mp4", "out.avi"])
def test_the_video_is_as_long_as_the_longest_input(output: str, tmp_path: Path) -> None:
    short = make_clip(tmp_path / "short.mp4", 20, 25.0)
    long = make_clip(tmp_path / "long.mp4", 90, 30.0)
    results = track([short, long], tmp_path, output)
    assert seconds_of(tmp_path / output) == pytest.approx(3.0, abs=1 / 30 + 1e-6)
    cameras = {camera["camera_id"]: camera["progress"] for camera in report(results)["cameras"]}
    assert cameras["short"]["frames_read"] == 20
    assert cameras["long"]["frames_read"] == 90


def test_every_frame_is_tracked_once_whatever_the_rates(tmp_path: Path) -> None:
    spec = SceneSpec(people=3, duration_s=4.0, size_px=(640, 360), camera_fps=(12.0, 10.0))
    scene = render_scene(spec, tmp_path / "scene")
    results = track(scene.videos, tmp_path)
    rows = [json.loads(line) for line in (results / "tracks.jsonl").read_text(encoding="utf-8").splitlines()]
    seen = Counter((row["camera"], row["frame"], row["local_id"]) for row in rows)
    assert seen
    assert max(seen.values()) == 1
    times = {(row["camera"], row["frame"]): row["time_s"] for row in rows}
    for (camera, frame), time_s in times.items():
        assert time_s == pytest.approx(frame / {"cam1": 12.0, "cam2": 10.0}[camera], abs=2e-3)


def test_stride_keeps_the_rows_between(scene: RenderedScene, tmp_path: Path) -> None:
    results = track(scene.videos, tmp_path, "out.mp4", "--stride", "2")
    rows = [json.loads(line) for line in (results / "tracks.jsonl").read_text(encoding="utf-8").splitlines()]
    carried = [row for row in rows if not row["observed"]]
    assert carried
    assert {row["frame"] % 2 for row in carried if row["camera"] == "cam1"} == {1}


def test_max_seconds_ends_early(scene: RenderedScene, tmp_path: Path) -> None:
    results = track(scene.videos, tmp_path, "out.mp4", "--max-seconds", "1.5")
    assert report(results)["rounds"] == 15
    assert seconds_of(tmp_path / "out.mp4") == pytest.approx(1.5, abs=0.11)


def test_the_report_says_what_was_run(scene: RenderedScene, tmp_path: Path) -> None:
    found = report(track(scene.videos, tmp_path, "out.mp4", "--conf", "0.2"))
    assert found["outcome"] == "done"
    assert found["configuration"]["detection"]["conf"] == 0.2
    assert {"detect", "embed", "associate", "hand over"} <= set(found["stages"])
    assert found["versions"]["numpy"]
    assert any("NO NEURAL NETWORKS" in note for note in found["notes"])


def test_three_cameras_are_no_special_case(tmp_path: Path) -> None:
    scene = render_scene(SceneSpec(cameras=3, people=3, duration_s=3.0, fps=10.0, size_px=(480, 270)), tmp_path / "in")
    results = track(scene.videos, tmp_path)
    assert sorted(path.stem for path in (results / "mot").iterdir()) == ["cam1", "cam2", "cam3"]


def full_disk(folder: Path) -> bool:
    """Mount a disk of one MiB on `folder`; False where that is not allowed."""
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_full_disk_fails_the_job_and_keeps_what_was_written(
    scene: RenderedScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if not full_disk(small):
        pytest.skip("mounting a small disk is not allowed here")
    try:
        (small / "ballast").write_bytes(b"x" * 900_000)
        words = ["track", *map(str, scene.videos), "--output", str(small / "out.mp4"), "--json", *FLAGS]
        assert main.main([*words, "--results", str(tmp_path / "results")]) == 1
        told = json.loads(capsys.readouterr().out)
        assert told["error"]["code"] == "disk_full"
        assert str(small / "out.mp4") in told["error"]["message"]
        assert mot_files(tmp_path / "results")
        assert report(tmp_path / "results")["error"]["code"] == "disk_full"
    finally:
        subprocess.run(["umount", str(small)], check=True, capture_output=True)
