"""Pages that stay open while the world goes on: cleared storage, wrong clocks, an upgrade, Back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Person, Robot

Come = Callable[..., Person]
Others = Callable[..., Any]

A_DAY_OFF = """
const real = Date.now.bind(Date);
const off = %d;
Date.now = () => real() + off;
window.Date = class extends Date {
  constructor(...given) { given.length ? super(...given) : super(real() + off); }
};"""


def test_a_page_goes_on_when_the_browser_clears_what_it_kept(
    come: Come, others: Others, room: str
) -> None:
    """As on a full disk. Who clears the identity, too (localStorage), has signed out."""
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    ada.say("before")
    ben.say("hello")
    ada.hears("before", "hello")
    devtools = ada.context.new_cdp_session(ada.page)
    origin = ada.page.evaluate("() => location.origin")
    devtools.send(
        "Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb,cache_storage"}
    )
    ada.say("after")
    ben.say("still there?")
    ada.hears("before", "hello", "after", "still there?")
    ada.page.reload()
    ada.page.wait_for_load_state()
    expect(ada.page.locator("body")).to_be_visible()


@pytest.mark.parametrize("off", [86_400_000, -86_400_000])
def test_a_clock_that_is_a_day_off_changes_no_order(
    off: int, come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ben.say("first")
    ada = come("ada")
    ada.context.add_init_script(A_DAY_OFF % off)
    ada.enter(room)
    ada.hears("first")
    ada.say("second")
    ben.say("third")
    ada.hears("first", "second", "third")
    assert ada.page.locator(".said.waiting").count() == 0
    assert ada.page.locator(".day").count() <= 2
    assert ada.seqs == sorted(ada.seqs)


def test_who_goes_to_another_page_and_back_is_in_the_room(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    ada.say("before")
    ada.page.goto("about:blank")
    ben.say("while away")
    ada.page.go_back()
    ada.hears("before", "while away")
    ada.say("after")
    ben.say("to you")
    ada.hears("before", "while away", "after", "to you")


def test_a_page_left_open_over_an_upgrade_goes_on_and_offers_the_new_one(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.context.route("**/version.json", lambda route: route.fulfill(json={"page": "newer"}))
    ada.enter(room)
    expect(ada.page.locator("hub-toast")).to_contain_text("This page has a new version.")
    ada.say("from the old page")
    ben.say("from the new server")
    ada.hears("from the old page", "from the new server")
