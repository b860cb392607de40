"""Texts and names that would like to be something else stay texts and names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from hubbub.domain.text import MAX_TEXT_LINES
from tests.web.browsing import Person, Robot

Come = Callable[..., Person]
Others = Callable[..., Any]

ZALGO = "Z" + "\u0301\u0302\u0303\u0304" * 100 + "algo"
TEXTS = (
    "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>",
    "javascript:window.harmed=1 JAVASCRIPT:alert(1) data:text/html,<script>alert(1)</script>",
    "https://example.org/\"onmouseover=\"window.harmed=1 https://a.example/'x'",
    "see http://ok.example and mailto:ada@example.org but not ftp://x.example file:///etc/passwd",
    "left \u202eto right override\u202c \u2066isolate and no end",
    ZALGO,
    "🎉" * 4000,
    "\x1b]0;title\x07 \x1b[2J bell \x08 and \x7f and \u0085",
    "{{constructor.constructor('window.harmed=1')()}} ${window.harmed=1}",
    "*_~`" * 900,
    "> " * 1500,
    "```\n" * (MAX_TEXT_LINES - 1),
    "http://" * 500,
    "(" * 1000 + "http://x.example/" + ")" * 1000,
    "W" * 4000,
)


def test_hostile_texts_harm_nothing(come: Come, others: Others, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    eve = others(Robot, "eve", room)
    last = eve.say(*TEXTS, "the end")
    ada.hears("the end")
    page = ada.page
    assert page.evaluate("() => window.harmed") is None
    assert page.locator(".text script, .text img, .text [onerror], .text [style]").count() == 0
    links = page.locator(".text a").evaluate_all(
        "links => links.map((one) => [one.protocol, one.rel, one.target])"
    )
    assert {link[0] for link in links} == {"http:", "https:", "mailto:"}
    assert all(link[1:] == ["noopener noreferrer", "_blank"] for link in links)
    shown = "".join(page.locator(".text").all_inner_texts())
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b\x07\x7f"
    )
    # Nothing sticks out of its row, to the side or on to other people's lines.
    assert page.evaluate("""() => {
      const timeline = document.querySelector("hub-timeline");
      return timeline.scrollWidth <= timeline.clientWidth
        && document.documentElement.scrollWidth <= innerWidth;
    }""")
    zalgo = page.locator(f".said[data-seq='{last - len(TEXTS) + TEXTS.index(ZALGO)}'] .text")
    box = zalgo.bounding_box()
    assert box
    assert box["height"] < 60
    ada.say("and one can go on")
    ada.hears("and one can go on")


def test_hostile_names_of_rooms_are_names(come: Come, others: Others) -> None:
    name = "<b>\"'&;javascript:alert(1)%2F%"
    others(Robot, "eve", name)
    ada = come("ada")
    ada.open("")
    ada.page.locator("#name").fill(ada.name)
    ada.page.keyboard.press("Enter")
    ada.page.locator("hub-lobby button", has_text=name).click()
    ada.inside()
    expect(ada.page.locator("hub-room h1 bdi")).to_have_text(name)
    expect(ada.page.locator("hub-sidebar a[aria-current] bdi")).to_have_text(name)
    ada.page.reload()
    expect(ada.page.locator("hub-room h1 bdi")).to_have_text(name)


@pytest.mark.parametrize("name", ["constructor", "__proto__"])
def test_rooms_and_people_may_be_called_as_what_every_object_has(come: Come, name: str) -> None:
    ada = come("ada")
    ada.name = name
    ada.enter(name)
    field = ada.page.locator("#message")
    expect(field).to_have_value("")
    ada.say("hello")
    ada.hears("hello")
    field.fill("a draft")
    ada.page.reload()
    ada.inside()
    expect(field).to_have_value("a draft")
    expect(ada.page.locator("hub-members li bdi")).to_have_text(name)
    kept = ada.page.evaluate("() => Object.keys(JSON.parse(localStorage.getItem('hubbub.drafts')))")
    assert kept == [name]


def test_what_is_none_of_ours_in_the_storage_is_left_out(come: Come, room: str) -> None:
    ada = come("ada")
    ada.enter(room)
    keys = ("rooms", "marks", "log", "visits", "drafts", "settings", "former")
    for number, value in enumerate(("7", "[]", "{}", '"x"', "null", "{")):
        ada.page.evaluate(
            """([keys, value]) => {
              for (const key of keys) localStorage.setItem(`hubbub.${key}`, value);
            }""",
            [keys, value],
        )
        ada.page.reload()
        ada.open(f"#/{room}")
        ada.inside()
        ada.say(f"hello {number}")
        ada.hears(f"hello {number}")


def test_a_name_a_room_and_a_text_in_burmese_keep_all_their_marks(come: Come) -> None:
    word = "လျှို့ဝှက်"
    ada = come(word)
    ada.enter(f"{word}၁")
    ada.say(word)
    ada.hears(word)
    expect(ada.page.locator("hub-room h1 bdi")).to_have_text(f"{word}၁")
    expect(ada.page.locator("hub-members li bdi")).to_have_text(ada.name)


def test_a_text_from_right_to_left_is_shown_so_and_stays_in_its_row(
    come: Come, others: Others, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    others(Robot, "eve", room).say("مرحبا بالعالم", "and hello")
    ada.hears("and hello")
    directions = ada.page.locator(".text p").evaluate_all(
        "texts => texts.map((one) => getComputedStyle(one).direction)"
    )
    assert directions == ["rtl", "ltr"]
