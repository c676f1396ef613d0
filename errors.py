"""What can go wrong on purpose: each error says what was tried, with which value, and what to do."""

from __future__ import annotations


class TrackingError(Exception):
    """An expected failure with a stable machine-readable code.

    Attributes:
        code: Short snake_case name that scripts and API clients may rely on, e.g. `source_missing`.
        message: One line for a person: what was tried, with which value, what to do.
    """

    default_code = "tracking_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code


class ConfigError(TrackingError):
    """A setting is unknown, malformed or out of range."""

    default_code = "config_invalid"


class SourceError(TrackingError):
    """An input video cannot be used: missing, a directory, empty, not a video, given twice."""

    default_code = "source_unreadable"


class RecordingError(TrackingError):
    """A recording of detections cannot be replayed: missing, not a recording, damaged."""

    default_code = "recording_unreadable"


class OutputError(TrackingError):
    """A result cannot be written: exists, is an input, no such folder, no permission, disk full."""

    default_code = "output_unwritable"


class WeightsError(TrackingError):
    """Model weights are missing, damaged, of another network, or cannot be fetched."""

    default_code = "weights_missing"


class DeviceError(TrackingError):
    """A device or runtime was asked for that this machine does not have."""

    default_code = "device_unavailable"


class JobError(TrackingError):
    """A request about a job cannot be met: unknown id, queue full, already over."""

    default_code = "job_unknown"


class StoreError(TrackingError):
    """The store cannot do what was asked: a bad URL, a database that does not answer, nobody of that number."""

    default_code = "store_url"
