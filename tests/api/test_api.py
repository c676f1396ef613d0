"""The HTTP API on a pipeline that does nothing until told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app import create_app
from config import TrackingConfig
from errors import (
    ConfigError,
    DeviceError,
    OutputError,
    SourceError,
    TrackingError,
    WeightsError,
)
from jobs import JobManager
from tests.api.client import PAIR, Client, error_of, running, start
from tests.fake_pipeline import WAIT_S, FakePipeline, Workshop
from web.headers import ALWAYS
from web.observed import MoreSinks
from web.schemas import ErrorReply, StartReply, StartRequest
from web.status_bodies import HealthReply, JobsReply, StatusReply

JSON = {"Content-Type": "application/json"}


def test_nothing_is_started_at_first(client: Client) -> None:
    reply = client.get("/status")
    assert reply.status_code == 200
    assert reply.json()["status"] == "not started"
    assert reply.json()["job_id"] is None
    assert client.get("/jobs").json() == {"jobs": []}
    assert client.get("/healthz").json() == {"status": "ok", "running": 0, "queued": 0}


def test_the_published_request_becomes_the_configuration(client: Client, workshop: Workshop, tmp_path: Path) -> None:
    job_id = start(client, output="output.avi", conf=0.3, iou_thresh=0.3, cos_thresh=0.8)
    config = workshop.made[0].config
    assert config.videos == ("cam11.mp4", "cam44.mp4")
    assert (config.detection.conf, config.camera.iou_thresh, config.identity.cos_thresh) == (0.3, 0.3, 0.8)
    assert (config.output.video, config.output.results) == (Path("output.avi"), tmp_path / "out" / job_id)
    assert not config.output.window


def test_every_other_field_becomes_configuration_too(client: Client, workshop: Workshop) -> None:
    body = {
        "videos": ["a.mp4", "b.mp4", "c.mp4"],
        "results": "mine",
        "stride": 3,
        "max_seconds": 2.5,
        "overwrite": True,
        "device": "cpu",
        "runtime": "torch",
        "calibration": "floor.json",
        "top_view": True,
    }
    assert client.post("/start_tracking", json=body).status_code == 202
    config = workshop.made[0].config
    assert config.videos == ("a.mp4", "b.mp4", "c.mp4")
    assert (config.stride, config.max_seconds, config.output.overwrite) == (3, 2.5, True)
    assert (config.runtime.device, config.runtime.runtime) == ("cpu", "torch")
    assert (config.output.results, config.output.video) == (Path("mine"), None)
    assert (config.identity.calibration, config.output.top_view) == (Path("floor.json"), True)


def test_defaults_of_the_server_stand_under_the_request(workshop: Workshop, tmp_path: Path) -> None:
    defaults = {"detection": {"conf": 0.2, "nms_iou": 0.5}, "output": {"results": "shared-by-mistake"}}
    with running(create_app(workshop, defaults=defaults, results_root=tmp_path)) as client:
        job_id = start(client, conf=0.4)
    config = workshop.made[0].config
    assert (config.detection.conf, config.detection.nms_iou) == (0.4, 0.5)
    assert config.output.results == tmp_path / job_id


def test_wrong_defaults_are_refused_before_serving(workshop: Workshop) -> None:
    with pytest.raises(ConfigError, match=r"detection\.conf"):
        create_app(workshop, defaults={"detection": {"conf": "much"}})


def test_a_running_job_is_told_in_full(client: Client, workshop: Workshop, tmp_path: Path) -> None:
    reply = client.post("/start_tracking", json=PAIR | {"output": "o.mp4"}).json()
    job_id = reply["job_id"]
    assert reply == {
        "job_id": job_id,
        "message": "tracking started",
        "status": "processing",
        "status_url": f"/status?job_id={job_id}",
    }
    assert workshop.made[0].running.wait(WAIT_S)
    body = client.get(reply["status_url"]).json()
    assert body == client.get("/status").json() == client.get(f"/jobs/{job_id}").json()
    created, started = body.pop("created_at"), body.pop("started_at")
    assert created <= started
    assert body == {
        "job_id": job_id,
        "status": "processing",
        "stop_requested": False,
        "progress": 0.5,
        "rounds_done": 50,
        "rounds_total": 100,
        "fps": 12.5,
        "eta_s": 4.0,
        "media_time_s": 3.3,
        "people_now": 3,
        "total_visits": 7,
        "cameras": [
            {
                "camera": "cam11",
                "state": "reading",
                "frames_read": 50,
                "frames_total": 100,
                "dropped": 3,
                "dropped_by_cause": {"damaged": 2, "late": 1},
                "error": None,
                "reconnects": 0,
            },
            {
                "camera": "cam44",
                "state": "failed",
                "frames_read": 20,
                "frames_total": None,
                "dropped": 0,
                "dropped_by_cause": {},
                "error": "cut off at 0:01",
                "reconnects": 0,
            },
        ],
        "stages": {"detect": {"count": 50, "total_s": 2.0, "p50_ms": 40.0, "p95_ms": 55.0}},
        "videos": ["cam11.mp4", "cam44.mp4"],
        "output": "o.mp4",
        "results": str(tmp_path / "out" / job_id),
        "notes": ["no display: running without a window"],
        "error": None,
        "finished_at": None,
    }


def test_a_job_that_reached_its_end_is_done(client: Client, workshop: Workshop, jobs: JobManager) -> None:
    job_id = start(client)
    workshop.made[0].finish()
    assert jobs.get(job_id).wait(WAIT_S)
    body = client.get("/status").json()
    assert (body["status"], body["progress"], body["eta_s"], body["error"]) == ("done", 1.0, None, None)
    assert body["finished_at"] >= body["started_at"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(OutputError("disk full", code="disk_full"), "disk_full", id="expected"),
        pytest.param(KeyError("oops"), "internal_error", id="a-fault-of-ours"),
    ],
)
def test_a_failed_job_says_why(
    client: Client, workshop: Workshop, jobs: JobManager, error: Exception, code: str
) -> None:
    job_id = start(client)
    workshop.made[0].fail(error)
    assert jobs.get(job_id).wait(WAIT_S)
    body = client.get("/status").json()
    assert (body["status"], body["error"]["code"]) == ("failed", code)


def test_further_jobs_wait_in_line_and_the_latest_is_shown(client: Client, workshop: Workshop) -> None:
    first = start(client)
    reply = client.post("/start_tracking", json=PAIR).json()
    assert (reply["status"], reply["message"]) == ("queued", "tracking is queued behind other jobs")
    assert client.get("/status").json()["job_id"] == reply["job_id"]
    assert client.get(f"/status?job_id={first}").json()["status"] == "processing"
    assert [job["job_id"] for job in client.get("/jobs").json()["jobs"]] == [reply["job_id"], first]
    assert client.get("/healthz").json() == {"status": "ok", "running": 1, "queued": 1}
    workshop.made[0].finish()
    assert workshop.made[1].running.wait(WAIT_S)


def test_stop_is_answered_at_once_and_may_be_repeated(client: Client, jobs: JobManager) -> None:
    job_id = start(client)
    reply = client.post(f"/jobs/{job_id}/stop")
    assert reply.status_code == 200
    assert reply.json()["stop_requested"]
    assert client.post(f"/jobs/{job_id}/stop").status_code == 200
    assert jobs.get(job_id).wait(WAIT_S)
    assert client.get("/status").json()["status"] == "stopped"


def test_stop_takes_a_queued_job_out_of_the_line(client: Client, workshop: Workshop) -> None:
    start(client)
    queued = start(client)
    assert client.post(f"/jobs/{queued}/stop").json()["status"] == "stopped"
    assert not workshop.made[1].stopped


def test_stop_after_the_end_answers_with_the_end(client: Client, workshop: Workshop, jobs: JobManager) -> None:
    job_id = start(client)
    workshop.made[0].finish()
    assert jobs.get(job_id).wait(WAIT_S)
    reply = client.post(f"/jobs/{job_id}/stop")
    assert (reply.status_code, reply.json()["status"]) == (200, "done")
    assert reply.json()["stop_requested"] is False


def test_a_results_root_that_cannot_be_made_is_told(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with running(create_app(workshop, results_root=tmp_path / "file")) as client:
        reply = client.post("/start_tracking", json=PAIR)
    assert (reply.status_code, error_of(reply)["code"]) == (422, "output_unwritable")


def test_a_full_queue_is_a_conflict(client: Client) -> None:
    for _ in range(3):
        start(client)
    reply = client.post("/start_tracking", json=PAIR)
    assert (reply.status_code, error_of(reply)["code"]) == (409, "queue_full")


def test_an_output_of_another_job_is_a_conflict(client: Client) -> None:
    first = start(client, output="same.mp4")
    reply = client.post("/start_tracking", json=PAIR | {"output": "./same.mp4"})
    assert (reply.status_code, error_of(reply)["code"]) == (409, "output_in_use")
    assert first in error_of(reply)["message"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(SourceError("no such file", code="source_missing"), 422, id="video-missing"),
        pytest.param(OutputError("exists", code="output_exists"), 409, id="output-exists"),
        pytest.param(OutputError("no such folder"), 422, id="output-folder-missing"),
        pytest.param(ConfigError("stride: 0"), 422, id="setting-out-of-bounds"),
        pytest.param(DeviceError("no CUDA"), 422, id="no-such-device"),
        pytest.param(WeightsError("yolov8n.pt is nowhere"), 424, id="weights-missing"),
        pytest.param(TrackingError("something else"), 400, id="anything-else"),
    ],
)
def test_what_preflight_finds_is_answered_at_once(
    client: Client, workshop: Workshop, error: TrackingError, status: int
) -> None:
    workshop.refuse = error
    reply = client.post("/start_tracking", json=PAIR)
    assert (reply.status_code, error_of(reply)) == (status, {"code": error.code, "message": error.message})
    assert client.get("/status").json()["status"] == "not started"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        pytest.param(PAIR | {"conf": 1.01}, "conf: Input should be less than or equal to 1 (got 1.01)", id="above-1"),
        pytest.param(PAIR | {"iou_thresh": -0.01}, "iou_thresh: Input should be greater", id="below-0"),
        pytest.param(PAIR | {"cos_thresh": "0.8"}, "cos_thresh: Input should be a valid number", id="a-string"),
        pytest.param(PAIR | {"conf": True}, "conf: Input should be a valid number", id="a-boolean"),
        pytest.param(PAIR | {"conf": [0.3]}, "conf: Input should be a valid number", id="a-list"),
        pytest.param(PAIR | {"stride": 0}, "stride: Input should be greater than or equal to 1", id="stride-0"),
        pytest.param(PAIR | {"stride": 1.5}, "stride: Input should be a valid integer", id="stride-1.5"),
        pytest.param(PAIR | {"max_seconds": 0}, "max_seconds: Input should be greater than 0", id="no-time"),
        pytest.param(PAIR | {"overwrite": "yes"}, "overwrite: Input should be a valid boolean", id="not-a-boolean"),
        pytest.param(PAIR | {"device": "tpu"}, "device: Input should be 'auto', 'cpu' or 'cuda'", id="device"),
        pytest.param(PAIR | {"confidence": 0.3}, "confidence: no such field", id="unknown-field"),
        pytest.param(PAIR | {"video1": 7}, "video1: Input should be a valid string (got 7)", id="not-a-path"),
        pytest.param(PAIR | {"video1": ""}, "video1: String should have at least 1 character", id="empty-path"),
        pytest.param(PAIR | {"video1": "a\0b"}, "video1: String should match pattern", id="nul-in-path"),
        pytest.param(PAIR | {"output": "a" * 5000}, "output: String should have at most 4096", id="endless-path"),
        pytest.param(PAIR | {"videos": ["c.mp4"]}, "not both", id="videos-twice"),
        pytest.param({"video1": "a.mp4"}, "give `video1` and `video2`, or `videos`", id="one-of-two"),
        pytest.param({"videos": ["a"], "cameras": ["door"]}, "not both", id="videos-and-cameras"),
        pytest.param({"cameras": []}, "cameras: List should have at least 1 item", id="no-cameras"),
        pytest.param({"videos": []}, "videos: List should have at least 1 item", id="no-videos"),
        pytest.param({}, "give `video1` and `video2`, or `videos`", id="nothing"),
        pytest.param([PAIR], "want a JSON object", id="a-list-of-requests"),
        pytest.param("cam11.mp4", "want a JSON object", id="a-json-string"),
        pytest.param(None, "want a JSON object", id="null"),
    ],
)
def test_a_wrong_value_is_named_with_its_field(client: Client, workshop: Workshop, body: Any, named: str) -> None:
    reply = client.post("/start_tracking", content=json.dumps(body), headers=JSON)
    error = error_of(reply)
    assert (reply.status_code, error["code"]) == (422, "request_invalid")
    assert named in error["message"]
    assert len(error["message"]) < 300
    assert workshop.made == []


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"{", id="cut-off"),
        pytest.param(b"{'video1': 'a.mp4'}", id="single-quotes"),
        pytest.param(b"video1=a.mp4&video2=b.mp4", id="a-form"),
        pytest.param(b'{"video1": "\xff"}', id="not-utf-8"),
        pytest.param(b"[" * 100_000, id="too-deep"),
    ],
)
def test_malformed_json_is_called_that(client: Client, content: bytes) -> None:
    reply = client.post("/start_tracking", content=content, headers=JSON)
    assert (reply.status_code, error_of(reply)["code"]) == (400, "json_malformed")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e999"])
def test_a_threshold_that_is_no_number_is_refused(client: Client, value: str) -> None:
    content = f'{{"video1": "a.mp4", "video2": "b.mp4", "conf": {value}}}'
    reply = client.post("/start_tracking", content=content, headers=JSON)
    assert (reply.status_code, error_of(reply)["code"]) == (422, "request_invalid")
    assert "conf" in error_of(reply)["message"]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param(r'{"video1": "\ud800", "video2": "b.mp4"}', "video1", id="in-a-value"),
        pytest.param(r'{"video1": "a.mp4", "\ud800": 1}', "JSON object", id="in-a-name"),
    ],
)
def test_half_a_character_is_refused_readably(client: Client, content: str, named: str) -> None:
    reply = client.post("/start_tracking", content=content, headers=JSON)
    assert reply.status_code == 422
    assert named in error_of(reply)["message"]


def test_a_body_of_another_type_is_refused(client: Client) -> None:
    """Also what keeps a web page elsewhere from starting jobs on this server: browsers ask before sending JSON."""
    reply = client.post("/start_tracking", content=json.dumps(PAIR), headers={"Content-Type": "text/plain"})
    assert (reply.status_code, error_of(reply)["code"]) == (422, "request_invalid")
    assert "Content-Type: application/json" in error_of(reply)["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "/status?job_id=nobody", id="status"),
        pytest.param("GET", "/status?job_id=", id="empty"),
        pytest.param("GET", "/jobs/nobody", id="job"),
        pytest.param("POST", "/jobs/nobody/stop", id="stop"),
    ],
)
def test_an_unknown_job_is_not_found(client: Client, method: str, path: str) -> None:
    reply = client.get(path) if method == "GET" else client.post(path)
    assert (reply.status_code, error_of(reply)["code"]) == (404, "job_unknown")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/nowhere", 404, "not_found", id="no-such-path"),
        pytest.param("/start_tracking", 405, "method_not_allowed", id="get-instead-of-post"),
    ],
)
def test_a_wrong_address_is_answered_in_the_same_shape(client: Client, path: str, status: int, code: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, error_of(reply)["code"]) == (status, code)
    assert path in error_of(reply)["message"]


def test_a_crash_in_a_request_tells_no_secrets_and_carries_the_headers(tmp_path: Path) -> None:
    def crash(config: TrackingConfig, name: str, more_sinks: MoreSinks) -> FakePipeline:
        raise RuntimeError("secret")

    with running(create_app(crash, results_root=tmp_path)) as client:
        reply = client.post("/start_tracking", json=PAIR)
    assert (reply.status_code, error_of(reply)["code"]) == (500, "internal_error")
    assert "secret" not in reply.text
    assert {name: reply.headers.get(name) for name in ALWAYS} == ALWAYS


def test_the_server_stops_its_jobs_when_it_stops(app: FastAPI, workshop: Workshop) -> None:
    with running(app) as client:
        start(client)
        start(client)
        assert workshop.made[0].running.wait(WAIT_S)
    jobs = app.state.service.jobs.jobs()
    assert [job.snapshot().status for job in jobs] == ["stopped", "stopped"]
    assert workshop.made[0].stopped


def test_the_reference_names_every_path_and_field(client: Client) -> None:
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page
    for link in re.findall(r'href="#([^"]+)"', page):
        assert page.count(f'id="{link}"') == 1, "the contents lead to every request"
    for field in [*StartRequest.model_fields, *StatusReply.model_fields]:
        assert f"<code>{field}</code>" in page
    assert "<code>cameras[].dropped</code>" in page
    assert "<code>stages.*.p95_ms</code>" in page
    assert "<code>error.code</code>" in page


@pytest.mark.parametrize("path", ["/", "/docs"])
def test_the_pages_need_nothing_from_elsewhere(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text
    assert "https://" not in page.text


@pytest.mark.parametrize("model", [StartRequest, StartReply, StatusReply, ErrorReply, JobsReply, HealthReply])
def test_every_field_is_described_and_has_an_example(model: Any) -> None:
    schema = model.model_json_schema()
    for part in [schema, *schema.get("$defs", {}).values()]:
        for name, field in part["properties"].items():
            assert field.get("description"), name
            assert field.get("examples") or "$ref" in json.dumps(field), name


def test_the_openapi_names_every_path(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/start_tracking", "/status", "/jobs", "/jobs/{job_id}", "/jobs/{job_id}/stop", "/healthz"} <= set(paths)
    errors = set(paths["/start_tracking"]["post"]["responses"])
    assert errors == {"202", "400", "403", "409", "413", "422", "424", "429"}
