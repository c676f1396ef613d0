"""What pages do when the server, the session or an answer is late or gone."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import visiting
from tests.browser.server import serving

pytestmark = pytest.mark.servers

TOKEN = "a-long-secret-of-some-letters"

ASKED_DURING_A_QUESTION = """async () => {
  const { every } = await import("/static/lib/poll.js");
  const leave = new AbortController();
  const answers = [];
  const again = every(3_600_000, () => new Promise((resolve) => { answers.push(resolve); }), leave.signal);
  again();
  again();
  answers[0]();
  const until = Date.now() + 5000;
  while (answers.length < 2 && Date.now() < until) await new Promise(requestAnimationFrame);
  leave.abort();
  return answers.length;
}"""


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[str]:
    """A server that wants a token."""
    with serving(tmp_path_factory.mktemp("locked"), MCT_TOKEN=TOKEN) as address:
        yield address


def refuse(route: Route) -> None:
    """As a server that is not there."""
    route.abort("connectionrefused")


def sign_in(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Token").fill(TOKEN)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_have_count(0)


def test_only_a_wrong_token_is_called_wrong(chromium: Browser, locked: str) -> None:
    with visiting(chromium, locked, expected="Failed to load") as open_:
        page = open_("jobs")
        page.route("**/session", refuse)
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Token").fill(TOKEN)
        dialog.get_by_role("button", name="Sign in").click()
        expect(dialog.get_by_text("The server does not answer")).to_be_visible()
        expect(dialog.get_by_text("That is not the token.")).to_have_count(0)
        page.unroute("**/session")
        sign_in(page)
        expect(page.locator("main h2")).to_have_text("No job yet")

        page.context.clear_cookies()
        page.route("**/session", refuse)
        page.reload()
        expect(page.get_by_role("alert").filter(has_text="The server does not answer").first).to_be_visible()
        assert page.evaluate("sessionStorage.getItem('token')") == TOKEN
        page.unroute("**/session")
        page.reload()
        expect(page.locator("main h2")).to_have_text("No job yet")


def test_events_come_again_after_the_session_ended(chromium: Browser, locked: str) -> None:
    with visiting(chromium, locked, expected="401") as open_:
        page = open_("jobs")
        sign_in(page)
        page.route("**/events/stream*", lambda route: route.fulfill(status=401))
        page.clock.install()
        with page.expect_response("**/events/stream*"):
            page.goto("/#/events")
        page.unroute("**/events/stream*")
        page.context.clear_cookies()
        page.clock.fast_forward(5000)
        expect(page.get_by_role("status").filter(has_text="live")).to_be_visible()


def test_a_wish_during_a_question_is_granted_after_it(chromium: Browser, empty: str) -> None:
    with visiting(chromium, empty) as open_:
        assert open_("system").evaluate(ASKED_DURING_A_QUESTION) == 2


def test_the_map_shows_no_answer_of_a_job_left_behind(chromium: Browser, empty: str) -> None:
    jobs: list[dict[str, object]] = [{"job_id": name, "status": "done", "cameras": []} for name in ("one", "two")]
    place = {"camera": "cam1", "calibrated": True, "seen_m": [[0, 0], [4, 4]], "place_m": None, "size_px": [640, 360]}
    floor = {"calibration": None, "cameras": [place], "trails": [], "media_s": 8.0, "begins_unix_s": 0.0}
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    with visiting(chromium, empty) as open_:
        page = open_("system")
        page.route("**/jobs", lambda route: route.fulfill(json={"jobs": jobs}))
        page.route("**/jobs/*/floor*", hold)
        with page.expect_request("**/jobs/one/floor*"):
            page.goto("/#/map")
        page.get_by_label("Job").select_option("two")
        with page.expect_request("**/jobs/two/floor*"):
            late[0].fulfill(body=json.dumps(floor), content_type="application/json")
        assert page.locator(".floor-card").count() == 0
        late[1].fulfill(body=json.dumps(floor), content_type="application/json")
        expect(page.locator(".floor-card")).to_be_visible()
