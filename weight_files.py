"""The files of the networks: where they are looked for, fetched from once, and how they are checked."""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from downloads import DRIVE, Fetch, Progress, fetch
from errors import WeightsError
from shared_networks import InTurn

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parent
ENVIRONMENT = "MCT_WEIGHTS"
PICKLE_START = b"\x80"
FETCHING = InTurn(None)
"""One thread fetches at a time: two that want the same file would write into one another's."""


@dataclass(frozen=True, slots=True)
class KnownWeights:
    """Weights that the program knows where to get.

    Attributes:
        name: File name to look for.
        what: For people: which network, trained on what.
        origin: URL, or `gdrive:ID`.
        page: Where a person finds the file.
        size_bytes: Size of the official file, when known.
        sha256: Of the official file, when known; else it is told by what it computes (`reid.fingerprint_matches`).
    """

    name: str
    what: str
    origin: str
    page: str
    size_bytes: int | None = None
    sha256: str | None = None


KNOWN: tuple[KnownWeights, ...] = (
    KnownWeights(
        name="yolov8n.pt",
        what="YOLOv8n trained on COCO (ultralytics, AGPL-3.0)",
        origin="https://github.com/ultralytics/assets/releases/download/v0.0.0/yolov8n.pt",
        page="https://github.com/ultralytics/assets/releases/tag/v0.0.0",
        size_bytes=6_534_387,
        sha256="31e20dde3def09e2cf938c7be6fe23d9150bbbe503982af13345706515f2ef95",
    ),
    KnownWeights(
        name="osnet_x0_25.pth.tar",
        what="OSNet x0_25 trained on MSMT17, combineall (torchreid model zoo, MIT)",
        origin=f"{DRIVE}1Kkx2zW89jq_NETu4u42CFZTMVD5Hwm6e",
        page="https://kaiyangzhou.github.io/deep-person-reid/MODEL_ZOO",
    ),
)


class Verdict(StrEnum):
    """What a look at a file says."""

    OFFICIAL = "official"
    """Byte for byte the published file."""
    OWN = "own"
    """Readable, but not a file whose hash is known."""
    CORRUPT = "corrupt"
    """Empty, cut off, damaged, or no weights file at all."""


def folders() -> tuple[Path, ...]:
    """Where weights are looked for, in order; fetched files go into the first."""
    chosen = os.environ.get(ENVIRONMENT)
    middle = (Path(chosen).expanduser(),) if chosen else ()
    return (PROJECT / "weights", *middle, PROJECT.parent / "shared" / "weights")


def find(name: str, places: Sequence[Path] | None = None) -> Path | None:
    """The file called `name`, or None.

    Args:
        name: A bare name is looked up in `places`, then in the current folder; anything with a folder in it is a
            path and taken as is.
        places: `folders()` unless given.
    """
    path = Path(name).expanduser()
    candidates = [path] if path.name != name else [place / name for place in places or folders()] + [path]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def is_known(name: str, known: Sequence[KnownWeights] = KNOWN) -> bool:
    """Whether the program knows an origin for a file of this name."""
    return _known(name, known) is not None


def _known(name: str, known: Sequence[KnownWeights]) -> KnownWeights | None:
    return next((item for item in known if item.name == name), None)


def no_progress(have: int, total: int | None) -> None:
    """Tell nobody."""


def obtain(
    name: str,
    offline: bool,
    on_progress: Progress = no_progress,
    *,
    places: Sequence[Path] | None = None,
    known: Sequence[KnownWeights] = KNOWN,
    fetch_origin: Fetch = fetch,
) -> Path:
    """The file called `name`; fetched once when it is absent, known, and fetching is allowed.

    Args:
        name: See `find`.
        offline: Never fetch.
        on_progress: Told bytes so far and in all while fetching.
        places: `folders()` unless given; the first takes what is fetched.
        known: Files with an origin.
        fetch_origin: Completes a file from its origin.

    Raises:
        WeightsError: `weights_missing` (nowhere, and not to be fetched), `weights_fetch_failed`,
            `weights_checksum` (what came is not the official file), `weights_corrupt` (what came is damaged).
    """
    where = tuple(places or folders())
    found = find(name, where)
    if found is not None:
        return found
    wanted = _known(name, known)
    if wanted is None or offline:
        raise WeightsError(_missing(name, wanted, where), code="weights_missing")
    with FETCHING.taken():  # whoever waited for another job that wanted the same finds it there
        return find(name, where) or _fetched(wanted, where[0], on_progress, fetch_origin)


def _missing(name: str, wanted: KnownWeights | None, where: Sequence[Path]) -> str:
    path = Path(name).expanduser()
    if path.name != name:
        return f"weights {name}: {'a folder, not a file' if path.is_dir() else 'no such file'}; check the path"
    looked = f"weights {name}: not in {', '.join(map(str, where))}"
    if wanted is None:
        return f"{looked}; give its path, or put it into one of these folders"
    return (
        f"{looked}, and fetching is forbidden (offline); either run `python main.py weights` where there is a "
        f"network, or put the file from {wanted.page} into {where[0]}"
    )


def _fetched(wanted: KnownWeights, folder: Path, on_progress: Progress, fetch_origin: Fetch) -> Path:
    part = folder / f"{wanted.name}.part"
    target = folder / wanted.name
    logger.info("fetching %s, %s, into %s", wanted.name, wanted.what, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fetch_origin(wanted.origin, part, on_progress)
        _check_fetched(wanted, part)
        part.replace(target)
    except OSError as error:
        raise WeightsError(
            f"weights {wanted.name}: cannot write into {folder}: {error.strerror or error}; make it writable, or put "
            f"the file from {wanted.page} into the folder that ${ENVIRONMENT} names",
            code="weights_fetch_failed",
        ) from error
    return target


def _check_fetched(wanted: KnownWeights, part: Path) -> None:
    """Accept the official file or raise; a wrong file is removed, so that the next try starts afresh."""
    size, digest = part.stat().st_size, sha256(part)
    wrong_size = wanted.size_bytes is not None and size != wanted.size_bytes
    if wrong_size or (wanted.sha256 is not None and digest != wanted.sha256):
        part.unlink()
        raise WeightsError(
            f"weights {wanted.name}: {wanted.origin} sent {size} bytes with SHA-256 {digest}, want "
            f"{wanted.size_bytes} bytes with {wanted.sha256}; try again, or get the file from {wanted.page}",
            code="weights_checksum",
        )
    try:
        check_intact(part)
    except WeightsError as error:
        part.unlink()
        raise WeightsError(
            f"weights {wanted.name}: what {wanted.origin} sent is no weights file; get it from {wanted.page}",
            code="weights_corrupt",
        ) from error


def verify(path: Path, known: Sequence[KnownWeights] = KNOWN) -> Verdict:
    """What the file is, by its hash and its container; no network is loaded."""
    try:
        check_intact(path)
    except WeightsError:
        return Verdict.CORRUPT
    wanted = _known(path.name, known)
    official = wanted is not None and wanted.sha256 == sha256(path)
    return Verdict.OFFICIAL if official else Verdict.OWN


def check_intact(path: Path) -> None:
    """Raise unless the file's container is whole: what can be said without loading the network.

    PyTorch writes zip archives with a checksum of every member (older versions bare pickles, which only loading
    proves whole); an ONNX file is protobuf, for which not being empty is all there is to ask.

    Raises:
        WeightsError: `weights_corrupt`.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                whole = archive.testzip() is None
        else:
            whole = bool(start) and (path.suffix == ".onnx" or start.startswith(PICKLE_START))
    except (OSError, zipfile.BadZipFile):
        whole = False
    if not whole:
        raise corrupt(path)


def corrupt(path: Path, why: str = "empty, cut off, or not a weights file") -> WeightsError:
    """The error for a file that cannot be read."""
    known = _known(path.name, KNOWN)
    source = f"the file from {known.page}" if known else "a whole copy"
    return WeightsError(f"weights {path}: {why}; replace it by {source}", code="weights_corrupt")


def sha256(path: Path) -> str:
    """SHA-256 of the file's bytes, lower-case hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
