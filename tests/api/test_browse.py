"""The folders and files that a form offers for a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from tests.api.client import Client, error_of, running
from tests.fake_pipeline import Workshop
from web.settings import ServerSettings


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Two folders of inputs, something secret beside them, and a link that leads there."""
    for name in ("in/deep", "more", "secret"):
        (tmp_path / name).mkdir(parents=True)
    for name in (
        "in/b.mp4",
        "in/A.MKV",
        "in/floor.json",
        "in/notes.txt",
        "in/.hidden.mp4",
        "in/deep/c.avi",
        "secret/s.mp4",
    ):
        (tmp_path / name).write_bytes(b"four")
    (tmp_path / "in" / "out.mp4").symlink_to(tmp_path / "secret" / "s.mp4")
    (tmp_path / "in" / "way-out").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "way-in").symlink_to(tmp_path / "in" / "deep")
    return tmp_path


def serving(house: Path, *folders: str) -> Iterator[Client]:
    settings = ServerSettings(inputs=tuple(house / name for name in folders))
    with running(create_app(Workshop(), results_root=house / "out", settings=settings)) as client:
        yield client


@pytest.fixture
def client(house: Path) -> Iterator[Client]:
    yield from serving(house, "in")


@pytest.fixture
def client_of_two(house: Path) -> Iterator[Client]:
    yield from serving(house, "in", "more")


def test_folders_first_then_files_and_nothing_that_leads_outside(client: Client, house: Path) -> None:
    said = client.get("/inputs").json()
    assert [(entry["name"], entry["kind"], entry["bytes"]) for entry in said["entries"]] == [
        ("deep", "folder", 0),
        ("way-in", "folder", 0),
        ("A.MKV", "video", 4),
        ("b.mp4", "video", 4),
        ("floor.json", "json", 4),
    ]
    assert said["entries"][3]["path"] == str(house / "in" / "b.mp4")
    assert (said["folder"], said["parent"], said["more"]) == (str(house / "in"), None, False)


@pytest.mark.parametrize("target", ["in/gone.mp4", "in/link.mp4"], ids=["dangling", "in-a-circle"])
def test_a_link_that_leads_nowhere_is_left_out(client: Client, house: Path, target: str) -> None:
    before = client.get("/inputs").json()["entries"]
    (house / "in" / "link.mp4").symlink_to(house / target)
    assert client.get("/inputs").json()["entries"] == before


def test_a_folder_knows_the_one_around_it(client: Client, house: Path) -> None:
    said = client.get("/inputs", params={"folder": str(house / "in" / "deep")}).json()
    assert [entry["name"] for entry in said["entries"]] == ["c.avi"]
    assert said["parent"] == str(house / "in")


def test_of_several_folders_there_is_a_list(client_of_two: Client, house: Path) -> None:
    said = client_of_two.get("/inputs").json()
    assert [entry["path"] for entry in said["entries"]] == [str(house / "in"), str(house / "more")]
    empty = client_of_two.get("/inputs", params={"folder": str(house / "more")}).json()
    assert (empty["entries"], empty["parent"]) == ([], "")


@pytest.mark.parametrize("name", ["secret", "in/way-out", "in/../secret", "", "/"])
def test_other_folders_are_refused(client: Client, house: Path, name: str) -> None:
    reply = client.get("/inputs", params={"folder": str(house / name)})
    assert reply.status_code == 403
    assert error_of(reply)["code"] == "source_outside"


@pytest.mark.parametrize(
    ("name", "why"), [("in/nothing", "No such file or directory"), ("in/b.mp4", "Not a directory")]
)
def test_what_is_no_folder_is_told(client: Client, house: Path, name: str, why: str) -> None:
    reply = client.get("/inputs", params={"folder": str(house / name)})
    assert reply.status_code == 404
    assert error_of(reply)["code"] == "folder_unknown"
    assert why in error_of(reply)["message"]
