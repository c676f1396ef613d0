"""docs/configuration.md lists every setting as config.py has it."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config import ADAPTER, TrackingConfig, build_config
from docs.render_configuration import is_number, render, unit_of

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def settings(section: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting's full name and default, sections walked through."""
    for field in dataclasses.fields(section):
        value = getattr(section, field.name)
        if dataclasses.is_dataclass(value):
            yield from settings(value, f"{field.name}.")
        else:
            yield prefix + field.name, value


NAMES = [name for name, _ in settings(TrackingConfig())]


def schema_of(name: str) -> dict[str, Any]:
    """The JSON schema of one setting."""
    schema = ADAPTER.json_schema()
    section, _, field = name.rpartition(".")
    if section:
        kind = schema["properties"][section]["$ref"].rpartition("/")[2]
        schema = schema["$defs"][kind]
    found: dict[str, Any] = schema["properties"][field]
    return found


def section_of_page(title: str) -> str:
    """The text under a heading of the page."""
    return re.split(r"^## ", PAGE.read_text().split(f"## {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text() == render(), "docs/configuration.md is out of date: run `make docs`"


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_stands_in_its_section(name: str) -> None:
    section, _, field = name.rpartition(".")
    assert f"| `{field}` |" in section_of_page(f"`[{section}]`" if section else "The job")


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_described_and_every_number_has_unit_and_bounds(name: str) -> None:
    schema = schema_of(name)
    assert schema.get("description"), f"{name}: say what it means in config.py"
    if is_number(schema):
        assert unit_of(name)
        for kind in schema.get("anyOf", [schema]):
            if kind["type"] != "null":
                assert {"minimum", "exclusiveMinimum"} & kind.keys(), f"{name}: no lower bound"
                assert "maximum" in kind, f"{name}: no upper bound"


def test_the_example_is_a_valid_file() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert build_config(tomllib.loads(example)) != TrackingConfig()


@pytest.mark.parametrize(
    ("name", "unit"),
    [("max_lost_s", "seconds"), ("nms_iou", "IoU"), ("iou_thresh", "IoU"), ("cos_thresh", "cosine"), ("conf", "score")],
)
def test_units_follow_the_name(name: str, unit: str) -> None:
    assert unit_of(name) == unit


def test_a_number_with_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="no unit is known"):
        unit_of("fluffiness")
