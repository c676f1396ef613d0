"""Which files and addresses a request may name: folders that the operator gave, schemes and hosts likewise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from errors import OutputError, SourceError
from web.settings import ServerSettings

WEBCAM: Final = re.compile(r"(?:webcam:)?\d{1,3}")
SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.,-]*:")
"""How names begin that the video library may take for a protocol (`rtsp:`, but also `concat:`, `file:`, `data:`)."""


class Confinement:
    """Says which names of requests are allowed; links are followed before that is decided.

    Args:
        settings: What the operator allows.
        results_root: Written to by jobs that name no folder; allowed by itself.
        calibrations: Where those lie that were made on the page; read from without being among the inputs.
        kept: Other files and folders of the server's own, which no results folder may hold.
    """

    def __init__(
        self, settings: ServerSettings, results_root: Path, calibrations: Path, kept: Sequence[Path] = ()
    ) -> None:
        self._inputs = tuple(folder.resolve() for folder in settings.inputs)
        self._calibrations = (calibrations.resolve(),)
        self._outputs = tuple(folder.resolve() for folder in (*settings.outputs, results_root))
        own = (*kept, *([] if settings.cameras is None else [settings.cameras]))
        self._kept = (*self._inputs, *self._calibrations, *self._outputs, *(path.resolve() for path in own))
        self._schemes = frozenset(scheme.lower() for scheme in settings.schemes)
        self._hosts = None if settings.hosts is None else frozenset(host.lower() for host in settings.hosts)

    def check_source(self, name: str) -> None:
        """Refuse a file outside the folders, and an address of another scheme or host.

        Raises:
            SourceError: `source_outside` or `source_not_allowed`.
        """
        if WEBCAM.fullmatch(name):
            self._check_scheme("webcam")
        elif SCHEME.match(name):
            self._check_address(name)
        else:
            self.check_input(name)

    def check_input(self, path: str) -> None:
        """Refuse a file to be read that lies outside the folders; whether it exists is not told.

        Raises:
            SourceError: `source_outside`.
        """
        if not _within(path, self._inputs):
            raise SourceError(
                f"{path}: outside the folders that this server reads from ({_listed(self._inputs)}); "
                "name a file in one of them, or allow its folder with MCT_SERVER__INPUTS",
                code="source_outside",
            )

    def check_calibration(self, path: str) -> None:
        """Refuse a calibration that is neither of those made on the page nor in the folders that jobs may read.

        Raises:
            SourceError: `source_outside`.
        """
        if not _within(path, self._calibrations):
            self.check_input(path)

    def check_output(self, path: str | Path) -> None:
        """Refuse a file or folder to be written, sent or deleted that lies outside the folders.

        Raises:
            OutputError: `output_outside`.
        """
        if not _within(path, self._outputs):
            raise OutputError(
                f"{path}: outside the folders that this server writes to ({_listed(self._outputs)}); "
                "name one of them, or allow its folder with MCT_SERVER__OUTPUTS",
                code="output_outside",
            )

    def check_results(self, path: str | Path) -> None:
        """Refuse a results folder outside the folders, and one that holds an allowed folder or what is the server's.

        Raises:
            OutputError: `output_outside`.
        """
        self.check_output(path)
        real = Path(path).resolve()
        if any(kept.is_relative_to(real) for kept in self._kept):
            raise OutputError(
                f"{path}: more than results lies in it: it holds a folder of this server's; "
                "name a folder that is for this job only",
                code="output_outside",
            )

    def _check_address(self, address: str) -> None:
        scheme, _, rest = address.partition(":")
        self._check_scheme(scheme.lower() if rest.startswith("//") else "")
        host = _host(address)
        if self._hosts is not None and host not in self._hosts:
            raise SourceError(
                f"host {host or '(none)'} is not read from; allow it with MCT_SERVER__HOSTS", code="source_not_allowed"
            )

    def _check_scheme(self, scheme: str) -> None:
        if scheme not in self._schemes:
            raise SourceError(
                f"{scheme or 'this kind of address'}: not read from; allowed are "
                f"{', '.join(sorted(self._schemes)) or 'none'} (MCT_SERVER__SCHEMES); "
                "write ./ before the name of a file with a colon in it",
                code="source_not_allowed",
            )


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(dict.fromkeys(map(str, folders))) or "none"


def _within(path: str | Path, folders: Sequence[Path]) -> bool:
    """Whether the path, with every link on it followed, lies in one of the folders (resolved already)."""
    try:
        real = Path(path).resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, or a name no system takes
        return False
    return any(real.is_relative_to(folder) for folder in folders)


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
