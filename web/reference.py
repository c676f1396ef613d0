"""The API's reference as one page that needs nothing from elsewhere, written from the OpenAPI document."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

TEMPLATE: Final = Path(__file__).with_name("reference.html")
Node = Mapping[str, Any]


def reference_page(document: Node) -> str:
    """The page as HTML.

    Args:
        document: An OpenAPI 3.1 document whose schemas stand under `components`.
    """
    schemas = document["components"]["schemas"]
    operations = [
        (verb.upper(), path, operation)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
    ]
    parts = [_prose(document["info"]["description"]), _contents(operations)]
    parts += [_operation(*operation, schemas) for operation in operations]
    parts.append('<p><a href="openapi.json">openapi.json</a> · <a href=".">jobs</a></p>')
    return TEMPLATE.read_text(encoding="utf-8").replace("<!-- content -->", "\n".join(parts))


def _contents(operations: Sequence[tuple[str, str, Node]]) -> str:
    """A line for every request, each a link to where it is told of."""
    lines = [
        f'<li><a href="#{_anchor(verb, path)}"><span class="verb">{verb}</span><code>{escape(path)}</code></a> '
        f"{_inline(operation['summary'])}</li>"
        for verb, path, operation in operations
    ]
    return f'<nav aria-label="Requests"><ul class="contents">{"".join(lines)}</ul></nav>'


def _anchor(verb: str, path: str) -> str:
    return escape(f"{verb} {path}".lower().replace(" ", "-"), quote=True)


def _operation(verb: str, path: str, operation: Node, schemas: Node) -> str:
    parts = [
        f'<h2 id="{_anchor(verb, path)}"><span class="verb">{verb}</span><code>{escape(path)}</code></h2>',
        _prose(operation["summary"] + ". " + operation.get("description", "")),
    ]
    if parameters := {item["name"]: item | item["schema"] for item in operation.get("parameters", [])}:
        parts += ["<h3>Parameters</h3>", _fields(parameters, schemas)]
    if body := operation.get("requestBody", {}).get("content", {}).get("application/json"):
        parts.append("<h3>Request</h3>")
        for choice in body["schema"].get("oneOf", [body["schema"]]):
            schema = _resolved(choice, schemas)
            parts += [_example(schema), _fields(schema["properties"], schemas)]
    parts.append("<h3>Answers</h3>")
    parts += [_answer(status, answer, schemas) for status, answer in operation["responses"].items()]
    return "\n".join(parts)


def _answer(status: str, answer: Node, schemas: Node) -> str:
    text = f"<p><b>{status}</b> {_inline(answer['description'])}</p>"
    if not status.startswith("2"):
        return text
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    return text + _fields(_resolved(schema, schemas)["properties"], schemas) if schema else text


def _fields(fields: Node, schemas: Node, prefix: str = "") -> str:
    rows = _rows(fields, schemas, prefix)
    return f"<table>{''.join(rows)}</table>"


def _rows(fields: Node, schemas: Node, prefix: str) -> list[str]:
    """A row a field, the fields of fields below it under a dotted name."""
    rows = []
    for name, field in fields.items():
        kind, inner = _kind(field, schemas)
        samples = field.get("examples", [])
        sample = f" e.g. <code>{escape(json.dumps(samples[0], ensure_ascii=False))}</code>" if samples else ""
        rows.append(
            f'<tr><td><code>{escape(prefix + name)}</code></td><td class="kind">{escape(kind)}</td>'
            f"<td>{_inline(field.get('description', ''))}{sample}</td></tr>"
        )
        if inner is not None and inner != "StatusReply":
            dots = "[]." if "list" in kind else ".*." if "by name" in kind else "."
            rows += _rows(schemas[inner]["properties"], schemas, f"{prefix}{name}{dots}")
    return rows


def _kind(field: Node, schemas: Node) -> tuple[str, str | None]:
    """A field's type in words, and the schema inside it if there is one."""
    if "$ref" in field:
        return "object", field["$ref"].rpartition("/")[2]
    if "anyOf" in field:
        found = [_kind(choice, schemas) for choice in field["anyOf"]]
        return " or ".join(kind for kind, _ in found), next((inner for _, inner in found if inner), None)
    if "enum" in field:
        return " ".join(field["enum"]), None
    if field.get("type") == "array":
        kind, inner = _kind(field.get("items") or field["prefixItems"][0], schemas)
        return f"list of {kind}s", inner
    if isinstance(field.get("additionalProperties"), Mapping):
        kind, inner = _kind(field["additionalProperties"], schemas)
        return f"{kind}s by name", inner
    return str(field.get("const", field.get("type", ""))), None


def _resolved(schema: Node, schemas: Node) -> Node:
    resolved: Node = schemas[schema["$ref"].rpartition("/")[2]]
    return resolved


def _example(schema: Node) -> str:
    samples = schema.get("examples", [])
    return f"<pre><code>{escape(json.dumps(samples[0], indent=2))}</code></pre>" if samples else ""


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.strip().split("\n\n"))


def _inline(text: str) -> str:
    """Text with the two marks that descriptions use: `code` and *emphasis*."""
    coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))
    return re.sub(r"\*([^*]+)\*", r"<em>\1</em>", coded)
