"""People not seen for long: what their cameras remember of them in one matrix, found again by look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from acquaintances import KnownLook
from association.centring import LookSpace
from atoms import NO_LOOK, Atom, Row, Span
from entities import NOBODY, CameraId, FloatArray, GlobalId, LocalId

PAST: np.dtype[Any] = np.dtype(
    [
        ("identity", np.int64),
        ("camera", np.int64),
        ("local_id", np.int64),  # the latest
        ("last_frame", np.int64),
        ("first_s", np.float64),
        ("last_s", np.float64),
        ("seen_s", np.float64),  # when the person was last seen, by whichever camera
        ("seconds", np.float64),
        ("boxes", np.int64),
        ("amount", np.float64),  # length of the sum of the looks
    ]
)
"""What is kept of an archived atom, beside the direction of its look."""
OTHERS_STD, OTHERS_COUNT = 0.15, 20.0
"""Similarity of looks of different people: measured on whom is remembered, taken for this while these are few."""
NO_TRACK, NO_FRAME = 0, -1
"""Of people known from before: no track of this job."""
FALSE_ALARMS = 0.01
"""A look is recognised when chance would produce one as alike less often than this among all that are remembered."""


class Remembered:
    """One row for each person and camera, at most so many; the time to search it is that of one matrix product.

    Whether a look is recognised does not depend on the similarity alone: among ten thousand people somebody always
    looks a little like the one who comes in. What counts is how many would look as much alike by chance, the number
    of false alarms of Desolneux, Moisan and Morel (2000), estimated with the spread of all the similarities.

    """

    def __init__(self) -> None:
        self._count = 0
        self._past = np.zeros(0, PAST)
        self._looks: FloatArray = np.zeros((0, 0), np.float32)

    def __len__(self) -> int:
        return self._count

    def add(self, atoms: Sequence[Atom]) -> None:
        """Remember a person.

        Args:
            atoms: All there is of one identity, of which nothing is remembered yet.
        """
        seen_s = max(atom.last_s for atom in atoms)
        for atom in atoms:
            amount = float(np.linalg.norm(atom.look))
            if amount > 0.0:
                span = atom.spans[-1]
                past = (atom.identity, atom.camera, span.local_id, span.last_frame, atom.first_s, atom.last_s, seen_s)
                self._append((*past, atom.seconds, atom.boxes, amount), np.asarray(atom.look / amount, np.float32))

    def greet(self, looks: Sequence[KnownLook], cameras: Sequence[CameraId]) -> None:
        """Remember people known from before.

        Args:
            looks: Everything that is known of them, at most one a person and camera.
            cameras: By their numbers.
        """
        seen_s = {each.identity: -np.inf for each in looks}
        for each in looks:
            seen_s[each.identity] = max(seen_s[each.identity], each.last_s)
        for each in looks:
            amount = float(np.linalg.norm(each.look))
            if amount > 0.0:
                track = (each.identity, cameras.index(each.camera), NO_TRACK, NO_FRAME)
                times = (each.first_s, each.last_s, seen_s[each.identity])
                look = np.asarray(each.look / amount, np.float32)
                self._append((*track, *times, each.seconds, each.boxes, amount), look)

    def known(self, cameras: Sequence[CameraId]) -> list[KnownLook]:
        """All there is.

        Args:
            cameras: By their numbers.
        """
        names = ("identity", "camera", "amount", "seconds", "boxes", "first_s", "last_s")
        return [
            KnownLook(GlobalId(name), cameras[camera], look * np.float32(amount), seconds, boxes, first_s, last_s)
            for (name, camera, amount, seconds, boxes, first_s, last_s), look in zip(
                self._rows[list(names)].tolist(), self._looks[: self._count], strict=True
            )
        ]

    def forget(self, before_s: float, most: int) -> None:
        """Drop the people not seen since, and those seen longest ago while there are more than `most` rows."""
        excess = self._count - most
        if excess > 0:
            before_s = max(before_s, np.nextafter(np.sort(self._rows["seen_s"])[excess - 1], np.inf))
        self._drop(self._rows["seen_s"] < before_s)

    def recognise(self, looks: FloatArray, space: LookSpace, least: float) -> list[GlobalId]:
        """Who of the remembered people these looks are, as far as that cannot be chance.

        Args:
            looks: `(K, D)` comparable looks.
            space: Where looks are compared.
            least: Similarity below which nobody is recognised.

        Returns:
            A person a look, `NOBODY` where in doubt.
        """
        if not self._count or not looks.any():
            return [NOBODY] * len(looks)
        cosines = space.compare(looks, self._looks[: self._count], self._rows["camera"])
        similarity = 1.0 - space.stretch * (1.0 - cosines)
        return [self._likest(row, least) for row in similarity]

    def take(self, identity: GlobalId) -> list[tuple[NDArray[np.void], FloatArray]]:
        """Hand out all rows of a person, `PAST` and the sum of looks, and keep none."""
        mine = self._rows["identity"] == identity
        rows = np.flatnonzero(mine)
        out = [(self._past[row].copy(), self._looks[row] * np.float32(self._past["amount"][row])) for row in rows]
        self._drop(mine)
        return out

    def divide(self, people: Collection[GlobalId], new: GlobalId, at_s: float) -> bool:
        """Let what was first seen of some people at a time or later be somebody new's; whether there is any."""
        later = np.isin(self._rows["identity"], list(people)) & (self._rows["first_s"] >= at_s)
        self._rows["identity"][later] = new
        return bool(later.any())

    @property
    def _rows(self) -> NDArray[np.void]:
        return self._past[: self._count]

    def _likest(self, similarity: FloatArray, least: float) -> GlobalId:
        best = int(similarity.argmax())
        if similarity[best] < least:
            return NOBODY
        name = self._rows["identity"][best]
        others = similarity[self._rows["identity"] != name]
        mean = others.sum() / (len(others) + OTHERS_COUNT)
        spread = ((others - mean) ** 2).sum() + OTHERS_COUNT * (OTHERS_STD**2 + mean**2)
        std = np.sqrt(spread / (len(others) + OTHERS_COUNT))
        false_alarms = self._count * ndtr((mean - similarity[best]) / std)
        return GlobalId(int(name)) if false_alarms < FALSE_ALARMS else NOBODY

    def _append(self, past: tuple[float, ...], look: FloatArray) -> None:
        if self._count == len(self._past):
            room = max(64, 2 * self._count)
            looks = np.zeros((room, len(look)), np.float32)
            if self._count:
                looks[: self._count] = self._looks
            self._looks, self._past = looks, np.concatenate([self._rows, np.zeros(room - self._count, PAST)])
        self._past[self._count], self._looks[self._count] = past, look
        self._count += 1

    def _drop(self, gone: NDArray[np.bool_]) -> None:
        """Move the last rows to where the gone ones were."""
        holes = np.flatnonzero(gone)
        if not len(holes):
            return
        left = self._count - len(holes)
        fillers = left + np.flatnonzero(~gone[left:])
        holes = holes[holes < left]
        self._past[holes], self._looks[holes] = self._past[fillers], self._looks[fillers]
        self._count = left


def revived(past: NDArray[np.void], look: FloatArray, *, key: int, slot: int, now_s: float) -> Atom:
    """The archived atom of a row; as its stretches of frames are settled, it stands for none."""
    frame = int(past["last_frame"])
    local_id = LocalId(int(past["local_id"]))
    box = Row(frame, float(past["first_s"]), False, (0.0, 0.0, 0.0), 0.0, 0.0, 0.0, NO_LOOK, NO_LOOK)
    atom = Atom(box, key=key, slot=slot, camera=int(past["camera"]), local_id=local_id, frame_s=0.0)
    atom.close()
    atom.archive()
    atom.name(GlobalId(int(past["identity"])), now_s)
    atom.settled = True
    atom.spans = [Span(local_id, frame + 1, frame)]
    atom.last_s, atom.seconds, atom.boxes = float(past["last_s"]), float(past["seconds"]), int(past["boxes"])
    atom.look = np.asarray(look, np.float64)
    return atom
