"""What a running job has of the store: a place to write, and how its end gets in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from entities import GlobalId
from errors import StoreError, TrackingError
from recording import RecordingHeader
from store import job_log
from store.batch import Batch
from store.crop_files import CropFiles, remove_files
from store.engine import folder_of, parse_url, writing
from store.fingerprint import embedder_name
from store.history import write_history
from store.schema import JobRow
from store.sink import NO_LOOKS, StoreSink
from store.store import Store
from store.writer import Writer
from store.writing import BatchRows, JobKey
from store_settings import StoreConfig


def open_store(config: StoreConfig) -> Store | None:
    """The store that settings ask for; None when they ask for none.

    Raises:
        StoreError: `store_url`, or `store_unavailable`.
    """
    if config.url is None:
        return None
    return Store.open(config.url, config.crops_folder or folder_of(parse_url(config.url)))


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


class JobMemory:
    """One job's entry in a store. Once begun nothing of it fails the job.

    Args:
        store: Where to; closed at the end.
        config: What may be kept.
        facts: What is known of the job.
        on_note: Takes a line for people.
        now_unix_s: The wall clock, replaceable in tests.

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
            self._key = JobKey(name, begins_unix_s, embedder)
            row = job_log.begin(session, self._key, facts.header.sources, facts.results)
            self.first_id = GlobalId(row.first_id)
        self._crops = CropFiles(store.folder, name, on_note) if config.crops else None

    def sink(self, thread_name: str) -> StoreSink:
        """What takes the job's rounds; once."""
        writer = Writer(self.write, self._on_note, f"{thread_name}/store-writer")
        return StoreSink(writer, self._crops, lambda: NO_LOOKS, self._on_note)

    def write(self, batch: Batch) -> None:
        """Write a batch; in the writer's thread.

        Raises:
            StoreError: It was not written.
        """
        with writing(self._store.engine) as session:
            rows = BatchRows(session, self._key, self._now_unix_s())
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
