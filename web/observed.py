"""Who watches the jobs: every job gets the sinks of the service beside its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from weakref import WeakValueDictionary

from config import TrackingConfig
from errors import JobError
from recording import RecordingHeader
from sinks import Sink
from sinks.live import LivePictures, LiveSink
from work import Work

MoreSinks = Callable[[RecordingHeader], Sequence[Sink]]
MakeWork = Callable[[TrackingConfig, str, MoreSinks], Work]
"""Makes a job's work from its configuration, the prefix of its threads' names, and what makes further sinks."""


class Observed:
    """Makes jobs that can be watched; what is watched lives as long as the work.

    Args:
        make_work: Makes the work itself.
    """

    def __init__(self, make_work: MakeWork) -> None:
        self._make_work = make_work
        self._pictures: WeakValueDictionary[str, LivePictures] = WeakValueDictionary()

    def make(self, config: TrackingConfig, name: str) -> Work:
        """The work of a job.

        Args:
            config: What is to be done.
            name: `job-` and the job's name.
        """
        pictures = LivePictures()
        self._pictures[name] = pictures

        def more_sinks(header: RecordingHeader) -> Sequence[Sink]:
            return [LiveSink(header.sources, config.output, pictures, f"{name}/live-encoder")]

        return self._make_work(config, name, more_sinks)

    def end(self, job_id: str) -> None:
        """Tell those who watch a job that it is over, also when it never got as far as a picture."""
        pictures = self._pictures.get(f"job-{job_id}")
        if pictures is not None:
            pictures.close()

    def pictures(self, job_id: str) -> LivePictures:
        """The live pictures of a job that is not over.

        Raises:
            JobError: `job_not_running`.
        """
        pictures = self._pictures.get(f"job-{job_id}")
        if pictures is None or pictures.calls.closed:
            raise JobError(f"job {job_id} is over: it has no live pictures any more", code="job_not_running")
        return pictures
