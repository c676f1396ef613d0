"""The options of the commands: how they are spelt, bounded and explained, and which setting each one is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer


def share(text: str) -> float:
    """A number from 0 to 1.

    Raises:
        typer.BadParameter: It is none.
    """
    value = _number(text)
    if not 0.0 <= value <= 1.0:
        raise typer.BadParameter(f"{text} is not from 0 to 1")
    return value


def positive(text: str) -> float:
    """A number above 0.

    Raises:
        typer.BadParameter: It is none.
    """
    value = _number(text)
    if not 0.0 < value < math.inf:
        raise typer.BadParameter(f"{text} is not above 0")
    return value


def step(text: str) -> int:
    """A whole number from 1 to 100.

    Raises:
        typer.BadParameter: It is none.
    """
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise typer.BadParameter(f"{text} is not a whole number from 1 to 100")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number") from None


Videos = Annotated[
    list[str] | None,
    typer.Argument(metavar="VIDEO", help="Video files, URLs or webcams, one a camera.", show_default=False),
]
Video1 = Annotated[
    str | None, typer.Option(metavar="FILE", help="First camera; the same as the first VIDEO.", show_default=False)
]
Video2 = Annotated[
    str | None, typer.Option(metavar="FILE", help="Second camera; the same as the second VIDEO.", show_default=False)
]
Cameras = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The cameras, in TOML, in place of VIDEO.", show_default=False),
]
Only = Annotated[str | None, typer.Option(metavar="ID,ID", help="Of --cameras, take only these.", show_default=False)]
Realtime = Annotated[bool | None, typer.Option("--realtime", help="Read files at their own rate, like cameras.")]
Loop = Annotated[bool | None, typer.Option("--loop", help="With --realtime: begin again at the end.")]
Output = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Annotated video, .mp4 or .avi."),
]
Results = Annotated[
    str | None,
    typer.Option(
        "--results",
        "-r",
        metavar="FOLDER",
        help="Records of who was where. Without --output and --results: results/<date-time>.",
    ),
]
Record = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="What association sees, for `replay`."),
]
Convert = Annotated[
    bool, typer.Option("--convert", help="Also convert them, into weights/converted, to run without torch.")
]
Int8 = Annotated[
    bool,
    typer.Option(
        "--int8", help="Only make the detector of 8-bit integers, of pictures of CLIP, and judge it by others."
    ),
]
Clips = Annotated[
    list[str] | None,
    typer.Argument(metavar="CLIP", help="For --int8: videos of your own cameras, with people.", show_default=False),
]
Profile = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="What every thread did when, for ui.perfetto.dev."),
]
Detections = Annotated[Path, typer.Option(metavar="FILE", help="Written by `track --record`.", show_default=False)]
Overwrite = Annotated[bool | None, typer.Option("--overwrite", help="Replace outputs that exist.")]
Conf = Annotated[
    float | None,
    typer.Option(parser=share, metavar="0..1", help="Boxes that score less are dropped. [default: 0.1]"),
]
IouThresh = Annotated[
    float | None,
    typer.Option(
        parser=share,
        metavar="0..1",
        help="Least overlap of a predicted and a detected box. [default: decided with appearance]",
    ),
]
CosThresh = Annotated[
    float | None,
    typer.Option(
        parser=share,
        metavar="0..1",
        help="Cosine two looks need to be one person. [default: calibrated per camera, which is better]",
    ),
]
Calibration = Annotated[
    str | None,
    typer.Option(
        metavar="FILE", help="How each camera sees the floor, JSON: positions then help to tell people apart."
    ),
]
TopView = Annotated[bool | None, typer.Option("--top-view", help="Add a map of the floor to the annotated video.")]
DetectorName = Annotated[
    Literal["yolov8", "motion"] | None,
    typer.Option("--detector", help="motion needs no weights. [default: yolov8]"),
]
EmbedderName = Annotated[
    Literal["osnet", "colour"] | None,
    typer.Option("--embedder", help="colour needs no weights. [default: osnet]"),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", metavar="FILE", help="Settings in TOML; options win."),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda"] | None,
    typer.Option(help="Where the networks run. [default: auto]"),
]
Runtime = Annotated[
    Literal["auto", "openvino", "torch"] | None,
    typer.Option(help="What runs them. [default: auto]"),
]
Precision = Annotated[
    Literal["auto", "f32", "bf16", "int8"] | None,
    typer.Option(help="Number format of the networks; int8 is made by `weights --int8`. [default: auto]"),
]
Offline = Annotated[bool | None, typer.Option("--offline", help="Never fetch weights.")]
Stride = Annotated[
    int | None,
    typer.Option(parser=step, metavar="N", help="Look at every Nth round. [default: 1]"),
]
MaxSeconds = Annotated[
    float | None,
    typer.Option(parser=positive, metavar="S", help="Stop after S seconds of video. [default: at the end]"),
]
Store = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Remember people beyond this job: a SQLite file, or postgresql://…"),
]
NoCrops = Annotated[bool | None, typer.Option("--no-crops", help="Keep no pictures of people.")]
NoWindow = Annotated[bool | None, typer.Option("--no-window", help="Open no live window.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]

SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "output": ("output", "video"),
    "results": ("output", "results"),
    "record": ("output", "record"),
    "profile": ("output", "profile"),
    "overwrite": ("output", "overwrite"),
    "conf": ("detection", "conf"),
    "detector": ("detection", "model"),
    "embedder": ("reid", "model"),
    "iou_thresh": ("camera", "iou_thresh"),
    "cos_thresh": ("identity", "cos_thresh"),
    "calibration": ("identity", "calibration"),
    "top_view": ("output", "top_view"),
    "device": ("runtime", "device"),
    "runtime": ("runtime", "runtime"),
    "precision": ("runtime", "precision"),
    "offline": ("runtime", "offline"),
    "stride": ("stride",),
    "max_seconds": ("max_seconds",),
    "realtime": ("live", "realtime"),
    "loop": ("live", "loop"),
    "store": ("store", "url"),
}
"""Where each option stands in the configuration."""


def option_values(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, as nested configuration values.

    Args:
        options: By the names of the command's parameters; None where one was not given.

    Raises:
        typer.BadParameter: The inputs are named in two ways, or one of a pair is missing.
    """
    values: dict[str, Any] = {}
    for option, place in SETTINGS.items():
        if options.get(option) is not None:
            *section, key = place
            inside = values.setdefault(section[0], {}) if section else values
            inside[key] = options[option]
    if options.get("no_window"):
        values.setdefault("output", {})["window"] = False
    if options.get("no_crops"):
        values.setdefault("output", {}).update(crops_per_person=0, contact_sheets=False)
        values.setdefault("store", {})["crops"] = False
    videos = _videos(options)
    if videos and options.get("cameras"):
        raise typer.BadParameter("name the videos, or a file of --cameras, not both")
    if options.get("only") and not options.get("cameras"):
        raise typer.BadParameter("--only needs --cameras beside it")
    return values | ({"videos": videos} if videos else {})


def _videos(options: Mapping[str, Any]) -> list[str]:
    listed = list(options.get("videos") or ())
    pair = [options.get("video1"), options.get("video2")]
    if pair == [None, None]:
        return listed
    if listed:
        raise typer.BadParameter("name the videos either one after the other or by --video1 and --video2, not both")
    if None in pair:
        given, missing = ("--video1", "--video2") if pair[1] is None else ("--video2", "--video1")
        raise typer.BadParameter(f"{given} needs {missing} beside it")
    return [str(video) for video in pair]
