"""Tells other programs what happened; what goes wrong there never reaches a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """An event on its way out.

    Attributes:
        id: Its cursor; counts up, so that a receiver can tell a repetition.
        kind: E.g. `appeared`.
        body: JSON in UTF-8.
    """

    id: int
    kind: str
    body: bytes


class DeliveryError(Exception):
    """A message was not taken.

    Attributes:
        again: Whether it may be taken later.
    """

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


class Target(Protocol):
    """Where messages go. Belongs to one thread."""

    @property
    def name(self) -> str:
        """For people, without credentials."""

    def deliver(self, message: Message) -> None:
        """Hand over one message; returns once it was taken.

        Raises:
            DeliveryError: It was not, within a few seconds.
        """

    def close(self) -> None:
        """Let go of the connection, if there is one."""
