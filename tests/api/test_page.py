"""The page's files: what browsers are told of them, and that every file one of them asks for is there."""

from __future__ import annotations

import re

from tests.api.client import Client
from web.pages import STATIC


def test_browsers_keep_them_and_ask_whether_they_changed(client: Client) -> None:
    first = client.get("/static/page.js")
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get("/static/page.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["Cache-Control"] == "no-cache"


def test_every_module_that_is_imported_is_there() -> None:
    modules = [*STATIC.rglob("*.js")]
    wanted = [
        module.parent / name
        for module in modules
        for name in re.findall(r'from "(\.[^"]+)"', module.read_text(encoding="utf-8"))
    ]
    assert len(wanted) > len(modules)
    assert [str(path) for path in wanted if not path.is_file()] == []


def test_everything_the_page_begins_with_is_there(client: Client) -> None:
    html = client.get("/").text
    names = re.findall(r'(?:src|href)="(static/[^"]+)"', html)
    assert "static/page.js" in names
    assert {name: client.get(f"/{name}").status_code for name in names} == dict.fromkeys(names, 200)
