"""Who may ask: this machine, or whoever shows the token; never a page of another site."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from errors import ConfigError
from web.errors import error_response
from web.settings import ServerSettings

COOKIE: Final = "mct_session"
SESSION_S: Final = 12 * 3600
MOST_SESSIONS: Final = 100
OPEN_PATHS: Final = frozenset({"/", "/docs", "/openapi.json", "/healthz", "/readyz"})
"""Asked for without a token: the page that asks for it, the reference, and what watches over the service."""
OPEN_FOLDER: Final = "/static/"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address or name.

    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("0.0.0.0")
    (True, True, True, False)
    """
    name = host.strip("[]").lower()
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def require_token(host: str, settings: ServerSettings) -> None:
    """Refuse to serve others than this machine without a token.

    Raises:
        ConfigError: `token_required`.
    """
    if settings.token is None and not is_loopback(host):
        raise ConfigError(
            f"listening on {host} would serve everybody who reaches it; set MCT_TOKEN to a long secret "
            '(`python -c "import secrets; print(secrets.token_urlsafe())"`), or listen on 127.0.0.1',
            code="token_required",
        )


class Sessions:
    """Browsers that have shown the token; the newest of many, each for some hours. Used by the event loop only.

    Args:
        now_s: A monotonic clock in seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._ends_s: dict[bytes, float] = {}

    def open(self) -> str:
        """A new session's secret."""
        secret = secrets.token_urlsafe(32)
        self._ends_s[_digest(secret)] = self._now_s() + SESSION_S
        while len(self._ends_s) > MOST_SESSIONS:
            del self._ends_s[next(iter(self._ends_s))]
        return secret

    def holds(self, secret: str) -> bool:
        """Whether that is the secret of a session; looked up by digest, so that time tells nothing."""
        return self._ends_s.get(_digest(secret), 0.0) > self._now_s()

    def close(self, secret: str) -> None:
        """End a session; nothing when there is none."""
        self._ends_s.pop(_digest(secret), None)


class Guard:
    """Answers those who may not ask before anything of their request is read.

    Args:
        app: What is guarded.
        settings: Holds the token, if there is one.
        sessions: Browsers that may ask.
    """

    def __init__(self, app: ASGIApp, settings: ServerSettings, sessions: Sessions) -> None:
        self._app = app
        self._token = None if settings.token is None else settings.token.get_secret_value()
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            refusal = self._refusal(request)
            if refusal is not None:
                status, code, message = refusal
                headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
                await error_response(status, code, message, headers)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, request: Request) -> tuple[int, str, str] | None:
        if self._token is None and not is_loopback(_hostname(request)):
            # A page elsewhere may have had its own name pointed at this machine (DNS rebinding).
            return 421, "host_refused", "without a token this server answers to localhost and 127.0.0.1 only"
        if request.method not in SAFE_METHODS and not _same_origin(request):
            return 403, "origin_refused", "a page of another site may not ask for this"
        if self._token is None or _is_open(request) or self._knows(request, self._token):
            return None
        return 401, "token_required", "send the server's token: `Authorization: Bearer <token>`"

    def _knows(self, request: Request, token: str) -> bool:
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return hmac.compare_digest(_digest(shown.strip()), _digest(token))
        return self._sessions.holds(request.cookies.get(COOKIE, ""))


def _is_open(request: Request) -> bool:
    path = request.scope["path"]
    return request.method in SAFE_METHODS and (path in OPEN_PATHS or path.startswith(OPEN_FOLDER))


def _same_origin(request: Request) -> bool:
    """Whether a browser sent this from a page of this server; programs send no origin and pass."""
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def _hostname(request: Request) -> str:
    """The name that the server was asked by; its own address for programs that say none."""
    named = request.headers.get("host")
    if named is None:
        return str((request.scope.get("server") or ("",))[0])
    try:
        return urlsplit(f"//{named}").hostname or ""
    except ValueError:
        return ""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
