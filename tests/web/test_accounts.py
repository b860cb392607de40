"""Accounts on the page: a guest gets one, logs in elsewhere, and leaves nothing behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.process import ServerProcess
from tests.web.browsing import LINES, Person, Robot, Wire, until
from tests.web.test_looks import clean

Come = Callable[..., Person]

PASSWORD = "correct horse battery"
# All that is kept in the browser, as one text.
KEPT = """() => new Promise((resolve) => {
  indexedDB.open("hubbub").onsuccess = ({ target: { result: database } }) => {
    const found = [JSON.stringify(localStorage), location.href];
    const transaction = database.transaction(["lines", "rooms"]);
    for (const name of ["lines", "rooms"]) {
      transaction.objectStore(name).getAll().onsuccess = ({ target }) => {
        found.push(JSON.stringify(target.result));
      };
    }
    transaction.oncomplete = () => {
      database.close();
      resolve(found.join(" "));
    };
  };
})"""


def settings(page: Page) -> None:
    page.get_by_role("button", name="Settings").click()


def account(page: Page) -> None:
    settings(page)
    page.get_by_role("button", name="Account: password, devices, log out").click()
    expect(page.get_by_role("dialog", name="Account")).to_be_visible()


def register(person: Person) -> None:
    page = person.page
    settings(page)
    page.get_by_role("button", name="Keep this name: choose a password").click()
    page.locator("#account-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("hub-toast")).to_contain_text("is yours now")


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.locator("#name").fill(name)
    page.keyboard.press("Enter")
    page.locator("#login-password").fill(password)
    page.keyboard.press("Enter")


class Program(Robot):
    """A program that is logged in to the account of somebody."""

    def __init__(self, url: str, person: Person, room: str) -> None:
        self.password = PASSWORD
        super().__init__(url, person.name, room)

    def ask(self, **command: Any) -> dict[str, Any]:
        secret = {"password": self.password} if command["type"] == "hello" else {}
        return super().ask(**command, **secret)

    def log_out_the_page(self) -> None:
        devices = self.ask(type="devices")["devices"]
        for device in devices:
            if not device.get("current"):
                self.ask(type="revoke", device=device["id"])


def test_a_guest_keeps_the_name_by_a_password_and_is_the_same_on_a_second_browser(
    come: Come, room: str
) -> None:
    ada = come("ada", bypass_csp=True)
    ada.enter(room)
    ada.say("as a guest")
    ada.hears("as a guest")
    page = ada.page
    settings(page)
    page.get_by_role("button", name="Keep this name: choose a password").click()
    clean(page)
    page.locator("#account-password").fill("short")
    page.keyboard.press("Enter")
    expect(page.locator("#register-problem")).to_contain_text("8 characters")
    expect(page.locator("#account-password")).to_have_value("short")
    expect(page.locator("#account-password")).to_be_focused()
    clean(page)
    page.locator("#account-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("hub-toast")).to_contain_text("is yours now")
    expect(page.get_by_role("dialog")).to_have_count(0)
    ada.say("with an account")
    ada.hears("with an account")
    page.reload()
    ada.inside()

    other = come("other", bypass_csp=True)
    other.open(f"#/{room}")
    second = other.page
    second.locator("#name").fill(ada.name)
    second.keyboard.press("Enter")
    expect(second.locator("#login-password")).to_be_focused()
    expect(second.locator("#login-password")).to_have_attribute("autocomplete", "current-password")
    expect(second.locator("#name")).to_have_attribute("autocomplete", "username")
    clean(second)
    second.keyboard.type("not that one")
    second.keyboard.press("Enter")
    expect(second.locator("#name-problem")).to_contain_text("with that password")
    expect(second.locator("#login-password")).to_have_value("not that one")
    second.locator("#login-password").fill(PASSWORD)
    second.keyboard.press("Enter")
    other.inside()
    expect(second.locator(".said .saved")).to_have_count(2)  # both are hers here, too
    assert PASSWORD not in second.evaluate(KEPT)


def test_whoever_is_not_the_owner_of_a_name_takes_another_one(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    eve = come("eve")
    eve.open(f"#/{room}")
    page = eve.page
    page.locator("#name").fill(ada.name)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Not you? Choose another name").click()
    expect(page.locator("#login-password")).to_be_hidden()
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type(eve.name)
    page.keyboard.press("Enter")
    eve.inside()


def test_a_device_that_is_logged_out_is_out_at_once_and_can_come_back(
    come: Come, room: str
) -> None:
    ada = come("ada", bypass_csp=True)
    ada.enter(room)
    register(ada)
    other = come("other")
    other.open(f"#/{room}")
    log_in(other.page, ada.name)
    other.inside()
    account(ada.page)
    expect(ada.page.locator(".devices li")).to_have_count(2)
    expect(ada.page.locator(".devices li", has_text="this one")).to_have_count(1)
    clean(ada.page)
    ada.page.locator(".devices").get_by_role("button", name="Log out").click()
    expect(ada.page.locator(".devices li")).to_have_count(1)
    expect(other.page.locator("hub-welcome .problem")).to_contain_text("You were logged out")
    expect(other.page.locator("hub-timeline")).to_have_count(0)
    other.page.locator("#login-password").fill(PASSWORD)
    other.page.keyboard.press("Enter")
    other.inside()


def test_two_tabs_are_one_device_and_stay_when_all_others_are_logged_out(
    come: Come, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    tab = ada.tab()
    tab.goto(f"{ada.url}#/{room}")
    expect(tab.locator(".facts")).to_have_text(re.compile(r"\d here"))
    other = come("other")
    other.open(f"#/{room}")
    log_in(other.page, ada.name)
    other.inside()
    account(ada.page)
    ada.page.get_by_role("button", name="Log out everywhere else").click()
    expect(other.page.locator("#login-password")).to_be_visible()
    ada.page.keyboard.press("Escape")
    ada.say("still here")
    expect(tab.locator(".said .text", has_text="still here")).to_have_count(1)
    expect(tab.locator("hub-banner")).to_be_hidden()


def test_the_password_is_changed_and_the_old_one_is_none(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    page = ada.page
    account(page)
    page.locator("#old-password").fill("not that one")
    page.locator("#new-password").fill("another long secret")
    page.keyboard.press("Enter")
    expect(page.locator("#password-problem")).to_contain_text("not your password")
    expect(page.locator("#new-password")).to_have_value("another long secret")
    page.locator("#old-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("hub-toast")).to_contain_text("Your password is changed")
    other = come("other")
    other.open(f"#/{room}")
    log_in(other.page, ada.name)
    expect(other.page.locator("#name-problem")).to_contain_text("with that password")
    other.page.locator("#login-password").fill("another long secret")
    other.page.keyboard.press("Enter")
    other.inside()


def test_nothing_of_an_account_stays_in_a_browser_where_it_was_logged_out(
    come: Come, server: ServerProcess, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    ada.say("for my friends")
    ada.hears("for my friends")
    page = ada.page
    page.locator("#message").fill("a secret draft")
    until(lambda: "a secret draft" in page.evaluate(KEPT), "the draft is kept", page)
    account(page)
    page.get_by_role("button", name="Log out here").click()
    expect(page.locator("#name")).to_be_focused()
    kept = ada.page.evaluate(KEPT)
    for private in (ada.name, room, "for my friends", "a secret draft"):
        assert private not in kept, private
    program = Program(server.url, ada, room)
    assert len(program.ask(type="devices")["devices"]) == 1, "the browser is none of them any more"
    program.close()
    page.locator("#name").fill(f"{ada.name}-guest")
    page.keyboard.press("Enter")
    expect(page.locator("hub-lobby")).to_be_visible()
    expect(page.locator("hub-room-list a")).to_have_count(0)


def test_who_comes_after_somebody_finds_none_of_their_rooms_and_says_nothing_for_them(
    come: Come, server: ServerProcess, room: str
) -> None:
    wire = Wire(server.port)
    ada = come("ada", port=wire.port, service_workers="block")
    ada.enter(room)
    register(ada)
    program = Program(server.url, ada, f"{room}-b")
    wire.cut()
    ada.say("only from me")
    expect(ada.page.locator(".said.waiting")).to_be_visible()
    program.log_out_the_page()
    wire.mend()
    page = ada.page
    expect(page.locator("#login-password")).to_be_visible()
    assert page.evaluate(LINES) == 1
    page.get_by_role("button", name="Not you? Choose another name").click()
    page.keyboard.type(f"{ada.name}-eve")
    page.keyboard.press("Enter")
    expect(page.locator("hub-lobby")).to_be_visible()
    expect(page.locator("hub-room-list a")).to_have_count(0)
    assert room not in page.url
    page.goto(f"{ada.url}#/{room}")
    ada.inside()
    ada.say("from eve")
    ada.hears("from eve")
    assert "only from me" not in ada.texts
    ada.say("/quit")
    log_in(page, ada.name)
    expect(page.locator("hub-sidebar")).to_be_visible()
    page.goto(f"{ada.url}#/{room}")
    ada.hears("only from me")
    said = [
        event for event in program.ask(type="history", room=room)["events"] if event.get("text")
    ]
    assert [(one["by"], one["text"]) for one in said] == [
        (f"{ada.name}-eve", "from eve"),
        (ada.name, "only from me"),
    ]
    program.close()
    wire.cut()


def test_a_new_name_is_there_in_all_tabs_and_on_all_devices(
    come: Come, server: ServerProcess, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    tab = ada.tab()
    tab.goto(f"{ada.url}#/{room}")
    expect(tab.locator(".facts")).to_have_text("1 here")
    page = ada.page
    settings(page)
    page.locator("#new-name").fill(f"{ada.name}-lovelace")
    page.keyboard.press("Enter")
    for one in (page, tab):
        expect(one.locator("hub-sidebar .who .by")).to_have_text(f"{ada.name}-lovelace")
    ada.name = f"{ada.name}-lovelace"
    program = Program(server.url, ada, room)
    program.ask(type="rename", user=f"{ada.name}-2")
    for one in (page, tab):
        expect(one.locator("hub-sidebar .who .by")).to_have_text(f"{ada.name}-2")
    program.close()
    page.reload()
    ada.inside()
    ada.say("under my last name")
    ada.hears("under my last name")
    expect(page.locator(".said .by").first).to_have_text(f"{ada.name}-2")


def test_an_account_is_closed_by_its_password(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    register(ada)
    page = ada.page
    account(page)
    page.get_by_text("Close the account").click()
    page.locator("#closing-password").fill("not that one")
    page.keyboard.press("Enter")
    expect(page.locator("#close-problem")).to_contain_text("not your password")
    page.locator("#closing-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#name")).to_be_focused()
    expect(page.locator("#login-password")).to_be_hidden()
    assert ada.name not in page.evaluate(KEPT)


def test_a_server_without_guests_says_so_and_its_owner_is_who_has_the_code(
    come: Come, tmp_path: Path
) -> None:
    with ServerProcess(tmp_path / "data") as server:
        ada = come("ada", port=server.port)
        ada.enter("Hall")
        register(ada)
        page = ada.page
        account(page)
        page.get_by_text("This server is mine").click()
        page.locator("#owner-code").fill("WRONG-CODE")
        page.keyboard.press("Enter")
        expect(page.locator("#own-problem")).to_contain_text("not the code")
        code = re.search(r"/own (\S+)", "\n".join(server.output))
        assert code, server.output
        page.keyboard.press("Escape")
        ada.say(f"/own {code[1].lower()}")
        expect(page.locator("hub-toast")).to_contain_text("You own this server now")
        server.stop()
        server.flags = ("--guests", "off")
        server.start()
        ben = come("ben", port=server.port)
        ben.open("#/Hall")
        ben.page.locator("#name").fill(ben.name)
        ben.page.keyboard.press("Enter")
        expect(ben.page.locator("#name-problem")).to_contain_text("for people with an account")
        log_in(ben.page, ada.name)
        ben.inside()


def test_all_of_it_is_done_by_keyboard(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    ada.say("/register")
    page = ada.page
    expect(page.get_by_role("dialog", name="Account")).to_be_visible()
    tab_to(page, "#account-password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("hub-toast")).to_contain_text("is yours now")
    page.locator("#message").focus()
    page.keyboard.type("/devices")
    page.keyboard.press("Enter")
    expect(page.locator(".devices li")).to_have_count(1)
    tab_to(page, "button:text-is('Log out here')")
    page.keyboard.press("Enter")
    expect(page.locator("#name")).to_be_focused()
    page.keyboard.type(ada.name)
    page.keyboard.press("Enter")
    expect(page.locator("#login-password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("hub-lobby")).to_be_visible()


def tab_to(page: Page, selector: str) -> None:
    for _ in range(30):
        if page.locator(selector).evaluate("(node) => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key never comes to {selector}")
