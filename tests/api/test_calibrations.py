"""Calibrations that are made on the page and kept on the server: named, checked, bounded, used by a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from tests.api.client import Client, error_of, running, start
from tests.api.test_people import photo
from tests.fake_pipeline import Workshop
from web import shelf
from web.settings import ServerSettings

MATRIX = [[80.0, -30.0, 300.0], [5.0, -60.0, 400.0], [0.01, 0.08, 1.0]]
CAMERAS = {"cam11": {"floor_to_image": MATRIX}, "cam44": {"floor_to_image": MATRIX}}
HALL = "/calibrations/hall"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A server that may read one folder only, which is not where calibrations lie."""
    (tmp_path / "in").mkdir()
    settings = ServerSettings(inputs=(tmp_path / "in", Path("cam11.mp4"), Path("cam44.mp4")), max_request_bytes=20_000)
    with running(create_app(Workshop(), results_root=tmp_path / "out", settings=settings)) as client:
        yield client


def saved(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/calibrations").json()["calibrations"]
    return found


def test_what_is_saved_is_listed_read_used_and_removed(client: Client, tmp_path: Path) -> None:
    assert saved(client) == []
    reply = client.put(HALL, json={"cameras": CAMERAS})
    assert reply.status_code == 200, reply.text
    (hall,) = saved(client)
    assert hall == reply.json()
    assert (hall["name"], hall["cameras"], hall["plan"]) == ("hall", ["cam11", "cam44"], None)
    assert Path(hall["path"]) == tmp_path / "out" / "calibrations" / "hall.json"
    assert client.get(HALL).json() == {"cameras": CAMERAS}
    start(client, calibration=hall["path"])
    client.put(HALL, json={"cameras": {"cam11": CAMERAS["cam11"]}})
    assert saved(client)[0]["cameras"] == ["cam11"]
    assert client.delete(HALL).status_code == 204
    assert saved(client) == []
    assert list((tmp_path / "out" / "calibrations").iterdir()) == []


def test_a_floor_plan_goes_with_it(client: Client) -> None:
    client.put(HALL, json={"cameras": CAMERAS})
    picture = photo((64, 48), "PNG")
    reply = client.put(f"{HALL}/plan?width_m=12.5&left_m=-2", content=picture)
    assert reply.status_code == 200, reply.text
    assert saved(client)[0]["plan"] == {"width_m": 12.5, "left_m": -2.0, "bottom_m": 0.0}
    plan = client.get(f"{HALL}/plan")
    assert (plan.headers["content-type"], plan.headers["x-content-type-options"]) == ("image/png", "nosniff")
    assert plan.content == picture
    client.delete(HALL)
    assert client.get(f"{HALL}/plan").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        pytest.param(HALL, {"cameras": {}}, 422, "request_invalid", id="no-camera"),
        pytest.param(HALL, {"cameras": {"cam1": {}}}, 422, "calibration_invalid", id="nothing-of-it"),
        pytest.param(
            HALL, {"cameras": {"cam1": {"floor_to_image": [[0.0] * 3] * 3}}}, 422, "calibration_invalid", id="singular"
        ),
        pytest.param(
            HALL, {"cameras": {"c": {"floor_to_image": MATRIX, "x": 1}}}, 422, "calibration_invalid", id="too-much"
        ),
        pytest.param(HALL, {"cameras": CAMERAS, "x": "y" * 20_000}, 413, "request_too_large", id="too-long"),
        pytest.param("/calibrations/%2E%2E", {"cameras": CAMERAS}, 422, "calibration_name", id="upwards"),
        pytest.param("/calibrations/..%2F..%2Fx", {"cameras": CAMERAS}, 404, "not_found", id="upwards-encoded"),
        pytest.param("/calibrations/.hidden", {"cameras": CAMERAS}, 422, "calibration_name", id="hidden"),
        pytest.param("/calibrations/hall.json", {"cameras": CAMERAS}, 422, "calibration_name", id="a-dot"),
        pytest.param("/calibrations/" + "h" * 65, {"cameras": CAMERAS}, 422, "calibration_name", id="long-name"),
    ],
)
def test_what_is_no_calibration_is_not_saved(
    client: Client, tmp_path: Path, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    reply = client.put(path, json=body)
    assert (reply.status_code, error_of(reply)["code"]) == (status, code)
    assert not [*tmp_path.rglob("*.json")]


@pytest.mark.parametrize("path", [HALL, f"{HALL}/plan"])
def test_what_was_not_saved_is_not_found(client: Client, path: str) -> None:
    assert error_of(client.get(path))["code"] == "calibration_unknown"
    assert error_of(client.delete(HALL))["code"] == "calibration_unknown"
    assert error_of(client.put(f"{HALL}/plan?width_m=1", content=photo((64, 48))))["code"] == "calibration_unknown"


@pytest.mark.parametrize(
    ("query", "content", "code"),
    [
        pytest.param("?width_m=5", b"<svg onload='alert(1)'/>", "photo_unreadable", id="no-picture"),
        pytest.param("?width_m=0", photo((64, 48)), "request_invalid", id="no-width"),
        pytest.param("?width_m=5&left_m=NaN", photo((64, 48)), "request_invalid", id="nowhere"),
        pytest.param("", photo((64, 48)), "request_invalid", id="width-left-out"),
    ],
)
def test_what_is_no_plan_is_refused(client: Client, query: str, content: bytes, code: str) -> None:
    client.put(HALL, json={"cameras": CAMERAS})
    assert error_of(client.put(f"{HALL}/plan{query}", content=content))["code"] == code
    assert client.get(f"{HALL}/plan").status_code == 404


def test_there_are_not_more_than_so_many(client: Client, tmp_path: Path) -> None:
    client.put(HALL, json={"cameras": CAMERAS})
    text = (tmp_path / "out" / "calibrations" / "hall.json").read_text(encoding="utf-8")
    for number in range(1, shelf.MOST):
        (tmp_path / "out" / "calibrations" / f"hall {number}.json").write_text(text, encoding="utf-8")
    assert error_of(client.put("/calibrations/one-more", json={"cameras": CAMERAS}))["code"] == "too_many_calibrations"
    assert client.put(HALL, json={"cameras": CAMERAS}).status_code == 200


def test_what_somebody_damaged_is_not_listed(client: Client, tmp_path: Path) -> None:
    client.put(HALL, json={"cameras": CAMERAS})
    (tmp_path / "out" / "calibrations" / "yard.json").write_text("{}", encoding="utf-8")
    (tmp_path / "out" / "calibrations" / "a.b.json").write_text("{}", encoding="utf-8")
    assert [each["name"] for each in saved(client)] == ["hall"]
