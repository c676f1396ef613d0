"""Kinds of inputs behind two protocols: what holds its pictures already, and what sends them by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from video_file import Picture


class RecordedVideo(Protocol):
    """An opened input that waits to be read; belongs to one thread."""

    @property
    def fps(self) -> float:
        """Mean frames per second."""

    @property
    def frames_total(self) -> int | None:
        """Pictures promised, None when it does not say."""

    @property
    def duration_s(self) -> float | None:
        """Seconds promised, None when it does not say."""

    @property
    def damaged(self) -> int:
        """Pictures lost so far because their data is damaged."""

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


class LiveStream(Protocol):
    """An opened input that sends by itself; belongs to one thread."""

    @property
    def fps(self) -> float:
        """Nominal frames per second; a guess where the sender does not say."""

    @property
    def frames_total(self) -> int | None:
        """Pictures promised, None where there is no end."""

    @property
    def duration_s(self) -> float | None:
        """Seconds promised, None where there is no end."""

    @property
    def endless(self) -> bool:
        """Whether its end is a fault, after which to connect anew."""

    @property
    def paced(self) -> bool:
        """Whether pictures come faster than they were taken and are to be held back until their time."""

    @property
    def damaged(self) -> int:
        """Pictures lost so far because their data is damaged."""

    def pictures(self) -> Iterator[LivePicture]:
        """Pictures as they come, until the sender ends; to be called once.

        Raises:
            SourceError: The connection broke, or nothing came within the read timeout.
        """

    def close(self) -> None:
        """Let go of the connection."""
