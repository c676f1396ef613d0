"""What a job wrote: listed, file by file, or all in one."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, StreamingResponse
from pydantic import BaseModel, Field

from errors import TrackingError
from web.archive import file_in, files_in, zipped
from web.service import Service, TheService, may_fail

router = APIRouter(prefix="/jobs", tags=["results"])


class ResultFile(BaseModel):
    """A file that a job wrote."""

    name: str = Field(description="To ask for it by", examples=["mot/cam11.txt"])
    bytes: int = Field(description="Its size now", examples=[20480])


class ResultsReply(BaseModel):
    """What a job wrote so far."""

    folder: str = Field(description="On the server", examples=["results/3f2a9c01"])
    files: list[ResultFile] = Field(description="By name")


@router.get("/{job_id}/results", response_description="The files", summary="What a job wrote", responses=may_fail(404))
def list_results(job_id: str, service: TheService) -> ResultsReply:
    """The files of the job's results folder; while it runs they grow."""
    folder = _folder(service, job_id)
    files = [ResultFile(name=name, bytes=path.stat().st_size) for name, path in files_in(folder)]
    return ResultsReply(folder=str(folder), files=files)


@router.get(
    "/{job_id}/results.zip",
    summary="All that a job wrote",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}, "description": "A ZIP"}, **may_fail(404)},
)
def download_all(job_id: str, service: TheService) -> Response:
    """The results folder as one ZIP, made while it is sent."""
    headers = {"Content-Disposition": f'attachment; filename="{job_id}.zip"'}
    return StreamingResponse(zipped(files_in(_folder(service, job_id))), media_type="application/zip", headers=headers)


@router.get(
    "/{job_id}/results/{name:path}",
    summary="One file of what a job wrote",
    response_class=FileResponse,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The file; parts of it by `Range`"},
        **may_fail(_404="No such job, or it has no such file"),
    },
)
def download(job_id: str, name: str, service: TheService) -> FileResponse:
    """Only what is listed: no link is followed, nothing outside of the folder is sent."""
    path = file_in(_folder(service, job_id), name)
    if path is None:
        raise TrackingError(
            f"job {job_id} has no file {name!r}; GET /jobs/{job_id}/results lists them", code="no_such_file"
        )
    return FileResponse(path)


@router.get(
    "/{job_id}/video",
    summary="The annotated video",
    response_class=FileResponse,
    responses={
        200: {"content": {"video/mp4": {}}, "description": "The video; parts of it by `Range`"},
        **may_fail(_404="No such job, or it has no video"),
    },
)
def video(job_id: str, service: TheService) -> FileResponse:
    """As far as it is written; an MP4 can be played once its job is over."""
    path = service.outputs(job_id).video
    if path is None or not path.is_file():
        raise TrackingError(f"job {job_id} has no annotated video", code="no_such_file")
    return FileResponse(path)


def _folder(service: Service, job_id: str) -> Path:
    """The job's results folder.

    Raises:
        TrackingError: `job_unknown`, `no_such_file` or `output_outside`.
    """
    folder = service.outputs(job_id).results
    if folder is None or not folder.is_dir():
        raise TrackingError(f"job {job_id} has no records", code="no_such_file")
    return folder
