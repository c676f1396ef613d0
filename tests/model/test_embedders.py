"""The OSNet runtimes: they agree, they load once, and they refuse what is not theirs."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import weight_files
from config import ReidConfig, RuntimeConfig
from entities import FloatArray
from errors import ConfigError, WeightsError
from perception import Embedder
from reid import create_embedder, fingerprint_matches

pytestmark = pytest.mark.model

OPENVINO = RuntimeConfig(device="cpu", runtime="openvino", precision="f32", offline=True)
TORCH = RuntimeConfig(device="cpu", runtime="torch", precision="f32", offline=True)
Make = Callable[..., Path]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Conversions of these tests stay out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MCT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def make_osnet(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Writes OSNet with random weights as torchreid does: bare, or a training checkpoint."""

    def make(
        name: str = "random.pth.tar",
        architecture: str = "osnet_x0_25",
        classes: int = 7,
        prefix: str = "",
        training: bool = False,
        old_format: bool = False,
    ) -> Path:
        import torch

        from reid.torch import untrained

        torch.manual_seed(5)
        network = untrained(architecture)
        with torch.no_grad():  # normalise with what it sees: otherwise random layers answer the same to everything
            for layer in network.modules():
                if isinstance(layer, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
                    layer.momentum = None
            network.train()(torch.randn(4, 3, 8, 4).repeat_interleave(32, 2).repeat_interleave(32, 3))
        state = network.state_dict()
        state["classifier.weight"] = torch.zeros(classes, 512)
        named = {f"{prefix}{key}": value for key, value in state.items()}
        content = {"state_dict": named, "epoch": 3, "rank1": np.float32(0.5)} if training else named
        path = tmp_path_factory.mktemp("weights") / name
        torch.save(content, path, _use_new_zipfile_serialization=not old_format)
        return path

    return make


@pytest.fixture(scope="module")
def random_osnet(make_osnet: Make) -> Path:
    """One file for all tests, so that it is converted only once."""
    return make_osnet("mine.pth.tar")


@pytest.fixture(scope="module")
def real_osnet() -> Path:
    path = weight_files.find("osnet_x0_25.pth.tar")
    if path is None:
        pytest.skip("osnet_x0_25.pth.tar is not here; `python main.py weights` fetches it")
    return path


def picture() -> NDArray[np.uint8]:
    """Patches of all colours."""
    return np.random.default_rng(1).integers(0, 256, (6, 8, 3), dtype=np.uint8).repeat(40, axis=0).repeat(40, axis=1)


BOXES: FloatArray = np.array([[0, 0, 60, 180], [100, 20, 160, 200], [250, 100, 400, 300], [-9, -9, 0, 0]], np.float32)


def looks(embedder: Embedder) -> FloatArray:
    first, nobody = embedder.embed([picture(), picture()], [BOXES, BOXES[:0]])
    assert nobody.shape == (0, embedder.dimension)
    assert np.isnan(first[3]).all()
    np.testing.assert_allclose(np.linalg.norm(first[:3], axis=1), 1.0, atol=1e-5)
    return first[:3]


def test_random_weights_agree_in_both_runtimes(random_osnet: Path) -> None:
    config = ReidConfig(weights=str(random_osnet))
    exact, fast = (looks(create_embedder(config, runtime)) for runtime in (TORCH, OPENVINO))
    assert exact.shape == (3, 512)
    assert (exact * fast).sum(axis=1).min() >= 0.999
    assert (exact @ exact.T)[~np.eye(3, dtype=np.bool_)].max() < 0.99, "different crops look different"


@pytest.mark.weights
def test_real_weights_agree_in_both_runtimes(real_osnet: Path) -> None:
    made = [create_embedder(ReidConfig(weights=str(real_osnet)), runtime) for runtime in (TORCH, OPENVINO)]
    exact, fast = (looks(embedder) for embedder in made)
    assert (exact * fast).sum(axis=1).min() >= 0.999
    for embedder in made:
        assert embedder.mean_person is not None
        assert embedder.mean_person.shape == (512,)


@pytest.mark.weights
@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_a_renamed_copy_is_still_known(real_osnet: Path, tmp_path: Path, precision: str) -> None:
    copy = shutil.copy(real_osnet, tmp_path / "mine.pth.tar")
    runtime = RuntimeConfig(device="cpu", runtime="openvino", precision=precision, offline=True)  # type: ignore[arg-type]  # of the table
    assert create_embedder(ReidConfig(weights=str(copy)), runtime).mean_person is not None
    assert fingerprint_matches(Path(copy))


def test_other_weights_are_used_without_a_mean_person_and_say_so(
    random_osnet: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        embedder = create_embedder(ReidConfig(weights=str(random_osnet)), OPENVINO)
    assert embedder.mean_person is None
    assert "mine.pth.tar are not the published" in caplog.text
    assert not fingerprint_matches(random_osnet)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param({"classes": 4101}, id="classifier-of-any-size"),
        pytest.param({"prefix": "module."}, id="saved-by-several-gpus"),
        pytest.param({"training": True}, id="training-checkpoint"),
        pytest.param({"old_format": True}, id="saved-before-torch-1.6"),
    ],
)
def test_every_way_torchreid_saves_it(random_osnet: Path, make_osnet: Make, made: dict[str, object]) -> None:
    plain = looks(create_embedder(ReidConfig(weights=str(random_osnet)), TORCH))
    other = looks(create_embedder(ReidConfig(weights=str(make_osnet(**made))), TORCH))
    np.testing.assert_allclose(other, plain, atol=1e-6)


@pytest.mark.parametrize("runtime", [pytest.param(TORCH, id="torch"), pytest.param(OPENVINO, id="openvino")])
@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        pytest.param("empty", "weights_corrupt", id="empty"),
        pytest.param("text", "weights_corrupt", id="text"),
        pytest.param("truncated", "weights_corrupt", id="truncated"),
        pytest.param("truncated-old", "weights_corrupt", id="truncated-old-format"),
        pytest.param("x1_0", "weights_wrong_architecture", id="osnet-x1_0"),
        pytest.param("other-name", "weights_wrong_architecture", id="one-layer-renamed"),
        pytest.param("model", "weights_wrong_architecture", id="whole-pickled-model-such-as-yolo"),
        pytest.param("list", "weights_wrong_architecture", id="no-state-dict"),
        pytest.param("any-object", "weights_wrong_architecture", id="pickle-that-would-run-code"),
    ],
)
def test_other_files_are_refused(
    tmp_path: Path, make_osnet: Make, runtime: RuntimeConfig, spoil: str, code: str
) -> None:
    path = spoilt(tmp_path, make_osnet, spoil)
    with pytest.raises(WeightsError, match=path.name) as caught:
        create_embedder(ReidConfig(weights=str(path)), runtime)
    assert caught.value.code == code
    assert not (tmp_path / "ran").exists()


class RunsCode:
    """Unpickling this with an ordinary loader creates the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Path]]:
        return Path.touch, (self._path,)


def spoilt(folder: Path, make_osnet: Make, how: str) -> Path:
    import torch

    path = folder / f"{how}.pth.tar"
    if how == "empty":
        path.touch()
    elif how == "text":
        path.write_text("no weights at all")
    elif how == "truncated":
        path.write_bytes(make_osnet().read_bytes()[:-5000])
    elif how == "truncated-old":
        path.write_bytes(make_osnet(old_format=True).read_bytes()[:-5000])
    elif how == "x1_0":
        return make_osnet("x1_0.pth.tar", architecture="osnet_x1_0")
    elif how == "other-name":
        torch.save({f"{key}x": value for key, value in torch.load(make_osnet()).items()}, path)
    elif how == "model":
        torch.save({"model": torch.nn.Conv2d(1, 1, 1)}, path)
    elif how == "list":
        torch.save([torch.zeros(3)], path)
    elif how == "any-object":
        torch.save({"state_dict": RunsCode(folder / "ran")}, path)
    return path


@pytest.fixture(scope="module")
def make_onnx(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Writes a small ONNX network: the mean of each channel, for any or for one batch size."""

    def make(name: str = "mean.onnx", shape: tuple[object, ...] = ("n", 3, 256, 128), flat: bool = True) -> Path:
        from onnx import TensorProto, helper, save

        nodes = [helper.make_node("GlobalAveragePool", ["images"], ["pooled"])]
        nodes += [helper.make_node("Flatten", ["pooled"], ["looks"])] if flat else []
        given = ["n", 3] if flat else ["n", 3, 1, 1]
        graph = helper.make_graph(
            nodes,
            "mean",
            [helper.make_tensor_value_info("images", TensorProto.FLOAT, list(shape))],
            [helper.make_tensor_value_info("looks" if flat else "pooled", TensorProto.FLOAT, given)],
        )
        path = tmp_path_factory.mktemp("onnx") / name
        save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
        return path

    return make


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(("n", 3, 256, 128), id="any-batch"),
        pytest.param((1, 3, 256, 128), id="exported-for-one-crop"),
    ],
)
def test_onnx_sees_normalised_rgb(make_onnx: Make, shape: tuple[object, ...]) -> None:
    config = ReidConfig(weights=str(make_onnx(shape=shape)))
    embedder = create_embedder(config, RuntimeConfig(precision="f32", offline=True))
    image = np.full((300, 200, 3), (10, 60, 250), np.uint8)  # blue, green, red
    (found,) = embedder.embed([image], [np.array([[0, 0, 200, 300], [5, 5, 50, 90]], np.float32)])
    seen = (np.array([250, 60, 10]) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    np.testing.assert_allclose(found, [seen / np.linalg.norm(seen)] * 2, atol=1e-4)
    assert embedder.dimension == 3


@pytest.mark.weights
def test_the_real_onnx_is_the_same_network(real_osnet: Path) -> None:
    onnx = weight_files.find("osnet_x0_25_msmt17.onnx")
    if onnx is None:
        pytest.skip("osnet_x0_25_msmt17.onnx is not here")
    made = [create_embedder(ReidConfig(weights=str(path)), OPENVINO) for path in (real_osnet, onnx)]
    assert (looks(made[0]) * looks(made[1])).sum(axis=1).min() >= 0.999
    assert made[1].mean_person is not None


@pytest.mark.parametrize(
    ("made", "code"),
    [
        pytest.param({"shape": ("n", 4, 256, 128)}, "weights_wrong_architecture", id="four-channels"),
        pytest.param({"shape": ("n", 3)}, "weights_wrong_architecture", id="no-pictures"),
        pytest.param({"flat": False}, "weights_wrong_architecture", id="gives-no-vectors"),
    ],
)
def test_other_onnx_networks_are_refused(make_onnx: Make, made: dict[str, object], code: str) -> None:
    with pytest.raises(WeightsError, match=r"mean\.onnx") as caught:
        create_embedder(ReidConfig(weights=str(make_onnx(**made))), OPENVINO)
    assert caught.value.code == code


@pytest.mark.parametrize("content", [pytest.param(b"", id="empty"), pytest.param(b"no network", id="text")])
def test_damaged_onnx(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match=r"bad\.onnx") as caught:
        create_embedder(ReidConfig(weights=str(tmp_path / "bad.onnx")), OPENVINO)
    assert caught.value.code == "weights_corrupt"


def test_torch_cannot_run_onnx(make_onnx: Make) -> None:
    with pytest.raises(ConfigError, match="--runtime openvino"):
        create_embedder(ReidConfig(weights=str(make_onnx())), TORCH)
