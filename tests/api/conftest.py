"""The application on pipelines that do nothing until told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from app import create_app
from jobs import JobManager
from tests.api.client import Client, running
from tests.fake_pipeline import Workshop
from web.service import Service
from web.settings import ServerSettings


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture
def app(workshop: Workshop, tmp_path: Path) -> FastAPI:
    settings = ServerSettings(max_running=1, max_queued=2)
    return create_app(workshop, results_root=tmp_path / "out", settings=settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[Client]:
    with running(app) as client:
        yield client


@pytest.fixture
def jobs(app: FastAPI) -> JobManager:
    service: Service = app.state.service
    return service.jobs
