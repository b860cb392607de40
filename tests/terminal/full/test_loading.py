"""Pages of a room in which few events are lines: each is asked for once, and all lines come."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hubbub.domain.events import Event, Joined, Said
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import START, FakeCache, FakeServer

EVENTS = 4000


def log() -> list[Event]:
    """In the middle, for more than ten pages, there is nothing to be shown; else every third."""
    return [
        Joined(1, START, "ben"),
        *(
            Said(seq, START + seq, "ben", f"line number {seq}.")
            if seq % 3 == 0 and not 1200 < seq < 2800
            else Event(seq, START + seq, "ben")
            for seq in range(2, EVENTS + 1)
        ),
    ]


def pages(asked: Sequence[str]) -> list[str]:
    """Those pages that were asked for."""
    return [one for one in asked if one.startswith(("history", "timeline"))]


async def press(client: Client, key: str) -> None:
    """Waits for the page that is fetched then, if one is."""
    timeline = client.room.timeline
    window = timeline.window
    before = window.first, window.last
    await client.press(key)
    if timeline.wants_older or timeline.wants_newer:
        await client.until(lambda: (window.first, window.last) != before)


@pytest.mark.parametrize(
    "timelines, command", [(True, "timeline"), (False, "history")], ids=["now", "older server"]
)
async def test_one_scrolls_to_the_beginning_and_back_to_the_end(
    start: Starts, server: FakeServer, timelines: bool, command: str
) -> None:
    server.timelines = timelines
    server.rooms["General"] = log()
    async with start() as client:
        await client.sees("line number 3999.")
        window = client.room.timeline.window
        while not window.at_beginning:
            await press(client, "pageup")
        asked = pages(server.asked)
        assert len(asked) == len(set(asked)) < EVENTS / 50
        assert {one.split()[0] for one in asked} == {command}
        await client.press("home")
        await client.sees("line number 3.")
        server.asked.clear()
        while not window.attached:
            await press(client, "pagedown")
        asked = pages(server.asked)
        assert len(asked) == len(set(asked))
        await client.press("escape")
        await client.sees("line number 3999.")


async def test_a_cache_with_such_pages_shows_the_room_again_next_day(
    start: Starts, server: FakeServer
) -> None:
    cache = FakeCache()
    server.rooms["General"] = log()
    async with start(cache=cache) as client:
        await client.sees("line number 3999.")
        for _ in range(8):
            await client.press("pageup")
        await client.sees("line number 3")
    server.asked.clear()
    async with start(cache=cache) as client:
        await client.sees("line number 3999.")
        for _ in range(6):
            await client.press("pageup")
        await client.sees("line number 3")
        assert not pages(server.asked)
