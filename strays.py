"""Identities that were hardly in view: rather stray pieces of somebody else than people."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from atoms import Atom
from entities import NOBODY, GlobalId

STRAY_S = 1.0
"""Who was in view no longer than this, all cameras together, is not counted as a person."""


def by_identity(atoms: Sequence[Atom]) -> dict[GlobalId, list[Atom]]:
    """The atoms of each identity, without those of nobody."""
    people: dict[GlobalId, list[Atom]] = {}
    for atom in atoms:
        if atom.identity != NOBODY:
            people.setdefault(atom.identity, []).append(atom)
    return people


def strays(atoms: Sequence[Atom], may_grow: Callable[[Atom], bool]) -> list[Atom]:
    """The atoms of identities that are gone and hardly were in view; of which nothing is written yet.

    Args:
        atoms: All there are.
        may_grow: Whether an atom may still become longer.
    """
    return [
        atom
        for atoms_of_one in by_identity(atoms).values()
        if sum(atom.in_view_s for atom in atoms_of_one) <= STRAY_S
        and not any(atom.settled or may_grow(atom) for atom in atoms_of_one)
        for atom in atoms_of_one
    ]
