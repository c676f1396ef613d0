"""A few good pictures of every person: gathered per track while a job runs, dealt out to people at its end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from entities import NOBODY, CameraId, FloatArray, FrameResult, TrackedRound
from sinks.results_folder import writing
from sinks.rows import LabelRows, Rows

GOOD_HEIGHT_PX = 256.0
"""A person this high on the picture shows all that a crop can show."""
MIN_HEIGHT_PX = 16.0
MAX_HEIGHT_PX = 384
"""Taller crops are made smaller."""
BORDER_PX = 2.0
CUT_OFF = 0.3
"""What a crop that touches the picture's border is worth, as a share of an equal one that does not."""
SPACING_S = 0.5
"""Crops of one track are at least this far apart."""
BETTER = 1.15
"""A crop gives way to one this many times as good, so that a slow approach is not stored frame by frame."""
LOOK_EVERY_S = 0.15
"""A camera's people are looked at this often; who is in view for less has no identity anyway."""
MAX_A_ROUND = 4
"""Most crops encoded in one round, so that a crowd that comes in at once does not hold up the records."""
AGAIN_S = 2.0
"""Two crops of one camera nearer than this tell little more than one."""
JPEG_QUALITY = 90


def crop_qualities(boxes_xyxy: FloatArray, scores: FloatArray, size_px: tuple[int, int]) -> FloatArray:
    """How well each person of one frame can be seen.

    Args:
        boxes_xyxy: `(N, 4)` everybody in the frame.
        scores: `(N,)` in [0, 1].
        size_px: Width and height of the frame.

    Returns:
        `(N,)` in [0, 1]: the product of score, height, being whole and the share that no other box covers; 0 for boxes
        too small to show anything.
    """
    x1, y1, x2, y2 = boxes_xyxy.T
    height = y2 - y1
    size = np.minimum(height / GOOD_HEIGHT_PX, 1.0) * (height >= MIN_HEIGHT_PX) * (x2 - x1 >= MIN_HEIGHT_PX / 4)
    cut = (x1 < BORDER_PX) | (y1 < BORDER_PX) | (x2 > size_px[0] - BORDER_PX) | (y2 > size_px[1] - BORDER_PX)
    covered = np.zeros(len(scores))
    if len(scores) > 1:
        wide = np.minimum(x2[:, None], x2) - np.maximum(x1[:, None], x1)
        high = np.minimum(y2[:, None], y2) - np.maximum(y1[:, None], y1)
        shared = wide.clip(0) * high.clip(0)
        np.fill_diagonal(shared, 0.0)
        covered = shared.max(axis=1) / np.maximum((x2 - x1) * height, 1.0)
    return np.asarray(scores * size * np.where(cut, CUT_OFF, 1.0) * (1.0 - covered), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """A stored crop.

    Attributes:
        row: `(1,)` the person in that frame.
        camera: Where.
        time_s: When.
        quality: See `crop_qualities`.
    """

    row: Rows
    camera: CameraId
    time_s: float
    quality: float

    @property
    def track(self) -> tuple[CameraId, int]:
        """Whose crop, as long as nobody knows the person."""
        return self.camera, int(self.row["local_id"][0])


@dataclass(frozen=True, slots=True)
class DealtCrop:
    """A crop in its last place.

    Attributes:
        path: Relative to the results folder.
        camera: Where.
        time_s: When.
    """

    path: str
    camera: CameraId
    time_s: float


class CropStore:
    """The best crops of every track, at most a few a track, as JPEG files in a folder of its own.

    Args:
        folder: A folder that this store makes, and removes when closed.
        per_person: Most crops of a track, and of a person in the end; 0 keeps none.

    Raises:
        OutputError: The folder or a crop cannot be written.
    """

    def __init__(self, folder: Path, per_person: int) -> None:
        self._folder = folder
        self._per_person = per_person
        self._tracks: dict[tuple[CameraId, int], list[Crop]] = {}
        self._next_look_s: dict[CameraId, float] = {}
        with writing(folder):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()

    def offer(self, tracked: TrackedRound, rows: Rows) -> None:
        """Look at a round and store the crops that are worth it: people without any first, then the best.

        Args:
            tracked: The round.
            rows: Its people, from `rows_of`.
        """
        if not self._per_person:
            return
        pictures = {frame.camera_id: frame.image_bgr for frame in tracked.round.frames}
        wanted = [crop for crop in self._candidates(tracked.result.frames, pictures, rows) if self._is_wanted(crop)]
        for crop in sorted(wanted, key=lambda crop: (crop.track in self._tracks, -crop.quality))[:MAX_A_ROUND]:
            self._store(crop, pictures[crop.camera])

    def deal(self, label: LabelRows, folder: Path) -> dict[int, list[DealtCrop]]:
        """Move the best crops of every person to `<folder>/<id>/<camera>-<time>.jpg` and drop the rest.

        Returns:
            Each person's crops, best first.

        Raises:
            OutputError: They cannot be moved.
        """
        people: dict[int, list[Crop]] = {}
        for crop in (crop for crops in self._tracks.values() for crop in crops):
            people.setdefault(int(label(crop.row)[0]), []).append(crop)
        self._tracks = {}
        dealt: dict[int, list[DealtCrop]] = {}
        for person in sorted(people.keys() - {NOBODY}):
            home = folder / str(person)
            with writing(home):
                home.mkdir(parents=True, exist_ok=True)
                for crop in best_mix(people[person], self._per_person):
                    path = home / f"{crop.camera}-{crop.time_s:09.3f}.jpg"
                    os.replace(self._path(crop), path)
                    name = path.relative_to(folder.parent).as_posix()
                    dealt.setdefault(person, []).append(DealtCrop(name, crop.camera, crop.time_s))
        self.close()  # on a full disk this makes room for the files that follow
        return dealt

    def close(self) -> None:
        """Remove the store; may be called twice."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _candidates(
        self, results: Sequence[FrameResult], pictures: Mapping[CameraId, NDArray[np.uint8]], rows: Rows
    ) -> Iterator[Crop]:
        start = 0
        for result in results:
            end = start + len(result)
            if result.timestamp_s >= self._next_look_s.get(result.camera_id, 0.0):
                self._next_look_s[result.camera_id] = result.timestamp_s + LOOK_EVERY_S
                yield from self._crops_of(result, pictures[result.camera_id], rows[start:end])
            start = end

    @staticmethod
    def _crops_of(result: FrameResult, picture: NDArray[np.uint8], rows: Rows) -> Iterator[Crop]:
        height, width = picture.shape[:2]
        qualities = crop_qualities(result.boxes_xyxy, result.scores, (width, height))
        for i in np.flatnonzero((qualities > 0) & result.observed).tolist():
            yield Crop(rows[i : i + 1], result.camera_id, result.timestamp_s, float(qualities[i]))

    def _weakest_rival(self, crop: Crop) -> Crop | None:
        """The crop that has to give way to this one; None while there is room.

        Near ones in time compete with each other first, so that the room does not fill up within a moment.
        """
        kept = self._tracks.get(crop.track, [])
        near = [item for item in kept if abs(item.time_s - crop.time_s) < SPACING_S]
        if not near and len(kept) < self._per_person:
            return None
        return min(near or kept, key=lambda item: item.quality)

    def _is_wanted(self, crop: Crop) -> bool:
        rival = self._weakest_rival(crop)
        return rival is None or crop.quality > BETTER * rival.quality

    def _store(self, crop: Crop, picture: NDArray[np.uint8]) -> None:
        rival = self._weakest_rival(crop)
        path = self._path(crop)
        with writing(path):
            try:
                path.write_bytes(encode_crop(picture, crop.row["box"][0]))
            except OSError:
                path.unlink(missing_ok=True)
                raise
        kept = self._tracks.setdefault(crop.track, [])
        # the row alone, not a view that keeps the rows of its whole round alive
        kept.append(replace(crop, row=crop.row.copy()))
        if rival is not None:
            kept.remove(rival)
            self._path(rival).unlink(missing_ok=True)

    def _path(self, crop: Crop) -> Path:
        return self._folder / f"{crop.camera}-{crop.row['local_id'][0]}-{crop.row['frame'][0]}.jpg"


def best_mix(crops: Sequence[Crop], count: int) -> list[Crop]:
    """The best crops of a person, spread over cameras and time: each next one is the best of what it adds.

    A crop counts less the more of its camera are chosen, and half when one of its camera is of nearly the same time.
    """
    left, chosen = list(crops), list[Crop]()
    while left and len(chosen) < count:
        best = max(left, key=lambda crop: crop.quality * _novelty(crop, chosen))
        left.remove(best)
        chosen.append(best)
    return chosen


def _novelty(crop: Crop, chosen: Sequence[Crop]) -> float:
    same = [item for item in chosen if item.camera == crop.camera]
    again = any(abs(item.time_s - crop.time_s) < AGAIN_S for item in same)
    return (0.5 if again else 1.0) / (1 + len(same))


def encode_crop(picture: NDArray[np.uint8], box_xyxy: FloatArray) -> bytes:
    """The part of a picture in a box as JPEG.

    Args:
        picture: `(H, W, 3)` uint8.
        box_xyxy: `(4,)` pixels; what lies outside the picture is left out.
    """
    height, width = picture.shape[:2]
    x1, y1 = np.floor(box_xyxy[:2]).astype(int).clip(0, (width - 1, height - 1))
    x2, y2 = np.ceil(box_xyxy[2:]).astype(int).clip((x1 + 1, y1 + 1), (width, height))
    crop = picture[y1:y2, x1:x2]
    if len(crop) > MAX_HEIGHT_PX:
        size = (max(1, round(crop.shape[1] * MAX_HEIGHT_PX / len(crop))), MAX_HEIGHT_PX)
        crop = np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
    encoded, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not encoded:
        raise ValueError(f"a crop of {crop.shape[1]}x{crop.shape[0]} px could not be encoded")
    return data.tobytes()
