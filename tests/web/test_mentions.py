"""Being spoken of: who is meant, where it stands out, and whom `@` offers first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.web.browsing import Person, Robot

Come = Callable[..., Person]
Others = Callable[..., Any]


def test_a_name_that_is_a_word_is_meant_with_a_sign_or_its_capitals_only(
    come: Come, others: Others, room: str
) -> None:
    will = come("Will")
    will.enter(room)
    ben = others(Robot, "ben", room)
    small = will.name.lower()
    ben.say(f"{small} you come?", "et al.", f"@{small}, you!", f"Ask {will.name}.")
    will.hears("Ask")
    expect(will.page.locator("mark.me")).to_have_text([f"@{small}", will.name])
    expect(will.page.locator(".said.mentioned .text")).to_have_text(
        [f"@{small}, you!", f"Ask {will.name}."]
    )


def test_nobody_speaks_of_themselves(come: Come, room: str) -> None:
    ada = come("Ada")
    ada.enter(room)
    ada.say("/me waves")
    ada.say(f"I am @{ada.name}, {ada.name}")
    expect(ada.page.locator(".said[data-seq]")).to_have_count(2)
    expect(ada.page.locator(".mentioned, mark.me")).to_have_count(0)


def test_those_who_are_here_are_offered_before_those_who_left(
    come: Come, others: Others, room: str
) -> None:
    gone, here = others(Robot, "Nora", room), others(Robot, "Noah", room)
    ada = come("ada")
    ada.enter(room)
    here.say("I am here")
    gone.say("bye")
    gone.socket.send('{"type": "bye"}')
    expect(ada.page.locator("hub-members li")).to_have_count(2)
    ada.page.locator("#message").press_sequentially("@no")
    options = ada.page.get_by_role("option")
    expect(options).to_have_count(2)
    assert [name.partition("-")[0] for name in options.all_inner_texts()] == ["Noah", "Nora"]
