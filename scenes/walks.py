"""Where everyone walks and when: routes through the hall at walking pace, with pauses, exits and returns.

Routes are drawn one person after another; of many tries the first one that keeps clear of everyone already placed is
taken, so people cross in front of each other in the pictures but never walk through each other on the floor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenes.figure import Posture
from scenes.hall import Doorway, Hall, Point, Rectangle

Array = NDArray[np.float64]

STEP_S = 0.04
"""Walks are computed at this spacing and interpolated between."""
CLEARANCE_M = 0.65
TRIES = 60
ACCELERATION_M_S2 = 1.6
EASE_M = 0.5
"""Distance from a stop at which walkers slow down."""
TURN_RAD_S = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """One person's whereabouts at times `0, STEP_S, 2 STEP_S, …`.

    Attributes:
        places_m: `(T, 2)` points of the floor.
        headings_rad: `(T,)` without jumps of a full turn.
        walked_m: `(T,)` metres walked so far.
        speeds_m_s: `(T,)`.
    """

    places_m: Array
    headings_rad: Array
    walked_m: Array
    speeds_m_s: Array

    def at(self, time_s: float) -> Posture:
        """The posture at a time; the last one after the end."""
        step = min(time_s / STEP_S, len(self.walked_m) - 1.0)
        low = min(int(step), len(self.walked_m) - 2)
        part = step - low

        def between(values: Array) -> Array:
            return np.asarray(values[low] * (1 - part) + values[low + 1] * part)

        speed = float(between(self.speeds_m_s))
        return Posture(
            between(self.places_m),
            float(between(self.headings_rad)),
            float(between(self.walked_m)),
            min(speed / 0.9, 1.0),
        )


@dataclass(frozen=True, slots=True)
class _Stop:
    """A point of a route and how long one stays there."""

    point: Point
    pause_s: float = 0.0


def plan_walks(hall: Hall, count: int, duration_s: float, rng: np.random.Generator) -> tuple[Walk, ...]:
    """The walks of `count` people over `duration_s` seconds.

    Every second person is in the hall from the start, the others come in through a doorway in the first half.
    """
    walks: list[Walk] = []
    for number in range(count):
        best, best_gap = None, -1.0
        for _ in range(TRIES):
            walk = _walk(_route(hall, number, duration_s, rng), duration_s, float(rng.uniform(0.95, 1.45)))
            gap = min((_closest_m(walk, other, hall) for other in walks), default=math.inf)
            if best is None or gap > best_gap:
                best, best_gap = walk, gap
            if gap >= CLEARANCE_M:
                break
        if best is not None:
            walks.append(best)
    return tuple(walks)


def _closest_m(one: Walk, other: Walk, hall: Hall) -> float:
    """How close two people come while one of them is in the hall itself."""
    x = max(abs(box.high[0]) for box in hall.boxes) - 3.0
    inside = (np.abs(one.places_m[:, 0]) < x) & (np.abs(one.places_m[:, 1]) < 5.0)
    apart = np.hypot(*(one.places_m - other.places_m).T)
    return float(np.min(apart[inside], initial=np.inf))


def _route(hall: Hall, number: int, duration_s: float, rng: np.random.Generator) -> list[_Stop]:
    """Stops for more than `duration_s` of walking: about the hall, out, a while away, in again."""
    zone = int(rng.integers(len(hall.zones)))
    onward = 1 if number % 4 < 2 else -1
    stops: list[_Stop] = []
    if number % 2:
        door = _door_of_zone(hall, zone, rng)
        wait_s = float(rng.uniform(0.0, 0.45)) * duration_s
        stops = [_Stop(door.hidden, wait_s), _Stop(door.outside), _Stop(door.inside)]
    while len(stops) < 4 + duration_s / 2.0:
        for _ in range(int(rng.integers(2, 5)) if stops else 2):
            pause_s = float(rng.uniform(1.0, 3.0)) if rng.random() < 0.3 else 0.0
            stops.append(_Stop(_somewhere(hall.zones[zone], stops, rng), pause_s))
            if rng.integers(-1, 2) >= 0:  # two times in three on to the next zone, turning back at the last one
                onward = onward if 0 <= zone + onward < len(hall.zones) else -onward
                zone = min(max(zone + onward, 0), len(hall.zones) - 1)
        door = _door_of_zone(hall, zone, rng)
        away_s = float(rng.uniform(0.5, 3.0))
        stops += [
            _Stop(door.inside),
            _Stop(door.outside),
            _Stop(door.hidden, away_s),
            _Stop(door.outside),
            _Stop(door.inside),
        ]
    return stops


def _door_of_zone(hall: Hall, zone: int, rng: np.random.Generator) -> Doorway:
    """A doorway that can be reached from a zone: any of them in a hall of one zone, else that of the nearer end."""
    if len(hall.zones) == 1:
        return hall.doorways[int(rng.integers(len(hall.doorways)))]
    return hall.doorways[0 if zone < len(hall.zones) / 2 else 1]


def _somewhere(zone: Rectangle, stops: list[_Stop], rng: np.random.Generator) -> Point:
    """A point of a zone, not too close to the last stop."""
    point = (0.0, 0.0)
    for _ in range(8):
        point = (float(rng.uniform(zone[0], zone[2])), float(rng.uniform(zone[1], zone[3])))
        if not stops or math.dist(point, stops[-1].point) > 3.0:
            break
    return point


def _walk(stops: list[_Stop], duration_s: float, pace_m_s: float) -> Walk:
    line, halts = _rounded(stops)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    pauses = [(float(along[halt]), stop.pause_s) for halt, stop in zip(halts, stops, strict=True) if stop.pause_s > 0.0]
    walked, speeds = _paced(pauses, float(along[-1]), duration_s, pace_m_s)
    places = np.column_stack([np.interp(walked, along, line[:, axis]) for axis in (0, 1)])
    ahead = np.column_stack([np.interp(walked + 0.3, along, line[:, axis]) for axis in (0, 1)])
    behind = np.column_stack([np.interp(walked - 0.1, along, line[:, axis]) for axis in (0, 1)])
    headings = np.unwrap(np.arctan2(*(ahead - behind).T[::-1]))
    return Walk(places, _limited(headings), walked, speeds)


def _rounded(stops: list[_Stop], turns: int = 3) -> tuple[Array, list[int]]:
    """The route with its corners cut by Chaikin's rule, and for every stop the index of the nearest point."""
    corners = np.array([stop.point for stop in stops])
    line = corners
    for _ in range(turns):
        inner = np.stack([0.8 * line[:-1] + 0.2 * line[1:], 0.2 * line[:-1] + 0.8 * line[1:]], axis=1).reshape(-1, 2)
        line = np.concatenate([line[:1], inner, line[-1:]])
    per_stop = (len(line) - 1) / max(len(corners) - 1, 1)
    halts = []
    for i, corner in enumerate(corners):
        low = max(0, int((i - 0.5) * per_stop))
        near = line[low : int((i + 0.5) * per_stop) + 2]
        halts.append(low + int(np.argmin(np.hypot(*(near - corner).T))))
    return line, halts


def _paced(pauses: list[tuple[float, float]], end_m: float, duration_s: float, pace_m_s: float) -> tuple[Array, Array]:
    """Metres walked and speed at every step: slowing down before a pause, speeding up after it."""
    count = int(duration_s / STEP_S) + 2
    walked, speeds = np.zeros(count), np.zeros(count)
    waiting = list(pauses)
    place, rest_s = 0.0, 0.0
    speed = pace_m_s
    for step in range(count):
        target = waiting[0][0] if waiting else end_m
        left = target - place
        if rest_s > 0.0:
            rest_s -= STEP_S
            speed = 0.0
        elif left <= 0.02:
            rest_s = waiting.pop(0)[1] if waiting else math.inf
            speed = 0.0
        else:
            wanted = pace_m_s * max(min(left / EASE_M, 1.0), 0.12)
            speed = min(wanted, speed + ACCELERATION_M_S2 * STEP_S)
        walked[step], speeds[step] = place, speed
        place = min(place + speed * STEP_S, target)
    return walked, speeds


def _limited(headings: Array) -> Array:
    """Headings that turn no faster than a person does."""
    out = headings.copy()
    most = TURN_RAD_S * STEP_S
    for i in range(1, len(out)):
        out[i] = out[i - 1] + float(np.clip(headings[i] - out[i - 1], -most, most))
    return out
