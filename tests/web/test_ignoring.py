"""Whom one ignores: what they write is not shown, counted or told of, until one says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.web.browsing import Person, Robot, until
from tests.web.test_beside import TOLD, told

Come = Callable[..., Person]
Others = Callable[..., Any]


def badge(page: Page, room: str) -> Any:
    return page.locator(f"hub-sidebar a[href='#/{room}'] .badge")


def test_what_they_write_counts_in_no_total_also_after_a_reload(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    eve = others(Robot, "eve", room)
    ada = come("ada")
    ada.context.add_init_script(TOLD)
    ada.enter(room)
    page = ada.page
    ada.say("/notify all")
    ada.say(f"/ignore {ben.name}")
    expect(page.locator("hub-toast")).to_contain_text(f"What {ben.name} writes is hidden now.")
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    ben.say("one", f"two, @{ada.name}")
    eve.say("from eve")
    expect(badge(page, room)).to_have_text("1")
    ben.say(f"three, @{ada.name}")
    until(lambda: told(page) == [(f"{eve.name} in {room}", "from eve")], "eve only", page)
    for _ in range(2):
        expect(badge(page, room)).to_have_text("1")
        expect(page.locator("hub-sidebar .total")).to_have_text("1 new")
        expect(page).to_have_title(re.compile(r"^\(1\) "))
        page.reload()
        ada.inside()
    page.keyboard.press("Control+k")
    expect(page.locator(f"hub-lobby button[value='{room}'] .badge")).to_have_text("1")
    ada.open(f"#/{room}")
    ada.hears("from eve")
    expect(page.locator("hub-timeline")).not_to_contain_text("two")
    expect(page.locator(".badge:visible")).to_have_count(0)


def test_the_menu_of_a_member_hides_and_the_settings_show_again(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    ben.say("can be seen")
    ada.hears("can be seen")
    member = page.locator("hub-members button.row", has_text=ben.name)
    member.click()
    page.get_by_role("menuitem", name="Do not show what they write").click()
    expect(page.locator("hub-timeline")).not_to_contain_text("can be seen")
    expect(member).to_contain_text("hidden")
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    ben.say("unseen, unheard", f"for @{ada.name}")
    ada.say("a barrier")
    ada.hears("a barrier")
    expect(badge(page, room)).to_have_count(0)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name=f"Show what {ben.name} writes again").click()
    page.keyboard.press("Escape")
    expect(badge(page, room)).to_have_text("@ 2")
    ada.open(f"#/{room}")
    ada.hears("can be seen", "unseen, unheard")
    page.locator("hub-members button.row", has_text=ada.name).click()
    expect(page.get_by_role("menuitem").first).to_be_visible()
    expect(page.get_by_role("menuitem", name="Do not show")).to_have_count(0)  # not oneself


def test_what_is_far_behind_is_counted_from_the_log(come: Come, others: Others, room: str) -> None:
    ben = others(Robot, "ben", room)
    eve = others(Robot, "eve", room)
    ada = come("ada")
    ada.enter(room)
    ada.open(f"#/{room}-elsewhere")
    ada.inside()
    eve.say("the first")
    ben.flood([f"text {n}" for n in range(400)], 2000)
    eve.say(f"the last, @{ada.name}")
    expect(badge(ada.page, room)).to_have_text("@ 402")
    ada.say(f"/ignore {ben.name}")
    expect(badge(ada.page, room)).to_have_text("@ 2")
    ada.page.reload()
    ada.inside()
    expect(badge(ada.page, room)).to_have_text("@ 2")
    ada.say(f"/unignore {ben.name}")
    expect(badge(ada.page, room)).to_have_text("@ 402")
