"""A camera comes back and shows another time: whom looks tell apart keep their ids, wherever they seem to stand."""

from __future__ import annotations

import numpy as np
import pytest

from association.standing import Metres, Standing
from config import IdentityConfig
from entities import NOBODY, CameraId, CameraTracks, FloatArray
from identity_gallery import IdentityGallery
from tests.builders import CAM1, CAM2, box, camera_tracks, look, unit
from tests.walkers import FixedRuler, walk

FPS = 6.0
PEOPLE = range(4)
MEAN_PERSON: FloatArray = np.asarray(0.7 * look(0, 64), np.float32)
PX_PER_M = 50.0


class OneFloor(FixedRuler):
    """Both cameras look straight down at one floor."""

    def distances_m(self, first: Standing, second: Standing) -> Metres | None:
        return np.asarray(np.linalg.norm(first.feet_xy[:, None] - second.feet_xy, axis=2) / PX_PER_M)


def tracks(camera: CameraId, frame: int, shown_s: float, first_track: int) -> CameraTracks:
    """Everybody, where he was at that time; a camera that comes back begins all tracks anew."""
    rows = []
    for person in PEOPLE:
        x, y = walk(person, np.array([shown_s]))[0].tolist()
        seen = unit(list(MEAN_PERSON + 0.6 * look(10 + person, 64, noise=0.5, seed=frame + 1000 * (camera == CAM2))))
        rows.append((first_track + person, box(320.0 + PX_PER_M * x, 240.0 + PX_PER_M * y, 40.0), seen))
    return camera_tracks(rows, frame, FPS, camera, 64)


def shown(away_s: float, late_s: float, seconds: float = 38.0) -> list[set[int]]:
    """The ids of each person in the last ten seconds; camera 2 goes at 20 s, and shows a time so much earlier then."""
    gallery = IdentityGallery(IdentityConfig(), (CAM1, CAM2), MEAN_PERSON, OneFloor())
    ids: list[set[int]] = [set() for _ in PEOPLE]
    for frame in range(round(seconds * FPS)):
        time_s = frame / FPS
        seen = [tracks(CAM1, frame, time_s, 1)]
        if not 20.0 <= time_s < 20.0 + away_s:
            back = time_s >= 20.0
            seen.append(tracks(CAM2, frame, time_s - late_s * back, 11 if back else 1))
        names, _ = gallery.observe(time_s, seen)
        for of_camera in names if time_s >= seconds - 10.0 else []:
            for person, name in enumerate(of_camera.tolist()):
                ids[person].add(name)
    return ids


@pytest.mark.parametrize(
    ("away_s", "late_s"),
    [
        pytest.param(4.0, 9.0, id="away-and-another-time"),
        pytest.param(0.0, 9.0, id="another-time-all-of-a-sudden"),
    ],
)
def test_ids_are_kept(away_s: float, late_s: float) -> None:
    ids = shown(away_s, late_s)
    assert all(len(of_person) == 1 for of_person in ids)
    assert len(set.union(*ids) - {NOBODY}) == len(PEOPLE)
