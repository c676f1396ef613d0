"""YOLOv8 in torch, for CUDA and as the reference: a checkpoint read by ultralytics, its head cut down to people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detection.decoding import BINS, STRIDES
from detection.yolov8 import wrong_network
from entities import FloatArray
from runtimes import Runtime
from weight_files import check_intact, corrupt

# ultralytics looks for a network when it is imported; the program fetches weights itself, and nothing else ever.
os.environ.setdefault("YOLO_OFFLINE", "true")
# When it is imported for the first time it says so on stdout, where `--json` promises one object and nothing else.
os.environ.setdefault("YOLO_VERBOSE", "false")

import torch
from torch import nn
from ultralytics.nn.modules import Detect
from ultralytics.nn.tasks import DetectionModel, torch_safe_load

PERSON = "person"


class PeopleHead(nn.Module):  # type: ignore[misc]  # torch is untyped here
    """The head of YOLOv8 for one class, without the decoding.

    The last layer of the class branch is a 1x1 convolution, so keeping one of its output channels keeps exactly that
    class's scores. Decoding is left to `detection.decoding`, which does it in float32 for the few cells that matter.

    Args:
        head: The full head; its layers are taken over.
        kind: Number of the class to keep.
    """

    def __init__(self, head: Any, kind: int) -> None:
        super().__init__()
        self.f, self.i, self.type = head.f, head.i, head.type  # where it sits in ultralytics' graph
        self.sides, self.scores = head.cv2, head.cv3
        for branch in self.scores:
            branch[-1] = one_channel(branch[-1], kind)

    def forward(self, levels: list[Any]) -> tuple[Any, Any]:
        """Scores `(B, N)` and side logits `(B, 64, N)` of all cells, grid after grid."""
        scores = [branch(level).flatten(1) for branch, level in zip(self.scores, levels, strict=True)]
        sides = [branch(level).flatten(2) for branch, level in zip(self.sides, levels, strict=True)]
        return torch.cat(scores, 1).sigmoid(), torch.cat(sides, 2)


def one_channel(layer: Any, channel: int) -> Any:
    """A 1x1 convolution with one of the output channels of `layer`."""
    alone = nn.Conv2d(layer.in_channels, 1, 1)
    alone.weight.data = layer.weight.data[channel : channel + 1].clone()
    alone.bias.data = layer.bias.data[channel : channel + 1].clone()
    return alone


def load_people_network(path: Path) -> Any:
    """The network of a YOLOv8 checkpoint in float32 on the CPU, batch norms fused, finding people only.

    Takes a normalised RGB batch `(B, 3, H, W)`, gives what `PeopleHead.forward` does.

    Raises:
        WeightsError: `weights_corrupt`, or `weights_wrong_architecture` for anything but a YOLOv8 detector that
            knows people.
    """
    model = checkpoint_model(path)
    if not isinstance(model, DetectionModel) or not _decodable(model.model[-1]):
        raise wrong_network(path, f"it holds a {type(model).__name__} of another make")
    kind = next((number for number, label in model.names.items() if label == PERSON), None)
    if kind is None:
        raise wrong_network(path, f"it has no class {PERSON!r} among its {len(model.names)}")
    model = model.float().eval().fuse(verbose=False)
    model.model[-1] = PeopleHead(model.model[-1], kind)
    return model.eval().requires_grad_(False)


def _decodable(head: Any) -> bool:
    """Whether the head speaks what `detection.decoding` understands, and leaves suppression to us."""
    return type(head) is Detect and not head.end2end and head.reg_max == BINS and tuple(head.stride.int()) == STRIDES


def checkpoint_model(path: Path) -> Any:
    """The pickled model of the checkpoint.

    Such a file holds Python objects, and unpickling can run any code; `safe_only` lets torch build nothing but the
    known layers of ultralytics and torch, so a file from anywhere can do no harm.
    """
    check_intact(path)
    try:
        checkpoint, _ = torch_safe_load(str(path), safe_only=True)
    except (TypeError, AttributeError, ModuleNotFoundError) as error:
        raise wrong_network(path, "it is no checkpoint that ultralytics wrote") from error
    except RuntimeError as error:
        raise corrupt(path, " ".join(str(error).split())) from error
    return checkpoint.get("ema") or checkpoint.get("model")


class TorchPeopleNetwork:
    """The network run by torch; see `PeopleNetwork`.

    Args:
        path: YOLOv8 checkpoint.
        runtime: Device, precision, threads.

    Raises:
        WeightsError: See `load_people_network`.
    """

    def __init__(self, path: Path, runtime: Runtime) -> None:
        if runtime.device == "cpu":
            torch.set_num_threads(runtime.threads)
        self._device = torch.device(runtime.device)
        self._type = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}[runtime.precision]
        self._network = load_people_network(path).to(self._device, self._type)

    def __call__(self, pictures_bgr: NDArray[np.uint8]) -> tuple[FloatArray, FloatArray]:
        """See `PeopleNetwork`."""
        with torch.inference_mode():
            pictures = torch.from_numpy(pictures_bgr).to(self._device).permute(0, 3, 1, 2).flip(1)
            scores, sides = self._network(pictures.to(self._type) / 255)
            return scores.float().cpu().numpy(), sides.float().cpu().numpy()
