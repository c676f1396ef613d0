"""Finds people some rounds ahead, in threads of its own, so that no core rests while the rest of a round is done."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final

from buffers import Buffer
from entities import Frame, FrameDetections, Round, RoundDetections
from pace import Pace
from perception import Detector
from shared_networks import InTurn
from thread_trace import NO_TRACE, ThreadTrace
from worker import Worker

AHEAD: Final = 1
"""Rounds that may wait, looked at, for the rest, beside those under way; more would only make what is shown later."""


def room(at_once: int, stride: int) -> int:
    """How many rounds may be begun and not yet taken, so that every thread that looks has a round to look at.

    Args:
        at_once: Threads that look.
        stride: Every how many rounds there is one to look at.
    """
    return AHEAD + at_once * stride


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

    Attributes:
        pace: Says at which rounds.
        at_once: Threads that may call `look` at the same time.

    Args:
        detector: What finds people.
        pace: Says at which rounds.
        trace: Takes how long each look took.
    """

    def __init__(self, detector: Detector, pace: Pace, trace: ThreadTrace = NO_TRACE) -> None:
        self._detector = detector
        self._trace = trace
        self.pace = pace
        self.at_once = detector.at_once

    def wants(self, round_: Round) -> bool:
        """Whether to look at the next round; to be asked once for each, in order."""
        return self.pace.looks_at(round_.index, round_.timestamp_s)

    def look(self, round_: Round, *, wanted: bool) -> Looked:
        """Find the people of a round, or pass it over."""
        seen = RoundDetections(round_.index, round_.timestamp_s, tuple(map(_unseen, round_.frames)))
        if not wanted:
            return Looked(round_, seen, None)
        start_s = time.perf_counter()
        found = self._detector.detect(
            [frame.camera_id for frame in round_.frames], [frame.image_bgr for frame in round_.frames]
        )
        seconds = time.perf_counter() - start_s
        self._trace.add("detect", start_s, seconds)
        frames = tuple(replace(frame, detections=each) for frame, each in zip(seen.frames, found, strict=True))
        return Looked(round_, replace(seen, frames=frames), seconds)


class DetectAhead:
    """Hands out rounds in order, each looked at while those before are still being worked on; iterate it once.

    What it hands out does not depend on how far ahead it is. A failure of the rounds or of the detector is raised where
    its round would have come.

    Args:
        rounds: The rounds; no two threads iterate them at the same time.
        detector: Used in as many threads as it allows.
        name: Of the threads.
    """

    def __init__(self, rounds: Iterable[Round], detector: RoundDetector, name: str) -> None:
        self.name = name
        self._rounds = InTurn(iter(rounds))
        self._detector = detector
        self._ahead: Buffer[Future[Looked | None]] = Buffer(room(detector.at_once, detector.pace.stride))
        self._eyes = [Worker(self._run, f"{name}-{number}") for number in range(1, detector.at_once + 1)]

    def start(self) -> None:
        """Begin; to be called once."""
        for eye in self._eyes:
            eye.start()

    def __iter__(self) -> Iterator[Looked]:
        try:
            for place in self._ahead:
                looked = place.result()
                if looked is None:
                    return
                start_s = time.perf_counter()
                yield looked
                cost_s = cost(looked, time.perf_counter() - start_s, self._detector.at_once)
                self._detector.pace.took(cost_s, looked=looked.seconds is not None)
        finally:
            self._ahead.close(discard=True)

    def stop(self) -> None:
        """Look at nothing more and return at once; the threads end as soon as `rounds` lets them."""
        self._ahead.close()

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads to end; True when they have, or were never started."""
        deadline_s = time.monotonic() + timeout_s
        return all(eye.join(max(0.0, deadline_s - time.monotonic())) for eye in self._eyes)

    def _run(self) -> None:
        while (begun := self._begin()) is not None:
            round_, wanted, place = begun
            try:
                place.set_result(self._detector.look(round_, wanted=wanted))
            except Exception as failure:  # noqa: BLE001 - raised again in the thread that iterates
                place.set_exception(failure)

    def _begin(self) -> tuple[Round, bool, Future[Looked | None]] | None:
        """The next round, whether to look at it, and its place among those handed out; None after the last."""
        with self._rounds.taken() as rounds:
            place: Future[Looked | None] = Future()
            if not self._ahead.put(place):
                return None
            try:
                round_ = next(rounds, None)
            except Exception as failure:  # noqa: BLE001 - as above
                place.set_exception(failure)
                self._ahead.close()
                return None
            if round_ is None:
                place.set_result(None)
                self._ahead.close()
                return None
            return round_, self._detector.wants(round_), place


def cost(looked: Looked, held_s: float, at_once: int) -> float:
    """Seconds a round by which rounds come out: those of the slower of two parts that work at the same time.

    Args:
        looked: A round.
        held_s: What was done with it afterwards took so long.
        at_once: Rounds that are looked at at the same time.
    """
    return max((looked.seconds or 0.0) / at_once, held_s)


def _unseen(frame: Frame) -> FrameDetections:
    return FrameDetections(frame.camera_id, frame.index, frame.timestamp_s, frame.size_px, None)
