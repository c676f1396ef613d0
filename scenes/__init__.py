"""The built-in place: a hall with cameras and walking figures, its exact truth and calibration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MOST_CAMERAS = 4


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """What to render. The same specification gives the same people, walks and truth.

    Attributes:
        cameras: Number of cameras, 1 to 4.
        people: Number of people who live in the scene, >= 0; not all are in view at all times.
        duration_s: Length of every video, seconds.
        fps: Frames per second of every video.
        size_px: Width and height of every video, even numbers.
        seed: Chooses the people and their walks.
        gap_m: None: all cameras look at one hall from different corners and their views overlap. A number: each
            looks at a stretch of a long hall of its own, and this many metres between two stretches are unseen.
        uniform: Everyone wears the same clothes.
        camera_fps: Frames per second of each camera, where they differ; empty: `fps` for all.
        camera_duration_s: Seconds of each video, where they differ; empty: `duration_s` for all.
    """

    cameras: int = 2
    people: int = 7
    duration_s: float = 24.0
    fps: float = 15.0
    size_px: tuple[int, int] = (960, 540)
    seed: int = 9
    gap_m: float | None = None
    uniform: bool = False
    camera_fps: tuple[float, ...] = ()
    camera_duration_s: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.cameras <= MOST_CAMERAS:
            raise ValueError(f"cameras: want 1 to {MOST_CAMERAS}, got {self.cameras}")
        if self.people < 0:
            raise ValueError(f"people: want none or more, got {self.people}")
        if any(side < 64 or side % 2 for side in self.size_px):
            raise ValueError(f"size_px: want even numbers from 64, got {self.size_px}")
        if self.gap_m is not None and self.gap_m < 0.0:
            raise ValueError(f"gap_m: want none or more metres, got {self.gap_m}")
        for name, values in (("camera_fps", self.rates_fps()), ("camera_duration_s", self.durations_s())):
            if len(values) != self.cameras or min(values) <= 0.0:
                raise ValueError(f"{name}: want {self.cameras} positive numbers, got {values}")

    def rates_fps(self) -> tuple[float, ...]:
        """Frames per second of each camera."""
        return self.camera_fps or (self.fps,) * self.cameras

    def durations_s(self) -> tuple[float, ...]:
        """Seconds of each camera's video."""
        return self.camera_duration_s or (self.duration_s,) * self.cameras


@dataclass(frozen=True, slots=True)
class RenderedScene:
    """The files of a rendered scene.

    Attributes:
        folder: Where they lie.
        videos: `cam1.mp4`, `cam2.mp4`, …
        truth: `cam1_gt.txt`, …: MOTChallenge rows, ids shared by all cameras.
        floor: `floor_gt.csv`: where everyone in view stands, metres.
        calibration: `calibration.json`: a homography from floor metres to pixels for each camera.
    """

    folder: Path
    videos: tuple[Path, ...]
    truth: tuple[Path, ...]
    floor: Path
    calibration: Path
