"""Real Chromium on the real service; what a page complains of fails its test, what it looks like is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
    expect,
    sync_playwright,
)

from scenes import RenderedScene, SceneSpec
from scenes.render import render_scene
from tests.browser.crowd import remember_a_crowd
from tests.browser.server import serving

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
DESKTOP = (1440, 900)
PHONE = (390, 844)
PATIENCE_MS = 15_000
NAMELESS = """() => [...document.querySelectorAll("button, a, input, select, textarea, meter, progress, img")]
  .filter((node) => node.checkVisibility() && !node.closest("[aria-hidden=true]"))
  .filter((node) => !(node.getAttribute("aria-label") || node.labels?.length || node.textContent.trim() || node.title
    || node.hasAttribute("alt") || node.querySelector("img[alt]:not([alt=''])")))
  .map((node) => node.outerHTML.slice(0, 120))"""
"""What can be pressed or looked at and does not say what it is."""

Open = Callable[[str], Page]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Complaints:
    """What pages say is wrong: errors of scripts, refusals of the policy, answers that are none.

    Args:
        context: Whose pages are listened to.
        expected: Part of what a test means them to say.
    """

    def __init__(self, context: BrowserContext, expected: str | None) -> None:
        self.heard: list[str] = []
        self._expected = expected
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.heard.append(str(error.error)))
        context.on("response", self._judge)

    def _hear(self, message: ConsoleMessage) -> None:
        # A better picture of a person may take the place of one that is being asked for.
        meant = self._expected is not None and self._expected in message.text
        if message.type in {"error", "warning"} and not meant and "/crops/" not in message.location["url"]:
            self.heard.append(f"{message.text} ({message.location['url']})")

    def _judge(self, response: Response) -> None:
        if response.status >= 500:
            self.heard.append(f"{response.status} from {response.url}")


@contextmanager
def visiting(browser: Browser, address: str, expected: str | None = None) -> Iterator[Open]:
    """A browser of its own that opens pages and listens to complaints; what it heard fails the test.

    Args:
        browser: Started already.
        address: Of the server.
        expected: Part of a complaint that the test means to hear.
    """
    viewport = ViewportSize(width=DESKTOP[0], height=DESKTOP[1])
    context = browser.new_context(base_url=address, reduced_motion="reduce", viewport=viewport)
    context.set_default_timeout(PATIENCE_MS)
    complaints = Complaints(context, expected)
    try:
        yield opener(context)
    finally:
        context.close()
    assert complaints.heard == []


def opener(context: BrowserContext) -> Open:
    """Opens an address after `#`, and waits until the page is there."""
    page = context.new_page()

    def open_(route: str) -> Page:
        page.goto(f"/#/{route}")
        page.wait_for_selector("main h1")
        return page

    return open_


def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """Keep what a page looks like on a phone in the dark, and, `whole` if need be, on a desktop in the light.

    Nothing may reach over the edge of the phone, and everything to press has to say what it is.
    """
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(ViewportSize(width=PHONE[0], height=PHONE[1]))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert page.evaluate(NAMELESS) == []
    page.screenshot(path=SCREENSHOTS / f"{name}-phone.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(ViewportSize(width=DESKTOP[0], height=DESKTOP[1]))
    page.screenshot(path=SCREENSHOTS / f"{name}-desktop.png", full_page=whole)


@pytest.fixture(scope="package")
def crowded(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[str]:
    """A server on a store of a thousand people."""
    folder = tmp_path_factory.mktemp("crowded")
    remember_a_crowd(folder)
    with serving(folder) as address:
        yield address


@pytest.fixture(scope="package")
def scene(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> RenderedScene:
    """Two cameras, three people, eight seconds."""
    spec = SceneSpec(cameras=2, people=3, duration_s=8.0, fps=5.0, size_px=(640, 360))
    return render_scene(spec, tmp_path_factory.mktemp("fresh") / "in")


@pytest.fixture(scope="package")
def fresh(scene: RenderedScene) -> Iterator[str]:
    """A server that has done nothing yet and may read the scene."""
    with serving(scene.folder.parent) as address:
        yield address


@pytest.fixture(scope="package")
def empty(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[str]:
    """A server that knows nobody."""
    with serving(tmp_path_factory.mktemp("empty")) as address:
        yield address


@pytest.fixture
def visit(chromium: Browser, crowded: str) -> Iterator[Open]:
    """Opens pages of the crowded server."""
    with visiting(chromium, crowded) as open_:
        yield open_
