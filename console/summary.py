"""What came of a job: a short table for people, one JSON object for scripts."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from address import redacted
from job import JobSnapshot
from telemetry import CameraProgress, CameraState


def as_values(job: JobSnapshot) -> dict[str, Any]:
    """The finished job as plain values; `error` is null or `{code, message}`."""
    progress, output = job.progress, job.config.output
    return {
        "status": job.status,
        "videos": [redacted(camera.source) for camera in job.config.inputs],
        "output": None if output.video is None else str(output.video),
        "results": None if output.results is None else str(output.results),
        "rounds": progress.rounds_done,
        "seconds": round(job.seconds, 3),
        "rounds_per_s": round(_rate(job), 3),
        "media_time_s": round(progress.media_time_s, 3),
        "people": progress.people_total,
        "cameras": [
            {
                "camera": camera.camera_id,
                "state": camera.state.value,
                "frames_read": camera.frames_read,
                "frames_total": camera.frames_total,
                "dropped": dict(camera.dropped),
                "reconnects": camera.reconnects,
                "error": camera.error,
            }
            for camera in progress.cameras
        ],
        "notes": list(job.notes),
        "error": None if job.error is None else {"code": job.error.code, "message": job.error.message},
    }


def as_json(job: JobSnapshot) -> str:
    """The finished job as one line of JSON."""
    return json.dumps(as_values(job), allow_nan=False)


def show_summary(job: JobSnapshot, console: Console) -> None:
    """Print what was done, how fast, and where the results are."""
    progress, output = job.progress, job.config.output
    console.print(_headline(job), soft_wrap=True)
    if progress.cameras:
        console.print(_cameras(progress.cameras))
    for label, path in (("video", output.video), ("records", output.results)):
        if path is not None:
            console.print(Text.assemble((f"{label:<8}", "dim"), (str(path), "bold")), soft_wrap=True)


def _headline(job: JobSnapshot) -> Text:
    people = job.progress.people_total
    mark = ("done", "bold green") if job.status == "done" else (job.status, "bold yellow")
    return Text.assemble(
        mark,
        f": {people} {'person' if people == 1 else 'people'} in {job.progress.rounds_done} rounds, "
        f"{job.seconds:.1f} s, {_rate(job):.1f} rounds/s",
    )


def _cameras(cameras: tuple[CameraProgress, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title, side in (("camera", "left"), ("frames", "right"), ("dropped", "right"), ("", "left")):
        table.add_column(title, justify="right" if side == "right" else "left", overflow="fold")
    for camera in cameras:
        total = "" if camera.frames_total is None else f"/{camera.frames_total}"
        remark = camera.error or ("" if camera.state is CameraState.ENDED else camera.state.value)
        table.add_row(
            Text(camera.camera_id), f"{camera.frames_read}{total}", str(sum(camera.dropped.values())), Text(remark)
        )
    return table


def _rate(job: JobSnapshot) -> float:
    """Rounds per second of wall time over the whole job, loading of models included."""
    return job.progress.rounds_done / job.seconds if job.seconds > 0.0 else 0.0
