"""What people said, as one reads, copies and prints it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Person, Robot

Come = Callable[..., Person]
Others = Callable[..., Any]

LINES = "\n".join(f"line {number}" for number in range(80))
COPIED = """() => {
  const all = new Range();
  all.selectNodeContents(document.querySelector("hub-timeline .rows"));
  getSelection().removeAllRanges();
  getSelection().addRange(all);
  const clipboardData = new DataTransfer();
  const event = new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true });
  document.querySelector("hub-timeline").dispatchEvent(event);
  return event.clipboardData.getData("text/plain");
}"""


def test_a_long_message_is_folded_until_one_asks_for_all_of_it(
    come: Come, others: Others, room: str
) -> None:
    others(Robot, "ben", room).say("short", LINES, "word " * 700)
    ada = come("ada")
    ada.enter(room)
    page = ada.page
    long = page.locator(".said", has_text="line 79")
    high = "row => row.offsetHeight"
    assert long.evaluate(high) < 400
    button = long.get_by_role("button", name="Show all 80 lines")
    expect(button).to_have_attribute("aria-expanded", "false")
    top = long.bounding_box()
    button.click()
    assert long.evaluate(high) > 1500
    assert long.bounding_box()["y"] == top["y"], "one reads on where one was"  # type: ignore[index]
    expect(page.locator(".said", has_text="word").locator(".fold")).to_have_text("Show all of it")
    expect(page.locator(".said", has_text="short").locator(".fold")).to_have_count(0)
    # It stays so when others speak, and its tools are at hand wherever in it one is.
    ada.say("I say something")
    ada.hears("I say something")
    page.locator("hub-timeline").evaluate("timeline => (timeline.scrollTop = 800)")
    box = page.locator("hub-timeline").bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    expect(long.get_by_role("button", name="Reply (r)")).to_be_in_viewport()
    less = long.get_by_role("button", name="Show less")
    expect(less).to_be_in_viewport()
    less.click()
    assert long.evaluate(high) < 400
    expect(long).to_be_in_viewport()


def test_a_copy_of_a_passage_has_names_times_and_texts_only(
    come: Come, others: Others, room: str
) -> None:
    ben = others(Robot, "ben", room)
    ben.say("first", "*second*", "```\ncode\n  more\n```", LINES)
    ada = come("ada", locale="en-GB")
    ada.enter(room)
    ada.say("> yes\nfourth")
    ada.hears("fourth")
    lines = ada.page.evaluate(COPIED).split("\n")
    stamps = [line for line in lines if re.match(r"\[\d+:\d\d\] ", line)]
    assert [line.partition("] ")[2] for line in stamps] == [
        f"{ben.name}: first",
        f"{ben.name}: *second*",
        f"{ben.name}: ```",
        f"{ben.name}: line 0",
        f"{ada.name}: > yes",
    ]
    assert {"code", "  more", "line 79", "fourth"} < set(lines)
    assert len(lines) == 2 + 4 + 80 + 2, "and nothing else"


@pytest.mark.parametrize(
    "text, tag, shown",
    [
        ("**very** bold", "strong", "very"),
        ("~~gone~~ now", "s", "gone"),
        ("> ```\n> x = 1\n> ```", "blockquote pre", "x = 1"),
    ],
)
def test_marks_that_people_know_from_elsewhere_are_not_shown_raw(
    come: Come, others: Others, room: str, text: str, tag: str, shown: str
) -> None:
    ben = others(Robot, "ben", room)
    ben.say("answered", reply_to=ben.say(text))
    ada = come("ada")
    ada.enter(room)
    expect(ada.page.locator(f".text {tag}")).to_have_text(shown)
    quoted = ada.page.locator(".quote")
    expect(quoted).to_contain_text(shown)
    expect(quoted).not_to_contain_text(re.compile(r"```|\*\*|~~"))


def test_compact_is_compact_and_moves_no_member(come: Come, others: Others, room: str) -> None:
    others(Robot, "ben", room).say("one", "two", "three")
    ada = come("ada", viewport={"width": 1280, "height": 800})
    ada.enter(room)
    page = ada.page

    def pitch() -> float:
        tops = page.locator(".said").evaluate_all(
            "rows => rows.map((row) => row.getBoundingClientRect().top)"
        )
        return float(tops[2] - tops[1])

    face = page.locator("hub-members .face").first
    before, comfortable = face.bounding_box(), pitch()
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Compact").check()
    assert pitch() <= comfortable - 5
    after = face.bounding_box()
    assert before is not None
    assert after is not None
    assert before["x"] == after["x"]


def test_paper_has_all_messages_and_no_controls(come: Come, others: Others, room: str) -> None:
    others(Robot, "ben", room).say(*(f"message {number}" for number in range(50)), LINES)
    ada = come("ada", color_scheme="dark")
    ada.enter(room)
    page = ada.page
    ada.hears("message 49")
    ada.say("a reason to ask her")
    expect(page.locator("hub-ask")).to_be_visible()
    page.emulate_media(media="print")
    for part in (
        *("hub-sidebar", "hub-members", "hub-composer", "hub-timeline button"),
        *("hub-ask", ".room-head .icon-button"),
    ):
        for one in page.locator(part).all():
            expect(one).to_be_hidden()
    expect(page.locator("hub-room h1")).to_be_visible()
    expect(page.locator("hub-room h1")).to_contain_text(room)
    assert page.locator(".said", has_text="line 79").evaluate("row => row.offsetHeight") > 1500
    high = page.evaluate("document.documentElement.scrollHeight")
    assert high > page.locator(".rows").evaluate("rows => rows.offsetHeight")
    pages = page.pdf().count(b"/Type /Page\n") or page.pdf().count(b"/Type /Page")
    assert pages > 2
    assert (
        page.locator("body").evaluate("body => getComputedStyle(body).color") == "rgb(28, 27, 34)"
    )
