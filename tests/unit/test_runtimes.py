"""How library, device, precision and threads are decided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config import RuntimeConfig
from errors import DeviceError
from runtimes import Runtime, choose_runtime, has_bf16_tiles, streams


@dataclass
class FakeMachine:
    """A machine with two cores; `asked` lists the questions that cost something."""

    cuda: bool = False
    bf16: bool = False

    def __post_init__(self) -> None:
        self.asked: list[str] = []

    def has_cuda(self) -> bool:
        self.asked.append("cuda")
        return self.cuda

    def computes_bf16(self) -> bool:
        self.asked.append("bf16")
        return self.bf16

    def cores(self) -> int:
        return 2


@pytest.mark.parametrize(
    ("asked", "machine", "want"),
    [
        pytest.param({}, FakeMachine(), "openvino f32", id="plain-cpu"),
        pytest.param({}, FakeMachine(bf16=True), "openvino bf16", id="bf16-where-native"),
        pytest.param({"precision": "f32"}, FakeMachine(bf16=True), "openvino f32", id="f32-asked"),
        pytest.param({"precision": "bf16"}, FakeMachine(), "openvino bf16", id="bf16-asked-though-emulated"),
        pytest.param({}, FakeMachine(cuda=True), "torch cuda f16", id="cuda-found"),
        pytest.param({"device": "cuda"}, FakeMachine(cuda=True), "torch cuda f16", id="cuda-asked"),
        pytest.param({"precision": "f32"}, FakeMachine(cuda=True), "torch cuda f32", id="exact-cuda"),
        pytest.param({"device": "cpu"}, FakeMachine(cuda=True), "openvino f32", id="cpu-asked"),
        pytest.param({"runtime": "openvino"}, FakeMachine(cuda=True), "openvino f32", id="openvino-means-cpu"),
        pytest.param({"runtime": "torch"}, FakeMachine(), "torch f32", id="torch-on-cpu"),
        pytest.param({"runtime": "torch"}, FakeMachine(bf16=True), "torch f32", id="the-reference-is-exact"),
        pytest.param({"runtime": "torch"}, FakeMachine(cuda=True), "torch cuda f16", id="torch-takes-cuda"),
        pytest.param(
            {"runtime": "torch", "device": "cpu"}, FakeMachine(cuda=True), "torch f32", id="torch-kept-on-cpu"
        ),
        pytest.param({"precision": "int8"}, FakeMachine(), "openvino int8", id="int8"),
        pytest.param({"precision": "int8"}, FakeMachine(cuda=True), "openvino int8", id="int8-means-openvino"),
    ],
)
def test_choice(asked: dict[str, Any], machine: FakeMachine, want: str) -> None:
    assert str(choose_runtime(RuntimeConfig(**asked), machine)) == want


@pytest.mark.parametrize(
    ("asked", "machine", "says"),
    [
        pytest.param({"device": "cuda"}, FakeMachine(), "no CUDA device", id="cuda-absent"),
        pytest.param({"device": "cuda", "runtime": "torch"}, FakeMachine(), "no CUDA device", id="cuda-absent-torch"),
        pytest.param(
            {"device": "cuda", "runtime": "openvino"}, FakeMachine(cuda=True), "--runtime torch", id="openvino-on-cuda"
        ),
        pytest.param(
            {"precision": "int8", "runtime": "torch"}, FakeMachine(), "leave out runtime torch", id="int8-torch"
        ),
        pytest.param(
            {"precision": "int8", "device": "cuda"}, FakeMachine(cuda=True), "leave out device cuda", id="int8-on-cuda"
        ),
    ],
)
def test_what_is_not_there_is_refused(asked: dict[str, Any], machine: FakeMachine, says: str) -> None:
    with pytest.raises(DeviceError, match=says) as caught:
        choose_runtime(RuntimeConfig(**asked), machine)
    assert caught.value.code == "device_unavailable"


@pytest.mark.parametrize(
    ("machine", "rest"),
    [
        pytest.param(FakeMachine(), "f32", id="plain-cpu"),
        pytest.param(FakeMachine(bf16=True), "bf16", id="bf16-native"),
    ],
)
def test_what_is_not_quantised_computes_as_usual(machine: FakeMachine, rest: str) -> None:
    chosen = choose_runtime(RuntimeConfig(precision="int8"), machine)
    assert (chosen.int8, chosen.precision) == (True, rest)
    assert str(chosen) == "openvino int8"


def test_a_cpu_job_asks_nothing_of_the_machine() -> None:
    machine = FakeMachine()
    choose_runtime(RuntimeConfig(device="cpu", precision="f32"), machine)
    assert machine.asked == []


@pytest.mark.parametrize(("asked", "want"), [pytest.param(0, 2, id="all-cores"), pytest.param(5, 5, id="as-asked")])
def test_threads(asked: int, want: int) -> None:
    assert choose_runtime(RuntimeConfig(threads=asked), FakeMachine()) == Runtime("openvino", "cpu", "f32", want)


@pytest.mark.parametrize(
    ("runtime", "at_once"),
    [
        pytest.param(Runtime("openvino", "cpu", "f32", 8), 2, id="two"),
        pytest.param(Runtime("openvino", "cpu", "f32", 1), 1, id="one-thread-has-one"),
        pytest.param(Runtime("torch", "cpu", "f32", 8), 1, id="torch-has-one-pool"),
        pytest.param(Runtime("torch", "cuda", "f16", 8), 1, id="a-device-has-one-queue"),
    ],
)
def test_rounds_looked_at_side_by_side(runtime: Runtime, at_once: int) -> None:
    assert streams(runtime) == at_once


@pytest.mark.parametrize(
    ("cpuinfo", "tiles"),
    [
        pytest.param("flags\t\t: fpu avx512f avx512_bf16 amx_bf16 amx_tile\n", True, id="amx"),
        pytest.param("flags\t\t: fpu avx512f avx512_bf16 avx512_vnni\n", False, id="avx512-bf16-alone-is-slower"),
        pytest.param("flags\t\t: fpu amx_tile amx_int8\n", False, id="tiles-of-other-numbers"),
        pytest.param("model name\t: flags of amx_bf16\n", False, id="only-the-flags-count"),
        pytest.param("Features\t: fp asimd bf16\n", False, id="arm"),
        pytest.param("", False, id="nothing-said"),
    ],
)
def test_bf16_is_for_processors_with_tiles(cpuinfo: str, tiles: bool, tmp_path: Path) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    assert has_bf16_tiles(path) is tiles


def test_a_system_that_lists_no_flags_has_no_tiles(tmp_path: Path) -> None:
    assert not has_bf16_tiles(tmp_path / "absent")
