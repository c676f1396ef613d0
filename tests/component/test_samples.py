"""Pictures of a clip: spread over it, the same every time, and none of them for both purposes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detection.samples import as_seen, evenly, samples_of
from errors import SourceError
from tests.clips import make_clip, read_stamp

PIXELS = 160 * 96


@pytest.mark.parametrize(
    ("count", "most", "want"),
    [
        pytest.param(0, 4, [], id="nothing"),
        pytest.param(1, 4, [0], id="one"),
        pytest.param(4, 4, [0, 1, 2, 3], id="exactly-as-many"),
        pytest.param(5, 4, [0, 2, 4], id="one-too-many"),
        pytest.param(8, 4, [0, 2, 4, 6], id="every-second"),
        pytest.param(9, 4, [0, 4, 8], id="every-fourth"),
        pytest.param(7, 2, [0, 4], id="two"),
    ],
)
def test_evenly(count: int, most: int, want: list[int]) -> None:
    assert evenly(iter(range(count)), most) == want


def test_samples_of_a_clip(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "cam.mp4", frames=40)
    setting, judging = samples_of(str(clip), 10, PIXELS)
    assert [read_stamp(image) for image in setting] == [0, 8, 16, 24, 32]
    assert [read_stamp(image) for image in judging] == [4, 12, 20, 28, 36]


def test_pictures_come_as_large_as_the_network_sees_them() -> None:
    assert as_seen(np.zeros((1080, 1920, 3), np.uint8), 384 * 640).shape == (378, 672, 3)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        pytest.param("absent.mp4", "source_missing", id="absent"),
        pytest.param("rtsp://camera/1", "source_unreadable", id="a-camera-sends-by-itself"),
    ],
)
def test_what_is_no_recorded_clip_is_refused(source: str, code: str) -> None:
    with pytest.raises(SourceError, match=source) as raised:
        samples_of(source, 10, PIXELS)
    assert raised.value.code == code
