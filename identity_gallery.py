"""Who is who over all cameras: pieces of tracks, clustered anew every quarter second under names that last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from acquaintances import NOBODY_KNOWN, Acquaintances, KnownLook
from association.centring import MOST_S, CentredLooks, LookSpace, RawLooks, unit_rows
from association.clustering import cluster, inherit
from association.coexistence import APART_S, disjoint_cameras
from association.encounters import Ruler
from association.standing import Standing
from association.transit import transit_bonus
from atom_book import AtomBook
from atom_table import AtomTable
from atoms import Atom
from by_hand import NOTHING_BY_HAND, ByHand
from config import IdentityConfig
from entities import (
    NOBODY,
    BoolArray,
    CameraId,
    CameraTracks,
    FloatArray,
    GlobalId,
    IdentityEvent,
    IntArray,
    LocalId,
    Segment,
)
from provenance import ELSEWHERE, FAR_APART, PINNED, SEEN_AT_ONCE, Grounds, Renaming, lost, split_by_hand, stray

LEAST_BOXES = 3
"""Looked-at boxes a piece needs before it can have an identity."""
RAW_COSINE = 0.8
"""Threshold for embeddings whose mean person is not known."""
TOGETHER = 10.0
"""Added to the similarity of what is settled as one person, so that it is joined before anything else."""
SETTLED_S = 1e9
"""Counts for the name of what is settled: no other piece may take it along."""
SLACK_S = 1e-6
"""Media times are sums of frame times: equal within this."""


class IdentityGallery:
    """Gives every track of every camera a global id and puts its own mistakes right.

    Local tracks are cut into atoms, each of one person. Every `period_s` all atoms are clustered from scratch by
    their looks, atoms seen in one frame of a camera staying apart: merging, splitting, stitching and restoring
    identities all fall out of this one step. Between steps labels stand. What is older than `window_s` is kept as one
    atom for each identity and camera, and people not seen for long are remembered apart until somebody looks like
    them, so that a step costs no more after a day than after a minute.

    Args:
        config: Thresholds and times.
        camera_ids: All cameras of the job.
        mean_person: `(D,)` mean look over many people, of the network that makes the embeddings. None if it is not
            known: looks are then compared as they are, with the threshold `cos_thresh` or `RAW_COSINE`.
        ruler: Measures how far people seen by two cameras stand from each other; None where nothing can.
        known: People from before the job, who are recognised as those not seen for long are.

    Attributes:
        last_events: What `finish` decided, nothing before.
    """

    def __init__(
        self,
        config: IdentityConfig,
        camera_ids: Sequence[CameraId],
        mean_person: FloatArray | None,
        ruler: Ruler | None = None,
        known: Acquaintances = NOBODY_KNOWN,
    ) -> None:
        self._config = config
        self._camera_ids = known.cameras(camera_ids)
        self._looks = _look_space(config, len(self._camera_ids), mean_person)
        self._book = AtomBook(config.max_gap_s, ruler)
        self._book.greet(known.by_camera(self._camera_ids), self._camera_ids)
        self._next_id = int(known.first_id)
        self._by_hand = NOTHING_BY_HAND
        self._split_off: dict[GlobalId, frozenset[int]] = {}
        self._now_s = -np.inf
        self._next_step_s = -np.inf
        self.last_events: tuple[IdentityEvent, ...] = ()

    @property
    def people_total(self) -> int:
        """Identities given so far and still standing; one that was merged into another counts no more."""
        standing = {self._by_hand.links.get(atom.identity, atom.identity) for atom in self._book.atoms} - {NOBODY}
        return len(standing) + self._book.settled_people

    @property
    def atoms_held(self) -> int:
        """Pieces of tracks in memory, `IdentityConfig.max_atoms` at most but for those that still grow."""
        return len(self._book.atoms)

    @property
    def looks_remembered(self) -> int:
        """Looks of people not seen for long, `IdentityConfig.max_remembered` at most."""
        return len(self._book.remembered)

    def heed(self, by_hand: ByHand) -> None:
        """Go by what somebody put right by hand from now on, and by nothing else of that kind.

        Who was joined by hand keeps his numbers here, for that may be undone: pieces of all of them make one cluster,
        as far as they were not seen at once. Who was pinned apart and is one already is not divided. Who was split is,
        once, with the next step: from then on the two are told apart by their looks.
        """
        self._by_hand = by_hand

    def looks(self, *, everybody: bool = False) -> list[KnownLook]:
        """What there is to know people by, at most one a person and camera.

        Args:
            everybody: Whether those not seen for long count, too; who was known before only if seen since.
        """
        return self._book.looks(self._camera_ids, everybody=everybody)

    def mean_people(self) -> dict[CameraId, FloatArray]:
        """What the people of each camera have in common, `(D,)`, taken away before looks are compared."""
        means = self._looks.means
        return {} if means is None else dict(zip(self._camera_ids, means, strict=True))

    def observe(
        self, timestamp_s: float, tracks: Sequence[CameraTracks]
    ) -> tuple[list[IntArray], tuple[IdentityEvent, ...]]:
        """Take the tracks of one round.

        Args:
            timestamp_s: Media time of the round.
            tracks: At most one a camera; cameras without a frame in this round are left out.

        Returns:
            The global ids of each camera's rows as known now: `NOBODY` where unknown, any other id once a camera; and
            what was decided in this round.
        """
        self._now_s = max(timestamp_s, self._now_s)
        self._book.encounters.see(self._add(tracks) if tracks else [])
        events: tuple[IdentityEvent, ...] = ()
        if self._now_s >= self._next_step_s - SLACK_S:
            events = self._step()
            self._next_step_s = max(self._next_step_s + self._config.period_s, self._now_s)
        return [self._shown(camera_tracks) for camera_tracks in tracks], events

    def finish(self) -> tuple[Segment, ...]:
        """Consider everything a last time; the corrected history of every row ever taken."""
        self.last_events = self._step()
        spoken_of = self._by_hand.people
        strays = [atom for atom in self._book.strays(self._now_s) if atom.identity not in spoken_of]
        self.last_events += tuple(stray(atom, self._camera_ids, self._now_s) for atom in strays)
        for atom in strays:
            atom.name(NOBODY, self._now_s)
        return tuple(
            Segment(self._camera_ids[camera], span.local_id, span.first_frame, span.last_frame, identity)
            for camera, span, identity in self._book.history()
        )

    def _add(self, tracks: Sequence[CameraTracks]) -> list[Standing]:
        cameras = [self._camera_ids.index(each.camera_id) for each in tracks]
        looks = _all_looks(tracks)
        observed = np.concatenate([each.observed for each in tracks])
        shows = observed & np.isfinite(looks.sum(axis=1)) & (looks.shape[1] > 0)
        contrasts = np.zeros_like(looks)
        if shows.any():
            of_camera = np.repeat(cameras, [len(each) for each in tracks])
            contrasts[shows] = self._looks.place(looks[shows], of_camera[shows])
        return self._book.add(cameras, tracks, looks, shows, contrasts)

    def _shown(self, tracks: CameraTracks) -> IntArray:
        """Ids on screen: of two boxes with one id the older piece shows it, what is not known yet comes last."""
        camera = self._camera_ids.index(tracks.camera_id)
        atoms = [self._book.current(camera, LocalId(local_id)) for local_id in tracks.local_ids.tolist()]
        ids = np.full(len(atoms), NOBODY, np.int64)
        taken = {NOBODY}
        for _, _, row in sorted((atom.identity == NOBODY, atom.key, row) for row, atom in enumerate(atoms)):
            name = atoms[row].shown_identity
            if name not in taken:
                taken.add(name)
                ids[row] = name
        return ids

    def _step(self) -> tuple[IdentityEvent, ...]:
        events = self._split_by_hand()
        self._book.cut_changes(self._now_s, self._looks.stretch)
        events += self._set_aside()
        self._recall()
        atoms = [atom for atom in self._book.atoms if self._is_eligible(atom)]
        if atoms:
            said = self._said(atoms)
            events += self._rename(atoms, said, *self._cluster(atoms, said))
        self._book.tidy(self._now_s, self._config)
        return tuple(events)

    def _split_by_hand(self) -> list[IdentityEvent]:
        """Divide those of whom somebody said since the last step that they are two."""
        splits = [split for split in self._by_hand.splits if split.new not in self._split_off]
        for split in splits:
            keys = self._book.divide(split.numbers, split.new, split.at_s, self._now_s)
            self._split_off[split.new] = frozenset(keys)
        return [split_by_hand(split, self._now_s) for split in splits]

    def _said(self, atoms: Sequence[Atom]) -> BoolArray:
        """`(N,)` who of them is who as somebody said, whatever the looks."""
        said = {key for split in self._by_hand.splits for key in self._split_off[split.new]}
        return np.array([atom.key in said for atom in atoms], np.bool_)

    def _recall(self) -> None:
        """Bring back the people not seen for long whom pieces look like."""
        asking = [atom for atom in self._book.atoms if atom.knows_more(MOST_S) and self._is_eligible(atom)]
        if not asking or not len(self._book.remembered):
            return
        for atom in asking:
            atom.asked_s = atom.seconds
        table = AtomTable.of(asking)
        looks = self._looks.place(unit_rows(table.looks), table.cameras)
        names = self._book.remembered.recognise(looks, self._looks, self._config.similarity)
        for name in sorted({*names} - {NOBODY}):
            self._book.recall(name, self._now_s)

    def _is_eligible(self, atom: Atom) -> bool:
        long_enough = atom.span_s >= self._config.min_track_s - SLACK_S and atom.boxes >= LEAST_BOXES
        return atom.archived or (long_enough and not atom.static)

    def _set_aside(self) -> list[IdentityEvent]:
        """Take the identity off what turned out to be a thing, or is too short since it was cut."""
        aside = [atom for atom in self._book.atoms if not self._is_eligible(atom)]
        events = [lost(atom, self._camera_ids, self._now_s) for atom in aside if atom.identity != NOBODY]
        for atom in aside:
            if atom.static or atom.identity != NOBODY:
                atom.name(NOBODY, self._now_s)
        return events

    def _cluster(self, atoms: list[Atom], said: BoolArray) -> tuple[IntArray, IntArray, Grounds]:
        """Label of the person each atom belongs to, see `cluster`; `ByHand.share_looks`; what was known of them."""
        table = AtomTable.of(atoms)
        vectors = unit_rows(table.looks)
        met = self._book.together.met(table.slots)
        self._looks.learn(vectors, table.cameras, table.seconds, met)
        placed = self._looks.place(vectors, table.cameras)
        similarity = 1.0 - self._looks.stretch * (1.0 - placed @ placed.T)
        weight = np.clip(table.seconds, 1e-3, MOST_S)
        disjoint, elsewhere = self._elsewhere(similarity, table)  # by the looks alone, whatever somebody said
        nearest = self._by_hand.share_looks(similarity, weight, table.identities)
        _trust_camera(similarity, table)
        people = self._by_hand.as_one(table.identities)
        stay = (people[:, None] == people) & (people != NOBODY)
        evidence = self._book.encounters.judge(table.slots)
        least, raw = self._config.similarity, isinstance(self._looks, RawLooks)
        same = (table.identities[:, None] == table.identities) & (table.identities != NOBODY)
        fixed = same & table.settled[:, None] & table.settled
        one = fixed | (same & np.logical_and.outer(said, said))
        alike = similarity + self._config.hysteresis * stay + TOGETHER * one + self._on_the_way(table, disjoint)
        pinned = self._by_hand.apart(table.identities)
        labels = cluster(alike, weight, ((met | elsewhere) & ~fixed) | pinned, least, evidence)
        bars = ((PINNED, pinned), (SEEN_AT_ONCE, met), (ELSEWHERE, elsewhere), (FAR_APART, evidence.apart))
        blind = np.all(table.looks == 0.0, axis=1)
        return labels, nearest, Grounds(similarity, weight, evidence, blind, bars, least, self._looks.stretch, raw)

    def _on_the_way(self, table: AtomTable, disjoint: BoolArray) -> NDArray[np.float64]:
        """What the time says that people usually take from camera to camera."""
        if not self._config.learn_geometry:
            return np.zeros((len(table.slots), len(table.slots)))
        walked = ~(table.archived | table.settled)
        times = (table.first_s, table.last_s)
        return transit_bonus(table.identities, table.cameras, *times, walked=walked, disjoint=disjoint)

    def _elsewhere(self, similarity: FloatArray, table: AtomTable) -> tuple[BoolArray, BoolArray]:
        """Pairs of cameras that see no place in common, and atoms that are at once in two such."""
        common_s = self._book.together.common_s(table.slots, table.first_s, table.last_s, table.archived)
        # whether people were in two cameras at once is not remembered for long
        seconds = np.where(table.settled, np.float32(0.0), table.seconds)
        disjoint = disjoint_cameras(similarity, table.cameras, seconds, common_s, len(self._camera_ids))
        return disjoint, disjoint[np.ix_(table.cameras, table.cameras)] & (common_s > APART_S)

    def _rename(
        self, atoms: list[Atom], said: BoolArray, labels: IntArray, nearest: IntArray, grounds: Grounds
    ) -> list[IdentityEvent]:
        """Give every cluster its name, old or new, and say what has changed."""
        before = np.array([atom.identity for atom in atoms])
        settled = np.array([atom.settled for atom in atoms])
        amount = np.array([max(atom.seconds, 1e-3) for atom in atoms])
        after = inherit(labels, before, amount + SETTLED_S * (settled | said))
        after = self._by_hand.keep_numbers(before, after, nearest)
        merged = settled & (before != after)
        after[np.isin(after, before[merged])] = NOBODY  # such a name stands for the heir from now on
        for label in np.unique(labels[after == NOBODY]):
            after[labels == label] = self._next_id
            self._next_id += 1
        for gone, heir in set(zip(before[merged].tolist(), after[merged].tolist(), strict=True)):
            self._book.settled.merge(GlobalId(gone), GlobalId(heir))
        for atom, name in zip(atoms, after.tolist(), strict=True):
            atom.name(GlobalId(name), self._now_s)
        return Renaming(self._now_s, atoms, before, after, grounds, self._camera_ids).events()


def _all_looks(tracks: Sequence[CameraTracks]) -> FloatArray:
    """`(N, D)` embeddings of all rows of a round; NaN also for those of cameras that never had any."""
    dimension = max(each.embeddings.shape[1] for each in tracks)
    unknown = np.full((max(map(len, tracks)), dimension), np.nan, np.float32)
    looks = [each.embeddings if each.embeddings.shape[1] else unknown[: len(each)] for each in tracks]
    return np.concatenate(looks)


def _trust_camera(similarity: FloatArray, table: AtomTable) -> None:
    """Where an atom has shown no look, only the track that its camera takes it for tells who it is."""
    blind = np.all(table.looks == 0.0, axis=1)
    if blind.any():
        same_camera = table.cameras[:, None] == table.cameras
        same_track = same_camera & (table.local_ids[:, None] == table.local_ids)
        unknown = blind[:, None] | blind
        similarity[unknown] = np.where(same_track[unknown], 1.0, -1.0)


def _look_space(config: IdentityConfig, cameras: int, mean_person: FloatArray | None) -> LookSpace:
    if config.cos_thresh is not None:
        return RawLooks(config.cos_thresh, config.similarity)
    if mean_person is None:
        return RawLooks(RAW_COSINE, config.similarity)
    return CentredLooks(mean_person, cameras)
