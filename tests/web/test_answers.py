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
TABLET = {"viewport": {"width": 820, "height": 1180}, "has_touch": True}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}

# What is pressed or written in, and lies under the notice.
COVERED = """() => {
  const toast = document.querySelector("hub-toast");
  const at = toast.getBoundingClientRect();
  return [...document.querySelectorAll("a, button, input, textarea, summary, [tabindex]")]
    .filter((one) => one.checkVisibility() && !toast.contains(one))
    .map((one) => [one.getBoundingClientRect(), one.outerHTML.slice(0, 80)])
    .filter(([box]) => box.width && box.right > at.left && box.left < at.right)
    .filter(([box]) => box.bottom > at.top + 1 && box.top < at.bottom - 1);
}"""


@pytest.mark.parametrize("device", [DESKTOP, TABLET, PHONE])
def test_a_notice_covers_nothing_that_is_used_and_goes_when_one_types(
    come: Come, room: str, device: dict[str, Any]
) -> None:
    ada = come("ada", **device)
    ada.open(f"#/{room}")
    page, toast = ada.page, ada.page.locator("hub-toast")

    def covers_nothing() -> None:
        page.evaluate("(long) => document.querySelector('hub-toast').say(long)", "Not now. " * 30)
        expect(toast).to_be_in_viewport(ratio=1)
        assert page.evaluate(COVERED) == []

    page.locator("#name").wait_for()
    covers_nothing()
    page.locator("#name").fill(ada.name)
    page.keyboard.press("Enter")
    ada.inside()
    ada.say("a reason to ask her")
    expect(page.locator("hub-ask")).to_be_visible()
    covers_nothing()
    if device is not DESKTOP:
        page.get_by_role("button", name="Members", exact=True).click()
        covers_nothing()
        page.get_by_role("button", name="Hide the members").click()
    page.get_by_role("button", name="Search (Ctrl+Shift+F)").click()
    covers_nothing()
    page.get_by_role("button", name="Close the search").click()
    if device is PHONE:
        page.get_by_role("button", name="Rooms", exact=True).click()
        covers_nothing()
        page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#room")).to_be_focused()
    covers_nothing()
    page.keyboard.press("Escape")
    ada.say("/nothing")
    expect(toast).to_contain_text('There is no command "/nothing".')
    page.locator("#message").press_sequentially("x")
    expect(toast).to_be_hidden()


MISTAKES = [
    ("/nick", "Which name? Type: /nick NAME"),
    ("/join ", "Which room? Type: /join ROOM"),
    ("/jion x", 'There is no command "/jion". Did you mean /join?'),
    ("/reply ben hi", "ben has said nothing here lately."),
    ("/ me", "to say it as it is, type: /say / me"),
    ("/read everything", "Type /read alone, or with one of these: all."),
    ("/delete General", "is the room with which this server begins. It stays."),
    ("/alerts", "/alerts takes off, mentions, all."),
    ("/ignore", "You ignore nobody."),
    ("/ignore nobody", "Nobody of that name was seen so far."),
    ("/unignore ben", "What ben writes was not hidden."),
    ("/mute ben", "so only the administrators of this server may mute somebody"),
    ("/times full", "Hold the pointer over one to see its date"),
    ("/discard", "All of your messages in this room were sent."),
]
"""What is typed, and what is said to that."""


def test_mistakes_are_answered_in_plain_sentences(come: Come, room: str) -> None:
    """All on one visit: to open the page takes longer than to make a mistake."""
    ada = come("ada")
    ada.enter(room)
    for typed, told in MISTAKES:
        ada.page.locator("#message").fill(typed)
        ada.page.get_by_role("button", name="Send").click()
        expect(ada.page.locator("hub-toast"), typed).to_contain_text(told)


def test_enter_behind_a_command_that_lacks_something_says_what_to_type(
    come: Come, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    field = ada.page.locator("#message")
    field.press_sequentially("/nick")
    expect(ada.page.get_by_role("option", name="/nick")).to_be_visible()
    field.press("Enter")
    expect(ada.page.locator("hub-toast")).to_contain_text("Which name? Type: /nick NAME")
    expect(field).to_have_value("/nick")


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
    ada.say("Hello")
    ben.hears("Hello")
    ada.say(f"/nick {ada.name}-Maria")
    told = f"{ada.name} is now {ada.name}-Maria"
    for person in (ada, ben):
        expect(person.page.locator(".presence", has_text=told)).to_have_count(1)
    ada.say("It is me")
    ben.hears("It is me")
    expect(ben.page.locator("hub-members li")).to_have_count(2)
    expect(ben.page.locator(".presence", has_text=f"{ada.name} left")).to_have_count(0)
    ada.say(f"/nick {ada.name}")
    ada.say("/quit")
    back = f"{ada.name}-Maria is now {ada.name} · {ada.name} left"
    expect(ben.page.locator(".presence p", has_text=back)).to_have_count(1)


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


def test_after_signing_out_the_name_is_offered_that_one_had_last(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    ada.say(f"/nick {ada.name}2")
    expect(page.locator("hub-toast")).to_have_text(f"You are now {ada.name}2.")
    ada.say("/quit")
    expect(page.locator("#name")).to_have_value(f"{ada.name}2")
    page.keyboard.press("Enter")
    ada.inside()
    # A name that is refused stays, to be changed.
    ada.say("/quit")
    page.locator("#name").fill("no name")
    page.keyboard.press("Enter")
    expect(page.locator("#name-problem")).not_to_be_empty()
    expect(page.locator("#name")).to_have_value("no name")
