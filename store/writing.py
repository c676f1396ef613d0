"""A batch becomes rows; doing it twice leaves the same rows as once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from acquaintances import EARLIER, KnownLook
from by_hand import ByHand
from entities import NOBODY, CameraId, EventKind, GlobalId, LocalId
from store.batch import Batch, Happening
from store.corrections import apply, divide
from store.resolving import Resolver, insight
from store.samples import pack
from store.schema import (
    Base,
    CorrectionRow,
    CropRow,
    EventRow,
    ForgottenRow,
    HeardRow,
    IdentityRow,
    JobRow,
    LookRow,
    MeanRow,
    SightingRow,
)
from store.values import CorrectionKind

CHUNK_ROWS: Final = 500
"""Rows a statement: SQLite takes 32,766 values at once."""
UNNAMED_S: Final = 0.5
"""Who came so shortly before a job heard of a split had no number by then, and was given the right one."""
SIGHTING_KEY: Final = ("job_id", "camera", "local_id", "first_frame")
CROP_KEY: Final = ("job_id", "camera", "local_id", "frame")


@dataclass(frozen=True, slots=True)
class JobKey:
    """Whose rows they are.

    Attributes:
        job_id: The job.
        begins_unix_s: The wall-clock time of media time 0.
        embedder: The network whose looks they are.
    """

    job_id: str
    begins_unix_s: float
    embedder: str


def upsert(session: Session, table: type[Base], rows: Sequence[dict[str, Any]], key: Sequence[str]) -> None:
    """Insert rows; where one with the same key is there, the rest of it is replaced."""
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for start in range(0, len(rows), CHUNK_ROWS):
        insert = dialect.insert(table).values(rows[start : start + CHUNK_ROWS])
        rest = {name: insert.excluded[name] for name in rows[0] if name not in key}
        last = insert.on_conflict_do_update(index_elements=key, set_=rest) if rest else insert.on_conflict_do_nothing()
        session.execute(last)


class BatchRows:
    """Writes one batch in one transaction.

    Args:
        session: Takes the rows.
        key: Whose they are.
        now_unix_s: The wall clock.

    Attributes:
        resolver: What was put right by hand.
    """

    def __init__(self, session: Session, key: JobKey, now_unix_s: float) -> None:
        self._session = session
        self._key = key
        self._now_unix_s = now_unix_s
        self.resolver = Resolver.read(session)
        self._insight = insight(session, key.job_id)
        self._forgotten = set(session.scalars(select(ForgottenRow.id)))

    def write(self, batch: Batch) -> list[str]:
        """Write everything but the corrected history; returns the paths of pictures that nobody refers to any more."""
        heard = self._hear(batch.happenings)
        self._identities(batch)
        self._sightings(batch)
        self._events(batch)
        gone = self._crops(batch)
        for split, unix_s in heard.items():
            divide(self._session, self._key.job_id, split, unix_s - UNNAMED_S)
        for move in batch.moves:
            self._move(move.camera, move.local_id, (move.start_s, move.end_s), move.before, move.after)
        for name, heir in batch.merges:
            self._merge(name, heir)
        if heard or (batch.merges and self.resolver.corrections):
            apply(self._session)
        self._looks(batch.looks)
        means = [(camera, mean) for camera, mean in batch.means if camera != EARLIER]
        upsert(self._session, MeanRow, [self._mean(*each) for each in means], ("camera", "embedder"))
        self._session.execute(
            update(JobRow)
            .where(JobRow.id == self._key.job_id)
            .values(media_s=batch.media_s, heartbeat_unix_s=self._now_unix_s)
        )
        return gone

    @property
    def by_hand(self) -> ByHand:
        """What the job is to go by."""
        return self.resolver.by_hand(self._key.begins_unix_s, self._insight.first_id)

    def who(self, identity: GlobalId, time_s: float) -> dict[str, int | None]:
        """The columns that say who it is."""
        known = None if self._is_forgotten(identity, time_s) else int(identity) or None
        return {"identity_id": known, "person_id": self._person(known, time_s)}

    def _is_forgotten(self, identity: GlobalId, time_s: float) -> bool:
        return self._person(int(identity), time_s) in self._forgotten

    def _person(self, identity: int | None, time_s: float) -> int | None:
        return self.resolver.person(identity, self._unix_s(time_s), self._insight)

    def _unix_s(self, time_s: float) -> float:
        return self._key.begins_unix_s + time_s

    def _hear(self, happenings: Iterable[Happening]) -> dict[int, float]:
        """Note which splits by hand the job goes by from now on; these, with the wall-clock time."""
        said = {each.identity: self._unix_s(each.time_s) for each in happenings if each.kind == EventKind.SPLIT}
        if not said:
            return {}
        query = select(CorrectionRow).where(CorrectionRow.kind == CorrectionKind.SPLIT)
        splits = self._session.scalars(query.where(CorrectionRow.other_id.in_(list(said)))).all()
        heard = {split.id: said[GlobalId(split.other_id)] for split in splits}
        rows = [{"job_id": self._key.job_id, "correction_id": name, "unix_s": when} for name, when in heard.items()]
        upsert(self._session, HeardRow, rows, ("job_id", "correction_id"))
        self._insight = insight(self._session, self._key.job_id)
        return heard

    def _identities(self, batch: Batch) -> None:
        names = {each.identity for each in batch.stretches} | {each.identity for each in batch.looks}
        names |= {name for each in batch.happenings for name in (each.identity, each.other)}
        rows = [{"id": int(name)} for name in sorted(names - {NOBODY}) if not self._is_forgotten(name, batch.media_s)]
        upsert(self._session, IdentityRow, rows, ("id",))

    def _sightings(self, batch: Batch) -> None:
        rows = [
            {
                "job_id": self._key.job_id,
                "camera": each.camera,
                "local_id": each.local_id,
                "first_frame": each.first_frame,
                "last_frame": each.last_frame,
                "start_s": each.start_s,
                "end_s": each.end_s,
                "start_unix_s": self._unix_s(each.start_s),
                "end_unix_s": self._unix_s(each.end_s),
                "boxes": each.boxes,
                "samples": pack(each.samples),
                **self.who(each.identity, each.start_s),
            }
            for each in batch.stretches
            if not self._is_forgotten(each.identity, each.start_s)
        ]
        unique = {tuple(row[name] for name in SIGHTING_KEY): row for row in rows}  # the later one of two counts
        upsert(self._session, SightingRow, list(unique.values()), SIGHTING_KEY)

    def _events(self, batch: Batch) -> None:
        rows = [
            {
                "job_id": self._key.job_id,
                "number": each.number,
                "time_s": each.time_s,
                "unix_s": self._unix_s(each.time_s),
                "kind": each.kind,
                "identity_id": each.identity or None,
                "other_id": each.other or None,
                "camera": each.camera,
                "local_id": each.local_id,
                "reason": each.reason,
                "evidence": each.evidence,
            }
            for each in batch.happenings
            if not any(self._is_forgotten(name, each.time_s) for name in (each.identity, each.other))
        ]
        upsert(self._session, EventRow, rows, ("job_id", "number"))

    def _crops(self, batch: Batch) -> list[str]:
        gone = [each.path for each in batch.pictures if self._is_forgotten(each.identity, each.time_s)]
        rows = [
            {
                "job_id": self._key.job_id,
                "camera": each.camera,
                "local_id": each.local_id,
                "frame": each.frame,
                "time_s": each.time_s,
                "unix_s": self._unix_s(each.time_s),
                "quality": each.quality,
                "path": each.path,
                **self.who(each.identity, each.time_s),
            }
            for each in batch.pictures
            if each.path not in gone
        ]
        unique = {tuple(row[name] for name in CROP_KEY): row for row in rows}
        upsert(self._session, CropRow, list(unique.values()), CROP_KEY)
        for camera, local_id, frame in batch.replaced:
            values = {"job_id": self._key.job_id, "camera": camera, "local_id": local_id, "frame": frame}
            self._session.execute(delete(CropRow).filter_by(**values))
        return gone

    def _looks(self, looks: Iterable[KnownLook]) -> None:
        rows = []
        for each in looks:
            amount = float(np.linalg.norm(each.look))
            told = amount > 0.0 and each.camera != EARLIER
            if told and not self._is_forgotten(each.identity, each.last_s):
                who = self.who(each.identity, each.first_s)
                rows.append(
                    {
                        "camera": each.camera,
                        "embedder": self._key.embedder,
                        "job_id": self._key.job_id,
                        "look": np.asarray(each.look / amount, "<f4").tobytes(),
                        "amount": amount,
                        "seconds": float(each.seconds),  # databases take no numbers of numpy's
                        "boxes": int(each.boxes),
                        "first_unix_s": self._unix_s(float(each.first_s)),
                        "last_unix_s": self._unix_s(float(each.last_s)),
                        **who,
                    }
                )
        upsert(self._session, LookRow, rows, ("identity_id", "camera", "embedder"))

    def _mean(self, camera: CameraId, mean: Any) -> dict[str, Any]:
        data = np.asarray(mean, "<f4").tobytes()
        return {"camera": camera, "embedder": self._key.embedder, "mean": data, "unix_s": self._now_unix_s}

    def _move(
        self, camera: CameraId, local_id: LocalId, span_s: tuple[float, float], before: GlobalId, after: GlobalId
    ) -> None:
        """Let what overlaps a piece of a track by more than its ends be somebody else's."""
        start_s, end_s = span_s
        who = self.who(after, start_s)
        for table, first, last in (
            (SightingRow, SightingRow.start_s, SightingRow.end_s),
            (CropRow, CropRow.time_s, CropRow.time_s),
        ):
            mine = (table.job_id == self._key.job_id, table.camera == camera, table.local_id == local_id)
            there = ((first + last) / 2.0 >= start_s, (first + last) / 2.0 <= end_s)
            was = table.identity_id.is_not_distinct_from(int(before) or None)
            self._session.execute(update(table).where(*mine, *there, was).values(**who))

    def _merge(self, gone: GlobalId, heir: GlobalId) -> None:
        """The program found two people to be one: in all jobs, for it knew them from there."""
        name = None if self._is_forgotten(heir, 0.0) else int(heir)
        for table in (SightingRow, CropRow):
            mine = table.identity_id == int(gone)
            self._session.execute(update(table).where(mine).values(identity_id=name, person_id=name))
        self._session.execute(delete(LookRow).where(LookRow.identity_id == int(gone)))
        self._session.execute(update(IdentityRow).where(IdentityRow.id == int(gone)).values(merged_into=name))
