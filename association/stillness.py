"""What never moves is no person: a poster, a mannequin, a figure frozen into the picture."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Place = tuple[float, float, float]
"""Centre x, centre y and height of a box, pixels."""

STATIC_AFTER_S = 1.0
"""Boxes of a phantom are watched at least this long."""
STATIC_CENTRE = 0.011
"""Median deviation of a phantom's centre, in box heights."""
STATIC_HEIGHT = 0.03
"""Median deviation of a phantom's height, as a share of it."""
MOVED = 0.5
"""What ever was this many box heights from where it began is no phantom."""
MOST_PLACES = 64
"""Places remembered for that; when full, every second one is dropped."""


@dataclass(slots=True, eq=False)
class Places:
    """Where the boxes of a piece were, thinned out evenly when there are many: enough to tell what never moves."""

    moved: bool = False
    _rows: list[Place] = field(default_factory=list)
    _every: int = 1
    _count: int = 0
    _still: bool | None = None

    def add(self, place: Place) -> None:
        """Note the centre and height of a box; nothing more once it is known to have moved."""
        if self.moved:
            return
        if self._count % self._every == 0:
            self._rows.append(place)
            if len(self._rows) > MOST_PLACES:
                del self._rows[1::2]
                self._every *= 2
        self._count += 1
        self._still = None
        away = max(abs(place[0] - self._rows[0][0]), abs(place[1] - self._rows[0][1]))
        self.moved = away > MOVED * place[2]
        if self.moved:
            self._rows.clear()

    @property
    def still(self) -> bool:
        """Whether the boxes never moved, not even as much as somebody who stands does."""
        if self._still is None:
            self._still = not self.moved and len(self._rows) > 0 and self._deviates_little()
        return self._still

    def _deviates_little(self) -> bool:
        rows = np.array(self._rows)
        middle = np.median(rows, axis=0)
        deviation = np.median(np.abs(rows - middle), axis=0) / middle[2]
        return bool(deviation[:2].max() < STATIC_CENTRE and deviation[2] < STATIC_HEIGHT)
