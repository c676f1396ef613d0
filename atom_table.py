"""Atoms as columns: what the clustering of all of them goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atoms import Atom
from entities import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class AtomTable:
    """Atoms as columns; row i of every array is one atom.

    Attributes:
        looks: `(N, D)` float32 sum of its looks; zeros where it has shown none.
        slots: `(N,)` its place in the table of who was seen with whom.
        cameras: `(N,)` number of its camera.
        local_ids: `(N,)` its track in that camera, of an archived one the latest.
        identities: `(N,)` who it is, `NOBODY` while unknown.
        seconds: `(N,)` seconds of boxes that show a look.
        first_s: `(N,)` media time of its first box.
        last_s: `(N,)` media time of its last box.
        archived: `(N,)` whether it stands for several pieces.
        settled: `(N,)` whether it cannot leave its identity.
    """

    looks: FloatArray
    slots: IntArray
    cameras: IntArray
    local_ids: IntArray
    identities: IntArray
    seconds: FloatArray
    first_s: NDArray[np.float64]
    last_s: NDArray[np.float64]
    archived: BoolArray
    settled: BoolArray

    @staticmethod
    def of(atoms: Sequence[Atom]) -> AtomTable:
        """The columns of at least one atom."""
        looks = np.zeros((len(atoms), max(len(atom.look) for atom in atoms)), np.float32)
        for row, atom in enumerate(atoms):
            looks[row] = atom.look
        return AtomTable(
            looks,
            np.array([atom.slot for atom in atoms]),
            np.array([atom.camera for atom in atoms]),
            np.array([atom.spans[-1].local_id for atom in atoms]),
            np.array([atom.identity for atom in atoms]),
            np.array([atom.seconds for atom in atoms], np.float32),
            np.array([atom.first_s for atom in atoms]),
            np.array([atom.last_s for atom in atoms]),
            np.array([atom.archived for atom in atoms]),
            np.array([atom.settled for atom in atoms]),
        )
