"""Pictures of people while a job runs: the best few of each track, each in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from entities import NOBODY, CameraId, FrameResult, GlobalId, LocalId, TrackedRound
from errors import OutputError
from sinks.crops import BETTER, LOOK_EVERY_S, MAX_A_ROUND, crop_qualities, encode_crop
from sinks.results_folder import writing
from store.batch import Picture

SPACING_S: Final = 2.0
"""Pictures of one track are at least this far apart."""
A_TRACK: Final = 3
"""Pictures of one track; a person has many tracks."""
FORGET_S: Final = 60.0
"""Tracks unseen for so long get no more pictures."""
Key = tuple[CameraId, LocalId, int]


@dataclass(slots=True)
class _Track:
    """The pictures of a track.

    Attributes:
        seen_s: Media time of its latest box.
        identity: Who it is.
        kept: Its pictures.
    """

    seen_s: float
    identity: GlobalId
    kept: list[Picture]


class CropFiles:
    """Chooses and writes pictures; belongs to one thread. A disk that is full costs pictures, nothing else.

    Args:
        root: The store's folder.
        job_id: Pictures go to a folder of this name in it.
        on_note: Takes a line for people.
    """

    def __init__(self, root: Path, job_id: str, on_note: Callable[[str], None]) -> None:
        self._root = root
        self._job_id = job_id
        self._on_note = on_note
        self._tracks: dict[tuple[CameraId, LocalId], _Track] = {}
        self._next_look_s: dict[CameraId, float] = {}
        self._new: dict[Key, Picture] = {}
        self._replaced: list[Key] = []
        self._failing = False

    def add(self, tracked: TrackedRound) -> None:
        """Take a round: learn who is who, and keep the pictures that are worth it."""
        images = {frame.camera_id: frame.image_bgr for frame in tracked.round.frames}
        wanted: list[tuple[Picture, NDArray[np.float32]]] = []
        for result in tracked.result.frames:
            self._learn(result)
            if result.timestamp_s >= self._next_look_s.get(result.camera_id, 0.0):
                self._next_look_s[result.camera_id] = result.timestamp_s + LOOK_EVERY_S
                wanted += self._candidates(result, images[result.camera_id])
        best = sorted(wanted, key=lambda item: -item[0].quality)[:MAX_A_ROUND]
        for picture, box in best:
            self._keep(picture, images[picture.camera], box)

    def take(self, now_s: float) -> tuple[list[Picture], list[Key]]:
        """What is new since the last time, and what is no more.

        Args:
            now_s: Media time.
        """
        new, replaced = list(self._new.values()), self._replaced
        self._new, self._replaced = {}, []
        self._tracks = {key: track for key, track in self._tracks.items() if now_s - track.seen_s <= FORGET_S}
        return new, replaced

    def _learn(self, result: FrameResult) -> None:
        for local_id, name in zip(result.local_ids.tolist(), result.global_ids.tolist(), strict=True):
            key = (result.camera_id, LocalId(local_id))
            track = self._tracks.setdefault(key, _Track(0.0, NOBODY, []))
            track.seen_s = result.timestamp_s
            if track.identity == NOBODY != name:
                track.kept = [replace(each, identity=GlobalId(name)) for each in track.kept]
                self._new.update({_key(each): each for each in track.kept})
            track.identity = GlobalId(name)

    def _candidates(
        self, result: FrameResult, image: NDArray[np.uint8]
    ) -> Iterator[tuple[Picture, NDArray[np.float32]]]:
        height, width = image.shape[:2]
        qualities = crop_qualities(result.boxes_xyxy, result.scores, (width, height))
        for row in np.flatnonzero((qualities > 0) & result.observed).tolist():
            local_id, frame = LocalId(int(result.local_ids[row])), result.frame_index
            path = f"{self._job_id}/{result.camera_id}-{local_id}-{frame}.jpg"
            name = GlobalId(int(result.global_ids[row]))
            picture = Picture(result.camera_id, local_id, frame, result.timestamp_s, float(qualities[row]), path, name)
            rival = self._rival(picture)
            if rival is None or picture.quality > BETTER * rival.quality:
                yield picture, result.boxes_xyxy[row]

    def _rival(self, picture: Picture) -> Picture | None:
        """The picture that has to give way to this one; None while there is room."""
        kept = self._tracks[picture.camera, picture.local_id].kept
        near = [each for each in kept if abs(each.time_s - picture.time_s) < SPACING_S]
        if not near and len(kept) < A_TRACK:
            return None
        return min(near or kept, key=lambda each: each.quality)

    def _keep(self, picture: Picture, image: NDArray[np.uint8], box: NDArray[np.float32]) -> None:
        rival = self._rival(picture)
        try:
            self._write(self._root / picture.path, encode_crop(image, box))
        except OutputError as error:
            if not self._failing:
                self._on_note(f"store: no pictures of people for now: {error.message}")
            self._failing = True
            return
        self._failing = False
        kept = self._tracks[picture.camera, picture.local_id].kept
        kept.append(picture)
        self._new[_key(picture)] = picture
        if rival is not None:
            kept.remove(rival)
            self._new.pop(_key(rival), None)
            self._replaced.append(_key(rival))
            (self._root / rival.path).unlink(missing_ok=True)

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        with writing(path):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            except OSError:
                path.unlink(missing_ok=True)
                raise


def _key(picture: Picture) -> Key:
    return picture.camera, picture.local_id, picture.frame


def remove_files(root: Path, paths: Iterable[str]) -> list[str]:
    """Remove pictures; returns a line for people about each that could not be removed."""
    left = []
    for path in paths:
        try:
            (root / path).unlink(missing_ok=True)
        except OSError as error:
            left.append(f"{root / path}: {error.strerror or error}")
    return left
