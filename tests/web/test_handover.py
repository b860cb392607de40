"""The server hands over to another process while people write: the page is back without a word."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.faults.handing import HandingServer
from tests.web.browsing import Person
from tests.web.test_losses import told_exactly, write

Come = Callable[..., Person]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc"),
]

WATCH = """() => {
  window.alarms = 0;
  const banner = document.querySelector("hub-banner");
  const look = () => { if (!banner.hidden) window.alarms += 1; };
  new MutationObserver(look).observe(banner, { attributes: true });
}"""


def test_a_server_that_hands_over_is_not_missed(come: Come, tmp_path: Path) -> None:
    with HandingServer(tmp_path / "data", "--rate-limit", "0") as server:
        ada = come("ada", server.port)
        ada.enter("Tea")
        write(ada.page, ["before"])
        ada.page.evaluate(WATCH)
        old = server.pid
        server.ask()
        written = 0
        while server.pid == old:
            write(ada.page, [f"meanwhile {written}"])
            written += 1
            ada.page.wait_for_timeout(50)
        write(ada.page, ["after"])
        expect(ada.page.locator(".said[data-seq]")).to_have_count(written + 2)
        expected = ["before", *(f"meanwhile {number}" for number in range(written)), "after"]
        assert told_exactly(server, "Tea", ada) == expected
        assert ada.page.evaluate("window.alarms") == 0
