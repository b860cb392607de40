"""Links with a code on the page: into a private room, to an account, to a new password."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, until
from tests.web.test_accounts import PASSWORD, account, log_in, register, settings
from tests.web.test_looks import clean
from tests.web.test_room_rights import make

Come = Callable[..., Person]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def invited_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """One where one needs an invitation to make an account."""
    flags = ("--rate-limit", "0", "--registration", "invite")
    with ServerProcess(tmp_path / "data", *flags) as server:
        yield server


def owner_code(server: ServerProcess) -> str:
    """What it showed when it started."""

    def found() -> list[str]:
        return re.findall(r"/own ([0-9A-F]{8})", "".join(server.output))

    until(lambda: bool(found()), "the code of the owner")
    return found()[0]


class Owner(Robot):
    """Who has set the server up."""

    def __init__(self, server: ServerProcess, room: str) -> None:
        super().__init__(server.url, "olga", room)
        code = owner_code(server)
        self.ask(type="register", password=PASSWORD, invite=code)
        self.ask(type="own", code=code)


def private(person: Person, room: str) -> None:
    """Makes a private room of the person's own."""
    make(person, room)
    person.say("/access private")
    expect(person.page.locator("hub-timeline")).to_contain_text("private")


def made_link(person: Person) -> str:
    """Made in the invite dialog by the keyboard alone."""
    page = person.page
    page.locator("hub-room h1 button").click()
    page.get_by_role("menuitem", name="Invite people").click()
    page.locator("#link-uses").fill("2")
    page.keyboard.press("Enter")
    expect(page.locator("#link-made")).to_be_focused()
    return page.locator("#link-made").input_value()


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_a_link_leads_a_guest_into_a_private_room_and_its_code_stays_nowhere(
    come: Come, room: str, size: dict[str, Any]
) -> None:
    ada = come("ada", bypass_csp=True, **size)
    ada.enter(f"{room}-hall")
    if size:
        ada.page.get_by_role("button", name="Rooms", exact=True).tap()
    register(ada)
    if size:
        ada.page.keyboard.press("Escape")
    private(ada, room)
    link = made_link(ada)
    code = link.partition("invite=")[2]
    assert len(code) >= 24
    clean(ada.page)
    expect(ada.page.get_by_role("list", name="Links")).to_contain_text("for 2 people")
    ada.page.keyboard.press("Escape")
    ada.say("between us")

    ben = come("ben", bypass_csp=True, **size)
    asked: list[str] = []
    ben.page.on("request", lambda request: asked.append(request.url + str(request.headers)))
    ben.page.goto(link)
    expect(ben.page.locator("hub-welcome")).to_contain_text(f"You are invited into # {room}")
    assert code not in ben.page.url
    clean(ben.page)
    ben.page.locator("#name").fill(ben.name)
    ben.page.keyboard.press("Enter")
    ben.inside()
    ben.hears("between us")
    assert not [one for one in asked if code in one]
    kept = ben.page.evaluate("() => JSON.stringify(localStorage) + location.href")
    assert code not in kept
    ben.page.reload()
    ben.inside()

    eve = come("eve")
    eve.open()
    eve.page.locator("#name").fill(eve.name)
    eve.page.keyboard.press("Enter")
    expect(eve.page.locator("hub-lobby")).to_be_visible()
    eve.page.goto(link)
    eve.inside()
    eve.hears("between us")

    late = come("late")
    late.page.goto(link)
    late.page.locator("#name").fill(late.name)
    late.page.keyboard.press("Enter")
    expect(late.page.locator("hub-toast")).to_contain_text("This link leads nowhere any more")
    expect(late.page.locator("hub-lobby")).to_be_visible()


def test_a_link_that_was_ended_leads_nowhere(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(f"{room}-hall")
    register(ada)
    private(ada, room)
    link = made_link(ada)
    ada.page.get_by_role("button", name="End the link for 2 people").click()
    expect(ada.page.get_by_role("button", name="End the link for 2 people")).to_have_text("Ended")
    ben = come("ben")
    ben.page.goto(link)
    ben.page.locator("#name").fill(ben.name)
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator("hub-toast")).to_contain_text("This link leads nowhere any more")


def test_a_link_to_the_server_makes_an_account_of_a_newcomer_and_of_a_guest(
    come: Come, invited_server: ServerProcess, room: str
) -> None:
    owner = Owner(invited_server, room)
    ada = come("ada", invited_server.port, bypass_csp=True)
    ada.open(f"#/{room}")
    log_in(ada.page, "olga")
    ada.inside()
    settings(ada.page)
    ada.page.get_by_role("button", name="Links to this server").click()
    ada.page.locator("#link-uses").fill("3")
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#link-made")).to_be_focused()
    clean(ada.page)
    link = ada.page.locator("#link-made").input_value()

    ben = come("ben", invited_server.port, bypass_csp=True)
    ben.page.goto(link)
    expect(ben.page.locator("hub-welcome")).to_contain_text("You are invited to have an account")
    expect(ben.page.locator("#login-password")).to_have_attribute("autocomplete", "new-password")
    assert "invite" not in ben.page.url
    clean(ben.page)
    ben.page.locator("#name").fill(ben.name)
    ben.page.locator("#login-password").fill("short")
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator("#name-problem")).to_contain_text("8 characters")
    ben.page.locator("#login-password").fill(PASSWORD)
    ben.page.keyboard.press("Enter")
    expect(ben.page.locator("hub-lobby")).to_be_visible()
    account(ben.page)

    eve = come("eve", invited_server.port)
    eve.enter(room)
    eve.page.goto(link)
    eve.page.locator("#account-password").fill(PASSWORD)
    eve.page.keyboard.press("Enter")
    expect(eve.page.locator("hub-toast")).to_contain_text("is yours now")
    eve.page.goto(link)
    expect(eve.page.locator("hub-toast")).to_contain_text("You have one")
    owner.close()


def test_who_has_forgotten_the_password_chooses_another_by_a_link(
    come: Come, own_server: ServerProcess, room: str
) -> None:
    owner = Owner(own_server, room)
    ben = come("ben", own_server.port, bypass_csp=True)
    ben.enter(room)
    register(ben)
    ada = come("ada", own_server.port, bypass_csp=True)
    ada.open(f"#/{room}")
    log_in(ada.page, "olga")
    ada.inside()
    settings(ada.page)
    ada.page.get_by_role("button", name="A link for a new password").click()
    ada.page.locator("#reset-name").fill("nobody-here")
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#reset-link-problem")).to_contain_text("has no account")
    ada.page.locator("#reset-name").fill(ben.name)
    ada.page.keyboard.press("Enter")
    expect(ada.page.locator("#link-made")).to_be_focused()
    clean(ada.page)
    link = ada.page.locator("#link-made").input_value()

    other = come("other", own_server.port, bypass_csp=True)
    other.page.goto(link)
    expect(other.page.get_by_role("dialog", name="A new password")).to_contain_text(ben.name)
    assert "reset" not in other.page.url
    clean(other.page)
    other.page.locator("#reset-password").fill("short")
    other.page.keyboard.press("Enter")
    expect(other.page.locator("#reset-problem")).to_contain_text("8 characters")
    other.page.locator("#reset-password").fill("another long secret")
    other.page.keyboard.press("Enter")
    expect(other.page.locator("hub-lobby")).to_be_visible()
    expect(ben.page.locator("#login-password")).to_be_visible()
    other.page.goto(link)
    other.page.locator("#reset-password").fill("a third long secret")
    other.page.keyboard.press("Enter")
    expect(other.page.locator("#reset-problem")).not_to_be_empty()
    owner.close()


def test_links_are_made_listed_and_ended_by_commands(come: Come, room: str) -> None:
    ada = come("ada", bypass_csp=True)
    ada.enter(f"{room}-hall")
    register(ada)
    private(ada, room)
    page = ada.page
    ada.say("/link 3 2h")
    expect(page.get_by_role("dialog", name="A link")).to_be_visible()
    link = page.locator("#link-made").input_value()
    assert f"#?room={room}&invite=" in link
    page.keyboard.press("Escape")
    ada.say("/link 3000")
    expect(page.locator("hub-toast")).to_contain_text("A link is for 1 to 1000 people.")
    page.locator("#message").fill("")
    ada.say("/links")
    expect(page.get_by_role("list", name="Links")).to_contain_text("for 3 people, by ada")
    clean(page)
    page.get_by_role("button", name="End the link").click()
    expect(page.get_by_role("button", name="End the link")).to_have_text("Ended")


def test_where_guests_are_off_an_account_is_made_at_the_door(
    come: Come, tmp_path: Path, room: str
) -> None:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0", "--guests", "off") as server:
        ada = come("ada", server.port, bypass_csp=True)
        ada.open(f"#/{room}")
        page = ada.page
        page.locator("#name").fill(ada.name)
        page.keyboard.press("Enter")
        expect(page.locator("#name-problem")).to_contain_text("account")
        page.get_by_role("button", name="Make an account").click()
        clean(page)
        page.locator("#login-password").fill(PASSWORD)
        page.keyboard.press("Enter")
        ada.inside()
        page.reload()
        ada.inside()
        ben = come("ben", server.port)
        ben.open(f"#/{room}")
        ben.page.locator("#name").fill(ada.name)
        ben.page.keyboard.press("Enter")
        expect(ben.page.locator("#login-password")).to_be_focused()
        ben.page.keyboard.type(PASSWORD)
        ben.page.keyboard.press("Enter")
        ben.inside()


def test_the_server_is_offered_to_nobody_once_somebody_owns_it(
    come: Come, own_server: ServerProcess, room: str
) -> None:
    ada = come("ada", own_server.port)
    ada.enter(room)
    register(ada)
    account(ada.page)
    expect(ada.page.get_by_text("This server is mine")).to_be_visible()
    owner = Owner(own_server, room)
    ada.page.reload()
    ada.inside()
    account(ada.page)
    expect(ada.page.get_by_text("Close the account")).to_be_visible()
    expect(ada.page.get_by_text("This server is mine")).to_have_count(0)
    owner.close()
