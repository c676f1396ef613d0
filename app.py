"""The HTTP API: builds the application, ties its life to the jobs', and maps every error once."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from config import TrackingConfig, build_config, merged, read_environment, read_toml
from errors import ConfigError, TrackingError
from jobs import JobManager
from photo_look import PhotoEye
from shared_networks import SharedNetworks
from store.memory import open_store
from store.upkeep import Upkeep
from web import pages
from web.confine import Confinement
from web.errors import reply
from web.guard import Guard, Sessions, require_token
from web.headers import SecurityHeaders
from web.limits import BodyLimit
from web.memory import Memory, targets
from web.observed import MakeWork, MoreSinks, Observed
from web.queries import STRICT_QUERIES
from web.routes import LENIENT, PICTURE_PATHS, ROUTERS
from web.server import serve
from web.service import Service
from web.settings import ServerSettings, server_settings
from web.shelf import Shelf
from web.streams import Streams
from work import Work

RESULTS: Final = Path("results")
SHUTDOWN_S: Final = 30.0
"""Seconds that running jobs have to close their files when the server stops."""

SEARCHES: Final = 2
"""Uploaded pictures looked at at once."""

ABOUT: Final = """\
One id per person across all cameras. `POST /start_tracking` starts a job, `GET /status` follows it.

Every error is `{"error": {"code", "message"}}`. Paths are on the server. A *round* is one instant of all cameras.
"""


def pipelines(networks: SharedNetworks) -> MakeWork:
    """Makes the work of real jobs, which share their networks."""

    def make(config: TrackingConfig, name: str, more_sinks: MoreSinks) -> Work:
        from models import load_models
        from pipeline import Pipeline

        return Pipeline(config, name=name, load=lambda wanted: load_models(wanted, networks), more_sinks=more_sinks)

    return make


def create_app(
    make_work: MakeWork | None = None,
    *,
    defaults: dict[str, Any] | None = None,
    results_root: Path = RESULTS,
    settings: ServerSettings | None = None,
) -> FastAPI:
    """Build the application.

    Args:
        make_work: Makes a job's work; real jobs unless given.
        defaults: Nested configuration values under every request's own. Without them jobs open no window.
        results_root: Jobs that name no results folder get one here, named after the job.
        settings: What is allowed.

    Raises:
        ConfigError: The defaults are no valid configuration.
        StoreError: The store they name cannot be opened.
    """
    app = FastAPI(
        title="Multi-camera person tracker",
        version="0.1.0",
        description=ABOUT,
        docs_url=None,  # web.reference writes it without scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
    )
    under_all = merged({"output": {"window": False}}, defaults or {})
    app.state.service = service = _service(make_work, under_all, results_root, settings or ServerSettings())
    for router in ROUTERS:
        app.include_router(router, dependencies=[STRICT_QUERIES])
    for router in LENIENT:
        app.include_router(router)
    app.mount("/static", pages.PageFiles(directory=pages.STATIC), name="static")
    limit, upload = service.settings.max_request_bytes, service.settings.max_upload_bytes
    app.add_middleware(BodyLimit, most_bytes=limit, pictures=PICTURE_PATHS, most_picture_bytes=upload)
    app.add_middleware(Guard, settings=service.settings, sessions=service.sessions)
    app.add_middleware(SecurityHeaders)  # the last one added sees every answer
    for kind in (TrackingError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, reply)
    return app


def _service(
    make_work: MakeWork | None, defaults: dict[str, Any], results_root: Path, settings: ServerSettings
) -> Service:
    """Everything that the routes work with."""
    config = build_config(defaults)
    store = open_store(config.store)
    networks = SharedNetworks()
    shelf = Shelf(results_root / "calibrations")
    observed = Observed(make_work or pipelines(networks))
    jobs = JobManager(
        observed.make,
        max_running=settings.max_running,
        max_queued=settings.max_queued,
        starts_per_minute=settings.starts_per_minute,
        on_end=observed.end,
    )
    return Service(
        jobs=jobs,
        defaults=defaults,
        results_root=results_root,
        settings=settings,
        confinement=Confinement(settings, results_root, shelf.folder, () if store is None else store.places),
        shelf=shelf,
        sessions=Sessions(),
        streams=Streams(settings.max_viewers),
        observed=observed,
        eye=PhotoEye(config, networks),
        searches=CapacityLimiter(SEARCHES),
        memory=None if store is None else Memory(store, targets(settings), Upkeep(store, config.store)),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """From the first request to the last: then jobs close their files, and what was remembered is closed after them."""
    service: Service = app.state.service
    if service.memory is not None:
        await asyncio.to_thread(service.memory.begin)
    yield
    await asyncio.to_thread(service.jobs.shutdown, SHUTDOWN_S)
    if service.memory is not None:
        await asyncio.to_thread(service.memory.end)


def log_to_stderr() -> None:
    """Log what the server does, and everything with MCT_DEBUG=1."""
    debug = bool(os.environ.get("MCT_DEBUG"))
    level = logging.DEBUG if debug else logging.INFO
    logging.getLogger("alembic").setLevel(level if debug else logging.WARNING)  # it names its parts each time
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", force=True)


def run(host: str, port: int, file: Path | None, results_root: Path, given: dict[str, Any]) -> int:
    """Serve until told to stop; returns the exit code.

    Args:
        host: Address to listen on.
        port: 0 to 65535; 0 takes a free one.
        file: TOML settings of jobs, and of the server in its section `[server]`.
        results_root: Jobs that name no results folder get one here.
        given: Settings of the server that win over the environment and the file.

    Raises:
        TrackingError: A setting is wrong, or the address is not to be had.
    """
    values = read_toml(file) if file else {}
    settings = server_settings(values.pop("server", {}), os.environ, given)
    require_token(host, settings)  # before anything is opened or made
    log_to_stderr()
    beneath = {"store": {"url": str(results_root / "store.db")}}
    defaults = merged(merged(beneath, values), read_environment(os.environ))
    serve(create_app(defaults=defaults, results_root=results_root, settings=settings), host, port, settings)
    return 0


def main() -> int:
    """Serve on `MCT_HOST` and `MCT_PORT`, 127.0.0.1:8000 unless set; returns the exit code."""
    port = os.environ.get("MCT_PORT", "8000")
    try:
        if not port.isdecimal():
            raise ConfigError(f"MCT_PORT={port}: want a number from 0 to 65535")
        return run(os.environ.get("MCT_HOST", "127.0.0.1"), int(port), None, RESULTS, {})
    except TrackingError as error:
        sys.stderr.write(f"error: {error.message} [{error.code}]\n")
        return 2 if isinstance(error, ConfigError) else 1


if __name__ == "__main__":
    sys.exit(main())
