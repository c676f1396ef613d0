"""People who walk about on a floor, and cameras that see their feet: exact truth for geometry and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from association.feet import FeetMemory
from association.standing import Standing

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FloorCamera:
    """A pinhole camera above the floor that looks at a point of it.

    Attributes:
        at: Where it hangs, metres: x, y, height.
        target: Where on the floor it looks.
        focal_px: Its focal length.
    """

    at: tuple[float, float, float]
    target: tuple[float, float] = (0.0, 0.0)
    focal_px: float = 1000.0

    def _project(self, points: Array) -> tuple[Array, Array]:
        eye = np.array(self.at)
        ahead = np.array([*self.target, 0.0]) - eye
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, [0.0, 0.0, 1.0])
        right /= np.linalg.norm(right)
        axes = np.stack([right, np.cross(ahead, right), ahead])
        seen = (points - eye) @ axes.T
        return self.focal_px * seen[:, :2] / seen[:, 2:] + (960.0, 540.0), seen[:, 2]

    def feet(self, floor: Array) -> Array:
        """Pixels `(N, 2)` of points `(N, 2)` on the floor."""
        return self._project(np.column_stack([floor, np.zeros(len(floor))]))[0]

    def heights(self, floor: Array) -> Array:
        """Pixels `(N,)` from feet to head of people of 1.7 m standing there."""
        heads = self._project(np.column_stack([floor, np.full(len(floor), 1.7)]))[0]
        return np.asarray(np.linalg.norm(heads - self.feet(floor), axis=1))


class FixedRuler:
    """What rulers have in common that nobody taught: they neither learn nor doubt."""

    def watch(self, standings: Sequence[Standing]) -> None:
        """Nothing to learn."""

    def doubt(self, cameras: tuple[int, int], since_s: float) -> None:
        """Nothing was learnt."""

    def forget(self, slot: int) -> None:
        """Nothing was noted."""

    def proven_s(self, cameras: tuple[int, int]) -> float:
        """Never."""
        return -np.inf


CORNER = FloorCamera((-8.0, -9.0, 3.5))
OPPOSITE = FloorCamera((9.0, -7.0, 4.0), focal_px=800.0)


def walk(person: int, times_s: Array, speed_m_s: float = 1.3) -> Array:
    """Where `(N, 2)` this person is: on an oval of his own, never twice at one place with anybody."""
    radius = np.array([2.0 + 0.4 * person, 3.5 - 0.35 * person])
    angle = 2.4 * person + speed_m_s * (1.0 if person % 2 else -1.0) * times_s / radius.max()
    return np.asarray(radius * np.column_stack([np.cos(angle), np.sin(angle)]), np.float64)


def standing(
    camera: int,
    time_s: float,
    people: Sequence[int],
    *,
    shown_s: float | None = None,
    noise_px: float = 0.0,
    speed_m_s: float = 1.3,
) -> Standing:
    """What camera 0 (`CORNER`) or 1 (`OPPOSITE`) sees of these people.

    Args:
        camera: Its number.
        time_s: Media time.
        people: Who is there; they have the id of their number and one, and their own slot in each camera.
        shown_s: The moment that it shows then, if its clock is not right.
        noise_px: How far feet are guessed wrong, at most.
        speed_m_s: How fast people walk.
    """
    moment = np.array([time_s if shown_s is None else shown_s])
    floor = np.concatenate([np.zeros((0, 2)), *(walk(person, moment, speed_m_s) for person in people)])
    view = (CORNER, OPPOSITE)[camera]
    error = noise_px * np.sin((1.0 + np.arange(2.0 * len(people))) ** 2 + 40.0 * time_s + camera).reshape(-1, 2)
    ones = np.ones(len(people))
    slots = 100 * camera + np.array(people)
    return Standing(
        camera,
        time_s,
        view.feet(floor) + error,
        view.heights(floor),
        ones,
        0.0 * ones,
        ones > 0.0,
        slots.astype(np.int64),
        np.array(people, np.int64) + 1,
    )


def both_see(
    people: int, seconds: float, *, offset_s: float = 0.0, noise_px: float = 0.0, speed_m_s: float = 1.3
) -> FeetMemory:
    """What both cameras note of so many people; camera 1 shows everything so much later than camera 0."""
    memory = FeetMemory(2)
    for time_s in np.arange(0.0, seconds, 0.1).tolist():
        for camera, shown_s in ((0, time_s), (1, time_s - offset_s)):
            memory.take(
                standing(camera, time_s, range(people), shown_s=shown_s, noise_px=noise_px, speed_m_s=speed_m_s)
            )
    return memory
