"""The history of what cannot change any more: who was where, in five numbers a stretch of frames."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterator, Mapping, Sequence

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

    def divide(self, people: Collection[GlobalId], new: GlobalId, first_frames: Mapping[int, int]) -> bool:
        """Let the later stretches of some people be somebody new's, whom they were not told from.

        Args:
            people: Who.
            new: Who they are.
            first_frames: From which frame on, by camera; a stretch over it is cut.

        Returns:
            Whether there are any.
        """
        numbers, cut = self._numbers, array("q")
        found = False
        for start in range(0, len(numbers), NUMBERS):
            camera, local_id, first, last, name = numbers[start : start + NUMBERS]
            since = first_frames[camera]
            if last < since or self._heir(GlobalId(name)) not in people:
                continue
            found = True
            if first < since:
                numbers[start + 3] = since - 1
                cut.extend((camera, local_id, since, last, new))
            else:
                numbers[start + 4] = new
        numbers.extend(cut)
        return found

    def __iter__(self) -> Iterator[tuple[int, Span, GlobalId]]:
        numbers = self._numbers
        for start in range(0, len(numbers), NUMBERS):
            camera, local_id, first, last, name = numbers[start : start + NUMBERS]
            yield camera, Span(LocalId(local_id), first, last), self._heir(GlobalId(name))

    def _heir(self, name: GlobalId) -> GlobalId:
        while name in self._heirs:
            name = self._heirs[name]
        return name
