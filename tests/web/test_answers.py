"""How the page answers: notices that cover nothing, refusals where they happen, its own name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot

Come = Callable[..., Person]
Others = Callable[..., Any]

DESKTOP = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("device", [DESKTOP, PHONE])
def test_a_notice_covers_neither_field_nor_suggestions_and_goes_when_one_types(
    come: Come, room: str, device: dict[str, Any]
) -> None:
    ada = come("ada", **device)
    ada.enter(room)
    page = ada.page
    ada.say("/nothing")
    toast = page.locator("hub-toast")
    expect(toast).to_contain_text("There is no command /nothing.")
    page.wait_for_function("() => !document.querySelector('hub-toast').getAnimations().length")
    notice, field = toast.bounding_box(), page.locator("hub-composer").bounding_box()
    assert notice is not None
    assert field is not None
    assert notice["y"] + notice["height"] < 300 < field["y"]
    page.locator("#message").press_sequentially("x")
    expect(toast).to_be_hidden()


@pytest.mark.parametrize(
    "typed, told",
    [
        ("/nick", "Write your new name after /nick, like this: /nick Anna"),
        ("/join ", "Write the name of a room after /join, like this: /join Kitchen"),
        (
            "/jion x",
            "There is no command /jion. Did you mean /join? To send this as a message, write",
        ),
        ("/reply ben", "ben has said nothing here lately."),
        ("/ me", "What begins with / is a command. To send it as a message, write /say before it."),
        ("/read everything", "Write /read for this room, or /read all for all of your rooms."),
        ("/delete General", "is the room with which this server begins. It stays."),
        ("/alerts", "/notify takes"),
        ("/ignore ben", "This page cannot hide what somebody writes. The terminal client can"),
        ("/unignore ben", "you stop ignoring there"),
        ("/times full", "Hold the pointer over one to see its date"),
        ("/discard", "All of your messages in this room were sent."),
    ],
)
def test_mistakes_are_answered_in_plain_sentences(
    come: Come, room: str, typed: str, told: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.page.locator("#message").fill(typed)
    ada.page.get_by_role("button", name="Send").click()
    expect(ada.page.locator("hub-toast")).to_contain_text(told)


def test_a_name_that_is_refused_leaves_the_settings_open_with_a_way_out(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Your name").fill(ben.name)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("maybe by you on another device")
    expect(page.get_by_label("Your name")).to_be_focused()
    dialog.get_by_role("button", name=f"Use the name {ben.name}2").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("hub-toast")).to_have_text(f"You are now {ben.name}2.")
    expect(page.locator("hub-sidebar .who")).to_contain_text(f"{ben.name}2")


def test_a_new_name_is_told_as_one_and_not_as_a_stranger_and_a_leave(
    come: Come, others: Others, room: str
) -> None:
    ben = come("ben")
    ben.enter(room)
    ada = come("Anna")
    ada.enter(room)
    ada.say(f"/nick {ada.name}-Maria")
    told = f"{ada.name} is now {ada.name}-Maria"
    for person in (ada, ben):
        expect(person.page.locator(".presence", has_text=told)).to_have_count(1)
    ada.say("It is me")
    ben.hears("It is me")
    expect(ben.page.locator("hub-members li")).to_have_count(2)
    expect(ben.page.locator(".presence", has_text=f"{ada.name} left")).to_have_count(0)


def test_the_servers_name_is_on_the_page_in_its_title_and_where_one_joins(
    browser: Browser, tmp_path: Any
) -> None:
    with ServerProcess(tmp_path / "data", "--server-name", 'Ada & "Ben"') as server:
        context = browser.new_context()
        ada = Person(context, f"http://127.0.0.1:{server.port}/", "ada")
        ada.open("#/General")
        expect(ada.page).to_have_title('Ada & "Ben"')
        expect(ada.page.get_by_role("heading", name='Ada & "Ben"')).to_be_visible()
        ada.enter("General")
        expect(ada.page).to_have_title('General · Ada & "Ben"')
        expect(ada.page.locator("hub-sidebar .server")).to_have_text('Ada & "Ben"')
        ada.page.goto(f"{ada.url}join")
        expect(ada.page.get_by_role("heading", level=1)).to_have_text('Ada & "Ben"')
        context.close()
