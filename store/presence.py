"""Who came into which camera's view, and who left: events that follow from what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from entities import HANDED_OVER, LEFT, NOBODY, CameraId, GlobalId, RoundResult

LEFT_AFTER_S: Final = 5.0
"""Who has not been seen by any camera for so long has left."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody handed over or gone.

    Attributes:
        time_s: Media time; of who left, when last seen.
        kind: `HANDED_OVER` or `LEFT`.
        person: Who.
        camera: By which camera seen, now or last.
        reason: For people.
    """

    time_s: float
    kind: str
    person: GlobalId
    camera: CameraId
    reason: str


class Presence:
    """Knows who is in view of which camera; belongs to one thread."""

    def __init__(self) -> None:
        self._seen_s: dict[GlobalId, dict[CameraId, float]] = {}

    def add(self, result: RoundResult) -> list[Passage]:
        """Take a round; what it brings about."""
        out: list[Passage] = []
        for frame in result.frames:
            for person in frame.global_ids[frame.observed].tolist():
                if person != NOBODY:
                    out += self._enter(GlobalId(person), frame.camera_id, frame.timestamp_s)
        return out + self.leave(result.timestamp_s - LEFT_AFTER_S)

    def leave(self, before_s: float) -> list[Passage]:
        """Let go of everybody last seen before a time."""
        out = []
        for person, cameras in list(self._seen_s.items()):
            camera, last_s = max(cameras.items(), key=lambda item: item[1])
            if last_s < before_s:
                del self._seen_s[person]
                out.append(Passage(last_s, LEFT, person, camera, f"last seen in {camera}"))
        return out

    def merge(self, gone: GlobalId, heir: GlobalId) -> None:
        """Two people are one: nobody leaves, nobody is handed over."""
        for camera, seen_s in self._seen_s.pop(gone, {}).items():
            cameras = self._seen_s.setdefault(heir, {})
            cameras[camera] = max(seen_s, cameras.get(camera, seen_s))

    def _enter(self, person: GlobalId, camera: CameraId, now_s: float) -> list[Passage]:
        cameras = self._seen_s.setdefault(person, {})
        new = bool(cameras) and camera not in cameras
        before = max(cameras, key=lambda name: cameras[name]) if new else camera
        cameras[camera] = now_s
        if not new:
            return []
        return [Passage(now_s, HANDED_OVER, person, camera, f"from {before}")]
