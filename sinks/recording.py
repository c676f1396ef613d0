"""Writes what association saw of a job, round by round, for `replay`."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from entities import IdentityEvent, Segment, TrackedRound
from recording import END_MARK, RecordingHeader, encode_header, encode_round
from sinks.results_folder import GrowingFile


class Recorder:
    """A recording that grows by whole rounds, so that it can be replayed however the job ends.

    Args:
        path: An existing file is replaced.
        header: What holds for the whole job.
    """

    name = "recording"
    required = True

    def __init__(self, path: Path, header: RecordingHeader) -> None:
        self._path = path
        self._header = header
        self._numbers = {camera: number for number, camera in enumerate(header.camera_ids)}

    def __enter__(self) -> Self:
        self._file = GrowingFile(self._path)
        try:
            self._file.append(encode_header(self._header))
        except Exception:
            self._file.close()
            raise
        return self

    def write(self, tracked: TrackedRound) -> None:
        """Record a round.

        Raises:
            OutputError: `disk_full` or `output_unwritable`; what was recorded before stays whole.
        """
        self._file.append(encode_round(tracked.detections, self._numbers))

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        """Mark the end: the recording is whole, also when the job was stopped early.

        Raises:
            OutputError: As `write`.
        """
        self._file.append(END_MARK)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
