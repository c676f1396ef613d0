"""What can be set of a job's cameras, and of how those that send by themselves are read."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, PlainSerializer
from pydantic.dataclasses import dataclass

from address import redacted

STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=False)

SourceText = Annotated[str, Field(min_length=1, max_length=4096), PlainSerializer(redacted, when_used="json")]
"""A path, a URL or a webcam; written into no file with its credentials."""


@dataclass(frozen=True, config=STRICT)
class LiveConfig:
    """How cameras that send by themselves are read. Times are seconds of the wall clock."""

    transport: Annotated[Literal["tcp", "udp"], Field(description="How RTSP cameras send their pictures")] = "tcp"
    open_timeout_s: Annotated[
        float, Field(ge=0.1, le=60.0, description="A camera that has not answered by then counts as not reached")
    ] = 5.0
    read_timeout_s: Annotated[
        float, Field(ge=0.1, le=60.0, description="After this long without a picture the connection is made anew")
    ] = 5.0
    stall_s: Annotated[
        float, Field(ge=0.05, le=60.0, description="After this long without a picture a camera counts as stalled")
    ] = 2.0
    retry_s: Annotated[
        float, Field(ge=0.01, le=60.0, description="Pause before the first new connection; it doubles each time")
    ] = 0.5
    retry_max_s: Annotated[float, Field(ge=0.01, le=3600.0, description="Longest pause between connections")] = 30.0
    give_up_s: Annotated[
        float | None,
        Field(gt=0.0, le=604800.0, description="A camera not reached for this long has failed; unset: never"),
    ] = None
    skew_s: Annotated[
        float, Field(ge=0.0, le=5.0, description="Pictures of different cameras this close together are one instant")
    ] = 0.05
    realtime: Annotated[bool, Field(description="Read files at their own rate, as if they were cameras")] = False
    loop: Annotated[bool, Field(description="Begin again at the end of files read at their own rate")] = False
    folder_fps: Annotated[
        float, Field(gt=0.0, le=1000.0, description="Pictures a second that a folder of pictures stands for")
    ] = 25.0
    wait_at_start: Annotated[
        bool, Field(description="Start also while not one camera can be reached, and wait for them")
    ] = False


@dataclass(frozen=True, config=STRICT)
class CameraConfig:
    """One camera of a job."""

    source: Annotated[SourceText, Field(description="A path, a URL or a webcam")] = field(repr=False)
    id: Annotated[
        str | None,
        Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,47}$", description="Name in files; unset: after the source"),
    ] = None
    name: Annotated[str, Field(max_length=100, description="Name for people")] = ""
    username_env: Annotated[str | None, Field(min_length=1, description="Variable that holds the user's name")] = None
    password_env: Annotated[str | None, Field(min_length=1, description="Variable that holds the password")] = None
    calibration: Annotated[Path | None, Field(description="JSON file of how this camera sees the floor")] = None
    stride: Annotated[
        int, Field(ge=1, le=100, description="Take every Nth picture of this camera, as if it sent fewer")
    ] = 1
