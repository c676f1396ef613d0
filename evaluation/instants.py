"""What TrackEval compares: instant by instant, who is there, who was found, and how well each fits each.

HOTA: Luiten et al. (2021), IDF1: Ristani et al. (2016), MOTA: Bernardin and Stiefelhagen (2008).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Figures = dict[str, Any]
"""What TrackEval tells of one metric, as shares of 1 and counts."""


class Instants:
    """One long sequence; cameras are laid end to end in it, so that an id means one person in all of them."""

    def __init__(self) -> None:
        self._people, self._ids = _Numbering(), _Numbering()
        self._true_ids: list[NDArray[np.int64]] = []
        self._found_ids: list[NDArray[np.int64]] = []
        self._similarities: list[NDArray[np.float64]] = []
        self.shared = 0
        """Results too many under one id at one instant, so far."""

    @property
    def people(self) -> int:
        """How many different ids the truth has."""
        return len(self._people)

    @property
    def ids(self) -> int:
        """How many different ids the results have."""
        return len(self._ids)

    def add(self, true_ids: NDArray[np.int64], found_ids: NDArray[np.int64], similarity: NDArray[np.float64]) -> None:
        """Append an instant.

        Of several results under one id the first counts and the others as not found; `shared` counts them.

        Args:
            true_ids: `(N,)`, each once.
            found_ids: `(M,)`.
            similarity: `(N, M)` in [0, 1]; 0.5 and more is a match for IDF1 and MOTA.
        """
        _, first = np.unique(found_ids, return_index=True)
        if len(first) < len(found_ids):
            self.shared += len(found_ids) - len(first)
            found_ids, similarity = found_ids[first], similarity[:, first]
        self._true_ids.append(self._people.of(true_ids))
        self._found_ids.append(self._ids.of(found_ids))
        self._similarities.append(similarity)

    def hota(self) -> Figures:
        """HOTA and its parts, arrays over the 19 similarities 0.05 to 0.95."""
        from trackeval.metrics import HOTA

        return dict(HOTA().eval_sequence(self._data()))

    def identity(self) -> Figures:
        """IDF1 and its parts."""
        from trackeval.metrics import Identity

        return dict(Identity({"PRINT_CONFIG": False}).eval_sequence(self._data()))

    def clear(self) -> Figures:
        """MOTA, switches and their kind."""
        from trackeval.metrics import CLEAR

        return dict(CLEAR({"PRINT_CONFIG": False}).eval_sequence(self._data()))

    def _data(self) -> dict[str, Any]:
        return {
            "num_timesteps": len(self._true_ids),
            "gt_ids": self._true_ids,
            "tracker_ids": self._found_ids,
            "similarity_scores": self._similarities,
            "num_gt_ids": self.people,
            "num_tracker_ids": self.ids,
            "num_gt_dets": sum(map(len, self._true_ids)),
            "num_tracker_dets": sum(map(len, self._found_ids)),
        }


class _Numbering:
    """Numbers ids from 0 in the order they come."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([self._numbers.setdefault(int(i), len(self._numbers)) for i in ids], np.int64)
