"""What stays of somebody who has closed their account: on the page, and in the browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.web.browsing import Person, Robot
from tests.web.test_looks import clean
from tests.web.test_room_rights import KEPT

Come = Callable[..., Person]
Others = Callable[..., Any]


class Line:
    """The page's line to the server, over which the server can be made to tell more."""

    def __init__(self, person: Person) -> None:
        self._route: WebSocketRoute | None = None
        person.page.route_web_socket("**/ws", self._opened)

    def _opened(self, route: WebSocketRoute) -> None:
        self._route = route
        route.connect_to_server()

    def tell(self, **frame: Any) -> None:
        assert self._route is not None
        self._route.send(json.dumps(frame))


@pytest.mark.parametrize("emptied", [True, False], ids=["emptied", "kept"])
def test_a_former_member_is_forgotten_while_the_page_is_open(
    come: Come, others: Others, room: str, emptied: bool
) -> None:
    ada = come("ada", bypass_csp=True)
    line = Line(ada)
    ada.enter(room)
    eve, ben = others(Robot, f"eve-{room}", room), others(Robot, f"ben-{room}", room)
    secret = eve.say("where I live")
    who = eve.ask(type="history", room=room, after=secret - 1)["events"][0]["by_id"]
    last = ben.say("thanks", reply_to=secret)
    ada.hears("where I live", "thanks")
    page = ada.page
    page.locator(f'.said[data-seq="{secret}"]').hover()
    page.locator(f'.said[data-seq="{secret}"] [data-do=reply]').click()
    page.keyboard.type("me, too")
    expect(page.locator(".reply-to")).to_contain_text(eve.name)
    page.wait_for_function(f"async () => (await ({KEPT})()).includes('where I live')")
    by = {"by": "former member", "by_id": who}
    event = {"kind": "forgotten", "seq": last + 1, "at": 1, "emptied": emptied, **by}
    line.tell(type="events", room=room, events=[event])
    row = page.locator(f'.said[data-seq="{secret}"]')
    expect(row.locator(".by").first).to_have_text("former member")
    expect(page.locator(".reply-to")).to_contain_text("former member")
    expect(page.locator("#message")).to_have_value("me, too")
    quote = page.locator(f'.said[data-seq="{last}"] .quote')
    expect(quote).to_contain_text("former member")
    row.locator(".by").first.click(button="right")
    expect(page.locator("hub-toast")).to_have_text("This account was closed.")
    row.hover()
    if emptied:
        expect(row.locator(".text")).to_have_text("(This message was taken away.)")
        expect(row.locator("[data-do=reply]")).to_be_hidden()
        expect(quote).not_to_contain_text("where I live")
    else:
        expect(row.locator(".text")).to_have_text("where I live")
        expect(row.locator("[data-do=reply]")).to_be_visible()
    clean(page)
    gone = "where I live" if emptied else f'"by":"{eve.name}"'
    page.wait_for_function(f"async () => !(await ({KEPT})()).includes({json.dumps(gone)})")
