"""What a source is called, and what of it may be shown: the one place where credentials are taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from errors import SourceError

HIDDEN: Final = "***"
USER_INFO: Final = re.compile(r"(?<=://)[^\n]*@")
"""Everything up to the last `@`: a password may hold any character, and too much hidden is better than too little."""
SECRET_PAIR: Final = re.compile(
    r"([?&;/_][\w.-]*(?:user|usr|login|pass|pwd|psw|token|secret|key|auth|sig)[\w.-]*=)[^?&;#/\s'\"<>]*", re.IGNORECASE
)
WEBCAM: Final = re.compile(r"(?:webcam:)?(\d{1,3})")
BLANK: Final = re.compile(r"[\x00-\x20\x7f]")


class Kind(StrEnum):
    """What pictures come from."""

    FILE = "file"
    FOLDER = "folder"
    RTSP = "rtsp"
    HTTP = "http"
    WEBCAM = "webcam"


SCHEMES: Final = {"rtsp": Kind.RTSP, "rtsps": Kind.RTSP, "http": Kind.HTTP, "https": Kind.HTTP}
RECORDED: Final = frozenset({Kind.FILE, Kind.FOLDER})
PORTS: Final = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}


def redacted(text: str) -> str:
    """The text without the credentials of the URLs in it.

    >>> redacted("rtsp://admin:s3cret@10.0.0.7/stream1"), redacted("http://cam/video?channel=1&password=s3cret")
    ('rtsp://***@10.0.0.7/stream1', 'http://cam/video?channel=1&password=***')
    """
    if "://" not in text:
        return text
    return SECRET_PAIR.sub(rf"\g<1>{HIDDEN}", USER_INFO.sub(f"{HIDDEN}@", text))


@dataclass(frozen=True, slots=True)
class Address:
    """Where pictures come from.

    Attributes:
        kind: What is there.
        target: The path, the URL with its credentials, or the number of the webcam; never to be shown.
        shown: The same for people.
        host: Of a URL; empty otherwise.
        port: Of a URL, the scheme's own where it names none; 0 otherwise.
    """

    kind: Kind
    target: str = field(repr=False)
    shown: str
    host: str = ""
    port: int = 0

    @property
    def recorded(self) -> bool:
        """Whether it holds pictures already, which wait until they are asked for."""
        return self.kind in RECORDED


def parse_address(text: str, user: str = "", password: str = "") -> Address:
    """What a source string means: a path, `webcam:0` or a bare number, or a URL.

    A number is always a webcam; `./0` is the file.

    Args:
        text: As the user gave it.
        user: Put into a URL in place of what it says itself; empty: nothing is put in.
        password: Goes with `user`.

    Raises:
        SourceError: `source_scheme` or `source_url`.
    """
    if "://" in text:
        return _parse_url(text, user, password)
    if (webcam := WEBCAM.fullmatch(text)) is not None:
        return Address(Kind.WEBCAM, str(int(webcam[1])), f"webcam:{int(webcam[1])}")
    try:
        kind = Kind.FOLDER if Path(text).is_dir() else Kind.FILE
    except (OSError, ValueError):
        kind = Kind.FILE
    return Address(kind, text, text)


def _parse_url(text: str, user: str, password: str) -> Address:
    shown = redacted(text)
    scheme, _, rest = text.partition("://")
    kind = SCHEMES.get(scheme.lower())
    if kind is None:
        known = ", ".join(f"{name}://" for name in SCHEMES)
        raise SourceError(f"{shown}: unknown scheme; give a path, webcam:0 or one of {known}", code="source_scheme")
    if BLANK.search(text):
        raise SourceError(f"{shown}: has a blank in it; write it as %20", code="source_url")
    if user:
        authority, slash, path = rest.partition("/")
        host = authority.rpartition("@")[2]
        text = f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{host}{slash}{path}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or PORTS[scheme.lower()]
    except ValueError:
        host, port = "", 0
    if not host:
        raise SourceError(f"{shown}: no host that can be read; want {scheme}://HOST/PATH", code="source_url")
    return Address(kind, text, redacted(text), host, port)
