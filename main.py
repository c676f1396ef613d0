"""The command line: track · replay · serve · weights · demo · evaluate · explain, and those on the store."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console import options as opt
from console import store_commands
from console.errors import INTERRUPTED, quiet_libraries, show_error
from errors import TrackingError

if TYPE_CHECKING:
    from config import TrackingConfig
    from work import Work

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="One id per person across all cameras.",
    epilog="Every setting can stand in a TOML file (--config) or in the environment, e.g. MCT_DETECTION__CONF=0.3.",
)


@app.command(epilog="For example: main.py track cam1.mp4 cam2.mp4 --output tracked.mp4 --results results/monday")
def track(
    context: typer.Context,
    videos: opt.Videos = None,
    *,
    video1: opt.Video1 = None,
    video2: opt.Video2 = None,
    cameras: opt.Cameras = None,
    only: opt.Only = None,
    realtime: opt.Realtime = None,
    loop: opt.Loop = None,
    output: opt.Output = None,
    results: opt.Results = None,
    record: opt.Record = None,
    profile: opt.Profile = None,
    overwrite: opt.Overwrite = None,
    conf: opt.Conf = None,
    iou_thresh: opt.IouThresh = None,
    cos_thresh: opt.CosThresh = None,
    calibration: opt.Calibration = None,
    top_view: opt.TopView = None,
    detector: opt.DetectorName = None,
    embedder: opt.EmbedderName = None,
    config: opt.ConfigFile = None,
    device: opt.Device = None,
    runtime: opt.Runtime = None,
    precision: opt.Precision = None,
    offline: opt.Offline = None,
    stride: opt.Stride = None,
    max_seconds: opt.MaxSeconds = None,
    store: opt.Store = None,
    no_crops: opt.NoCrops = None,
    no_window: opt.NoWindow = None,
    quiet: opt.Quiet = False,
    json: opt.Json = False,
) -> int:
    """Track people through the videos of several cameras, or live.

    Ctrl-C ends early and keeps what was written so far; a second one ends at once.
    """
    given = opt.option_values(context.params)
    from console.run import run_job
    from console.settings import job_config, listed

    job = job_config(given | listed(cameras, only), config, os.environ, datetime.now())
    return run_job(job, context.obj or _pipeline, quiet=quiet, json=json)


@app.command(epilog="For example: main.py replay --detections monday.rec --results results/again --cos-thresh 0.7")
def replay(
    context: typer.Context,
    *,
    detections: opt.Detections,
    results: opt.Results = None,
    overwrite: opt.Overwrite = None,
    conf: opt.Conf = None,
    iou_thresh: opt.IouThresh = None,
    cos_thresh: opt.CosThresh = None,
    calibration: opt.Calibration = None,
    config: opt.ConfigFile = None,
    stride: opt.Stride = None,
    max_seconds: opt.MaxSeconds = None,
    quiet: opt.Quiet = False,
    json: opt.Json = False,
) -> int:
    """Associate again what `track --record` saw, without videos and networks.

    Settings are those of the recorded job unless others are given.
    """
    given = opt.option_values(context.params)
    from console.run import run_job
    from console.settings import replay_config
    from recording import Recording
    from replay import Replay

    recording = Recording(detections)
    job = replay_config(given, config, os.environ, recording, datetime.now())
    return run_job(job, lambda settings, _: Replay(settings, recording), quiet=quiet, json=json)


@app.command()
def serve(
    host: Annotated[str, typer.Option(envvar="MCT_HOST", help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(envvar="MCT_PORT", min=0, max=65535, help="Port to listen on; 0 takes a free one.")
    ] = 8000,
    config: opt.ConfigFile = None,
    results: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Jobs without a results folder get one in here.")
    ] = Path("results"),
    max_queued: Annotated[
        int | None, typer.Option(min=0, help="Jobs that may wait; more are refused. [default: 16]")
    ] = None,
) -> int:
    """Serve the HTTP API, to this machine only unless MCT_TOKEN is set."""
    import app as api

    given = {} if max_queued is None else {"max_queued": max_queued}
    return api.run(host, port, config, results, given)


@app.command()
def weights(
    clips: opt.Clips = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only look and verify; fetch nothing.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="The same as --check.")] = False,
    convert: opt.Convert = False,
    int8: opt.Int8 = False,
    config: opt.ConfigFile = None,
) -> int:
    """Fetch the networks' weights ahead of time and verify them."""
    from console.weights import prepare_weights

    if clips and not int8:
        raise typer.BadParameter("CLIP goes with --int8")
    if int8:
        from console.int8 import make_int8

        return make_int8(clips or [], config, os.environ, fetch=not (check or offline))
    return prepare_weights(fetch=not (check or offline), convert=convert)


@app.command()
def demo(
    context: typer.Context,
    *,
    folder: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the scene and the results go.")] = Path("demo"),
    offline: opt.Offline = None,
    no_window: opt.NoWindow = None,
    quiet: opt.Quiet = False,
    json: opt.Json = False,
) -> int:
    """Track the built-in scene. Needs no videos, no weights and no network."""
    from console.demo import run_demo

    given = opt.option_values(context.params)
    return run_demo(folder, given, context.obj or _pipeline, quiet=quiet, json=json)


@app.command()
def evaluate(
    *,
    truth: Annotated[Path, typer.Option(metavar="FOLDER", help="Holds <camera>_gt.txt, MOTChallenge rows.")],
    results: Annotated[Path, typer.Option(metavar="FOLDER", help="The records of a job, or its mot folder.")],
    fps: Annotated[
        float | None,
        typer.Option(parser=opt.positive, metavar="N", help="Frames per second. [default: those in run.json]"),
    ] = None,
    json: opt.Json = False,
) -> int:
    """Score records against truth, ids counted over all cameras."""
    from console.evaluate import show_scores

    return show_scores(truth, results, fps=fps, as_json=json)


@app.command(epilog="For example: main.py explain results/monday --id 7")
def explain(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The records of a job.", show_default=False)],
    *,
    person: Annotated[int, typer.Option("--id", metavar="N", min=1, help="Whom.", show_default=False)],
    json: opt.Json = False,
) -> int:
    """Tell where a person was seen and why the tracks were taken for one person."""
    from console.explain import show_story

    return show_story(results, person, as_json=json)


store_commands.add_to(app)


def _pipeline(config: TrackingConfig, name: str) -> Work:
    from pipeline import Pipeline

    return Pipeline(config, name=name)


def with_command(arguments: Sequence[str]) -> list[str]:
    """The arguments with their command: nothing asks for help, and options alone mean `track`.

    >>> with_command(["--video1", "a.mp4", "--video2", "b.mp4"])[0]
    'track'
    """
    if not arguments:
        return ["--help"]
    if arguments[0].startswith("-") and arguments[0] not in {"--help", "-h"}:
        return ["track", *arguments]
    return list(arguments)


def main(arguments: Sequence[str] | None = None, make_work: Callable[[TrackingConfig, str], Work] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 failed, 2 usage, 130 interrupted.

    Args:
        arguments: Without the program's name; the process's own unless given.
        make_work: Makes a job's work; the real pipeline unless given.
    """
    words = with_command(sys.argv[1:] if arguments is None else arguments)
    json = "--json" in words
    try:
        code: Any = app(words, prog_name="main.py", standalone_mode=False, obj=make_work)
    except TrackingError as error:
        return show_error(error.message, error.code, as_json=json)
    except typer.TyperException as error:
        return show_error(error.format_message().replace("Value error, ", ""), "usage", as_json=json)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # last line of the program
        logging.getLogger(__name__).debug("unexpected", exc_info=True)
        message = f"unexpected {type(error).__name__}: {error}; this is a fault of the program, MCT_DEBUG=1 shows where"
        return show_error(message, "internal_error", as_json=json)
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    quiet_libraries()
    sys.exit(main())
