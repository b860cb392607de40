"""Next day: the server has forgotten who was here; what is unread is counted all the same."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import WebSocket, expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, until
from tests.web.test_losses import KEPT
from tests.web.test_tabs import is_free


def forget(server: ServerProcess) -> None:
    """The hold of names is over, as it is after ten minutes."""
    server.stop()
    server.flags = (*server.flags, "--hold-seconds", "0")
    server.start()


def listen(socket: WebSocket, told: list[str]) -> None:
    """Notes what a page tells the server."""

    def note(frame: str | bytes) -> None:
        told.append(str(frame))

    socket.on("framesent", note)


def read(told: list[str]) -> set[str]:
    """The rooms of which a page has said that something was read."""
    frames = map(json.loads, told)
    return {frame["room"] for frame in frames if frame["type"] == "read"}


def test_what_was_said_since_is_counted_and_marked(
    own_server: ServerProcess, come: Callable[..., Person]
) -> None:
    ada = come("ada", port=own_server.port)
    told: list[str] = []
    ada.page.on("websocket", lambda socket: listen(socket, told))
    ada.enter("tea")
    ada.say("good night")
    ada.hears("good night")
    ada.open("#/coffee")
    ada.inside()
    ada.say("good night to you, too")
    ada.hears("good night to you, too")
    until(lambda: bool(ada.page.evaluate(KEPT) == 2), "both lines are kept", ada.page)
    until(lambda: read(told) == {"tea", "coffee"}, "the server knows what is read", ada.page)
    ada.page.goto("about:blank")
    forget(own_server)
    # The hub looks at its clock twice a second.
    until(lambda: is_free(own_server, ada.name), "the name is free")
    # Somebody else has the name for a while.
    Robot(own_server.url, ada.name, "General").close()
    ben = Robot(own_server.url, "ben", "tea")
    ben.say(f"{ada.name}, are you there?", "good morning")
    ben.close()
    eve = Robot(own_server.url, "eve", "coffee")
    eve.say("fresh coffee")
    eve.close()
    ada.open("#/coffee")
    ada.inside()
    badge = ada.page.locator("hub-sidebar .row.named", has_text="tea").locator(".badge")
    expect(badge).to_have_text("@ 2")
    expect(ada.page.locator(".rows")).to_contain_text("new since you left")
    assert ada.page.evaluate("JSON.parse(localStorage.getItem('hubbub.visits'))[0]") == "coffee"
    ada.page.locator("hub-sidebar .row", has_text="tea").click()
    ada.hears("good morning")
    expect(ada.page.locator(".rows")).to_contain_text("new since you left")
    expect(badge).to_have_count(0)


def test_who_signed_out_and_is_asked_for_the_name_has_missed_nothing(
    own_server: ServerProcess, come: Callable[..., Person]
) -> None:
    """The room that is shown at once is entered after the server was told how far it was read."""
    ben = Robot(own_server.url, "ben", "tea")
    ben.say("before")
    ada = come("ada", port=own_server.port)
    ada.enter("tea")
    ada.hears("before")
    ada.say("/quit")
    ada.page.locator("#name").wait_for()
    ben.say(*(f"text {number}" for number in range(60)), f"for @{ada.name}")
    ada.page.keyboard.press("Enter")
    ada.inside()
    page = ada.page
    expect(page.locator("hub-news-bar .news-text")).to_contain_text(" new")
    page.get_by_role("button", name="To the first new message (u)").click()
    expect(page.locator(".new + .said")).to_contain_text("text 0")
    ben.close()
