"""A PostgreSQL server for the tests, from Debian's packages: on a socket in a folder of its own, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

USER = "postgres"
"""Debian's user for it: PostgreSQL refuses to be run by root."""
START_S, STOP_S = 60, 30


class Postgres:
    """A running server.

    Args:
        socket: Folder of its socket.
    """

    def __init__(self, socket: Path) -> None:
        self._url = f"postgresql://{USER}@/{USER}?host={quote(str(socket), safe='')}"

    def emptied(self) -> str:
        """The URL of its database, with nothing in it."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self._url


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server and stop it; skips where there is none, and says why."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL: apt-get install postgresql")
    binaries = found[-1].parent
    home = Path(tempfile.mkdtemp(prefix="pg-"))  # a short path: a socket's may have 107 letters
    try:
        if os.geteuid() == 0:
            owner = pwd.getpwnam(USER)
            os.chown(home, owner.pw_uid, owner.pw_gid)
        data = str(home / "data")
        _run(binaries / "initdb", "-D", data, "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-k {home} -c listen_addresses='' -c fsync=off -c full_page_writes=off"
        start = ("-D", data, "-o", options, "-l", str(home / "log"), "-w", "-t", str(START_S), "start")
        _run(binaries / "pg_ctl", *start)
        try:
            yield Postgres(home)
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "-t", str(STOP_S), "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    as_user: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [str(program), *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        timeout=START_S + STOP_S,
        text=True,
        **as_user,
    )
    assert done.returncode == 0, f"{program.name}: {done.stderr}"
