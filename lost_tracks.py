"""Who left one camera's picture lately, and which newcomer is one of them.

The identity study, part 1, steps 8 and 9; the likelihoods lie in `association/recovery`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from association import motion
from association.appearance import bank_similarity, mean_look
from association.assignment import assign_by_gain
from association.recovery import Ends, caution, look_gain, place_gain, recovery_gain
from config import CameraTrackingConfig
from track import Track

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
        self._tracks: list[Track] = []

    def __len__(self) -> int:
        return len(self._tracks)

    def add(self, tracks: Collection[Track]) -> None:
        """Remember the confirmed ones of the tracks."""
        self._tracks += [t for t in tracks if t.confirmed]

    def forget(self, now_s: float) -> None:
        """Drop those lost for too long, and the earliest of too many."""
        recent = [t for t in self._tracks if now_s - t.trusted_until_s <= self._config.max_lost_s]
        self._tracks = recent[-MAX_LOST:]

    def recover(self, newcomers: Sequence[Track], missed: Sequence[Track], picture_area_px: float) -> set[Track]:
        """Let newcomers become the people they more likely are than not.

        Args:
            newcomers: Tentative tracks seen in this frame; each may take over one id and its looks.
            missed: Confirmed tracks without a box in this frame; they may be taken over like the lost ones.
            picture_area_px: Width times height of the picture.

        Returns:
            The tracks that were taken over, which must not go on.
        """
        newcomers = [t for t in newcomers if t.may_be_recovered() and len(t.bank.looks)]
        pool = [t for t in (*self._tracks, *missed) if len(t.bank.looks)] if newcomers else []
        if not pool:
            return set()
        taken: set[Track] = set()
        for i, j in assign_by_gain(self._gain(newcomers, pool, picture_area_px)):
            newcomers[i].become(pool[j])
            taken.add(pool[j])
        self._tracks = [t for t in self._tracks if t not in taken]
        return taken

    def _gain(self, newcomers: list[Track], pool: list[Track], picture_area_px: float) -> NDArray[np.float64]:
        looks = np.array([mean_look(t.bank.looks) for t in newcomers], np.float32)
        return recovery_gain(
            look_gain(bank_similarity([t.bank.looks for t in pool], looks).T),
            place_gain(_beginnings(newcomers), _endings(pool), picture_area_px),
            caution(
                np.array([bool(len(t.bank)) for t in newcomers]),
                np.array([bool(len(t.bank)) for t in pool]),
                np.array([t.is_person(self._config) for t in newcomers]),
            ),
        )


def _beginnings(tracks: list[Track]) -> Ends:
    boxes = np.array([t.first.box_cxcywh for t in tracks])
    times_s = np.array([t.first.time_s for t in tracks])
    return Ends(times_s, boxes[:, :2], boxes[:, 3], np.zeros((len(tracks), 2)))


def _endings(tracks: list[Track]) -> Ends:
    states = motion.stacked([t.at_last for t in tracks])
    times_s = np.array([t.trusted_until_s for t in tracks])
    return Ends(times_s, states.box_cxcywh[:, :2], states.box_cxcywh[:, 3], states.velocity[:, :2])
