"""The page and the reference, and how a browser shows the token once instead of with every picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Cookie, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.staticfiles import StaticFiles

from web.guard import COOKIE, SESSION_S
from web.reference import reference_page
from web.service import TheService, may_fail

STATIC: Final = Path(__file__).with_name("static")

router = APIRouter()


class PageFiles(StaticFiles):
    """The files of the page. Browsers keep them and ask each time whether they are still right, which is quick."""

    def file_response(self, *args: Any, **more: Any) -> Response:
        response = super().file_response(*args, **more)
        response.headers["Cache-Control"] = "no-cache"
        return response


@router.get("/", include_in_schema=False)
def index() -> FileResponse:
    """The page; needs nothing from elsewhere."""
    return FileResponse(STATIC / "index.html")


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The reference; needs nothing from elsewhere either, unlike the customary viewers."""
    return HTMLResponse(reference_page(request.app.openapi()))


@router.post(
    "/session",
    status_code=204,
    tags=["server"],
    response_description="A cookie that stands for the token, for twelve hours",
    summary="Let a browser in",
    responses=may_fail(_401="The token is missing or wrong"),
)
async def open_session(request: Request, service: TheService) -> Response:
    """Show the token once, in the header `Authorization`, and get a cookie that scripts cannot read.

    Pictures and event streams on a page cannot send the header; the cookie goes with them. Requests that change
    something are refused from pages of other sites.
    """
    reply = Response(status_code=204)
    secure = request.url.scheme == "https"
    secret = service.sessions.open()
    reply.set_cookie(COOKIE, secret, max_age=SESSION_S, httponly=True, samesite="strict", secure=secure)
    return reply


@router.delete(
    "/session",
    status_code=204,
    tags=["server"],
    response_description="The cookie is worth nothing any more",
    summary="Send a browser away",
)
async def close_session(
    service: TheService, session: Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)] = None
) -> Response:
    """End the browser's session; nothing when it has none."""
    service.sessions.close(session or "")
    reply = Response(status_code=204)
    reply.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return reply
