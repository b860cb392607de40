"""Messages that change: edited, taken back, reacted to, by pointer, keyboard and thumb."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.client.hostile_server import EVIL, events, said
from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, Wire, until
from tests.web.test_hostile_server import Hostile, come_to
from tests.web.test_looks import clean

Come = Callable[..., Person]
Others = Callable[..., Any]

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
# All that this browser keeps of the page.
KEPT = """() => new Promise((resolve) => {
  indexedDB.open("hubbub").onsuccess = ({ target: { result: database } }) => {
    const stores = [...database.objectStoreNames];
    const work = database.transaction(stores);
    const all = stores.map((store) => work.objectStore(store).getAll());
    work.oncomplete = () => {
      database.close();
      resolve(JSON.stringify([all.map(({ result }) => result), { ...localStorage }]));
    };
  };
})"""


def keeps_no(person: Person, word: str) -> bool:
    return word not in person.page.evaluate(KEPT)


def message(person: Person, text: str) -> Locator:
    return person.page.locator("hub-timeline .said[data-seq]", has_text=text).first


def do(person: Person, text: str, item: str) -> None:
    """Opens the menu of a message, and takes something of it."""
    message(person, text).hover()
    message(person, text).locator("[data-do=message-menu]").click()
    person.page.get_by_role("menuitem", name=item).click()


def reactions(person: Person, text: str) -> Locator:
    return message(person, text).locator("[data-do=react]")


def test_the_last_message_is_changed_by_the_keyboard_and_says_when_and_what_it_said(
    come: Come, room: str
) -> None:
    ada, ben = come("ada", bypass_csp=True), come("ben")
    for one in (ada, ben):
        one.enter(room)
    ada.say("tea at fuor")
    ada.hears("tea at fuor")
    ben.hears("tea at fuor")
    field, keys = ada.page.locator("#message"), ada.page.keyboard
    field.press("ArrowUp")
    expect(field).to_have_value("tea at fuor")
    expect(ada.page.locator(".reply-to")).to_contain_text("Change your message")
    clean(ada.page)
    keys.press("Escape")
    expect(field).to_have_value("")
    message(ada, "fuor").focus()
    keys.press("c")
    expect(field).to_be_focused()
    field.fill("tea at four")
    keys.press("Enter")
    for one in (ada, ben):
        one.hears("tea at four")
        expect(message(one, "tea at four").locator(".edited")).to_have_text("(edited)")
    assert "Changed" in (ada.page.locator(".edited").get_attribute("title") or "")
    assert ben.page.locator("button.edited").count() == 0  # what it said before is not for him
    ada.page.locator("button.edited").click()
    versions = ada.page.locator("dialog .versions li .text")
    expect(versions).to_have_text(["tea at fuor", "tea at four"])
    clean(ada.page)
    keys.press("Escape")
    expect(ada.page.get_by_role("dialog")).to_have_count(0)
    # Commands do the same.
    ada.say("/edit coffee at four")
    ben.hears("coffee at four")


def test_what_is_taken_back_is_gone_from_all_that_a_browser_keeps(
    come: Come, others: Others, room: str
) -> None:
    ada, ben = come("ada", bypass_csp=True), come("ben")
    for one in (ada, ben):
        one.enter(room)
    ada.say("the word is xyzzy")
    ben.hears("the word is xyzzy")
    eve = others(Robot, "eve", room)
    eve.say("what word?", reply_to=ben.seqs[-1])
    ben.hears("what word?")
    expect(message(ben, "what word?").locator(".quote")).to_contain_text("xyzzy")
    message(ben, "the word is").focus()
    ben.page.keyboard.press("r")
    ben.page.keyboard.type("a draft that quotes it")
    until(lambda: ben.page.evaluate(KEPT).count("xyzzy") >= 3, "it is kept", ben.page)
    do(ada, "the word is", "Take it back")
    dialog = ada.page.get_by_role("dialog")
    expect(dialog).to_contain_text("gone then, for everybody")
    clean(ada.page)
    dialog.get_by_role("button", name="Take it back").click()
    for one in (ada, ben):
        gone = one.page.locator(".said.gone")
        expect(gone).to_contain_text(f"(taken back by {ada.name})")
        expect(one.page.locator("hub-timeline")).not_to_contain_text("xyzzy")
        until(partial(keeps_no, one, "xyzzy"), "it is kept no more", one.page)
        assert "xyzzy" not in one.page.content()
    expect(ben.page.locator("#message")).to_have_value("a draft that quotes it")
    ada.page.locator("#message").press("Control+ArrowUp")
    expect(ada.page.locator("#message")).to_have_value("")


def test_a_reaction_is_chosen_by_its_name_counted_and_taken_back(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    seq = ben.say("shall we?")
    ada = come("ada", bypass_csp=True)
    ada.enter(room)
    page, keys = ada.page, ada.page.keyboard
    message(ada, "shall we?").focus()
    keys.press("e")
    query = page.locator("#emoji-query")
    expect(query).to_be_focused()
    expect(page.locator(".emoji-faces button").first).to_be_visible()
    clean(page)
    keys.type("cat joy")
    expect(page.locator(".emoji-faces button").first).to_have_attribute("value", "😹")
    query.fill("thumbs")
    expect(page.locator(".picker [role=status]")).to_contain_text("found")
    keys.press("ArrowDown")
    expect(page.locator(".emoji-faces :focus")).to_have_attribute("value", "👍")
    keys.press("ArrowRight")
    expect(page.locator(".emoji-faces :focus")).to_have_attribute("value", "👎")
    keys.press("ArrowUp")
    expect(query).to_be_focused()
    page.get_by_label("Colour of skin", exact=True).select_option("🏿")
    query.focus()
    keys.press("Enter")
    chips = reactions(ada, "shall we?")
    expect(chips).to_have_attribute("value", "👍🏿")
    expect(chips).to_have_attribute("aria-pressed", "true")
    ben.ask(type="react", room=room, target=seq, emoji="👍🏿")
    ben.ask(type="react", room=room, target=seq, emoji="❤️")
    expect(chips).to_have_text(["👍🏿2", "❤️1"])
    assert chips.first.get_attribute("title") == f"{ada.name} and {ben.name}"
    clean(page)
    chips.first.focus()
    keys.press("Enter")
    expect(chips.first).to_have_attribute("aria-pressed", "false")
    expect(page.locator(":focus")).to_have_attribute("value", "👍🏿")  # the focus stays
    chips.last.click(button="right")
    expect(page.get_by_role("dialog", name="Reactions")).to_contain_text(ben.name)
    keys.press("Escape")
    # What was used last is offered first.
    message(ada, "shall we?").hover()
    message(ada, "shall we?").locator("[data-do=message-menu]").click()
    expect(page.get_by_role("menuitemcheckbox").first).to_have_text("👍🏿")
    clean(page)


def test_what_is_done_without_a_connection_waits_and_is_sent_once(
    come: Come, others: Others, server: ServerProcess, room: str
) -> None:
    wire = Wire(server.port)
    ben = others(Robot, "ben", room)
    theirs = ben.say("from ben")
    ada = come("ada", port=wire.port)
    ada.enter(room)
    ada.say("from ada")
    ada.hears("from ada")
    wire.cut()
    expect(ada.page.locator("hub-banner")).to_be_visible()
    ada.page.locator("#message").press("ArrowUp")
    ada.page.locator("#message").fill("from ada, later")
    ada.page.keyboard.press("Enter")
    message(ada, "from ben").hover()
    message(ada, "from ben").locator("[data-do=message-menu]").click()
    ada.page.get_by_role("menuitemcheckbox", name="🎉").click()
    waiting = message(ada, "from ada, later")
    expect(waiting.locator(".state.waiting")).to_be_visible()
    expect(reactions(ada, "from ben").and_(ada.page.locator(".waits"))).to_have_text("🎉1")
    ada.page.reload()  # what waits outlives the page
    expect(message(ada, "from ada, later").locator(".state.waiting")).to_be_visible()
    wire.mend()
    expect(message(ada, "from ada, later").locator(".state.saved")).to_be_visible()
    expect(ada.page.locator(".waits")).to_have_count(0)
    log = ben.log()
    assert [one["text"] for one in log if one["kind"] == "edited"] == ["from ada, later"]
    assert [one["target"] for one in log if one["kind"] == "reacted"] == [theirs]
    wire.cut()


def test_a_storm_of_reactions_is_drawn_once_in_a_frame(
    come: Come, others: Others, room: str
) -> None:
    """And what one has selected stays selected."""
    robots = [others(Robot, f"r{number}", room) for number in range(3)]
    seq = robots[0].say("react to this")
    ada = come("ada")
    ada.enter(room)
    ada.hears("react to this")
    ada.page.evaluate("""() => {
      window.drawn = 0; window.frames = 0;
      const frame = () => { window.frames += 1; requestAnimationFrame(frame); };
      frame();
      const text = document.querySelector(".said .text p");
      document.getSelection().selectAllChildren(text);
      const box = document.querySelector(".said .extras");
      new MutationObserver(() => (window.drawn += 1)).observe(box, { childList: true });
    }""")
    for number in range(120):
        for robot in robots:
            command = {"type": "react", "room": room, "target": seq, "emoji": "👍"}
            robot.socket.send(json.dumps(command | {"on": number % 2 == 0}))
    for robot in robots:
        robot.ask(type="react", room=room, target=seq, emoji="🎉")
    expect(reactions(ada, "react to this").last).to_have_text("🎉3")
    drawn, frames = ada.page.evaluate("[window.drawn, window.frames]")
    assert 0 < drawn <= frames
    assert ada.page.evaluate("document.getSelection().toString()").startswith("react to this")


def test_by_thumb_a_message_is_pressed_long_for_all_that_can_be_done(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    seq = ben.say("for a thumb")
    ben.ask(type="react", room=room, target=seq, emoji="👍")
    ada = come("ada", bypass_csp=True, **PHONE)
    ada.enter(room)
    page = ada.page
    press_long(page, message(ada, "for a thumb").locator(".text p"))
    menu = page.get_by_role("menu")
    expect(menu).to_be_in_viewport(ratio=1)
    clean(page)
    menu.get_by_role("menuitem", name="React…").tap()
    face = page.locator(".emoji-faces button").first
    expect(face).to_be_in_viewport()
    clean(page)
    face.tap()
    expect(reactions(ada, "for a thumb")).to_have_count(2)
    expect(page.locator(".waits")).to_have_count(0)
    press_long(page, reactions(ada, "for a thumb").first)
    expect(page.get_by_role("dialog", name="Reactions")).to_contain_text(ben.name)
    expect(reactions(ada, "for a thumb").first).to_have_attribute("aria-pressed", "false")
    clean(page)


def press_long(page: Page, target: Locator) -> None:
    """As a browser tells of it that has no event for it."""
    target.evaluate("""(node) => {
      const { left, top } = node.getBoundingClientRect();
      const at = { clientX: left + 5, clientY: top + 5, pointerType: "touch", isPrimary: true };
      const event = (type) => new PointerEvent(type, { ...at, bubbles: true, cancelable: true });
      const down = event("pointerdown"), up = event("pointerup");
      Object.defineProperty(up, "timeStamp", { value: down.timeStamp + 600 });
      node.dispatchEvent(down);
      node.dispatchEvent(up);
      node.click();
    }""")


def test_a_hostile_server_names_reacts_and_takes_back_as_it_likes(come: Come, room: str) -> None:
    def flood(command: dict[str, Any]) -> list[Any]:
        joined = {"type": "joined", "re": command["id"], "room": room, "head": 0, "after": 0}
        who = {"users": [EVIL] * 500, "ids": [""] * 500}
        faces = [{"emoji": f"{EVIL}{number}"[:80], **who} for number in range(200)]
        wrong = [
            {**said(1), "reactions": [{"emoji": "x" * 81, **who}]},
            {**said(1), "reactions": [{"emoji": "x", "users": ["a"], "ids": []}]},
            {**said(1), "reactions": "all"},
            {**said(1), "redacted": {"by": 7}},
            {**said(1), "replies": -1},
            {"kind": "edited", "seq": 1, "at": 0, "by": "eve", "target": 1},
            {"kind": "reacted", "seq": 1, "at": 0, "by": "eve", "target": 1, "emoji": 1},
        ]
        right = [
            {**said(1, "liked"), "reactions": faces, "replies": 2**50, "edited_at": 0},
            {**said(2, ""), "redacted": {"at": 1, "by": EVIL}},
            {"kind": "reacted", "seq": 3, "at": 0, "by": EVIL, "target": 9, "emoji": EVIL},
            {"kind": "edited", "seq": 4, "at": 0, "by": EVIL, "target": 4, "text": EVIL},
            {"kind": "pinned", "seq": 5, "at": 0, "by": EVIL, "target": 2**50},
            said(6, "the end"),
        ]
        frames = [events(one, room=room) for one in wrong]
        return [joined | {"users": ["ada"]}, *frames, events(*right, room=room)]

    ada = come("ada")
    come_to(ada, Hostile(join=flood), room)
    ada.hears("the end", "liked")
    expect(reactions(ada, "liked")).to_have_count(200)
    shown = ada.page.locator("hub-timeline").inner_text()
    titles = ada.page.locator("[data-do=react]").first.get_attribute("title") or ""
    assert not set(shown + titles) & set("\x1b\x07\x9b\u202e\u2066")
    assert ada.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
