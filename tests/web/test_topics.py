"""What a room is about: in the head of the room, in the list of all rooms, and for who comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Person, Robot
from tests.web.test_phone import PHONE

Come = Callable[..., Person]
Others = Callable[..., Any]

LONG = "Verse and prose, and whatever else is worth a line or two. ".strip() + " And more." * 24
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


def topic(page: Page) -> Any:
    return page.locator("hub-room .topic")


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_topic_is_in_the_head_and_the_list_and_pushes_nothing_out(
    come: Come, others: Others, room: str, screen: dict[str, Any]
) -> None:
    ada = come("ada", **screen)
    ada.enter(room)
    page = ada.page
    ada.say("/topic Verse")
    expect(topic(page)).to_have_text("Verse")
    expect(page.locator("hub-timeline")).to_contain_text("has set the topic: Verse")
    assert len(LONG) <= 300
    others(Robot, "ben", room).ask(type="topic", room=room, topic=LONG)
    expect(topic(page)).to_have_text(LONG)
    for label in ("Search (Ctrl+Shift+F)", "Members"):
        button = page.locator("hub-room .room-head").get_by_role("button", name=label)
        expect(button).to_be_in_viewport(ratio=1)
    name = page.locator("hub-room .room-head h1 bdi span").first
    assert name.evaluate("(one) => one.scrollWidth <= one.clientWidth"), "the name is cut"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    eve = come("eve", **screen)
    eve.open()
    eve.page.locator("#name").fill(eve.name)
    eve.page.keyboard.press("Enter")
    row = eve.page.locator(f"hub-lobby button[value='{room}']")
    expect(row).to_contain_text(LONG)
    assert eve.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row.click()
    eve.inside()
    expect(topic(eve.page)).to_have_text(LONG)
    ada.say("/topic -")
    expect(topic(eve.page)).to_be_hidden()
    expect(topic(page)).to_be_hidden()
    ada.say("/topic")
    expect(page.get_by_text(f"# {room} has no topic")).to_be_visible()
