"""The HTTP API: builds the application, ties its life to the jobs', and maps every error once."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from config import TrackingConfig, build_config, merged, read_environment
from errors import ConfigError, DeviceError, JobError, OutputError, SourceError, TrackingError, WeightsError
from jobs import JobManager
from web.problems import problem, syntax_problem
from web.routes import Service, router
from web.schemas import ErrorBody, ErrorReply
from web.server import serve
from work import Work

logger = logging.getLogger(__name__)

SHUTDOWN_S: Final = 30.0
"""Seconds that running jobs have to close their files when the server stops."""

BY_CODE: Final = {"job_unknown": 404, "shutting_down": 503, "output_exists": 409, "output_in_use": 409}
BY_TYPE: Final = {
    ConfigError: 422,
    SourceError: 422,
    DeviceError: 422,
    OutputError: 422,
    WeightsError: 424,
    JobError: 409,
}
BY_STATUS: Final = {
    400: ("json_malformed", "the body is not JSON in UTF-8"),
    404: ("not_found", "no such path; /docs lists those there are"),
    405: ("method_not_allowed", "the path does not take this method; /docs lists those it takes"),
}
"""The error table: a code decides before its type; what Starlette raises goes by status."""

ABOUT: Final = """\
One id per person across all cameras. `POST /start_tracking` starts a job, `GET /status` follows it.

Every error is `{"error": {"code", "message"}}`. Paths are on the server. A *round* is one instant of all cameras.
"""


def run_pipeline(config: TrackingConfig, name: str) -> Work:
    """The work of a real job."""
    from pipeline import Pipeline

    return Pipeline(config, name=name)


def create_app(
    make_work: Callable[[TrackingConfig, str], Work] = run_pipeline,
    *,
    defaults: dict[str, Any] | None = None,
    results_root: Path = Path("results"),
    max_running: int = 1,
    max_queued: int = 4,
) -> FastAPI:
    """Build the application.

    Args:
        make_work: Makes a job's work from its configuration and name; replaced in tests.
        defaults: Nested configuration values under every request's own. Without them jobs open no window.
        results_root: Jobs that name no results folder get one here, named after the job.
        max_running: Jobs that run at once.
        max_queued: Jobs that wait; more are refused.

    Raises:
        ConfigError: The defaults are no valid configuration.
    """
    under_all = merged({"output": {"window": False}}, defaults or {})
    build_config(under_all)
    jobs = JobManager(make_work, max_running=max_running, max_queued=max_queued)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(jobs.shutdown, SHUTDOWN_S)

    app = FastAPI(
        title="Multi-camera person tracker",
        version="0.1.0",
        description=ABOUT,
        docs_url=None,  # web.reference writes it without scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.service = Service(jobs, under_all, results_root)
    app.include_router(router)
    for kind in (TrackingError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _reply)
    return app


def _reply(request: Request, error: Exception) -> JSONResponse:
    status, code, message = _explained(request, error)
    printable = message.encode("utf-8", "backslashreplace").decode()
    return JSONResponse(ErrorReply(error=ErrorBody(code=code, message=printable)).model_dump(), status)


def _explained(request: Request, error: Exception) -> tuple[int, str, str]:
    """HTTP status, code and message of an error; the only place that maps to HTTP."""
    match error:
        case TrackingError():
            by_type = next((status for kind, status in BY_TYPE.items() if isinstance(error, kind)), 400)
            return BY_CODE.get(error.code, by_type), error.code, error.message
        case RequestValidationError():
            if (syntax := syntax_problem(error.errors())) is not None:
                return 400, "json_malformed", syntax
            return 422, "request_invalid", "; ".join(problem(item) for item in error.errors())
        case HTTPException():
            code, hint = BY_STATUS.get(error.status_code, ("http_error", str(error.detail)))
            return error.status_code, code, f"{request.method} {request.url.path}: {hint}"
        case _:
            logger.error("a request failed unexpectedly", exc_info=error)
            return 500, "internal_error", "a fault of the program; the server's log shows where"


def log_to_stderr() -> None:
    """Log what the server does, and everything with MCT_DEBUG=1."""
    level = logging.DEBUG if os.environ.get("MCT_DEBUG") else logging.INFO
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", force=True)


def main() -> int:
    """Serve on `MCT_HOST` and `MCT_PORT`, 127.0.0.1:8000 unless set; returns the exit code."""
    log_to_stderr()
    port = os.environ.get("MCT_PORT", "8000")
    try:
        if not port.isdecimal():
            raise ConfigError(f"MCT_PORT={port}: want a number from 0 to 65535")
        serve(create_app(defaults=read_environment(os.environ)), os.environ.get("MCT_HOST", "127.0.0.1"), int(port))
    except TrackingError as error:
        sys.stderr.write(f"error: {error.message} [{error.code}]\n")
        return 2 if isinstance(error, ConfigError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
