"""The tasks of the page's main thread: while one runs, nothing that a person does is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

CATEGORY = "disabled-by-default-devtools.timeline"
TASK = "RunTask"


@contextmanager
def tasks(page: Page) -> Iterator[list[float]]:
    """At its end the list has the milliseconds of processor time of each task, in order.

    Wall time would count what other programs on the machine took away meanwhile.
    """
    browser = page.context.browser
    assert browser is not None
    took: list[float] = []
    browser.start_tracing(page=page, categories=[CATEGORY])
    try:
        yield took
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
        # Those that were cut off by the trace's begin or end have no duration.
        took += [
            event["tdur"] / 1000 for event in events if event["name"] == TASK and "tdur" in event
        ]
