"""Where one writes: emoji, suggestions, input methods, new lines, and what is no command."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.web.browsing import Person, Robot, until

Come = Callable[..., Person]
Others = Callable[..., Any]

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
ONE_FRAME = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def written(person: Person, typed: str) -> str:
    """What stands in the field when that was typed key by key."""
    field = person.page.locator("#message")
    field.fill("")
    field.press_sequentially(typed)
    person.page.evaluate(ONE_FRAME)
    return field.input_value()


EMOJI = [
    ("ok :smile: see you", "ok 😄 see you"),
    (":smile::heart:!", "😄❤️!"),
    (":tada: :tada:x", "🎉 🎉x"),
    ("(:ok:) *:tada: party*", "(👌) *🎉 party*"),
    ("好:tada:", "好🎉"),
    ("`:smile:` :smile:", "`:smile:` 😄"),
    ("a[:ok:2] std::heart: {'x':heart:", "a[:ok:2] std::heart: {'x':heart:"),
    ("at 10:30: :nothing: here", "at 10:30: :nothing: here"),
]
"""What is typed, and what stands there then."""


def test_the_name_of_an_emoji_becomes_it_and_one_writes_on(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    assert written(ada, ":tada:") == "🎉"  # the names are there
    for typed, expected in EMOJI:
        assert written(ada, typed) == expected


def test_in_a_block_of_code_nothing_is_replaced_or_offered(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    assert written(ada, ":tada:") == "🎉"
    field = ada.page.locator("#message")
    field.fill("```")
    field.press("Shift+Enter")
    field.press_sequentially("x = :tada: :ta")
    ada.page.evaluate(ONE_FRAME)
    assert field.input_value() == "```\nx = :tada: :ta"
    expect(ada.page.get_by_role("option")).to_have_count(0)
    field.press("Shift+Enter")
    field.press_sequentially("``")
    field.press_sequentially("`")
    field.press("Shift+Enter")
    field.press_sequentially(":tada:")
    ada.page.evaluate(ONE_FRAME)
    assert field.input_value().endswith("```\n🎉")


def test_undoing_brings_the_name_of_an_emoji_back_and_it_stays(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    assert written(ada, "so :tada:") == "so 🎉"
    field = ada.page.locator("#message")
    field.press("Control+z")
    expect(field).to_have_value("so :tada:")
    field.press_sequentially(" it is")
    ada.page.evaluate(ONE_FRAME)
    assert field.input_value() == "so :tada: it is"
    field.fill("")
    field.press_sequentially(":tad")
    field.press("Tab")
    expect(field).to_have_value("🎉")
    field.press("Control+z")
    expect(field).to_have_value(":tad")


def test_names_of_emoji_that_are_typed_before_they_are_known_become_them(
    come: Come, room: str
) -> None:
    ada = come("ada", service_workers="block")  # it would fetch them itself
    waiting: list[Route] = []
    ada.page.route("**/emoji.txt", lambda route: waiting.append(route))  # noqa: PLW0108
    ada.enter(room)
    field = ada.page.locator("#message")
    field.press_sequentially("a :smile::heart: and :tada: b")
    until(lambda: bool(waiting), "the names are asked for", ada.page)
    waiting[0].continue_()
    expect(field).to_have_value("a 😄❤️ and 🎉 b")
    field.press("!")
    expect(field).to_have_value("a 😄❤️ and 🎉 b!")


def test_names_of_emoji_that_could_not_be_fetched_are_fetched_again(come: Come, room: str) -> None:
    ada = come("ada", service_workers="block")
    answers: list[Callable[[Route], None]] = [
        lambda route: route.abort(),
        lambda route: route.fulfill(status=502, body="x y"),
        lambda route: route.continue_(),
    ]
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        answers[0](route)

    ada.page.route("**/emoji.txt", answer)
    ada.enter(room)
    field = ada.page.locator("#message")
    while len(answers) > 1:
        asked.clear()
        assert written(ada, ":tada:") == ":tada:"
        until(lambda: bool(asked), "they are asked for", ada.page)
        answers.pop(0)
    field.press("Enter")
    ada.hears(":tada:")
    field.press_sequentially(":tada:")
    expect(field).to_have_value("🎉")


@pytest.mark.parametrize("text", ["no", "I like cats an", "ratio :no", "/say no", "x\nno"])
def test_a_suggestion_that_nobody_asked_for_does_not_take_enter(
    come: Come, others: Others, room: str, text: str
) -> None:
    for name in ("Noah", "Andy"):
        others(Robot, name, room)
    ada = come("ada")
    ada.enter(room)
    expect(ada.page.locator("hub-members li")).to_have_count(3)
    field = ada.page.locator("#message")
    for place, line in enumerate(text.split("\n")):
        if place:
            field.press("Shift+Enter")
        field.press_sequentially(line)
    if not text.startswith("/"):
        expect(ada.page.get_by_role("option").first).to_be_visible()
        expect(ada.page.locator("[aria-selected=true]")).to_have_count(0)
    field.press("Enter")
    ada.hears(text.removeprefix("/say "))
    expect(field).to_have_value("")


def test_a_room_may_be_called_like_the_begin_of_another(
    come: Come, others: Others, room: str
) -> None:
    others(Robot, "ben", f"{room}-and-more")
    ada = come("ada")
    ada.enter(room)
    expect(ada.page.locator("hub-room-list a")).to_have_count(1)
    ada.page.evaluate("() => document.querySelector('hub-lobby').show()")  # asks for the rooms
    field = ada.page.locator("#message")
    field.press_sequentially(f"/join {room}-an")
    expect(ada.page.get_by_role("option")).to_have_count(1)
    field.press("Enter")
    ada.page.get_by_role("button", name=f"Create # {room}-an").click()
    expect(ada.page.locator("hub-room h1 bdi")).to_have_text(f"{room}-an")


def test_what_was_begun_with_a_sign_or_chosen_is_taken_by_enter(
    come: Come, others: Others, room: str
) -> None:
    others(Robot, "Noah", room)
    others(Robot, "Nora", room)
    ada = come("ada")
    ada.enter(room)
    expect(ada.page.locator("hub-members li")).to_have_count(3)
    field, options = ada.page.locator("#message"), ada.page.get_by_role("option")
    field.press_sequentially("@no")
    expect(options).to_have_count(2)
    field.press("Enter")
    assert re.fullmatch(r"@(Noah|Nora)-\d+ ", field.input_value())
    field.fill("")
    field.press_sequentially("no")
    expect(options).to_have_count(2)
    last = options.last.inner_text()
    field.press("ArrowUp")
    field.press("Enter")
    expect(field).to_have_value(f"{last}: ")
    # In a text of several lines the arrows are for its lines.
    field.fill("first\n")
    field.press_sequentially("no")
    expect(options).to_have_count(2)
    field.press("ArrowUp")
    field.press("Home")
    field.press_sequentially("the ")
    assert field.input_value() == "the first\nno"


COMPOSED = """(field, { key, composing }) => {
  const event = new KeyboardEvent("keydown", {
    key, keyCode: 229, isComposing: composing, bubbles: true, cancelable: true });
  field.dispatchEvent(event);
  return event.defaultPrevented;
}"""


@pytest.mark.parametrize("composing", [True, False], ids=["Chromium", "Safari"])
def test_a_key_that_ends_the_work_of_an_input_method_does_nothing_else(
    come: Come, room: str, composing: bool
) -> None:
    """Safari tells of it after the end of the composition; its code is 229 all the same."""
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    ada.say("something to answer")
    ada.hears("something to answer")
    page.locator("hub-timeline").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("r")
    field = page.locator("#message")
    field.fill("日本")
    for key in ("Enter", "Escape"):
        assert not field.evaluate(COMPOSED, {"key": key, "composing": composing})
    expect(field).to_have_value("日本")
    expect(page.locator(".reply-to")).to_be_visible()
    assert len(ada.texts) == 1
    page.keyboard.press("Control+Shift+F")
    query = page.locator("#query")
    expect(query).to_be_focused()
    assert not query.evaluate(COMPOSED, {"key": "Escape", "composing": composing})
    expect(query).to_be_visible()
    page.keyboard.press("Escape")
    expect(query).to_be_hidden()
    field.press("Enter")
    ada.hears("日本")


def test_a_phone_has_a_key_for_a_new_line_and_is_told_that_enter_sends(
    come: Come, room: str
) -> None:
    ada = come("ada", **PHONE)
    ada.enter(room)
    page, field = ada.page, ada.page.locator("#message")
    expect(field).to_have_attribute("enterkeyhint", "send")
    expect(page.locator("#enter-does")).to_be_hidden()
    field.tap()
    page.keyboard.type("milk")
    expect(page.locator("#enter-does")).to_be_in_viewport()
    expect(page.locator("#enter-does")).to_have_text("Enter sends", use_inner_text=True)
    page.get_by_role("button", name="New line").tap()
    expect(field).to_be_focused()
    page.keyboard.type("bread")
    expect(field).to_have_value("milk\nbread")
    page.keyboard.press("Enter")
    ada.hears("milk\nbread")


def test_a_desktop_is_told_of_both_keys_and_needs_no_button(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    expect(ada.page.get_by_role("button", name="New line")).to_be_hidden()
    ada.page.locator("#message").press_sequentially("x")
    expect(ada.page.locator("#enter-does")).to_have_text(
        "Enter sends, Shift+Enter begins a new line", use_inner_text=True
    )


SLASHES = [
    ("// TODO", "// TODO"),
    ("//server/share", "//server/share"),
    ("/usr/bin/env python", "/usr/bin/env python"),
    ("//TODO: this", "//TODO: this"),
    ("// one\n// two", "// one\n// two"),
    ("//", "//"),
    ("/* x */", "/* x */"),
    ("//shrug", "/shrug"),
    ("//join me", "/join me"),
    ("/say // x", "// x"),
    ("/say /join", "/join"),
    ("/ x", None),
    ("/frobnicate", None),
]
"""What is typed, and what is said then; None: nothing, as it may have been meant as a command."""


def test_a_slash_is_kept_where_no_command_could_stand(come: Come, room: str) -> None:
    """All on one visit: to open the page takes longer than to type a line."""
    ada = come("ada")
    ada.enter(room)
    heard: list[str] = []
    for text, said in SLASHES:
        ada.say(text)
        if said is None:
            expect(ada.page.locator("hub-toast"), text).to_contain_text(f"type: /say {text}")
            expect(ada.page.locator("#message")).to_have_value(text)
        else:
            heard.append(said)
            expect(ada.page.locator(".said[data-seq]"), text).to_have_count(len(heard))
            assert ada.texts == heard
