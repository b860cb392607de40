"""irc-framework, on which Kiwi IRC is built, speaks IRC from Chromium itself: in a WebSocket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.conftest import LONG
from tests.irc_clients.clients import PASSWORD, Ben, needs
from tests.irc_clients.people import register
from tests.process import ServerProcess
from tests.web.browsing import PATIENCE_MS, chromium, launch, until
from tools.page_tools import LOUNGE, install_missing

pytestmark = [
    needs("nc"),
    pytest.mark.skipif(not LONG, reason="installs 260 packages; python check.py --long"),
    pytest.mark.skipif(chromium() is None, reason="not installed: chromium"),
]

LIBRARY = LOUNGE / "node_modules/irc-framework/dist/browser/static/browser.js"
SUBPROTOCOLS = ("", "text.ircv3.net")  # that of Kiwi IRC's time: none

# What it takes for granted, as whoever builds a page of it adds that.
OF_BUNDLERS = """
window.process = { env: {}, nextTick: (step) => setTimeout(step, 0) };
window.Buffer = { from: (text) => ({ toString: () => btoa(text) }) };  // base64, of ASCII
"""

START = """options => {
  window.heard = [];
  window.client = new window["irc-framework"].Client(options);
  client.on("registered", () => client.join("#tea"));
  client.on("message", ({ nick, message }) => heard.push([nick, message]));
  client.on("userlist", ({ users }) => { window.people = users.map(({ nick }) => nick).sort(); });
  client.connect();
}"""


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if why := install_missing(LOUNGE, "irc-framework could not be installed."):
        pytest.skip(why)


@pytest.fixture
def page(server: ServerProcess) -> Iterator[Page]:
    """A page at the server's own address, with the library."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page(bypass_csp=True)
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"http://127.0.0.1:{server.port}/join")
        page.add_script_tag(content=OF_BUNDLERS)
        page.add_script_tag(path=LIBRARY)
        yield page
        browser.close()


@pytest.mark.parametrize("subprotocol", SUBPROTOCOLS, ids=["none", "text"])
def test_a_page_logs_in_speaks_and_is_heard(
    server: ServerProcess, page: Page, subprotocol: str
) -> None:
    register(server, "ada")
    with Ben(server, "tea") as ben:
        ben.says("before")
        ben.hears("ben: before")
        options: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": server.port,
            "path": "/irc",
            "websocket_protocol": subprotocol,
            "nick": "ada",
            "username": "ada",
            "account": {"account": "ada/page", "password": PASSWORD},
            "enable_echomessage": True,
        }
        page.evaluate(START, options)
        ben.hears("ada has joined the chat!")
        until(lambda: page.evaluate("window.people") == ["ada", "ben"], "the people", page)
        page.evaluate("client.say('#tea', 'hello from a page')")
        ben.hears("ada: hello from a page")
        ben.says("hello from nc")
        expected = [["ben", "before"], ["ada", "hello from a page"], ["ben", "hello from nc"]]
        until(lambda: page.evaluate("heard") == expected, f"{expected}", page)
