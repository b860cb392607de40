"""The page, whose requests are served by one node after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.web.browsing import Netcat, Person, chromium, launch
from tools.cluster.balancer import Mode
from tools.cluster.cluster import Cluster


# Playwright runs an event loop in this thread, which has to end with this module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("there is no Chromium here: sudo apt install chromium")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


def test_a_browser_whose_requests_all_go_elsewhere(
    cluster: Cluster, room: str, browser: Browser
) -> None:
    """The page, its files, the API, and the WebSocket."""
    before, cluster.balancer.mode = cluster.balancer.mode, Mode.REQUESTS
    try:
        ada = Person(browser.new_context(), f"http://127.0.0.1:{cluster.balancer.port}/", room)
        ada.enter(room)
        for node in cluster.nodes:
            ben = Netcat(node.address, f"{room}{node.name}", room)
            ada.say(f"hello {node.name}")
            ben.hears(f"{room}: hello {node.name}")
            ben.says(f"hello from {node.name}")
            ada.hears(f"hello {node.name}", f"hello from {node.name}")
            ben.close()
        ada.page.reload()
        ada.inside()
        ada.hears(*(f"hello from {node.name}" for node in cluster.nodes))
        ada.context.close()
        assert not ada.problems
    finally:
        cluster.balancer.mode = before
