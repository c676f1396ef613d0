"""What a map is drawn of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from entities import GlobalId, LocalId
from store.batch import Batch, Stretch
from store.engine import writing
from store.store import Store
from store.values import BoxSample
from store.writing import BatchRows, JobKey
from store_settings import StoreConfig
from tests.api.client import Client, error_of, running
from tests.builders import CAM1, CAM2
from tests.fake_pipeline import Workshop
from tests.stored import NOON_UNIX_S, Clock, run_job, walk
from web.floor import MOST_SIGHTINGS
from web.settings import ServerSettings

FROM_ABOVE = [[100.0, 0.0, 0.0], [0.0, -100.0, 480.0], [0.0, 0.0, 1.0]]
"""100 pixels a metre; the lower left corner of the picture is the origin."""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A server on a store in which Monday's job saw person 1 go from left to right in both cameras."""
    config = StoreConfig(url=str(tmp_path / "out" / "store.db"))
    (tmp_path / "out" / "monday").mkdir(parents=True)
    (tmp_path / "in").mkdir()
    run_job(config, [*walk(CAM1, 1, (0.0, 2.0)), *walk(CAM2, 1, (3.0, 5.0))], results=tmp_path / "out" / "monday")
    settings = ServerSettings(inputs=(tmp_path / "in",))
    app = create_app(
        Workshop(), results_root=tmp_path / "out", defaults={"store": {"url": config.url}}, settings=settings
    )
    with running(app) as client:
        yield client


def report(folder: Path, calibration: Path | None, own: Path | None = None) -> None:
    """Write what Monday's job said of its settings."""
    said = {"identity": {"calibration": calibration and str(calibration)}}
    cameras = [{"id": str(CAM1), "calibration": own and str(own)}]
    text = json.dumps({"configuration": {**said, "cameras": cameras}})
    (folder / "out" / "monday" / "run.json").write_text(text, encoding="utf-8")


def calibration(folder: Path) -> Path:
    path = folder / "in" / "floor.json"
    path.write_text(json.dumps({CAM1: {"floor_to_image": FROM_ABOVE}}), encoding="utf-8")
    return path


def floor(client: Client, query: str = "") -> Any:
    reply = client.get(f"/jobs/monday/floor{query}")
    assert reply.status_code == 200, reply.text
    return reply.json()


@pytest.mark.parametrize("own", [False, True], ids=["of-all-cameras", "of-one-camera"])
def test_feet_are_placed_by_the_calibration(client: Client, tmp_path: Path, own: bool) -> None:
    path = calibration(tmp_path)
    report(tmp_path, None if own else path, path if own else None)
    said = floor(client)
    assert [(camera["camera"], camera["calibrated"]) for camera in said["cameras"]] == [(CAM1, True), (CAM2, False)]
    assert len(said["cameras"][0]["seen_m"]) >= 4
    (trail,) = said["trails"]
    assert (trail["person_id"], trail["camera"]) == (1, CAM1)
    time_s, x_m, y_m = trail["points"][0]
    assert time_s == 0.0
    assert (x_m, y_m) == pytest.approx((1.0, 2.8))  # feet at pixel (100, 200), 480 high
    assert trail["points"][-1][1] > x_m


def test_the_floor_track_of_a_person_goes_over_all_jobs(client: Client, tmp_path: Path) -> None:
    report(tmp_path, calibration(tmp_path))
    url = str(tmp_path / "out" / "store.db")
    run_job(StoreConfig(url=url), walk(CAM1, 1, (0.0, 1.0)), job_id="tuesday", clock=Clock(NOON_UNIX_S + 86400.0))
    links = client.get("/identities/1").json()["links"]
    said = client.get(links["floor"]).json()
    assert (said["total"], said["unmeasured"]) == (3, ["tuesday"])
    (stretch,) = said["stretches"]
    assert (stretch["job_id"], stretch["camera"]) == ("monday", CAM1)
    assert stretch["points"][0] == pytest.approx([NOON_UNIX_S, 1.0, 2.8])
    since = client.get(f"{links['floor']}?since={NOON_UNIX_S + 2.5}").json()
    assert (since["stretches"], since["unmeasured"]) == ([], ["monday", "tuesday"])
    assert error_of(client.get("/identities/9/floor"))["code"] == "person_unknown"


def test_only_the_stretch_that_is_asked_for_comes(client: Client, tmp_path: Path) -> None:
    report(tmp_path, calibration(tmp_path))
    times = [point[0] for trail in floor(client, "?until_s=1.5&span_s=1")["trails"] for point in trail["points"]]
    assert times
    assert 0.5 <= min(times) <= max(times) <= 1.5
    assert floor(client, "?until_s=5&span_s=1")["trails"] == []


def test_of_too_many_the_newest_are_shown(client: Client, tmp_path: Path) -> None:
    report(tmp_path, calibration(tmp_path))
    stretches = [
        Stretch(CAM1, LocalId(9), frame, frame, 2.0, 2.0, 1, GlobalId(9), ()) for frame in range(MOST_SIGHTINGS)
    ]
    late = BoxSample(0, 4.9, (100.0, 100.0, 140.0, 200.0))
    stretches.append(Stretch(CAM1, LocalId(8), 49, 49, 4.9, 4.9, 1, GlobalId(8), (late,)))
    store = Store.open(str(tmp_path / "out" / "store.db"))
    with writing(store.engine) as session:
        BatchRows(session, JobKey("monday", NOON_UNIX_S, "colour"), NOON_UNIX_S).write(Batch(5.0, stretches))
    store.close()
    assert [trail["person_id"] for trail in floor(client)["trails"]] == [8]


def test_without_a_calibration_there_are_cameras_only(client: Client, tmp_path: Path) -> None:
    report(tmp_path, None)
    said = floor(client)
    assert not any(camera["calibrated"] for camera in said["cameras"])
    assert said["cameras"][0]["size_px"] == [640, 480]
    assert said["trails"] == []


def test_a_calibration_that_is_gone_is_none(client: Client, tmp_path: Path) -> None:
    report(tmp_path, tmp_path / "in" / "gone.json")
    assert floor(client)["trails"] == []


def test_what_is_outside_or_nonsense_is_refused(client: Client, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}", encoding="utf-8")
    report(tmp_path, tmp_path / "secret.json")
    assert error_of(client.get("/jobs/monday/floor"))["code"] == "source_outside"
    (tmp_path / "out" / "monday" / "run.json").write_text("[]", encoding="utf-8")
    assert error_of(client.get("/jobs/monday/floor"))["code"] == "report_invalid"
    assert error_of(client.get("/jobs/tuesday/floor"))["code"] == "job_unknown"
