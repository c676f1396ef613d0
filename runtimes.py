"""Where the networks run: library, device, precision and threads, decided once from the settings and the machine."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import logging
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, Protocol

from threadpoolctl import threadpool_limits

from config import RuntimeConfig
from errors import DeviceError

logger = logging.getLogger(__name__)

CPU_FLAGS: Final = Path("/proc/cpuinfo")
"""Where Linux lists what its processors can do; AMX is rare elsewhere."""

# OpenVINO and NNCF report every use to their makers through this package, unasked; without it they report nothing.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: as if it were not installed


@dataclass(frozen=True, slots=True)
class Runtime:
    """A decided way to run a network.

    Attributes:
        library: What runs it.
        device: Where it runs.
        precision: Number format inside the network; its inputs and outputs stay as they are.
        threads: Inference threads on the CPU, at least 1.
        int8: Whether most of it computes in 8-bit integers instead; `precision` is for the rest.
    """

    library: Literal["openvino", "torch"]
    device: Literal["cpu", "cuda"]
    precision: Literal["f32", "bf16", "f16"]
    threads: int
    int8: bool = False

    @property
    def format(self) -> str:
        """The number format that most of the network computes in."""
        return "int8" if self.int8 else self.precision

    def __str__(self) -> str:
        where = " cuda" if self.device == "cuda" else ""
        return f"{self.library}{where} {self.format}"


class Machine(Protocol):
    """What the decision needs to know of a machine; asked only as far as needed."""

    def has_cuda(self) -> bool:
        """Whether torch can compute on a CUDA device here."""

    def computes_bf16(self) -> bool:
        """Whether networks are faster in bfloat16 than in float32 on the CPU."""

    def cores(self) -> int:
        """CPU cores that this process may use."""


def choose_runtime(config: RuntimeConfig, machine: Machine | None = None) -> Runtime:
    """Settle every `auto` of the settings.

    Args:
        config: What the user asked for.
        machine: What there is; this machine unless given.

    Raises:
        DeviceError: CUDA is asked for and absent, or asked of OpenVINO, which here runs on the CPU; or int8 is asked
            of anything but OpenVINO.
    """
    if config.precision == "int8":
        if config.runtime == "torch" or config.device == "cuda":
            asked = "runtime torch" if config.runtime == "torch" else "device cuda"
            raise DeviceError(
                f"precision int8 with {asked}: 8-bit integers run in OpenVINO on the CPU; leave out {asked}, or choose "
                "another precision"
            )
        return replace(choose_runtime(replace(config, runtime="openvino", precision="auto"), machine), int8=True)
    there = machine or ThisMachine()
    threads = config.threads or there.cores()
    if config.runtime == "openvino" and config.device == "cuda":
        raise DeviceError(
            "device cuda with runtime openvino: OpenVINO runs on the CPU here; choose --runtime torch or --device cpu"
        )
    if config.device == "cuda" and not there.has_cuda():
        raise DeviceError(
            "device cuda: this machine has no CUDA device that torch can use; check the NVIDIA driver and "
            "CUDA_VISIBLE_DEVICES, or choose --device cpu"
        )
    wants_cuda = config.device == "cuda" or (config.device == "auto" and config.runtime != "openvino")
    if wants_cuda and there.has_cuda():
        # bf16 has 8 bits of mantissa, fp16 11: on CUDA both are fast, so the exacter one is the default.
        return Runtime("torch", "cuda", "f16" if config.precision == "auto" else config.precision, threads)
    if config.runtime == "torch":
        # The reference: exact unless told otherwise.
        return Runtime("torch", "cpu", "f32" if config.precision == "auto" else config.precision, threads)
    if config.precision == "auto":
        return Runtime("openvino", "cpu", "bf16" if there.computes_bf16() else "f32", threads)
    return Runtime("openvino", "cpu", config.precision, threads)


def streams(runtime: Runtime) -> int:
    """How many calls a network works on at the same time, each with its share of the threads.

    Threads that share one call wait for each other after every layer; where embedding, decoding and drawing take cores
    away now and then, the others idle. Two calls side by side do not wait for each other. More than two would only make
    what is shown later. torch has one queue for a device and one pool of threads for a CPU.
    """
    return min(2, runtime.threads) if runtime.library == "openvino" else 1


class ThisMachine:
    """The machine the program runs on; looks without loading torch as long as the answer allows."""

    def has_cuda(self) -> bool:
        """Ask the driver first: loading torch costs seconds, and without a device there is nothing to ask it."""
        if cuda_devices() == 0:
            return False
        import torch

        usable = bool(torch.cuda.is_available())
        if not usable:
            logger.warning("the NVIDIA driver reports a device, but this build of torch cannot use it")
        return usable

    def computes_bf16(self) -> bool:
        """Where it has tiles for them. OpenVINO's own default is bf16 with AVX-512 alone, too, where f32 is faster."""
        return has_bf16_tiles(CPU_FLAGS)

    def cores(self) -> int:
        """Cores of the process's affinity mask where the system has one, else all."""
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1


def has_bf16_tiles(cpuinfo: Path) -> bool:
    """Whether the processor has AMX for bfloat16, as far as the system tells; False where it lists no flags."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return "amx_bf16" in flags


def cuda_devices() -> int:
    """Devices that the NVIDIA driver lets this process see; 0 without a driver. Takes milliseconds."""
    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    count = ctypes.c_int(0)
    with contextlib.suppress(OSError, AttributeError):
        driver = ctypes.CDLL(name)
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    return 0


@functools.cache
def openvino_core() -> Any:
    """The one `openvino.Core` of the process; it may be used from any thread.

    A core puts a signal stack under the thread that makes it and takes it away when it goes. Cores that go in another
    order than they came leave a stack behind that is no more, and the next Ctrl-C there is a segmentation fault.
    """
    import openvino

    return openvino.Core()


def one_thread_a_library() -> None:
    """Keep BLAS and OpenCV on the thread that calls them; only the networks compute on all cores.

    The matrices and pictures of a round are small: a pool per library costs more in waking and fighting for cores
    (decoding, drawing and encoding run beside) than it saves. It holds for the whole process.
    """
    import cv2

    cv2.setNumThreads(1)
    threadpool_limits(limits=1, user_api="blas")
