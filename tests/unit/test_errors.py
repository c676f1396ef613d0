"""Every error says what happened and carries a code that scripts may rely on."""

from __future__ import annotations

import inspect

import pytest

import errors
from errors import TrackingError

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, TrackingError) and kind.__module__ == errors.__name__
]

CODES = {
    "TrackingError": "tracking_error",
    "ConfigError": "config_invalid",
    "SourceError": "source_unreadable",
    "RecordingError": "recording_unreadable",
    "OutputError": "output_unwritable",
    "WeightsError": "weights_missing",
    "DeviceError": "device_unavailable",
    "JobError": "job_unknown",
    "StoreError": "store_url",
}


def test_the_codes_are_what_clients_know() -> None:
    assert {kind.__name__: kind.default_code for kind in KINDS} == CODES


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_carries_its_message_and_its_kinds_code(kind: type[TrackingError]) -> None:
    error = kind("cam1.mp4: no such file")
    assert (str(error), error.message, error.code) == (
        "cam1.mp4: no such file",
        "cam1.mp4: no such file",
        CODES[kind.__name__],
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_more_exact_code_wins_for_that_error_only(kind: type[TrackingError]) -> None:
    assert kind("x", code="source_missing").code == "source_missing"
    assert kind("x").code == kind.default_code


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_error_is_a_callers_bug(kind: type[TrackingError]) -> None:
    assert not issubclass(kind, (ValueError, TypeError, OSError))
