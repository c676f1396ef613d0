"""The YOLOv8 runtimes: they agree, they load once, and they refuse what is not theirs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import weight_files
from association.iou import iou_matrix
from config import DetectionConfig, RuntimeConfig
from detection import create_detector
from detection.decoding import cells, decode
from detection.letterbox import letterboxed
from entities import Detections
from errors import WeightsError
from runtimes import choose_runtime

pytestmark = pytest.mark.model

OPENVINO = RuntimeConfig(device="cpu", runtime="openvino", precision="f32", offline=True)
TORCH = RuntimeConfig(device="cpu", runtime="torch", precision="f32", offline=True)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Conversions of these tests stay out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MCT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def make_yolo(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a YOLOv8n checkpoint with random weights, as ultralytics does."""

    def make(name: str = "random.pt", classes: int = 2) -> Path:
        import torch
        from ultralytics.nn.tasks import DetectionModel

        torch.manual_seed(3)
        model = DetectionModel("yolov8n.yaml", nc=classes, verbose=False)
        with torch.no_grad():  # normalise with what it sees: otherwise random layers answer the same to everything
            for layer in model.modules():
                if isinstance(layer, torch.nn.BatchNorm2d):
                    layer.momentum = None
            model.train()(torch.rand(4, 3, 64, 96))
        model.eval().names = {0: "bicycle", 1: "person"} if classes == 2 else {0: "cat"}
        path = tmp_path_factory.mktemp("weights") / name
        torch.save({"model": model.half()}, path)
        return path

    return make


@pytest.fixture(scope="module")
def random_yolo(make_yolo: Callable[..., Path]) -> Path:
    """One checkpoint for all tests, so that it is converted only once."""
    return make_yolo()


def pictures() -> list[NDArray[np.uint8]]:
    """Three pictures of different shapes: smooth noise, so that a network has something to answer to."""
    noise = np.random.default_rng(0)
    sizes = [(480, 640), (540, 960), (480, 640)]
    small = [noise.integers(0, 256, (height // 20, width // 20, 3), dtype=np.uint8) for height, width in sizes]
    return [
        np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
        for image, (height, width) in zip(small, sizes, strict=True)
    ]


def assert_same_people(a: Detections, b: Detections) -> None:
    """Every box of one has its partner within 2 px in the other, equally likely."""
    assert len(a) == len(b)
    partner = iou_matrix(a.boxes_xyxy, b.boxes_xyxy).argmax(axis=1)
    assert sorted(partner.tolist()) == list(range(len(b)))
    np.testing.assert_allclose(a.boxes_xyxy, b.boxes_xyxy[partner], atol=2.0)
    np.testing.assert_allclose(a.scores, b.scores[partner], atol=0.01)


def test_random_weights_agree_in_both_runtimes(random_yolo: Path) -> None:
    from detection.openvino import OpenvinoPeopleNetwork, people_graph
    from detection.torch import TorchPeopleNetwork

    path = random_yolo
    exact, fast = (
        TorchPeopleNetwork(path, choose_runtime(TORCH)),
        OpenvinoPeopleNetwork(people_graph(path), choose_runtime(OPENVINO)),
    )
    for shape in ((64, 96), (96, 64)):
        batch, _ = letterboxed(pictures(), shape)
        (scores, sides), (fast_scores, fast_sides) = exact(batch), fast(batch)
        assert np.ptp(scores) > 0.1, "a network that says the same everywhere proves nothing"
        np.testing.assert_allclose(fast_scores, scores, atol=0.01)
        for one, other in zip(sides, fast_sides, strict=True):
            np.testing.assert_allclose(decode(other.T, cells(shape)), decode(one.T, cells(shape)), atol=2.0)


def test_the_torch_network_computes_what_ultralytics_does(random_yolo: Path) -> None:
    import torch

    from detection.torch import checkpoint_model, load_people_network

    whole = checkpoint_model(random_yolo).float().eval()
    batch = torch.rand(2, 3, 64, 96)
    with torch.inference_mode():
        theirs = whole(batch)[0].numpy()
        scores, sides = (item.numpy() for item in load_people_network(random_yolo)(batch))
    np.testing.assert_allclose(scores, theirs[:, 4 + 1], atol=1e-3)
    for row in range(2):
        boxes = decode(sides[row].T, cells((64, 96)))
        centre, size = theirs[row, :2].T, theirs[row, 2:4].T
        np.testing.assert_allclose(boxes, np.hstack([centre - size / 2, centre + size / 2]), atol=1e-2)


@pytest.mark.weights
def test_real_weights_agree_in_both_runtimes(real_people: list[NDArray[np.uint8]]) -> None:
    config = DetectionConfig(conf=0.3)
    names = [str(index) for index in range(len(real_people))]
    seen = [create_detector(config, runtime).detect(names, real_people) for runtime in (TORCH, OPENVINO)]
    assert sum(map(len, seen[0])) > 0
    for one, other in zip(*seen, strict=True):
        assert_same_people(one, other)


@pytest.fixture
def real_people() -> list[NDArray[np.uint8]]:
    """Pictures of people, where this machine has both the weights and such pictures."""
    path = weight_files.find("yolov8n.pt")
    if path is None:
        pytest.skip("yolov8n.pt is not here; `python main.py weights` fetches it")
    import ultralytics

    asset = Path(ultralytics.__file__).parent / "assets" / "bus.jpg"
    image = cv2.imread(str(asset))
    if image is None:
        pytest.skip("this build of ultralytics brings no picture of people")
    return [np.asarray(image, np.uint8), np.asarray(image[:, ::-1], np.uint8).copy()]


def test_the_second_start_does_without_torch(random_yolo: Path) -> None:
    config = DetectionConfig(weights=str(random_yolo), conf=0.9)
    create_detector(config, OPENVINO)
    program = (
        "import sys, numpy as np\n"
        "from config import DetectionConfig, RuntimeConfig\n"
        "from detection import create_detector\n"
        f"config = DetectionConfig(weights={str(random_yolo)!r}, conf=0.9)\n"
        "again = create_detector(config, RuntimeConfig(device='cpu', precision='f32', offline=True))\n"
        "again.detect(['a'], [np.zeros((48, 64, 3), np.uint8)])\n"
    )
    assert loaded_by(program) == "openvino"


def test_the_first_start_of_all_says_nothing_of_a_librarys_own(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "YOLO_VERBOSE"}
    environ["YOLO_CONFIG_DIR"] = str(tmp_path)
    command = [sys.executable, "-c", "import detection.torch"]
    done = subprocess.run(command, cwd=weight_files.PROJECT, env=environ, capture_output=True, text=True, check=True)
    assert any(tmp_path.rglob("settings.json")), "it was the first start"
    assert done.stdout == ""


def loaded_by(program: str) -> str:
    """The heavy libraries that a fresh interpreter has loaded after the program."""
    heavy = "{'torch', 'torchreid', 'ultralytics', 'openvino'}"
    asked = f"{program}\nimport sys; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip()


def test_importing_the_packages_loads_no_library() -> None:
    assert loaded_by("import detection, reid") == ""


@pytest.mark.parametrize("runtime", [pytest.param(TORCH, id="torch"), pytest.param(OPENVINO, id="openvino")])
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param("empty", "weights_corrupt", id="empty"),
        pytest.param("text", "weights_corrupt", id="text"),
        pytest.param("truncated", "weights_corrupt", id="truncated"),
        pytest.param("state-dict", "weights_wrong_architecture", id="re-id-weights"),
        pytest.param("any-object", "weights_wrong_architecture", id="pickle-that-would-run-code"),
        pytest.param("no-people", "weights_wrong_architecture", id="knows-only-cats"),
        pytest.param("suffix", "weights_wrong_architecture", id="another-suffix"),
    ],
)
def test_other_files_are_refused(
    tmp_path: Path,
    random_yolo: Path,
    make_yolo: Callable[..., Path],
    runtime: RuntimeConfig,
    spoil: str,
    code: str,
) -> None:
    path = spoilt(tmp_path, random_yolo, make_yolo, spoil)
    with pytest.raises(WeightsError, match=path.name) as caught:
        create_detector(DetectionConfig(weights=str(path)), runtime)
    assert caught.value.code == code
    assert not (tmp_path / "ran").exists()


class RunsCode:
    """Unpickling this with an ordinary loader creates the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
        return Path.touch, (self._path,)


def spoilt(folder: Path, whole: Path, make_yolo: Callable[..., Path], how: str) -> Path:
    import torch

    path = folder / f"{how}.pt"
    if how == "empty":
        path.touch()
    elif how == "text":
        path.write_text("no weights at all")
    elif how == "truncated":
        path.write_bytes(whole.read_bytes()[:-5000])
    elif how == "state-dict":
        torch.save({"state_dict": {"conv1.weight": torch.zeros(3)}}, path)
    elif how == "any-object":
        torch.save({"model": RunsCode(folder / "ran")}, path)
    elif how == "no-people":
        return make_yolo("cats.pt", classes=1)
    elif how == "suffix":
        return Path(shutil.copy(whole, folder / "yolo.bin"))
    return path
