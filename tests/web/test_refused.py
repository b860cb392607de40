"""A page that may not chat says why, and what whoever runs the server has to do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Playwright, expect, sync_playwright

from tests.server.proxying import NAME, Makes, behind, files, nginx
from tests.web.browsing import FLAGS, chromium

__all__ = ["behind", "files"]  # fixtures

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium here")


def test_behind_a_proxy_that_hides_the_host_the_page_says_what_to_set(
    behind: Makes,
) -> None:
    port = behind(nginx, changed={"$http_host": "127.0.0.1"}).port
    with sync_playwright() as playwright:
        text = said(playwright, f"https://{NAME}:{port}/#/General")
    assert f"Pages of https://{NAME}:{port} may not connect" in text
    assert "the proxy must pass on the Host header" in text


def test_behind_a_proxy_without_websockets_the_page_says_so(
    behind: Makes,
) -> None:
    port = behind(nginx, changed={"$http_upgrade": "''"}).port
    with sync_playwright() as playwright:
        text = said(playwright, f"https://{NAME}:{port}/#/General")
    assert "has to let WebSockets through" in text


def said(playwright: Playwright, url: str) -> str:
    """What the page says to somebody who comes for the first time."""
    flags = [*FLAGS, f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
    page = browser.new_context(ignore_https_errors=True).new_page()
    page.goto(url)
    page.locator("#name").fill("ada")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("roxy")
    text = page.locator("main").inner_text()
    browser.close()
    return text
