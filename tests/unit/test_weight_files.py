"""Where weights are looked for, and what a look at a file says."""

from __future__ import annotations

import hashlib
import pickle
import zipfile
from pathlib import Path

import pytest

import weight_files
from downloads import Progress
from errors import WeightsError
from weight_files import KNOWN, KnownWeights, Verdict, find, folders, is_known, obtain, verify

CONTENT = b"\x80\x02weights"
OURS = KnownWeights("net.pt", "a network", "https://origin.invalid/net.pt", "https://origin.invalid", 9, None)


def never(origin: str, part: Path, on_progress: Progress) -> None:
    raise AssertionError(f"fetched {origin} although it was there or forbidden")


def zipped(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", bytes(range(256)) * 20)
    return path


def test_looks_in_the_project_then_the_environment_then_beside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MCT_WEIGHTS", str(tmp_path))
    project = Path(weight_files.__file__).parent
    assert folders() == (project / "weights", tmp_path, project.parent / "shared" / "weights")


@pytest.mark.parametrize("value", [pytest.param(None, id="unset"), pytest.param("", id="empty")])
def test_without_the_environment_two_folders_remain(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("MCT_WEIGHTS", raising=False)
    if value is not None:
        monkeypatch.setenv("MCT_WEIGHTS", value)
    assert [folder.name for folder in folders()] == ["weights", "weights"]


@pytest.mark.parametrize(
    ("there", "found"),
    [
        pytest.param(["a", "b"], "a", id="first-folder-wins"),
        pytest.param(["b"], "b", id="later-folder"),
        pytest.param(["cwd"], "cwd", id="current-folder-last"),
        pytest.param([], None, id="nowhere"),
    ],
)
def test_find_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: list[str], found: str | None) -> None:
    for folder in ("a", "b", "cwd"):
        (tmp_path / folder).mkdir()
    for folder in there:
        (tmp_path / folder / "net.pt").write_bytes(CONTENT)
    monkeypatch.chdir(tmp_path / "cwd")
    path = find("net.pt", [tmp_path / "a", tmp_path / "b"])
    assert (path.resolve() if path else None) == (tmp_path / found / "net.pt" if found else None)


def test_a_path_is_taken_as_is(tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "net.pt").write_bytes(CONTENT)
    assert find(str(tmp_path / "net.pt"), [tmp_path / "places"]) is None
    assert find(str(tmp_path / "places" / "net.pt"), []) == tmp_path / "places" / "net.pt"


def test_a_file_that_is_there_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_bytes(CONTENT)
    got = obtain("net.pt", offline=False, places=[tmp_path], known=[OURS], fetch_origin=never)
    assert got == tmp_path / "net.pt"


@pytest.mark.parametrize(
    ("name", "offline", "says"),
    [
        pytest.param(
            "net.pt", True, "python main.py weights.*https://origin.invalid", id="offline-tells-both-ways-out"
        ),
        pytest.param("mine.pt", False, "give its path", id="unknown-name"),
        pytest.param("no/such/net.pt", False, "no such file", id="missing-path-even-of-a-known-name"),
        pytest.param("./", False, "a folder", id="folder"),
    ],
)
def test_missing_weights(tmp_path: Path, name: str, offline: bool, says: str) -> None:
    with pytest.raises(WeightsError, match=says) as caught:
        obtain(name, offline=offline, places=[tmp_path], known=[OURS], fetch_origin=never)
    assert caught.value.code == "weights_missing"


@pytest.mark.parametrize(
    ("content", "name", "verdict"),
    [
        pytest.param(b"", "net.pt", Verdict.CORRUPT, id="empty"),
        pytest.param(b"", "net.onnx", Verdict.CORRUPT, id="empty-onnx"),
        pytest.param(b"<html>quota exceeded</html>", "net.pt", Verdict.CORRUPT, id="text"),
        pytest.param(CONTENT, "net.pt", Verdict.OFFICIAL, id="known-hash"),
        pytest.param(CONTENT + b"x", "net.pt", Verdict.OWN, id="other-hash"),
        pytest.param(CONTENT, "mine.pt", Verdict.OWN, id="other-name"),
        pytest.param(b"\x08\x07", "net.onnx", Verdict.OWN, id="onnx-is-not-judged-without-loading"),
    ],
)
def test_verdict(tmp_path: Path, content: bytes, name: str, verdict: Verdict) -> None:
    known = KnownWeights("net.pt", "", "", "", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    (tmp_path / name).write_bytes(content)
    assert verify(tmp_path / name, [known]) is verdict


def test_a_zip_is_judged_by_its_checksums(tmp_path: Path) -> None:
    path = zipped(tmp_path / "net.pt")
    assert verify(path) is Verdict.OWN
    whole = path.read_bytes()
    path.write_bytes(whole[:-1000])
    assert verify(path) is Verdict.CORRUPT
    damaged = bytearray(whole)
    damaged[200] ^= 0xFF
    path.write_bytes(bytes(damaged))
    assert verify(path) is Verdict.CORRUPT


@pytest.mark.parametrize("path", [pytest.param("absent.pt", id="absent"), pytest.param("", id="folder")])
def test_what_cannot_be_read_is_corrupt(tmp_path: Path, path: str) -> None:
    assert verify(tmp_path / path) is Verdict.CORRUPT


def test_an_old_pickle_passes(tmp_path: Path) -> None:
    (tmp_path / "old.pth").write_bytes(pickle.dumps({"a": 1}, protocol=2))
    assert verify(tmp_path / "old.pth") is Verdict.OWN


def test_sha256_of_known_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert weight_files.sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_both_networks_of_the_default_configuration_are_known() -> None:
    assert [item.name for item in KNOWN] == ["yolov8n.pt", "osnet_x0_25.pth.tar"]
    assert is_known("yolov8n.pt")
    assert not is_known("yolov8x.pt")


@pytest.mark.weights
def test_the_real_detector_weights_are_the_official_ones() -> None:
    path = find("yolov8n.pt")
    if path is None:
        pytest.skip("yolov8n.pt is not here; `python main.py weights` fetches it")
    assert verify(path) is Verdict.OFFICIAL
    assert path.stat().st_size == KNOWN[0].size_bytes
