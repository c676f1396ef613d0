"""Who left one camera's picture lately, and which newcomer is one of them.

The identity study, part 1, steps 8 and 9; the likelihoods lie in `association/recovery`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from association.appearance import bank_similarity, mean_look
from association.assignment import assign_by_gain
from association.motion import Motion
from association.recovery import Ends, Others, caution, look_gain, place_gain, recovery_gain
from config import CameraTrackingConfig
from entities import BoolArray
from track import Tracks

NO_ROWS: Final = np.zeros(0, np.int64)
COMPARE_EVERY_S, COMPARED_LOOKS = 1.0, 3
"""People in view are compared this often, those with at least so many looks."""
MAX_LOST = 200
"""Tracks remembered, the latest ones: 12 MB with 30 looks of 512 numbers each."""


class LostTracks:
    """Confirmed tracks that were lost, until they are found again or forgotten.

    Memory is bounded by `max_lost_s` and by `MAX_LOST`.

    Args:
        config: How long they are remembered, and what makes a newcomer a person.
    """

    def __init__(self, config: CameraTrackingConfig) -> None:
        self._config = config
        self._tracks = Tracks()
        self._others = Others()
        self._compared_s = -np.inf

    def __len__(self) -> int:
        return len(self._tracks)

    def add(self, tracks: Tracks) -> None:
        """Remember the confirmed ones of the tracks."""
        self._tracks.add(tracks.some(tracks.confirmed))

    def forget(self, now_s: float) -> None:
        """Drop those lost for too long, and the earliest of too many."""
        recent = now_s - self._tracks.rows["trusted_until_s"] <= self._config.max_lost_s
        if len(recent) > MAX_LOST or not recent.all():
            self._tracks = self._tracks.some(recent.nonzero()[0][-MAX_LOST:])

    def compare(self, tracks: Tracks, now_s: float) -> None:
        """Learn how alike different people look from those in the picture; now and then, as people hardly change.

        Args:
            tracks: All in the picture.
            now_s: Media time.
        """
        if now_s < self._compared_s + COMPARE_EVERY_S:
            return
        known = tracks.some(tracks.confirmed & ~tracks.missed & (tracks.rows["looks"] >= COMPARED_LOOKS))
        if len(known) < 2:
            return
        self._compared_s = now_s
        banks = [bank.clean for bank in known.banks]
        alike = bank_similarity(banks, np.array([mean_look(bank) for bank in banks], np.float32))
        self._others.learn(alike[~np.eye(len(known), dtype=np.bool_)])

    def recover(self, tracks: Tracks, picture_area_px: float) -> BoolArray:
        """Let newcomers become the people they more likely are than not.

        Args:
            tracks: All in the picture. Each tentative one seen in this frame may take over one id and its looks; the
                confirmed ones without a box in this frame may be taken over like the lost ones.
            picture_area_px: Width times height of the picture.

        Returns:
            `(T,)` the tracks that were taken over, which must not go on.
        """
        taken = np.zeros(len(tracks), np.bool_)
        new = ~tracks.confirmed & ~tracks.missed
        newcomers = (new & tracks.may_be_recovered() & tracks.known).nonzero()[0] if new.any() else NO_ROWS
        if not len(newcomers):
            return taken
        missed = (tracks.confirmed & tracks.missed & tracks.known).nonzero()[0]
        lost = self._tracks.known.nonzero()[0]
        if not len(missed) + len(lost):
            return taken
        pool = self._tracks.some(lost)
        pool.add(tracks.some(missed))
        found = np.zeros(len(pool), np.bool_)
        for i, j in assign_by_gain(self._gain(tracks.some(newcomers), pool, picture_area_px)):
            tracks.become(int(newcomers[i]), pool, j)
            found[j] = True
        self._tracks = self._tracks.some(~np.isin(np.arange(len(self)), lost[found[: len(lost)]]))
        taken[missed[found[len(lost) :]]] = True
        return taken

    def _gain(self, newcomers: Tracks, pool: Tracks, picture_area_px: float) -> NDArray[np.float64]:
        looks = np.array([mean_look(bank.looks) for bank in newcomers.banks], np.float32)
        return recovery_gain(
            look_gain(bank_similarity([bank.looks for bank in pool.banks], looks).T, self._others.mean),
            place_gain(_beginnings(newcomers), _endings(pool), picture_area_px),
            caution(newcomers.rows["looks"] > 0, pool.rows["looks"] > 0, newcomers.is_person(self._config)),
        )


def _beginnings(tracks: Tracks) -> Ends:
    boxes = tracks.rows["first_cxcywh"]
    return Ends(tracks.rows["first_s"], boxes[:, :2], boxes[:, 3], np.zeros((len(tracks), 2)))


def _endings(tracks: Tracks) -> Ends:
    states = Motion(tracks.rows["state_at_last"])
    times_s = tracks.rows["trusted_until_s"]
    return Ends(times_s, states.box_cxcywh[:, :2], states.box_cxcywh[:, 3], states.velocity[:, :2])
