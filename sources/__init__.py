"""Kinds of inputs behind two protocols: what holds its pictures already, and what sends them by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from video_file import Picture


class Opened(Protocol):
    """What every opened input tells of itself; belongs to one thread."""

    @property
    def fps(self) -> float:
        """Mean frames per second; a guess where nobody says."""

    @property
    def frames_total(self) -> int | None:
        """Pictures promised, None where it does not say or there is no end."""

    @property
    def duration_s(self) -> float | None:
        """Seconds promised, likewise."""

    @property
    def damaged(self) -> int:
        """Pictures lost so far because their data is damaged."""


class RecordedVideo(Opened, Protocol):
    """An opened input that waits to be read."""

    def pictures(self) -> Iterator[Picture]:
        """Every picture that can be decoded, in order; to be called once."""

    def shortfall(self) -> str | None:
        """One line when it ended well before its promised end; to be asked after the last picture."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class LivePicture:
    """One picture as it came.

    Attributes:
        image_bgr: `(H, W, 3)` uint8, not writeable; the size may change from one to the next.
        media_s: When it was taken by the sender's clock, which may jump; None when the sender does not say.
    """

    image_bgr: NDArray[np.uint8]
    media_s: float | None


class LiveStream(Opened, Protocol):
    """An opened input that sends by itself."""

    @property
    def endless(self) -> bool:
        """Whether its end is a fault, after which to connect anew."""

    @property
    def paced(self) -> bool:
        """Whether pictures come faster than they were taken and are to be held back until their time."""

    def pictures(self) -> Iterator[LivePicture]:
        """Pictures as they come, until the sender ends; to be called once.

        Raises:
            SourceError: The connection broke, or nothing came within the read timeout.
        """

    def close(self) -> None:
        """Let go of the connection."""
