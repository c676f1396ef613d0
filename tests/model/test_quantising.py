"""The detector in 8-bit integers: made of pictures, judged, kept or refused, used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

import weight_files
from config import DetectionConfig, RuntimeConfig, build_config
from detection import create_detector
from detection.int8 import int8_name
from errors import WeightsError

pytest.importorskip("nncf", reason="nncf is not here; `pip install -r requirements-int8.txt` brings it")

from detection.quantising import FIGURES, quantise

pytestmark = [pytest.mark.model, pytest.mark.weights]

INT8 = RuntimeConfig(device="cpu", precision="int8", offline=True)
PIXELS = 256 * 192


@pytest.fixture
def weights() -> Path:
    path = weight_files.find("yolov8n.pt")
    if path is None:
        pytest.skip("yolov8n.pt is not here; `python main.py weights` fetches it")
    return path


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[[NDArray[np.uint8], int], str]:
    """Writes a folder of pictures, each a little further into the one given."""

    def make(image: NDArray[np.uint8], count: int) -> str:
        folder = tmp_path / "clip"
        folder.mkdir()
        for index in range(count):
            cv2.imwrite(str(folder / f"{index:03}.png"), image[3 * index :, 2 * index :])
        return str(folder)

    return make


@pytest.fixture
def people() -> NDArray[np.uint8]:
    import ultralytics

    image = cv2.imread(str(Path(ultralytics.__file__).parent / "assets" / "bus.jpg"))
    if image is None:
        pytest.skip("this build of ultralytics brings no picture of people")
    return np.asarray(cv2.resize(image, None, fx=0.4, fy=0.4), np.uint8)


def test_made_judged_kept_and_used(
    weights: Path,
    people: NDArray[np.uint8],
    make_clip: Callable[[NDArray[np.uint8], int], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = tmp_path / "converted" / int8_name(weights)
    config = build_config({"detection": {"input_pixels": PIXELS}, "runtime": {"device": "cpu", "offline": True}})
    made = quantise(weights, [make_clip(people, 40)], config, target)
    assert made.pictures == 20
    assert {"f32", "int8"} <= made.picture_ms.keys()
    figures = json.loads((target / FIGURES).read_text(encoding="utf-8"))
    assert figures["weights"]["sha256"] == weight_files.sha256(weights)
    assert figures["agreement_with_f32"]["exact"] == made.agreement.exact >= 50

    monkeypatch.setenv("MCT_WEIGHTS", str(tmp_path))  # where it is found, unless the checkout has one of its own
    detector = create_detector(DetectionConfig(weights=str(weights), input_pixels=PIXELS), INT8)
    assert detector.name == "yolov8n openvino int8"
    assert len(detector.detect(["clip"], [people])[0]) >= 3


def test_refused_without_people_to_judge_by(
    weights: Path, make_clip: Callable[[NDArray[np.uint8], int], str], tmp_path: Path
) -> None:
    empty = np.full((200, 260, 3), 90, np.uint8)
    config = build_config({"detection": {"input_pixels": PIXELS}, "runtime": {"device": "cpu", "offline": True}})
    with pytest.raises(WeightsError, match=r"refused .*only 0 boxes of people") as raised:
        quantise(weights, [make_clip(empty, 4)], config, tmp_path / "kept")
    assert raised.value.code == "weights_not_quantised"
    assert not (tmp_path / "kept").exists()
