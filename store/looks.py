"""Looks on their way between a job and the store: whom a job knows when it begins, and what it learns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from acquaintances import Acquaintances, KnownLook
from buffers import LatestValue
from entities import CameraId, GlobalId
from multi_camera_tracker import Looks
from store.schema import ForgottenRow, LookRow
from store.writing import JobKey

FIRST_S: Final = 1.0
"""Media time at which what was learnt is handed over first, while it is little; then after twice as long each time."""
EVERY_S: Final = 10.0
"""Media time between two times at most."""
NOTHING: Final[Looks] = ((), {})


def acquaintances(session: Session, key: JobKey, first_id: GlobalId, since_unix_s: float) -> Acquaintances:
    """Everybody of whom there is a look of the job's network, by who they are now.

    Args:
        session: To ask.
        key: The job that begins.
        first_id: The first number that it may give.
        since_unix_s: Who was not seen since is not known any more.
    """
    query = (
        select(LookRow)
        .where(LookRow.embedder == key.embedder, LookRow.last_unix_s >= since_unix_s, LookRow.person_id < first_id)
        .where(LookRow.person_id.not_in(select(ForgottenRow.id)))
        .order_by(LookRow.person_id, LookRow.camera)
    )
    looks = [
        KnownLook(
            GlobalId(row.person_id),
            CameraId(row.camera),
            np.frombuffer(row.look, "<f4") * np.float32(row.amount),
            row.seconds,
            row.boxes,
            min(row.first_unix_s - key.begins_unix_s, 0.0),
            min(row.last_unix_s - key.begins_unix_s, 0.0),
        )
        for row in session.scalars(query)
    ]
    return Acquaintances(first_id, tuple(looks))


class LooksLearnt:
    """Hands looks from the tracker's thread to the sink's, often at first, then every `EVERY_S`, only what is new."""

    def __init__(self) -> None:
        self._latest: LatestValue[Looks] = LatestValue(NOTHING)
        self._next_s = FIRST_S
        self._handed_out: dict[tuple[GlobalId, CameraId], tuple[int, float]] = {}
        self._version = 0

    def offer(self, time_s: float, looks: Callable[[], Looks]) -> None:
        """Take what is known now, if it is time again; in the tracker's thread.

        Args:
            time_s: Media time.
            looks: Tells what is known.
        """
        if time_s >= self._next_s:
            self._next_s = time_s + min(max(time_s, FIRST_S), EVERY_S)
            self._latest.set(looks())

    def take(self) -> Looks:
        """What was learnt since the last time; in the sink's thread."""
        (looks, means), version = self._latest.wait_newer(self._version, 0.0)
        if version == self._version:
            return NOTHING
        self._version = version
        new = [
            each for each in looks if self._handed_out.get((each.identity, each.camera)) != (each.boxes, each.last_s)
        ]
        self._handed_out = {(each.identity, each.camera): (each.boxes, each.last_s) for each in looks}
        return new, means
