"""Where to tell of events; nowhere unless set."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, SecretStr
from pydantic.dataclasses import dataclass

from entities import EVENT_KINDS, HANDED_OVER, LEFT, EventKind

STRICT = ConfigDict(extra="forbid")


def _known(kind: str) -> str:
    if kind not in EVENT_KINDS:
        raise ValueError(f"no such kind; there is {', '.join(EVENT_KINDS)}")
    return kind


def _reachable(url: str) -> str:
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # half of an IPv6 address, a port that is no number
        named = False
    if not named:
        raise ValueError("want http://HOST/PATH or https://HOST:PORT/PATH")
    return url


Kind = Annotated[str, AfterValidator(_known)]
Kinds = Annotated[tuple[Kind, ...], Field(description="Kinds of events told of; empty: all")]
USUAL: Final = (str(EventKind.APPEARED), HANDED_OVER, str(EventKind.MERGED), str(EventKind.SPLIT), LEFT)


@dataclass(frozen=True, config=STRICT)
class WebhookSettings:
    """`[server.webhook]`: every event as a POST."""

    url: Annotated[
        str,
        Field(pattern=r"^https?://\S+$", max_length=2048, description="Where to", repr=False),
        AfterValidator(_reachable),
    ]
    secret: Annotated[SecretStr | None, Field(description="Signs the body (HMAC-SHA256); unset: not signed")] = None
    kinds: Kinds = USUAL


@dataclass(frozen=True, config=STRICT)
class MqttSettings:
    """`[server.mqtt]`: every event as a message with QoS 1."""

    host: Annotated[str, Field(min_length=1, max_length=255, description="The broker")]
    port: Annotated[int, Field(ge=1, le=65535, description="Its port")] = 1883
    topic: Annotated[
        str, Field(pattern=r"^[^+#\x00]+$", max_length=200, description="Before the kind: `tracker/events/appeared`")
    ] = "tracker/events"
    user: Annotated[str | None, Field(description="Unset: nobody logs in")] = None
    password: Annotated[SecretStr | None, Field(description="Of the user")] = None
    tls: Annotated[bool, Field(description="Encrypt, and check the broker's certificate")] = False
    kinds: Kinds = USUAL
