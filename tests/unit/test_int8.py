"""Where the quantised detector lies, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import build_config
from console.int8 import make_int8, worth
from detection.agreement import Agreement
from detection.int8 import int8_folder, int8_name
from detection.quantising import Quantised
from errors import ConfigError, WeightsError
from models import check_models


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Weights in a folder where they are looked for."""
    monkeypatch.setenv("MCT_WEIGHTS", str(tmp_path))
    path = tmp_path / "mine.pt"
    path.write_bytes(b"some weights")
    return path


def put_ready(path: Path) -> Path:
    folder = path.parent / "converted" / int8_name(path)
    folder.mkdir(parents=True)
    (folder / "graph.xml").touch()
    return folder


def test_it_lies_beside_the_converted_networks_under_the_hash_of_the_weights(weights: Path) -> None:
    folder = put_ready(weights)
    assert int8_folder(weights) == folder
    assert folder.name.endswith("-int8-1-a0c76a31f14d6cbe")


def test_it_is_that_of_the_weights_and_of_no_others(weights: Path) -> None:
    put_ready(weights)
    weights.write_bytes(b"other weights")
    with pytest.raises(WeightsError, match=r"mine\.pt.*python main\.py weights --int8 CLIP") as raised:
        int8_folder(weights)
    assert raised.value.code == "weights_not_quantised"


def test_a_job_that_wants_it_fails_early_without(weights: Path) -> None:
    values = {"detection": {"weights": str(weights)}, "reid": {"model": "colour"}}
    check_models(build_config(values))
    wanted = build_config({**values, "runtime": {"precision": "int8"}})
    with pytest.raises(WeightsError, match="weights --int8"):
        check_models(wanted)
    put_ready(weights)
    check_models(wanted)


def test_a_job_without_a_network_to_quantise_needs_none() -> None:
    check_models(
        build_config({"detection": {"model": "motion"}, "reid": {"model": "colour"}, "runtime": {"precision": "int8"}})
    )


def test_without_clips_it_cannot_be_made() -> None:
    with pytest.raises(ConfigError, match="no clips"):
        make_int8([], None, {}, fetch=False)


@pytest.mark.parametrize(
    ("picture_ms", "says"),
    [
        pytest.param({"f32": 60.0, "int8": 23.0}, "used with `--precision int8`", id="faster"),
        pytest.param({"f32": 60.0, "bf16": 18.0, "int8": 23.0}, "bf16 is faster here", id="slower-than-bf16"),
        pytest.param({"f32": 20.0, "int8": 20.0}, "f32 is faster here", id="no-gain"),
    ],
)
def test_what_it_is_worth_is_told(picture_ms: dict[str, float], says: str) -> None:
    lines = worth(Quantised(Path("there"), 60, Agreement(200, 210, 200, 0.98), picture_ms))
    assert "60 other pictures: 200 and 210 boxes of people, 0.976 of them" in lines[0]
    assert lines[1].endswith(", ".join(f"{name} {each}" for name, each in picture_ms.items()))
    assert lines[2].startswith(says)
