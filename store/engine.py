"""A database by its URL: opened, brought up to date, and spoken of without its password."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from address import redacted
from errors import StoreError

MIGRATIONS: Final = Path(__file__).with_name("migrations")
BUSY_S: Final = 5.0
"""How long to wait for another process that is writing."""
SQLITE: Final = "sqlite"
DRIVERS: Final = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
WRITES: Final = "store_writes"
WRITERS_TURN: Final = 0x6D63_7473
"""The key of the lock that those who write to a PostgreSQL take turns by; other programs' locks have other keys."""


def parse_url(text: str) -> URL:
    """The URL of a database; a path without `://` is a SQLite file.

    Raises:
        StoreError: `store_url`: neither SQLite nor PostgreSQL, or malformed.
    """
    try:
        url = make_url(text if "://" in text else f"{SQLITE}:///{text}")
    except (ArgumentError, ValueError) as error:
        raise StoreError("store: the URL is malformed; want a file, or postgresql://user@host/name") from error
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    if url.drivername not in {SQLITE, *DRIVERS.values()}:
        raise StoreError(f"store {shown(url)}: want a SQLite file or postgresql://…, not {url.drivername}")
    if url.drivername == SQLITE and url.database in {None, "", ":memory:"}:
        raise StoreError(f"store {shown(url)}: name a file")
    return url


def shown(url: URL) -> str:
    """The URL for people, without its password, wherever it stands."""
    text = url.render_as_string(hide_password=True)
    return text if url.drivername == SQLITE else redacted(text)


def folder_of(url: URL) -> Path:
    """Where the store's pictures go when nobody says: beside a SQLite file, else in the folder of all results."""
    home = Path(url.database or "").parent if url.drivername == SQLITE else Path("results")
    return (home / "store-crops").absolute()


def open_engine(url: URL) -> Engine:
    """Connect and bring the tables up to date.

    Raises:
        StoreError: `store_unavailable`: it cannot be reached, written to, or is of a newer program.
    """
    if url.drivername == SQLITE:
        _make_folder(Path(url.database or "."))
        engine = create_engine(url, connect_args={"timeout": BUSY_S})
        _tune_sqlite(engine)
    else:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": int(BUSY_S)})
        _tune_postgresql(engine)
    try:
        migrate(engine)
    except Exception as error:
        engine.dispose()
        raise StoreError(
            f"store {shown(url)}: cannot be used: {reason(error)}; check that it is there and may be written to",
            code="store_unavailable",
        ) from error
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; nothing happens when they are."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session to ask questions in.

    Raises:
        StoreError: `store_unavailable`, or `store_refused`: what was asked makes no sense to it.
    """
    with _answering(engine), Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session whose changes are kept when the block ends well, all of them or none.

    Raises:
        StoreError: `store_unavailable`, or `store_refused`: nothing was changed.
    """
    with _answering(engine), Session(engine.execution_options(**{WRITES: True})) as session, session.begin():
        yield session


@contextmanager
def _answering(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise StoreError(
            f"store {shown(engine.url)}: does not answer: {reason(error)}; check disk and server",
            code="store_unavailable",
        ) from error
    except DBAPIError as error:
        raise StoreError(f"store {shown(engine.url)}: refused: {reason(error)}", code="store_refused") from error


def reason(error: Exception) -> str:
    """What the database says, on one line."""
    cause = getattr(error, "orig", None) or error
    return " ".join(str(cause).split()) or type(cause).__name__


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"store {path}: the folder cannot be made: {error.strerror}", code="store_unavailable"
        ) from error


def _tune_sqlite(engine: Engine) -> None:
    """Readers beside one writer (WAL), and a writer that takes its turn before it reads, so that none is refused."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _tune_postgresql(engine: Engine) -> None:
    """One writer at a time, as with SQLite: it sees all corrections, and cursors of events pass over nothing.

    Rows are numbered when they are written and seen when their transaction ends: of two writers at once, the one that
    began later may end earlier, and whoever reads events on from there misses the other's.
    """

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITES):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_S:.0f}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_TURN})")
