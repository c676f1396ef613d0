"""The history of what cannot change any more: who was where, in five numbers a stretch of frames."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

from atoms import Atom, Span
from entities import GlobalId, LocalId

NUMBERS = 5
"""Camera, track, first and last frame, identity: 40 bytes a stretch."""


class Settled:
    """Stretches of tracks with their identities; people that turn out to be one later are told apart no more."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._heirs: dict[GlobalId, GlobalId] = {}

    def __len__(self) -> int:
        return len(self._numbers) // NUMBERS

    def add(self, atoms: Sequence[Atom]) -> None:
        """Settle all that these atoms stand for."""
        for atom in atoms:
            for span in atom.spans:
                if span.first_frame > span.last_frame:
                    continue
                self._numbers.extend((atom.camera, *span, atom.identity))

    def merge(self, gone: GlobalId, heir: GlobalId) -> None:
        """Let all stretches of one person be another's."""
        self._heirs[gone] = heir

    def __iter__(self) -> Iterator[tuple[int, Span, GlobalId]]:
        numbers = self._numbers
        for start in range(0, len(numbers), NUMBERS):
            camera, local_id, first, last, name = numbers[start : start + NUMBERS]
            yield camera, Span(LocalId(local_id), first, last), self._heir(GlobalId(name))

    def _heir(self, name: GlobalId) -> GlobalId:
        while name in self._heirs:
            name = self._heirs[name]
        return name
