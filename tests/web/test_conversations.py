"""Messages beside the room: what is pinned, and the conversation around a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Person, Robot
from tests.web.test_changes import PHONE, do, message
from tests.web.test_looks import clean
from tests.web.test_room_rights import make, register

Come = Callable[..., Person]
Others = Callable[..., Any]


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_conversation_is_shown_and_goes_on_beside_the_room(
    come: Come, others: Others, room: str, size: dict[str, Any]
) -> None:
    ben = others(Robot, "ben", room)
    first = ben.say("tea?")
    second = ben.say("with milk", reply_to=first)
    ben.say("something else", "and more")
    ben.say("and sugar", reply_to=second)
    ada = come("ada", bypass_csp=True, **size)
    ada.enter(room)
    page = ada.page
    expect(message(ada, "tea?").locator(".replies")).to_have_text("1 reply")
    message(ada, "tea?").locator(".replies").click()
    aside = page.locator("hub-aside")
    texts = aside.locator(".said .text")
    expect(texts).to_have_text(["tea?", "with milk", "and sugar"])
    clean(page)
    aside.get_by_label("Answer in this conversation").fill("and a biscuit")
    aside.get_by_role("button", name="Send the answer").click()
    expect(texts).to_have_count(4)
    expect(aside.locator(".said[data-seq] .state.saved")).to_have_count(1)
    assert ben.log()[-1]["reply_to"] == first
    # It is alive: others answer, change, react and take back.
    ben.ask(type="edit", room=room, target=second, text="with oat milk")
    third = ben.say("no, thanks", reply_to=second)
    ben.ask(type="react", room=room, target=first, emoji="🍵")
    ben.ask(type="redact", room=room, target=third)
    expect(texts.last).to_have_text(f"(taken back by {ben.name})")
    expect(texts.nth(1)).to_have_text("with oat milk (edited)")
    expect(aside.locator(".reaction bdi")).to_have_text("🍵")
    # One answers another one of its messages.
    aside.locator(".said", has_text="and sugar").last.focus()
    page.keyboard.press("r")
    expect(aside.locator(".reply-to")).to_contain_text("and sugar")
    page.keyboard.type("two spoons")
    page.keyboard.press("Enter")
    expect(aside.locator(".said[data-seq] .text").last).to_have_text("two spoons")
    assert ben.log()[-1]["reply_to"] == second + 3
    page.keyboard.press("Escape")
    expect(aside).to_be_hidden()
    if not size:
        message(ada, "something else").focus()
        page.keyboard.press("t")
        expect(texts).to_have_text(["something else"])


def test_what_is_pinned_is_found_again_and_unpinned(come: Come, others: Others, room: str) -> None:
    owner, eve = come("ada", bypass_csp=True), come("eve", bypass_csp=True, **PHONE)
    owner.enter(f"{room}-hall")
    register(owner)
    make(owner, room)
    ben = others(Robot, "ben", room)
    ben.say("the first", "the house rules", *(f"line {number}" for number in range(80)))
    eve.enter(room)
    expect(eve.page.locator("[data-do=pins]")).to_be_hidden()
    owner.hears("line 79")
    owner.page.locator("hub-timeline").focus()
    owner.page.keyboard.press("Home")
    do(owner, "the house rules", "Pin")
    told = f"{owner.name} has pinned a message of {ben.name}: the house rules"
    for one in (owner, eve):
        expect(one.page.locator("[data-do=pins]")).to_be_visible()
    eve.page.locator("[data-do=pins]").tap()
    aside = eve.page.locator("hub-aside")
    expect(aside.locator(".said .text")).to_have_text(["the house rules"])
    clean(eve.page)
    aside.get_by_role("button", name="Show it in the room").tap()
    expect(aside).to_be_hidden()
    expect(eve.page.locator(".target .text")).to_have_text("the house rules")
    eve.page.get_by_role("button", name="Newest").tap()
    expect(eve.page.locator(".presence", has_text=told)).to_be_visible()
    eve.say("/pins")
    expect(aside.locator(".said .text")).to_have_text(["the house rules"])
    # Who may not pin is told so, and is not offered it.
    eve.page.locator("hub-aside .said .text").tap()
    eve.page.locator("hub-aside [data-do=message-menu]").tap()
    expect(eve.page.get_by_role("menuitem", name="Reply")).to_be_visible()
    expect(eve.page.get_by_role("menuitem", name="Unpin")).to_have_count(0)
    do(owner, "the house rules", "Unpin")
    expect(aside.locator(".said")).to_have_count(0)
    expect(eve.page.locator("[data-do=pins]")).to_be_hidden()
