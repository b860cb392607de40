"""A backup is restored while a page is away, and others go on beyond where it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.process import ServerProcess
from tests.web.browsing import Person, Robot, until
from tests.web.test_losses import KEPT

BACKUP, SEEN, NOW = 7, 12, 19


def talk(server: ServerProcess, name: str, word: str, upto: int) -> None:
    robot = Robot(server.url, name, "tea")
    while robot.say(f"{word} text") < upto - 1:
        pass
    robot.close()  # the last one is that it has left
    Robot(server.url, f"{name}-again", "General").close()


@pytest.mark.parametrize("reload", [False, True], ids=["left open", "opened again"])
def test_the_page_shows_the_room_as_it_is_now(
    own_server: ServerProcess, come: Callable[..., Person], tmp_path: Path, reload: bool
) -> None:
    ada = come("ada", port=own_server.port)
    ada.enter("tea")
    talk(own_server, "ben", "kept", BACKUP)
    expect(ada.page.locator("[data-seq='6'].said")).to_be_visible()
    own_server.stop()
    shutil.copytree(own_server.data, tmp_path / "backup")
    own_server.start()
    ada.inside()
    talk(own_server, "eve", "lost", SEEN)
    expect(ada.page.locator(".said .text", has_text="lost text").last).to_be_visible()
    kept = len(ada.texts)
    until(lambda: bool(ada.page.evaluate(KEPT) >= kept), "it is kept in the browser", ada.page)
    if reload:
        ada.page.goto("about:blank")
    own_server.kill()
    shutil.rmtree(own_server.data)
    shutil.copytree(tmp_path / "backup", own_server.data)
    own_server.start()
    talk(own_server, "zoe", "new", NOW)
    if reload:
        ada.open("#/tea")
    expect(ada.page.locator(".said .text", has_text="new text").first).to_be_visible()
    expect(ada.page.locator(".said .text", has_text="lost text")).to_have_count(0)
    robot = Robot(own_server.url, "looker", "tea")
    said = [event["text"] for event in robot.log() if event["kind"] == "said"]
    robot.close()
    assert ada.texts == said
    assert "messages that you saw in tea are gone" in ada.page.locator("hub-toast").inner_text()
