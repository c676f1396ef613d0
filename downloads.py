"""Fetch one file from its origin: resumable, with progress, bounded tries and timeouts.

The standard library's client is enough for one GET with a Range header, honours the system's proxies and adds no
dependency; Google Drive, whose answers change, is left to gdown.
"""

from __future__ import annotations

import errno
import http.client
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from errors import WeightsError

logger = logging.getLogger(__name__)

Progress = Callable[[int, int | None], None]
"""Told the bytes there are so far and the bytes there will be (None when the origin does not say)."""
Fetch = Callable[[str, Path, Progress], None]
"""Completes the file at the path from the origin, going on from the bytes that are there."""

DRIVE = "gdrive:"
"""An origin `gdrive:ID` is a file on Google Drive."""
TRIES = 3
TIMEOUT_S = 20.0
BLOCK_BYTES = 1 << 16
LOCAL = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EISDIR})
"""What the system says of a file that cannot be written."""


def fetch(origin: str, part: Path, on_progress: Progress) -> None:
    """Complete `part` from a URL or from Google Drive.

    Raises:
        WeightsError: `weights_fetch_failed`; what arrived stays in `part`, so that the next call goes on from there.
        OSError: `part` cannot be written.
    """
    if origin.startswith(DRIVE):
        _fetch_drive(origin.removeprefix(DRIVE), part, on_progress)
    else:
        _fetch_url(origin, part, on_progress)


def _fetch_url(url: str, part: Path, on_progress: Progress) -> None:
    problem: Exception | None = None
    for _ in range(TRIES):
        try:
            _go_on(url, part, on_progress)
        except urllib.error.HTTPError as error:
            problem = error
            error.close()
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                part.unlink(missing_ok=True)  # longer than the file: left over from another one
            elif error.code < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                break  # the origin has answered; asking again changes nothing
        except (OSError, http.client.HTTPException) as error:
            _raise_if_local(error)
            problem = error
        else:
            return
        logger.info("fetching %s: %s; trying again", url, problem)
    raise WeightsError(
        f"fetching {url} failed: {problem}; check the network and try again (it goes on where it stopped)",
        code="weights_fetch_failed",
    ) from problem


def _raise_if_local(error: Exception) -> None:
    """Let out what is wrong with the disk, not with the network."""
    if isinstance(error, OSError) and error.errno in LOCAL:
        raise error


def _go_on(url: str, part: Path, on_progress: Progress) -> None:
    """One request for the bytes that `part` lacks."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url)  # noqa: S310 - origins are constants of the program
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
        if answer.status != http.HTTPStatus.PARTIAL_CONTENT:
            have = 0  # the origin does not resume: from the start
        rest = answer.headers.get("Content-Length")
        total = None if rest is None else have + int(rest)
        with part.open("r+b" if have else "wb") as file:
            file.seek(have)
            while block := answer.read(BLOCK_BYTES):
                file.write(block)
                have += len(block)
                on_progress(have, total)
    if total is not None and have != total:
        raise http.client.IncompleteRead(b"", total - have)


def _fetch_drive(file_id: str, part: Path, on_progress: Progress) -> None:
    import gdown
    import requests

    try:
        gdown.download(
            id=file_id,
            output=str(part),
            quiet=True,
            use_cookies=False,
            resume=True,
            progress=on_progress,
            timeout=TIMEOUT_S,
            retries=TRIES - 1,
        )
    except (gdown.exceptions.DownloadError, requests.RequestException, OSError) as error:
        _raise_if_local(error)
        problem = " ".join(str(error).split())
        raise WeightsError(
            f"fetching Google Drive file {file_id} failed: {problem}; check the network and try again",
            code="weights_fetch_failed",
        ) from error
