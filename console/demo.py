"""Renders the built-in scene and tracks it, with whatever models this machine has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console

from config import TrackingConfig, build_config, merged
from console.run import run_job
from console.weights import fetch_with_progress
from errors import OutputError, WeightsError
from scenes import SceneSpec
from work import Work

MODELS = {"detection": ("yolov8n.pt", "motion"), "reid": ("osnet_x0_25.pth.tar", "colour")}
"""By section of the configuration: the weights its network needs, and the model that needs none."""


def run_demo(
    folder: Path,
    given: dict[str, Any],
    make_work: Callable[[TrackingConfig, str], Work],
    *,
    quiet: bool = False,
    json: bool = False,
    spec: SceneSpec = SceneSpec(),  # noqa: B008 - frozen
) -> int:
    """Render the scene into `folder`, track it into the same folder, and show where everything is.

    Args:
        folder: Made when absent; what an earlier demo wrote there is replaced.
        given: Nested configuration values of the options that were given.
        make_work: Makes the job's work.
        quiet: Show nothing but errors.
        json: Print one JSON object only.
        spec: The scene.

    Returns:
        The exit code, as of `run_job`.

    Raises:
        OutputError: The folder cannot be written.
    """
    console = Console(stderr=True, quiet=quiet or json)
    doing = f"rendering {spec.cameras} cameras, {spec.duration_s:.0f} s ..."
    if not console.is_terminal:
        console.print(doing, highlight=False)
    with console.status(doing):
        videos = _rendered(spec, folder / "scene")
    console.print(f"scene    {folder / 'scene'}", highlight=False, soft_wrap=True)
    own = {
        "videos": videos,
        "output": {"video": str(folder / "tracked.mp4"), "results": str(folder / "results"), "overwrite": True},
    }
    offline = bool(given.get("runtime", {}).get("offline"))
    models = stand_ins(
        lambda name: fetch_with_progress(name, console, offline=offline),
        lambda why: console.print(f"note: {why}", highlight=False, soft_wrap=True),
    )
    return run_job(build_config(merged(merged(own, models), given)), make_work, quiet=quiet, json=json)


def _rendered(spec: SceneSpec, folder: Path) -> list[str]:
    from scenes.render import render_scene

    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [str(video) for video in render_scene(spec, folder).videos]
    except OSError as error:
        raise OutputError(f"demo folder {folder}: {error.strerror or error}; choose another with --folder") from error


def stand_ins(obtain: Callable[[str], object], tell: Callable[[str], object]) -> dict[str, Any]:
    """The weights-free models, as configuration, for every network whose weights cannot be had.

    Args:
        obtain: Finds or fetches a weights file, or raises `WeightsError`.
        tell: Takes why one could not be had; on what it runs then, the pipeline says loudly.
    """
    out = {}
    for section, (weights, model) in MODELS.items():
        try:
            obtain(weights)
        except WeightsError as error:
            tell(error.message)
            out[section] = {"model": model}
    return out
