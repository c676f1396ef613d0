"""All atoms there are: how tracks become atoms, which were seen at once, and what is kept of the past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from acquaintances import KnownLook, looks_of
from association.change_point import CHANGED_OCCLUDED, likenesses
from association.coexistence import Coexistence
from association.encounters import Encounters, Ruler
from association.standing import Standing, standing
from atoms import Atom, Row, Span
from config import IdentityConfig
from dividing import divided
from entities import NOBODY, BoolArray, CameraId, CameraTracks, FloatArray, GlobalId, LocalId
from frame_times import FrameTimes
from remembered import Remembered, revived
from settled import Settled
from strays import by_identity, strays
from track_rows import rows_of

ARCHIVE_SHARE = 3
"""At most one in so many of the atoms that there may be is of the past."""
SLACK_S = 1e-6
"""Media times are sums of frame times: equal within this."""


class AtomBook:
    """Turns the tracks of all cameras into atoms, remembers which were seen at once, and forgets in good order.

    Attributes:
        atoms: What is known now, in the order it began.
        together: Who was seen with whom, by `Atom.slot`.
        encounters: Who of different cameras stood how far from whom, by `Atom.slot`.
        remembered: Whom nobody has seen for long.
        settled: What cannot change any more.
        settled_people: Identities that were put away because nobody saw them for long.
        strangers: People known from before the job and not seen in it yet.

    Args:
        max_gap_s: A track that was not seen for longer goes on as a new piece.
        ruler: Measures how far people of different cameras stand from each other; None where nothing can.
    """

    def __init__(self, max_gap_s: float, ruler: Ruler | None = None) -> None:
        self.atoms: list[Atom] = []
        self.together = Coexistence()
        self.encounters = Encounters(ruler)
        self.remembered = Remembered()
        self.settled = Settled()
        self.settled_people = 0
        self.strangers: set[GlobalId] = set()
        self._max_gap_s = max_gap_s
        self._latest: dict[tuple[int, LocalId], Atom] = {}
        self._times: defaultdict[int, FrameTimes] = defaultdict(FrameTimes)
        self._next_key = 1

    def add(
        self,
        cameras: Sequence[int],
        tracks: Sequence[CameraTracks],
        looks: FloatArray,
        shows: BoolArray,
        contrasts: FloatArray,
    ) -> list[Standing]:
        """Take the tracks of one round, the rows of all cameras one after the other.

        Args:
            cameras: Number of each camera, different ones.
            tracks: Its tracks in this round.
            looks: `(N, D)` embeddings.
            shows: `(N,)` whether they tell something.
            contrasts: `(N, D)` the same made comparable.

        Returns:
            Where they stand, for `Encounters.see`.
        """
        seen = [self._seen(*pair) for pair in zip(cameras, tracks, strict=True)]
        since_s = [item.since_s for of_camera in seen for item in of_camera]
        rows = iter(rows_of(tracks, looks, shows, contrasts, np.array(since_s, np.float64)))
        return [self._stand(*item, rows) for item in zip(cameras, tracks, seen, strict=True)]

    def current(self, camera: int, local_id: LocalId) -> Atom:
        """The piece that a track seen in the camera's latest frame is in."""
        return self._latest[camera, local_id]

    def cut_changes(self, now_s: float, stretch: float) -> None:
        """Cut every piece in two whose newest stretch does not look like, or stand like, what was before."""
        self._cut_looks([atom for atom in self._latest.values() if self._may_grow(atom, now_s)], stretch)
        growing = {atom.slot: atom for atom in self._latest.values() if self._may_grow(atom, now_s)}
        for slot, since_s in self.encounters.partings.due():
            place = growing[slot].change_after(since_s) if slot in growing else None
            if place is not None:
                self._cut(growing[slot], place)

    def divide(self, people: Collection[GlobalId], new: GlobalId, at_s: float, now_s: float) -> list[int]:
        """Let all that was seen of some people at a time or later be somebody new; the keys of these atoms."""
        keys = []
        frames = {camera: times.first_at(at_s) for camera, times in self._times.items()}
        for place, atom in enumerate(tuple(self.atoms)):
            if atom.identity not in people or atom.camera not in frames:
                continue
            earlier, later = divided(atom, frames[atom.camera], at_s)
            if later is None:
                continue
            if earlier is not None:
                later.key, later.slot = self._next_key, self.together.take_slot()
                self._next_key += 1
                self.together.divide(earlier.slot, later.slot, frames[atom.camera])
                self.atoms[place] = earlier
                self.atoms.append(later)
            later.name(new, now_s)
            keys.append(later.key)
        away = [self.settled.divide(people, new, frames), self.remembered.divide(people, new, at_s)]
        self.settled_people += any(away) and not keys
        return keys

    def tidy(self, now_s: float, config: IdentityConfig) -> None:
        """Settle what will not change any more and keep the number of atoms within bounds.

        Ended atoms without an identity are settled at once. Atoms out of the window are archived: one atom stands for
        all that a camera remembers of an identity. When these are more than their share, or all atoms more than
        `max_atoms` however short the window, the identities not seen for longest are put away: remembered apart and
        no more clustered until somebody looks like them. After `max_age_s` they are forgotten.
        """
        ended = [atom for atom in self.atoms if not self._may_grow(atom, now_s)]
        for atom in ended:
            atom.close()
        self._settle([atom for atom in ended if atom.identity == NOBODY])
        self._archive(ended, now_s - config.window_s)
        self._put_away_before(now_s - config.max_age_s, now_s)
        self._put_away_excess([atom for atom in self.atoms if atom.archived], config.max_atoms // ARCHIVE_SHARE, now_s)
        if len(self.atoms) > config.max_atoms:
            self._shrink(now_s, config)
        self.remembered.forget(now_s - config.max_age_s, config.max_remembered)

    def strays(self, now_s: float) -> list[Atom]:
        """The atoms of those who are gone and were hardly in view."""
        return strays(self.atoms, lambda atom: self._may_grow(atom, now_s))

    def recall(self, identity: GlobalId, now_s: float) -> None:
        """Bring back what is remembered of a person, to be clustered with what is seen now."""
        for past, look in self.remembered.take(identity):
            atom = revived(past, look, key=self._next_key, slot=self.together.take_slot(), now_s=now_s)
            met = [
                other.slot
                for other in self.atoms
                if other.camera == atom.camera and other.first_s <= atom.last_s and other.last_s >= atom.first_s
            ]
            self.together.part(atom.slot, np.array([atom.slot, *met], np.int64))
            self._next_key += 1
            self.atoms.append(atom)
        if identity in self.strangers:
            self.strangers.discard(identity)
        else:
            self.settled_people -= 1

    def greet(self, looks: Sequence[KnownLook], cameras: Sequence[CameraId]) -> None:
        """Remember people known from before; arguments as of `Remembered.greet`."""
        self.remembered.greet(looks, cameras)
        self.strangers |= {each.identity for each in looks}

    def looks(self, cameras: Sequence[CameraId], *, everybody: bool) -> list[KnownLook]:
        """What there is to know people by.

        Args:
            cameras: By their numbers.
            everybody: Whether those who were put away count, too; strangers never do.
        """
        away = self.remembered.known(cameras) if everybody else []
        return looks_of(self.atoms, cameras) + [each for each in away if each.identity not in self.strangers]

    def history(self) -> list[tuple[int, Span, GlobalId]]:
        """Camera, stretch of frames and identity of every row ever taken; sorted, disjoint within a track."""
        known = [(atom.camera, span, atom.identity) for atom in self.atoms for span in atom.spans]
        pieces = [*self.settled, *(piece for piece in known if piece[1].first_frame <= piece[1].last_frame)]
        out: list[tuple[int, Span, GlobalId]] = []
        for camera, span, identity in sorted(pieces):
            if out and out[-1][::2] == (camera, identity) and out[-1][1].local_id == span.local_id:
                out[-1] = (camera, out[-1][1]._replace(last_frame=span.last_frame), identity)
            else:
                out.append((camera, span, identity))
        return out

    def _cut_looks(self, growing: list[Atom], stretch: float) -> None:
        """Cut those whose newest stretch does not look like what was before."""
        watched = [(atom, newest) for atom in growing if (newest := atom.newest()) is not None]
        if not watched:
            return
        before = np.array([newest.before for _, newest in watched])
        total = np.array([newest.total for _, newest in watched])
        for (atom, newest), alike in zip(watched, likenesses(before, total - before, stretch).tolist(), strict=True):
            place = atom.change(alike, newest.window, stretch) if alike < CHANGED_OCCLUDED else None
            if place is not None:
                self._cut(atom, place)

    def _may_grow(self, atom: Atom, now_s: float) -> bool:
        latest = self._latest.get((atom.camera, atom.spans[-1].local_id)) is atom
        return latest and now_s - atom.last_s <= self._max_gap_s

    def _archive(self, ended: list[Atom], before_s: float) -> None:
        """Let one atom stand for all that a camera saw of an identity, of what ended and was last doubted before."""
        keeps: dict[tuple[int, GlobalId], Atom] = {}
        gone: list[Atom] = []
        for atom in ended:
            if atom.identity == NOBODY or max(atom.last_s, atom.since_s) >= before_s:
                continue
            keep = keeps.setdefault((atom.camera, atom.identity), atom)
            atom.archive()
            if keep is not atom:
                keep.absorb(atom)
                self.together.absorb(keep.slot, atom.slot)
                self.encounters.absorb(keep.slot, atom.slot)
                gone.append(atom)
        self._drop(gone)

    def _put_away_before(self, before_s: float, now_s: float) -> None:
        """Put away the identities that nobody has seen since."""
        seen = {atom.identity for atom in self.atoms if atom.last_s >= before_s or self._may_grow(atom, now_s)}
        away = [atoms for identity, atoms in by_identity(self.atoms).items() if identity not in seen]
        for atoms in away:
            self.remembered.add(atoms)
            self._settle(atoms)
        self.settled_people += len(away)

    def _put_away_excess(self, atoms: list[Atom], most: int, now_s: float) -> None:
        """Put away the identities seen longest ago, so many that only `most` of these atoms are of what was before."""
        excess = len(atoms) - most
        if excess > 0:
            last_s = np.sort([atom.last_s for atom in atoms])
            self._put_away_before(float(last_s[excess - 1]) + SLACK_S, now_s)

    def _shrink(self, now_s: float, config: IdentityConfig) -> None:
        """Bring the number of atoms down to `max_atoms`, as far as they have ended."""
        window_s = config.window_s
        while len(self.atoms) > config.max_atoms and window_s > config.max_gap_s:
            window_s /= 2.0
            self._archive([atom for atom in self.atoms if not self._may_grow(atom, now_s)], now_s - window_s)
        self._put_away_excess(self.atoms, config.max_atoms, now_s)

    def _settle(self, atoms: list[Atom]) -> None:
        self.settled.add(atoms)
        self._drop(atoms)

    def _drop(self, atoms: list[Atom]) -> None:
        gone = {atom.key for atom in atoms}
        if gone:
            for atom in atoms:
                self.together.free_slot(atom.slot)
                self.encounters.free_slot(atom.slot)
                atom.identity = NOBODY  # it may still be what a younger piece goes on from
            self.atoms = [atom for atom in self.atoms if atom.key not in gone]
            self._latest = {track: atom for track, atom in self._latest.items() if atom.key not in gone}

    def _seen(self, camera: int, tracks: CameraTracks) -> list[_Seen]:
        """What is known of the tracks of a frame."""
        frame_s = self._times[camera].add(tracks.frame_index, tracks.timestamp_s)
        out = []
        for number in tracks.local_ids.tolist():
            atom = self._latest.get((camera, LocalId(number)))
            since_s = frame_s if atom is None else tracks.timestamp_s - atom.looked_s
            out.append(_Seen(camera, LocalId(number), atom, since_s, frame_s))
        return out

    def _stand(self, camera: int, tracks: CameraTracks, seen: list[_Seen], rows: Iterator[Row]) -> Standing:
        """Where the tracks of a frame stand, once the pieces they are in have grown by the next rows."""
        atoms = [self._grow(item, next(rows)) for item in seen]
        slots = np.array([atom.slot for atom in atoms], np.int64)
        self.together.meet(slots, tracks.frame_index)
        return standing(camera, tracks, slots, np.array([atom.shown_identity for atom in atoms], np.int64))

    def _grow(self, seen: _Seen, row: Row) -> Atom:
        """The piece that the next box of a track belongs to, with the box in it; its latest piece unless that ended."""
        camera, local_id, atom, _, frame_s = seen
        if atom is not None and row.time_s - atom.last_s <= self._max_gap_s:
            atom.add(row)
            return atom
        new = self._begin(camera, local_id, row, frame_s)
        if atom is not None:
            new.before = atom if atom.identity else atom.before
            new.places.moved = atom.places.moved
            atom.close()
        return new

    def _begin(self, camera: int, local_id: LocalId, row: Row, frame_s: float) -> Atom:
        slot = self.together.take_slot()
        atom = Atom(row, key=self._next_key, slot=slot, camera=camera, local_id=local_id, frame_s=frame_s)
        self._next_key += 1
        self.atoms.append(atom)
        self._latest[camera, local_id] = atom
        return atom

    def _cut(self, atom: Atom, place: int) -> None:
        rows = atom.cut(place)
        later = self._begin(atom.camera, atom.spans[-1].local_id, rows[0], atom.frame_s)
        for row in rows[1:]:
            later.add(row)
        later.places.moved = atom.places.moved
        self.together.divide(atom.slot, later.slot, rows[0].frame_index)


class _Seen(NamedTuple):
    """A track that is seen in a frame: its latest piece, the time since it showed a look, the time the frame takes."""

    camera: int
    local_id: LocalId
    atom: Atom | None
    since_s: float
    frame_s: float
