"""Every error as HTTP: mapped here and nowhere else."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from errors import (
    ConfigError,
    DeviceError,
    JobError,
    OutputError,
    SourceError,
    StoreError,
    TrackingError,
    WeightsError,
)
from web.headers import ALWAYS
from web.problems import problem, syntax_problem
from web.schemas import ErrorBody, ErrorReply

logger = logging.getLogger(__name__)

BY_CODE: Final = {
    "job_unknown": 404,
    "shutting_down": 503,
    "output_exists": 409,
    "output_in_use": 409,
    "source_outside": 403,
    "source_not_allowed": 403,
    "output_outside": 403,
    "too_many_starts": 429,
    "too_many_viewers": 429,
    "camera_unknown": 404,
    "calibration_unknown": 404,
    "too_many_calibrations": 409,
    "no_such_file": 404,
    "folder_unknown": 404,
    "person_unknown": 404,
    "correction_unknown": 404,
    "crop_unknown": 404,
    "store_unavailable": 503,
    "store_off": 503,
    "cameras_off": 404,
    "photo_unreadable": 422,
    "photo_too_large": 422,
    "photo_shows_nobody": 422,
    "no_live_picture": 404,
    "no_picture_yet": 503,
}
BY_TYPE: Final = {
    ConfigError: 422,
    SourceError: 422,
    DeviceError: 422,
    OutputError: 422,
    WeightsError: 424,
    JobError: 409,
    StoreError: 409,
}
BY_STATUS: Final = {
    400: ("json_malformed", "the body is not JSON in UTF-8"),
    404: ("not_found", "no such path; /docs lists those there are"),
    405: ("method_not_allowed", "the path does not take this method; /docs lists those it takes"),
    413: ("request_too_large", None),
}
"""The error table: a code decides before its type; what Starlette raises goes by status, None is its own words."""
METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def reply(request: Request, error: Exception) -> JSONResponse:
    """The answer to a request that failed."""
    return error_response(*_explained(request, error), _headers(request, error))


def _headers(request: Request, error: Exception) -> Mapping[str, str] | None:
    """What is sent along with an error."""
    match error:
        case TrackingError() | RequestValidationError():
            return None
        case HTTPException(status_code=405):
            return {"Allow": ", ".join(_methods(request))}
        case HTTPException():
            return error.headers
        case _:
            return ALWAYS  # Starlette answers these outside of what puts them on every other answer


def _methods(request: Request) -> list[str]:
    """The methods that the path takes; Starlette itself names those of one route of several, and none of files."""
    asked = {"type": "http", "path": request.scope["path"], "headers": []}
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    taken = [
        method
        for method in METHODS
        if any(route.matches(asked | {"method": method})[0] is Match.FULL for route in routes)
    ]
    return taken or ["GET", "HEAD"]  # files: nothing else is mounted


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
            code, hint = BY_STATUS.get(error.status_code, ("http_error", None))
            return error.status_code, code, f"{request.method} {request.url.path}: {hint or error.detail}"
        case _:
            logger.error("a request failed unexpectedly", exc_info=error)
            return 500, "internal_error", "a fault of the program; the server's log shows where"


def error_response(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error as every error is answered.

    Args:
        status: HTTP status.
        code: Stable name for programs.
        message: One line for people; half characters in it (as refused values may have) are written out.
        headers: Sent along.
    """
    printable = message.encode("utf-8", "backslashreplace").decode()
    body = ErrorReply(error=ErrorBody(code=code, message=printable)).model_dump()
    return JSONResponse(body, status, dict(headers or {}))
