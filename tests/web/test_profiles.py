"""What people say of themselves on the page, what others see of it, and whom they block."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Person, Robot, until
from tests.web.test_accounts import PASSWORD, log_in, register
from tests.web.test_beside import TOLD, told
from tests.web.test_looks import clean

Come = Callable[..., Person]
Others = Callable[..., Any]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def registered(one: Robot) -> Robot:
    """A program of somebody who has an account by now."""
    one.ask(type="register", password=PASSWORD)
    return one


def own_state(page: Page) -> Any:
    return page.locator("hub-sidebar .who .presence-state")


def choose_state(page: Page, label: str) -> None:
    """In the menu at one's own name, by the keyboard alone."""
    page.locator("hub-sidebar .who").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menu", name="How others see you")).to_be_visible()
    page.keyboard.type(label[0].lower())
    expect(page.get_by_role("menuitemradio", name=label)).to_be_focused()
    page.keyboard.press("Enter")


def test_what_one_says_of_oneself_is_on_the_card_that_others_open(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada", bypass_csp=True)
    ada.enter(room)
    register(ada)
    page = ada.page
    choose_state(page, "Away")
    expect(own_state(page)).to_have_text("away")
    page.locator("hub-sidebar .who").click()
    clean(page)
    page.get_by_role("menuitem", name="Your profile").click()
    expect(page.locator("#about-me")).to_be_focused()
    page.keyboard.type("Keeps bees")
    expect(page.locator("#my-away")).to_be_checked()
    page.locator("#my-note").fill("at the hives")
    clean(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(own_state(page)).to_have_text("away: at the hives")
    ada.say("a word")

    ben = come("ben", bypass_csp=True)
    ben.enter(room)
    other = ben.page
    ben.hears("a word")
    other.locator(f'hub-members button[value="{ada.name}"]').focus()
    other.keyboard.press("Enter")
    expect(other.get_by_role("menuitem", name=f"Mention {ada.name}")).to_be_focused()
    other.keyboard.press("ArrowDown")
    expect(other.get_by_role("menuitem", name=f"About {ada.name}")).to_be_focused()
    other.keyboard.press("Enter")
    card = other.get_by_role("dialog", name=ada.name)
    for words in ("Keeps bees", "away: at the hives", "Here", "now", "Account since", "Today"):
        expect(card).to_contain_text(words)
    clean(other)
    other.keyboard.press("Escape")
    other.locator(".said .by", has_text=ada.name).click(button="right")
    other.get_by_role("menuitem", name=f"About {ada.name}").click()
    expect(card).to_contain_text("Keeps bees")
    other.keyboard.press("Escape")
    ben.say(f"/whois {ben.name}")
    expect(other.get_by_role("dialog", name=ben.name)).to_contain_text("none: a guest")
    other.keyboard.press("Escape")
    ben.say("/whois nobody-of-that-name")
    expect(other.get_by_role("dialog")).to_contain_text("There is nobody called")
    other.keyboard.press("Escape")
    ada.say("/back")
    expect(own_state(page)).to_have_count(0)


def test_the_card_of_somebody_on_a_phone(come: Come, others: Others, room: str) -> None:
    eve = registered(others(Robot, "eve", room))
    eve.ask(type="profile", about="Sings", status="busy", note="rehearsal")
    eve.say("from eve")
    ada = come("ada", bypass_csp=True, **PHONE)
    ada.enter(room)
    ada.hears("from eve")
    page = ada.page
    # What a browser makes of a long touch: it begins as any touch.
    page.locator(".said .text", has_text="from eve").tap()
    page.locator(".said .by", has_text=eve.name).dispatch_event("contextmenu")
    page.get_by_role("menuitem", name=f"About {eve.name}").tap()
    card = page.get_by_role("dialog", name=eve.name)
    expect(card).to_contain_text("busy: rehearsal")
    expect(card).to_contain_text("Sings")
    clean(page)


def test_when_one_was_here_last_is_told_to_nobody_who_should_not_know(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    page = ada.page
    ada.say("/seen off")
    expect(page.locator("hub-toast")).to_contain_text(
        "Nobody is told any more when you were here last."
    )
    page.locator("hub-sidebar .who").click()
    page.get_by_role("menuitem", name="Your profile").click()
    expect(page.locator("#my-seen")).not_to_be_checked()
    eve = others(Robot, "eve", f"{room}-elsewhere")
    assert "seen" not in eve.ask(type="whois", user=ada.name)
    page.locator("#my-seen").check()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert eve.ask(type="whois", user=ada.name)["seen"]


def test_who_is_busy_is_alerted_of_nothing_and_the_title_counts_on(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.context.add_init_script(TOLD)
    ada.enter(room)
    register(ada)
    page = ada.page
    ada.say("/notify all")
    ada.say("/busy with the bees")
    expect(own_state(page)).to_have_text("busy: with the bees")
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    ben.say(f"one for @{ada.name}")
    expect(page).to_have_title(re.compile(r"^\(1 @\) "))
    ada.say("/back")
    expect(own_state(page)).to_have_count(0)
    ben.say("two")
    until(lambda: told(page) == [(f"{ben.name} in {room}", "two")], "the second one only", page)


def test_a_guest_has_no_profile_and_is_told_how_to_get_one(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.say("/away for lunch")
    expect(ada.page.locator("hub-toast")).to_contain_text("/register")
    expect(ada.page.locator("#message")).to_have_value("/away for lunch")
    ada.page.locator("hub-sidebar .who").click()
    expect(ada.page.get_by_role("dialog", name="Settings")).to_be_visible()


def test_whom_an_account_ignores_is_blocked_and_ignored_in_its_other_browsers(
    come: Come, others: Others, room: str
) -> None:
    eve = registered(others(Robot, "eve", room))
    ada = come("ada")
    ada.enter(room)
    register(ada)
    page = ada.page
    eve.say("the first of eve")
    ada.hears("the first of eve")
    ada.say(f"/ignore {eve.name}")
    expect(page.locator("hub-toast")).to_contain_text("they cannot write to you alone")
    expect(page.locator(".said .text", has_text="the first of eve")).to_have_count(0)

    other = come("other")
    other.open(f"#/{room}")
    log_in(other.page, ada.name)
    other.inside()
    ada.say("shown to both")
    other.hears("shown to both")
    expect(other.page.locator(".said .text", has_text="the first of eve")).to_have_count(0)
    ada.say(f"/msg {eve.name}")
    expect(page.locator("hub-toast")).to_contain_text(re.compile("blocked|ignore", re.IGNORECASE))

    second = eve.say("the second of eve")
    others(Robot, "ben", room).say("what ben answers", reply_to=second)
    other.hears("what ben answers")
    expect(other.page.locator(".quote")).to_have_text(re.compile(f"{eve.name}\\s*…$"))

    other.page.get_by_role("button", name="Settings").click()
    other.page.get_by_role("button", name=f"Show what {eve.name} writes again").click()
    expect(other.page.get_by_text("Shown", exact=True)).to_be_visible()
    other.page.keyboard.press("Escape")
    other.hears("the first of eve")
    ada.open(f"#/{room}")
    ada.hears("the first of eve")


@pytest.mark.parametrize("account", [False, True])
def test_ignoring_is_local_for_guests(come: Come, others: Others, room: str, account: bool) -> None:
    ben = others(Robot, "ben", room)
    if account:
        registered(ben)
    ada = come("ada")
    ada.enter(room)
    ben.say("from ben")
    ada.hears("from ben")
    ada.say(f"/ignore {ben.name}")
    expect(ada.page.locator("hub-toast")).to_contain_text(f"What {ben.name} writes is hidden now.")
    expect(ada.page.locator(".said .text", has_text="from ben")).to_have_count(0)
    assert ben.ask(type="direct", users=[ada.name])["type"] == "direct"


def test_who_wants_it_so_is_written_to_alone_by_no_guest(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    page = ada.page
    page.locator("hub-sidebar .who").click()
    page.get_by_role("menuitem", name="Your profile").click()
    page.get_by_label("Guests may write to me alone").uncheck()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    eve = others(Robot, "eve", f"{room}-elsewhere")
    with pytest.raises(AssertionError, match="need-account"):
        eve.ask(type="direct", users=[ada.name])
    ada.say("/strangers on")
    expect(page.locator("hub-toast")).to_contain_text("Guests may write to you alone.")
    assert eve.ask(type="direct", users=[ada.name])["room"]
