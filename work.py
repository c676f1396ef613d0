"""What a job does, as far as a job knows: looked at beforehand, run, paused, stopped."""

from __future__ import annotations

from typing import Protocol

from telemetry import Progress


class Work(Protocol):
    """What a job does; a job knows no more of it than this."""

    def check(self) -> object:
        """Look at what can be looked at beforehand.

        Raises:
            TrackingError: The work cannot succeed.
        """

    def run(self) -> None:
        """Do the work; returns at its end or soon after `stop`.

        Raises:
            TrackingError: The work failed.
        """

    def stop(self) -> None:
        """Ask the work to end early; returns at once, may come at any time, any number of times."""

    def pause(self) -> None:
        """Halt after the round under way, until `resume` or `stop`; returns at once."""

    def resume(self) -> None:
        """Go on after `pause`; returns at once."""

    @property
    def progress(self) -> Progress:
        """How far the work is."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know although the work goes on."""

    @property
    def stopped(self) -> bool:
        """Whether the work was asked to end early."""
