"""Ctrl-C after networks came and went: the signal stack that OpenVINO brings must not go with them."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from openvino_models import CompiledNetwork
from runtimes import Runtime, openvino_core

pytestmark = pytest.mark.model


def tiny_network() -> CompiledNetwork:
    """A network that hands its pictures through as floats."""
    import openvino
    from openvino import opset13

    pictures = opset13.parameter([-1, 8, 8, 3], openvino.Type.u8)
    model = openvino.Model([opset13.convert(pictures, "f32")], [pictures])
    return CompiledNetwork(model, (8, 8), Runtime("openvino", "cpu", "f32", 1))


def test_a_signal_after_networks_came_and_went_in_any_order() -> None:
    networks = [tiny_network() for _ in range(3)]
    assert networks[0](np.ones((1, 8, 8, 3), np.uint8))[0].max() == 1.0
    for place in (0, 1, 0):
        del networks[place]
    taken: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: taken.append(number))
    try:
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert taken == [signal.SIGINT]


def test_there_is_one_core() -> None:
    assert openvino_core() is openvino_core()
