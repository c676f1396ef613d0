"""The sinks a job's output settings ask for: checked ahead, then built."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from config import OutputConfig
from entities import Source
from sinks import Sink
from sinks.records import record_sinks
from sinks.results_folder import check_results_folder
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
    if output.results is not None:
        check_results_folder(output.results, output.overwrite)


def create_sinks(sources: Sequence[Source], output: OutputConfig, on_note: Callable[[str], None]) -> list[Sink]:
    """The sinks of a job; the visualization is left out when there is neither a video nor a window to feed.

    Args:
        sources: The inputs, in the job's camera order.
        output: What is asked for.
        on_note: Takes what the user should know, from the sinks' threads.
    """
    sinks = record_sinks(sources, output)
    if output.video is not None or output.window:
        from sinks.render import RenderSink

        sinks.append(RenderSink(sources, output, on_note=on_note))
    return sinks
