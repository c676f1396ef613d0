"""Fetches and verifies the networks' weights, with progress."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.text import Text

import weight_files
from console.errors import FAILED
from errors import WeightsError
from weight_files import KNOWN, KnownWeights, Verdict

ELSEWHERE: Final = "no internet here? weights/README.md says where the files come from; put them into weights/"


def prepare_weights(*, fetch: bool, convert: bool = False, known: Sequence[KnownWeights] = KNOWN) -> int:
    """Look for every known file, fetch what is absent, verify all, and say so; one line a file.

    Args:
        fetch: Whether absent files may be fetched.
        convert: Whether to put them ready, converted for OpenVINO, to be carried to where there is no torch.
        known: The files.

    Returns:
        The exit code: 0 when all are there and sound.
    """
    console = Console()
    sound = [_prepare(item, console, fetch=fetch) for item in known]
    if all(sound) and convert:
        sound = [_put_ready(console)]
    elif fetch and not all(sound):
        console.print(ELSEWHERE, highlight=False, soft_wrap=True)
    return 0 if all(sound) else FAILED


def _put_ready(console: Console) -> bool:
    """Convert the default networks into the folder `converted` beside the first place where weights lie."""
    import detection.openvino
    import reid.openvino
    from config import DetectionConfig, ReidConfig
    from openvino_models import READY, keep

    folder = weight_files.folders()[0] / READY
    for name, graph, called in (
        (DetectionConfig().weights, detection.openvino.people_graph, detection.openvino.graph_name),
        (ReidConfig().weights, reid.openvino.look_graph, reid.openvino.graph_name),
    ):
        path = weight_files.obtain(name, offline=True)
        target = folder / called(path)
        try:
            keep(graph(path), target)
        except (WeightsError, OSError) as error:
            console.print(Text.assemble(("failed   ", "bold red"), f"{target}: {error}"), soft_wrap=True)
            return False
        console.print(Text.assemble(("ready    ", "bold green"), (str(target), "bold")), soft_wrap=True)
    return True


def fetch_with_progress(name: str, console: Console, *, offline: bool) -> Path:
    """The file of that name, fetched with a bar if it is absent.

    Raises:
        WeightsError: It is absent and cannot or must not be fetched.
    """
    if offline or weight_files.find(name) is not None:
        return weight_files.obtain(name, offline)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    if not console.is_terminal:
        console.print(f"fetching {name} ...", highlight=False, soft_wrap=True)
    with bar:
        task = bar.add_task(f"fetching {name}", total=None)
        return weight_files.obtain(name, offline, lambda have, total: bar.update(task, completed=have, total=total))


def _prepare(item: KnownWeights, console: Console, *, fetch: bool) -> bool:
    try:
        path = fetch_with_progress(item.name, console, offline=not fetch)
    except WeightsError as error:
        console.print(Text.assemble(("absent   ", "bold red"), f"{item.name}: {error.message}"), soft_wrap=True)
        return False
    sound, verdict = _judged(path, item)
    mark = ("ok       ", "bold green") if sound else ("damaged  ", "bold red")
    console.print(Text.assemble(mark, (str(path), "bold"), f"  {verdict}"), soft_wrap=True)
    return sound


def _judged(path: Path, item: KnownWeights) -> tuple[bool, str]:
    """Whether the file can be used, and what it is in words."""
    verdict = weight_files.verify(path, [item])
    if verdict is Verdict.CORRUPT:
        return False, "empty, cut off or no weights file; remove it and run this again"
    if verdict is Verdict.OFFICIAL:
        return True, f"{item.what}; SHA-256 as published"
    if item.sha256 is not None:
        return True, f"your own: SHA-256 is not that of the published {item.what}"
    return _judged_by_doing(path, item)


def _judged_by_doing(path: Path, item: KnownWeights) -> tuple[bool, str]:
    """The verdict on a file whose published hash is not known, by what its network computes."""
    from reid import fingerprint_matches

    try:
        same = fingerprint_matches(path)
    except WeightsError as error:
        return False, error.message
    return True, f"{item.what}; computes the same" if same else f"your own: computes otherwise than {item.what}"
