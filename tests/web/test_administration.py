"""The administrator's page: who sees it, what can be done there, and what goes wrong on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, Wire
from tests.web.test_accounts import PASSWORD, log_in
from tests.web.test_looks import clean
from tests.web.test_tickets import Owner

Come = Callable[..., Person]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SECTIONS = ("Overview", "People", "Rooms", "Bans and record", "Backups", "Messages", "Files")
LONG = "x" * 5_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One that somebody owns, with a place for backups."""
    folder = tmp_path_factory.mktemp("administration")
    (folder / "backups").mkdir()
    flags = ("--rate-limit", "0", "--backup-to", str(folder / "backups"))
    with ServerProcess(folder / "data", *flags) as server:
        yield server


@pytest.fixture(scope="module")
def owner(server: ServerProcess) -> Iterator[Owner]:
    owner = Owner(server, "General")
    yield owner
    owner.close()


def account(server: ServerProcess, name: str, room: str) -> Robot:
    """Somebody with an account, who speaks to the server by a program."""
    one = Robot(server.url, name, room)
    one.ask(type="register", password=PASSWORD)
    return one


def at_page(person: Person, name: str, place: str = "#?server") -> Page:
    """Logs somebody in who has an account, at a place of the page."""
    person.open(place)
    log_in(person.page, name)
    return person.page


def section(page: Page, title: str) -> None:
    page.get_by_role("navigation", name="Parts of this page").get_by_role(
        "link", name=title
    ).click()
    expect(page.locator("hub-server h2")).to_have_text(title)


def row(page: Page, name: str) -> Locator:
    """The row of an account or a room."""
    return page.locator("hub-server .room-list button").filter(
        has=page.get_by_text(name, exact=True)
    )


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def said(page: Page, words: str) -> None:
    expect(page.locator("hub-toast")).to_contain_text(words)


def test_an_owner_looks_after_people_rooms_backups_and_messages(
    come: Come, server: ServerProcess, owner: Owner, room: str
) -> None:
    ben = account(server, f"ben-{room}", room)
    olga = come("olga", bypass_csp=True, color_scheme="dark", **PHONE)
    page = at_page(olga, "olga")
    facts = page.locator("hub-server dl")
    expect(facts).to_contain_text(re.compile(r"Owners\s*olga"))
    expect(page.locator(".warnings")).to_contain_text("There is no backup of this server yet")
    press(page, "Ask the doctor")
    expect(page.locator(".findings li").first).to_be_visible()
    assert str(server.data.parent) not in page.content()
    clean(page)

    section(page, "People")
    page.locator("#find-people").fill(ben.name)
    expect(page.locator("hub-server .room-list li")).to_have_count(1)
    clean(page)
    row(page, ben.name).click()
    dialog = page.get_by_role("dialog", name=ben.name, exact=True)
    expect(dialog.locator(".devices li")).to_have_count(1)
    clean(page)
    dialog.get_by_role("button", name=re.compile("^Log out A program")).click()
    expect(dialog).to_contain_text("Nowhere.")
    press(page, "What they are on this server…")
    page.locator("#server-role-moderator").check()
    press(page, "Save")
    said(page, f"{ben.name} is administrator on this server now.")
    expect(row(page, ben.name)).to_contain_text("Administrator")
    row(page, ben.name).click()
    press(page, "Ban from the server…")
    press(page, "Ban")
    expect(row(page, ben.name)).to_contain_text("banned")
    row(page, ben.name).click()
    press(page, "End the ban")
    expect(row(page, ben.name)).not_to_contain_text("banned")
    row(page, ben.name).click()
    press(page, "Close the account…")
    press(page, "Close it for good")
    expect(page.get_by_role("alert").last).to_contain_text("nothing was closed")
    page.locator("#close-name").fill(ben.name)
    press(page, "Close it for good")
    said(page, "is closed")
    expect(page.get_by_text("There is no account like that.")).to_be_visible()
    press(page, "Make an account…")
    page.locator("#new-account").fill(f"eve-{room}")
    press(page, "Make it")
    link = page.locator("#link-made")
    expect(link).to_have_value(re.compile(rf"#\?user=eve-{room}&reset=[\w-]+$"))
    clean(page)
    page.keyboard.press("Escape")

    section(page, "Rooms")
    press(page, "Make a room…")
    page.locator("#new-room").fill(f"{room}-made")
    page.locator("#new-room-owner").fill("olga")
    press(page, "Make it")
    said(page, "is made")
    page.locator("#find-rooms").fill(f"{room}-made")
    row(page, f"# {room}-made").click()
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"Owners\s*olga"))
    clean(page)
    press(page, "Rules, name, deleting…")
    page.locator("#access-unlisted").check()
    press(page, "Save")
    expect(row(page, f"# {room}-made")).to_contain_text("unlisted")
    row(page, f"# {room}-made").click()
    press(page, "Rules, name, deleting…")
    page.get_by_text("Delete this room").click()
    page.locator("#delete-name").fill(f"{room}-made")
    press(page, "Delete")
    said(page, "is deleted")
    expect(row(page, f"# {room}-made")).to_have_count(0)

    section(page, "Bans and record")
    expect(page.locator("hub-server .records").first).to_contain_text("Nobody is.")
    guest = Robot(server.url, f"guest-{room}", room)
    press(page, "Ban somebody…")
    page.locator("#ban-user").fill(guest.name)
    press(page, "Go on")
    press(page, "Ban")
    press(page, f"End the ban on {guest.name}")
    expect(page.get_by_role("button", name=f"End the ban on {guest.name}")).to_have_text("Ended")
    guest.close()
    expect(page.locator("hub-server ol")).to_contain_text("an administrator has closed it")
    clean(page)
    section(page, "Messages")
    page.locator("#server-keep").select_option("90")
    press(page, "Save")
    press(page, "Delete what is older")
    said(page, "messages stay for 90 days now")
    page.locator("#server-keep").select_option("0")
    press(page, "Save")
    said(page, "messages stay for good now")
    section(page, "Backups")
    press(page, "Make one now")
    expect(page.locator("hub-server .records li")).to_have_count(1)
    page.get_by_role("button", name=re.compile("^Check the backup")).click()
    expect(page.locator("hub-server .records")).to_contain_text("It is as it was written")
    clean(page)
    section(page, "Files")
    expect(page.locator("hub-server")).to_contain_text("hubbub admin export")
    clean(page)


def test_the_page_comes_and_goes_with_the_role_and_offers_what_the_role_may_do(
    come: Come, server: ServerProcess, owner: Owner, room: str
) -> None:
    ben = account(server, f"ben-{room}", room)
    page = at_page(come("ben"), ben.name)
    said(page, "for who administers this server")
    expect(page.locator("hub-lobby")).to_be_visible()
    way = page.get_by_role("link", name="This server")
    expect(way).to_be_hidden()
    scripts = "performance.getEntriesByType('resource').map(({ name }) => name)"
    assert not any("administration" in name for name in page.evaluate(scripts))
    owner.ask(type="role", room="/server", user=ben.name, role="moderator")
    expect(way).to_be_visible()
    way.focus()
    page.keyboard.press("Enter")
    expect(page.locator("hub-server h2")).to_be_focused()
    page.keyboard.press("F6")
    expect(way).to_be_focused()
    page.keyboard.press("F6")
    expect(page.locator("hub-server nav [aria-current]")).to_be_focused()
    page.keyboard.press("Escape")
    links = page.get_by_role("navigation", name="Parts of this page").get_by_role("link")
    expect(links).to_have_text(["Overview", "People", "Rooms", "Bans and record", "Messages"])
    expect(page.locator("hub-server")).not_to_contain_text("Free on the disk")
    section(page, "People")
    row(page, "olga").click()
    dialog = page.get_by_role("dialog", name="olga")
    expect(dialog).to_contain_text("Only an owner of this server can do something to this account.")
    expect(dialog.locator(".choices button")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Make an account…")).to_have_count(0)
    owner.ask(type="role", room="/server", user=ben.name, role="owner")
    expect(links).to_have_text(list(SECTIONS))
    expect(page.get_by_role("button", name="Make an account…")).to_be_visible()
    row(page, "olga").click()
    expect(page.get_by_role("dialog", name="olga")).to_be_visible()
    owner.ask(type="role", room="/server", user=ben.name, role="member")
    said(page, "You do not administer this server any more.")
    expect(page.locator("hub-lobby")).to_be_visible()
    expect(way).to_be_hidden()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("hub-server")).to_be_hidden()
    expect(page.locator("hub-server h2")).to_have_count(0)


def test_a_lost_connection_is_told_and_what_is_shown_is_fetched_anew(
    come: Come, server: ServerProcess, owner: Owner, room: str
) -> None:
    wire = Wire(server.port)
    page = at_page(come("olga", port=wire.port), "olga", "#?server=rooms")
    expect(row(page, "# General")).to_be_visible()
    wire.cut()
    expect(page.locator("hub-server [role=status]").first).to_contain_text("no connection")
    page.locator("#find-rooms").fill(room)
    expect(page.locator("hub-server [role=alert]")).to_contain_text("cannot be reached")
    owner.ask(type="join", room=room)
    wire.mend()
    expect(row(page, f"# {room}")).to_be_visible()
    expect(page.locator("hub-server [role=alert]")).to_be_empty()
    expect(page.locator("hub-server [role=status]").first).to_be_empty()


WRONG: list[Any] = [
    None,
    [],
    {"users": [{"name": 7}], "total": 1},
    {"users": [{"name": "ada"}], "total": 1},
    {"users": "all", "total": -1},
    {"users": [], "total": 0, "next": LONG},
]


def test_hostile_answers_are_told_kindly_and_do_no_harm(
    come: Come, server: ServerProcess, owner: Owner
) -> None:
    olga = come("olga")
    page = at_page(olga, "olga")
    expect(page.locator("hub-server dl")).to_contain_text("Version")
    answers = iter(
        [json.dumps(one) for one in WRONG] + ["{", "<script>alert(1)</script>", "[" * 100_000]
    )

    def lie(route: Route) -> None:
        route.fulfill(body=next(answers), content_type="application/json")

    page.route("**/api/admin/users", lie)
    section(page, "People")
    problem = page.locator("hub-server [role=alert]")
    for number in range(len(WRONG) + 3):
        expect(problem).to_contain_text("cannot be understood")
        if number < len(WRONG) + 2:
            page.evaluate("document.querySelector('hub-server [role=alert]').textContent = ''")
            page.locator("#find-people").fill(f"a{number}")
    page.unroute("**/api/admin/users")
    refused = {"error": {"code": "no-such-task", "message": "<b>" + LONG[:1_000_000]}}
    page.route("**/api/admin/users", lambda route: route.fulfill(status=404, json=refused))
    page.locator("#find-people").fill("ben")
    expect(problem).to_contain_text("You may not do that on this server, or not any more")
    page.unroute("**/api/admin/users")
    evil = {"name": "\u202eevil\x1b", "account": True, "role": "member", "here": False}
    many = [{**evil, "banned": False, "registered": 8e15} for _ in range(2000)]
    told = {"users": many, "total": 2**53, "next": "more"}
    page.route("**/api/admin/users", lambda route: route.fulfill(json=told))
    page.locator("#find-people").fill("evil")
    rows = page.locator("hub-server .room-list li")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("\ufffdevil\u241b")
    assert not olga.problems


def test_without_a_place_for_backups_the_page_says_which_setting_is_missing(
    come: Come, tmp_path: Path
) -> None:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as server:
        Owner(server, "General").close()
        page = at_page(come("olga", port=server.port), "olga", "#?server=backups")
        expect(page.locator("hub-server")).to_contain_text("No backups are made")
        expect(page.get_by_role("group", name="The setting")).to_contain_text("backup-to = ")
        expect(page.get_by_role("button", name="Make one now")).to_be_hidden()
