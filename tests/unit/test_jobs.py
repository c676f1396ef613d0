"""Jobs and their queue, with pipelines that do nothing until told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import OutputConfig, TrackingConfig, build_config
from errors import JobError, OutputError, SourceError, TrackingError
from job import NEXT, OVER, Job, JobState
from jobs import JobManager, new_job_id, own_folder
from tests.fake_pipeline import WAIT_S, FakePipeline, Workshop


def a_config(videos: tuple[str, ...] = (), **output: str) -> TrackingConfig:
    return build_config({"videos": list(videos), "output": output})


def a_job() -> tuple[Job, FakePipeline]:
    work = FakePipeline(TrackingConfig())
    return Job("3f2", TrackingConfig(), work), work


A_CAMERA = build_config({"cameras": [{"id": "door", "source": "a.mp4"}]})


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture
def manager(workshop: Workshop) -> Iterator[JobManager]:
    manager = JobManager(workshop, max_running=1, max_queued=2, max_kept=2)
    yield manager
    assert manager.shutdown(WAIT_S) == ()


def finish(manager: JobManager, work: FakePipeline, job_id: str) -> None:
    assert work.running.wait(WAIT_S)
    work.finish()
    assert manager.get(job_id).wait(WAIT_S)


def test_the_table_ends_only_in_final_states_and_reaches_all() -> None:
    assert {state for state, following in NEXT.items() if not following} == OVER
    assert set(NEXT) == set(JobState)
    assert set().union(*NEXT.values()) == set(JobState) - {JobState.QUEUED}


def test_a_job_waits_for_its_start() -> None:
    job, work = a_job()
    seen = job.snapshot()
    assert (seen.status, seen.over, seen.seconds, seen.started_at) == ("queued", False, 0.0, None)
    assert not work.running.is_set()


def test_a_started_job_runs_in_a_named_thread_and_is_done_at_its_end() -> None:
    job, work = a_job()
    job.start()
    assert work.running.wait(WAIT_S)
    assert job.snapshot().status == "processing"
    assert job.snapshot().progress is work.progress
    assert work.thread_name == "job-3f2/tracker"
    work.finish()
    assert job.wait(WAIT_S)
    seen = job.snapshot()
    assert (seen.status, seen.state, seen.error) == ("done", JobState.FINISHED, None)
    assert seen.progress is work.progress
    assert seen.notes == work.notes
    assert seen.seconds >= 0.0


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(SourceError("cam1.mp4: cut off", code="source_damaged"), "source_damaged", id="expected"),
        pytest.param(ZeroDivisionError("division by zero"), "internal_error", id="a-fault-of-ours"),
    ],
)
def test_a_job_whose_work_raises_has_failed(error: Exception, code: str) -> None:
    job, work = a_job()
    job.start()
    work.fail(error)
    assert job.wait(WAIT_S)
    seen = job.snapshot()
    assert (seen.status, seen.error and seen.error.code) == ("failed", code)
    assert seen.error is not None
    assert str(error) in seen.error.message


def test_an_error_after_a_stop_still_fails_the_job() -> None:
    job, work = a_job()
    job.start()
    assert work.running.wait(WAIT_S)
    work.fail(OutputError("disk full", code="disk_full"))
    job.stop()
    assert job.wait(WAIT_S)
    assert job.snapshot().status == "failed"


@pytest.mark.parametrize("times", [pytest.param(1, id="once"), pytest.param(3, id="thrice")])
def test_stop_ends_a_running_job(times: int) -> None:
    job, work = a_job()
    job.start()
    assert work.running.wait(WAIT_S)
    for _ in range(times):
        job.stop()
    assert job.wait(WAIT_S)
    assert job.snapshot().status == "stopped"


def test_stop_before_start_ends_the_job_at_once_and_start_then_does_nothing() -> None:
    job, work = a_job()
    job.stop()
    assert job.wait(0.0)
    job.start()
    assert job.snapshot().status == "stopped"
    assert not work.running.is_set()


def test_stop_after_the_end_changes_nothing() -> None:
    job, work = a_job()
    job.start()
    work.finish()
    assert job.wait(WAIT_S)
    job.stop()
    assert job.snapshot().status == "done"
    assert not work.stopped


def test_a_running_job_is_paused_and_goes_on() -> None:
    job, work = a_job()
    job.start()
    assert work.running.wait(WAIT_S)
    for _ in range(2):
        job.pause()
        assert (work.paused, job.snapshot().status, job.snapshot().over) == (True, "paused", False)
    for _ in range(2):
        job.resume()
        assert (work.paused, job.snapshot().status) == (False, "processing")
    work.finish()
    assert job.wait(WAIT_S)


@pytest.mark.parametrize("end", ["stop", "fail"])
def test_a_paused_job_can_still_end(end: str) -> None:
    job, work = a_job()
    job.start()
    assert work.running.wait(WAIT_S)
    job.pause()
    job.stop() if end == "stop" else work.fail(SourceError("cut off"))
    assert job.wait(WAIT_S)
    assert job.snapshot().status == {"stop": "stopped", "fail": "failed"}[end]


@pytest.mark.parametrize("over", [pytest.param(False, id="queued"), pytest.param(True, id="over")])
@pytest.mark.parametrize("wish", [Job.pause, Job.resume])
def test_only_a_running_job_can_be_paused_or_resumed(wish: Callable[[Job], None], *, over: bool) -> None:
    job, _ = a_job()
    if over:
        job.stop()
    with pytest.raises(JobError) as refused:
        wish(job)
    assert refused.value.code == "job_not_running"


def test_starting_twice_runs_once() -> None:
    work = FakePipeline(TrackingConfig())
    ends: list[str] = []
    job = Job("3f2", TrackingConfig(), work, lambda: ends.append("over"))
    job.start()
    job.start()
    work.finish()
    assert job.wait(WAIT_S)
    assert ends == ["over"]


def test_the_manager_tells_every_end_also_of_a_job_that_never_ran(workshop: Workshop) -> None:
    ends: list[str] = []
    manager = JobManager(workshop, max_running=1, on_end=ends.append)
    ids = [manager.submit(TrackingConfig()).job_id for _ in range(3)]
    manager.get(ids[1]).stop()
    assert ends == [ids[1]]
    finish(manager, workshop.made[0], ids[0])
    assert manager.shutdown(WAIT_S) == ()
    assert ends == [ids[1], ids[0], ids[2]]


def test_a_snapshot_keeps_what_it_saw() -> None:
    job, work = a_job()
    before = job.snapshot()
    job.start()
    work.finish()
    assert job.wait(WAIT_S)
    assert before.status == "queued"


def test_names_differ_and_fit_a_folder() -> None:
    names = {new_job_id() for _ in range(100)}
    assert len(names) == 100
    assert all(name.isalnum() for name in names)


def test_a_jobs_own_folder_has_its_parent_made(tmp_path: Path) -> None:
    folder = own_folder(tmp_path / "a" / "b", "3f2")
    assert folder == tmp_path / "a" / "b" / "3f2"
    assert not folder.exists()
    assert folder.parent.is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file"):
        own_folder(tmp_path / "file", "3f2")


def test_jobs_run_one_after_the_other_in_order(manager: JobManager, workshop: Workshop) -> None:
    ids = [manager.submit(TrackingConfig()).job_id for _ in range(3)]
    first, second, third = workshop.made
    assert [job.snapshot().status for job in manager.jobs()] == ["processing", "queued", "queued"]
    finish(manager, first, ids[0])
    assert second.running.wait(WAIT_S)
    assert not third.running.is_set()
    finish(manager, second, ids[1])
    finish(manager, third, ids[2])
    assert first.name == f"job-{ids[0]}"


def test_a_failed_job_makes_room_for_the_next(manager: JobManager, workshop: Workshop) -> None:
    manager.submit(TrackingConfig())
    manager.submit(TrackingConfig())
    workshop.made[0].fail(SourceError("gone"))
    assert workshop.made[1].running.wait(WAIT_S)


def test_two_may_run_at_once(workshop: Workshop) -> None:
    manager = JobManager(workshop, max_running=2, max_queued=0)
    manager.submit(TrackingConfig())
    manager.submit(TrackingConfig())
    assert all(work.running.wait(WAIT_S) for work in workshop.made)
    with pytest.raises(JobError) as refused:
        manager.submit(TrackingConfig())
    assert refused.value.code == "queue_full"
    assert manager.shutdown(WAIT_S) == ()


def test_the_queue_has_a_limit_and_a_stop_frees_a_place(manager: JobManager, workshop: Workshop) -> None:
    ids = [manager.submit(TrackingConfig()).job_id for _ in range(3)]
    with pytest.raises(JobError) as refused:
        manager.submit(TrackingConfig())
    assert refused.value.code == "queue_full"
    manager.get(ids[1]).stop()
    manager.submit(TrackingConfig())
    assert len(workshop.made) == 4


def test_a_stopped_queued_job_never_runs(manager: JobManager, workshop: Workshop) -> None:
    ids = [manager.submit(TrackingConfig()).job_id for _ in range(3)]
    manager.get(ids[1]).stop()
    finish(manager, workshop.made[0], ids[0])
    assert workshop.made[2].running.wait(WAIT_S)
    assert not workshop.made[1].running.is_set()


def test_what_preflight_refuses_leaves_no_trace(manager: JobManager, workshop: Workshop) -> None:
    workshop.refuse = SourceError("no such file", code="source_missing")
    for _ in range(5):  # more than the queue holds: a refused job gives its place back
        with pytest.raises(SourceError):
            manager.submit(a_config(video="out.mp4"))
    workshop.refuse = None
    manager.submit(a_config(video="out.mp4"))
    assert len(manager.jobs()) == 1


@pytest.mark.parametrize(
    ("first", "second", "allowed"),
    [
        pytest.param(a_config(video="a.mp4"), a_config(video="b.mp4"), True, id="different-outputs"),
        pytest.param(a_config(("cam.mp4",)), a_config(("cam.mp4",)), True, id="the-same-input"),
        pytest.param(a_config(video="a.mp4"), a_config(video="a.mp4"), False, id="the-same-video"),
        pytest.param(a_config(video="a.mp4"), a_config(video="./x/../a.mp4"), False, id="the-same-spelt-differently"),
        pytest.param(a_config(results="r"), a_config(results="r/"), False, id="the-same-folder"),
        pytest.param(a_config(record="r"), a_config(record="r"), False, id="the-same-recording"),
        pytest.param(a_config(("a.mp4",)), a_config(video="a.mp4"), False, id="writes-what-the-other-reads"),
        pytest.param(a_config(video="a.mp4"), a_config(("a.mp4",)), False, id="reads-what-the-other-writes"),
        pytest.param(a_config(video="a.mp4"), A_CAMERA, False, id="reads-it-as-a-named-camera"),
    ],
)
def test_jobs_share_no_file_that_one_writes(
    manager: JobManager, first: TrackingConfig, second: TrackingConfig, allowed: bool
) -> None:
    manager.submit(first)
    if allowed:
        manager.submit(second)
        return
    with pytest.raises(OutputError) as refused:
        manager.submit(second)
    assert refused.value.code == "output_in_use"


def test_a_file_is_free_again_when_its_job_is_over(manager: JobManager, workshop: Workshop) -> None:
    job_id = manager.submit(a_config(video="a.mp4")).job_id
    finish(manager, workshop.made[0], job_id)
    manager.submit(a_config(video="a.mp4"))


def test_a_file_is_taken_while_the_first_job_is_still_in_preflight() -> None:
    seconds: list[Callable[[], object]] = []

    class Slow(FakePipeline):
        def check(self) -> tuple[()]:
            with pytest.raises(OutputError):
                seconds[0]()
            return ()

    slow = JobManager(Slow)
    seconds.append(lambda: slow.submit(a_config(video="a.mp4")))
    slow.submit(a_config(video="a.mp4"))
    assert slow.shutdown(WAIT_S) == ()


def test_old_jobs_are_forgotten_running_ones_never(manager: JobManager, workshop: Workshop) -> None:
    ids = []
    for turn in range(4):
        ids.append(manager.submit(TrackingConfig()).job_id)
        finish(manager, workshop.made[turn], ids[-1])
    last = manager.submit(TrackingConfig()).job_id
    assert [job.job_id for job in manager.jobs()] == [*ids[2:], last]
    with pytest.raises(JobError) as unknown:
        manager.get(ids[0])
    assert unknown.value.code == "job_unknown"


def test_a_job_is_forgotten_once_it_is_over(manager: JobManager, workshop: Workshop) -> None:
    job_id = manager.submit(TrackingConfig()).job_id
    with pytest.raises(JobError) as refused:
        manager.forget(job_id)
    assert refused.value.code == "job_not_over"
    finish(manager, workshop.made[0], job_id)
    assert manager.forget(job_id).status == "done"
    with pytest.raises(JobError) as unknown:
        manager.forget(job_id)
    assert unknown.value.code == "job_unknown"


def test_a_job_that_ends_while_it_is_being_forgotten_is_either_refused_or_gone(workshop: Workshop) -> None:
    manager = JobManager(workshop)
    for turn in range(30):  # who decides twice is caught in every fifth
        job_id = manager.submit(TrackingConfig()).job_id
        assert workshop.made[turn].running.wait(WAIT_S)
        workshop.made[turn].finish()
        refused = True
        while refused:
            try:
                manager.forget(job_id)
            except JobError:
                continue
            refused = False
        assert manager.jobs() == ()
    assert manager.shutdown(WAIT_S) == ()


def test_no_job_begins_with_files_that_are_held(manager: JobManager) -> None:
    with manager.holding(OutputConfig(results=Path("r")), "3f2"), pytest.raises(OutputError) as refused:
        manager.submit(a_config(results="r"))
    assert refused.value.code == "output_in_use"
    manager.submit(a_config(results="r"))


def test_shutdown_stops_running_and_waiting_jobs_and_takes_no_more(workshop: Workshop) -> None:
    manager = JobManager(workshop)
    manager.submit(TrackingConfig())
    manager.submit(TrackingConfig())
    assert manager.shutdown(WAIT_S) == ()
    assert [job.snapshot().status for job in manager.jobs()] == ["stopped", "stopped"]
    assert not workshop.made[1].running.is_set()
    with pytest.raises(JobError) as refused:
        manager.submit(TrackingConfig())
    assert refused.value.code == "shutting_down"


def test_shutdown_names_the_job_that_does_not_end() -> None:
    class Deaf(FakePipeline):
        def stop(self) -> None:
            self.stopped = True

    made: list[Deaf] = []

    def make(config: TrackingConfig, name: str) -> Deaf:
        made.append(Deaf(config, name))
        return made[-1]

    manager = JobManager(make)
    job_id = manager.submit(TrackingConfig()).job_id
    assert manager.shutdown(0.0) == (job_id,)
    made[0].finish()
    assert manager.get(job_id).wait(WAIT_S)


def test_a_job_that_was_in_preflight_at_shutdown_is_not_started() -> None:
    closing: list[Callable[[], object]] = []

    class Slow(FakePipeline):
        def check(self) -> tuple[()]:
            closing[0]()
            return ()

    manager = JobManager(Slow)
    closing.append(lambda: manager.shutdown(0.0))
    with pytest.raises(TrackingError) as refused:
        manager.submit(TrackingConfig())
    assert refused.value.code == "shutting_down"
    assert manager.jobs() == ()
