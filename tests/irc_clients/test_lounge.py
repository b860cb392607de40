"""The Lounge, from npm and in Chromium, comes in, speaks, and is shown what it has missed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.conftest import LONG
from tests.irc_clients.clients import Ben, needs
from tests.irc_clients.lounge import Guest, Lounge
from tests.irc_clients.people import has_got, register, visit
from tests.process import ServerProcess
from tests.terminal.full.cable import Cable
from tests.web.browsing import PATIENCE_MS, chromium, launch, until
from tools.page_tools import LOUNGE, install_missing

pytestmark = [
    needs("nc"),
    pytest.mark.skipif(not LONG, reason="installs 260 packages; python check.py --long"),
    pytest.mark.skipif(chromium() is None, reason="not installed: chromium"),
]

LINES = 100


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if why := install_missing(LOUNGE, "The Lounge could not be installed."):
        pytest.skip(why)


@pytest.fixture
def ada(server: ServerProcess, tmp_path: Path) -> Iterator[Guest]:
    """ada, who has an account, at the page of a Lounge of her own."""
    register(server, "ada")
    with Lounge(tmp_path, "ada") as lounge, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(viewport={"width": 1200, "height": 700})
        page.set_default_timeout(PATIENCE_MS)
        ada = Guest(page, "ada")
        ada.logs_in(lounge.url)
        yield ada
        page.screenshot(path=tmp_path / "lounge.png")
        browser.close()


def test_the_lounge_logs_in_speaks_and_is_heard(server: ServerProcess, ada: Guest) -> None:
    with Ben(server, "tea") as ben:
        ben.says("before")
        ben.hears("ben: before")
        ada.connects(server.port, "tea")
        ada.hears("before")
        ada.lists("ada", "ben")
        ada.says("hello from The Lounge")
        ben.hears("ada: hello from The Lounge")
        ben.says("hello *from* nc")
        ada.hears("hello from nc")
        assert ada.messages == [
            ("ben", "before"),
            ("ada", "hello from The Lounge"),
            ("ben", "hello from nc"),
        ]
        ben.says("/leave")
        ada.lists("ada")


def test_a_lounge_is_shown_what_was_said_to_it_alone_while_it_was_away(
    server: ServerProcess, ada: Guest
) -> None:
    visit(server, "eve", "PRIVMSG ada :one", "PRIVMSG ada :two")
    ada.connects(server.port, "tea")
    ada.goes_to("eve")
    ada.hears("two")
    assert ada.said_by("eve", "eve") == ["one", "two"]


def test_a_lounge_whose_server_died_is_shown_exactly_what_it_has_missed(
    server: ServerProcess, ada: Guest
) -> None:
    said = [f"line {number}" for number in range(LINES)]
    with Cable(server.port) as cable:
        with Ben(server, "tea") as ben:
            ada.connects(cable.port, "tea")
            ben.hears("ada has joined the chat!")
            has_got(server, ben, ada)
            cable.cut()
            server.kill()
        server.start()
        with Ben(server, "tea") as ben:
            ben.says(*said)
            ben.hears(f"ben: {said[-1]}")
            cable.mend()
            ada.connects_again()
            until(lambda: said[-1] in ada.said_by("#tea", "ben"), said[-1], ada.page)
            ada.says("I am back")
            ben.hears("ada: I am back")
            ben.says("and now")
            ada.hears("and now")
            assert ada.said_by("#tea", "ben") == ["so far", *said, "and now"]
