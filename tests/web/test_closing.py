"""Who closes their account on the page chooses whether what they have written stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Person, Robot, until
from tests.web.test_accounts import PASSWORD, account, register
from tests.web.test_looks import clean

Come = Callable[..., Person]
Others = Callable[..., Any]


@pytest.mark.parametrize(
    "choice, shown", [("stays", "a word of ada"), ("is emptied everywhere", "")]
)
def test_what_was_written_stays_or_is_emptied(
    come: Come, others: Others, room: str, choice: str, shown: str
) -> None:
    ben = others(Robot, "ben", room)
    ada = come("ada", bypass_csp=True)
    ada.enter(room)
    register(ada)
    ada.say("a word of ada")
    ada.hears("a word of ada")
    page = ada.page
    account(page)
    page.locator("summary", has_text="Close the account").focus()
    page.keyboard.press("Enter")
    page.get_by_role("radio", name=choice).check()
    page.locator("#closing-password").fill("not that one")
    page.keyboard.press("Enter")
    expect(page.locator("#close-problem")).to_contain_text("not your password")
    clean(page)
    page.locator("#closing-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#name")).to_be_focused()

    def said() -> list[tuple[str, str]]:
        return [(one["by"], one["text"]) for one in ben.log() if one["kind"] == "said"]

    until(lambda: said() == [("former member", shown)], "what is left of it")
