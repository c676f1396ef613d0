"""What is said of a camera that shows nothing new, and when."""

from __future__ import annotations

import pytest

from entities import Source
from sinks.silence import Badge, Silence
from tests.builders import CAM1


@pytest.mark.parametrize(
    ("last_s", "state", "badge"),
    [
        pytest.param(None, "", Badge("WAITING", "no picture yet"), id="file-not-begun"),
        pytest.param(None, "connecting", Badge("CONNECTING", "no picture yet"), id="camera-not-reached"),
        pytest.param(None, "live", Badge("WAITING", "no picture yet"), id="camera-about-to-show"),
        pytest.param(9.5, "stalled", None, id="silent-for-just-so-long"),
        pytest.param(9.0, "", Badge("ENDED", "at 00:09.0"), id="file-that-promised-nothing"),
        pytest.param(1.0, "live", None, id="slow-and-live"),
        pytest.param(9.0, "stalled", Badge("STALLED", "since 00:09.0", True), id="stalled"),
        pytest.param(9.0, "reconnecting", Badge("RECONNECTING", "since 00:09.0", True), id="reconnecting"),
        pytest.param(9.0, "failed", Badge("FAILED", "since 00:09.0", True), id="failed"),
        pytest.param(9.0, "ended", Badge("ENDED", "at 00:09.0"), id="ended"),
    ],
)
def test_badge(last_s: float | None, state: str, badge: Badge | None) -> None:
    assert Silence(Source(CAM1, "cam1", (64, 48), 25.0)).badge(10.0, last_s, state) == badge


@pytest.mark.parametrize(("fps", "most_s"), [(25.0, 0.5), (5.0, 0.5), (2.0, 1.25)])
def test_a_slow_camera_may_be_silent_for_longer(fps: float, most_s: float) -> None:
    assert Silence(Source(CAM1, "cam1", (64, 48), fps)).most_s == most_s
