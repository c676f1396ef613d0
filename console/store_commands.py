"""The commands about what is remembered beyond a job: forget, purge, export."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from console import options as opt

if TYPE_CHECKING:
    from store.store import Store
    from store.values import Erased
    from store_settings import StoreConfig

USUAL: Final = Path("results") / "store.db"
"""Where the server keeps its store."""

StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store", metavar="URL", help="A SQLite file, or postgresql://… [default: that of --config, the server's]"
    ),
]


def add_to(app: typer.Typer) -> None:
    """Let a program have these commands."""
    app.command(epilog="For example: main.py forget --id 7 --store results/store.db")(forget)
    app.command()(purge)
    app.command(epilog="For example: main.py export results/monday --store results/store.db")(export)


def forget(
    *,
    person: Annotated[int, typer.Option("--id", metavar="N", min=1, help="Whom.", show_default=False)],
    store: StoreUrl = None,
    config: opt.ConfigFile = None,
    json: opt.Json = False,
) -> int:
    """Erase a person from the store and from the results folders of its jobs."""
    opened, _ = _open(store, config)
    with closing(opened):
        erased = opened.forget(person)
    return _show(erased, f"person {person} is forgotten", as_json=json)


def purge(*, store: StoreUrl = None, config: opt.ConfigFile = None, json: opt.Json = False) -> int:
    """Remove from the store what is older than the settings allow."""
    opened, settings = _open(store, config)
    with closing(opened):
        erased = opened.purge(settings)
    return _show(erased, "purged", as_json=json)


def export(
    results: Annotated[
        Path, typer.Argument(metavar="RESULTS", help="The results folder of a job in the store.", show_default=False)
    ],
    *,
    store: StoreUrl = None,
    config: opt.ConfigFile = None,
    json: opt.Json = False,
) -> int:
    """Write what was put right by hand into the files of a results folder."""
    from store.exporting import export_records

    opened, _ = _open(store, config)
    with closing(opened):
        changed = export_records(opened, results)
    _print({"changed": changed}, f"{results}: {changed} rows have another person now", as_json=json)
    return 0


def _open(url: str | None, file: Path | None) -> tuple[Store, StoreConfig]:
    """The store that was named, by option, environment, file or habit, and its settings."""
    from config import build_config, merged, read_environment, read_toml
    from errors import StoreError
    from store.memory import open_store

    given: dict[str, Any] = {} if url is None else {"store": {"url": url}}
    values = merged(merged(read_toml(file) if file else {}, read_environment(os.environ)), given)
    values.pop("server", None)
    if "url" not in values.get("store", {}) and USUAL.is_file():
        values = merged(values, {"store": {"url": str(USUAL)}})
    settings = build_config(values).store
    if settings.url and "://" not in settings.url and not Path(settings.url).is_file():
        raise StoreError(f"store {settings.url}: no such file; name the one that jobs wrote, --store FILE")
    store = open_store(settings)
    if store is None:
        raise StoreError("no store: name one, e.g. --store results/store.db", code="usage")
    return store, settings


def _show(erased: Erased, done: str, *, as_json: bool) -> int:
    counts = {
        "sightings": erased.sightings,
        "pictures": erased.crops,
        "looks": erased.looks,
        "events": erased.events,
    }
    rows = ", ".join(f"{name} {count}" for name, count in counts.items())
    _print(
        asdict(erased),
        "\n".join([f"{done}; gone: {rows}", *(f"left: {line}" for line in erased.left)]),
        as_json=as_json,
    )
    return 0


def _print(values: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    sys.stdout.write((json.dumps(values, allow_nan=False) if as_json else text) + "\n")
