"""People, events and corrections over HTTP, from a store that jobs have written."""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from fastapi import FastAPI
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import update

from app import create_app
from entities import EventKind, GlobalId, IdentityEvent
from store.engine import writing
from store.schema import JobRow
from store.store import Store
from store_settings import StoreConfig
from tests.api.client import Client, error_of, running
from tests.builders import CAM1, CAM2
from tests.fake_pipeline import Workshop
from tests.stored import NOON_UNIX_S, run_job, walk
from web.photo import MOST_PIXELS
from web.settings import ServerSettings

WEIGHTS_FREE = {"detection": {"model": "motion"}, "reid": {"model": "colour"}}


def appeared(person: int, time_s: float) -> IdentityEvent:
    return IdentityEvent(time_s, EventKind.APPEARED, GlobalId(person), reason="nobody to compare with")


@pytest.fixture
def stored(tmp_path: Path) -> StoreConfig:
    """See `remember`."""
    return remember(tmp_path)


def remember(folder: Path) -> StoreConfig:
    """Let Monday's job see two people in two cameras."""
    config = StoreConfig(url=str(folder / "out" / "store.db"))
    (folder / "out" / "monday").mkdir(parents=True)
    (folder / "out" / "monday" / "tracks.jsonl").write_text("{}\n")
    rounds = [
        *walk(CAM1, 1, (0.0, 2.0), events=[appeared(1, 0.0)]),
        *walk(CAM2, 1, (3.0, 5.0)),
        *walk(CAM1, 2, (6.0, 7.0), local_id=2, events=[appeared(2, 6.0)]),
    ]
    run_job(config, rounds, results=folder / "out" / "monday")
    return config


def an_app(folder: Path, stored: StoreConfig) -> FastAPI:
    """A server on a store."""
    defaults = {"store": {"url": stored.url}, **WEIGHTS_FREE}
    settings = ServerSettings(max_upload_bytes=200_000)
    return create_app(Workshop(), results_root=folder / "out", defaults=defaults, settings=settings)


@pytest.fixture
def client(tmp_path: Path, stored: StoreConfig) -> Iterator[Client]:
    with running(an_app(tmp_path, stored)) as client:
        yield client


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client for tests that change nothing."""
    folder = tmp_path_factory.mktemp("read")
    with running(an_app(folder, remember(folder))) as client:
        yield client


def items(client: Client, query: str) -> list[int]:
    reply = client.get(f"/identities?{query}")
    assert reply.status_code == 200, reply.text
    return [person["id"] for person in reply.json()["items"]]


def test_people_are_listed_page_by_page(reader: Client) -> None:
    whole = reader.get("/identities").json()
    assert whole["total"] == 2
    assert [person["id"] for person in whole["items"]] == [2, 1]
    first = whole["items"][1]
    assert (first["seconds"], first["cameras"]) == (pytest.approx(4.0), ["cam1", "cam2"])
    assert first["first_seen_unix_s"] == pytest.approx(NOON_UNIX_S)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("order=id&descending=false", [1, 2], id="by-number"),
        pytest.param("order=seconds", [1, 2], id="by-time-in-view"),
        pytest.param("limit=1&offset=1&order=id&descending=false", [2], id="second-page"),
        pytest.param("camera=cam2", [1], id="by-camera"),
        pytest.param(f"since={NOON_UNIX_S + 5.5}", [2], id="since"),
        pytest.param(f"until={NOON_UNIX_S + 5.5}", [1], id="until"),
        pytest.param("job_id=nobody", [], id="another-job"),
        pytest.param("search=2", [2], id="by-number-typed"),
        pytest.param("search=%25", [], id="a-wildcard-is-a-letter"),
        pytest.param("here_now=true", [], id="nobody-is-here"),
    ],
)
def test_people_are_found_by(reader: Client, query: str, found: list[int]) -> None:
    assert items(reader, query) == found


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "offset=-1", "order=beauty", "since=NaN", "search=" + "x" * 201]
)
def test_a_query_out_of_bounds_is_refused(reader: Client, query: str) -> None:
    reply = reader.get(f"/identities?{query}")
    assert (reply.status_code, error_of(reply)["code"]) == (422, "request_invalid")


@pytest.mark.parametrize(
    "address",
    [
        "/identities?search=%00",
        "/identities?job_id=%00",
        "/sightings?camera=%00",
        "/events?job_id=%00",
        "/jobs/%00/events",
    ],
)
def test_what_no_database_takes_is_refused_by_all_alike(reader: Client, address: str) -> None:
    reply = reader.get(address)
    assert (reply.status_code, error_of(reply)["code"]) == (422, "request_invalid")


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("/identities?ordr=id", "ordr: no such query; there is camera, descending,", id="misspelt"),
        pytest.param("/events?kind=left", "kind: no such query; there is after, identity, job_id, kinds", id="no-s"),
        pytest.param("/crops/1?size=9", "size: no such query; this path takes none", id="none-taken"),
        pytest.param("/events?kinds=leaves", "no such kind; there is appeared, joined,", id="no-kind-of-event"),
    ],
)
def test_a_misspelt_filter_is_told_instead_of_filtering_nothing(reader: Client, address: str, message: str) -> None:
    reply = reader.get(address)
    assert (reply.status_code, error_of(reply)["code"]) == (422, "request_invalid")
    assert message in error_of(reply)["message"]


def test_links_and_monitoring_may_add_to_an_address(reader: Client) -> None:
    for path in ("/?from=mail", "/healthz?probe=1", "/metrics?x=1"):
        assert reader.get(path).status_code == 200


def test_one_person_is_told_with_times_and_places(reader: Client) -> None:
    reply = reader.get("/identities/1").json()
    assert reply["person"]["id"] == 1
    assert [(stay["camera"], stay["intervals_s"]) for stay in reply["stays"]] == [
        ("cam1", [[0.0, 2.0]]),
        ("cam2", [[3.0, 5.0]]),
    ]
    assert {name: reader.get(link).status_code for name, link in reply["links"].items()} == {
        "sightings": 200,
        "events": 200,
        "floor": 200,
    }
    crop = reply["crops"][0]
    picture = reader.get(crop["url"])
    assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert "path" not in crop


@pytest.mark.parametrize(
    ("path", "code"),
    [
        pytest.param("/identities/99", "person_unknown", id="person"),
        pytest.param("/crops/99", "crop_unknown", id="crop"),
    ],
)
def test_who_is_not_there_is_not_found(reader: Client, path: str, code: str) -> None:
    reply = reader.get(path)
    assert (reply.status_code, error_of(reply)["code"]) == (404, code)


def test_a_picture_outside_of_the_stores_folder_is_not_sent(client: Client, tmp_path: Path) -> None:
    crop = client.get("/identities/1").json()["crops"][0]
    (folder,) = {path.parent for path in (tmp_path / "out").rglob("*.jpg")}
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"\xff\xd8secret")
    for picture in folder.iterdir():
        picture.unlink()
        picture.symlink_to(secret)
    assert client.get(crop["url"]).status_code == 404


def test_sightings_are_told_with_boxes_if_asked(reader: Client) -> None:
    plain = reader.get("/sightings?camera=cam1").json()
    assert [(each["person_id"], each["start_s"], each["samples"]) for each in plain["items"]] == [
        (1, 0.0, []),
        (2, 6.0, []),
    ]
    (boxed,) = reader.get("/sightings?identity=2&boxes=true").json()["items"]
    assert len(boxed["samples"]) >= 2
    assert boxed["samples"][0]["time_s"] == 6.0


def test_events_are_read_by_cursor(reader: Client) -> None:
    first = reader.get("/events?limit=1").json()
    assert [event["kind"] for event in first["events"]] == ["appeared"]
    rest = reader.get(f"/events?after={first['next']}").json()
    kinds = [event["kind"] for event in rest["events"]]
    assert {"handed_over", "appeared", "left"} <= set(kinds)
    assert reader.get(f"/events?after={rest['next']}").json() == {"events": [], "next": rest["next"]}
    every = first["events"] + rest["events"]
    assert reader.get("/jobs/monday/events").json()["events"] == every
    assert reader.get("/events?tail=true&limit=2").json()["events"] == every[-2:]
    assert reader.get("/events?tail=true&limit=1000").json()["events"] == every
    assert reader.get("/jobs/tuesday/events").json()["events"] == []
    left = reader.get("/events?kinds=left&kinds=handed_over&identity=1").json()["events"]
    assert {event["kind"] for event in left} <= {"left", "handed_over"}


def test_a_merge_counts_at_once_and_can_be_undone(client: Client) -> None:
    reply = client.post("/corrections", json={"kind": "merge", "keep": 1, "gone": 2})
    assert reply.status_code == 201, reply.text
    made = reply.json()
    assert (made["kind"], made["person_id"], made["other_id"]) == ("merge", 1, 2)
    assert items(client, "") == [1]
    assert client.get("/identities/2").json()["person"]["id"] == 1
    assert client.delete(f"/corrections/{made['id']}").json()["undone_unix_s"] > 0
    assert items(client, "order=id&descending=false") == [1, 2]
    assert client.get("/corrections").json() == {"corrections": []}
    assert len(client.get("/corrections?undone=true").json()["corrections"]) == 1


def test_a_person_is_split_in_time(client: Client) -> None:
    made = client.post("/corrections", json={"kind": "split", "identity": 1, "at_unix_s": NOON_UNIX_S + 2.5}).json()
    assert client.get("/identities/1").json()["person"]["cameras"] == ["cam1"]
    assert client.get(f"/identities/{made['other_id']}").json()["person"]["cameras"] == ["cam2"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"kind": "merge", "keep": 1, "gone": 99}, 404, "person_unknown", id="nobody"),
        pytest.param({"kind": "merge", "keep": 1, "gone": 1}, 409, "correction_invalid", id="oneself"),
        pytest.param({"kind": "merge", "keep": 1}, 422, "request_invalid", id="half"),
        pytest.param({"kind": "swap", "one": 1, "other": 2}, 422, "request_invalid", id="unknown-kind"),
        pytest.param({"kind": "apart", "one": 1, "other": -2}, 422, "request_invalid", id="negative"),
        pytest.param({"kind": "apart", "one": 1, "other": 10**30}, 422, "request_invalid", id="huge"),
        pytest.param({"kind": "split", "identity": 1, "at_unix_s": "noon"}, 422, "request_invalid", id="no-time"),
    ],
)
def test_a_wrong_correction_is_refused(reader: Client, body: dict[str, Any], status: int, code: str) -> None:
    reply = reader.post("/corrections", json=body)
    assert (reply.status_code, error_of(reply)["code"]) == (status, code)


def test_two_who_are_kept_apart_cannot_be_merged(client: Client) -> None:
    assert client.post("/corrections", json={"kind": "apart", "one": 1, "other": 2}).status_code == 201
    reply = client.post("/corrections", json={"kind": "merge", "keep": 1, "gone": 2})
    assert (reply.status_code, error_of(reply)["code"]) == (409, "correction_invalid")


def test_a_person_gets_a_name_and_loses_it(client: Client) -> None:
    assert client.patch("/identities/1", json={"name": "Ann"}).json()["person"]["name"] == "Ann"
    assert items(client, "search=an") == [1]
    assert client.patch("/identities/1", json={"name": None}).json()["person"]["name"] is None
    assert client.patch("/identities/1", json={"name": "A\0n"}).status_code == 422


def test_a_person_is_erased(client: Client) -> None:
    assert client.delete("/identities/1").json()["sightings"] == 2
    assert client.get("/identities/1").status_code == 404
    assert items(client, "") == [2]


def test_a_job_of_an_earlier_run_is_still_there(client: Client) -> None:
    (job,) = client.get("/jobs").json()["jobs"]
    assert (job["job_id"], job["status"], job["videos"]) == ("monday", "done", ["cam1.mp4", "cam2.mp4"])
    assert job["total_visits"] == client.get("/identities?job_id=monday").json()["total"] == 2
    assert client.get("/jobs/monday").json() == job
    assert client.get("/jobs/monday/results").json()["files"] == [{"name": "tracks.jsonl", "bytes": 3}]
    assert client.delete("/jobs/monday?records=true").json() == job
    assert client.get("/jobs/monday").status_code == 404


def another_process() -> str:
    """The owner of jobs of a process that lives and is not this one."""
    parent = psutil.Process().parent()
    assert parent is not None
    return f"{socket.gethostname()}/{parent.pid}/{parent.create_time():.2f}"


def let_run(stored: StoreConfig, job_id: str, owner: str) -> None:
    """Enter that a process runs a job."""
    store = Store.open(str(stored.url))
    with writing(store.engine) as session:
        session.execute(update(JobRow).where(JobRow.id == job_id).values(status="processing", owner=owner))
    store.close()


def test_a_job_that_another_process_runs_is_not_deleted(client: Client, stored: StoreConfig, tmp_path: Path) -> None:
    let_run(stored, "monday", another_process())
    reply = client.delete("/jobs/monday?records=true")
    assert (reply.status_code, error_of(reply)["code"]) == (409, "job_not_over")
    assert (tmp_path / "out" / "monday" / "tracks.jsonl").exists()
    assert items(client, "job_id=monday") == [2, 1]
    let_run(stored, "monday", another_process().rpartition("/")[0] + "/1.0")
    assert client.delete("/jobs/monday?records=true").status_code == 200, "that process is gone"


def test_a_folder_that_another_process_writes_into_is_not_deleted(
    client: Client, stored: StoreConfig, tmp_path: Path
) -> None:
    results = tmp_path / "out" / "monday"
    run_job(stored, walk(CAM1, 1, (0.0, 1.0)), job_id="tuesday", results=results)
    let_run(stored, "tuesday", another_process())
    reply = client.delete("/jobs/monday?records=true")
    assert (reply.status_code, error_of(reply)["code"]) == (409, "output_in_use")
    assert (results / "tracks.jsonl").exists()
    assert client.delete("/jobs/monday").status_code == 200


def test_a_job_of_an_earlier_run_tells_what_its_report_said(client: Client, tmp_path: Path) -> None:
    video = tmp_path / "out" / "monday.mp4"
    video.write_bytes(b"moving")
    stage = {"count": 3, "total_s": 0.3, "p50_ms": 100.0, "p95_ms": 110.0}
    camera = {"camera_id": "cam1", "state": "ended", "frames_read": 3, "dropped": {"late": 1}}
    report = {
        "rounds": 3,
        "stages": {"detect": stage},
        "cameras": [{"camera_id": "cam1", "progress": camera}],
        "configuration": {"output": {"video": str(video)}},
    }
    path = tmp_path / "out" / "monday" / "run.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    job = client.get("/jobs/monday").json()
    assert (job["rounds_done"], job["output"]) == (3, str(video))
    assert (job["stages"]["detect"]["p50_ms"], job["cameras"][0]["dropped"]) == (100.0, 1)
    assert client.get("/jobs/monday/video").content == b"moving"
    report["configuration"] = {"output": {"video": str(tmp_path.parent / "secret.mp4")}}
    path.write_text(json.dumps(report), encoding="utf-8")
    assert error_of(client.get("/jobs/monday/video"))["code"] == "output_outside"
    path.write_text("{", encoding="utf-8")
    assert client.get("/jobs/monday").json()["rounds_done"] == 0, "a damaged report hides no job"
    assert client.get("/jobs/monday/results").status_code == 200


def test_a_job_whose_server_died_is_interrupted_and_its_records_are_readable(
    workshop: Workshop, stored: StoreConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_job(stored, walk(CAM1, 3, (0.0, 1.0)), job_id="tuesday", outcome=None, results=tmp_path / "out" / "monday")
    import psutil

    # The process that wrote it is this one: let it look as if it had been started at another time.
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 0.0)
    with running(
        create_app(workshop, results_root=tmp_path / "out", defaults={"store": {"url": stored.url}})
    ) as client:
        assert client.get("/jobs/tuesday").json()["status"] == "interrupted"
        assert client.get("/jobs/tuesday/results/tracks.jsonl").status_code == 200


def test_without_a_store_it_is_said(workshop: Workshop, tmp_path: Path) -> None:
    with running(create_app(workshop, results_root=tmp_path)) as client:
        for path in ("/identities", "/events", "/events/stream", "/sightings", "/corrections"):
            reply = client.get(path)
            assert (reply.status_code, error_of(reply)["code"]) == (503, "store_off")
        assert client.get("/jobs").json() == {"jobs": []}


def photo(picture: NDArray[np.uint8] | tuple[int, int], kind: str = "JPEG") -> bytes:
    content = np.full((picture[1], picture[0], 3), 90, np.uint8) if isinstance(picture, tuple) else picture
    file = io.BytesIO()
    Image.fromarray(content[:, :, ::-1]).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_finds_people_by_look(reader: Client, kind: str) -> None:
    reply = reader.post("/identities/search?limit=5", content=photo((64, 128), kind))
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert body["box_xyxy"] is None  # the weights-free detector sees only what moves
    assert all(-1.0 <= match["similarity"] <= 1.0 for match in body["matches"])


def bomb() -> bytes:
    """A PNG of a few kilobytes that unpacks to more than anybody has."""
    file = io.BytesIO()
    side = int(MOST_PIXELS**0.5) + 1000
    Image.new("1", (side, side)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param({}, "kind: is needed", id="no-kind"),
        pytest.param({"kind": "swap"}, "kind: want one of 'merge', 'split', 'apart' (got 'swap')", id="unknown-kind"),
        pytest.param({"kind": "merge", "keep": 1}, "merge.gone: is needed", id="half"),
    ],
)
def test_what_a_correction_lacks_is_named(reader: Client, body: dict[str, Any], message: str) -> None:
    assert error_of(reader.post("/corrections", json=body))["message"] == message


def test_a_photo_in_a_form_is_told_how_to_come(reader: Client) -> None:
    reply = reader.post("/identities/search", files={"file": photo((64, 128))})
    assert "send the bytes of a whole JPEG, PNG or WebP as the body" in error_of(reply)["message"]


def test_how_much_is_too_much_is_told(reader: Client) -> None:
    reply = reader.post("/identities/search", content=b"x" * 200_001)
    assert re.search(r"more than the \d+ bytes that a request here may have", error_of(reply)["message"])


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param(b"", 422, "photo_unreadable", id="nothing"),
        pytest.param(b"no picture at all", 422, "photo_unreadable", id="text"),
        pytest.param(photo((64, 128))[:300], 422, "photo_unreadable", id="cut-off"),
        pytest.param(photo((64, 128), "GIF"), 422, "photo_unreadable", id="another-kind"),
        pytest.param(photo((15, 200)), 422, "photo_unreadable", id="too-small"),
        pytest.param(bomb(), 422, "photo_too_large", id="a-bomb"),
        pytest.param(b"\xff\xd8" + b"x" * 200_000, 413, "request_too_large", id="too-many-bytes"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422, "photo_unreadable", id="svg"),
    ],
)
def test_what_is_no_photo_is_refused(reader: Client, content: bytes, status: int, code: str) -> None:
    reply = reader.post("/identities/search", content=content)
    assert (reply.status_code, error_of(reply)["code"]) == (status, code)
