"""What is one's own goes by who one is: a new name keeps it, a freed name gives none of it away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress

from playwright.sync_api import expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, until

Come = Callable[..., Person]


def test_ones_own_lines_stay_ones_own_and_are_not_those_of_who_has_the_name_next(
    come: Come, server: ServerProcess, room: str
) -> None:
    ada = come("ada")
    ada.enter(room)
    former = ada.name
    mine = ada.page.locator("hub-timeline .said.mine")
    ada.say("said before")
    expect(mine).to_have_count(1)
    ada.say(f"/nick {former}-Maria")
    expect(ada.page.locator("hub-toast")).to_contain_text("You are now")
    ada.say("said behind")
    expect(mine).to_have_count(2)
    with ExitStack() as stack:
        others: list[Robot] = []

        def comes() -> bool:
            with suppress(AssertionError):  # the name is given up a moment after it was changed
                others.append(Robot(server.url, former, room))
                stack.callback(others[0].close)
            return bool(others)

        until(comes, "the former name is free")
        others[0].say("from another")
        ada.hears("from another")
        expect(mine).to_have_count(2)
        ada.page.reload()
        ada.inside()
        ada.hears("from another")
        expect(mine).to_have_count(2)
