"""Settings are checked once, completely, and say what is wrong by name and value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import ADAPTER, TrackingConfig, build_config, merged, read_toml
from errors import ConfigError

BEYOND = 1e-6


def bounded_numbers() -> list[Any]:
    """One parameter set a bound: section, setting, the bound, a value beyond it, whether the bound is allowed."""
    schema = ADAPTER.json_schema()
    sections = [("", schema["properties"])]
    sections += [
        (name, schema["$defs"][each["$ref"].rpartition("/")[2]]["properties"])
        for name, each in schema["properties"].items()
        if "$ref" in each
    ]
    found = []
    for section, properties in sections:
        for name, each in properties.items():
            for kind in each.get("anyOf", [each]):
                step = 1 if kind.get("type") == "integer" else BEYOND
                for bound, sign in (("minimum", -1), ("exclusiveMinimum", -1), ("maximum", 1)):
                    if bound in kind and not (bound == "minimum" and "exclusiveMinimum" in kind):
                        limit = kind[bound]
                        allowed = bound != "exclusiveMinimum"
                        case = (section, name, limit, limit + sign * step, allowed)
                        found.append(pytest.param(*case, id=f"{section or 'job'}.{name}-{bound}"))
    return found


def nested(section: str, name: str, value: object) -> dict[str, Any]:
    """The values of a configuration with one setting."""
    return {section: {name: value}} if section else {name: value}


def setting(config: TrackingConfig, section: str, name: str) -> object:
    """A setting's value."""
    return getattr(getattr(config, section) if section else config, name)


@pytest.mark.parametrize(("section", "name", "limit", "beyond", "allowed"), bounded_numbers())
def test_bounds(section: str, name: str, limit: float, beyond: float, *, allowed: bool) -> None:
    if allowed:
        assert setting(build_config(nested(section, name, limit)), section, name) == limit
    else:
        with pytest.raises(ConfigError, match=name):
            build_config(nested(section, name, limit))
    with pytest.raises(ConfigError, match=name):
        build_config(nested(section, name, beyond))


def test_nothing_gives_the_defaults() -> None:
    assert build_config({}) == TrackingConfig()


def test_values_reach_their_section() -> None:
    config = build_config({"videos": ["a.mp4", "b.mp4"], "detection": {"conf": 0.3}, "output": {"video": "out.mp4"}})
    assert config.videos == ("a.mp4", "b.mp4")
    assert config.detection.conf == 0.3
    assert config.output.video == Path("out.mp4")


def test_the_configuration_and_its_sections_are_frozen() -> None:
    config = build_config({})
    for section, name in ((config, "stride"), (config.detection, "conf"), (config.output, "video")):
        with pytest.raises(FrozenInstanceError):
            setattr(section, name, 1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"speed": 3}, ["speed", "got 3"], id="unknown-name"),
        pytest.param({"detection": {"confidence": 0.3}}, ["detection.confidence"], id="unknown-name-in-a-section"),
        pytest.param({"detection": {"conf": "high"}}, ["detection.conf", "got 'high'"], id="not-a-number"),
        pytest.param({"detection": {"conf": float("nan")}}, ["detection.conf", "got nan"], id="nan"),
        pytest.param({"max_seconds": float("inf")}, ["max_seconds", "got inf"], id="infinite"),
        pytest.param({"stride": 1.5}, ["stride", "got 1.5"], id="half-a-round"),
        pytest.param({"detection": 0.3}, ["detection", "got 0.3"], id="a-section-that-is-a-number"),
        pytest.param({"detection": {"model": "yolov9"}}, ["detection.model", "'yolov8'"], id="unknown-model"),
        pytest.param({"detection": {"weights": ""}}, ["detection.weights"], id="empty-text"),
        pytest.param({"videos": "a.mp4"}, ["videos", "got 'a.mp4'"], id="one-video-not-a-list"),
        pytest.param({"videos": ["a.mp4", 2]}, ["videos.1", "got 2"], id="second-video-not-text"),
        pytest.param(
            {"stride": 0, "identity": {"similarity": 2.0}}, ["stride", "identity.similarity", "; "], id="all-at-once"
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_value(values: dict[str, Any], expected: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        build_config(values)
    assert caught.value.code == "config_invalid"
    for part in expected:
        assert part in caught.value.message


@pytest.mark.parametrize("missing", ["iou_thresh", "cos_thresh"])
def test_thresholds_may_be_left_to_the_program(missing: str) -> None:
    section = "camera" if missing == "iou_thresh" else "identity"
    assert setting(build_config({section: {missing: None}}), section, missing) is None


class TestReadToml:
    """A settings file is read, or one line says why not."""

    def test_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "settings.toml"
        path.write_text('stride = 2\n[reid]\nmodel = "colour"\n', encoding="utf-8")
        assert read_toml(path) == {"stride": 2, "reid": {"model": "colour"}}

    def test_an_empty_file(self, tmp_path: Path) -> None:
        path = tmp_path / "settings.toml"
        path.write_text("", encoding="utf-8")
        assert read_toml(path) == {}

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            pytest.param(None, "check the path", id="missing"),
            pytest.param(b"stride =", "not valid TOML", id="cut-off"),
            pytest.param(b"stride = 1\nstride = 2", "not valid TOML", id="twice"),
            pytest.param(b"\xff\xfe\x00", "not valid TOML", id="not-text"),
        ],
    )
    def test_a_file_that_cannot_be_used(self, tmp_path: Path, content: bytes | None, expected: str) -> None:
        path = tmp_path / "settings.toml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigError, match=expected) as caught:
            read_toml(path)
        assert str(path) in caught.value.message

    def test_a_directory(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="check the path"):
            read_toml(tmp_path)


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        pytest.param({}, {}, {}, id="nothing"),
        pytest.param({"a": 1}, {}, {"a": 1}, id="nothing-on-top"),
        pytest.param({}, {"a": 1}, {"a": 1}, id="nothing-below"),
        pytest.param({"a": 1}, {"a": 2}, {"a": 2}, id="over-wins"),
        pytest.param({"a": 1}, {"a": None}, {"a": 1}, id="none-leaves-alone"),
        pytest.param({"a": 1}, {"a": 0}, {"a": 0}, id="zero-is-a-value"),
        pytest.param({"a": True}, {"a": False}, {"a": False}, id="false-is-a-value"),
        pytest.param({"s": {"a": 1, "b": 2}}, {"s": {"b": 3}}, {"s": {"a": 1, "b": 3}}, id="section-by-section"),
        pytest.param({"s": {"a": 1}}, {"s": {"a": None}}, {"s": {"a": 1}}, id="none-in-a-section"),
        pytest.param({"s": 5}, {"s": {"a": 1}}, {"s": {"a": 1}}, id="a-section-replaces-a-mistake"),
        pytest.param({"v": ["a", "b"]}, {"v": ["c"]}, {"v": ["c"]}, id="lists-are-replaced"),
    ],
)
def test_merged(base: dict[str, Any], over: dict[str, Any], expected: dict[str, Any]) -> None:
    before = repr((base, over))
    assert merged(base, over) == expected
    assert repr((base, over)) == before, "the inputs were changed"


VALUES = st.recursive(st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3))
SETTINGS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(SETTINGS, SETTINGS)
def test_merging_again_changes_nothing(base: dict[str, Any], over: dict[str, Any]) -> None:
    once = merged(base, over)
    assert merged(once, over) == once
    assert merged(base, {}) == base
