"""Tabs of one browser are one user: the name, its proof and signing out are one state in all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, Wire, until
from tests.web.test_losses import KEPT

Come = Callable[..., Person]
Others = Callable[..., Any]


def two_tabs(come: Come, room: str, port: int | None = None) -> tuple[Person, Page]:
    """Ada in a room, in two tabs."""
    ada = come("ada", port)
    ada.enter(room)
    other = ada.tab()
    other.goto(f"{ada.url}#/{room}")
    expect(other.locator(".facts")).to_have_text("1 here")
    return ada, other


def goes_by(page: Page, name: str) -> None:
    expect(page.locator("hub-sidebar .who bdi")).to_have_text(name)
    expect(page.locator("hub-members li", has_text="you").locator("bdi")).to_have_text(name)


def test_a_new_name_is_the_name_in_all_tabs_and_the_old_one_is_free(
    come: Come, server: ServerProcess, room: str
) -> None:
    ada, other = two_tabs(come, room)
    ada.say("/nick Countess")
    for tab in (ada.page, other):
        goes_by(tab, "Countess")
        expect(tab.locator("hub-members li")).to_have_count(1)
    other.locator("#message").fill("it is me")
    other.locator("#message").press("Enter")
    expect(ada.page.locator(".said[data-seq] .by", has_text="Countess")).to_have_count(1)
    until(lambda: is_free(server, ada.name), "the old name is free", ada.page)


def is_free(server: ServerProcess, name: str) -> bool:
    try:
        Robot(server.url, name, "elsewhere").close()
    except AssertionError:
        return False
    return True


def test_ones_own_former_name_is_ones_own_again(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    for name in ("Bb-of-ada", ada.name, "Cc-of-ada", "Bb-of-ada", ada.name):
        ada.say(f"/nick {name}")
        goes_by(ada.page, name)


def test_a_name_that_is_given_up_offline_is_ones_own_again_and_then_free(
    come: Come, server: ServerProcess, room: str
) -> None:
    """The server holds it for who may come back: for us, as we can prove."""
    wire = Wire(server.port)
    ada = come("ada", wire.port)
    ada.enter(room)
    wire.cut()
    expect(ada.page.locator("hub-banner")).to_be_visible()
    ada.say("/nick Dd-of-ada")
    wire.mend()
    ada.page.evaluate("() => dispatchEvent(new Event('online'))")
    goes_by(ada.page, "Dd-of-ada")
    ada.say(f"/nick {ada.name}")
    goes_by(ada.page, ada.name)
    wire.cut()
    expect(ada.page.locator("hub-banner")).to_be_visible()
    ada.say("/quit")
    expect(ada.page.locator("#name")).to_be_focused()
    wire.mend()
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    goes_by(ada.page, ada.name)
    until(lambda: is_free(server, "Dd-of-ada"), "the other name is free", ada.page)
    wire.cut()


def test_a_name_that_is_taken_leaves_all_tabs_as_they_were(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada, other = two_tabs(come, f"{room}-of-ada")
    taken = ben.ask(type="who", room=room)["users"][0]
    ada.say(f"/nick {taken}")
    expect(ada.page.locator("hub-toast")).to_contain_text("is in use")
    for tab in (ada.page, other):
        goes_by(tab, ada.name)


def test_who_signs_out_is_out_in_all_tabs_and_nothing_is_kept(
    come: Come, server: ServerProcess, room: str
) -> None:
    ada, other = two_tabs(come, room)
    ada.say("to be forgotten")
    ada.hears("to be forgotten")
    until(lambda: bool(other.evaluate(KEPT)), "the history is kept", other)
    other.get_by_role("button", name="Settings").click()
    ada.say("the very last")
    ada.say("/quit")
    for tab in (ada.page, other):
        expect(tab.locator("#name")).to_be_visible()
        expect(tab.get_by_role("dialog")).to_have_count(0)
    for tab in (other, ada.page):
        # What a page does when it is hidden: it keeps what it has.
        tab.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
        tab.wait_for_timeout(700)  # and after a moment in any case
        assert tab.evaluate(KEPT) == 0
    assert is_free(server, ada.name)
    other.locator("#name").fill("Eve-of-ada")
    other.keyboard.press("Enter")
    for tab in (ada.page, other):
        goes_by(tab, "Eve-of-ada")


@pytest.mark.parametrize("first", [True, False])
def test_a_name_that_is_given_in_one_tab_is_given_in_all(
    come: Come, room: str, first: bool
) -> None:
    ada = come("ada")
    ada.open(f"#/{room}")
    other = ada.tab()
    other.goto(f"{ada.url}#/{room}")
    expect(other.locator("#name")).to_be_focused()
    tab = ada.page if first else other
    tab.locator("#name").fill(ada.name)
    tab.locator("#name").press("Enter")
    for tab in (ada.page, other):
        goes_by(tab, ada.name)
