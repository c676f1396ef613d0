"""What outlives the jobs, as the service holds it: the store, and who is told what is new in it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from notify import Message, Target
from notify.notifier import Notifier
from store.store import Store
from store.upkeep import Upkeep
from web.event_watch import EventWatch
from web.people_bodies import EventBody
from web.settings import ServerSettings

logger = logging.getLogger(__name__)

BATCH: Final = 100


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
        """Let go of everything."""
        self.events.stop()
        for notifier in self.notifiers:
            notifier.stop()
        if self._upkeep is not None:
            self._upkeep.stop()
        self.store.close()

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
