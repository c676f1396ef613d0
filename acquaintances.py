"""People known from before a job, and what a job leaves behind by which they will be known again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from atoms import Atom
from entities import NOBODY, CameraId, FloatArray, GlobalId

EARLIER: Final = CameraId("an earlier camera")
"""Stands for all cameras of the past that are none of the job's."""


@dataclass(frozen=True, slots=True, eq=False)
class KnownLook:
    """What a camera remembers of a person.

    Attributes:
        identity: Who.
        camera: By name: cameras of one name are taken for one.
        look: `(D,)` sum of looks, longer the more is known.
        seconds: Of boxes that showed a look.
        boxes: How many there were.
        first_s: Media time of the first; below 0 for what was seen before the job.
        last_s: Media time of the last, likewise.
    """

    identity: GlobalId
    camera: CameraId
    look: FloatArray
    seconds: float
    boxes: int
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Acquaintances:
    """Whom a job knows when it begins.

    Attributes:
        first_id: The number of the first person whom it does not know.
        looks: At most one a person and camera; numbers below `first_id`.
    """

    first_id: GlobalId
    looks: tuple[KnownLook, ...] = ()

    def cameras(self, own: Sequence[CameraId]) -> tuple[CameraId, ...]:
        """The job's own cameras, and one for all others if there are any."""
        return (*own, EARLIER) if {each.camera for each in self.looks} - set(own) else tuple(own)

    def by_camera(self, cameras: Sequence[CameraId]) -> list[KnownLook]:
        """One look a person and camera, where all that is not among `cameras` is `EARLIER`; sorted."""
        groups: dict[tuple[GlobalId, int], list[KnownLook]] = {}
        for each in self.looks:
            camera = cameras.index(each.camera if each.camera in cameras else EARLIER)
            groups.setdefault((each.identity, camera), []).append(each)
        return [_joined(cameras[camera], groups[name, camera]) for name, camera in sorted(groups)]


NOBODY_KNOWN: Final = Acquaintances(GlobalId(1))


def looks_of(atoms: Iterable[Atom], cameras: Sequence[CameraId]) -> list[KnownLook]:
    """What there is to know people by; nothing of pieces that show no look or are nobody's.

    Args:
        atoms: Pieces of tracks.
        cameras: By their numbers.
    """
    groups: dict[tuple[GlobalId, int], list[KnownLook]] = {}
    for atom in atoms:
        if atom.identity != NOBODY and np.any(atom.look):
            look = np.asarray(atom.look, np.float32)
            times = (atom.first_s, atom.last_s)
            known = KnownLook(atom.identity, cameras[atom.camera], look, atom.seconds, atom.boxes, *times)
            groups.setdefault((atom.identity, atom.camera), []).append(known)
    return [_joined(cameras[camera], groups[name, camera]) for name, camera in sorted(groups)]


def _joined(camera: CameraId, looks: Sequence[KnownLook]) -> KnownLook:
    return KnownLook(
        looks[0].identity,
        camera,
        np.asarray(np.sum([each.look for each in looks], axis=0), np.float32),
        sum(each.seconds for each in looks),
        sum(each.boxes for each in looks),
        min(each.first_s for each in looks),
        max(each.last_s for each in looks),
    )
