"""The corrected history of a job, written over what was shown while it ran."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from entities import NOBODY, GlobalId, Segment
from store.samples import pack, unpack
from store.schema import CropRow, SightingRow
from store.values import BoxSample
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
            changes.append((row.id, [_piece(row, part, rows) for part in parts]))
    for row_id, pieces in changes:
        session.execute(update(SightingRow).where(SightingRow.id == row_id).values(**pieces[0]))
        for piece in pieces[1:]:
            session.add(SightingRow(job_id=job_id, **piece))
    session.flush()
    return _label_crops(session, rows, job_id, labels)


def _piece(row: SightingRow, part: Part, rows: BatchRows) -> dict[str, Any]:
    """The columns of a part of a sighting."""
    first, last, who = part
    samples = unpack(row.samples)
    start_s, end_s = (_time_s(samples, frame) for frame in (first, last))
    inside = tuple(each for each in samples if first <= each.frame <= last) or (_nearest(samples, first),)
    share = (last - first + 1) / (row.last_frame - row.first_frame + 1)
    shift_s = row.start_unix_s - row.start_s
    return {
        "camera": row.camera,
        "local_id": row.local_id,
        "first_frame": first,
        "last_frame": last,
        "start_s": start_s,
        "end_s": end_s,
        "start_unix_s": start_s + shift_s,
        "end_unix_s": end_s + shift_s,
        "boxes": round(row.boxes * share),
        "samples": pack(inside),
        **rows.who(who, start_s),
    }


def _time_s(samples: Sequence[BoxSample], frame: int) -> float:
    """Media time of a frame between samples, whose first and last are the ends of the sighting."""
    return float(np.interp(frame, [each.frame for each in samples], [each.time_s for each in samples]))


def _nearest(samples: Sequence[BoxSample], frame: int) -> BoxSample:
    return min(samples, key=lambda each: abs(each.frame - frame))


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
