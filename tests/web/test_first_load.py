"""The first load over a line with latency: few requests, one behind the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.conftest import LONG
from tests.web.browsing import Person

LATENCY_MS = 150
SECONDS = 1.2  # on a machine that has nothing else to do: the long form's
MAX_TRIES = 5  # a busy machine is given time


def requests(page: Page) -> list[str]:
    """The addresses that a page asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def causes(tools: CDPSession) -> dict[str, str]:
    """By address, what made the browser ask for it: the parser of a document, a script …"""
    found: dict[str, str] = {}

    def note(event: dict[str, Any]) -> None:
        found[event["request"]["url"]] = event["initiator"]["type"]

    tools.on("Network.requestWillBeSent", note)
    return found


def test_a_slow_line_shows_the_page_after_a_second(come: Callable[..., Person]) -> None:
    took = []
    for _ in range(MAX_TRIES):
        ada = come("ada", service_workers="block")
        page = ada.page
        asked = requests(page)
        tools = ada.context.new_cdp_session(page)
        caused_by = causes(tools)
        tools.send("Network.enable")
        conditions = {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": -1,
            "uploadThroughput": -1,
        }
        tools.send("Network.emulateNetworkConditions", conditions)
        ada.open()
        expect(page.locator("#name")).to_be_focused()
        parts = [url for url in asked if url.endswith((".js", ".css"))]
        assert len(parts) == 2, parts  # in one round, whatever a browser asks for at a time
        assert {caused_by[part] for part in parts} == {"parser"}, "the document names them"
        painted = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        took.append(page.evaluate(painted) / 1000)
        if took[-1] <= SECONDS or not LONG:
            return
    raise AssertionError(f"the first paint came after {took} seconds")
