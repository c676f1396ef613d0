"""Histograms of distances: what counts, what waits, and room for as many pairs as come."""

from __future__ import annotations

import numpy as np
import pytest

from association.histograms import Histograms

CAMERAS = (0, 1)


@pytest.mark.parametrize("later", [False, True])
def test_there_is_room_for_more_pairs_than_there_were(later: bool) -> None:
    histograms = Histograms()
    for first in range(0, 300, 30):
        pairs = [(slot, 1000 + slot) for slot in range(first, first + 30)]
        note = histograms.note_for_later if later else histograms.note
        note(pairs, np.full(30, 0.5), 1.0, CAMERAS)
    if later:
        assert histograms.seconds.sum() == 0.0
        histograms.settle(CAMERAS)
    assert len(histograms) == 300
    assert histograms.seconds.sum() == pytest.approx(300.0)
