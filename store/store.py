"""`Store`: what the rest of the program may ask of the database, safe to be shared by threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from sqlalchemy import Engine

from entities import FloatArray
from errors import StoreError
from store import corrections, job_log, people, records, retention, search
from store.engine import SQLITE, folder_of, open_engine, parse_url, reading, shown, writing
from store.people import Whom
from store.records import When
from store.schema import CropRow, IdentityRow
from store.values import (
    Correction,
    Erased,
    Match,
    Page,
    PeopleOrder,
    Person,
    PersonDetail,
    Sighting,
    StoredCrop,
    StoredEvent,
    StoredJob,
)
from store_settings import StoreConfig


class Store:
    """Questions and corrections. Every method is one transaction; all raise `StoreError` `store_unavailable`.

    Args:
        engine: From `open_engine`.
        folder: Where the pictures are.
        now_unix_s: The wall clock, replaceable in tests.
    """

    def __init__(self, engine: Engine, folder: Path, now_unix_s: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._folder = folder
        self._now_unix_s = now_unix_s

    @classmethod
    def open(cls, url: str, folder: Path | None = None) -> Self:
        """Connect and bring the tables up to date.

        Args:
            url: A SQLite file, `sqlite:///file` or `postgresql://user:password@host/name`.
            folder: Where the pictures are; None for the usual place.

        Raises:
            StoreError: `store_url`, or `store_unavailable`.
        """
        parsed = parse_url(url)
        return cls(open_engine(parsed), folder or folder_of(parsed))

    @property
    def engine(self) -> Engine:
        """The database."""
        return self._engine

    @property
    def folder(self) -> Path:
        """Where the pictures are."""
        return self._folder

    @property
    def places(self) -> tuple[Path, ...]:
        """What of it lies in files: the pictures, and the database unless a server has that."""
        url = self._engine.url
        return (self._folder, Path(url.database)) if url.drivername == SQLITE and url.database else (self._folder,)

    @property
    def url(self) -> str:
        """The database for people, without a password."""
        return shown(self._engine.url)

    def close(self) -> None:
        """Let go of the database; may be called twice."""
        self._engine.dispose()

    def jobs(self, *, limit: int = 100, offset: int = 0) -> Page[StoredJob]:
        """The jobs that wrote here, the latest first."""
        with reading(self._engine) as session:
            return records.jobs(session, limit, offset)

    def job(self, job_id: str) -> StoredJob | None:
        """One job; None when there is none of that name."""
        if "\0" in job_id:  # PostgreSQL would refuse to look
            return None
        with reading(self._engine) as session:
            return records.job(session, job_id)

    def people(
        self,
        whom: Whom | None = None,
        *,
        order: PeopleOrder = "last_seen",
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> Page[Person]:
        """People page by page; `Whom` narrows them down by job, camera, time, name and presence."""
        with reading(self._engine) as session:
            return people.people(
                session, self._folder, whom or Whom(), order, descending=descending, limit=limit, offset=offset
            )

    def person(self, number: int) -> PersonDetail | None:
        """One person by any number it ever had; None when nobody has it."""
        with reading(self._engine) as session:
            return people.person(session, self._folder, number)

    def sightings(
        self,
        when: When | None = None,
        *,
        person: int | None = None,
        boxes: bool = False,
        newest: bool = False,
        limit: int = 200,
        offset: int = 0,
    ) -> Page[Sighting]:
        """Sightings in order of time, the first or the newest, of everybody or of one person by any of its numbers."""
        with reading(self._engine) as session:
            name = None if person is None else people.current(session, person)
            chosen = when or When()
            return records.sightings(session, chosen, name, boxes=boxes, newest=newest, limit=limit, offset=offset)

    def events(
        self,
        *,
        after: int = 0,
        job_id: str | None = None,
        person: int | None = None,
        kinds: Sequence[str] = (),
        limit: int = 200,
        last: bool = False,
    ) -> tuple[StoredEvent, ...]:
        """Events behind a cursor (`StoredEvent.id`, 0 for the beginning), in the order they were written.

        Of more than `limit` the first, or the `last` ones.
        """
        with reading(self._engine) as session:
            whose = None if person is None else people.whose(session, person)
            return records.events(session, job_id=job_id, whose=whose, kinds=kinds, after=after, limit=limit, last=last)

    def last_event(self) -> int:
        """The cursor behind which nothing is yet."""
        with reading(self._engine) as session:
            return records.last_event(session)

    def crops(self, person: int, *, limit: int = 100) -> tuple[StoredCrop, ...]:
        """Pictures of a person, the best first."""
        with reading(self._engine) as session:
            return records.crops(session, self._folder, people.current(session, person), limit)

    def crop(self, crop_id: int) -> StoredCrop | None:
        """One picture by `StoredCrop.id`; None when it is no more."""
        with reading(self._engine) as session:
            row = session.get(CropRow, crop_id)
            return None if row is None else records.crop_of(row, self._folder)

    def search(
        self, embedding: FloatArray, *, embedder: str, mean_person: FloatArray | None, limit: int = 10
    ) -> tuple[Match, ...]:
        """Who looks like a picture, best first; nobody when no looks are kept.

        Looks are compared as the tracker does it: those in the store around the mean person of the camera that saw
        them, the picture around the network's generic mean person, for nobody knows its camera.

        Args:
            embedding: `(D,)` of the picture.
            embedder: Of which network, see `embedder_name`.
            mean_person: `(D,)` see `Embedder.mean_person`; None compares looks as they are.
            limit: Most people.
        """
        with reading(self._engine) as session:
            best = search.best_likenesses(session, embedding, embedder, mean_person)[:limit]
            found = people.summaries(session, self._folder, [name for name, _, _ in best])
            return tuple(Match(found[name], alike, camera) for name, alike, camera in best if name in found)

    def rename(self, person: int, name: str | None) -> None:
        """Give a person a name, or take it away.

        Raises:
            StoreError: `person_unknown`.
        """
        with writing(self._engine) as session:
            number = corrections.known(session, person)
            row = session.get(IdentityRow, number) or IdentityRow(id=number)
            row.name = name or None
            session.add(row)

    def merge(self, keep: int, gone: int) -> Correction:
        """Make one person of two; `gone` is `keep` from now on.

        Raises:
            StoreError: `person_unknown`, or `correction_invalid`.
        """
        with writing(self._engine) as session:
            return corrections.merge(session, keep, gone, self._now_unix_s())

    def split(self, person: int, at_unix_s: float) -> Correction:
        """Make two people of one: who is seen at the time or later is somebody new, `other_id`.

        Raises:
            StoreError: `person_unknown`, or `correction_invalid`.
        """
        with writing(self._engine) as session:
            return corrections.split(session, person, at_unix_s, self._now_unix_s())

    def keep_apart(self, one: int, other: int) -> Correction:
        """Say that two are two people, so that nothing makes one of them.

        Raises:
            StoreError: `person_unknown`, or `correction_invalid`.
        """
        with writing(self._engine) as session:
            return corrections.keep_apart(session, one, other, self._now_unix_s())

    def undo(self, correction_id: int) -> Correction:
        """Take a correction back; nothing happens when it was.

        Raises:
            StoreError: `correction_unknown`.
        """
        with writing(self._engine) as session:
            return corrections.undo(session, correction_id, self._now_unix_s())

    def forget(self, number: int) -> Erased:
        """Erase a person from the store and from the results folders of its jobs; see `Erased.left` for what remains.

        Raises:
            StoreError: `person_unknown`.
        """
        erased = retention.forget(self._engine, self._folder, number, self._now_unix_s())
        if erased is None:
            raise StoreError(f"forget: nobody has the number {number} (any more)", code="person_unknown")
        return erased

    def purge(self, config: StoreConfig) -> Erased:
        """Remove what is older than the settings allow."""
        return retention.purge(self._engine, self._folder, config, self._now_unix_s())

    def delete_job(self, job_id: str, *, with_results: bool = False) -> Erased:
        """Remove a job that is over from the store; its results folder and the looks of people stay.

        Args:
            job_id: The job.
            with_results: Its results folder is to go next: make sure that no other process writes there.

        Raises:
            StoreError: `job_unknown`, or `job_not_over` or `output_in_use`: another process runs it, or one that
                writes into its folder.
        """
        now_unix_s = self._now_unix_s()
        erased = retention.delete_job(self._engine, self._folder, job_id, now_unix_s, with_results=with_results)
        if erased is None:
            raise StoreError(f"store: there is no job {job_id}", code="job_unknown")
        return erased

    def mark_interrupted(self) -> list[str]:
        """Enter the end of jobs whose process died; returns their names. For when a service starts."""
        with writing(self._engine) as session:
            return job_log.mark_interrupted(session, self._now_unix_s())

    def corrections(self, *, undone: bool = False) -> tuple[Correction, ...]:
        """All corrections by hand, oldest first, with those that were taken back or without."""
        with reading(self._engine) as session:
            return corrections.made(session, undone=undone)
