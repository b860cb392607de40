"""What is unread: how much and where is said, one is led there, and it is read when it is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browsing import Person, Robot

Come = Callable[..., Person]
Others = Callable[..., Any]

MANY = 94


def bar(page: Page) -> Any:
    return page.locator("hub-news-bar")


def told(page: Page) -> str:
    return page.locator("hub-news-bar .news-text").inner_text()


def new(page: Page) -> int:
    """How many messages the bar calls new."""
    return int(told(page).split(" new")[0])


def away(come: Come, others: Others, room: str, *, at: tuple[int, ...] = (20, 60)) -> Any:
    """Ada is elsewhere while ben says much in her room, and mentions her."""
    ben = others(Robot, "ben", room)
    ben.say("before she left")
    ada = come("ada")
    ada.enter(room)
    ada.hears("before she left")
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    ben.say(*(f"text {n}" + (f", @{ada.name}" if n in at else "") for n in range(MANY)))
    expect(badge(ada.page, room)).to_have_text(f"@ {MANY}" if at else str(MANY))
    return ada, ben


def badge(page: Page, room: str) -> Any:
    row = page.locator(f"hub-sidebar a[href='#/{room}']")
    return row.locator(".badge")


def test_who_enters_is_told_how_much_is_new_and_only_what_is_seen_is_forgotten(
    come: Come, others: Others, room: str
) -> None:
    ada, _ = away(come, others, room)
    page = ada.page
    ada.open(f"#/{room}")
    ada.hears(f"text {MANY - 1}")
    expect(page.locator(".said", has_text=f"text {MANY - 1}")).to_be_in_viewport()
    expect(bar(page)).to_be_visible()
    assert told(page).endswith(" new, 2 mention you")
    left = new(page)
    assert 33 < left < MANY, "those in sight are not new any more, and those above them are"
    ada.open(f"#/{room}-elsewhere")  # a look at the end is no reading of what is above it
    expect(badge(page, room)).to_have_text(f"@ {left}")


def test_both_ways_lead_there_and_what_was_seen_is_read(
    come: Come, others: Others, room: str
) -> None:
    ada, ben = away(come, others, room)
    page, keys = ada.page, ada.page.keyboard
    ada.open(f"#/{room}")
    expect(bar(page)).to_be_visible()
    keys.press("Alt+m")
    expect(page.locator(".target")).to_contain_text("text 20,")
    text = page.locator("hub-news-bar .news-text")
    expect(text).to_contain_text("1 mentions you")  # that one is seen
    page.get_by_role("button", name="To the next mention of you (Alt+M)").first.click()
    expect(page.locator(".target")).to_contain_text("text 60,")
    expect(text).not_to_contain_text("mention")
    left = new(page)
    page.get_by_role("button", name="To the first new message (u)").click()
    expect(page.locator(".said", has_text="text 0")).to_be_in_viewport()
    expect(page.locator(".new + .said")).to_contain_text("text 0")
    expect(badge(page, room)).not_to_have_text(str(left))  # the first of them are read
    page.mouse.move(400, 300)
    for _ in range(60):
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(20)
    expect(bar(page)).to_be_hidden()
    expect(badge(page, room)).to_have_count(0)
    ben.say("and one more")
    ada.hears("and one more")
    expect(badge(page, room)).to_have_count(0)  # she looks on
    page.reload()
    ada.inside()
    expect(badge(page, room)).to_have_count(0)


def test_what_fits_into_the_window_is_read_at_once(come: Come, others: Others, room: str) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    ben.say("one", f"two, @{ada.name}")
    expect(badge(ada.page, room)).to_have_text("@ 2")
    ada.open(f"#/{room}")
    ada.hears("one", "two")
    expect(badge(ada.page, room)).to_have_count(0)
    expect(bar(ada.page)).to_be_hidden()


def test_a_room_and_all_rooms_are_marked_as_read_when_one_says_so(
    come: Come, others: Others, room: str
) -> None:
    ada, ben = away(come, others, room)
    page = ada.page
    ada.open(f"#/{room}")
    expect(bar(page)).to_be_visible()
    page.locator("hub-timeline").focus()
    page.keyboard.press("m")
    expect(bar(page)).to_be_hidden()
    expect(badge(page, room)).to_have_count(0)
    expect(page.locator("#message")).to_be_focused()
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    ben.say(f"again, @{ada.name}")
    expect(badge(page, room)).to_have_text("@ 1")
    page.get_by_role("button", name="Mark all rooms as read").click()
    expect(page.locator(".badge:visible")).to_have_count(0)
    page.reload()
    ada.inside()
    expect(page.locator(".badge:visible")).to_have_count(0)


def test_a_key_leads_from_mention_to_mention_through_all_rooms(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", f"{room}-b")
    eve = others(Robot, "eve", f"{room}-c")
    ada = come("ada")
    for one in (f"{room}-b", f"{room}-c", f"{room}-d"):
        ada.open(f"#/{one}")
        if one.endswith("b"):
            ada.page.locator("#name").fill(ada.name)
            ada.page.keyboard.press("Enter")
        expect(ada.page.locator("hub-room h1 bdi")).to_have_text(one)
        ada.inside()
    page, title = ada.page, ada.page.locator("hub-room h1 bdi")
    ben.say(*(f"line {n}" for n in range(50)), f"@{ada.name} in b", *map(str, range(50)))
    eve.say("nothing in particular")
    total = page.locator("hub-sidebar .total")
    expect(total).to_have_text("102 new, 1 mentions you")
    page.keyboard.press("Alt+m")
    expect(title).to_have_text(f"{room}-b")
    expect(page.locator(".target")).to_contain_text(f"@{ada.name} in b")
    expect(total).to_have_text(re.compile(r"^\d+ new$"))  # it is seen, whatever is above it
    page.keyboard.press("Alt+Shift+ArrowDown")
    expect(title).to_have_text(f"{room}-c")
    page.keyboard.press("Alt+m")
    expect(page.locator("hub-toast")).to_contain_text("Nobody else has mentioned you")
    page.get_by_role("button", name="To the next room with news (Alt+Shift+↓)").click()
    expect(title).to_have_text(f"{room}-b")


def test_what_was_missed_while_the_window_was_elsewhere_is_not_read_by_coming_back(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    ada.page.evaluate("() => { Document.prototype.hasFocus = () => false; }")
    ben.say(*(f"text {n}" for n in range(MANY)))
    ada.hears(f"text {MANY - 1}")
    expect(badge(ada.page, room)).to_have_text(str(MANY))
    ada.page.evaluate("() => { Document.prototype.hasFocus = () => true; }")
    ada.page.evaluate("() => dispatchEvent(new Event('focus'))")
    expect(bar(ada.page)).to_be_visible()
    assert 33 < new(ada.page) < MANY, "those in sight are seen now"


def test_a_mention_that_was_seen_counts_no_longer_in_no_tab_and_after_a_reload(
    come: Come, others: Others, room: str
) -> None:
    ada, ben = away(come, others, room, at=(20,))
    page = ada.page
    other = ada.tab()
    other.goto(f"{ada.url}#/{room}-elsewhere")
    expect(badge(other, room)).to_have_text(f"@ {MANY}")
    page.bring_to_front()
    page.keyboard.press("Alt+m")
    expect(page.locator(".target")).to_contain_text("text 20,")
    number = re.compile(r"^\d+$")
    for tab in (page, other):
        expect(badge(tab, room)).to_have_text(number)
        expect(tab.locator("hub-sidebar .total")).not_to_contain_text("mention")
        expect(tab).not_to_have_title(re.compile("@"))
    other.close()
    ada.open(f"#/{room}-elsewhere")
    left = badge(page, room).inner_text()
    for _ in range(2):
        page.reload()
        ada.inside()
        expect(badge(page, room)).to_have_text(left)
        expect(page).to_have_title(re.compile(rf"^\({left}\)"))
    ben.say(f"once more, @{ada.name}")
    expect(badge(page, room)).to_have_text(f"@ {int(left) + 1}")
    page.keyboard.press("Alt+m")
    expect(page.locator(".target")).to_contain_text("once more")


def test_a_phone_is_told_of_other_rooms_at_the_button_that_hides_them(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    ada.enter(room)
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    ben.say("one", f"two, @{ada.name}")
    menu = ada.page.get_by_role("button", name="Rooms", exact=True)
    expect(menu.locator(".badge")).to_have_text("@ 2")
    expect(menu).to_have_attribute("aria-description", "2 new, 1 mentions you, in 1 other room")
    menu.tap()
    ada.page.get_by_role("button", name="To the next mention of you (Alt+M)").locator(
        "visible=true"
    ).tap()
    expect(ada.page.locator(".target")).to_contain_text("two")
