"""Renders a specification to videos, truth and calibration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from scenes import RenderedScene, SceneSpec
from scenes.backdrop import Backdrop, render_backdrop
from scenes.brush import Patch, paint_figure
from scenes.camera import Camera
from scenes.figure import Posture, limbs_of
from scenes.hall import Hall, build_hall
from scenes.people import Look, dress
from scenes.walks import Walk, plan_walks

Picture = NDArray[np.uint8]

LEAST_SHARE = 0.1
"""A person of whom less than this is to be seen is not in the truth."""
BEHIND_M = 0.3
"""What is nearer than a person by more than this hides the person."""
NOISE = 0.9
"""Standard deviation of the sensor's noise, grey levels."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One person in one picture.

    Attributes:
        person: Number of the person, from 1.
        box_xywh: Extent of the figure inside the picture, also where something covers it, pixels.
        visibility: Share of the figure inside the picture that nothing covers, in (0, 1].
        place_m: Where the person stands.
    """

    person: int
    box_xywh: tuple[float, float, float, float]
    visibility: float
    place_m: tuple[float, float]


class Stage:
    """A specification come to life: pictures and truth of any camera at any time.

    Args:
        spec: What to show.
    """

    def __init__(self, spec: SceneSpec) -> None:
        self.hall: Hall = build_hall(spec)
        self.looks: tuple[Look, ...] = dress(spec.people, np.random.default_rng([spec.seed, 1]), uniform=spec.uniform)
        longest_s = max(spec.durations_s())
        self.walks: tuple[Walk, ...] = plan_walks(
            self.hall, spec.people, longest_s, np.random.default_rng([spec.seed, 2])
        )
        self._backdrops = [render_backdrop(self.hall, camera) for camera in self.hall.cameras]

    def picture(self, camera_index: int, time_s: float) -> tuple[Picture, list[Sighting]]:
        """What a camera sees at a time.

        Returns:
            `(H, W, 3)` BGR, and everyone in view in the order of their numbers.
        """
        camera, backdrop = self.hall.cameras[camera_index], self._backdrops[camera_index]
        image = backdrop.image_bgr.copy()
        owner = np.full(image.shape[:2], -1, np.int16)
        postures = [walk.at(time_s) for walk in self.walks]
        depths = [_depth_m(camera, posture) for posture in postures]
        for posture, depth in zip(postures, depths, strict=True):
            _cast_shadow(image, camera, backdrop, posture, depth)
        shown: list[tuple[int, Patch]] = []
        for person in sorted(range(len(postures)), key=lambda i: -depths[i]):
            posture = postures[person]
            limbs = limbs_of(self.looks[person], posture)
            patch = paint_figure(image, limbs, posture.heading_rad, camera)
            if patch is not None:
                _put(image, owner, patch, backdrop.cover_m < depths[person] - BEHIND_M, person)
                shown.append((person, patch))
        sightings = [
            _sighting(person, patch, owner, postures[person])
            for person, patch in sorted(shown, key=lambda item: item[0])
        ]
        return image, [sighting for sighting in sightings if sighting is not None]


def render_scene(spec: SceneSpec, folder: Path) -> RenderedScene:
    """Write videos, truth and calibration of a specification.

    Args:
        spec: What to render.
        folder: Made when it does not exist; files of the same names are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(spec)
    names = [f"cam{i + 1}" for i in range(spec.cameras)]
    scene = RenderedScene(
        folder,
        tuple(folder / f"{name}.mp4" for name in names),
        tuple(folder / f"{name}_gt.txt" for name in names),
        folder / "floor_gt.csv",
        folder / "calibration.json",
    )
    floor: dict[tuple[int, int], tuple[float, float]] = {}
    for index, (fps, duration_s) in enumerate(zip(spec.rates_fps(), spec.durations_s(), strict=True)):
        rows = _render_camera(stage, index, fps, duration_s, scene)
        if fps == spec.rates_fps()[0]:
            floor.update({(frame, s.person): s.place_m for frame, s in rows})
    lines = [f"{frame},{person},{x:.3f},{y:.3f}" for (frame, person), (x, y) in sorted(floor.items())]
    scene.floor.write_text("\n".join(["frame,id,x_m,y_m", *lines]) + "\n", encoding="utf-8")
    views = zip(names, stage.hall.cameras, strict=True)
    calibration = {name: {"floor_to_image": camera.floor_to_image.tolist()} for name, camera in views}
    scene.calibration.write_text(json.dumps(calibration, indent=1) + "\n", encoding="utf-8")
    return scene


def _render_camera(
    stage: Stage, index: int, fps: float, duration_s: float, scene: RenderedScene
) -> list[tuple[int, Sighting]]:
    """Write one camera's video and truth; returns `(frame number from 1, sighting)` of all of it."""
    rng = np.random.default_rng([7, index])
    size_px = stage.hall.cameras[index].size_px
    grain = rng.normal(0.0, NOISE, (size_px[1] + 64, size_px[0] + 64)).round().astype(np.int8)
    grain = np.repeat(grain[:, :, None], 3, axis=2)
    rows: list[tuple[int, Sighting]] = []
    with _Film(scene.videos[index], size_px, fps) as film:
        for frame in range(max(1, round(duration_s * fps))):
            image, sightings = stage.picture(index, frame / fps)
            film.add(_grainy(image, grain, rng))
            rows += [(frame + 1, sighting) for sighting in sightings]
    scene.truth[index].write_text("".join(_truth_row(frame, sighting) for frame, sighting in rows), encoding="utf-8")
    return rows


def _truth_row(frame: int, sighting: Sighting) -> str:
    box = ",".join(f"{value:.1f}" for value in sighting.box_xywh)
    return f"{frame},{sighting.person},{box},1,1,{sighting.visibility:.2f}\n"


def _grainy(image: Picture, grain: NDArray[np.int8], rng: np.random.Generator) -> Picture:
    """The picture with sensor noise: one sheet of grain, laid on differently every time."""
    height, width = image.shape[:2]
    top, left = rng.integers(0, 64, 2)
    sheet = grain[top : top + height, left : left + width]
    return np.asarray(cv2.add(image, sheet, dtype=cv2.CV_8U), np.uint8)


def _depth_m(camera: Camera, posture: Posture) -> float:
    """Metres to a person along the direction of view, at the height of the chest."""
    chest = np.array([posture.place_m[0], posture.place_m[1], 1.1])
    return float((chest - camera.position_m) @ camera.forward)


def _cast_shadow(image: Picture, camera: Camera, backdrop: Backdrop, posture: Posture, depth_m: float) -> None:
    """Darken the floor softly around the feet."""
    if depth_m < 1.0:
        return
    turns = np.linspace(0.0, 2 * np.pi, 20, endpoint=False)
    for radius_m, strength in ((0.42, 0.9), (0.27, 0.86)):
        x, y = posture.place_m
        ring = np.column_stack([x + 0.06 + radius_m * np.cos(turns), y + 0.05 + radius_m * np.sin(turns), np.zeros(20)])
        pixels, depth = camera.project(ring)
        if depth.min() < 0.5:
            return
        blur = max(3, int(0.1 * camera.focal_px / depth_m) | 1)
        low = np.maximum(np.floor(pixels.min(axis=0)).astype(int) - blur, 0)
        high = np.minimum(np.ceil(pixels.max(axis=0)).astype(int) + blur, camera.size_px)
        if np.any(high <= low):
            return
        mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.float32)
        cv2.fillPoly(mask, [np.round(pixels - low).astype(np.int32)], 1.0)
        mask = cv2.blur(cv2.blur(mask, (blur, blur)), (blur, blur))
        window = (slice(low[1], high[1]), slice(low[0], high[0]))
        mask[np.isfinite(backdrop.cover_m[window])] = 0.0
        image[window] = (image[window] * (1.0 - (1.0 - strength) * mask[:, :, None])).astype(np.uint8)


def _put(image: Picture, owner: NDArray[np.int16], patch: Patch, hidden: NDArray[np.bool_], person: int) -> None:
    """Lay a figure over the picture where nothing nearer hides it."""
    height, width = patch.opacity.shape
    window = (slice(patch.top, patch.top + height), slice(patch.left, patch.left + width))
    painted = np.ascontiguousarray((patch.planes_bgr + 0.5).clip(0.0, 255.0).astype(np.uint8).transpose(1, 2, 0))
    covered = hidden[window]
    if covered.any():
        np.copyto(painted, image[window], where=covered[:, :, None])
    image[window] = painted
    owner[window][(patch.opacity > 0.5) & ~covered] = person


def _sighting(person: int, patch: Patch, owner: NDArray[np.int16], posture: Posture) -> Sighting | None:
    """The truth of a painted figure; None when hardly anything of it is to be seen."""
    solid = patch.opacity > 0.5
    height, width = solid.shape
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if len(rows) < 12 or len(columns) < 4:
        return None
    mine = owner[patch.top : patch.top + height, patch.left : patch.left + width] == person
    visibility = float(np.count_nonzero(mine & solid) / np.count_nonzero(solid))
    if visibility < LEAST_SHARE:
        return None
    box = (
        float(patch.left + columns[0]),
        float(patch.top + rows[0]),
        float(columns[-1] - columns[0] + 1),
        float(rows[-1] - rows[0] + 1),
    )
    return Sighting(person + 1, box, visibility, (float(posture.place_m[0]), float(posture.place_m[1])))


class _Film:
    """An H.264 file that any browser plays.

    Args:
        path: Replaced when it exists.
        size_px: Width and height, even.
        fps: Frames per second.
    """

    def __init__(self, path: Path, size_px: tuple[int, int], fps: float) -> None:
        self._container = av.open(str(path), "w")
        self._stream = self._container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1001))
        self._stream.width, self._stream.height = size_px
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"preset": "superfast", "crf": "22"}

    def __enter__(self) -> _Film:
        return self

    def add(self, image_bgr: Picture) -> None:
        """Append a picture."""
        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(image_bgr, format="bgr24")))

    def __exit__(self, *_: object) -> None:
        self._container.mux(self._stream.encode())
        self._container.close()
