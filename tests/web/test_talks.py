"""Direct conversations on the page, and rooms and people that get other names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browsing import Person, Robot, until
from tests.web.test_accounts import KEPT, PASSWORD, register
from tests.web.test_looks import clean
from tests.web.test_phone import PHONE, SMALL, menu

Come = Callable[..., Person]
Others = Callable[..., Any]


def talks(page: Page) -> Any:
    return page.get_by_role("list", name="People").get_by_role("link")


def test_somebody_is_written_to_from_the_list_of_members(come: Come, room: str) -> None:
    ada = come("ada", bypass_csp=True)
    ada.enter(room)
    ben = come("ben", bypass_csp=True)
    ben.enter(room)
    ada.page.locator("hub-members button", has_text=ben.name).click()
    ada.page.get_by_role("menuitem", name=f"Message {ben.name}").click()
    expect(ada.page.locator("hub-room h1")).to_have_text(ben.name)
    ada.say("just for you")
    ada.hears("just for you")
    clean(ada.page)
    expect(talks(ben.page)).to_have_text([re.compile(f"{ada.name}.*@ 1")])
    expect(ben.page).to_have_title(re.compile(r"^\(1 @\)"))
    ada.say("and one more")
    expect(ben.page).to_have_title(re.compile(r"^\(2 @\)"))
    clean(ben.page)
    talks(ben.page).click()
    ben.hears("just for you", "and one more")
    expect(ben.page).to_have_title(re.compile(f"^{ada.name} · "))
    assert "@" not in ben.page.locator("body").inner_text()
    ben.page.locator("hub-room h1 button").click()
    expect(ben.page.get_by_role("menuitem", name="People")).to_be_visible()
    for senseless in ("Leave this room", "Copy a link to this room", "Delete this room"):
        expect(ben.page.get_by_role("menuitem", name=senseless)).to_have_count(0)


def test_a_text_to_somebody_that_is_refused_goes_back_into_the_field(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.say("/msg nobody-at-all are you there?")
    expect(ada.page.locator("hub-toast")).to_contain_text("nobody called")
    expect(ada.page.locator("#message")).to_have_value("/msg nobody-at-all are you there?")


def test_a_text_from_somebody_is_told_of_by_the_browser(come: Come, room: str) -> None:
    ada = come("ada", permissions=["notifications"])
    ada.page.add_init_script("""window.told = [];
      window.Notification = class {
        static permission = "granted";
        static requestPermission = async () => "granted";
        constructor(title, { body }) { window.told.push(`${title}: ${body}`); }
      };
      Document.prototype.hasFocus = () => false;""")
    ada.enter(room)
    ada.page.get_by_role("button", name="Settings").click()
    ada.page.locator("#notify-mentions").check()
    ada.page.keyboard.press("Escape")
    ben = come("ben")
    ben.enter(room)
    ben.say(f"/msg {ada.name} the first word")
    told = [f"{ben.name}: the first word"]
    until(lambda: ada.page.evaluate("window.told") == told, "she is told", ada.page)


def test_a_conversation_is_there_without_a_connection_and_on_the_next_day(
    come: Come, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    ben = come("ben")
    ben.enter(room)
    ada.say(f"/msg {ben.name} keep this")
    ada.hears("keep this")
    page = ada.page
    until(lambda: "keep this" in page.evaluate(KEPT), "it is kept", page)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.reload()
    ada.hears("keep this")
    ada.context.set_offline(True)
    page.reload()
    expect(page.locator("hub-room h1")).to_have_text(ben.name)
    expect(page.locator(".said .text", has_text="keep this")).to_be_visible()
    ada.say("later")
    expect(page.locator(".said.waiting")).to_be_visible()
    ada.context.set_offline(False)
    page.reload()
    ada.hears("later")
    talks(ben.page).click()
    ben.hears("keep this", "later")


def test_people_are_chosen_by_keyboard(come: Come, others: Others, room: str) -> None:
    ben, eve = others(Robot, "ben", room), others(Robot, "eve", room)
    ada = come("ada", bypass_csp=True)
    ada.enter(room)
    page = ada.page
    page.get_by_role("button", name="New conversation").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#talk-name")).to_be_focused()
    clean(page)
    page.keyboard.type(ben.name.upper())
    page.keyboard.press("Enter")
    expect(page.locator(".chosen li")).to_have_text([ben.name])
    page.keyboard.type("nobody-at-all")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#talk-problem")).to_contain_text("nobody-at-all")
    expect(page.locator(".chosen li")).to_have_count(2)  # what was chosen is not lost
    clean(page)
    page.get_by_role("button", name="Without nobody-at-all").click()
    page.get_by_role("button", name=f"With {eve.name}").click()
    page.keyboard.press("Enter")
    expect(page.locator("hub-room h1")).to_have_text(f"{ben.name} and {eve.name}")
    expect(page.locator("#message")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("hub-room h1")).to_contain_text(room)
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("hub-room h1")).to_have_text(f"{ben.name} and {eve.name}")
    for refused in ("/leave", "/topic Tea"):
        ada.say(refused)
        expect(page.locator("hub-toast")).to_contain_text("A direct conversation")


def test_who_comes_back_finds_what_was_said_to_them(come: Come, others: Others, room: str) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    register(ada)
    ada.page.goto("about:blank")
    name = ben.ask(type="direct", users=[ada.name])["room"]
    ben.ask(type="join", room=name)
    ben.ask(type="say", room=name, text="when you are back")
    ada.open(f"#/{room}")
    expect(talks(ada.page)).to_have_text([re.compile(f"{ben.name}.*@ 1")])
    talks(ada.page).click()
    ada.hears("when you are back")


def test_a_thumb_does_all_of_it(come: Come, others: Others, room: str) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada", bypass_csp=True, **PHONE)
    ada.enter(room)
    page = ada.page
    menu(page)
    page.get_by_role("button", name="New conversation").tap()
    page.get_by_role("button", name=f"With {ben.name}").tap()
    assert page.evaluate(SMALL) == []
    clean(page)
    page.get_by_role("button", name="Begin").tap()
    expect(page.locator("hub-room h1")).to_have_text(ben.name)
    assert page.evaluate(SMALL) == []
    menu(page)
    expect(talks(page)).to_have_text([ben.name])
    page.get_by_role("button", name="Settings").tap()
    page.get_by_role("button", name="Keep this name: choose a password").tap()
    assert page.evaluate(SMALL) == []
    page.locator("#account-password").fill("correct horse battery")
    page.get_by_role("button", name="Keep this name").tap()
    expect(page.locator("hub-toast")).to_contain_text("is yours now")
    page.get_by_role("button", name="Settings").tap()
    page.get_by_role("button", name="Account: password, devices, log out").tap()
    expect(page.locator(".devices li")).to_have_count(1)
    assert page.evaluate(SMALL) == []
    clean(page)


def test_a_conversation_is_called_as_its_people_are_called_now(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ben = come("ben")
    ben.enter(room)
    register(ben)
    ada.say(f"/msg {ben.name} hello")
    expect(talks(ada.page)).to_have_text([ben.name])
    ben.say(f"/nick {ben.name}-junior")
    expect(talks(ada.page)).to_have_text([f"{ben.name}-junior"])
    expect(ada.page.locator("hub-room h1")).to_have_text(f"{ben.name}-junior")
    expect(ada.page.locator("#message")).to_have_attribute(
        "placeholder", f"Message {ben.name}-junior"
    )


def test_all_that_is_kept_of_a_room_follows_it_to_its_new_name(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    owner = others(Robot, "owner", f"{room}-made")
    owner.ask(type="register", password="another long secret")
    mine = f"{room}-mine"
    owner.ask(type="join", room=mine)
    ada.open(f"#/{mine}")
    ada.inside()
    ada.say("before")
    ada.hears("before")
    page = ada.page
    page.locator("#message").fill("a draft")
    until(lambda: "a draft" in page.evaluate(KEPT), "the draft is kept", page)
    owner.ask(type="rename-room", room=mine, name=f"{room}-new")
    expect(page).to_have_url(re.compile(f"#/{room}-new$"))
    expect(page.locator("hub-room h1")).to_contain_text(f"{room}-new")
    expect(page.locator("#message")).to_have_value("a draft")
    ada.hears("before")
    kept = json.loads(page.evaluate("localStorage['hubbub.rooms']"))
    assert f"{room}-new" in kept
    assert mine not in kept
    page.goto("about:blank")
    ada.open(f"#/{mine}")  # an old link
    expect(page.locator("hub-room h1")).to_contain_text(f"{room}-new")
    expect(page).to_have_url(re.compile(f"#/{room}-new$"))
    ada.hears("before")
    expect(page.locator("#message")).to_have_value("a draft")
    expect(page.locator("hub-room-list a", has_text=f"{room}-new")).to_have_count(1)
    expect(page.locator("hub-room-list a", has_text=mine)).to_have_count(0)


def test_private_rooms_and_conversations_are_listed_on_a_second_device(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ben.ask(type="register", password="another long secret")
    ada = come("ada")
    ada.enter(room)
    register(ada)
    club = f"{room}-club"
    ben.ask(type="join", room=club)
    ben.ask(type="rules", room=club, access="members")
    ben.ask(type="invite", room=club, user=ada.name)
    other = f"{room}-other"  # to which she is invited, and has not come
    ben.ask(type="join", room=other)
    ben.ask(type="rules", room=other, access="members")
    ben.ask(type="invite", room=other, user=ada.name)
    ada.say(f"/join {club}")
    ada.inside()
    talk = ben.ask(type="direct", users=[ada.name])["room"]
    ben.ask(type="say", room=talk, text="psst", outside=True)
    expect(talks(ada.page)).to_have_text([re.compile(ben.name)])
    ada.page.goto("about:blank")
    ben.ask(type="say", room=club, text="while you were away")

    second = come("ada")
    second.name = ada.name
    second.open(f"#/{room}")
    second.page.locator("#name").fill(second.name)
    second.page.keyboard.press("Enter")
    second.page.locator("#login-password").fill(PASSWORD)
    second.page.keyboard.press("Enter")
    second.inside()
    rooms = second.page.get_by_role("list", name="Rooms").get_by_role("link")
    expect(rooms).to_have_text([re.compile(f"^{room}$"), re.compile(f"{club}.*1 unread")])
    expect(talks(second.page)).to_have_text([re.compile(f"{ben.name}.*@ 1")])
    rooms.nth(1).click()
    second.inside()
    second.hears("while you were away")
    assert ben.ask(type="who", room=club)["users"] == sorted([ada.name, ben.name])

    second.say("/leave")
    second.page.get_by_role("button", name="Leave for good").click()
    expect(rooms).to_have_text([re.compile(f"^{room}$")])
    second.page.reload()
    expect(rooms).to_have_text([re.compile(f"^{room}$")])
