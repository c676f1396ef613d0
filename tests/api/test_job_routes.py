"""Several jobs at once: paused, resumed, deleted with their records or without."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from fastapi import FastAPI

from app import create_app
from errors import StoreError
from jobs import JobManager
from tests.api.client import PAIR, Client, error_of, running, start
from tests.fake_pipeline import WAIT_S, Workshop
from web.memory import Memory
from web.settings import ServerSettings


def finish(jobs: JobManager, workshop: Workshop, job_id: str) -> None:
    workshop.made[-1].finish()
    assert jobs.get(job_id).wait(WAIT_S)


def test_several_jobs_run_at_once(workshop: Workshop, tmp_path: Path) -> None:
    settings = ServerSettings(max_running=3, max_queued=0)
    with running(create_app(workshop, results_root=tmp_path, settings=settings)) as client:
        for _ in range(3):
            start(client)
        assert all(work.running.wait(WAIT_S) for work in workshop.made)
        assert client.get("/healthz").json() == {"status": "ok", "running": 3, "queued": 0}
        assert error_of(client.post("/start_tracking", json=PAIR))["code"] == "queue_full"


def test_a_job_is_paused_and_resumed(client: Client, workshop: Workshop) -> None:
    job_id = start(client)
    assert workshop.made[0].running.wait(WAIT_S)
    assert client.post(f"/jobs/{job_id}/pause").json()["status"] == "paused"
    assert workshop.made[0].paused
    assert client.get("/healthz").json()["running"] == 1
    assert client.post(f"/jobs/{job_id}/resume").json()["status"] == "processing"
    assert not workshop.made[0].paused


def test_a_job_that_is_over_is_not_paused(client: Client, workshop: Workshop, jobs: JobManager) -> None:
    job_id = start(client)
    finish(jobs, workshop, job_id)
    reply = client.post(f"/jobs/{job_id}/pause")
    assert (reply.status_code, error_of(reply)["code"]) == (409, "job_not_running")


def test_a_running_job_is_not_deleted(client: Client) -> None:
    job_id = start(client)
    reply = client.delete(f"/jobs/{job_id}")
    assert (reply.status_code, error_of(reply)["code"]) == (409, "job_not_over")
    assert client.get(f"/jobs/{job_id}").status_code == 200


@pytest.mark.parametrize("records", [pytest.param(True, id="with-records"), pytest.param(False, id="without")])
def test_a_deleted_job_is_gone_and_its_files_if_asked(
    client: Client, workshop: Workshop, jobs: JobManager, tmp_path: Path, *, records: bool
) -> None:
    results, video = tmp_path / "out" / "mine", tmp_path / "out" / "o.mp4"
    job_id = start(client, results=str(results), output=str(video))
    (results / "mot").mkdir(parents=True)
    crop = "crops/7/cam1-1.000.jpg"
    people = {"cameras": ["cam1"], "people": [{"id": 7, "crops": [crop]}]}
    (results / crop).parent.mkdir(parents=True)
    for name in (crop, "mot/cam1.txt", "run.json", "tracks.jsonl"):
        (results / name).write_text("ours")
    (results / "identities.json").write_text(json.dumps(people))
    (results / "notes.txt").write_text("somebody else's")
    video.write_bytes(b"video")
    finish(jobs, workshop, job_id)
    assert client.delete(f"/jobs/{job_id}?records={records}").status_code == 200
    assert client.get(f"/jobs/{job_id}").status_code == 404
    assert video.exists() is not records
    left = {str(path.relative_to(results)) for path in results.rglob("*") if path.is_file()}
    assert left == {"notes.txt"} | (
        set() if records else {crop, "mot/cam1.txt", "run.json", "tracks.jsonl", "identities.json"}
    )


def test_files_that_another_job_writes_are_not_deleted(
    client: Client, workshop: Workshop, jobs: JobManager, tmp_path: Path
) -> None:
    results = tmp_path / "out" / "mine"
    first = start(client, results=str(results))
    finish(jobs, workshop, first)
    second = start(client, results=str(results), overwrite=True)
    results.mkdir(parents=True)
    (results / "tracks.jsonl").write_text("of the second")
    reply = client.delete(f"/jobs/{first}?records=true")
    assert (reply.status_code, error_of(reply)["code"]) == (409, "output_in_use")
    assert second in error_of(reply)["message"]
    assert client.get(f"/jobs/{first}").status_code == 200, "nothing of it was deleted"
    assert client.delete(f"/jobs/{first}").status_code == 200
    assert (results / "tracks.jsonl").exists()


class Down:
    """A store that does not answer."""

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def refuse(*_: object, **__: object) -> NoReturn:
            raise StoreError("the store does not answer", code="store_unavailable")

        return refuse


def test_jobs_are_shown_while_the_store_does_not_answer(app: FastAPI, client: Client, tmp_path: Path) -> None:
    results = tmp_path / "out" / "mine"
    job_id = start(client, results=str(results))
    (results / "mot").mkdir(parents=True)
    (results / "mot" / "cam1.txt").touch()
    app.state.service = replace(app.state.service, memory=Memory(Down()))  # type: ignore[arg-type]  # all of a store
    assert [job["job_id"] for job in client.get("/jobs").json()["jobs"]] == [job_id]
    for path in ("", "/results", "/results.zip", "/results/mot/cam1.txt"):
        assert client.get(f"/jobs/{job_id}{path}").status_code == 200
    assert app.state.service.outcome(job_id) is None
    assert error_of(client.get("/jobs/earlier"))["code"] == "store_unavailable"
