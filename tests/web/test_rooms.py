"""Rooms: found by any part, made only when asked for, left, deleted; the list and the menus."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browsing import Person, Robot, until

Come = Callable[..., Person]
Others = Callable[..., Any]


def title(page: Page) -> Any:
    return page.locator("hub-room h1 bdi")


def switch(page: Page, words: str) -> None:
    """What one types into the list of rooms, and Enter at once."""
    page.keyboard.press("Control+K")
    expect(page.locator("#room")).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def rooms(robot: Robot) -> set[str]:
    return {one["name"] for one in robot.ask(type="rooms")["rooms"]}


def test_enter_takes_the_first_match_and_makes_no_room(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", f"team-{room}-lambda")
    ada = come("ada")
    ada.enter(room)
    for words in (f"{room}-lam", f"team {room} lambda", f"TEAM_{room}_LAMBDA", f"lambda {room}"):
        switch(ada.page, words)
        expect(title(ada.page)).to_have_text(f"team-{room}-lambda")
        ada.open(f"#/{room}")
        expect(title(ada.page)).to_have_text(room)
    assert not {f"{room}-lam", f"lambda-{room}"} & rooms(ben)
    ada.page.keyboard.press("Control+K")
    ada.page.keyboard.type(f"{room}-lam")
    make = ada.page.get_by_role("button", name=f"Create # {room}-lam")
    expect(make).to_be_visible()
    ada.page.keyboard.press("ArrowDown")
    ada.page.keyboard.press("ArrowDown")
    expect(make).to_be_focused()
    ada.page.keyboard.press("Enter")
    expect(title(ada.page)).to_have_text(f"{room}-lam")


def test_a_slip_of_the_keyboard_is_asked_about_also_after_join(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", f"{room}-pancakes")
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    for slip in (f"{room}-pancaks", f"{room}-pacnakes"):
        switch(page, slip)
        expect(page.locator("hub-lobby .none")).to_contain_text("Did you mean")
        expect(page.locator(f"hub-lobby button[value='{room}-pancakes']")).to_be_focused()
        page.keyboard.press("Enter")
        expect(title(page)).to_have_text(f"{room}-pancakes")
        ada.open(f"#/{room}")
        ada.say(f"/join {slip}")
        expect(page.locator(f"hub-lobby button[value='{room}-pancakes']")).to_be_focused()
        page.keyboard.press("Escape")
        expect(title(page)).to_have_text(room)
        assert slip not in rooms(ben)
    ada.say(f"/join {room}-new, Room")
    make = page.get_by_role("button", name=f"Create # {room}-new-Room")
    expect(make).to_be_focused()
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text(f"{room}-new-Room")


def test_rooms_with_news_and_those_where_one_was_lately_come_first(
    come: Come, others: Others, room: str
) -> None:
    names = [f"{room}-{letter}" for letter in "abcd"]
    robots = [others(Robot, "ben", name) for name in names]
    ada = come("ada")
    ada.enter(names[0])
    page = ada.page
    for name in names[1:]:
        ada.open(f"#/{name}")
        expect(title(page)).to_have_text(name)
        ada.inside()
    shown = page.locator("hub-lobby li button")
    page.keyboard.press("Control+K")
    expect(shown.nth(0)).to_contain_text(names[2])
    expect(shown.nth(1)).to_contain_text(names[1])
    expect(shown.nth(3)).to_contain_text(names[3])  # where she is just now
    page.keyboard.press("Enter")  # there and back
    expect(title(page)).to_have_text(names[2])
    robots[0].say("news")
    robots[1].say(f"news for @{ada.name}")
    expect(page.locator("hub-sidebar .total")).to_have_text("2 new, 1 mentions you")
    page.keyboard.press("Control+K")
    expect(shown.nth(0)).to_contain_text(names[1])
    expect(shown.nth(1)).to_contain_text(names[0])
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text(names[1])


def test_the_page_begins_where_one_was_last(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.open(f"#/{room}-last")
    expect(title(ada.page)).to_have_text(f"{room}-last")
    ada.page.close()
    ada.page = ada.tab()
    ada.open()
    expect(title(ada.page)).to_have_text(f"{room}-last")
    expect(ada.page.locator(f"hub-sidebar a[href='#/{room}']")).to_be_visible()


def test_the_menu_of_a_room_goes_by_keyboard_and_does_what_it_says(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ben.say("here")
    ada = come("ada", permissions=["clipboard-read", "clipboard-write"])
    ada.enter(f"{room}-other")
    ada.open(f"#/{room}")
    ada.hears("here")
    page, keys = ada.page, ada.page.keyboard
    button = page.locator("hub-room h1 button")
    button.focus()
    keys.press("Enter")
    expect(page.get_by_role("menuitem", name="Members")).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("hub-toast")).to_contain_text("is copied")
    assert page.evaluate("() => navigator.clipboard.readText()") == f"{ada.url}#/{room}"
    expect(page.get_by_role("menu")).to_have_count(0)
    keys.press("Enter")
    keys.press("Escape")
    expect(button).to_be_focused()
    button.click()
    expect(page.get_by_role("menu")).to_be_visible()
    button.click()
    expect(page.get_by_role("menu")).to_have_count(0)
    button.focus()
    keys.press("Enter")
    keys.press("End")  # nothing can be deleted where something was said
    expect(page.get_by_role("menuitem", name="Leave this room")).to_be_focused()
    keys.press("Enter")
    expect(title(page)).to_have_text(f"{room}-other")
    expect(page.locator("hub-sidebar li")).to_have_count(1)
    ben.ask(type="ping")
    page.get_by_role("button", name="Go back in").click()
    expect(title(page)).to_have_text(room)
    expect(page.locator("hub-sidebar li")).to_have_count(2)


def test_the_menu_of_a_member_mentions_them(come: Come, others: Others, room: str) -> None:
    others(Robot, "Zoe", room)
    ada = come("ada")
    ada.enter(room)
    page, keys = ada.page, ada.page.keyboard
    page.locator("#message").fill("Hello")
    expect(page.locator("hub-members li")).to_have_count(2)
    page.locator("hub-members ul").focus()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.get_by_role("menuitem", name="Mention")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#message")).to_be_focused()
    assert page.locator("#message").input_value().startswith("Hello @Zoe-")
    page.locator("hub-members button.row").last.evaluate("row => { row.click(); row.click(); }")
    expect(page.get_by_role("menuitem", name="Mention")).to_be_focused()


def test_the_list_stays_where_it_is_and_its_edges_tell_of_news_beyond(
    come: Come, others: Others, room: str
) -> None:
    ends = [f"{n:02}" for n in range(40)]
    names = [f"{room}-a-long-name-that-many-rooms-have-{end}" for end in ends]
    robots = [others(Robot, "ben", names[place]) for place in (0, 39)]
    ada = come("ada", viewport={"width": 1280, "height": 600})
    kept = json.dumps(json.dumps(names))
    ada.context.add_init_script(f"localStorage['hubbub.rooms'] ??= {kept};")
    ada.enter(names[20])
    page = ada.page
    rows = page.locator("hub-sidebar li")
    expect(rows).to_have_count(40)
    expect(rows.nth(20)).to_be_in_viewport()
    cut = """() => [...document.querySelectorAll("hub-sidebar .room-name")]
      .some((name) => name.scrollWidth > name.clientWidth && name.clientWidth)"""
    assert not page.evaluate(cut)  # each name is there whole
    until(
        lambda: all(len(robot.ask(type="who", room=robot.room)["users"]) == 2 for robot in robots)
    )
    robots[0].say("news")
    robots[1].say(f"news for @{ada.name}")
    up, down = page.locator(".edge.up"), page.locator(".edge.down")
    expect(up).to_have_text("1 new")
    expect(down).to_have_text("1 new, which mentions you")
    before = page.evaluate("() => document.querySelector('.mine').scrollTop")
    robots[0].say("more news")
    expect(up).to_have_text("2 new")
    assert page.evaluate("() => document.querySelector('.mine').scrollTop") == before
    down.click()
    expect(rows.nth(39)).to_be_in_viewport()
    expect(rows.nth(39).locator("a")).to_be_focused()
    expect(down).to_be_hidden()
    expect(page.get_by_role("button", name="All rooms", exact=True)).to_be_in_viewport(ratio=1)
    page.set_viewport_size({"width": 320, "height": 600})  # the title has its beginning and end
    expect(page.locator("hub-room h1 bdi span").last).to_have_text("-20")
    expect(page.locator("hub-room h1 bdi span").last).to_be_in_viewport(ratio=1)


def test_keys_right_behind_those_for_all_rooms_are_for_its_field(come: Come, room: str) -> None:
    """Who types quickly has typed on before the browser tells of the new address."""
    ada = come("ada")
    ada.enter(room)
    focused = ada.page.evaluate(
        """() => {
          const key = { key: "k", ctrlKey: true, bubbles: true, cancelable: true };
          document.querySelector("#message").dispatchEvent(new KeyboardEvent("keydown", key));
          return document.activeElement.id;
        }"""
    )
    assert focused == "room"
    ada.page.keyboard.press("Escape")
    ada.inside()
    ada.page.go_back()
    expect(ada.page.locator("#room")).to_be_focused()
    ada.page.go_back()
    expect(title(ada.page)).to_have_text(room)


def test_a_room_that_was_made_is_told_of_and_can_be_undone(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    page, toast = ada.page, ada.page.locator("hub-toast")
    expect(toast).to_contain_text(f"# {room} is new: you have just made it.")
    ada.say("something")
    ada.hears("something")
    ada.open(f"#/{room} and more")
    expect(toast).to_contain_text(f"Made as # {room}-and-more. A room name cannot have a space")
    expect(toast).not_to_contain_text("would do")
    ada.inside()
    other = ada.tab()
    other.goto(f"{ada.url}#/{room}-and-more")
    expect(other.locator(".facts")).to_have_text("1 here")
    page.get_by_role("button", name="Undo").click()
    for tab in (page, other):
        expect(tab.locator("hub-toast")).to_contain_text("is deleted")
        expect(title(tab)).to_have_text(room)
        expect(tab.locator("hub-sidebar li")).to_have_count(1)
    other.close()
    ben = others(Robot, "ben", room)
    assert f"{room}-and-more" not in rooms(ben)


def test_a_room_is_deleted_only_where_nothing_was_said_and_a_refusal_is_told(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    page, toast = ada.page, ada.page.locator("hub-toast")
    ben = others(Robot, "ben", room)
    expect(page.locator(".facts")).to_have_text("2 here")
    menu = page.locator("hub-room h1 button")
    delete = page.get_by_role("menuitem", name="Delete this room")
    menu.click()
    delete.click()
    expect(toast).to_contain_text("is in it")  # ben
    expect(title(page)).to_have_text(room)
    ben.say("something")
    ada.hears("something")
    menu.click()
    expect(page.get_by_role("menuitem", name="Leave this room")).to_be_visible()
    expect(delete).to_have_count(0)
    page.keyboard.press("Escape")
    ada.open(f"#/{room}-empty")
    expect(title(page)).to_have_text(f"{room}-empty")
    ada.inside()
    menu.click()
    delete.click()
    expect(toast).to_contain_text("is deleted")
    expect(title(page)).to_have_text(room)
    assert f"{room}-empty" not in rooms(ben)


def test_a_command_deletes_this_room_or_another_one_where_nothing_was_said(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    page, toast = ada.page, ada.page.locator("hub-toast")
    ben = others(Robot, "ben", f"{room}-ben")
    ben.ask(type="leave", room=f"{room}-ben")
    until(lambda: not ben.ask(type="who", room=f"{room}-ben")["users"], "the log has it")
    ada.say(f"/delete {room}-ben")  # ada is not in it
    expect(toast).to_contain_text(f"# {room}-ben is deleted.")
    expect(title(page)).to_have_text(room)
    ada.open(f"#/{room}-empty")
    expect(title(page)).to_have_text(f"{room}-empty")
    ada.inside()
    ada.say("/delete")
    expect(toast).to_contain_text(f"# {room}-empty is deleted.")
    expect(title(page)).to_have_text(room)
    ben.ask(type="ping")
    assert not {f"{room}-ben", f"{room}-empty"} & set(rooms(ben))


def test_a_command_marks_this_room_or_all_rooms_as_read(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(f"{room}-other")
    ada.open(f"#/{room}")
    expect(title(ada.page)).to_have_text(room)
    ada.inside()
    ben = others(Robot, "ben", f"{room}-other")
    ben.say("news")
    total = ada.page.locator("hub-sidebar .total")
    expect(total).to_have_text("1 new")
    ada.say("/read")
    expect(ada.page.locator("hub-toast")).to_have_text(f"# {room} is marked as read.")
    expect(total).to_be_visible()
    ada.say("/read all")
    expect(ada.page.locator("hub-toast")).to_have_text("All your rooms are marked as read.")
    expect(total).to_be_hidden()


def test_a_room_that_is_being_entered_outlives_the_end_of_the_one_before(
    come: Come, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    script = """async () => {
      const { Arriving } = await import("/static/chat/arriving.js");
      const { IN, JOINING } = await import("/static/chat/room.js");
      const done = [];
      let hear;
      let room;
      const [drop, comeBack] = ["drop", "back"].map((what) => () => done.push(what));
      const rooms = { get: () => room, drop, comeBack };
      new Arriving({ heard: { on: (heard) => (hear = heard) } }, rooms);
      for (const stage of [JOINING, IN])
        for (const type of ["deleted", "left"]) {
          room = { stage };
          hear({ type, room: "lunch" });
        }
      return done;
    }"""
    assert ada.page.evaluate(script) == ["drop", "back"]
