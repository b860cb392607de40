"""What is too old goes from the open page and from the browser when the room says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.web.browsing import Person, Robot
from tests.web.test_former_members import Line
from tests.web.test_looks import clean
from tests.web.test_room_rights import KEPT, owner

__all__ = ["owner"]

Come = Callable[..., Person]
Others = Callable[..., Any]


def test_it_is_gone_while_the_page_is_open(come: Come, others: Others, room: str) -> None:
    ada = come("ada", bypass_csp=True)
    line = Line(ada)
    ada.enter(room)
    ben = others(Robot, f"ben-{room}", room)
    old = ben.say("an old word")
    last = ben.say("an answer", reply_to=old)
    ada.hears("an old word", "an answer")
    page = ada.page
    page.locator(f'.said[data-seq="{old}"]').hover()
    page.locator(f'.said[data-seq="{old}"] [data-do=reply]').click()
    page.keyboard.type("me, too")
    expect(page.locator(".reply-to")).to_contain_text("an old word")
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('an old word')")
    event = {"kind": "trimmed", "seq": last + 1, "at": 1, "by": "the server", "floor": old}
    line.tell(type="events", room=room, events=[event])
    expect(page.locator(f'.said[data-seq="{old}"]')).to_have_count(0)
    expect(page.locator(f'.said[data-seq="{last}"]')).to_contain_text("an answer")
    expect(page.locator(f'.said[data-seq="{last}"] .quote')).not_to_contain_text("old word")
    expect(page.locator(".reply-to")).not_to_contain_text("an old word")
    expect(page.locator("#message")).to_have_value("me, too")
    clean(page)
    gone = json.dumps("an old word")
    page.wait_for_function(f"async () => !(await ({KEPT})()).includes({gone})")
    page.mouse.move(0, 0)
    page.locator("hub-timeline").hover()
    page.mouse.wheel(0, -2000)  # there is nothing older to be fetched
    expect(page.locator(f'.said[data-seq="{old}"]')).to_have_count(0)


def test_an_owner_says_in_the_settings_how_long_messages_stay(owner: Person) -> None:
    owner.say("/keep 30d")
    page = owner.page
    expect(page.locator("hub-timeline")).to_contain_text("has let messages go after 30 days.")
    owner.say("/rules")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Messages stay for 30 days, and are gone then.")
    page.keyboard.press("Escape")
