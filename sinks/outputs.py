"""The sinks a job's output settings ask for: checked ahead, then built."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from calibration import FloorViews
from config import OutputConfig
from errors import OutputError
from recording import RecordingHeader
from sinks import Sink
from sinks.disk import check_output_file
from sinks.recording import Recorder
from sinks.records import record_sinks
from sinks.renaming import Names, Renamed
from sinks.results_folder import check_results_folder
from sinks.steady import Steady
from sinks.video import check_video_path


def check_outputs(output: OutputConfig, inputs: Sequence[str]) -> None:
    """Say early whether everything asked for could be written; nothing is created.

    Args:
        output: What is asked for.
        inputs: The videos, none of which may be overwritten.

    Raises:
        OutputError: What cannot be written, and why.
    """
    if output.video is not None:
        check_video_path(output.video, overwrite=output.overwrite, inputs=inputs)
    if output.record is not None:
        check_output_file(output.record, overwrite=output.overwrite, inputs=inputs)
    if output.profile is not None:
        check_output_file(output.profile, overwrite=output.overwrite, inputs=inputs)
    files = [path for path in (output.video, output.record, output.profile) if path is not None]
    if len({os.path.realpath(path) for path in files}) < len(files):
        names = ", ".join(map(str, files))
        raise OutputError(f"outputs {names}: video, recording and profile cannot be one file; choose other names")
    if output.results is not None:
        check_results_folder(output.results, output.overwrite)


def create_sinks(
    header: RecordingHeader,
    output: OutputConfig,
    views: FloorViews,
    on_note: Callable[[str], None],
    names: Names = dict,
) -> list[Sink]:
    """The sinks of a job; the visualization is left out when there is neither a video nor a window to feed.

    Args:
        header: What holds for the whole job, as a recording of it says.
        output: What is asked for.
        views: How cameras see the floor, as far as that is known.
        on_note: Takes what the user should know, from the sinks' threads.
        names: Who goes by which number, for those who watch.
    """
    sinks = record_sinks(header.sources, output, views)
    if output.record is not None:
        sinks.append(Recorder(output.record, header))
    if output.video is not None or output.window:
        from sinks.render import RenderSink

        sinks.append(for_viewers(RenderSink(header.sources, output, views, on_note=on_note), output, names))
    return sinks


def for_viewers(sink: Sink, output: OutputConfig, names: Names) -> Sink:
    """The sink as those who watch are to see it: people blurred if asked for, steady, and under numbers given by hand.

    Args:
        sink: Shows pictures.
        output: What is asked for.
        names: Who goes by which number.
    """
    if output.blur != "none":
        from sinks.blur import Blurred

        sink = Blurred(sink, output.blur)
    return Renamed(Steady(sink), names)
