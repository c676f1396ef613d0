"""Downloads stay in the job's folder; monitoring is told what there is."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from tests.api.client import Client, error_of, start
from tests.fake_pipeline import WAIT_S, Workshop
from web.archive import file_in, files_in, zipped

CONTENT = {"mot/cam1.txt": b"1,7,10,20\n" * 1000, "crops/7/cam1-1.000.jpg": b"\xff\xd8jpeg", "run.json": b"{}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A results folder with links that lead out, something secret beside it, and in it what no job wrote."""
    folder = tmp_path / "out" / "mine"
    for name, content in CONTENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (tmp_path / "out" / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "out" / "secret.txt")
    (folder / "way").symlink_to(tmp_path / "out")
    (folder / "mot" / "link.txt").symlink_to(tmp_path / "out" / "secret.txt")
    (folder / ".rows.part").write_text("half a row")
    for name in ("cameras.toml", "store.db", "notes/mot/cam1.txt", "mot/notes.md", "crops/7/me.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("secret")
    return folder


@pytest.fixture
def job_id(client: Client, folder: Path) -> str:
    return start(client, results=str(folder))


def test_records_are_listed_without_links_parts_and_files_of_others(client: Client, job_id: str, folder: Path) -> None:
    reply = client.get(f"/jobs/{job_id}/results").json()
    assert reply["folder"] == str(folder)
    assert {file["name"]: file["bytes"] for file in reply["files"]} == {
        name: len(content) for name, content in CONTENT.items()
    }


@pytest.mark.parametrize("name", CONTENT)
def test_each_is_sent_by_its_name(client: Client, job_id: str, name: str) -> None:
    reply = client.get(f"/jobs/{job_id}/results/{name}")
    assert (reply.status_code, reply.content) == (200, CONTENT[name])


def test_a_part_of_a_file_is_sent_if_asked(client: Client, job_id: str) -> None:
    reply = client.get(f"/jobs/{job_id}/results/mot/cam1.txt", headers={"Range": "bytes=2-4"})
    assert (reply.status_code, reply.content) == (206, b"7,1")


BAD_NAMES = [
    pytest.param("not-there.txt", id="absent"),
    pytest.param("mot", id="a-folder"),
    pytest.param("cameras.toml", id="no-record"),
    pytest.param("mot/notes.md", id="no-record-among-records"),
    pytest.param("notes/mot/cam1.txt", id="a-record-of-others"),
    pytest.param("mot/link.txt", id="a-link"),
    pytest.param("way/secret.txt", id="through-a-link"),
    pytest.param("../secret.txt", id="traversal"),
    pytest.param("mot/../../secret.txt", id="traversal-inside"),
    pytest.param("mot/../run.json", id="a-detour-that-stays-inside"),
    pytest.param("/etc/passwd", id="absolute"),
    pytest.param("", id="nothing"),
    pytest.param(".rows.part", id="hidden"),
    pytest.param("..\\secret.txt", id="backslash"),
    pytest.param("mot\\cam1.txt", id="backslash-inside"),
    pytest.param("mot/cam1\0.txt", id="nul"),
    pytest.param(f"mot/{'a' * 300}.txt", id="longer-than-names-can-be"),
]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_only_what_is_listed_is_found(folder: Path, name: str) -> None:
    assert file_in(folder, name) is None


@pytest.mark.parametrize(
    "name",
    ["%2e%2e/secret.txt", "..%2fsecret.txt", "way/secret.txt", "mot/link.txt", "%2fetc/passwd", "cameras.toml"],
)
def test_only_what_is_listed_is_sent(client: Client, job_id: str, name: str) -> None:
    reply = client.get(f"/jobs/{job_id}/results/{name}")
    assert reply.status_code == 404
    assert "secret" not in reply.text.replace("secret.txt", "")


def test_all_of_it_is_one_zip(client: Client, job_id: str) -> None:
    reply = client.get(f"/jobs/{job_id}/results.zip")
    assert reply.headers["content-disposition"] == f'attachment; filename="{job_id}.zip"'
    with zipfile.ZipFile(io.BytesIO(reply.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == CONTENT
    assert len(reply.content) < sum(map(len, CONTENT.values()))


def test_a_file_that_goes_while_the_zip_is_made_is_left_out(folder: Path) -> None:
    pieces = []
    for piece in zipped(files_in(folder)):
        (folder / "mot/cam1.txt").unlink(missing_ok=True)
        pieces.append(piece)
    with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
        assert set(archive.namelist()) == set(CONTENT) - {"mot/cam1.txt"}


def test_a_job_without_records_says_so(client: Client) -> None:
    job_id = start(client)
    for what in ("results", "results.zip", "results/run.json", "video"):
        reply = client.get(f"/jobs/{job_id}/{what}")
        assert (reply.status_code, error_of(reply)["code"]) == (404, "no_such_file")


def test_a_results_folder_that_became_a_link_out_is_not_sent(
    client: Client, job_id: str, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    reply = client.get(f"/jobs/{job_id}/results/run.json")
    assert (reply.status_code, error_of(reply)["code"]) == (403, "output_outside")


def test_the_video_is_sent(client: Client, tmp_path: Path) -> None:
    video = tmp_path / "out" / "o.mp4"
    video.parent.mkdir()
    job_id = start(client, output=str(video))
    video.write_bytes(b"video")
    reply = client.get(f"/jobs/{job_id}/video")
    assert (reply.content, reply.headers["content-type"]) == (b"video", "video/mp4")


def test_prometheus_reads_the_metrics(client: Client, workshop: Workshop) -> None:
    job_id = start(client)
    assert workshop.made[0].running.wait(WAIT_S)
    reply = client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    samples = {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(reply.text)
        for sample in family.samples
    }
    assert samples["tracker_jobs", "processing"] == 1
    assert samples["tracker_jobs", "failed"] == 0
    assert samples["tracker_rounds_total", job_id] == 50
    assert samples["tracker_people_now", job_id] == 3
    assert samples["tracker_frames_dropped_total", "cam11", "damaged", job_id] == 2
    assert samples["tracker_camera_state", "cam44", job_id, "failed"] == 1
    assert samples["tracker_stage_seconds_total", job_id, "detect"] == 2.0
    assert samples["tracker_stage_recent_seconds", job_id, "0.95", "detect"] == 0.055
    assert samples[("process_resident_memory_bytes",)] > 0


def test_metrics_hold_without_jobs(client: Client) -> None:
    assert 'tracker_jobs{status="queued"} 0.0' in client.get("/metrics").text


def test_a_server_that_shuts_down_is_not_ready(client: Client, app: FastAPI) -> None:
    assert client.get("/readyz").json()["status"] == "ok"
    app.state.service.jobs.shutdown(0.0)
    reply = client.get("/readyz")
    assert (reply.status_code, error_of(reply)["code"]) == (503, "shutting_down")
