"""The corrected history of a job, written over what was shown while it ran."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from entities import NOBODY, GlobalId, Segment
from store.cutting import piece
from store.schema import CropRow, SightingRow
from store.writing import BatchRows

FETCH_ROWS: Final = 1000
Track = tuple[str, int]
Part = tuple[int, int, GlobalId]
"""First frame, last frame and who it is."""


class Labels:
    """Who was in which frames of which track.

    Args:
        segments: The corrected history; stretches of one track do not overlap.
    """

    def __init__(self, segments: Iterable[Segment]) -> None:
        self._parts: dict[Track, list[Part]] = {}
        for each in sorted(segments, key=lambda each: each.first_frame):
            track = (str(each.camera_id), int(each.local_id))
            self._parts.setdefault(track, []).append((each.first_frame, each.last_frame, each.global_id))

    def of(self, track: Track, first: int, last: int) -> list[Part]:
        """The frames `first` to `last` cut up by who it is, neighbours being different people; `NOBODY` in gaps."""
        parts = self._parts.get(track, [])
        out: list[Part] = []
        at = first
        for start, end, who in parts[max(0, bisect_right(parts, first, key=lambda part: part[0]) - 1) :]:
            if start > last:
                break
            if end >= at:
                out += [(at, start - 1, NOBODY)] if start > at else []
                out.append((max(at, start), min(end, last), who))
                at = min(end, last) + 1
        out += [(at, last, NOBODY)] if at <= last else []
        return _without_gaps(out)


def _without_gaps(parts: Sequence[Part]) -> list[Part]:
    """Neighbours of one person as one, also across frames of nobody between them: it was not asked there."""
    named = [part for part in parts if part[2] != NOBODY]
    if not named:
        return [(parts[0][0], parts[-1][1], NOBODY)] if parts else []
    out = [named[0]]
    for first, last, who in named[1:]:
        if who == out[-1][2]:
            out[-1] = (out[-1][0], last, who)
        else:
            out.append((first, last, who))
    return out


def write_history(session: Session, rows: BatchRows, job_id: str, segments: Iterable[Segment]) -> list[str]:
    """Label all sightings and pictures of a job anew; returns the paths of pictures that show nobody."""
    labels = Labels(segments)
    query = select(SightingRow).where(SightingRow.job_id == job_id).execution_options(yield_per=FETCH_ROWS)
    changes = []
    for row in session.scalars(query):
        parts = labels.of((row.camera, row.local_id), row.first_frame, row.last_frame)
        if [part[2] for part in parts] != [row.identity_id or NOBODY] or parts[0][:2] != (
            row.first_frame,
            row.last_frame,
        ):
            pieces = [piece(row, first, last) for first, last, _ in parts]
            names = [rows.who(part[2], each["start_s"]) for part, each in zip(parts, pieces, strict=True)]
            changes.append((row.id, [each | who for each, who in zip(pieces, names, strict=True)]))
    for row_id, pieces in changes:
        session.execute(update(SightingRow).where(SightingRow.id == row_id).values(**pieces[0]))
        for each in pieces[1:]:
            session.add(SightingRow(job_id=job_id, **each))
    session.flush()
    return _label_crops(session, rows, job_id, labels)


def _label_crops(session: Session, rows: BatchRows, job_id: str, labels: Labels) -> list[str]:
    gone: list[str] = []
    for row in _crops(session, job_id):
        (part,) = labels.of((row.camera, row.local_id), row.frame, row.frame)
        who = rows.who(part[2], row.time_s)
        if who["identity_id"] is None:
            gone.append(row.path)
            session.execute(delete(CropRow).where(CropRow.id == row.id))
        elif who["identity_id"] != row.identity_id:
            session.execute(update(CropRow).where(CropRow.id == row.id).values(**who))
    return gone


def _crops(session: Session, job_id: str) -> Iterator[CropRow]:
    yield from session.scalars(select(CropRow).where(CropRow.job_id == job_id)).all()
