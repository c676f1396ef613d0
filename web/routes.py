"""All routes, in the order in which the reference tells of them, and how strict they are."""

from __future__ import annotations

import re
from typing import Final

from fastapi import APIRouter

from web import (
    browse,
    calibrations,
    cameras,
    corrections,
    events,
    floor,
    health,
    job_routes,
    live,
    pages,
    people,
    results,
    search,
    tracking,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    tracking.router,
    browse.router,
    cameras.router,
    calibrations.router,
    job_routes.router,
    live.router,
    results.router,
    floor.router,
    search.router,
    people.router,
    corrections.router,
    events.router,
)
LENIENT: Final[tuple[APIRouter, ...]] = (pages.router, health.router)
"""Opened by links and asked by monitoring, which may add what they like to an address."""

PICTURE_PATHS: Final = re.compile(rf"{search.PATH}|{calibrations.PLAN_PATH}")
"""Requests that may be as large as an uploaded picture."""
