"""Mistakes with texts that change which the pages of other chat programs were known for.

Each names the reports it comes from; see also the file of this name in tests/hub.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, Wire, until
from tests.web.test_beside import TOLD, told
from tests.web.test_changes import KEPT, do, keeps_no, message
from tests.web.test_unread import badge

Come = Callable[..., Person]
Others = Callable[..., Any]

KEPT_MS = 500  # after the last key, by when a draft would be kept
MUCH = 1050  # more events than a page fetches that was away


# What one is writing


def test_a_change_that_is_being_written_stays_whatever_comes_meanwhile(
    come: Come, others: Others, room: str
) -> None:
    """cinnyapp/cinny#2750: what was typed went back with each message of others."""
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    ada.say("message")
    ada.hears("message")
    field = ada.page.locator("#message")
    field.press("ArrowUp")
    ada.page.keyboard.type(", edited")
    field.press("ArrowLeft")
    seq = ben.say("something else")
    ben.ask(type="react", room=room, target=seq - 1, emoji="👍")
    ada.hears("something else")
    expect(message(ada, "message").locator("[data-do=react]")).to_have_count(1)
    expect(field).to_have_value("message, edited")
    expect(field).to_be_focused()
    assert field.evaluate("(field) => field.selectionStart") == len("message, edite")
    field.press("Enter")
    ada.hears("message, edited")


def test_a_change_ends_with_its_message_alone_and_not_with_one_of_another_room(
    come: Come, others: Others, room: str
) -> None:
    """Numbers are those of a room: the same number elsewhere is another message."""
    other = f"{room}-other"
    ben = others(Robot, "ben", other)
    ada = come("ada")
    ada.enter(other)
    ada.open(f"#/{room}")
    ada.inside()
    ada.say("first")
    ada.hears("first")
    ada.say("mine")
    ada.hears("mine")
    seq = ben.say("theirs")
    assert ada.seqs[-1] == seq
    field = ada.page.locator("#message")
    field.press("ArrowUp")
    field.fill("mine, changed")
    ben.ask(type="redact", room=other, target=seq)
    ben.say(f"@{ada.name} look")
    expect(badge(ada.page, other)).to_have_text("@ 2")
    expect(ada.page.locator(".reply-to")).to_contain_text("Change your message")
    expect(field).to_have_value("mine, changed")


def test_a_draft_is_there_again_after_a_change_and_the_change_never_becomes_one(
    come: Come, room: str
) -> None:
    """element-hq/element-x-ios#2759, docs-plus/docs.plus#277, Meeds-io/meeds#269; and
    conversejs/converse.js#1142: arrows replaced what was being written.
    """
    ada = come("ada")
    ada.enter(room)
    ada.say("tea at fuor")
    ada.hears("tea at fuor")
    field = ada.page.locator("#message")
    field.fill("a draft")
    for key in ("t", "ArrowUp", "ArrowDown", "ArrowDown"):
        field.press(key)
    expect(field).to_have_value("a draftt")
    message(ada, "fuor").focus()
    ada.page.keyboard.press("c")
    expect(field).to_have_value("tea at fuor")
    field.fill("tea at four")
    field.press("Backspace")
    ada.page.wait_for_timeout(KEPT_MS)
    ada.page.reload()
    ada.inside()
    expect(field).to_have_value("a draftt")
    message(ada, "fuor").focus()
    ada.page.keyboard.press("c")
    field.fill("tea at four")
    field.press("Enter")
    ada.hears("tea at four")
    expect(field).to_have_value("a draftt")


# Where one reads


@pytest.mark.parametrize("by", ["ada", "ben"])
def test_a_change_far_above_moves_nobody_who_reads(
    come: Come, others: Others, room: str, by: str
) -> None:
    """RocketChat/Rocket.Chat#40725, status-im/status-legacy#16496, anyproto/anytype-kotlin#2478."""
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    first = ben.say("ben's text")
    ada.say("ada's text")
    ada.hears("ben's text", "ada's text")
    ben.say(*(f"filler {number}" for number in range(40)))
    ada.hears("filler 39")
    message(ada, "ada's text").scroll_into_view_if_needed()
    message(ada, "ada's text").focus()
    before = message(ada, "filler 2").bounding_box()
    if by == "ada":
        ada.page.keyboard.press("c")
        ada.page.locator("#message").fill("ada's text, changed")
        ada.page.keyboard.press("Enter")
        expect(message(ada, "ada's text").locator(".edited")).to_be_visible()
    else:
        ben.ask(type="edit", room=room, target=first, text="ben's text, changed")
        ben.ask(type="react", room=room, target=first, emoji="👍")
        expect(message(ada, "ben's text").locator(".edited")).to_have_count(1)
    after = message(ada, "filler 2").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 60  # not at the end, 40 messages away
    expect(message(ada, "ada's text")).to_be_in_viewport()


# What was taken back


def test_a_moderator_who_takes_back_a_text_takes_it_out_of_what_was_typed(
    come: Come, others: Others, room: str
) -> None:
    """Ours: what the field brings back outlived the message."""
    eve = others(Robot, "eve", f"{room}-elsewhere")
    eve.ask(type="register", password="correct horse battery")
    eve.ask(type="join", room=room)  # it is hers
    ben = come("ben")
    ben.enter(room)
    for text in ("first", "the word is xyzzy"):
        ben.say(text)
        ben.hears(text)
    eve.ask(type="redact", room=room, target=ben.seqs[-1])
    expect(ben.page.locator(".said.gone")).to_have_count(1)
    field = ben.page.locator("#message")
    field.press("Control+ArrowUp")
    expect(field).to_have_value("first")
    field.press("Control+ArrowUp")
    expect(field).to_have_value("first")


def test_a_result_of_a_search_goes_when_it_is_taken_back(
    come: Come, others: Others, room: str
) -> None:
    """Expensify/App#48810: an empty result stayed, which said "(edited)"."""
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    seq = ben.say("the word is xyzzyplugh")
    ada.hears("the word is xyzzyplugh")
    results = ada.page.locator("hub-search li")
    ada.say("/search xyzzyplugh")
    expect(results).to_have_count(1)
    ben.ask(type="redact", room=room, target=seq)
    expect(results).to_have_count(0)
    expect(ada.page.locator("hub-timeline")).not_to_contain_text("the word is")


def test_who_missed_too_much_quotes_nothing_that_was_taken_back_meanwhile(
    come: Come, server: ServerProcess, others: Others, room: str
) -> None:
    """Valour-Software/Valour#1497, element-hq/element-x-ios#1021: the quote outlived it."""
    ben = others(Robot, "ben", room)
    wire = Wire(server.port)
    ada = come("ada", wire.port)
    ada.enter(room)
    gone, kept = ben.say("the word is xyzzy"), ben.say("a word that stays")
    ada.hears("the word is xyzzy", "a word that stays")
    message(ada, "the word is").focus()
    ada.page.keyboard.press("r")
    ada.page.keyboard.type("a draft that quotes it")
    until(lambda: "a draft that" in ada.page.evaluate(KEPT), "it is kept", ada.page)
    wire.cut()
    expect(ada.page.locator("hub-banner")).to_contain_text("What you write is kept")
    ben.ask(type="redact", room=room, target=gone)
    ben.ask(type="edit", room=room, target=kept, text="another word")
    ben.flood([f"{number}" for number in range(MUCH)], 400)
    wire.mend()
    ada.page.evaluate("() => dispatchEvent(new Event('online'))")
    ada.hears(f"{MUCH - 1}")
    until(partial(keeps_no, ada, "xyzzy"), "it is kept no more", ada.page)
    assert "xyzzy" not in ada.page.content()
    expect(ada.page.locator("#message")).to_have_value("a draft that quotes it")
    assert "xyzzy" not in ada.page.evaluate(KEPT)
    wire.cut()


def test_an_answer_beside_the_room_quotes_nothing_that_was_taken_back(
    come: Come, others: Others, room: str
) -> None:
    """simplex-chat/simplex-chat#3476, where one went on answering it."""
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    first = ben.say("shall we?")
    second = ben.say("the word is xyzzy", reply_to=first)
    third = ben.say("it is plugh", reply_to=first)
    ada.hears("it is plugh")
    do(ada, "shall we?", "conversation")
    aside = ada.page.locator("hub-aside")
    for seq, word in ((third, "plugh"), (second, "xyzzy")):
        row = aside.locator(f".said[data-seq='{seq}']")
        row.focus()
        ada.page.keyboard.press("r")
        expect(aside.locator(".reply-to .excerpt")).to_contain_text(word)
        ada.page.keyboard.type("well, ")
        if seq == third:
            ben.ask(type="edit", room=room, target=seq, text="it is frotz")
            expect(aside.locator(".reply-to .excerpt")).to_have_text("it is frotz")
    ben.ask(type="redact", room=room, target=second)
    expect(aside.locator(".reply-to")).to_be_hidden()
    expect(aside.locator("textarea")).to_have_value("well, well, ")
    expect(aside.locator("textarea")).to_be_focused()
    expect(aside).not_to_contain_text("xyzzy")


def test_a_notification_says_what_its_message_says_now(
    come: Come, others: Others, room: str
) -> None:
    """deltachat/deltachat-android#4242; signalapp/Signal-Desktop#6052: what was taken back."""
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.context.add_init_script(TOLD.replace('= "default"', '= "granted"'))
    ada.enter(room)
    ada.say("/notify all")
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    before, seq = ben.say("an earlier one"), ben.say("the word is xyzzy")
    until(lambda: any("xyzzy" in body for body in bodies(ada)), "she is told", ada.page)
    ben.ask(type="edit", room=room, target=before, text="an earlier one, changed")
    ben.ask(type="edit", room=room, target=seq, text="the word is plugh")
    until(lambda: "plugh" in bodies(ada)[-1], "it is told anew", ada.page)
    assert not any("changed" in body for body in bodies(ada))
    assert len(set(ada.page.evaluate("() => told.map(({ tag }) => tag)"))) == 1  # it replaces it
    ben.ask(type="redact", room=room, target=seq)
    until(lambda: bool(ada.page.evaluate("() => told.at(-1).closed")), "it is closed", ada.page)


def bodies(person: Person) -> list[str]:
    """What the notifications of a page have said, in order."""
    return [body for _, body in told(person.page)]
