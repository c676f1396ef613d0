"""OSNet in torch, for CUDA and as the reference: the architecture of torchreid with the weights of a file."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from entities import FloatArray
from errors import WeightsError
from reid.crops import MEAN_RGB, STD_RGB
from runtimes import Runtime
from weight_files import check_intact, corrupt

with warnings.catch_warnings():
    # torchreid recommends a compiled metric that the tracker does not use.
    warnings.filterwarnings("ignore", "Cython evaluation", category=UserWarning)
    from torchreid.reid.models import build_model

ARCHITECTURE = "osnet_x0_25"
# torchreid's training checkpoints keep the score as a numpy number beside the weights.
HARMLESS = [
    np.dtype,
    type(np.dtype(np.float32)),
    type(np.dtype(np.float64)),
    (np.float64(0).__reduce__()[0], "numpy.core.multiarray.scalar"),
    (np.float64(0).__reduce__()[0], "numpy._core.multiarray.scalar"),
]


def untrained(architecture: str) -> Any:
    """A network of torchreid with random weights, nothing fetched."""
    return build_model(architecture, num_classes=1, pretrained=False).eval()


def load_osnet(path: Path) -> Any:
    """OSNet x0_25 in float32 on the CPU, ready to infer.

    Takes a normalised RGB batch `(B, 3, 256, 128)`, gives `(B, 512)`.

    Raises:
        WeightsError: `weights_corrupt`, or `weights_wrong_architecture` when the file's layers are not exactly those
            of OSNet x0_25 (its classifier, which only training needs, may be there, absent, or of any size).
    """
    layers = {
        name.removeprefix("module."): value
        for name, value in _state(path).items()
        if not name.removeprefix("module.").startswith("classifier.")
    }
    network = untrained(ARCHITECTURE)
    expected = {name: value.shape for name, value in network.state_dict().items() if not name.startswith("classifier.")}
    if {name: getattr(value, "shape", None) for name, value in layers.items()} != expected:
        raise wrong_network(path, "its layers are others")
    network.load_state_dict(layers, strict=False)  # strict but for the classifier: compared just above
    return network.requires_grad_(False)


def _state(path: Path) -> dict[str, Any]:
    """The named tensors of the file; torch is allowed to build nothing but tensors and plain values."""
    check_intact(path)
    try:
        with torch.serialization.safe_globals(HARMLESS):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise wrong_network(path, "it is no state dict (a whole pickled model, perhaps)") from error
    except (RuntimeError, EOFError, ValueError) as error:
        raise corrupt(path, " ".join(str(error).split())) from error
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict):
        raise wrong_network(path, f"it holds a {type(content).__name__}")
    return state


def wrong_network(path: Path, why: str) -> WeightsError:
    """The error for a readable file that holds another network."""
    return WeightsError(
        f"Re-ID weights {path}: want OSNet x0_25 as torchreid saves it, or an .onnx file, but {why}; "
        f"choose osnet_x0_25.pth.tar",
        code="weights_wrong_architecture",
    )


class TorchLookNetwork:
    """The network run by torch; see `LookNetwork`.

    Args:
        path: State dict.
        runtime: Device, precision, threads.

    Raises:
        WeightsError: See `load_osnet`.
    """

    def __init__(self, path: Path, runtime: Runtime) -> None:
        if runtime.device == "cpu":
            torch.set_num_threads(runtime.threads)
        self._device = torch.device(runtime.device)
        self._type = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}[runtime.precision]
        self._network = load_osnet(path).to(self._device, self._type)
        self._mean = torch.tensor(MEAN_RGB, device=self._device).reshape(1, 3, 1, 1)
        self._std = torch.tensor(STD_RGB, device=self._device).reshape(1, 3, 1, 1)

    @property
    def dimension(self) -> int:
        return int(self._network.feature_dim)

    def __call__(self, crops_bgr: NDArray[np.uint8]) -> FloatArray:
        """See `LookNetwork`."""
        with torch.inference_mode():
            pictures = torch.from_numpy(crops_bgr).to(self._device).permute(0, 3, 1, 2).flip(1)
            looks = self._network(((pictures - self._mean) / self._std).to(self._type))
            return np.asarray(looks.float().cpu().numpy(), np.float32)
