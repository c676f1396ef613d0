"""From pixels to metres: lenses made straight, and the floor that a calibrated camera looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from association.standing import Metres, Points, Standing

Matrix = NDArray[np.float64]

FOOT_ERROR = 0.04
"""Feet are told to about this share of a box's height."""
MOST_BLUR_M = 1.5
"""Where that is more than this on the floor, the view is too flat there to tell where somebody stands."""
POSE_SLACK = 0.1
"""The axes of a homography may be this much out of true before it is no camera's."""
MOST_STEPS = 50
STRAIGHT = 1e-6
"""A lens is taken for inverted when no point is off by more than this (focal lengths)."""


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """A pinhole camera with radial and tangential distortion.

    The model is that of D. C. Brown, "Close-range camera calibration" (1971), with the rational radial term of D. Claus
    and A. Fitzgibbon (2005), coefficients in OpenCV's order.

    Attributes:
        camera_matrix: `(3, 3)` focal lengths and principal point, pixels.
        distortion: `(8,)` k1, k2, p1, p2, k3, k4, k5, k6.
    """

    camera_matrix: Matrix
    distortion: NDArray[np.float64]

    def straightened(self, points_xy: Points) -> Points:
        """Where points would be if the lens did not distort.

        Args:
            points_xy: `(N, 2)` pixels as seen.

        Returns:
            `(N, 2)` pixels, NaN where the lens model has no inverse.
        """
        focal = np.array([self.camera_matrix[0, 0], self.camera_matrix[1, 1]])
        centre = self.camera_matrix[:2, 2]
        seen = (points_xy - centre) / focal
        straight = seen.copy()
        with np.errstate(all="ignore"):  # points that run away are found out below
            for _ in range(MOST_STEPS):
                scale, shift = self._distortion_at(straight)
                off = np.abs(straight * scale + shift - seen).max(axis=1, initial=0.0)
                if (off <= STRAIGHT).all():
                    break
                straight = (seen - shift) / scale
        straight[~(off <= STRAIGHT)] = np.nan
        return np.asarray(straight * focal + centre)

    def _distortion_at(self, points: Points) -> tuple[Points, Points]:
        """Factor and shift that take straight points (focal lengths) to where they are seen."""
        k1, k2, p1, p2, k3, k4, k5, k6 = self.distortion
        x, y = points.T
        r2 = x * x + y * y
        scale = (1.0 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1.0 + r2 * (k4 + r2 * (k5 + r2 * k6)))
        shift = np.stack(
            [2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x), p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y], axis=1
        )
        return scale[:, None], shift


@dataclass(frozen=True, slots=True, eq=False)
class FloorView:
    """How a camera sees the floor.

    Attributes:
        floor_to_image: `(3, 3)` homography from `(x_m, y_m, 1)` to pixels of the straightened picture, not singular.
        size_px: Width and height of the picture; the middle of its lower edge shows floor.
        lens: None where the picture is straight.
    """

    floor_to_image: Matrix
    size_px: tuple[int, int]
    lens: Lens | None = None

    def locate(self, feet_xy: Points, heights_px: NDArray[np.float64]) -> tuple[Metres, NDArray[np.float64]]:
        """Where people stand, and how uncertain that is.

        Args:
            feet_xy: `(N, 2)` middle of the lower edge of each box, pixels of the original frame.
            heights_px: `(N,)` heights of the boxes.

        Returns:
            `(N, 2)` metres, NaN above the horizon and where the view is too flat to tell; and `(N,)` metres by which
            they are typically wrong.
        """
        straight = feet_xy if self.lens is None else self.lens.straightened(feet_xy)
        shift = np.column_stack([np.zeros(len(feet_xy)), FOOT_ERROR * heights_px])
        places, nearer, farther = self._on_floor(np.stack([straight, straight + shift, straight - shift]))
        blur_m = np.linalg.norm(nearer - farther, axis=1) / 2.0
        places[~(blur_m <= MOST_BLUR_M)] = np.nan
        return places, blur_m

    def _on_floor(self, points_xy: Points) -> Metres:
        """`(..., 2)` straightened pixels to `(..., 2)` metres, NaN above the horizon."""
        width, height = self.size_px
        inverse = np.linalg.inv(self.floor_to_image)
        mapped = points_xy @ inverse[:, :2].T + inverse[:, 2]
        side = np.sign(inverse[2] @ (width / 2.0, height, 1.0))
        depth = np.where(mapped[..., 2] * side > 0.0, mapped[..., 2], np.nan)
        return np.asarray(mapped[..., :2] / depth[..., None])


def camera_pose(view: FloorView) -> tuple[Points, Points] | None:
    """Where a camera hangs and where it looks, from how it sees the floor.

    The columns of a homography of a plane are two perpendicular axes of equal length and a shift, seen through the
    camera matrix (Z. Zhang, "A flexible new technique for camera calibration", 2000). Without a known lens, pixels are
    taken as square and the principal point as the middle of the picture, which leaves the focal length to be found.

    Returns:
        `(3,)` position, metres, height above the floor last, and `(3,)` direction of view, of length 1; None where
        the homography is not one of such a camera.
    """
    shifted = view.floor_to_image
    if view.lens is None:
        centre = np.array([[1.0, 0.0, -view.size_px[0] / 2.0], [0.0, 1.0, -view.size_px[1] / 2.0], [0.0, 0.0, 1.0]])
        focal_px = _focal_px(centre @ shifted)
        if focal_px is None:
            return None
        seen = np.diag([1.0 / focal_px, 1.0 / focal_px, 1.0]) @ centre @ shifted
    else:
        seen = np.linalg.inv(view.lens.camera_matrix) @ shifted
    lengths = np.linalg.norm(seen[:, :2], axis=0)
    if np.ptp(lengths) > POSE_SLACK * lengths.max() or abs(seen[:, 0] @ seen[:, 1]) > POSE_SLACK * lengths.prod():
        return None
    axes, _, shift = seen.T / lengths.mean()
    right, ahead = axes, seen[:, 1] / lengths.mean()
    up = np.cross(right, ahead)
    rotation = np.column_stack([right, ahead, up])
    position, forward = -rotation.T @ shift, rotation[2]
    return (position, forward) if position[2] > 0.0 else (position * (1.0, 1.0, -1.0), forward * (-1.0, -1.0, 1.0))


def _focal_px(seen: Matrix) -> float | None:
    """Focal length that makes the first two columns perpendicular and equally long, by least squares."""
    (x1, y1, z1), (x2, y2, z2) = seen[:, 0], seen[:, 1]
    of_pixels = np.array([x1 * x2 + y1 * y2, x1 * x1 + y1 * y1 - x2 * x2 - y2 * y2])
    of_depth = np.array([z1 * z2, z1 * z1 - z2 * z2])
    inverse_square, scale = -(of_pixels @ of_depth), of_pixels @ of_pixels
    return float((scale / inverse_square) ** 0.5) if inverse_square > 0.0 else None


class FloorRuler:
    """Measures on the calibrated floor.

    Args:
        views: How cameras see it, by number; of others it knows nothing.
    """

    def __init__(self, views: Mapping[int, FloorView]) -> None:
        self._views = dict(views)

    def watch(self, standings: Sequence[Standing]) -> None:
        """Nothing to learn."""

    def doubt(self, cameras: tuple[int, int], since_s: float) -> None:
        """Nothing was learnt."""

    def forget(self, slot: int) -> None:
        """Nothing was noted."""

    def proven_s(self, cameras: tuple[int, int]) -> float:
        """It was measured, not proven by people."""
        return -np.inf

    def distances_m(self, first: Standing, second: Standing) -> Metres | None:
        if first.camera not in self._views or second.camera not in self._views:
            return None
        here, _ = self._views[first.camera].locate(first.feet_xy, first.heights_px)
        there, _ = self._views[second.camera].locate(second.feet_xy, second.heights_px)
        return np.asarray(np.linalg.norm(here[:, None] - there, axis=2))
