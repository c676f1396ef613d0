"""What is wrong with a request, in a line a person understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from address import redacted

SHOWN: Final = 80
"""Characters of a refused value that are repeated."""


def syntax_problem(problems: Sequence[Mapping[str, Any]]) -> str | None:
    """Where the body stops being JSON; None when it is JSON."""
    for item in problems:
        if item["type"] == "json_invalid":
            reason = item.get("ctx", {}).get("error", "malformed")
            return f"the body is not JSON: {reason} at character {item['loc'][-1]}"
    return None


def problem(item: Mapping[str, Any]) -> str:
    """One violation, e.g. `conf: Input should be less than or equal to 1 (got 1.5)`.

    Args:
        item: An entry of pydantic's list of errors; `loc` starts with `body`, `query` or `path`.
    """
    where = ".".join(str(part) for part in item["loc"][1:])
    text = str(item["msg"]).removeprefix("Value error, ")
    if not where:
        whole = item["type"] == "value_error"
        return text if whole else "want a JSON object, sent with the header Content-Type: application/json"
    if item["type"] == "extra_forbidden":
        return f"{where}: no such field; /docs lists those there are"
    return f"{where}: {text} (got {_short(item.get('input'))})"


def _short(value: object) -> str:
    text = redacted(repr(value))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
