"""For everybody: axe in each state, a phone, zoom, keyboard only; and how much the page weighs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.conftest import LONG
from tests.web.browsing import Person, Robot, until

Come = Callable[..., Person]
Others = Callable[..., Any]

LOOKS = [("light", "desktop"), ("dark", "phone")]
if LONG:
    LOOKS += [("dark", "desktop"), ("light", "phone")]

WEIGHT_BYTES = 130 * 1024  # before the first picture
STILL_THE_SAME_BYTES = 300  # Resource Timing has this size for a 304, whatever it was
FIRST_PAINT_MS = 500
PHONE = {"viewport": {"width": 320, "height": 568}, "has_touch": True, "is_mobile": True}


def clean(page: Page) -> None:
    """No finding of axe, of any impact; and nothing sticks out of the window."""
    # A policy without eval lets the page have no script from a string; the tool brings its own.
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"]}
    found = page.evaluate("(options) => axe.run(options)", options)["violations"]
    assert not found, [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found
    ]
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme, size", LOOKS)
def test_axe_finds_nothing_in_any_state(
    come: Come, others: Others, room: str, scheme: str, size: str
) -> None:
    ada = come("ada", color_scheme=scheme, bypass_csp=True, **(PHONE if size == "phone" else {}))
    page = ada.page
    ada.open(f"#/{room}")
    clean(page)
    page.locator("#name").fill("not a name")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).not_to_be_empty()
    clean(page)
    page.locator("#name").fill(ada.name)
    page.keyboard.press("Enter")
    ada.inside()
    ben = others(Robot, "ben", room)
    seq = ben.say(
        f"Hello {ada.name}, *bold* _it_ ~no~ `code` https://example.org", "> said\n```\ncode\n```"
    )
    ben.say("an answer", reply_to=seq)
    ada.hears("an answer")
    page.locator("#message").fill("\u200b")
    page.keyboard.press("Enter")
    expect(page.locator(".failed")).to_be_visible()
    ada.say("mine")
    ada.hears("mine")
    clean(page)
    page.locator("#message").press_sequentially("/")
    expect(page.get_by_role("option").first).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    page.locator("#message").fill("")
    page.keyboard.press("Control+Shift+F")
    expect(page.locator("#query")).to_be_focused()
    clean(page)
    page.keyboard.press("Escape")
    for button in ("Help (?)", "Settings"):
        if size == "phone":
            page.get_by_role("button", name="Rooms", exact=True).click()
            clean(page)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        clean(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.keyboard.press("Escape")
    expect(page.locator("hub-ask")).to_be_visible()
    page.locator("hub-room h1 button").click()
    expect(page.get_by_role("menu")).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    ben.say(*(f"text {number}" for number in range(60)), f"for @{ada.name}")
    expect(page.locator("hub-sidebar .total")).to_have_text("61 new, 1 mentions you")
    clean(page)
    ada.open(f"#/{room}")
    expect(page.locator("hub-news-bar")).to_be_visible()
    clean(page)
    page.keyboard.press("Control+K")
    expect(page.locator("#room")).to_be_focused()
    page.keyboard.type("nothing like that")
    expect(page.locator(".make")).to_be_visible()
    clean(page)


def test_a_phone_has_all_of_it(come: Come, others: Others, room: str) -> None:
    ada = come("ada", **PHONE)
    ada.enter(room)
    ben = others(Robot, "ben", room)
    ben.say("to a small screen")
    ada.hears("to a small screen")
    page = ada.page
    page.get_by_role("button", name="Rooms", exact=True).tap()
    expect(page.locator("hub-sidebar")).to_be_in_viewport()
    page.locator("hub-sidebar a", has_text=room).tap()
    expect(page.locator("hub-sidebar")).not_to_be_in_viewport()
    page.get_by_role("button", name="Members", exact=True).tap()
    expect(page.locator("hub-members li")).to_have_count(2)
    page.get_by_role("button", name="Hide the members").tap()
    page.locator(".said", has_text="to a small screen").tap()
    page.get_by_role("button", name="Reply (r)").tap()
    page.locator("#message").fill("and back")
    page.get_by_role("button", name="Send").tap()
    ada.hears("and back")
    small = page.evaluate("""() => [...document.querySelectorAll("button, a, input, textarea")]
      .filter((one) => one.checkVisibility() && !one.closest("p"))
      .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
      .filter(([box]) => box.width && (box.width < 24 || box.height < 24))""")
    assert small == []


def test_on_a_phone_the_search_makes_way_for_the_result_that_is_chosen(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    seq = ben.say("where I live", "and more") - 1
    query = f"live in:{room}"
    until(lambda: ben.ask(type="search", query=query)["results"], "it can be found")
    ada = come("ada", **PHONE)
    ada.enter(room)
    page = ada.page
    page.get_by_role("button", name="Search (Ctrl+Shift+F)").tap()
    page.locator("#query").fill(query)
    page.locator("#query").press("Enter")
    page.locator("hub-search li a").tap()
    expect(page.locator(".target")).to_have_attribute("data-seq", str(seq))
    expect(page.locator("hub-search")).to_be_hidden()
    page.locator(".target").tap()  # nothing covers it


def test_the_keyboard_reaches_everything_and_never_loses_the_focus(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    ben = others(Robot, "ben", room)
    ben.say("one", "two", "three")
    ada.hears("three")
    page, keys = ada.page, ada.page.keyboard

    def focused(selector: str) -> None:
        expect(page.locator(selector)).to_be_focused()

    focused("#message")
    keys.press("F6")
    focused("hub-members ul")
    keys.press("F6")
    focused("hub-sidebar a[aria-current]")
    keys.press("F6")
    focused("hub-timeline")
    keys.press("ArrowUp")
    expect(page.locator(".said:focus")).to_contain_text("three")
    keys.press("ArrowUp")
    expect(page.locator(".said:focus")).to_contain_text("two")
    keys.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Shift+Enter begins a new line")
    keys.press("Escape")
    expect(page.locator(".said:focus")).to_contain_text("two")
    keys.press("Escape")
    focused("#message")
    keys.type("/join second-room\n")
    expect(page.get_by_role("button", name="Create # second-room")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("hub-room h1")).to_contain_text("second")
    focused("#message")
    keys.press("Alt+ArrowUp")
    expect(page.locator("hub-room h1")).to_contain_text(room)
    focused("#message")
    for _ in range(25):
        keys.press("Tab")
        assert page.evaluate(
            "() => document.activeElement !== document.body && document.activeElement"
            ".checkVisibility()"
        ) or page.evaluate("() => document.activeElement === document.body")
    keys.press("Control+K")
    focused("#room")


def test_the_page_is_light_and_painted_at_once(come: Come, room: str) -> None:
    """All files that it fetches until one has chatted, as they come over the wire."""
    ada = come("ada", service_workers="block")  # what it keeps comes a second time, from the cache
    ada.enter(room)
    ada.page.locator("#message").press_sequentially("Hello :tada:", delay=50)
    ada.page.keyboard.press("Enter")
    ada.hears("Hello 🎉")
    brought = ada.page.evaluate(
        "['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type))"
        ".map(({ name, transferSize }) => [new URL(name).pathname, transferSize])"
    )
    later = ("/dialogs.js", "/picker.js", "/emoji.json")
    assert not any(path.endswith(later) for path, _ in brought)
    # The icon is asked for in several places, and how often depends on when it has come.
    sizes = [size for _, size in brought if size != STILL_THE_SAME_BYTES]
    assert 50 * 1024 < sum(sizes) <= WEIGHT_BYTES
    painted = ada.page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    )
    assert painted > 0
    if LONG:  # a busy machine takes any time for it
        assert painted <= FIRST_PAINT_MS


def test_high_contrast_reduced_motion_and_zoom_leave_all_of_it_usable(
    come: Come, room: str
) -> None:
    """640 px wide is a window of 1280 px at 200 %."""
    ada = come(
        "ada",
        forced_colors="active",
        reduced_motion="reduce",
        viewport={"width": 640, "height": 400},
        device_scale_factor=2,
    )
    ada.enter(room)
    ada.say("can be read")
    ada.hears("can be read")
    page = ada.page
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".said .text")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport(ratio=1)
    moving = page.evaluate("() => document.getAnimations().length")
    assert moving == 0
