"""A pinhole camera in the hall: metres to pixels and back to rays.

World axes: x and y along the floor, z up, metres. Pixel (column i, row j) covers `[i, i+1) x [j, j+1)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

UP = np.array([0.0, 0.0, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """Where a camera hangs, where it looks and how it renders colour.

    Attributes:
        position_m: `(3,)` the optical centre.
        axes: `(3, 3)` rows are right, down and forward in world axes, each of length 1.
        focal_px: Focal length in pixels.
        size_px: Width and height of the picture.
        gain_bgr: `(3,)` brightness and white balance, factors of the colour channels.
    """

    position_m: Array
    axes: Array
    focal_px: float
    size_px: tuple[int, int]
    gain_bgr: Array

    @property
    def forward(self) -> Array:
        """`(3,)` the direction of view in world axes."""
        return np.asarray(self.axes[2])

    @property
    def floor_to_image(self) -> Array:
        """`(3, 3)` homography from `(x_m, y_m, 1)` on the floor to homogeneous pixels."""
        intrinsics = np.array(
            [
                [self.focal_px, 0.0, self.size_px[0] / 2],
                [0.0, self.focal_px, self.size_px[1] / 2],
                [0.0, 0.0, 1.0],
            ]
        )
        moved = -self.axes @ self.position_m
        return np.asarray(intrinsics @ np.column_stack([self.axes[:, 0], self.axes[:, 1], moved]))

    def project(self, points_m: Array) -> tuple[Array, Array]:
        """Pixels and depths of points in space.

        Args:
            points_m: `(N, 3)`.

        Returns:
            `(N, 2)` pixels, and `(N,)` metres along the direction of view; pixels mean nothing where that is <= 0.
        """
        seen = (points_m - self.position_m) @ self.axes.T
        depth = seen[:, 2]
        safe = np.where(depth > 0.0, depth, 1.0)
        centre = np.array(self.size_px) / 2
        return np.asarray(centre + self.focal_px * seen[:, :2] / safe[:, None]), np.asarray(depth)

    def rays(self, columns: Array, rows: Array) -> Array:
        """World directions through pixel positions, of depth 1 along the direction of view.

        Args:
            columns: `(W,)` horizontal pixel positions.
            rows: `(H,)` vertical pixel positions.

        Returns:
            `(H, W, 3)`.
        """
        right = (columns - self.size_px[0] / 2) / self.focal_px
        down = (rows - self.size_px[1] / 2) / self.focal_px
        return np.asarray(self.forward + right[None, :, None] * self.axes[0] + down[:, None, None] * self.axes[1])


def look_at(
    position_m: tuple[float, float, float],
    target_m: tuple[float, float, float],
    width_deg: float,
    size_px: tuple[int, int],
    gain_bgr: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Camera:
    """A level camera at a place that looks at another.

    Args:
        position_m: The optical centre.
        target_m: What it looks at; not straight above or below it.
        width_deg: Horizontal angle of view, degrees.
        size_px: Width and height of the picture.
        gain_bgr: See `Camera`.
    """
    position = np.array(position_m)
    forward = np.array(target_m) - position
    forward = forward / np.linalg.norm(forward)
    right = np.cross(forward, UP)
    right = right / np.linalg.norm(right)
    focal_px = size_px[0] / 2 / math.tan(math.radians(width_deg) / 2)
    axes = np.stack([right, np.cross(forward, right), forward])
    return Camera(position, axes, focal_px, size_px, np.array(gain_bgr))
