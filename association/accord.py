"""Whether two cameras show one place at one time: where one of them sees somebody, the other does, too.

A camera that comes back may show another time (a looped clip, a buffer that was held up) or another place (somebody
turned it). What is measured between the two pictures is nonsense then, and speaks against people whom any look would
join. Nobody's identity can tell, as that is what the distances decide. What tells is that people stand where the other
camera sees nobody, at places where so far it saw everybody: their seconds are added up, less those of people that are
met as expected, which notices a change soon and hardly ever without one (Page, "Continuous Inspection Schemes", 1954).
"""

from __future__ import annotations

import numpy as np

from association.feet import SURE_SCORE
from association.standing import Metres, Standing
from entities import BoolArray

MET_M = 1.0
"""Feet of one person in two views are hardly ever farther apart."""
MET_SHARE = 0.55
"""Between the share of people who are met where two cameras agree, and the share by chance where they do not."""
MILD_DOUBT_S = 1.0
"""Person-seconds, those of either camera, that are no doubt yet: people hide behind each other all the time."""
MOST_DOUBT_S = 4.0
"""Person-seconds until it is believed that the two do not agree any more."""
LEAST_TRUST_S = 8.0
"""Person-seconds until it is believed that they do again."""
SPOT_S = 0.4
"""Where people are met is noted this often, while there is no doubt: what is seen in doubt may be what is wrong."""
SPOTS = 400
"""Places remembered of a camera, the latest."""
SPOT_ACROSS, SPOT_ALONG = 0.6, 0.3
"""Feet no farther apart, in heights across and along the picture, stand at one spot."""
SPOT_NOTES = 3
"""With fewer notes nothing is known of a spot; somebody who walks across leaves as many."""
SPOT_SURE = 0.8
"""Of them, the share that was met where people are expected to be."""
SILENT_S = 1.0
"""A camera without a picture for longer may come back with another time or place."""
SILENT_PERIODS = 4.0
"""And for longer than so many of its usual periods."""
SMOOTHING = 0.1
SLACK_S = 1e-6
"""Media times are sums of frame times: equal within this."""


class Accord:
    """How far two cameras can be taken to show one place at one time.

    Attributes:
        doubt_s: What speaks against it, less what speaks for it.
        broken: Whether it is believed that they do not.
        broken_s: Media time since when.
    """

    def __init__(self) -> None:
        self.doubt_s = 0.0
        self.broken = False
        self.broken_s = -np.inf
        self._spots = (_Spots(), _Spots())
        self._noted_s = -np.inf

    @property
    def doubtful(self) -> bool:
        """Whether what is measured between the two should wait."""
        return self.broken or self.doubt_s > MILD_DOUBT_S * MET_SHARE

    def take(self, first: Standing, second: Standing, away_m: Metres, seconds: float) -> None:
        """Take the people of an instant.

        Args:
            first: One camera's people.
            second: The other's.
            away_m: `(N, M)` metres between them, NaN where not known.
            seconds: What the instant stands for.
        """
        near = away_m < MET_M
        now_s = max(first.time_s, second.time_s)
        due = not self.doubtful and now_s >= self._noted_s + SPOT_S - SLACK_S
        self._noted_s = now_s if due else self._noted_s
        for standing, spots, met in zip(
            (first, second), self._spots, (near.any(axis=1), near.any(axis=0)), strict=True
        ):
            sure = standing.clear & (standing.scores > SURE_SCORE)
            if not sure.any():
                continue
            expected = sure & spots.expect(standing)
            missed, came = int((expected & ~met).sum()), int((expected & met).sum())
            self.doubt_s += seconds * (MET_SHARE * missed - (1.0 - MET_SHARE) * came)
            if due:
                spots.note(standing, sure, np.asarray(met))
        self._conclude(now_s)

    def lose(self, now_s: float) -> None:
        """Believe that the two do not agree until they show it, if there is anything that they could show it by."""
        if any(spots.known for spots in self._spots):
            self.broken, self.broken_s, self.doubt_s = True, now_s, LEAST_TRUST_S * (1.0 - MET_SHARE)

    def _conclude(self, now_s: float) -> None:
        self.doubt_s = min(max(0.0, self.doubt_s), LEAST_TRUST_S * (1.0 - MET_SHARE))
        if not self.broken and self.doubt_s >= MOST_DOUBT_S * MET_SHARE:
            self.lose(now_s)
        self.broken = self.broken and self.doubt_s > 0.0


class _Spots:
    """Where people stood in one camera's picture, and whether the other camera saw them."""

    def __init__(self) -> None:
        self._x, self._y = np.zeros((2, SPOTS), np.float32)
        self._met: BoolArray = np.zeros(SPOTS, np.bool_)
        self._count = 0

    @property
    def known(self) -> bool:
        """Whether there are notes enough to expect anybody anywhere."""
        return self._count >= SPOT_NOTES

    def note(self, standing: Standing, chosen: BoolArray, met: BoolArray) -> None:
        """Note these people, in place of those noted longest ago."""
        places = (self._count + np.arange(int(chosen.sum()))) % SPOTS
        self._x[places], self._y[places] = standing.feet_xy[chosen].T
        self._met[places] = met[chosen]
        self._count += len(places)

    def expect(self, standing: Standing) -> BoolArray:
        """`(N,)` who stands where nearly everybody was met so far."""
        known = slice(0, min(self._count, SPOTS))
        x, y, height = np.column_stack([standing.feet_xy, standing.heights_px]).astype(np.float32).T[..., None]
        here = np.abs(x - self._x[known]) <= SPOT_ACROSS * height
        here &= np.abs(y - self._y[known]) <= SPOT_ALONG * height
        notes = np.count_nonzero(here, axis=1)
        here &= self._met[known]
        met = np.count_nonzero(here, axis=1)
        return np.asarray((notes >= SPOT_NOTES) & (met >= SPOT_SURE * notes))


class Rhythm:
    """Notices when a camera comes back that sent nothing for a time."""

    def __init__(self) -> None:
        self._last_s: float | None = None
        self._period_s = 0.0

    def came_back(self, time_s: float) -> bool:
        """Whether the camera was silent before this frame, the next of its frames."""
        if self._last_s is None:
            self._last_s = time_s
            return False
        since_s, self._last_s = time_s - self._last_s, time_s
        if since_s > max(SILENT_S, SILENT_PERIODS * self._period_s) + SLACK_S and self._period_s > 0.0:
            return True
        self._period_s += (SMOOTHING if self._period_s else 1.0) * (since_s - self._period_s)
        return False
