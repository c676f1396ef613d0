"""One track of one camera: where it is, how it looks, what speaks for it, and whether it is a person yet."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from association import motion
from association.appearance import TIME_SLACK_S, LookBank
from association.motion import Motion
from association.sightings import Sighting
from config import CameraTrackingConfig
from entities import LocalId

# Identity study, part 1; the step is named with each.
REPLAY_AFTER_LOOKS, REPLAY_WITHIN_S = 2, 1.5
"""Step 1: a filter that coasted this many looks, no longer than this, is mended by replay."""
OVERLAP = 0.3
"""Step 7: from this overlap on, two people may have been mixed up."""
DOUBT_MIN_LOOKS, DOUBT_AFTER_OVERLAP_S, DOUBT_SIMILARITY, DOUBT_LOOKS = 5, 2.0, 0.5, 3
"""Step 7: a track known by so many looks, overlapped so lately, is another person after this many looks less alike."""
SETTLED_LOOKS, SETTLED_AFTER_OVERLAP_S = 3, 0.5
"""A track known by so many looks, with nobody near for so long, can go without one for a moment."""
MIN_HITS = 2
"""Steps 9 and 10: one box is no evidence at any frame rate."""
RECOVER_AFTER_S = 0.1
"""Step 9: seconds of hits before a newcomer is compared with those who left."""
MOVED_HEIGHTS, MOVED_AFTER_S = 1.0, 0.5
"""Step 10: a thing that went its own height within so many seconds of hits is no poster."""


@dataclass(slots=True, eq=False)
class Track:
    """What is known of one person, or thing, in one camera's picture.

    A track begins tentative, with no id. It is confirmed when it is shown to be a person (a new id) or to be
    somebody who left (the old id). It is written to by one `CameraTracker` only.

    Attributes:
        motion: Where it is, as predicted for the present frame or updated by it.
        first: The sighting that began it.
        last: The latest sighting it was given.
        bank: Its clean looks.
        local_id: None while tentative.
        hits: Sightings so far.
        hit_s: Seconds these stand for.
        best_score: Best of their scores.
        score_sum: Sum of their scores.
        missed_looks: Frames looked at since `last` without finding it.
        trusted_until_s: Until when it was surely the same person; before `last.time_s` only after a split.
        at_last: The motion right after `last`.
    """

    motion: Motion
    first: Sighting
    last: Sighting
    bank: LookBank
    hit_s: float
    best_score: float
    score_sum: float
    trusted_until_s: float
    local_id: LocalId | None = None
    hits: int = 1
    missed_looks: int = 0
    at_last: Motion = field(init=False)
    _looked_s: float = -np.inf
    _overlapped_s: float = -np.inf
    _doubts: list[Sighting] = field(default_factory=list)
    _before_doubts_s: float = -np.inf

    def __post_init__(self) -> None:
        self.at_last = self.motion

    @classmethod
    def begin(cls, sighting: Sighting, hit_s: float, bank_size: int) -> Track:
        """A tentative track of a box that no track took.

        Args:
            sighting: The box.
            hit_s: Seconds since the frame before it was looked at.
            bank_size: Most looks it will remember.
        """
        track = cls(
            motion.begin(sighting.box_cxcywh),
            sighting,
            sighting,
            LookBank(bank_size),
            hit_s,
            sighting.score,
            sighting.score,
            sighting.time_s,
        )
        track._learn(sighting)
        return track

    @property
    def confirmed(self) -> bool:
        """Whether it is known to be a person."""
        return self.local_id is not None

    @property
    def is_somebody_else(self) -> bool:
        """Whether the latest looks say that its box went over to another person."""
        return len(self._doubts) >= DOUBT_LOOKS

    def settled(self, now_s: float, look_again_s: float) -> bool:
        """Whether its next box may go without a look if nobody is near: undisturbed and looked at a moment ago.

        Args:
            now_s: Time of that box.
            look_again_s: Seconds for which a look is enough.
        """
        return self.just_seen(now_s, look_again_s) and now_s - self._overlapped_s > SETTLED_AFTER_OVERLAP_S

    def just_seen(self, now_s: float, look_again_s: float) -> bool:
        """Whether it is well known, in view, not doubted, and was looked at less than `look_again_s` before `now_s`."""
        return (
            self.confirmed
            and not self.missed_looks
            and not self._doubts
            and len(self.bank) >= SETTLED_LOOKS
            and now_s - self._looked_s < look_again_s - TIME_SLACK_S
        )

    def missed_s(self, now_s: float) -> float:
        """Seconds since the last sighting."""
        return now_s - self.last.time_s

    def mended_motion(self, sighting: Sighting, std_px: float) -> Motion | None:
        """The motion after `sighting`, mended over the gap before it; None when there is no gap worth it."""
        gap_s = self.missed_s(sighting.time_s)
        if self.missed_looks < REPLAY_AFTER_LOOKS or gap_s > REPLAY_WITHIN_S:
            return None
        return motion.replay(
            self.at_last,
            self.last.box_cxcywh,
            sighting.box_cxcywh,
            gap_s=gap_s,
            steps=self.missed_looks + 1,
            std_px=std_px,
        )

    def see(self, sighting: Sighting, moved: Motion, similarity: float, hit_s: float) -> None:
        """Take a box of the present frame.

        Args:
            sighting: The box.
            moved: The motion after it.
            similarity: How alike the box and the bank were, NaN where unknown.
            hit_s: Seconds since the frame before was looked at.
        """
        if not self._doubts:
            self._before_doubts_s = self.last.time_s
        self.motion = self.at_last = moved
        self.last = sighting
        self.trusted_until_s = sighting.time_s
        self.missed_looks = 0
        self.hits += 1
        self.hit_s += hit_s
        self.best_score = max(self.best_score, sighting.score)
        self.score_sum += sighting.score
        if sighting.overlap > OVERLAP:
            self._overlapped_s = sighting.time_s
        if not self._doubtful(sighting, similarity):
            self._learn(sighting)

    def split(self) -> Track:
        """Hand the box over to a tentative track made of the doubted sightings; this track ends before them."""
        doubts, self._doubts = self._doubts, []
        self.trusted_until_s = self._before_doubts_s
        other = Track(
            self.motion,
            doubts[0],
            doubts[-1],
            LookBank(self.bank.size),
            doubts[-1].time_s - doubts[0].time_s,
            self.best_score,  # the box has been a person's all along
            self.best_score * len(doubts),
            doubts[-1].time_s,
            hits=len(doubts),
        )
        for sighting in doubts:
            other._learn(sighting)
        return other

    def become(self, lost: Track) -> None:
        """Be the person that `lost` was: its id and its looks are taken over."""
        self.local_id = lost.local_id
        self.bank.take_over(lost.bank)

    def may_be_recovered(self) -> bool:
        """Whether enough was seen of a tentative track to compare it with those who left."""
        return self.hits >= MIN_HITS and self.hit_s >= RECOVER_AFTER_S - TIME_SLACK_S

    def is_person(self, config: CameraTrackingConfig) -> bool:
        """Whether a tentative track has shown to be a person: by a sure box, or by walking."""
        if self.hits < MIN_HITS or self.hit_s < config.confirm_after_s - TIME_SLACK_S:
            return False
        if self.best_score >= config.confirm_score:
            return True
        step = self.motion.box_cxcywh[:2] - self.first.box_cxcywh[:2]
        walked = float(np.hypot(*step)) >= MOVED_HEIGHTS * float(self.motion.box_cxcywh[3])
        return walked and self.hit_s >= MOVED_AFTER_S - TIME_SLACK_S and self.score_sum / self.hits >= config.high_score

    def _doubtful(self, sighting: Sighting, similarity: float) -> bool:
        """Note a clean look that is not this person's, shortly after an overlap; a look that is clears the doubts."""
        if sighting.time_s - self._overlapped_s > DOUBT_AFTER_OVERLAP_S:
            self._doubts = []
            return False
        if not (self.confirmed and sighting.clean and len(self.bank) >= DOUBT_MIN_LOOKS):
            return False
        if similarity >= DOUBT_SIMILARITY:
            self._doubts = []
            return False
        self._doubts.append(sighting)
        return True

    def _learn(self, sighting: Sighting) -> None:
        if sighting.embedding is None:
            return
        self._looked_s = sighting.time_s
        if sighting.clean:
            self.bank.learn(sighting.embedding, sighting.time_s)
        else:
            self.bank.glimpse(sighting.embedding)
