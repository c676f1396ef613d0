"""What outlives the jobs, as the service holds it: the store, and who is told what is new in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Final

from errors import StoreError
from notify import Message, Target
from notify.notifier import Notifier
from store.store import Store
from store.upkeep import Upkeep
from web.event_watch import EventWatch
from web.people_bodies import EventBody
from web.settings import ServerSettings

logger = logging.getLogger(__name__)

BATCH: Final = 100
LAST_S: Final = 5.0
"""Seconds in which others are told what jobs wrote as the server stopped."""


class Memory:
    """The store, the watch over its events, and those who are told of them.

    Args:
        store: Closed at the end.
        targets: Who is told, and of which kinds (empty for all).
        upkeep: Removes what is too old; None leaves everything.
    """

    def __init__(
        self, store: Store, targets: Sequence[tuple[Target, Sequence[str]]] = (), upkeep: Upkeep | None = None
    ) -> None:
        self.store = store
        self._upkeep = upkeep
        self.events = EventWatch(store)
        self._targets = tuple(targets)
        self.notifiers: tuple[Notifier, ...] = ()

    def begin(self) -> None:
        """Enter the end of jobs whose process died, and begin to notice events."""
        for job_id in self.store.mark_interrupted():
            logger.info("job %s was interrupted: its process died", job_id)
        if self._upkeep is not None:
            self._upkeep.start()
        cursor = self.store.last_event()
        self.notifiers = tuple(Notifier(target, self._read, cursor, kinds=kinds) for target, kinds in self._targets)
        for notifier in self.notifiers:
            notifier.start()
            self.events.listen(notifier.tell)
        self.events.start()

    def end(self) -> None:
        """Tell what is left to be told, for a few seconds, and let go of everything."""
        self.events.stop()
        self._tell_the_last()
        deadline_s = time.monotonic() + LAST_S
        for notifier in self.notifiers:
            notifier.stop(max(0.0, deadline_s - time.monotonic()))
        if self._upkeep is not None:
            self._upkeep.stop()
        self.store.close()

    def _tell_the_last(self) -> None:
        """Jobs write events until they are over, and the watch looks now and then."""
        if not self.notifiers:
            return
        try:
            last = self.store.last_event()
        except StoreError as error:
            logger.warning("the last events are told to nobody: %s", error.message)
            return
        for notifier in self.notifiers:
            notifier.tell(last)

    def _read(self, cursor: int) -> list[Message]:
        events = self.store.events(after=cursor, limit=BATCH)
        return [
            Message(event.id, event.kind, EventBody.model_validate(event).model_dump_json().encode())
            for event in events
        ]


def targets(settings: ServerSettings) -> list[tuple[Target, Sequence[str]]]:
    """Where the operator wants events told, and of which kinds."""
    found: list[tuple[Target, Sequence[str]]] = []
    if settings.webhook is not None:
        from notify.webhook import Webhook

        found.append((Webhook(settings.webhook), settings.webhook.kinds))
    if settings.mqtt is not None:
        from notify.mqtt import Mqtt

        found.append((Mqtt(settings.mqtt), settings.mqtt.kinds))
    return found
