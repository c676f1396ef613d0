"""Makes the detector of 8-bit integers and tells what it is worth."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

import weight_files
from console.settings import own_settings
from console.weights import fetch_with_progress
from detection.int8 import int8_name
from detection.quantising import Quantised, check_quantiser, quantise
from errors import ConfigError, OutputError
from openvino_models import READY


def make_int8(clips: Sequence[str], file: Path | None, environ: Mapping[str, str], *, fetch: bool) -> int:
    """Quantise the detector's network with pictures of the clips, judge and keep it, and say so.

    Args:
        clips: Recorded videos of the user's own cameras.
        file: TOML settings of a job.
        environ: Names and values, e.g. `os.environ`.
        fetch: Whether weights may be fetched.

    Returns:
        The exit code.

    Raises:
        ConfigError: No clip is named, or a setting is out of bounds.
        OutputError: It cannot be kept.
        SourceError: A clip cannot be read.
        WeightsError: See `quantise`, or there are no weights.
    """
    if not clips:
        raise ConfigError("no clips: name videos of your own cameras, e.g. `weights --int8 cam1.mp4`", code="usage")
    config = own_settings(file, environ)
    check_quantiser()
    console = Console()
    path = fetch_with_progress(config.detection.weights, console, offline=config.runtime.offline or not fetch)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # the quantiser shows how far it is
            made = quantise(path, clips, config, weight_files.folders()[0] / READY / int8_name(path))
    except OSError as error:
        raise OutputError(f"int8 of weights {path.name}: cannot be kept: {error}; make the folder writable") from error
    console.print(Text.assemble(("ready    ", "bold green"), (str(made.folder), "bold")), soft_wrap=True)
    for line in worth(made):
        console.print(f"         {line}", soft_wrap=True)
    return 0


def worth(made: Quantised) -> list[str]:
    """What the quantised detector is worth: how far it agrees with f32, and whether it is faster here."""
    same, spent_ms = made.agreement, dict(made.picture_ms)
    times = ", ".join(f"{name} {each:.1f}" for name, each in spent_ms.items())
    lines = [
        f"judged by f32 on {made.pictures} other pictures: {same.exact} and {same.other} boxes of people, "
        f"{same.f1:.3f} of them found by both (F1), overlapping by {same.mean_iou:.3f}",
        f"ms a picture on this machine, now: {times}",
    ]
    int8_ms = spent_ms.pop("int8")
    quickest = min(spent_ms, key=lambda name: spent_ms[name])
    if int8_ms < spent_ms[quickest]:
        lines.append("used with `--precision int8`")
    else:
        lines.append(f"{quickest} is faster here: leave precision at auto on this machine, and take int8 to others")
    return lines
