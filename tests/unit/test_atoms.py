"""Tracks become atoms: cut at gaps and where the look changes, weighed by seconds, archived and settled in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from atom_book import AtomBook
from atoms import Atom, Span, joined
from config import IdentityConfig
from entities import NOBODY, CameraTracks, FloatArray, GlobalId, LocalId
from tests.builders import box, camera_tracks, look

MAX_GAP_S = 1.0
Sighting = tuple[int, int, FloatArray | None]
"""Frame index, local id and look of one box."""


def feed(book: AtomBook, tracks: CameraTracks, camera: int = 0) -> None:
    shows = tracks.observed & np.isfinite(tracks.embeddings).all(axis=1)
    contrasts = np.where(shows[:, None], tracks.embeddings, np.float32(0.0))
    book.add([camera], [tracks], tracks.embeddings, shows, contrasts)


def book_of(sightings: Sequence[Sighting], fps: float = 15.0) -> AtomBook:
    """A book that saw walking people in one camera; everybody is cut every quarter second."""
    book = AtomBook(MAX_GAP_S)
    frames = sorted({frame for frame, _, _ in sightings})
    next_step_s = 0.0
    for frame in frames:
        rows = [(track, box(100.0 * track + 3.0 * frame), face) for index, track, face in sightings if index == frame]
        feed(book, camera_tracks(rows, frame, fps))
        if frame / fps >= next_step_s:
            book.cut_changes(frame / fps, 1.0)
            next_step_s += 0.25
    return book


def spans(book: AtomBook) -> list[Span]:
    return [span for atom in book.atoms for span in atom.spans]


@pytest.mark.parametrize(
    ("frames", "lengths"),
    [
        pytest.param([0], [1], id="one-box"),
        pytest.param(list(range(30)), [30], id="no-gap"),
        pytest.param([0, 1, 16, 17], [18], id="gap-of-a-second"),
        pytest.param([0, 1, 17, 18], [2, 2], id="gap-of-more"),
    ],
)
def test_gaps(frames: list[int], lengths: list[int]) -> None:
    book = book_of([(frame, 1, look(1)) for frame in frames])
    assert [span.last_frame - span.first_frame + 1 for span in spans(book)] == lengths


@pytest.mark.parametrize("fps", [10.0, 15.0, 30.0])
def test_a_change_of_look_is_cut_where_it_happened(fps: float) -> None:
    change = int(2 * fps)
    book = book_of([(frame, 1, look(1 if frame < change else 2, noise=0.2, seed=frame)) for frame in range(2 * change)])
    assert len(book.atoms) == 2
    assert abs(book.atoms[1].spans[0].first_frame - change) <= 2
    first, second = (atom.look / np.linalg.norm(atom.look) for atom in book.atoms)
    assert float(first @ look(1)) > 0.9
    assert float(second @ look(2)) > 0.9
    assert book.atoms[0].spans[0].last_frame + 1 == book.atoms[1].spans[0].first_frame


@pytest.mark.parametrize(
    "sightings",
    [
        pytest.param([(frame, 1, look(1, noise=0.5, seed=frame)) for frame in range(60)], id="noise"),
        pytest.param([(frame, 1, None if 20 <= frame < 40 else look(1)) for frame in range(60)], id="no-look-for-long"),
        pytest.param([(frame, 1, look(1 if frame < 3 else 2)) for frame in range(60)], id="too-short-before"),
        pytest.param([(frame, 1, look(2 if frame == 30 else 1)) for frame in range(60)], id="one-odd-box"),
        pytest.param([(frame, 1, None) for frame in range(60)], id="never-a-look"),
    ],
)
def test_no_cut(sightings: list[Sighting]) -> None:
    assert len(book_of(sightings).atoms) == 1


@pytest.mark.parametrize(
    ("frames", "since_s", "place"),
    [
        pytest.param(range(30), 1.0, 16, id="the-next-box"),
        pytest.param([*range(18), *range(24, 30)], 1.0, 18, id="after-it-was-hidden"),
        pytest.param([*range(18), *range(20, 30)], 1.0, 16, id="not-hidden-for-long"),
        pytest.param([*range(12), *range(20, 45)], 1.4, 14, id="hidden-before"),
        pytest.param([*range(20), *range(26, 33), *range(42, 45)], 1.0, 20, id="hidden-again-much-later"),
        pytest.param(range(30), 2.0, None, id="nothing-after"),
        pytest.param(range(90), 1.0, 1, id="so-long-ago-that-hardly-anything-is-left"),
    ],
)
def test_where_a_track_went_over_to_somebody_else(frames: Sequence[int], since_s: float, place: int | None) -> None:
    (atom,) = book_of([(frame, 1, look(1)) for frame in frames]).atoms
    assert atom.change_after(since_s) == place


def test_a_cut_divides_who_met_whom() -> None:
    """Track 2 is there only while track 1 shows its first person."""
    sightings: list[Sighting] = [(frame, 1, look(1 if frame < 30 else 2)) for frame in range(60)]
    book = book_of([*sightings, *[(frame, 2, look(2)) for frame in range(20)]])
    first, other, second = book.atoms
    assert book.together.met(np.array([first.slot, other.slot]))[0, 1]
    assert not book.together.met(np.array([second.slot, other.slot]))[0, 1]


@pytest.mark.parametrize(
    ("fps", "observed_every"),
    [
        pytest.param(10.0, 1, id="10-fps"),
        pytest.param(30.0, 1, id="30-fps"),
        pytest.param(30.0, 5, id="looked-at-every-fifth"),
    ],
)
def test_boxes_count_by_the_seconds_they_stand_for(fps: float, observed_every: int) -> None:
    book = AtomBook(MAX_GAP_S)
    for frame in range(int(3 * fps) + 1):
        seen = frame % observed_every == 0
        feed(book, camera_tracks([(1, box(), look(1))], frame, fps, observed=seen))
    assert book.atoms[0].seconds == pytest.approx(3.0, abs=0.1)
    assert book.atoms[0].boxes == int(3 * fps) // observed_every + 1


def test_carried_boxes_teach_nothing_but_are_there() -> None:
    book = AtomBook(MAX_GAP_S)
    feed(book, camera_tracks([(1, box(), look(1)), (2, box(300), look(2))], 0))
    feed(book, camera_tracks([(1, box(), look(9)), (3, box(300), look(3))], 1, observed=False))
    atom = book.current(0, LocalId(1))
    np.testing.assert_allclose(atom.look, 0.9 * look(1), rtol=1e-5)
    assert atom.spans == [Span(LocalId(1), 0, 1)]
    third = book.current(0, LocalId(3))
    assert book.together.met(np.array([atom.slot, third.slot]))[0, 1]


@pytest.mark.parametrize(
    ("step_px", "height_px", "seconds", "static"),
    [
        pytest.param(0.0, 100.0, 2.0, True, id="poster"),
        pytest.param(0.0, 100.0, 0.5, False, id="too-short-to-tell"),
        pytest.param(3.0, 100.0, 2.0, False, id="walks"),
        pytest.param(0.0, 0.0, 2.0, True, id="no-height"),
    ],
)
def test_static(step_px: float, height_px: float, seconds: float, static: bool) -> None:
    book = AtomBook(MAX_GAP_S)
    for frame in range(int(15 * seconds)):
        feed(book, camera_tracks([(1, box(100 + step_px * frame, height=height_px), look(1))], frame))
    assert book.atoms[0].static == static


def test_who_walked_in_and_stands_is_no_poster() -> None:
    """Also when a gap lies between, and however long it lasts."""
    book = AtomBook(MAX_GAP_S)
    for frame in range(600):
        if not 40 <= frame < 60:
            feed(book, camera_tracks([(1, box(100 + 4.0 * min(frame, 30)), look(1))], frame))
    assert [atom.static for atom in book.atoms] == [False, False]


def test_joined_keeps_what_is_between_out() -> None:
    parts = [Span(LocalId(1), 5, 9), Span(LocalId(1), 0, 4), Span(LocalId(1), 11, 12), Span(LocalId(2), 10, 10)]
    assert joined(parts) == [Span(LocalId(1), 0, 9), Span(LocalId(1), 11, 12), Span(LocalId(2), 10, 10)]


def visits(count: int, config: IdentityConfig, people: int = 1) -> AtomBook:
    """A book that saw people come for a second every ten, each named after its number."""
    book = AtomBook(MAX_GAP_S)
    for visit in range(count):
        for frame in range(150 * visit, 150 * visit + 15):
            track, person = visit + 1, visit % people + 1
            feed(book, camera_tracks([(track, box(100 + 3.0 * frame), look(person))], frame))
        book.current(0, LocalId(visit + 1)).name(GlobalId(visit % people + 1), 10.0 * visit)
        book.tidy(10.0 * visit + 1.0, config)
    return book


def test_one_atom_stands_for_the_past_of_an_identity() -> None:
    book = visits(50, IdentityConfig(window_s=60.0))
    archived = [atom for atom in book.atoms if atom.archived]
    assert len(archived) == 1
    assert len(archived[0].spans) + len(book.atoms) - 1 == 50
    assert len(book.atoms) <= 9
    assert archived[0].seconds == pytest.approx(len(archived[0].spans) * 1.0, rel=0.2)


def test_identities_not_seen_for_long_are_settled() -> None:
    book = visits(12, IdentityConfig(window_s=20.0, max_age_s=50.0), people=12)
    assert book.settled_people == 12 - len({atom.identity for atom in book.atoms})
    assert {atom.identity for atom in book.atoms} == set(range(8, 13))
    assert [identity for _, _, identity in book.history()] == list(range(1, 13))


def test_more_atoms_than_allowed_are_archived_early_then_settled() -> None:
    book = visits(60, IdentityConfig(window_s=3600.0, max_atoms=10), people=20)
    assert len(book.atoms) <= 10
    assert len(book.history()) == 60


def test_what_never_had_an_identity_is_settled_when_it_ends() -> None:
    book = AtomBook(MAX_GAP_S)
    feed(book, camera_tracks([(1, box(), look(1))], 0))
    book.tidy(1.0, IdentityConfig())
    assert len(book.atoms) == 1
    book.tidy(1.1, IdentityConfig())
    assert book.atoms == []
    assert book.history() == [(0, Span(LocalId(1), 0, 0), NOBODY)]


def test_a_piece_after_a_gap_shows_the_name_from_before_it() -> None:
    book = AtomBook(MAX_GAP_S)
    feed(book, camera_tracks([(1, box(), look(1))], 0))
    book.atoms[0].name(GlobalId(5), 0.0)
    feed(book, camera_tracks([(1, box(), look(1))], 40))
    first, second = book.atoms
    assert (second.identity, second.shown_identity) == (NOBODY, 5)
    first.name(GlobalId(6), 3.0)
    assert second.shown_identity == 6
    second.name(GlobalId(7), 3.0)
    assert second.shown_identity == 7


def test_history_has_every_row_once() -> None:
    sightings: list[Sighting] = [(frame, 1, look(1 if frame < 30 else 2)) for frame in range(60)]
    book = book_of([*sightings, *[(frame, 2, None) for frame in range(0, 60, 20)]])
    rows = [(span.local_id, frame) for _, span, _ in book.history() for frame in range(span[1], span[2] + 1)]
    assert len(rows) == len(set(rows))
    assert {(local_id, frame) for frame, local_id, _ in sightings} <= set(rows)


def test_an_ended_atom_keeps_no_rows() -> None:
    book = book_of([(frame, 1, look(1)) for frame in range(30)])
    atom: Atom = book.atoms[0]
    atom.name(GlobalId(1), 2.0)
    book.tidy(10.0, IdentityConfig())
    assert atom.newest() is None
    assert atom.boxes == 30
