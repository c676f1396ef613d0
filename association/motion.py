"""Where a box will be: four independent constant-velocity Kalman filters on centre, width and height.

A stiff filter with noise in units of the box height, as in ByteTrack (Zhang et al. 2022), but in seconds: the
velocity is a random walk, so the growth of doubt does not depend on the frame rate. All functions take one box
or, with a leading axis, many at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

# In box heights; identity study, part 1, step 1: a stiff filter wins.
VELOCITY_WALK = np.array([0.7, 0.7, 0.3, 0.3])
"""Standard deviation the velocity of cx, cy, w, h gains per square root of a second."""
START_VELOCITY_STD = np.array([0.8, 0.3, 0.2, 0.2])
"""How fast a new box may be moving, per second."""
MEASURE_STD = 0.1
"""Standard deviation of a detected side or centre, for a score of 0.5 and nobody near."""
FADE_RATE = -15.0 * math.log(0.8)
"""Rate at which width and height stop changing while nobody sees the box: the study's 0.8 a frame at 15 fps."""
MIN_SIDE_PX = 4.0
"""A predicted box never shrinks below this, or it could match nothing again."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """What is known of the place of one box, or of many with a leading axis.

    Attributes:
        state: `(..., 5, 4)` for each of cx, cy, w, h (last axis): value in pixels, velocity in pixels a second,
            variance of the value, covariance of value and velocity, variance of the velocity.
    """

    state: NDArray[np.float64]

    @property
    def box_cxcywh(self) -> NDArray[np.float64]:
        """`(..., 4)` the box."""
        return self.state[..., 0, :]

    @property
    def velocity(self) -> NDArray[np.float64]:
        """`(..., 4)` its change, pixels a second."""
        return self.state[..., 1, :]

    @property
    def spread(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """`(..., 4)` each: variance of the value, its covariance with the velocity, variance of the velocity."""
        return self.state[..., 2, :], self.state[..., 3, :], self.state[..., 4, :]


def begin(box_cxcywh: Array) -> Motion:
    """The motion of a box seen for the first time: standing still, for all we know.

    Args:
        box_cxcywh: `(..., 4)` pixels, height at least 1.
    """
    height = box_cxcywh[..., 3:]
    state = np.zeros((*box_cxcywh.shape[:-1], 5, 4))
    state[..., 0, :] = box_cxcywh
    state[..., 2, :] = (MEASURE_STD * height) ** 2
    state[..., 4, :] = (START_VELOCITY_STD * height) ** 2
    return Motion(state)


def predict(motion: Motion, dt_s: float, unseen: NDArray[np.bool_] | bool) -> Motion:
    """The motion `dt_s` later.

    Args:
        motion: As of now.
        dt_s: Seconds ahead, at least 0.
        unseen: `(...)` True for boxes that were not detected when last looked for: they keep their size.

    Returns:
        The moved box and the grown doubt; width and height at least `MIN_SIDE_PX`.
    """
    box, velocity, variance, cross, velocity_variance = _parts(motion)
    moved = box + dt_s * velocity
    np.maximum(moved[..., 2:], MIN_SIDE_PX, out=moved[..., 2:])
    kept = velocity.copy()
    kept[..., 2:] *= np.where(unseen, math.exp(-FADE_RATE * dt_s), 1.0)[..., None]
    walk = (VELOCITY_WALK * np.maximum(box[..., 3:], 1.0)) ** 2 * dt_s
    # the integral of white acceleration noise over dt: Bar-Shalom et al. 2001, section 6.2.2
    grown = variance + dt_s * (2 * cross + dt_s * velocity_variance) + walk * (dt_s**2 / 3)
    grown_cross = cross + dt_s * velocity_variance + walk * (dt_s / 2)
    return _motion(moved, kept, grown, grown_cross, velocity_variance + walk)


def measurement_std(height: Array, score: Array, overlap: Array) -> NDArray[np.float64]:
    """How far a detected box may be off, in pixels.

    Args:
        height: `(...)` height of the detected box, pixels.
        score: `(...)` its score in [0, 1].
        overlap: `(...)` share of it that another box covers, in [0, 1]: crowded boxes are cut wrongly.
    """
    return np.asarray(MEASURE_STD * np.maximum(height, 1.0) * (1.5 - score) * (1.0 + 2.0 * overlap), np.float64)


def update(motion: Motion, box_cxcywh: Array, std_px: Array) -> Motion:
    """The motion after seeing the box.

    Args:
        motion: As predicted for the moment of the measurement.
        box_cxcywh: `(..., 4)` the detected box, pixels.
        std_px: `(...)` its standard deviation, see `measurement_std`.
    """
    box, velocity, variance, cross, velocity_variance = _parts(motion)
    total = variance + np.asarray(std_px)[..., None] ** 2
    gain, velocity_gain = variance / total, cross / total
    surprise = box_cxcywh - box
    return _motion(
        box + gain * surprise,
        velocity + velocity_gain * surprise,
        variance - gain * variance,
        cross - gain * cross,
        velocity_variance - velocity_gain * cross,
    )


def _parts(motion: Motion) -> NDArray[np.float64]:
    """`(5, ..., 4)` the five numbers one after the other: long inner loops."""
    return np.ascontiguousarray(motion.state.swapaxes(0, -2))


def _motion(*parts: NDArray[np.float64]) -> Motion:
    return Motion(np.array(parts).swapaxes(0, -2))


def replay(motion: Motion, last_box: Array, found_box: Array, *, gap_s: float, steps: int, std_px: float) -> Motion:
    """Mend a filter that coasted, by feeding it the straight line between the boxes before and after the gap.

    This is the observation-centric re-update of OC-SORT (Cao et al. 2023, section 3.2).

    Args:
        motion: As of the last hit before the gap.
        last_box: `(4,)` box of that hit, centre, width and height.
        found_box: `(4,)` box that ends the gap.
        gap_s: Seconds between the two.
        steps: Looks since the last hit, this one included; at least 1.
        std_px: Standard deviation of every virtual box.
    """
    for step in range(1, steps + 1):
        motion = predict(motion, gap_s / steps, unseen=False)
        motion = update(motion, last_box + (found_box - last_box) * (step / steps), np.asarray(std_px))
    return motion
