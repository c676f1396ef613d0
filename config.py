"""Every setting of a job, with unit and bounds, validated once and passed down in frozen sections."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from address import redacted
from errors import ConfigError
from source_settings import CameraConfig, LiveConfig, SourceText
from store_settings import StoreConfig

STRICT = ConfigDict(extra="forbid", arbitrary_types_allowed=False)

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Seconds = Annotated[float, Field(ge=0.0, le=86400.0)]
Cosine = Annotated[float, Field(ge=-1.0, le=1.0)]

Device = Literal["auto", "cpu", "cuda"]
RuntimeName = Literal["auto", "openvino", "torch"]
Precision = Literal["auto", "f32", "bf16", "int8"]


@dataclass(frozen=True, config=STRICT)
class DetectionConfig:
    """How people are found in a frame."""

    model: Annotated[
        Literal["yolov8", "motion"],
        Field(description="`yolov8`, or `motion`: background subtraction that needs no weights"),
    ] = "yolov8"
    weights: Annotated[
        str, Field(min_length=1, description="Weights file: a path, or a name to look up in the weights folders")
    ] = "yolov8n.pt"
    conf: Annotated[Share, Field(description="Boxes that score less are dropped")] = 0.1
    nms_iou: Annotated[Share, Field(description="Of two boxes that overlap more (IoU), the weaker is dropped")] = 0.7
    input_pixels: Annotated[
        int,
        Field(
            ge=32 * 32,
            le=4096 * 4096,
            description="Pixels of the network's input; its shape follows the picture's, in steps of 32",
        ),
    ] = 384 * 640


@dataclass(frozen=True, config=STRICT)
class ReidConfig:
    """How a person's look becomes a vector."""

    model: Annotated[
        Literal["osnet", "colour"],
        Field(description="`osnet`, or `colour`: colour stripes that need no weights"),
    ] = "osnet"
    weights: Annotated[
        str,
        Field(min_length=1, description="Weights file (.pth.tar, .pth or .onnx): a path, or a name to look up"),
    ] = "osnet_x0_25.pth.tar"
    max_batch: Annotated[int, Field(ge=1, le=1024, description="Crops per network call")] = 64


@dataclass(frozen=True, config=STRICT)
class RuntimeConfig:
    """Where and how the networks run."""

    device: Annotated[Device, Field(description="`auto` takes CUDA when there is one, else the CPU")] = "auto"
    runtime: Annotated[RuntimeName, Field(description="`auto`: OpenVINO on a CPU, torch on CUDA")] = "auto"
    precision: Annotated[
        Precision,
        Field(
            description="`auto`: f16 on CUDA, bf16 on CPUs with AMX, else f32; `int8`: the detector, see performance.md"
        ),
    ] = "auto"
    threads: Annotated[int, Field(ge=0, le=1024, description="Inference threads; 0 means one a core")] = 0
    offline: Annotated[bool, Field(description="Never fetch weights")] = False


@dataclass(frozen=True, config=STRICT)
class CameraTrackingConfig:
    """How detections of one camera become tracks. Times are seconds of media time."""

    iou_thresh: Annotated[
        Share | None,
        Field(description="Least overlap (IoU) of a predicted and a detected box; unset: decided with appearance"),
    ] = None
    high_score: Annotated[
        Share, Field(description="Boxes that score this much are matched first and may start tracks")
    ] = 0.5
    confirm_score: Annotated[
        Share, Field(description="A track counts as a person once a box scored this much, or it moved")
    ] = 0.7
    confirm_after_s: Annotated[Seconds, Field(description="Seconds of hits before a track is confirmed")] = 0.1
    coast_s: Annotated[Seconds, Field(description="A missed track takes part in position matching this long")] = 1.0
    max_lost_s: Annotated[Seconds, Field(description="A lost track may be recovered by its look this long")] = 30.0
    bank_size: Annotated[int, Field(ge=1, le=1000, description="Embeddings a track remembers")] = 30
    look_again_s: Annotated[
        Seconds, Field(description="Somebody walking alone is embedded again after this long; 0: in every frame")
    ] = 0.2


@dataclass(frozen=True, config=STRICT)
class IdentityConfig:
    """How tracks of all cameras become people. Times are seconds of media time."""

    cos_thresh: Annotated[
        Share | None,
        Field(description="Raw cosine two looks need to be one person; unset: calibrated by camera centring"),
    ] = None
    similarity: Annotated[
        Cosine, Field(description="Centred similarity two looks need to be one person (when cos_thresh is unset)")
    ] = 0.40
    hysteresis: Annotated[Share, Field(description="Bonus for staying together, so that ids do not flicker")] = 0.05
    period_s: Annotated[Seconds, Field(gt=0.0, description="Identities are reconsidered this often")] = 0.25
    min_track_s: Annotated[Seconds, Field(description="A piece of track shorter than this has no identity")] = 0.2
    max_gap_s: Annotated[Seconds, Field(gt=0.0, description="A track is cut at a gap longer than this")] = 1.0
    window_s: Annotated[
        Seconds, Field(gt=0.0, description="Pieces older than this are folded into their identity's archive")
    ] = 120.0
    max_age_s: Annotated[
        float,
        Field(
            gt=0.0,
            le=3153600000.0,
            description="An identity not seen for this long is forgotten; with a store not before `embeddings_days`",
        ),
    ] = 86400.0
    max_remembered: Annotated[
        int, Field(ge=1, le=1000000, description="Most looks kept of people not seen for long, one a person and camera")
    ] = 30000
    calibration: Annotated[
        Path | None, Field(description="JSON file of how cameras see the floor, see docs/calibration.md; unset: none")
    ] = None
    learn_geometry: Annotated[
        bool, Field(description="Learn from people how views overlap and clocks differ, and let positions count")
    ] = True
    max_atoms: Annotated[int, Field(ge=10, le=5000, description="Most pieces reconsidered at once")] = 400


@dataclass(frozen=True, config=STRICT)
class OutputConfig:
    """What is written and shown."""

    video: Annotated[Path | None, Field(description="Annotated video, .mp4 or .avi; unset: none")] = None
    results: Annotated[Path | None, Field(description="Folder of records; unset: none")] = None
    record: Annotated[
        Path | None, Field(description="File for what association sees, to be replayed without videos; unset: none")
    ] = None
    profile: Annotated[
        Path | None, Field(description="File for what every thread did when, a Chrome trace; unset: none")
    ] = None
    overwrite: Annotated[bool, Field(description="Replace outputs that exist")] = False
    window: Annotated[bool, Field(description="Show a live window when there is a display")] = True
    width_px: Annotated[int, Field(ge=160, le=7680, description="Most pixels across of the annotated video")] = 1280
    top_view: Annotated[
        bool, Field(description="Add a map of the floor, seen from above, to the annotated video; needs a calibration")
    ] = False
    trail_s: Annotated[Seconds, Field(description="Length of the trail behind each person; 0 for none")] = 1.5
    crops_per_person: Annotated[int, Field(ge=0, le=50, description="Best crops kept per person; 0 for none")] = 6
    blur: Annotated[
        Literal["none", "people", "faces-region"],
        Field(description="Whom nobody may recognise in videos and live pictures: all, or their upper third"),
    ] = "none"
    contact_sheets: Annotated[
        bool, Field(description="Draw a sheet of each person's crops by camera and time into the records")
    ] = True


@dataclass(frozen=True, config=STRICT)
class TrackingConfig:
    """One job.

    Attributes:
        videos: The input files, one a camera.
    """

    videos: Annotated[tuple[SourceText, ...], Field(description="Inputs, one a camera: paths, URLs or webcams")] = (
        field(default=(), repr=False)
    )
    cameras: Annotated[
        tuple[CameraConfig, ...], Field(description="The same with more to say of each; instead of `videos`")
    ] = ()
    stride: Annotated[int, Field(ge=1, le=100, description="Look at every Nth round; tracks move on between")] = 1
    max_seconds: Annotated[
        float | None,
        Field(gt=0.0, le=604800.0, description="Stop after this many seconds of media time; unset: at the end"),
    ] = None
    detection: DetectionConfig = field(default_factory=DetectionConfig)
    reid: ReidConfig = field(default_factory=ReidConfig)
    runtime: RuntimeConfig = field(default_factory=RuntimeConfig)
    camera: CameraTrackingConfig = field(default_factory=CameraTrackingConfig)
    identity: IdentityConfig = field(default_factory=IdentityConfig)
    live: LiveConfig = field(default_factory=LiveConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    store: StoreConfig = field(default_factory=StoreConfig)

    @property
    def inputs(self) -> tuple[CameraConfig, ...]:
        """The cameras, however they were named."""
        return self.cameras or tuple(CameraConfig(source) for source in self.videos)


ADAPTER: TypeAdapter[TrackingConfig] = TypeAdapter(TrackingConfig)


def build_config(values: dict[str, Any]) -> TrackingConfig:
    """Validate nested values, e.g. `{"videos": [...], "detection": {"conf": 0.3}}`.

    Raises:
        ConfigError: Naming every field that is unknown, of the wrong type or out of bounds.
    """
    try:
        return ADAPTER.validate_python(values)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'configuration'}: {item['msg']} "
            f"(got {redacted(repr(item['input']))})"
            for item in error.errors()
        )
        raise ConfigError(f"configuration: {problems}") from error


def read_toml(path: Path) -> dict[str, Any]:
    """The nested values of a TOML file, not yet validated.

    Raises:
        ConfigError: The file is missing, unreadable or not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"configuration file {path}: {error.strerror}; check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"configuration file {path}: not valid TOML: {error}") from error


def read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    """The nested values set by environment variables, not yet validated; empty ones count as unset.

    `MCT_DETECTION__CONF=0.3` sets `conf` in section `detection`; `MCT_STRIDE` and `MCT_MAX_SECONDS` have no section.
    Other variables that start with `MCT_` (`MCT_WEIGHTS`, `MCT_DEBUG`, `MCT_SERVER__...`) are not settings of a job.

    Args:
        environ: Names and values, e.g. `os.environ`.
    """
    out: dict[str, Any] = {}
    for name, value in environ.items():
        section, _, key = name.removeprefix("MCT_").lower().partition("__")
        if not name.startswith("MCT_") or not value or section == "server":
            continue
        if key:
            out.setdefault(section, {})[key] = value
        elif section in {"stride", "max_seconds"}:
            out[section] = value
    return out


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the values of `over` on top, section by section; `None` in `over` leaves `base` alone."""
    out = dict(base)
    for key, value in over.items():
        if isinstance(value, dict):
            inner = out.get(key, {})
            out[key] = merged(inner if isinstance(inner, dict) else {}, value)
        elif value is not None:
            out[key] = value
    return out
