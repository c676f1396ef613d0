"""The tracks of one camera in one table: where they are, how they look, what speaks for them, who is a person."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from association import motion
from association.appearance import TIME_SLACK_S, LookBank
from association.motion import Motion
from association.sightings import Sighting, Sightings
from config import CameraTrackingConfig
from entities import BoolArray, IntArray

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

TENTATIVE: Final = 0
"""Local id of a track that is not known to be a person."""
TRACK: Final[np.dtype[Any]] = np.dtype(
    [
        ("local_id", np.int64),
        ("state", np.float64, (5, 4)),  # `Motion`, as predicted for the present frame or updated by it
        ("state_at_last", np.float64, (5, 4)),  # right after the latest sighting
        ("first_s", np.float64),
        ("first_cxcywh", np.float64, (4,)),
        ("last_s", np.float64),
        ("last_cxcywh", np.float64, (4,)),
        ("last_score", np.float64),
        ("sighting", np.int64),  # which one of the frame was the latest
        ("hits", np.int64),  # sightings so far
        ("hit_s", np.float64),  # seconds these stand for
        ("best_score", np.float64),
        ("score_sum", np.float64),
        ("missed_looks", np.int64),  # frames looked at since the latest sighting without finding it
        ("trusted_until_s", np.float64),  # surely the same person so far; before `last_s` only after a split
        ("looked_s", np.float64),  # when it last showed a look
        ("overlapped_s", np.float64),  # when it was last near somebody
        ("bank", object),  # `LookBank`, its clean looks
        ("looks", np.int64),  # how many these are
        ("doubts", object),  # `tuple[Sighting, ...]`, clean looks in a row that may be somebody else's
        ("before_doubts_s", np.float64),
    ]
)


class Tracks:
    """What is known of people, or things, in one camera's picture; row i of every column of `TRACK` is one of them.

    A track begins tentative, with no id. It is confirmed when it is shown to be a person (a new id) or to be
    somebody who left (the old id).

    Attributes:
        rows: `(T,)` of `TRACK`.
    """

    def __init__(self, rows: NDArray[Any] | None = None) -> None:
        self.rows: NDArray[Any] = np.zeros(0, TRACK) if rows is None else rows

    @classmethod
    def begin(cls, sightings: Sightings, columns: IntArray, hit_s: float, bank_size: int) -> Tracks:
        """Tentative tracks of boxes that no track took.

        Args:
            sightings: The boxes of a frame.
            columns: `(N,)` which of them.
            hit_s: Seconds since the frame before it was looked at.
            bank_size: Most looks each will remember.
        """
        rows = np.zeros(len(columns), TRACK)
        boxes = sightings.boxes_cxcywh[columns]
        rows["state"] = rows["state_at_last"] = motion.begin(boxes).state
        rows["first_s"] = rows["last_s"] = rows["trusted_until_s"] = sightings.time_s
        rows["first_cxcywh"] = rows["last_cxcywh"] = boxes
        rows["last_score"] = rows["best_score"] = rows["score_sum"] = sightings.scores[columns]
        rows["sighting"] = columns
        rows["hits"], rows["hit_s"] = 1, hit_s
        rows["looked_s"] = rows["overlapped_s"] = rows["before_doubts_s"] = -np.inf
        rows["bank"] = [LookBank(bank_size) for _ in columns]
        rows["doubts"].fill(())
        tracks = cls(rows)
        tracks._learn(np.arange(len(rows)), sightings, columns)
        return tracks

    def __len__(self) -> int:
        return len(self.rows)

    def some(self, which: BoolArray | IntArray) -> Tracks:
        """These tracks, as a table of their own."""
        return Tracks(self.rows[which])

    def add(self, others: Tracks) -> None:
        """Append the tracks of another table."""
        self.rows = np.concatenate([self.rows, others.rows])

    @property
    def motion(self) -> Motion:
        """Where they are; writing to its state moves them."""
        return Motion(self.rows["state"])

    @property
    def confirmed(self) -> BoolArray:
        """`(T,)` whether each is known to be a person."""
        return np.asarray(self.rows["local_id"] != TENTATIVE)

    @property
    def missed(self) -> BoolArray:
        """`(T,)` whether each was not found when last looked for."""
        return np.asarray(self.rows["missed_looks"] > 0)

    @property
    def banks(self) -> list[LookBank]:
        """The looks of each."""
        return list(self.rows["bank"])

    @property
    def known(self) -> BoolArray:
        """`(T,)` whether each has shown any look, clean or not."""
        return np.array([bank.known for bank in self.rows["bank"]], np.bool_)

    @property
    def doubted(self) -> BoolArray:
        """`(T,)` whether the latest looks may be somebody else's."""
        return np.array([len(doubts) > 0 for doubts in self.rows["doubts"]], np.bool_)

    @property
    def is_somebody_else(self) -> BoolArray:
        """`(T,)` whether the latest looks say that the box went over to another person."""
        return np.array([len(doubts) >= DOUBT_LOOKS for doubts in self.rows["doubts"]], np.bool_)

    def settled(self, now_s: float, look_again_s: float) -> BoolArray:
        """Whose next box may go without a look if nobody is near: undisturbed and looked at a moment ago.

        Args:
            now_s: Time of that box.
            look_again_s: Seconds for which a look is enough.
        """
        undisturbed = now_s - self.rows["overlapped_s"] > SETTLED_AFTER_OVERLAP_S
        return np.asarray(self.just_seen(now_s, look_again_s) & undisturbed)

    def just_seen(self, now_s: float, look_again_s: float) -> BoolArray:
        """Who is well known, in view, not doubted, and was looked at less than `look_again_s` before `now_s`."""
        known = self.confirmed & ~self.missed & ~self.doubted & (self.rows["looks"] >= SETTLED_LOOKS)
        return np.asarray(known & (now_s - self.rows["looked_s"] < look_again_s - TIME_SLACK_S))

    def missed_s(self, now_s: float) -> NDArray[np.float64]:
        """`(T,)` seconds since the last sighting."""
        return np.asarray(now_s - self.rows["last_s"])

    def may_be_recovered(self) -> BoolArray:
        """Of which enough was seen to compare a tentative one with those who left."""
        rows = self.rows
        return np.asarray((rows["hits"] >= MIN_HITS) & (rows["hit_s"] >= RECOVER_AFTER_S - TIME_SLACK_S))

    def is_person(self, config: CameraTrackingConfig) -> BoolArray:
        """Which have shown to be people: by a sure box, or by walking."""
        rows = self.rows
        enough = (rows["hits"] >= MIN_HITS) & (rows["hit_s"] >= config.confirm_after_s - TIME_SLACK_S)
        walked = np.hypot(*(rows["state"][:, 0, :2] - rows["first_cxcywh"][:, :2]).T)
        moved = (walked >= MOVED_HEIGHTS * rows["state"][:, 0, 3]) & (rows["hit_s"] >= MOVED_AFTER_S - TIME_SLACK_S)
        likely = moved & (rows["score_sum"] / rows["hits"] >= config.high_score)
        return np.asarray(enough & ((rows["best_score"] >= config.confirm_score) | likely))

    def see(
        self, which: IntArray, sightings: Sightings, columns: IntArray, similarity: NDArray[np.float64], hit_s: float
    ) -> None:
        """Give tracks boxes of the present frame.

        Args:
            which: `(N,)` different tracks.
            sightings: The boxes of the frame.
            columns: `(N,)` the box of each.
            similarity: `(N,)` how alike box and bank were, NaN where unknown.
            hit_s: Seconds since the frame before was looked at.
        """
        rows, time_s, scores = self.rows, sightings.time_s, sightings.scores[columns]
        rows["state"][which] = rows["state_at_last"][which] = self._moved(which, sightings, columns)
        sure = which[~self.doubted[which]]
        rows["before_doubts_s"][sure] = rows["last_s"][sure]
        rows["last_s"][which] = rows["trusted_until_s"][which] = time_s
        rows["last_cxcywh"][which] = sightings.boxes_cxcywh[columns]
        rows["last_score"][which] = scores
        rows["sighting"][which] = columns
        rows["missed_looks"][which] = 0
        rows["hits"][which] += 1
        rows["hit_s"][which] += hit_s
        rows["best_score"][which] = np.maximum(rows["best_score"][which], scores)
        rows["score_sum"][which] += scores
        rows["overlapped_s"][which[sightings.overlap[columns] > OVERLAP]] = time_s
        learnt = ~self._doubt(which, sightings, columns, similarity)
        self._learn(which[learnt], sightings, columns[learnt])

    def miss(self, which: IntArray) -> None:
        """Note that tracks were not found in the present frame."""
        self.rows["missed_looks"][which] += 1

    def split(self, which: BoolArray) -> Tracks:
        """Hand boxes over to tentative tracks made of the doubted sightings; these tracks end before them."""
        others = Tracks()
        for index in which.nonzero()[0].tolist():
            others.add(self._successor(index))
        self.rows["trusted_until_s"][which] = self.rows["before_doubts_s"][which]
        self._clear(which.nonzero()[0])
        return others

    def become(self, row: int, lost: Tracks, other: int) -> None:
        """Let a track be the person that a lost one was: its id and its looks are taken over."""
        self.rows["local_id"][row] = lost.rows["local_id"][other]
        bank = self.rows["bank"][row]
        bank.take_over(lost.rows["bank"][other])
        self.rows["looks"][row] = len(bank)

    def _moved(self, which: IntArray, sightings: Sightings, columns: IntArray) -> NDArray[np.float64]:
        """The states after these boxes, mended over the gaps before them."""
        rows, boxes = self.rows, sightings.boxes_cxcywh[columns]
        std_px = motion.measurement_std(boxes[:, 3], sightings.scores[columns], sightings.overlap[columns])
        states = motion.update(Motion(rows["state"][which]), boxes, std_px).state
        gaps_s, steps = sightings.time_s - rows["last_s"][which], rows["missed_looks"][which] + 1
        for i in np.flatnonzero((steps > REPLAY_AFTER_LOOKS) & (gaps_s <= REPLAY_WITHIN_S)).tolist():
            states[i] = motion.replay(
                Motion(rows["state_at_last"][which[i]]),
                rows["last_cxcywh"][which[i]],
                boxes[i],
                gap_s=float(gaps_s[i]),
                steps=int(steps[i]),
                std_px=float(std_px[i]),
            ).state
        return states

    def _successor(self, index: int) -> Tracks:
        """The track that the doubted sightings of a track make."""
        rows = self.rows[index : index + 1].copy()
        doubts: tuple[Sighting, ...] = rows["doubts"][0]
        bank = LookBank(rows["bank"][0].size)
        for sighting in doubts:
            if sighting.embedding is not None:
                bank.learn(sighting.embedding, sighting.time_s)
        first, last = doubts[0], doubts[-1]
        rows["local_id"], rows["state_at_last"] = TENTATIVE, rows["state"]
        rows["first_s"], rows["first_cxcywh"] = first.time_s, first.box_cxcywh
        rows["hits"], rows["hit_s"] = len(doubts), last.time_s - first.time_s
        rows["score_sum"] = rows["best_score"] * len(doubts)  # the box has been a person's all along
        rows["trusted_until_s"] = rows["looked_s"] = last.time_s
        rows["overlapped_s"] = rows["before_doubts_s"] = -np.inf
        rows["bank"][0], rows["looks"], rows["doubts"][0] = bank, len(bank), ()
        return Tracks(rows)

    def _doubt(
        self, which: IntArray, sightings: Sightings, columns: IntArray, similarity: NDArray[np.float64]
    ) -> BoolArray:
        """Note clean looks that are not the person's, shortly after an overlap; a look that is clears the doubts."""
        rows = self.rows
        over = sightings.time_s - rows["overlapped_s"][which] > DOUBT_AFTER_OVERLAP_S
        telling = self.confirmed[which] & sightings.clean[columns] & (rows["looks"][which] >= DOUBT_MIN_LOOKS)
        own = similarity >= DOUBT_SIMILARITY
        self._clear(which[over | (telling & own)])
        doubtful = ~over & telling & ~own
        for row, column in zip(which[doubtful].tolist(), columns[doubtful].tolist(), strict=True):
            rows["doubts"][row] += (sightings.row(column),)
        return np.asarray(doubtful)

    def _clear(self, which: IntArray) -> None:
        for row in which.tolist():
            self.rows["doubts"][row] = ()

    def _learn(self, which: IntArray, sightings: Sightings, columns: IntArray) -> None:
        known = sightings.known[columns]
        which, columns = which[known], columns[known]
        self.rows["looked_s"][which] = sightings.time_s
        banks, looks = self.rows["bank"], self.rows["looks"]
        for row, column, clean in zip(which.tolist(), columns.tolist(), sightings.clean[columns].tolist(), strict=True):
            if clean:
                banks[row].learn(sightings.embeddings[column], sightings.time_s)
                looks[row] = len(banks[row])
            else:
                banks[row].glimpse(sightings.embeddings[column])
