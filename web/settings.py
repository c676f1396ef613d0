"""What the server allows: who may ask, which files and addresses jobs may use, and how much of everything."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from address import redacted
from config import merged
from errors import ConfigError
from notify.settings import MqttSettings, WebhookSettings

PREFIX: Final = "MCT_SERVER__"
LEAST_TOKEN: Final = 16
"""Characters of a token that nobody guesses."""
SECRET: Final = frozenset({"token", "secret", "password", "url"})
"""Settings whose values no message may show."""


def _folders(value: Any) -> Any:
    """The folders of a list, or of one line as in `PATH`."""
    return value.split(os.pathsep) if isinstance(value, str) else value


def _words(value: Any) -> Any:
    """The words of a list, or of one line with commas."""
    return re.findall(r"[^,\s]+", value) if isinstance(value, str) else value


Folders = Annotated[tuple[Path, ...], BeforeValidator(_folders)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Token = Annotated[SecretStr, Field(min_length=LEAST_TOKEN)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ServerSettings:
    """The `[server]` section of a configuration file, and `MCT_SERVER__...` in the environment."""

    token: Annotated[
        Token | None, Field(description="Every request must show it; without one only this machine is served")
    ] = None
    inputs: Annotated[Folders, Field(description="Folders that jobs may read from")] = (Path("."),)
    outputs: Annotated[Folders, Field(description="Folders that jobs may write to")] = (Path("."),)
    cameras: Annotated[Path | None, Field(description="File of cameras that requests may name; unset: none")] = None
    schemes: Annotated[Words, Field(description="Kinds of addresses that jobs may read from")] = (
        "rtsp",
        "rtsps",
        "http",
        "https",
    )
    hosts: Annotated[Words | None, Field(description="Hosts that jobs may read from; unset: any")] = None
    max_running: Annotated[int, Field(ge=1, le=64, description="Jobs that run at once")] = 4
    max_queued: Annotated[int, Field(ge=0, le=1000, description="Jobs that wait; more are refused")] = 16
    starts_per_minute: Annotated[int, Field(ge=1, le=6000, description="Jobs that may be asked for in a minute")] = 30
    max_viewers: Annotated[int, Field(ge=1, le=1000, description="Streams of pictures and events open at once")] = 32
    max_request_bytes: Annotated[int, Field(ge=1024, le=1 << 30, description="Most bytes of a request")] = 1 << 20
    max_upload_bytes: Annotated[int, Field(ge=1024, le=1 << 30, description="Most bytes of an uploaded picture")] = (
        10 << 20
    )

    webhook: Annotated[WebhookSettings | None, Field(description="Where events are sent by HTTP")] = None
    mqtt: Annotated[MqttSettings | None, Field(description="Where events are published by MQTT")] = None

    def __repr__(self) -> str:
        return "ServerSettings(...)"  # never a token in a log


ADAPTER: TypeAdapter[ServerSettings] = TypeAdapter(ServerSettings)


def server_settings(
    section: Mapping[str, Any], environ: Mapping[str, str], given: dict[str, Any] | None = None
) -> ServerSettings:
    """The settings of a file's `[server]` section with those of the environment on top.

    `MCT_SERVER__MAX_RUNNING=2` sets `max_running`, `MCT_SERVER__MQTT__HOST=broker` sets `host` in section `mqtt`;
    `MCT_TOKEN` is short for `MCT_SERVER__TOKEN`.

    Args:
        section: Of the file; empty without one.
        environ: Names and values, e.g. `os.environ`.
        given: Settings that win over both.

    Raises:
        ConfigError: Naming every setting that is unknown or out of bounds, without its value where that is a secret.
    """
    set_there: dict[str, Any] = {}
    for name, value in environ.items():
        if name.startswith(PREFIX) and value:
            part, _, key = name.removeprefix(PREFIX).lower().partition("__")
            set_there = merged(set_there, {part: {key: value} if key else value})
    token = {"token": environ["MCT_TOKEN"]} if environ.get("MCT_TOKEN") else {}
    try:
        return ADAPTER.validate_python(merged(merged(dict(section), set_there), token | (given or {})))
    except ValidationError as error:
        problems = "; ".join(map(_problem, error.errors(include_url=False, include_context=False)))
        raise ConfigError(f"server settings: {problems}") from None


def _problem(item: Mapping[str, Any]) -> str:
    """What is wrong with a setting, with its value where a log may show it."""
    where, text = ".".join(map(str, item["loc"])), str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "unexpected_keyword_argument":
        return f"{where}: no such setting"  # its value may be a secret under a misspelt name
    secret = not SECRET.isdisjoint(item["loc"]) or item["type"] == "dataclass_type"  # an address in place of a section
    shown = not secret and not isinstance(item["input"], Mapping)
    return f"{where}: {text} (got {redacted(repr(item['input']))})" if shown else f"{where}: {text}"
