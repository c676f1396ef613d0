"""The whole program on a small rendered scene with weights-free models: no network, no GPU, no weights."""

from __future__ import annotations

import pytest

from scenes import RenderedScene, SceneSpec
from scenes.render import render_scene

WEIGHTS_FREE = {"detection": {"model": "motion"}, "reid": {"model": "colour"}}
FLAGS = ["--detector", "motion", "--embedder", "colour", "--no-window"]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> RenderedScene:
    """Two cameras, three people, four seconds."""
    spec = SceneSpec(cameras=2, people=3, duration_s=4.0, fps=10.0, size_px=(640, 360))
    return render_scene(spec, tmp_path_factory.mktemp("scene"))


@pytest.fixture(scope="session")
def long_videos(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Long enough not to be over before an interruption comes."""
    spec = SceneSpec(people=3, duration_s=30.0, fps=10.0, size_px=(320, 180))
    return [str(video) for video in render_scene(spec, tmp_path_factory.mktemp("long")).videos]
