"""The cache of converted networks: converted once, whole or absent, by any number of processes."""

from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from errors import WeightsError
from openvino_models import (
    COMPILED,
    GRAPH,
    CompiledNetwork,
    cache_folder,
    cache_key,
    calls,
    converted,
    keep,
    taking_pictures,
)
from runtimes import Runtime

pytestmark = pytest.mark.model

RUNTIME = Runtime("openvino", "cpu", "f32", 1)


class Converter:
    """Makes a graph that adds one to its input; counts how often, and may do something first."""

    def __init__(self, before: Any = None) -> None:
        self.made = 0
        self._before = before

    def __call__(self) -> Any:
        import openvino
        from openvino import opset13

        self.made += 1
        if self._before:
            self._before()
        taken = opset13.parameter([-1, 3, -1, -1], np.float32)
        return openvino.Model([opset13.add(taken, np.float32(1))], [taken])


def test_converted_once(tmp_path: Path) -> None:
    convert = Converter()
    for _ in range(2):
        model = converted("net-1", convert, tmp_path)
        run = CompiledNetwork(taking_pictures(model, (0, 0, 0), (10, 10, 10)), (2, 2), RUNTIME)
        picture = np.array([30, 20, 10], np.uint8) * np.ones((1, 2, 2, 3), np.uint8)
        np.testing.assert_allclose(run(picture)[0][0, :, 0, 0], [2, 3, 4])  # R, G, B
    assert convert.made == 1
    assert [item.name for item in tmp_path.iterdir()] == ["net-1"], "no leftovers"


@pytest.mark.parametrize("damage", [pytest.param(b"", id="empty"), pytest.param(b"<net", id="cut-off")])
def test_a_damaged_graph_is_converted_again(tmp_path: Path, damage: bytes) -> None:
    converted("net-1", Converter(), tmp_path)
    (tmp_path / "net-1" / GRAPH).write_bytes(damage)
    convert = Converter()
    converted("net-1", convert, tmp_path)
    converted("net-1", convert, tmp_path)
    assert convert.made == 1


def test_of_two_at_once_the_first_stays(tmp_path: Path) -> None:
    other = Converter()
    convert = Converter(before=lambda: converted("net-1", other, tmp_path))
    converted("net-1", convert, tmp_path)
    assert (convert.made, other.made) == (1, 1)
    again = Converter()
    converted("net-1", again, tmp_path)
    assert again.made == 0
    assert [item.name for item in tmp_path.iterdir()] == ["net-1"]


def test_what_was_put_ready_needs_no_conversion(tmp_path: Path) -> None:
    keep(Converter()(), tmp_path / "beside the weights")
    convert = Converter()
    model = converted(
        "net-1", convert, tmp_path / "cache", ready=[tmp_path / "absent", tmp_path / "beside the weights"]
    )
    assert model.inputs
    assert convert.made == 0
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("anew", [pytest.param(True, id="goes"), pytest.param(False, id="stays")])
def test_a_graph_that_was_kept_before(tmp_path: Path, *, anew: bool) -> None:
    kept = tmp_path / "net-1"
    for note in ("before", "now"):
        keep(Converter()(), kept, {"note.txt": note}, anew=anew)
    assert (kept / "note.txt").read_text(encoding="utf-8") == ("now" if anew else "before")
    assert (kept / GRAPH).exists()
    assert [item.name for item in tmp_path.iterdir()] == ["net-1"], "no leftovers"


def test_without_the_libraries_that_convert(tmp_path: Path) -> None:
    def convert() -> Any:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    with pytest.raises(WeightsError, match=r"takes torch.*weights --convert") as raised:
        converted("net-1", convert, tmp_path)
    assert raised.value.code == "weights_not_converted"


def test_a_library_that_is_absent_has_a_name_in_the_cache() -> None:
    assert cache_key("net-1", "ab" * 32, ("no-such-library",)) != cache_key("net-1", "ab" * 32, ("openvino",))


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "cache").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        assert converted("net-1", Converter(), tmp_path / "cache").inputs
    assert "cannot keep the converted network" in caplog.text


def test_the_key_changes_with_the_weights_and_names_the_versions() -> None:
    key = cache_key("net-1", "ab" * 32, ("openvino",))
    assert key.startswith("net-1-abababababababab-openvino2")
    assert key != cache_key("net-1", "cd" * 32, ("openvino",))
    assert key != cache_key("net-2", "ab" * 32, ("openvino",))


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        pytest.param({"MCT_CACHE": "/a"}, Path("/a"), id="named"),
        pytest.param({"XDG_CACHE_HOME": "/x"}, Path("/x/multi-camera-tracker"), id="xdg"),
        pytest.param({"MCT_CACHE": "/a", "XDG_CACHE_HOME": "/x"}, Path("/a"), id="named-wins"),
        pytest.param({"HOME": "/h"}, Path("/h/.cache/multi-camera-tracker"), id="home"),
    ],
)
def test_cache_folder(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], folder: Path) -> None:
    for name in ("MCT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == folder


@pytest.mark.parametrize("group", [1, 4])
@pytest.mark.parametrize("at_once", [1, 2])
def test_any_number_of_pictures(at_once: int, group: int) -> None:
    run = CompiledNetwork(taking_pictures(Converter()(), (0, 0, 0), (1, 1, 1)), (4, 6), RUNTIME, at_once, group=group)
    for size in (1, 3, 2, 7, 8, 13):
        pictures = np.random.default_rng(size).integers(0, 255, (size, 4, 6, 3), dtype=np.uint8)
        want = pictures[..., ::-1].transpose(0, 3, 1, 2).astype(np.float32) + 1
        np.testing.assert_array_equal(run(pictures)[0], want)


def greatest_of_black(graphs: Path) -> float:
    """What a network read from a file makes of a black picture: 1."""
    for _ in range(2):  # the second time it is read
        graph = converted("net-1", lambda: taking_pictures(Converter()(), (0, 0, 0), (1, 1, 1)), graphs)
    return float(CompiledNetwork(graph, (2, 2), RUNTIME)(np.zeros((1, 2, 2, 3), np.uint8))[0].max())


@pytest.mark.parametrize("damage", [pytest.param(b"", id="empty"), pytest.param(b"x" * 300, id="something-else")])
def test_what_was_compiled_is_kept_and_made_anew_where_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    monkeypatch.setenv("MCT_CACHE", str(tmp_path))
    assert greatest_of_black(tmp_path) == 1.0
    (kept,) = (tmp_path / COMPILED).iterdir()
    size = kept.stat().st_size
    kept.write_bytes(damage)
    assert greatest_of_black(tmp_path) == 1.0
    assert kept.stat().st_size == size


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MCT_CACHE", str(tmp_path / "file"))
    assert greatest_of_black(tmp_path) == 1.0


@pytest.mark.parametrize(
    ("count", "at_once", "divided"),
    [
        pytest.param(1, 2, [1], id="one"),
        pytest.param(4, 2, [1, 1, 1, 1], id="two-for-each-one-by-one"),
        pytest.param(5, 2, [4, 1], id="more-make-a-group"),
        pytest.param(11, 2, [4, 4, 1, 1, 1], id="the-rest-one-by-one"),
        pytest.param(3, 1, [1, 1, 1], id="too-few-for-a-group"),
        pytest.param(8, 4, [1] * 8, id="groups-would-leave-threads-idle"),
    ],
)
def test_how_pictures_are_divided(count: int, at_once: int, divided: list[int]) -> None:
    assert calls(count, at_once, group=4) == divided


def test_threads_call_it_at_the_same_time() -> None:
    run = CompiledNetwork(taking_pictures(Converter()(), (0, 0, 0), (1, 1, 1)), (4, 6), RUNTIME, at_once=2, group=4)

    def mean_of(value: int) -> float:
        return float(run(np.full((7, 4, 6, 3), value, np.uint8))[0].mean())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(mean_of, range(200))) == [value + 1 for value in range(200)]


def test_no_use_is_reported_to_anybody(tmp_path: Path) -> None:
    """OpenVINO's reporting keeps a number for the user in the home folder as soon as it is loaded."""
    program = "from runtimes import openvino_core; openvino_core(); import openvino; openvino.convert_model"
    subprocess.run([sys.executable, "-c", program], env={"HOME": str(tmp_path)}, check=True, timeout=120)
    assert list(tmp_path.iterdir()) == []
