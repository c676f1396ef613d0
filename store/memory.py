"""What a running job has of the store: a place to write, and how its end gets in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from acquaintances import Acquaintances
from buffers import LatestValue
from by_hand import ByHand
from config import TrackingConfig
from entities import GlobalId
from errors import StoreError, TrackingError
from multi_camera_tracker import Looks
from recording import RecordingHeader
from store import job_log
from store.batch import Batch
from store.crop_files import CropFiles, remove_files
from store.engine import folder_of, parse_url, writing
from store.fingerprint import embedder_name
from store.history import write_history
from store.looks import NOTHING, LooksLearnt, acquaintances
from store.resolving import Resolver
from store.retention import DAY_S
from store.schema import JobRow
from store.sink import StoreSink
from store.store import Store
from store.writer import Writer
from store.writing import BatchRows, JobKey
from store_settings import StoreConfig


def open_store(config: StoreConfig) -> Store | None:
    """The store that settings ask for; None when they ask for none.

    Raises:
        StoreError: `store_url`, or `store_unavailable`.
    """
    if not config.url:
        return None
    return Store.open(config.url, config.crops_folder or folder_of(parse_url(config.url)))


def check_store(config: StoreConfig) -> None:
    """Say early whether the store can be used; a SQLite file is made.

    Raises:
        StoreError: `store_url`, or `store_unavailable`.
    """
    store = open_store(config)
    if store is not None:
        store.close()


@dataclass(frozen=True, slots=True)
class JobFacts:
    """What is known of a job when it begins.

    Attributes:
        job_id: Its name; another is found when there was a job of this name.
        header: What holds for the whole job.
        results: Its results folder, if it has one.
    """

    job_id: str
    header: RecordingHeader
    results: Path | None = None


def begin_memory(config: StoreConfig, facts: JobFacts, on_note: Callable[[str], None]) -> JobMemory | None:
    """A job's place in the store that settings ask for; None when they ask for none.

    Raises:
        StoreError: `store_unavailable`.
    """
    store = open_store(config)
    if store is None:
        return None
    try:
        return JobMemory(store, config, facts, on_note)
    except BaseException:
        store.close()
        raise


class JobMemory:
    """One job's entry in a store. Once begun nothing of it fails the job.

    Args:
        store: Where to; closed at the end.
        config: What may be kept.
        facts: What is known of the job.
        on_note: Takes a line for people.
        now_unix_s: The wall clock, replaceable in tests.

    Attributes:
        known: Whom the job knows from before, and from which number on it counts.

    Raises:
        StoreError: `store_unavailable`.
    """

    def __init__(
        self,
        store: Store,
        config: StoreConfig,
        facts: JobFacts,
        on_note: Callable[[str], None],
        now_unix_s: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._on_note = on_note
        self._now_unix_s = now_unix_s
        begins_unix_s = now_unix_s()
        embedder = embedder_name(facts.header.models)
        with writing(store.engine) as session:
            job_log.mark_interrupted(session, begins_unix_s)
            taken = session.get(JobRow, facts.job_id) is not None
            name = f"{facts.job_id}-{secrets.token_hex(4)}" if taken else facts.job_id
            resolver = Resolver.read(session)
            self._key = JobKey(name, begins_unix_s, embedder)
            row = job_log.begin(session, self._key, facts.header.sources, facts.results)
            self._by_hand = LatestValue(resolver.by_hand(begins_unix_s, row.first_id))
            since_unix_s = begins_unix_s - config.embeddings_days * DAY_S
            known = acquaintances(session, self._key, GlobalId(row.first_id), since_unix_s)
        self.known = known if config.embeddings else Acquaintances(known.first_id)
        self._learnt = LooksLearnt() if config.embeddings else None
        self._crops = CropFiles(store.folder, name, on_note) if config.crops else None

    def sink(self, thread_name: str) -> StoreSink:
        """What takes the job's rounds; once."""
        writer = Writer(self.write, self._on_note, f"{thread_name}/store-writer")
        looks = self._learnt.take if self._learnt else lambda: NOTHING
        return StoreSink(writer, self._crops, looks, self._on_note)

    @staticmethod
    def remembering(config: TrackingConfig) -> TrackingConfig:
        """The job's settings with people known for as long as the store keeps their looks."""
        kept_s = config.store.embeddings_days * DAY_S
        identity = replace(config.identity, max_age_s=max(config.identity.max_age_s, kept_s))
        return replace(config, identity=identity)

    @property
    def by_hand(self) -> ByHand:
        """What was put right by hand, as of the last batch."""
        return self._by_hand.get()

    @property
    def names(self) -> Mapping[int, int]:
        """Who goes by another number by hand, as of the last batch."""
        return self.by_hand.links

    def learn(self, time_s: float, looks: Callable[[], Looks]) -> None:
        """See what is known of people's looks, if it is time again; in the tracker's thread.

        Args:
            time_s: Media time; infinite at the end.
            looks: Tells what is known.
        """
        if self._learnt is not None:
            self._learnt.offer(time_s, looks)

    def write(self, batch: Batch) -> None:
        """Write a batch; in the writer's thread.

        Raises:
            StoreError: It was not written.
        """
        with writing(self._store.engine) as session:
            rows = BatchRows(session, self._key, self._now_unix_s())
            self._by_hand.set(rows.by_hand)
            gone = rows.write(batch)
            if batch.segments is not None:
                gone += write_history(session, rows, self._key.job_id, batch.segments)
        for line in remove_files(self._store.folder, gone):
            self._on_note(f"store: {line}")

    def finish(self, outcome: str, error: TrackingError | None) -> None:
        """Enter how the job ended, and close the store."""
        try:
            with writing(self._store.engine) as session:
                job_log.finish(session, self._key.job_id, outcome, error, self._now_unix_s())
        except StoreError as failure:
            self._on_note(f"{failure.message}; the job's end is not in it")
        finally:
            self._store.close()
