"""Search beside the room: filters as chips, what could be tried, where one reads."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.web.browsing import Person, Robot, until

Come = Callable[..., Person]
Others = Callable[..., Any]

PLACE = """timeline => {
  const top = timeline.getBoundingClientRect().top;
  const row = [...timeline.querySelectorAll("[data-seq].said")]
    .find((one) => one.getBoundingClientRect().bottom > top + 1);
  return [row.dataset.seq, Math.round(row.getBoundingClientRect().top - top)];
}"""
TWO_FRAMES = """() => new Promise((done) =>
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"""


def search(page: Page, query: str) -> None:
    if not page.locator("hub-search").is_visible():
        page.get_by_role("button", name="Search (Ctrl+Shift+F)").click()
    page.locator("#query").fill(query)
    page.locator("#query").press("Enter")


def found(page: Page) -> list[str]:
    return page.locator("hub-search .excerpt").all_inner_texts()


def test_filters_are_chips_that_are_pressed_typed_and_dropped(
    come: Come, others: Others, room: str
) -> None:
    word = f"pan{room}"
    here, there = others(Robot, "ben", room), others(Robot, "eve", f"{room}-other")
    here.say(f"one {word}cake", f"https://example.org {word}cakes")
    there.say(f"{word}cakes elsewhere")
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    search(page, word)
    until(lambda: len(found(page)) == 3, page=page)
    chip = page.locator("hub-chips button")
    chip.filter(has_text="In this room").click()
    until(lambda: len(found(page)) == 2, page=page)
    expect(page.locator("[data-filter=in]")).to_have_text(f"In {room}")
    expect(page.locator("[data-filter=in]")).to_be_focused()
    page.locator("[data-filter=has]").click()
    until(lambda: len(found(page)) == 1, page=page)
    page.locator("[data-filter=has]").click()
    page.locator("[data-filter=in]").click()
    until(lambda: len(found(page)) == 3, page=page)
    # By a question, and by typing it as ever.
    page.locator("[data-filter=from]").click()
    page.locator("#filter").fill(there.name)
    page.keyboard.press("Enter")
    until(lambda: found(page) == [f"{word}cakes elsewhere"], page=page)
    search(page, f"{word} from:{here.name} before:2020-01-01")
    expect(page.locator("#query")).to_have_value(word)
    expect(page.locator("[data-filter=before]")).to_have_text("Before 2020-01-01")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.locator("[data-filter=before]").click()
    until(lambda: len(found(page)) == 2, page=page)
    page.locator("[data-filter=after]").click()
    page.locator("#filter").fill("2020-01-01")
    page.keyboard.press("Enter")
    expect(page.locator("[data-filter=after]")).to_have_attribute("aria-pressed", "true")
    until(lambda: len(found(page)) == 2, page=page)


def test_who_finds_nothing_is_told_what_could_be_tried(
    come: Come, others: Others, room: str
) -> None:
    others(Robot, "ben", room).say(f"{room} pancakes")
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    search(page, f'"pan cakes" {room} from:nobody')
    tips = page.locator(".advice")
    expect(tips).to_contain_text("quotation marks")
    expect(tips).to_contain_text("fewer words")
    page.locator("#query").fill(f"{room} pancake")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.get_by_role("button", name="Search without the filter").click()
    until(lambda: found(page) == [f"{room} pancakes"], page=page)
    expect(tips).to_be_hidden()


def test_what_one_reads_stays_in_its_place_when_the_search_opens_and_closes(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ben.say(*(f"{number} " + "some words that break " * 12 for number in range(60)))
    ada = come("ada", viewport={"width": 1280, "height": 700})
    ada.enter(room)
    page = ada.page
    page.locator("hub-timeline").evaluate("timeline => (timeline.scrollTop = 900)")
    page.evaluate(TWO_FRAMES)
    before = page.locator("hub-timeline").evaluate(PLACE)
    search(page, "words")
    page.evaluate(TWO_FRAMES)
    seq, offset = page.locator("hub-timeline").evaluate(PLACE)
    assert (seq, abs(offset - before[1]) <= 2) == (before[0], True)
    # The results stay, too, with the one that was opened last.
    result = page.locator("hub-search li a").nth(9)
    result.click()
    expect(result).to_have_attribute("aria-current", "true")
    scrolled = page.locator("hub-search > ul").evaluate("list => list.scrollTop")
    page.evaluate(TWO_FRAMES)
    before = page.locator("hub-timeline").evaluate(PLACE)
    page.get_by_role("button", name="Close the search").click()
    page.evaluate(TWO_FRAMES)
    seq, offset = page.locator("hub-timeline").evaluate(PLACE)
    assert (seq, abs(offset - before[1]) <= 2) == (before[0], True)
    page.get_by_role("button", name="Search (Ctrl+Shift+F)").click()
    expect(result).to_have_attribute("aria-current", "true")
    assert page.locator("hub-search > ul").evaluate("list => list.scrollTop") == scrolled


def test_what_the_index_does_not_have_yet_is_told(come: Come, others: Others, room: str) -> None:
    others(Robot, "ben", room).say(f"{room} pancakes")
    ada = come("ada")

    def pass_on(socket: WebSocketRoute) -> None:
        there = socket.connect_to_server()
        there.on_message(lambda frame: socket.send(late(str(frame))))

    def late(frame: str) -> str:
        found = json.loads(frame)
        return json.dumps({**found, "behind": 1200}) if found["type"] == "found" else frame

    ada.page.route_web_socket(re.compile("/ws$"), pass_on)
    ada.enter(room)
    status = ada.page.locator("hub-search [role=status]")
    search(ada.page, f"{room} pancakes")
    expect(status).to_contain_text("1 message, the newest first")
    expect(status).to_contain_text("1,200 new messages cannot be found yet.")
    search(ada.page, f"{room} waffles")
    expect(status).to_contain_text("Nothing found.")
    expect(status).to_contain_text("1,200 new messages cannot be found yet.")
