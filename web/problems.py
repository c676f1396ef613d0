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
    if item["type"].startswith("union_tag"):
        return _wrong_kind(item)
    where = ".".join(str(part) for part in item["loc"][1:])
    text = str(item["msg"]).removeprefix("Value error, ")
    if not where:
        whole = item["type"] == "value_error"
        return text if whole else "want a JSON object, sent with the header Content-Type: application/json"
    if item["type"] == "extra_forbidden":
        return f"{where}: no such field; /docs lists those there are"
    if item["type"] == "missing":
        return f"{where}: is needed"
    if item["type"] == "unknown_query":
        return f"{where}: {text}"
    return f"{where}: {text} (got {_short(item.get('input'))})"


def _wrong_kind(item: Mapping[str, Any]) -> str:
    """One of several kinds of bodies is wanted, and which is not said, or is none of them."""
    told = item["ctx"]
    field = str(told["discriminator"]).strip("'")
    if "tag" not in told:
        return f"{field}: is needed"
    return f"{field}: want one of {told['expected_tags']} (got {_short(told['tag'])})"


def _short(value: object) -> str:
    text = redacted(repr(value))
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
