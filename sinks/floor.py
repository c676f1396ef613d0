"""`floor.csv`: where everybody stood on the floor, in metres, by who they are as finally corrected."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from association.geometry import FloorView
from association.iou import hidden_shares
from association.standing import Metres, feet_of, shows_feet
from calibration import FloorViews
from entities import NOBODY, CameraId, FrameResult, IdentityEvent, IntArray, RoundResult, Segment, TrackedRound
from errors import OutputError
from sinks.results_folder import replacing, writing
from sinks.rows import Corrected, History, LabelRows, Rows, RowSpool, as_shown

FLOOR: Final = "floor.csv"
SPOOL: Final = ".floor.part"
HEADER: Final = "time_s,id,x_m,y_m\n"

SURE_SCORE = 0.3
"""Boxes that score less hide nobody."""
WINDOW_S = 0.4
"""A place is smoothed over this much before and after it: less than two steps of a walk."""
CALM = 0.02
"""Keeps a way through few points from being drawn too steep; a share of the window's."""

PLACE: np.dtype[Any] = np.dtype(
    [
        ("round", np.int32),
        ("time_s", np.float64),  # of the frame
        ("camera", np.uint16),  # position in the job's camera order
        ("frame", np.int32),  # from 0
        ("local_id", np.int32),
        ("global_id", np.int32),  # as shown, 0 for nobody
        ("place_m", np.float32, (2,)),
        ("weight", np.float32),
    ]
)


def places_of(result: FrameResult, view: FloorView) -> tuple[Metres, NDArray[np.float64]]:
    """Where the people of a frame stand.

    Args:
        result: What was found in it.
        view: How its camera sees the floor.

    Returns:
        `(N, 2)` metres and `(N,)` how much each counts beside what other cameras say: by the visible share of the
        box and by how exactly the view tells; 0 where the feet do not show.
    """
    boxes = result.boxes_xyxy.astype(np.float64)
    _, occlusion = hidden_shares(boxes, np.asarray(result.scores >= SURE_SCORE))
    places_m, blur_m = view.locate(*feet_of(boxes))
    tells = shows_feet(boxes, result.observed, occlusion, view.size_px[1]) & np.isfinite(places_m).all(axis=1)
    weight = (1.0 - occlusion) / np.maximum(blur_m, 0.01) ** 2
    return places_m, np.where(tells, weight, 0.0)


class Places(NamedTuple):
    """The people of a round on the floor, each once.

    Attributes:
        time_s: Media time.
        ids: `(N,)` who.
        places_m: `(N, 2)` metres.
        weights: `(N,)` how much each is worth.
    """

    time_s: float
    ids: IntArray
    places_m: Metres
    weights: NDArray[np.float64]


class FloorRecord:
    """Writes `floor.csv` into the results folder when the job ends.

    Without a corrected history (the job died) it is made of what was shown.

    Args:
        cameras: In the job's camera order.
        views: How they see the floor.
        folder: The results folder; made when it is not there.
    """

    name = "floor"
    required = True

    def __init__(self, cameras: Sequence[CameraId], views: FloorViews, folder: Path) -> None:
        self._numbers = {camera: number for number, camera in enumerate(cameras)}
        self._views = views
        self._folder = folder
        self._concluded = False

    def __enter__(self) -> Self:
        with writing(self._folder):
            self._folder.mkdir(exist_ok=True)
            (self._folder / FLOOR).unlink(missing_ok=True)
        self._spool = RowSpool(self._folder / SPOOL, PLACE)
        return self

    def write(self, tracked: TrackedRound) -> None:
        """Remember where everybody is.

        Raises:
            OutputError: `disk_full` or `output_unwritable`.
        """
        self._spool.append(place_rows(tracked.result, self._numbers, self._views))

    def finish(self, segments: tuple[Segment, ...], events: tuple[IdentityEvent, ...] = ()) -> None:
        """Write the file by the corrected history.

        Raises:
            OutputError: `disk_full` or `output_unwritable`.
        """
        self._concluded = True
        self._conclude(Corrected(segments, self._numbers))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._concluded:
                # after a failure the first error counts, and a full disk may well refuse this too
                with suppress(OutputError) if error else nullcontext():
                    self._conclude(as_shown)
        finally:
            self._spool.close()

    def _conclude(self, label: LabelRows) -> None:
        with replacing(self._folder / FLOOR) as file:
            file.write(HEADER.encode())
            for round_ in smoothed(by_round(History(self._spool, label))):
                file.write(floor_lines(round_).encode())


def place_rows(result: RoundResult, numbers: Mapping[CameraId, int], views: FloorViews) -> Rows:
    """The places of a round, camera by camera; whose feet do not show is left out.

    Args:
        result: What the tracker says about the round.
        numbers: Position of every camera in the job's camera order.
        views: How cameras see the floor.
    """
    parts = [np.empty(0, PLACE)]
    for frame in result.frames:
        if frame.camera_id not in views:
            continue
        places_m, weights = places_of(frame, views[frame.camera_id])
        part = np.empty(len(frame), PLACE)
        part["round"], part["time_s"], part["frame"] = result.index, frame.timestamp_s, frame.frame_index
        part["camera"] = numbers[frame.camera_id]
        part["local_id"], part["global_id"] = frame.local_ids, frame.global_ids
        part["place_m"], part["weight"] = places_m, weights
        parts.append(part[weights > 0.0])
    return np.concatenate(parts)


def by_round(history: Iterable[tuple[Rows, IntArray]]) -> Iterator[Places]:
    """Everybody who is somebody once a round, at the mean of the places that cameras tell.

    Args:
        history: Rows of `PLACE` in order of rounds, and who each is. A round may be spread over two pieces.
    """
    rest, rest_ids = np.empty(0, PLACE), np.empty(0, np.int64)
    for rows, ids in history:
        rest, rest_ids = np.concatenate([rest, rows[ids != NOBODY]]), np.concatenate([rest_ids, ids[ids != NOBODY]])
        starts = np.flatnonzero(np.diff(rest["round"], prepend=-1))
        for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            yield fused(rest[start:end], rest_ids[start:end])
        last = int(starts[-1]) if len(starts) else 0
        rest, rest_ids = rest[last:], rest_ids[last:]
    if len(rest):
        yield fused(rest, rest_ids)


def fused(rows: Rows, ids: IntArray) -> Places:
    """The places of one round, at least one, each person's once."""
    people, person = np.unique(ids, return_inverse=True)
    weights = np.zeros(len(people))
    np.add.at(weights, person, rows["weight"])
    shares = rows["weight"] / weights[person]
    places = np.zeros((len(people), 2))
    np.add.at(places, person, shares[:, None] * rows["place_m"])
    return Places(float(rows["time_s"].min()), people, places, weights)


def smoothed(rounds: Iterable[Places]) -> Iterator[Places]:
    """The same rounds with every way a little smoothed, by what is within `WINDOW_S` before and after."""
    around: deque[Places] = deque()
    waiting: deque[Places] = deque()
    for round_ in rounds:
        while waiting and round_.time_s - waiting[0].time_s > WINDOW_S:
            yield _smooth(waiting.popleft(), around)
        around.append(round_)
        waiting.append(round_)
        while around[0].time_s < waiting[0].time_s - WINDOW_S:
            around.popleft()
    while waiting:
        yield _smooth(waiting.popleft(), around)


def _smooth(round_: Places, around: Iterable[Places]) -> Places:
    """A straight way is fitted to what is around; the nearer in time the more it counts (Cleveland 1979)."""
    near = [other for other in around if abs(other.time_s - round_.time_s) <= WINDOW_S]
    since = np.concatenate([np.full(len(other.ids), other.time_s - round_.time_s) for other in near]) / WINDOW_S
    same = round_.ids[:, None] == np.concatenate([other.ids for other in near])
    weight = same * np.concatenate([other.weights for other in near]) * (1.0 - 0.9 * np.abs(since) ** 3) ** 3
    places = np.concatenate([other.places_m for other in near])
    total, first, second = weight.sum(axis=1), weight @ since, weight @ since**2 + CALM * weight.sum(axis=1)
    mean, slope = weight @ places, (weight * since) @ places
    level = (second[:, None] * mean - first[:, None] * slope) / (total * second - first**2)[:, None]
    return round_._replace(places_m=level)


def floor_lines(places: Places) -> str:
    """The lines of a round, in order of ids."""
    rows = zip(places.ids.tolist(), places.places_m.tolist(), strict=True)
    return "".join(f"{places.time_s:.3f},{name},{x:.3f},{y:.3f}\n" for name, (x, y) in rows)
