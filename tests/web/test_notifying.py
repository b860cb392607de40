"""Being told of mentions: asked once, one choice for all rooms, a refusal is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browsing import Person, Robot, until
from tests.web.test_beside import TOLD, told

Come = Callable[..., Person]
Others = Callable[..., Any]

REFUSED = TOLD.replace('= "granted"', '= "denied"')


def question(page: Page) -> Any:
    return page.locator("hub-ask")


def test_one_is_asked_once_and_the_answer_holds_for_all_rooms(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", f"{room}-b")
    ada = come("ada")
    ada.context.add_init_script(TOLD)
    ada.enter(f"{room}-b")
    page = ada.page
    eve = others(Robot, "eve", f"{room}-c")
    ada.open(f"#/{room}-c")
    ada.inside()
    expect(question(page)).to_be_hidden()  # not before there is a reason
    ada.open(f"#/{room}")
    ada.inside()
    ada.say("my first words")
    expect(question(page)).to_contain_text("Shall this page tell you when somebody mentions you?")
    page.get_by_role("button", name="Yes, tell me").click()
    expect(question(page)).to_contain_text("You will be told")
    page.get_by_role("button", name="Close").click()
    expect(question(page)).to_be_hidden()
    ben.say("to nobody", f"to you, @{ada.name}")
    until(lambda: len(told(page)) == 1, "she is told", page)
    assert told(page)[0][1] == f"to you, @{ada.name}"
    ada.open(f"#/{room}-b")  # for this room it is otherwise
    page.locator("hub-room h1 button").click()
    expect(page.get_by_role("menuitemradio", name="As in all rooms")).to_have_attribute(
        "aria-checked", "true"
    )
    page.get_by_role("menuitemradio", name="Never").click()
    expect(page.locator("hub-toast")).to_have_text("Notifications in this room: never.")
    ada.open(f"#/{room}")
    ada.inside()
    ben.say(f"again to you, @{ada.name}")
    expect(page.locator("hub-sidebar .badge:visible")).to_have_count(1)
    eve.say(f"a barrier for @{ada.name}")
    until(lambda: len(told(page)) == 2, "the one after it", page)
    assert told(page)[1][1].startswith("a barrier")
    page.reload()
    ada.inside()
    ada.say("more words")
    ada.hears("more words")
    expect(question(page)).to_be_hidden()
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_label("When I am mentioned")).to_be_checked()


def test_no_is_an_answer_and_a_mention_is_a_reason_to_ask(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.context.add_init_script(TOLD)
    ada.enter(room)
    page = ada.page
    ben.say(f"hello @{ada.name}")
    expect(question(page)).to_be_visible()
    question(page).get_by_role("button", name="No", exact=True).click()
    expect(question(page)).to_be_hidden()
    page.reload()
    ada.inside()
    ben.say(f"once more, @{ada.name}")
    ada.hears("once more")
    expect(question(page)).to_be_hidden()


def test_a_refusal_is_explained_where_it_happens(come: Come, room: str) -> None:
    ada = come("ada")
    ada.context.add_init_script(REFUSED)
    ada.enter(room)
    page = ada.page
    ada.say("first words")
    page.get_by_role("button", name="Yes, tell me").click()
    expect(question(page)).to_contain_text("The browser does not allow this page to notify you.")
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Of every message").click()
    expect(dialog.locator(".problem[role=status]")).to_contain_text("The browser does not allow")
    expect(dialog.get_by_label("Never")).to_be_checked()


def test_what_was_taken_back_does_not_stay_on_the_desktop(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.context.add_init_script(TOLD.replace('= "default"', '= "granted"'))
    ada.enter(room)
    ada.say("/notify all")
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    seq = ben.say("a secret, by mistake")
    until(lambda: len(told(ada.page)) == 1, "she is told", ada.page)
    ben.ask(type="redact", room=room, target=seq)
    until(lambda: bool(ada.page.evaluate("() => told[0].closed")), "it is closed", ada.page)
