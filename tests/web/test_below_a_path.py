"""The page below a path: by itself, and behind a proxy that takes the path away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.process import ServerProcess
from tests.server.proxying import BELOW, Makes, behind, caddy_below, files
from tests.web.browsing import FLAGS, chromium

__all__ = ["behind", "files"]  # fixtures

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here")


@pytest.fixture
def page() -> Iterator[Page]:
    flags = [*FLAGS, f"--host-resolver-rules=MAP {BELOW} 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield browser.new_context(ignore_https_errors=True).new_page()
        browser.close()


def chat(page: Page) -> None:
    page.locator("#name").fill("ada")
    page.keyboard.press("Enter")
    page.locator("#message").fill("hello")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("hello")


def test_the_page_chats_below_a_path_and_opens_without_the_server(
    page: Page, tmp_path: Path
) -> None:
    with ServerProcess(tmp_path / "data", "--path-prefix", "/chat") as server:
        page.goto(f"http://127.0.0.1:{server.port}/chat#/General")
        chat(page)
        assert page.url == f"http://127.0.0.1:{server.port}/chat/#/General"
        scope = page.evaluate("navigator.serviceWorker.ready.then((worker) => worker.scope)")
        assert scope == f"http://127.0.0.1:{server.port}/chat/"
        assert page.evaluate("caches.keys()").pop().startswith("hubbub/chat/")
        assert set(page.evaluate("Object.keys(localStorage).map((key) => key.split('.')[0])")) == {
            "hubbub/chat"
        }
        server.stop()
        page.reload()
        expect(page.locator("main")).to_contain_text("hello")


def test_it_chats_behind_a_proxy_that_takes_the_path_away(page: Page, behind: Makes) -> None:
    world = behind(caddy_below, "--path-prefix", "/chat")
    lost: list[str] = []
    page.on("response", lambda answer: lost.append(answer.url) if answer.status > 399 else None)
    page.goto(f"https://{BELOW}:{world.port}/chat#/General")
    chat(page)
    assert page.url == f"https://{BELOW}:{world.port}/chat/#/General"
    assert not lost
