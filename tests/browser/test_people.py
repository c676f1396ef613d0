"""People on the page: a thousand of them, and what is put right by hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Open, keep, visiting
from tests.browser.crowd import PEOPLE

pytestmark = pytest.mark.servers

MOST_TILES = 120
"""In sight, and some rows around."""


def tiles(page: Page) -> int:
    return page.locator(".person-tile").count()


def test_a_thousand_people_are_as_quick_as_a_few(visit: Open) -> None:
    page = visit("people")
    expect(page.get_by_role("status").filter(has_text="1,000 people")).to_be_visible()
    page.get_by_label("Order").select_option("id")
    first = page.get_by_role("link", name=re.compile("^Person 1,"))
    expect(first).to_be_visible()
    assert tiles(page) <= MOST_TILES
    first.focus()
    page.keyboard.press("End")
    last = page.get_by_role("link", name=re.compile(f"^Person {PEOPLE},"))
    expect(last).to_be_visible()
    expect(last).to_be_focused()
    assert tiles(page) <= MOST_TILES
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("link", name=re.compile(f"^Person {PEOPLE - 1},"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text(f"Person {PEOPLE - 1}")


def test_people_are_found_by_number(visit: Open) -> None:
    page = visit("people")
    page.get_by_label("Search by name or number").fill("99")
    expect(page.get_by_role("status").filter(has_text="11 people")).to_be_visible()  # 99 and 990 to 999
    page.get_by_label("Search by name or number").fill("nobody is called this")
    expect(page.locator("main h2")).to_have_text("Nobody found")


def test_a_person_is_named_merged_split_kept_apart_and_all_undone(visit: Open) -> None:
    page = visit("people/20")
    page.get_by_role("button", name="Name").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Ann <b>of</b> 20")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main h1")).to_have_text("Ann <b>of</b> 20")

    choose(page, "Same as…", "121", "Merge")
    expect(page.locator(".sub")).to_contain_text("also 121")
    correction = page.locator(".corrections li")
    expect(correction).to_contain_text("became")
    split_at_a_picture(page)
    correction.last.get_by_role("button", name="Undo").click()
    expect(correction).to_have_count(1)
    page.locator(".bar").nth(1).click()
    keep(page, "person-merged", whole=True)
    page.get_by_role("button", name="Somebody else from here on").click()
    page.get_by_role("button", name="Split", exact=True).click()
    expect(correction).to_have_count(2)
    for left in (1, 0):
        correction.last.get_by_role("button", name="Undo").click()
        expect(correction).to_have_count(left)
    expect(page.locator(".sub").filter(has_text="also")).to_have_count(0)

    choose(page, "Not the same as…", "122", "Keep apart")
    expect(correction).to_contain_text("are two people")
    page.locator(".toast").last.get_by_role("button", name="Undo").click()
    expect(correction).to_have_count(0)


def split_at_a_picture(page: Page) -> None:
    """Two people with a picture each, who were merged, are divided between them."""
    expect(page.locator(".crops a")).to_have_count(2)
    page.get_by_role("button", name="Two people…").click()
    dialog = page.get_by_role("dialog")
    pictures = dialog.get_by_role("group", name="Pictures in order of time").get_by_role("button")
    expect(pictures.first).to_be_disabled()
    dialog.get_by_role("button", name="Split", exact=True).click()
    expect(dialog).to_be_visible()  # no picture is chosen yet
    pictures.last.click()
    expect(dialog.get_by_role("status")).to_contain_text("1 picture of")
    keep(page, "person-split")
    dialog.get_by_role("button", name="Split", exact=True).click()
    expect(page.locator(".corrections li")).to_have_count(2)
    expect(page.locator(".crops a")).to_have_count(1)


def choose(page: Page, button: str, number: str, action: str) -> None:
    """Say who it is about in the dialog."""
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search by name or number").fill(number)
    dialog.get_by_role("button", name=f"Person {number}").click()
    dialog.get_by_role("button", name=action).click()
    expect(dialog).to_have_count(0)


def test_somebody_is_forgotten_for_good(chromium: Browser, crowded: str) -> None:
    with visiting(chromium, crowded, expected="404") as open_:
        page = open_("people/500")
        page.get_by_role("button", name="Forget").click()
        page.get_by_role("button", name="Forget for good").click()
        expect(page.locator("main h1")).to_have_text("People")
        page.goto("/#/people/500")
        expect(page.get_by_role("alert")).to_contain_text("nobody has the number 500")
