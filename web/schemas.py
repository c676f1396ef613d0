"""What starting a job is asked and answers, and what errors look like; every field with its unit and an example."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from errors import TrackingError
from job import Status

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""What a file system and a database take: no NUL."""
FilePath = Annotated[Text, StringConstraints(min_length=1, max_length=4096)]
CameraId = Annotated[str, StringConstraints(min_length=1, max_length=48)]
Threshold = Annotated[float, Field(strict=True, ge=0.0, le=1.0, allow_inf_nan=False)]


class StartRequest(BaseModel):
    """A job to do: which videos, what to write, how strict to be. Paths are on the server."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "video1": "cam11.mp4",
                    "video2": "cam44.mp4",
                    "output": "output.avi",
                    "conf": 0.3,
                    "iou_thresh": 0.3,
                    "cos_thresh": 0.8,
                }
            ]
        },
    )

    video1: FilePath | None = Field(
        None, description="First camera: a video file, or the address of a camera", examples=["cam11.mp4"]
    )
    video2: FilePath | None = Field(
        None, description="Second camera: a video file, or the address of a camera", examples=["cam44.mp4"]
    )
    videos: list[FilePath] | None = Field(
        None,
        min_length=1,
        description="Any number of video files or addresses of cameras, one each; instead of `video1` and `video2`",
        examples=[["cam11.mp4", "cam44.mp4", "cam45.mp4"]],
    )
    cameras: list[CameraId] | None = Field(
        None,
        min_length=1,
        description="Cameras that the operator has named, see `GET /cameras`; instead of `videos`",
        examples=[["door", "hall"]],
    )
    realtime: Annotated[bool, Field(strict=True)] | None = Field(
        None, description="Read files at their own rate, as if they were cameras", examples=[False]
    )
    output: FilePath | None = Field(
        None, description="Annotated video to write, `.mp4` or `.avi`; none when absent", examples=["output.avi"]
    )
    results: FilePath | None = Field(
        None,
        description="Folder for the records; when absent, a folder named after the job under the server's results root",
        examples=["results/monday"],
    )
    conf: Threshold | None = Field(
        None, description="Boxes that score less than this are dropped, 0 to 1", examples=[0.3]
    )
    iou_thresh: Threshold | None = Field(
        None, description="Least overlap (IoU) of a predicted and a detected box, 0 to 1", examples=[0.3]
    )
    cos_thresh: Threshold | None = Field(
        None,
        description="Cosine two looks need to be one person, 0 to 1; when absent, calibrated per camera (better)",
        examples=[0.8],
    )
    calibration: FilePath | None = Field(
        None, description="JSON file of how each camera sees the floor", examples=["calibration.json"]
    )
    top_view: Annotated[bool, Field(strict=True)] | None = Field(
        None, description="Add a map of the floor to the annotated video; needs a calibration", examples=[False]
    )
    stride: Annotated[int, Field(strict=True, ge=1, le=100)] | None = Field(
        None, description="Look for people in every Nth round, 1 to 100", examples=[1]
    )
    max_seconds: Annotated[float, Field(strict=True, gt=0.0, allow_inf_nan=False)] | None = Field(
        None, description="Stop after this many seconds of video", examples=[60.0]
    )
    overwrite: Annotated[bool, Field(strict=True)] | None = Field(
        None, description="Replace outputs that exist", examples=[False]
    )
    device: Literal["auto", "cpu", "cuda"] | None = Field(None, description="Where the networks run", examples=["auto"])
    runtime: Literal["auto", "openvino", "torch"] | None = Field(
        None, description="What runs the networks", examples=["auto"]
    )

    @model_validator(mode="after")
    def _one_way_to_name_the_videos(self) -> Self:
        pair = [video for video in (self.video1, self.video2) if video is not None]
        if sum(map(bool, (pair, self.videos, self.cameras))) > 1:
            raise ValueError("give either `cameras`, or `videos`, or `video1` and `video2`, not both")
        if not self.videos and not self.cameras and len(pair) < 2:
            raise ValueError("give `video1` and `video2`, or `videos`, or `cameras`")
        return self

    @property
    def sources(self) -> list[str]:
        """The videos and addresses, in order; none where cameras are named."""
        return self.videos or [video for video in (self.video1, self.video2) if video is not None]

    def values(self) -> dict[str, Any]:
        """The request as nested configuration values; None where it says nothing."""
        return {
            "videos": self.sources,
            "live": {"realtime": self.realtime},
            "stride": self.stride,
            "max_seconds": self.max_seconds,
            "detection": {"conf": self.conf},
            "camera": {"iou_thresh": self.iou_thresh},
            "identity": {"cos_thresh": self.cos_thresh, "calibration": self.calibration},
            "runtime": {"device": self.device, "runtime": self.runtime},
            "output": {
                "video": self.output,
                "top_view": self.top_view,
                "results": self.results,
                "overwrite": self.overwrite,
            },
        }


class StartReply(BaseModel):
    """The job was accepted."""

    job_id: str = Field(description="The job's name", examples=["3f2a9c01"])
    message: str = Field(description="For people", examples=["tracking started"])
    status: Status = Field(description="`processing`, or `queued` behind other jobs", examples=["processing"])
    status_url: str = Field(description="Where to poll", examples=["/status?job_id=3f2a9c01"])


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable name for programs", examples=["source_missing"])
    message: str = Field(
        description="One line for people: what was tried, with which value, what to do",
        examples=["video cam11.mp4: no such file; check the path"],
    )

    @classmethod
    def of(cls, error: TrackingError) -> Self:
        """The error as answered."""
        return cls(code=error.code, message=error.message)


class ErrorReply(BaseModel):
    """Every answer that is not a success looks like this."""

    error: ErrorBody = Field(description="What went wrong")
