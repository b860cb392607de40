"""People at the page talk: with each other, and with those who have other clients."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.process import ServerProcess
from tests.web.browsing import Netcat, Person, Program, Robot, until

Come = Callable[..., Person]
Others = Callable[..., Any]


def test_the_dialogue_of_the_classroom_goes_by_page(come: Come, room: str) -> None:
    alice, bob = come("Alice"), come("Bob")
    alice.enter(room)
    bob.enter(room)
    expect(alice.page.locator(".presence", has_text=f"{bob.name} joined")).to_have_count(1)
    alice.say("Donec pulvinar erat.")
    bob.hears("Donec pulvinar erat.")
    bob.say("Lorem ipsum dolor!")
    alice.hears("Lorem ipsum dolor!")
    bob.say("exit")  # a text here: it ends nothing
    alice.hears("exit")
    bob.say("/quit")
    expect(bob.page.locator("#name")).to_have_value(bob.name)
    expect(alice.page.locator(".presence", has_text=f"{bob.name} left")).to_have_count(1)


def test_what_somebody_does_is_shown_as_an_action(come: Come, others: Others, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ben = others(Robot, "ben", room)
    ada.say("/me waves at *all*")
    ben.say(f"*{ben.name} nods*", f"*{ada.name} nods*", f"*{ben.name} *", f"*{ben.name} a*\nb*")
    expect(ada.page.locator(".said[data-seq]")).to_have_count(5)
    expect(ada.page.locator(".text.action")).to_have_text(
        [f"* {ada.name} waves at all", f"* {ben.name} nods"]
    )


def test_three_steps_with_the_keyboard_lead_from_the_name_to_the_first_message(
    come: Come, others: Others
) -> None:
    """Name and Enter, room and Enter, message and Enter."""
    ben = others(Netcat, "ben", "General")
    ada = come("ada")
    ada.open()
    keys = ada.page.keyboard
    expect(ada.page.locator("#name")).to_be_focused()
    keys.type(f"{ada.name}\n")
    expect(ada.page.locator("#room")).to_be_focused()
    expect(ada.page.locator("hub-lobby li", has_text="General")).to_be_visible()
    keys.type("General\n")
    expect(ada.page.locator("#message")).to_be_focused()
    keys.type("Hello from the keyboard\n")
    ben.hears(f"{ada.name}: Hello from the keyboard")


@pytest.mark.skipif(shutil.which("nc") is None, reason="there is no nc here")
def test_page_netcat_and_terminal_client_are_in_one_room(
    come: Come, server: ServerProcess, room: str
) -> None:
    """With the real programs: each hears the two others, in one order."""
    ada = come("ada")
    ada.enter(room)
    with (
        closing(Program.netcat(server.port)) as ben,
        closing(Program.plain_client(server.port)) as eve,
    ):
        ben.says(f"ben-{room}", room)
        eve.says(f"eve-{room}", room)
        ben.hears(f"eve-{room} has joined the chat!")
        eve.hears(f"eve-{room} has joined the chat!")
        ada.say("from the page")
        ben.hears(f"{ada.name}: from the page")
        eve.hears(f"{ada.name}: from the page")
        ben.says("from nc")
        eve.hears(f"ben-{room}: from nc")
        ada.hears("from nc")
        eve.says("from the terminal")
        ben.hears(f"eve-{room}: from the terminal")
        ada.hears("from the terminal")
        assert ada.texts == ["from the page", "from nc", "from the terminal"]


def test_a_link_leads_to_a_message_wherever_it_is(come: Come, others: Others, room: str) -> None:
    ben = others(Robot, "ben", room)
    ben.flood([f"line {number}" for number in range(600)], 1e6)
    ada = come("ada")
    ada.open(f"#/{room}/100")
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    target = ada.page.locator(".target")
    expect(target).to_have_attribute("data-seq", "100")
    expect(target).to_be_in_viewport()
    assert 600 not in ada.seqs
    ada.page.get_by_role("button", name="Newest").click()
    ada.hears("line 599")


def test_an_answer_quotes_and_leads_to_what_it_answers(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    ben = others(Robot, "ben", room)
    seq = ben.say("Shall we?")
    ada.hears("Shall we?")
    ada.page.locator("hub-timeline").focus()
    ada.page.keyboard.press("ArrowUp")
    ada.page.keyboard.press("r")
    expect(ada.page.locator(".reply-to")).to_contain_text("Shall we?")
    ada.page.keyboard.type("We shall.\n")
    ada.hears("We shall.")
    assert ben.log()[-1]["reply_to"] == seq
    quote = ada.page.locator(".quote")
    expect(quote).to_contain_text("Shall we?")
    quote.click()
    expect(ada.page.locator(".target")).to_have_attribute("data-seq", str(seq))


def test_what_is_unread_is_counted_and_divided_from_what_was_read(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ben.say("before")
    ada = come("ada")
    ada.enter(room)
    ada.hears("before")
    ada.open("#/elsewhere")
    expect(ada.page.locator("hub-room h1")).to_contain_text("elsewhere")
    ada.inside()
    ben.say("one", f"two, {ada.name}", "three")
    row = ada.page.locator("hub-sidebar a", has_text=room)
    expect(row.locator(".badge")).to_have_text("@ 3")
    expect(ada.page).to_have_title("(3 @) elsewhere · Hubbub")
    expect(ada.page.locator("link[rel=icon]")).to_have_attribute("href", "static/icon-named.svg")
    row.click()
    ada.hears("one", "three")
    expect(ada.page.locator(".new + .said")).to_contain_text("one")
    expect(ada.page.locator(".mentioned")).to_have_count(1)
    expect(row.locator(".badge")).to_have_count(0)
    expect(ada.page).to_have_title(f"{room} · Hubbub")


def test_all_rooms_counts_what_is_new_and_no_nought(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.page.keyboard.press("Control+k")
    mine = ada.page.locator(f"hub-lobby button[value='{room}']")
    expect(mine).to_have_text(re.compile(rf"^{room}1 user"))


def test_who_writes_is_told_and_members_come_and_go(come: Come, room: str) -> None:
    ada, ben = come("ada"), come("ben")
    ada.enter(room)
    ben.enter(room)
    expect(ada.page.locator("hub-members li")).to_have_count(2)
    ben.page.locator("#message").press_sequentially("hm")
    expect(ada.page.locator(".typing")).to_have_text(f"{ben.name} is typing…")
    ben.page.keyboard.press("Enter")
    expect(ada.page.locator(".typing")).to_have_text("")
    ben.say("/leave")
    expect(ada.page.locator("hub-members li")).to_have_count(1)


def test_names_emoji_and_commands_are_completed(come: Come, others: Others, room: str) -> None:
    others(Netcat, "Zoe", room)
    ada = come("ada")
    ada.enter(room)
    expect(ada.page.locator("hub-members li")).to_have_count(2)
    field, keys = ada.page.locator("#message"), ada.page.keyboard
    field.press_sequentially("zo")
    options = ada.page.get_by_role("option")
    expect(options).to_have_count(1)
    keys.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "completion-0")
    keys.press("Tab")
    keys.type(":tad")
    expect(options.first).to_contain_text("🎉")
    keys.press("ArrowDown")
    keys.press("Enter")
    assert field.input_value().startswith("Zoe-")
    assert field.input_value().endswith(": 🎉")
    field.fill("hello zo there")
    for _ in " there":
        field.press("ArrowLeft")
    keys.press("Backspace")
    keys.type("o")
    expect(options).to_have_count(1)
    keys.press("Tab")
    keys.type("is ")
    assert re.fullmatch(r"hello Zoe-\w+ is there", field.input_value())
    field.fill("")
    keys.type("/th")
    expect(options).to_have_count(1)
    keys.press("Tab")
    expect(options).to_have_count(3)
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("Enter")
    expect(ada.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_an_emoji_that_is_typed_at_once_and_sent_is_one(come: Come, room: str) -> None:
    """Enter waits until the names of the emoji have come, and is pressed once."""
    ada = come("ada", service_workers="block")  # it would fetch them itself
    waiting: list[Route] = []
    ada.page.route("**/emoji.txt", lambda route: waiting.append(route))  # noqa: PLW0108
    ada.enter(room)
    ada.page.keyboard.type("Hello :tada:\n")
    expect(ada.page.locator("#message")).to_have_value("Hello :tada:")
    until(lambda: bool(waiting), "the names are asked for", ada.page)
    waiting[0].continue_()
    ada.hears("Hello 🎉")
    expect(ada.page.locator("#message")).to_have_value("")


def test_a_name_that_no_room_can_have_leads_to_one_that_can(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.open(f"#/{room} and more")
    expect(ada.page.locator("hub-toast")).to_contain_text("cannot have a space")
    expect(ada.page.locator("hub-room h1 bdi")).to_have_text(f"{room}-and-more")
    expect(ada.page.locator("hub-sidebar li")).to_have_count(2)
    ada.say(f"/join {room}")  # typed in full: one Enter is enough
    expect(ada.page.locator("hub-room h1 bdi")).to_have_text(room)


def test_what_was_sent_is_recalled_and_lines_are_pasted_whole(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.say("first")
    ada.say("second")
    field, keys = ada.page.locator("#message"), ada.page.keyboard
    keys.press("Control+ArrowUp")
    keys.press("Control+ArrowUp")
    expect(field).to_have_value("first")
    keys.press("Control+ArrowDown")
    keys.press("Control+ArrowDown")
    expect(field).to_have_value("")
    keys.insert_text("several\nlines\nat once")
    keys.press("Shift+Enter")
    keys.type("and one more\n")
    ada.hears("several\nlines\nat once\nand one more")


def test_a_text_that_is_too_long_is_counted_and_kept(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.say("x" * 4001)
    expect(ada.page.locator("#count")).to_have_text("1 too many")
    field = ada.page.locator("#message")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.press("Backspace")
    expect(ada.page.locator("#count")).to_have_text("0 left")
    field.press("Enter")
    expect(field).to_have_value("")
    ada.hears("x" * 4000)
    ada.say("\n".join(["row"] * 201))
    expect(ada.page.locator("#count")).to_have_text("1 line too many")
    expect(field).to_have_attribute("aria-invalid", "true")
    for _ in range(len("\nrow")):
        field.press("Backspace")
    expect(ada.page.locator("#count")).to_have_text("0 lines left")
    field.press("Enter")
    expect(field).to_have_value("")
    ada.hears("\n".join(["row"] * 200))


def test_a_name_that_is_taken_is_told_with_one_that_is_free(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.name = ben.ask(type="who", room=room)["users"][0]
    ada.open(f"#/{room}")
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    expect(ada.page.get_by_role("alert")).to_contain_text("is in use")
    ada.page.get_by_role("button", name=f"Use the name {ada.name}2").click()
    ada.inside()


def test_two_tabs_share_name_rooms_drafts_and_what_was_read(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    first, second = ada.page, ada.tab()
    second.goto(f"{ada.url}#/other")
    expect(second.locator("hub-sidebar .who")).to_have_text(ada.name)
    expect(first.locator("hub-sidebar a", has_text="other")).to_be_visible()
    ben.say("news")
    expect(second.locator("hub-sidebar a", has_text=room).locator(".badge")).to_have_count(0)
    first.locator("#message").fill("half a th")
    first.locator("#message").press("o")
    second.locator("hub-sidebar a", has_text=room).click()
    expect(second.locator("#message")).to_have_value("half a tho")
    second.locator("#message").fill("a whole thought")
    second.locator("#message").press("Enter")
    for tab in (first, second):
        expect(tab.locator(".said[data-seq]", has_text="a whole thought")).to_have_count(1)
    assert [event["text"] for event in ben.log() if event["kind"] == "said"] == [
        "news",
        "a whole thought",
    ]
