"""What each part of the association brings: everything as it is, then without one part after the other, scene by scene.

    python benchmarks/ablation.py ../shared/data/street-2cam ../shared/data/plaza-3cam ../shared/data/corridor-3cam

A scene is a folder with camN.mp4 and camN_gt.txt, perhaps calibration.json; those that the project makes itself come on
top. Each is detected and embedded once, with the networks, and recorded (`--keep DIR` keeps the recordings); then only
association runs again, on all cores. The table is in docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from association.matching import MatchRule  # noqa: E402 - found only once the root is on the path
from config import TrackingConfig, build_config, merged  # noqa: E402
from entities import BoolArray  # noqa: E402
from evaluation import ALL, make_report  # noqa: E402
from recording import Recording  # noqa: E402
from replay import Replay  # noqa: E402
from scenes import SceneSpec  # noqa: E402
from scenes.render import render_scene  # noqa: E402

NEVER = 1e9
BUILT_IN = {
    "demo": SceneSpec(),
    "uniform": SceneSpec(uniform=True),
}
"""Scenes of the project's own; in the second everybody wears the same, so that positions have to tell."""

Values = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Arm:
    """The program without one of its parts.

    Attributes:
        name: What is missing, in words.
        settings: Configuration values that take it away.
        replaced: Where no setting does: names in modules (`module:name` or `module:Class.name`) and what stands there
            instead.
        calibrated: Whether it makes sense only where there is a calibration.
    """

    name: str
    settings: Values = field(default_factory=dict)
    replaced: Mapping[str, Any] = field(default_factory=dict)
    calibrated: bool = False


@dataclass(frozen=True)
class Scene:
    """What to replay.

    Attributes:
        name: For the table.
        truth: Folder with the truth.
        recording: What association sees.
        calibration: Used when there is one.
    """

    name: str
    truth: Path
    recording: Path
    calibration: Path | None


BY_OVERLAP = {
    "association.matching:SURE": MatchRule(look_weight=0.0, min_iou=0.3, min_similarity=-1.0),
    "association.matching:DOUBTFUL": MatchRule(look_weight=0.0, min_iou=0.4, min_similarity=-1.0),
}
"""Boxes go to tracks by where they are, as in ByteTrack."""


def never(*_: object, **__: object) -> None:
    """Stands for a method that finds nothing."""


def nothing(*_: object, **__: object) -> list[Any]:
    """Stands for a method that finds no one."""
    return []


def none_of(tracks: Sequence[object], *_: object) -> BoolArray:
    """Stands for a question about every track whose answer is always no."""
    return np.zeros(len(tracks), np.bool_)


def recover_none(_: object, tracks: Sequence[object], *__: object) -> BoolArray:
    """Stands for a recovery that never succeeds."""
    return none_of(tracks)


def no(*_: object, **__: object) -> bool:
    """Stands for a question whose answer is no."""
    return False


ARMS: tuple[Arm, ...] = (
    Arm("**everything**"),
    Arm("every crop embedded, not only those that tell something", {"camera": {"look_again_s": 0.0}}),
    # one camera
    Arm("looks in a camera's own matching", replaced=BY_OVERLAP),
    Arm("the filter mended after a gap", replaced={"track:REPLAY_AFTER_LOOKS": NEVER}),
    Arm("lost tracks recovered by look", replaced={"lost_tracks:LostTracks.recover": recover_none}),
    Arm("how alike different people look here, learnt", replaced={"association.recovery:PRIOR_PAIRS": NEVER}),
    Arm(
        "a track split where its box went over to somebody else",
        replaced={"track:Tracks.is_somebody_else": property(none_of)},
    ),
    Arm("double tracks dropped", replaced={"camera_tracker:CameraTracker._drop_doubles": never}),
    Arm("things that never move left out", replaced={"association.stillness:Places.still": property(no)}),
    # across cameras
    Arm("camera centring: raw cosine of 0.8 instead", {"identity": {"cos_thresh": 0.8}}),
    Arm("camera centring: raw cosine of 0.7 instead", {"identity": {"cos_thresh": 0.7}}),
    Arm("the camera's own mean: the generic person instead", replaced={"association.centring:PRIOR_PEOPLE": NEVER}),
    Arm("pieces cut where their look changes", replaced={"atom_book:AtomBook._cut_looks": never}),
    Arm("identities corrected later", {"identity": {"hysteresis": 1.0}}),
    Arm(
        "cameras known to see no place in common",
        replaced={
            "association.coexistence:DISJOINT_PIECES": NEVER,
            "association.coexistence:UNANIMOUS_PIECES": NEVER,
        },
    ),
    Arm(
        "the first people speaking for all pairs of cameras",
        replaced={"association.coexistence:UNANIMOUS_PIECES": NEVER},
    ),
    Arm("the time that ways take", replaced={"association.transit:BONUS": 0.0}),
    Arm("learnt geometry and offset, and ways", {"identity": {"learn_geometry": False}}),
    Arm("partings of positions", replaced={"association.partings:Partings.due": nothing}, calibrated=False),
    Arm("the calibration", {"identity": {"calibration": None}}, calibrated=True),
)


def main() -> None:
    """Record what is not recorded yet, replay every arm on every scene, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", nargs="*", type=Path)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.keep or Path(scratch)
        scenes = list(all_scenes(args.scenes, folder))
        header = " | ".join(scene.name for scene in scenes)
        print(f"| without | {header} | mean |\n|---|{'---|' * (len(scenes) + 1)}")
        with ProcessPoolExecutor() as pool:
            rows = [[pool.submit(measure, arm, scene) for scene in scenes] for arm in ARMS]
            for arm, row in zip(ARMS, rows, strict=True):
                print(table_row(arm, [figures.result() for figures in row]), flush=True)


def all_scenes(given: Sequence[Path], folder: Path) -> Iterator[Scene]:
    """The given scenes and our own, each recorded; those with a calibration once without and once with it."""
    folders = {path.name: path for path in given}
    for name, spec in BUILT_IN.items():
        folders[name] = folder / name
        if not (folder / name / "calibration.json").exists():
            render_scene(spec, folder / name)
    for name, path in folders.items():
        recording = folder / f"{name}.rec"
        if not recording.exists():
            record(path, recording)
        calibration = path / "calibration.json"
        yield Scene(name, path, recording, None)
        if calibration.exists():
            yield Scene(f"{name}, calibrated", path, recording, calibration)


def record(scene: Path, recording: Path) -> None:
    """Detect, and embed every box that any arm may want to look at."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as settings:
        settings.write("[camera]\nlook_again_s = 0.0\n")
        settings.flush()
        clips = [str(path) for path in sorted(scene.glob("cam*.mp4"))]
        words = ["track", *clips, "--record", str(recording), "--config", settings.name, "--no-window", "--quiet"]
        subprocess.run([sys.executable, str(ROOT / "main.py"), *words], check=True)


def measure(arm: Arm, scene: Scene) -> tuple[float, float] | None:
    """IDF1 over all cameras, corrected and as shown; None where the arm changes nothing."""
    if arm.calibrated and scene.calibration is None:
        return None
    with tempfile.TemporaryDirectory() as folder, without(arm):
        Replay(settings_of(arm, scene, Path(folder) / "results"), Recording(scene.recording)).run()
        report = make_report(scene.truth, Path(folder) / "results")
    assert report.corrected is not None
    assert report.online is not None
    return report.corrected[ALL]["IDF1"], report.online[ALL]["IDF1"]


def settings_of(arm: Arm, scene: Scene, results: Path) -> TrackingConfig:
    """The defaults but for what the arm changes."""
    calibration = None if "calibration" in arm.settings.get("identity", {}) else scene.calibration
    values = {"identity": {"calibration": calibration}, "output": {"results": results, "crops_per_person": 0}}
    return build_config(merged(values, {name: dict(section) for name, section in arm.settings.items()}))


@contextmanager
def without(arm: Arm) -> Iterator[None]:
    """The program with the arm's replacements in place."""
    with ExitStack() as stack:
        for place, instead in arm.replaced.items():
            module, name = place.split(":")
            stack.enter_context(patch(f"{module}.{name}", instead))
        yield


def table_row(arm: Arm, figures: Sequence[tuple[float, float] | None]) -> str:
    """The arm's line: corrected and as shown for every scene, and the mean of the corrected ones."""
    cells = [f"{pair[0]:.1f} / {pair[1]:.1f}" if pair else "" for pair in figures]
    known = [pair for pair in figures if pair]
    means = [sum(pair[side] for pair in known) / len(known) for side in (0, 1)]
    whole = f"{means[0]:.1f} / {means[1]:.1f}" if len(known) == len(figures) else ""
    return f"| {arm.name} | {' | '.join(cells)} | {whole} |"


if __name__ == "__main__":
    main()
