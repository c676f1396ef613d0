"""A job as its user meets it: started in the form, watched, paused, finished, looked into, deleted."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from scenes import RenderedScene
from tests.browser.conftest import keep, visiting

pytestmark = pytest.mark.servers

SHOWN = "(picture) => picture.naturalWidth > 0"
JOB_MS = 60_000


def test_a_job_is_started_watched_finished_and_looked_into(chromium: Browser, fresh: str, scene: RenderedScene) -> None:
    with visiting(chromium, fresh) as open_:
        page = open_("live")
        page.get_by_role("link", name="Start a job").click()
        fill_the_form(page, scene)
        page.get_by_role("button", name="Start").click()
        job = watch(page)
        go_on(page, job)
        look_into(page, job)
        meet_the_people(page)
        keep_the_map(page)
        delete(page, job)


def fill_the_form(page: Page, scene: RenderedScene) -> None:
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Pick at least two recordings")).to_be_visible()
    page.get_by_role("button", name="Pick recordings").click()
    for video in scene.videos:
        page.get_by_role("dialog").get_by_role("button", name=video.name).click()
    keep(page, "pick")
    page.get_by_role("button", name="Add", exact=True).last.click()
    expect(page.locator(".pick li")).to_have_count(2)
    page.get_by_role("textbox", name="Annotated video").fill("watched.mp4")
    page.get_by_label("Automatic confidence").uncheck()
    page.get_by_role("slider", name="Confidence").fill("0.4")
    page.get_by_text("More options").click()
    page.get_by_label("Calibration", exact=True).select_option("A file on the server…")
    page.get_by_role("textbox", name="Calibration file").fill("in/calibration.json")
    page.get_by_label("Read recordings at their own rate").check()
    keep(page, "form", whole=True)


def watch(page: Page) -> str:
    """See the picture move; gives the job's name."""
    expect(page).to_have_url(re.compile(r"#/live/\w+$"))
    picture = page.get_by_role("img", name="Live pictures of all cameras")
    expect(picture).to_be_visible()
    page.wait_for_function(SHOWN, arg=picture.element_handle())
    expect(page.locator(".camera-row")).to_have_count(2)
    keep(page, "live")
    job = page.url.rsplit("/", 1)[1]
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile(rf"#/live/{job}/cam2$"))
    alone = page.get_by_role("img", name="Live picture of cam2")
    page.wait_for_function(SHOWN, arg=alone.element_handle())
    page.get_by_role("button", name="Pause").click()  # the rest is not to be a race with the job's end
    expect(page.locator(".head .badge")).to_have_text("paused")
    keep(page, "live-alone")
    return job


def go_on(page: Page, job: str) -> None:
    """Look at the paused job and at the system, then let the job come to its end."""
    page.goto(f"/#/jobs/{job}")
    expect(page.locator(".head .badge")).to_have_text("paused")
    keep(page, "job-paused")
    page.goto("/#/system")
    expect(page.get_by_role("cell", name="detect", exact=True)).to_be_visible()
    keep(page, "system")
    page.goto(f"/#/jobs/{job}")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator(".head .badge")).to_have_text("done", timeout=JOB_MS)


def look_into(page: Page, job: str) -> None:
    video = page.locator("video")
    page.wait_for_function("(video) => video.readyState > 0 && video.duration > 1", arg=video.element_handle())
    expect(page.get_by_role("link", name="tracks.jsonl")).to_be_visible()
    keep(page, "job-done", whole=True)
    with page.expect_download() as download:
        page.get_by_role("link", name="All as ZIP").click()
    assert download.value.suggested_filename == f"{job}.zip"
    assert download.value.path().stat().st_size > 1000


def meet_the_people(page: Page) -> None:
    page.get_by_role("link", name="People").last.click()
    expect(page.locator(".person-tile").first).to_be_visible()
    keep(page, "people")
    page.get_by_label("Photo to search by").set_input_files(
        FilePayload(name="ann.jpg", mimeType="image/jpeg", buffer=portrait(page))
    )
    expect(page.locator(".matches li").first).to_be_visible(timeout=JOB_MS)
    keep(page, "search")
    page.locator(".matches a").first.click()
    expect(page.locator(".timeline .bar").first).to_be_visible()
    expect(page.locator(".crops img").first).to_be_visible()
    expect(page.locator(".event").first).to_be_visible()
    page.locator(".timeline .bar").first.click()
    keep(page, "person", whole=True)
    page.goto("/#/events")
    expect(page.locator(".event").first).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()
    keep(page, "events")
    page.get_by_label("Job").select_option(index=1)
    expect(page.get_by_role("status").filter(has_text="the job is done")).to_be_visible()


def portrait(page: Page) -> bytes:
    """The first picture on the page of people."""
    address = page.locator(".portrait img").first.get_attribute("src")
    assert address is not None
    return page.request.get(f"/{address}").body()


def keep_the_map(page: Page) -> None:
    page.goto("/#/map")
    expect(page.locator(".floor-trails polyline").first).to_be_attached()
    keep(page, "map")


def delete(page: Page, job: str) -> None:
    page.goto("/#/jobs")
    keep(page, "jobs")
    page.get_by_role("button", name=f"Delete job {job}").click()
    page.get_by_label("Also delete what it wrote").check()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("main h2")).to_have_text("No job yet")
