"""Writes docs/configuration.md from config.py: every setting with default, values, unit and meaning.

`make docs` runs it; a test fails while the page and the code disagree.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from config import ADAPTER  # noqa: E402 - a script in a folder finds the trunk only after the line above

HEADER: Final = """\
# Configuration

<!-- Written by `make docs` from config.py; change the descriptions there. -->

Settings come from, strongest first: a command-line option or a field of the request, the environment, the TOML file
named with `--config`, the default below. A name that is not listed or a value out of range is refused before anything
starts, with the name, the value and the bounds. Times are seconds of media time, not of the wall clock.

In the environment a setting is called `MCT_SECTION__NAME`, e.g. `MCT_DETECTION__CONF=0.3`, or `MCT_STRIDE` and
`MCT_MAX_SECONDS`, which have no section. Besides, `MCT_WEIGHTS` names a folder of weights, `MCT_CACHE` the folder of
converted networks, `MCT_HOST` and `MCT_PORT` the address of `python app.py`, and `MCT_TOKEN` what its callers have to
show; `MCT_DEBUG=1` shows the log and tracebacks. The server's own settings stand in `[server]` of the same file or in
`MCT_SERVER__NAME`: see [security](security.md) and [events told to others](api.md#told-to-others).

```toml
stride = 2

[detection]
conf = 0.2

[identity]
similarity = 0.45
```
"""

UNITS: Final[Mapping[str, str]] = {
    "_s": "seconds",
    "seconds": "seconds",
    "_days": "days",
    "_px": "pixels",
    "pixels": "pixels",
    "conf": "score",
    "score": "score",
    "iou": "IoU",
    "iou_thresh": "IoU",
    "cos_thresh": "cosine",
    "similarity": "cosine",
    "hysteresis": "cosine",
    "batch": "crops",
    "per_person": "crops",
    "threads": "threads",
    "bank_size": "embeddings",
    "atoms": "pieces",
    "remembered": "looks",
    "stride": "rounds",
    "fps": "pictures a second",
}
"""Unit of a number by how its name ends; the longest ending wins."""


def unit_of(name: str) -> str:
    """The unit of a numeric setting.

    Raises:
        ValueError: The name ends like none in `UNITS`.
    """
    endings = [ending for ending in UNITS if name.endswith(ending)]
    if not endings:
        raise ValueError(f"setting {name}: no unit is known for this name; add its ending to UNITS in {__file__}")
    return UNITS[max(endings, key=len)]


def alternatives(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The schemas a value may fit, without the one for `None`."""
    return [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]


def is_number(schema: Mapping[str, Any]) -> bool:
    """Whether the setting is a number (and therefore has a unit and bounds)."""
    return any(each.get("type") in {"number", "integer"} for each in alternatives(schema))


def bounds(schema: Mapping[str, Any]) -> str:
    """The values a number may take, e.g. `> 0, ≤ 10`."""
    low = f"> {schema['exclusiveMinimum']:g}" if "exclusiveMinimum" in schema else f"≥ {schema['minimum']:.10g}"
    return f"{low}, ≤ {schema['maximum']:.10g}"


def values(schema: Mapping[str, Any]) -> str:
    """What a setting may be, in a few words."""
    (kind,) = alternatives(schema)
    if "enum" in kind:
        return ", ".join(f"`{each}`" for each in kind["enum"])
    if is_number(schema):
        return bounds(kind)
    if kind.get("type") == "boolean":
        return "`true`, `false`"
    if kind.get("type") == "array":
        return (
            "list of inputs" if kind["items"].get("type") == "string" else "list of cameras, see [sources](sources.md)"
        )
    return "path" if kind.get("format") == "path" else "text"


def default(schema: Mapping[str, Any]) -> str:
    """The default as TOML writes it; `unset` where there is none."""
    value = schema.get("default")
    return "unset" if value is None else f"`{json.dumps(value)}`"


def rows(properties: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The table of one section's settings."""
    yield "| Setting | Default | Values | Unit | Meaning |"
    yield "|---|---|---|---|---|"
    for name, schema in properties.items():
        unit = unit_of(name) if is_number(schema) else "–"
        yield f"| `{name}` | {default(schema)} | {values(schema)} | {unit} | {schema['description']} |"


def render() -> str:
    """The whole page."""
    schema = ADAPTER.json_schema()
    sections = {name: each["$ref"].rpartition("/")[2] for name, each in schema["properties"].items() if "$ref" in each}
    plain = {name: each for name, each in schema["properties"].items() if name not in sections}
    lines = [HEADER, "## The job", "", *rows(plain)]
    for name, kind in sections.items():
        section = schema["$defs"][kind]
        lines += ["", f"## `[{name}]`", "", section["description"].strip(), "", *rows(section["properties"])]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
