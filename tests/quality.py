"""What the built-in scenes score, and what they scored before: accuracy may rise, not fall."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import main
from evaluation import ALL, Report, make_report
from scenes import SceneSpec
from scenes.render import render_scene

FILE: Final = Path(__file__).parent / "data" / "quality.json"
TOLERANCE: Final = 3.0
"""Points a figure may fall: a processor without AVX2 moved figures by up to 2.0, since one decision that turns out
otherwise is worth a point or two in scenes so small."""
RATCHETED: Final = ("IDF1", "HOTA")

Figures = dict[str, float]
"""`corrected IDF1`, `corrected HOTA`, `online IDF1`, `online HOTA`: percent over all cameras; `shared`: boxes."""


@dataclass(frozen=True)
class Trial:
    """A scene and what it is tracked with.

    Attributes:
        spec: What to render.
        networks: With YOLOv8 and OSNet in full precision on the CPU, or with the models that need no weights.
        calibrated: Whether the program is told how the cameras see the floor.
    """

    spec: SceneSpec
    networks: bool = False
    calibrated: bool = False


TRIALS: Final[Mapping[str, Trial]] = {
    "overlapping views": Trial(SceneSpec(people=4, duration_s=8.0, fps=8.0, size_px=(640, 360))),
    "views with a gap": Trial(SceneSpec(people=4, duration_s=16.0, fps=8.0, size_px=(640, 360), seed=5, gap_m=2.0)),
    "all alike, calibrated": Trial(
        SceneSpec(people=4, duration_s=8.0, fps=8.0, size_px=(640, 360), uniform=True), calibrated=True
    ),
    "demo with networks": Trial(SceneSpec(), networks=True),
}


def measure(trial: Trial, folder: Path) -> Report:
    """Render, track and evaluate.

    Args:
        trial: What to do.
        folder: Where scene and results go.
    """
    scene = render_scene(trial.spec, folder / "scene")
    settings = folder / "settings.toml"
    settings.write_text('[runtime]\nprecision = "f32"\n' if trial.networks else "", encoding="utf-8")
    models = (
        ["--runtime", "openvino", "--device", "cpu"]
        if trial.networks
        else ["--detector", "motion", "--embedder", "colour"]
    )
    words = ["track", *map(str, scene.videos), "--results", str(folder / "results"), "--config", str(settings)]
    words += ["--calibration", str(scene.calibration)] if trial.calibrated else []
    code = main.main([*words, *models, "--offline", "--no-window", "--quiet"])
    assert code == 0, f"tracking ended with {code}"
    return make_report(scene.folder, folder / "results")


def figures_of(report: Report) -> Figures:
    """The figures that are kept."""
    assert report.corrected is not None
    assert report.online is not None
    sets = {"corrected": report.corrected[ALL], "online": report.online[ALL]}
    figures = {f"{name} {key}": float(scores[key]) for name, scores in sets.items() for key in RATCHETED}
    return figures | {"shared": float(sum(scores["shared"] for scores in sets.values()))}


def falls(kept: Figures, now: Figures) -> list[str]:
    """What is worse than it was by more than the tolerance, and any shared box; nothing when all is well."""
    worse = [f"{key} fell from {kept[key]} to {now[key]}" for key in kept if now[key] < kept[key] - TOLERANCE]
    return worse + ([f"{now['shared']:g} boxes share an id in one frame"] if now["shared"] else [])


def raised(kept: Figures, now: Figures) -> Figures:
    """The better of both, figure by figure; `shared` is no figure to keep, it is 0."""
    return {key: max(value, kept.get(key, value)) for key, value in now.items() if key != "shared"}


def read_kept() -> dict[str, Figures]:
    """The kept figures by trial."""
    kept: dict[str, Figures] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return kept


def write_kept(kept: Mapping[str, Figures]) -> None:
    """Replace the kept figures."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
