"""Finds people one round ahead, in a thread of its own, so that no core rests while the rest of a round is done."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from buffers import Buffer
from entities import Frame, FrameDetections, Round, RoundDetections
from pace import Pace
from perception import Detector
from thread_trace import NO_TRACE, ThreadTrace
from worker import Worker

AHEAD: Final = 1
"""Rounds that wait, looked at, for the rest; with one more under way more would only make what is shown later."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A round and the people in its pictures, not embedded yet.

    Attributes:
        round: The pictures.
        seen: What was found; no detections in the frames of a round that was passed over.
        seconds: What that took; None where it was passed over.
    """

    round: Round
    seen: RoundDetections
    seconds: float | None


class RoundDetector:
    """Looks at some or all rounds; one call of the detector for all cameras of a round.

    Args:
        detector: What finds people.
        pace: Says at which rounds.
        trace: Takes how long each look took.
    """

    def __init__(self, detector: Detector, pace: Pace, trace: ThreadTrace = NO_TRACE) -> None:
        self._detector = detector
        self._trace = trace
        self.pace = pace

    def look(self, round_: Round) -> Looked:
        """Find the people of a round, or pass it over."""
        seen = RoundDetections(round_.index, round_.timestamp_s, tuple(map(_unseen, round_.frames)))
        if not self.pace.looks_at(round_.index, round_.timestamp_s):
            return Looked(round_, seen, None)
        start_s = time.perf_counter()
        found = self._detector.detect(
            [frame.camera_id for frame in round_.frames], [frame.image_bgr for frame in round_.frames]
        )
        seconds = time.perf_counter() - start_s
        self._trace.add("detect", start_s, seconds)
        frames = tuple(replace(frame, detections=each) for frame, each in zip(seen.frames, found, strict=True))
        return Looked(round_, replace(seen, frames=frames), seconds)


class DetectAhead(Worker):
    """Hands out rounds in order, each looked at while the one before is still being worked on; iterate it once.

    What it hands out does not depend on how far ahead it is. A failure of the rounds or of the detector is raised where
    its round would have come.

    Args:
        rounds: The rounds; iterated in the thread.
        detector: Used in the thread only.
        name: Of the thread.
    """

    def __init__(self, rounds: Iterable[Round], detector: RoundDetector, name: str) -> None:
        super().__init__(self._run, name)
        self._rounds = rounds
        self._detector = detector
        self._ahead: Buffer[Looked] = Buffer(AHEAD)
        self._failure: Exception | None = None

    def __iter__(self) -> Iterator[Looked]:
        yield from self._ahead
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Hand out nothing more and return at once; the thread ends as soon as `rounds` lets it."""
        self._ahead.close()

    def _run(self) -> None:
        try:
            for round_ in self._rounds:
                start_s = time.perf_counter()
                looked = self._detector.look(round_)
                if not self._ahead.put(looked):
                    break
                self._detector.pace.took(time.perf_counter() - start_s, looked=looked.seconds is not None)
        except Exception as failure:  # noqa: BLE001 - raised again in the thread that iterates
            self._failure = failure
        finally:
            self._ahead.close()


def _unseen(frame: Frame) -> FrameDetections:
    return FrameDetections(frame.camera_id, frame.index, frame.timestamp_s, frame.size_px, None)
