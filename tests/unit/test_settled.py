"""The settled history: every stretch as it was written, under the name that its person has in the end."""

from __future__ import annotations

from atoms import NO_LOOK, Atom, Row, Span
from entities import GlobalId, LocalId
from settled import Settled


def atom(identity: int, *spans: tuple[int, int]) -> Atom:
    row = Row(0, 0.0, True, (0.0, 0.0, 0.0), 0.0, 0.0, 0.0, NO_LOOK, NO_LOOK)
    new = Atom(row, key=1, slot=0, camera=2, local_id=LocalId(5), frame_s=0.1)
    new.identity = GlobalId(identity)
    new.spans = [Span(LocalId(5), first, last) for first, last in spans]
    return new


def test_every_stretch_has_its_name() -> None:
    settled = Settled()
    settled.add([atom(1, (0, 9), (20, 29)), atom(0, (40, 40)), atom(7, (50, 49))])
    assert list(settled) == [
        (2, Span(LocalId(5), 0, 9), 1),
        (2, Span(LocalId(5), 20, 29), 1),
        (2, Span(LocalId(5), 40, 40), 0),
    ]
    assert len(settled) == 3


def test_a_person_who_became_another_who_became_a_third() -> None:
    settled = Settled()
    settled.add([atom(1, (0, 9)), atom(2, (10, 19))])
    settled.merge(GlobalId(1), GlobalId(2))
    settled.merge(GlobalId(2), GlobalId(3))
    settled.add([atom(1, (20, 29))])
    assert [name for _, _, name in settled] == [3, 3, 3]


def test_who_was_split_is_somebody_else_from_a_frame_on() -> None:
    settled = Settled()
    settled.add([atom(1, (0, 9), (10, 29), (30, 39)), atom(2, (40, 49)), atom(3, (50, 59))])
    settled.merge(GlobalId(2), GlobalId(1))
    assert settled.divide([GlobalId(1)], GlobalId(7), {2: 20})
    assert [(span.first_frame, span.last_frame, name) for _, span, name in settled] == [
        (0, 9, 1),
        (10, 19, 1),
        (30, 39, 7),
        (40, 49, 7),
        (50, 59, 3),
        (20, 29, 7),
    ]
    assert not settled.divide([GlobalId(1)], GlobalId(8), {2: 20})
