"""Every page, on a server that knows a thousand people and on one that knows nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from entities import GlobalId
from sinks.palette import colour_of, ink_on
from tests.browser.conftest import Open, keep, visiting
from tests.browser.server import serving

pytestmark = pytest.mark.servers

ROUTES = {
    "live": "Live",
    "jobs": "Jobs",
    "jobs/new": "Start a job",
    "jobs/monday": "Job monday",
    "people": "People",
    "people/1": "Person 1",
    "map": "Map",
    "map/calibrate": "Calibrate a camera",
    "events": "Events",
    "system": "System",
}

EMPTY = {
    "live": "No camera is being watched",
    "jobs": "No job yet",
    "people": "Nobody yet",
    "map": "Nothing to show yet",
    "events": "Nothing happened yet",
    "system": "No job is running",
}

CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const probe = document.body.appendChild(document.createElement("i"));
  const luminance = (name) => {
    probe.style.color = `var(${name})`;
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => byte / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pairs = [["--edge", "--surface", 3],
    ["--on-accent", "--accent", 4.5], ["--accent-strong", "--accent-soft", 4.5]];
  for (const ink of ["--text", "--text-2", "--text-3", "--accent", "--bad"])
    for (const paper of ["--ground", "--surface", "--raised", "--sunken", "--hover"]) pairs.push([ink, paper, 4.5]);
  for (const kind of ["--good", "--warn", "--bad"]) pairs.push([kind, `${kind}-soft`, 4.5]);
  const poor = pairs.filter(([ink, paper, least]) => {
    const [low, high] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05) < least;
  });
  probe.remove();
  return poor;
}"""


def test_every_page_opens_without_a_complaint(visit: Open) -> None:
    for route, heading in ROUTES.items():
        page = visit(route)
        expect(page.locator("main h1").first).to_have_text(heading)
        expect(page.locator("main .bones")).to_have_count(0)
        keep(page, f"crowd-{route.replace('/', '-')}")


def test_with_nothing_there_every_page_says_so(chromium: Browser, empty: str) -> None:
    with visiting(chromium, empty) as open_:
        for route, says in EMPTY.items():
            page = open_(route)
            expect(page.locator("main h2").filter(has_text=says)).to_be_visible()
            keep(page, f"empty-{route}")


def test_what_there_is_not_is_told(chromium: Browser, empty: str) -> None:
    with visiting(chromium, empty, expected="404") as open_:
        for route in ("jobs/nothing", "people/77"):
            page = open_(route)
            expect(page.get_by_role("alert")).to_contain_text("There is no such thing")
            expect(page.get_by_role("button", name="Try again")).to_be_visible()
            keep(page, f"missing-{route.replace('/', '-')}")


def test_a_server_that_is_gone_is_told_and_asked_until_it_is_back(chromium: Browser, empty: str) -> None:
    with visiting(chromium, empty, expected="ERR_CONNECTION_REFUSED") as open_:
        page = open_("jobs")
        page.route("**/jobs", lambda route: route.abort("connectionrefused"))
        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        keep(page, "error-jobs")
        page.unroute("**/jobs")
        expect(page.locator("main h2")).to_have_text("No job yet")


def test_keys_lead_everywhere_and_the_theme_stays(visit: Open) -> None:
    page = visit("live")
    for key, heading in (("p", "People"), ("e", "Events"), ("j", "Jobs"), ("m", "Map"), ("s", "System"), ("l", "Live")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        expect(page.locator("main h1").first).to_have_text(heading)
        expect(page.locator("main h1").first).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("go to Live")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("t")
    page.keyboard.press("t")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.keyboard.press("/")
    expect(page.get_by_label("Search by name or number")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_can_be_told_apart_by_most_eyes(visit: Open, scheme: str) -> None:
    """WCAG 2.1 AA: 4.5 for text, 3 for the edges of fields."""
    page = visit("system")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    assert page.evaluate(CONTRASTS) == []


def test_people_have_the_colours_of_the_video(visit: Open) -> None:
    page = visit("system")
    ids = [*range(200), 1000, 54321]
    colours = page.evaluate(
        "async (ids) => { const {rgbOf, inkOn} = await import('/static/lib/palette.js');"
        " return ids.map((id) => [rgbOf(id), inkOn(id)]); }",
        ids,
    )
    for number, (rgb, ink) in zip(ids, colours, strict=True):
        bgr = colour_of(GlobalId(number))
        assert tuple(reversed(rgb)) == bgr
        assert (ink == "#fff") == (ink_on(bgr) == (255, 255, 255))


def test_the_token_is_asked_for_once_and_kept_for_the_tab(tmp_path: Path, chromium: Browser) -> None:
    token = "a-long-secret-of-some-letters"
    with serving(tmp_path, MCT_TOKEN=token) as address, visiting(chromium, address, expected="401") as open_:
        page = open_("jobs")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Token").fill("wrong")
        dialog.get_by_role("button", name="Sign in").click()
        expect(dialog.get_by_role("alert").first).to_have_text("That is not the token.")
        keep(page, "token")
        dialog.get_by_label("Token").fill(token)
        dialog.get_by_role("button", name="Sign in").click()
        expect(page.locator("main h2")).to_have_text("No job yet")
        assert page.evaluate("sessionStorage.getItem('token')") == token
        assert page.evaluate("document.cookie") == ""
        page.reload()
        expect(page.locator("main h2")).to_have_text("No job yet")
        page.goto("/#/system")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("dialog")).to_be_visible()


def test_four_clicks_calibrate_a_camera(visit: Open, tmp_path: Path) -> None:
    floor_to_image = np.array([[80.0, -30.0, 300.0], [5.0, -60.0, 400.0], [0.01, 0.08, 1.0]])
    cv2.imwrite(str(tmp_path / "door.png"), np.full((540, 960, 3), 90, np.uint8))
    page = visit("map/calibrate")
    page.get_by_label("Or a picture of it").set_input_files(tmp_path / "door.png")
    picture = page.locator(".board img")
    expect(picture).to_be_visible()
    for number, place in enumerate([(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0), (2.0, 1.0)], start=1):
        u, v, w = floor_to_image @ (*place, 1.0)
        _click(page, (u / w / 960, v / w / 540))
        for axis, metres in zip("xy", place, strict=True):
            page.get_by_label(f"{axis} of point {number} in metres").fill(str(metres))
            page.keyboard.press("Tab")
    expect(page.get_by_text("The points agree to")).to_be_visible()
    keep(page, "calibrate", whole=True)
    page.get_by_role("button", name="Keep this camera").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download calibration.json").click()
    made: dict[str, Any] = json.loads(download.value.path().read_text(encoding="utf-8"))
    matrix = np.array(made["door"]["floor_to_image"])
    corners = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 3.0], [0.0, 3.0]])
    seen = cv2.perspectiveTransform(corners[None], matrix)
    assert np.abs(seen - cv2.perspectiveTransform(corners[None], floor_to_image)).max() < 2.0  # clicks are whole pixels
    save_on_the_server(page)


def save_on_the_server(page: Page) -> None:
    """Under a name, by which the form that starts a job offers it."""
    page.get_by_role("button", name="Save on the server…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("hall")
    keep(page, "calibrate-save")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Start a job with it").click()  # goes away by itself
    expect(page.get_by_label("Calibration", exact=True)).to_have_value("hall")
    page.goto("/#/map/calibrate")
    expect(page.get_by_role("button", name="Remove hall")).to_be_visible()
    keep(page, "calibrate-saved", whole=True)
    page.get_by_role("button", name="Remove hall").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Remove hall")).to_have_count(0)


def _click(page: Page, share: tuple[float, float]) -> None:
    """Click a place of the picture, given as shares of its width and height."""
    box = page.locator(".board img").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + share[0] * box["width"], box["y"] + share[1] * box["height"])
