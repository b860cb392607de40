"""How the members of a room are seen: here, away, busy, and muted."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.web.browsing import Person, Robot
from tests.web.test_looks import clean
from tests.web.test_room_rights import make, menu_of, register, told

Come = Callable[..., Person]
Others = Callable[..., Any]

PASSWORD = "correct horse battery"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def row(person: Person, name: str) -> Locator:
    return person.page.locator(f'hub-members button[value="{name}"]')


@pytest.mark.parametrize("size", [{}, PHONE], ids=["desktop", "phone"])
def test_members_are_seen_as_away_and_busy_while_that_changes(
    come: Come, others: Others, room: str, size: dict[str, Any]
) -> None:
    ada = come("ada", bypass_csp=True, **size)
    ada.enter(room)
    if size:
        ada.page.locator("hub-room [data-do=members]").click()
    ben = others(Robot, f"ben-{room}", room)
    ben.ask(type="register", password=PASSWORD)
    expect(row(ada, ben.name)).to_have_text(re.compile(rf"{ben.name}$"))
    ben.ask(type="profile", status="busy", note="in a lesson")
    expect(row(ada, ben.name)).to_contain_text(", busy: in a lesson")
    clean(ada.page)
    ben.ask(type="profile", status="away", note="")
    expect(row(ada, ben.name)).to_have_text(re.compile(r", away$"))
    expect(row(ada, ben.name).locator("xpath=..")).to_have_class("away")
    ben.ask(type="profile", status="here")
    expect(row(ada, ben.name)).to_have_text(re.compile(rf"{ben.name}$"))


def test_who_comes_later_sees_who_is_busy(come: Come, others: Others, room: str) -> None:
    ben = others(Robot, f"ben-{room}", room)
    ben.ask(type="register", password=PASSWORD)
    ben.ask(type="profile", status="busy", note="")
    ada = come("ada")
    ada.enter(room)
    expect(row(ada, ben.name)).to_contain_text("busy")


def test_who_was_muted_before_one_came_is_offered_to_be_let_speak(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(f"{room}-hall")
    register(ada)
    make(ada, room)
    eve = others(Robot, f"eve-{room}", room)
    ada.say(f"/mute {eve.name}")
    told(ada, f"{eve.name} was muted by {ada.name}")
    ada.page.reload()
    ada.inside()
    menu_of(ada.page, eve.name)
    expect(ada.page.get_by_role("menuitem", name="Let speak again")).to_be_visible()
    expect(ada.page.get_by_role("menuitem", name="Mute…")).to_have_count(0)
