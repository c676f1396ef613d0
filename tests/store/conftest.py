"""A fresh store for every test, on each database: SQLite always, PostgreSQL with the tests that need servers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.store import Store
from store_settings import StoreConfig
from tests.servers.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and nothing in them: copying is quicker than making them."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    Store.open(str(path)).close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store is."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "store.db")
        return str(tmp_path / "store.db")
    server: Postgres = request.getfixturevalue("postgres")
    return server.emptied()


@pytest.fixture
def config(url: str, tmp_path: Path) -> StoreConfig:
    """Settings of a store whose pictures lie in a folder of the test."""
    return StoreConfig(url=url, crops_folder=tmp_path / "pictures")


@pytest.fixture
def store(config: StoreConfig) -> Iterator[Store]:
    """The store, to be asked."""
    assert config.url is not None
    opened = Store.open(config.url, config.crops_folder)
    yield opened
    opened.close()
