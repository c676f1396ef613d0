"""Jobs with cameras that the operator has named: their addresses and passwords stay on the server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from tests.api.client import PAIR, Client, error_of, running
from tests.fake_pipeline import Workshop
from web.settings import ServerSettings

FILE = """
[[camera]]
id = "door"
name = "Front door"
source = "rtsp://admin:s3cret@10.0.0.7/1"

[[camera]]
id = "hall"
source = "rtsp://10.0.0.8/1"
calibration = "floor.json"

[[camera]]
id = "attic"
source = "webcam:0"
enabled = false
"""


@pytest.fixture
def client(workshop: Workshop, tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "cameras.toml").write_text(FILE)
    settings = ServerSettings(cameras=tmp_path / "cameras.toml", schemes=())
    defaults = {"cameras": [{"source": "rtsp://10.0.0.9/1"}]}
    with running(create_app(workshop, results_root=tmp_path, settings=settings, defaults=defaults)) as client:
        yield client


def test_they_are_listed_without_their_passwords(client: Client) -> None:
    reply = client.get("/cameras")
    assert "s3cret" not in reply.text
    door, hall = reply.json()["cameras"]
    assert (door["id"], door["name"], door["kind"], door["calibrated"]) == ("door", "Front door", "rtsp", False)
    assert (hall["source"], hall["calibrated"]) == ("rtsp://10.0.0.8/1", True)


def test_a_job_takes_them_by_name_also_where_addresses_are_not_allowed(client: Client, workshop: Workshop) -> None:
    reply = client.post("/start_tracking", json={"cameras": ["hall", "door"], "realtime": True})
    assert reply.status_code == 202, reply.text
    config = workshop.made[0].config
    assert {camera.id for camera in config.inputs} == {"door", "hall"}
    assert config.live.realtime
    status = client.get("/status")
    assert "s3cret" not in status.text
    assert len(status.json()["videos"]) == 2


def test_videos_of_a_request_win_over_cameras_among_the_defaults(client: Client, workshop: Workshop) -> None:
    assert client.post("/start_tracking", json=PAIR).status_code == 202
    assert [camera.source for camera in workshop.made[0].config.inputs] == ["cam11.mp4", "cam44.mp4"]


@pytest.mark.parametrize("name", ["cellar", "attic"])
def test_one_that_is_not_there_or_not_enabled_is_named(client: Client, name: str) -> None:
    reply = client.post("/start_tracking", json={"cameras": [name]})
    assert (reply.status_code, error_of(reply)["code"]) == (422, "cameras_invalid")
    assert name in error_of(reply)["message"]


def test_without_a_file_there_are_none(workshop: Workshop, tmp_path: Path) -> None:
    with running(create_app(workshop, results_root=tmp_path)) as client:
        assert client.get("/cameras").json() == {"cameras": []}
        reply = client.post("/start_tracking", json={"cameras": ["door"]})
        assert (reply.status_code, error_of(reply)["code"]) == (404, "cameras_off")
