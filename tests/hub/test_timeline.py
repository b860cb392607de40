"""Pages of the timeline: lines only, from memory or the log, with the range that they cover."""

from __future__ import annotations

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NoSuchRoom
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, RoomJoined
from hubbub.hub.access import ANYBODY
from hubbub.hub.pages import PAGE_BYTES, weigh
from hubbub.hub.ports import MOST_LOOKED_THROUGH, Draft
from hubbub.hub.settings import HubSettings
from hubbub.hub.tail import TAIL_EVENTS
from tests.amending import edited
from tests.hub.chat import Chat, chatting

GENERAL = RoomName.parse("General")


def amend(chat: Chat, target: int = 1, text: str = "better", times: int = 1) -> None:
    """Event ``target`` of the room is amended, by nobody who is there."""

    for _ in range(times):
        chat.log.append(Draft(GENERAL, edited(target, text)))
    chat.commit()


def fill(chat: Chat, pattern: str) -> list[int]:
    """What happens in a room: ``.`` is a line, ``e`` an amendment. Where its lines are."""
    ada = chat.enter("ada")
    for letter in pattern:
        if letter == ".":
            ada.send(ask.Say(room=GENERAL, text="text", outside=True))
            chat.commit()
        else:
            amend(chat)
    return [seq for seq, letter in enumerate(pattern, 1) if letter == "."]


async def ask_for(chat: Chat, *, limit: int, **place: int) -> Page:
    asker = chat.enter("asker").send(ask.Timeline(room=GENERAL, limit=limit, **place))
    await chat.quiet()
    asker.bye()
    chat.commit()
    return asker.last(Page)


def seqs(page: Page) -> list[int]:
    return [event.seq for event in page.events]


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("pattern", ["." * 12, "..ee.e.eeee.", ".eeeeeeeeeee", ".e.e.e.e.e.e"])
async def test_a_page_has_the_lines_at_its_place_and_covers_what_is_between(
    chat: Chat, pattern: str, forgotten: bool
) -> None:
    lines = fill(chat, pattern)
    for limit in (1, 2, 3, 200):
        for place in range(1, 14):
            if forgotten:
                chat.hub.rooms["general"].forget()
            before = await chat.hub.timeline(ANYBODY, GENERAL, before=place, limit=limit)
            assert seqs(before) == [seq for seq in lines if seq < place][-limit:]
            assert before.last == min(12, place - 1)
            after = await chat.hub.timeline(ANYBODY, GENERAL, after=place, limit=limit)
            assert seqs(after) == [seq for seq in lines if seq > place][:limit]
            assert after.first == min(12, place) + 1
            around = await chat.hub.timeline(ANYBODY, GENERAL, around=place, limit=limit)
            assert len(around.events) == min(limit, len(lines))
            older = [seq for seq in lines if seq <= place]
            if older:
                assert older[-1] in seqs(around)
            for page in (before, after, around):
                assert page.first is not None
                assert page.last is not None
                assert seqs(page) == [seq for seq in lines if page.first <= seq <= page.last]
        newest = await chat.hub.timeline(ANYBODY, GENERAL, limit=limit)
        assert (seqs(newest), newest.last) == (lines[-limit:], 12)


@pytest.mark.parametrize("length", [40, 3 * TAIL_EVENTS])
async def test_pages_join_by_the_ranges_that_they_cover(chat: Chat, length: int) -> None:
    lines = fill(chat, "." + "e.ee..e"[:7] * (length // 7))
    head = chat.hub.rooms["general"].head
    back: list[int] = []
    first: int | None = head + 1
    while first is not None and first > 1:
        page = await chat.hub.timeline(ANYBODY, GENERAL, before=first, limit=9)
        assert page.last == first - 1
        back, first = seqs(page) + back, page.first
    assert back == lines
    forth: list[int] = []
    last: int | None = 0
    while last is not None and last < head:
        page = await chat.hub.timeline(ANYBODY, GENERAL, after=last, limit=9)
        assert page.first == last + 1
        forth, last = forth + seqs(page), page.last
    assert forth == lines


async def test_long_lines_make_a_page_shorter_and_it_says_so(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for _ in range(40):
        ada.say("\u20ac" * 4000)
    chat.commit()
    for place in ("before", "after", "around"):
        page = await ask_for(chat, limit=200, **{place: 20})
        assert page.first is not None
        assert page.last is not None
        assert seqs(page) == [*range(page.first, page.last + 1)]
        assert 10 < len(page.events) < 20
        assert sum(map(weigh, page.events)) <= PAGE_BYTES
        assert place != "around" or 20 in seqs(page)


async def test_a_page_is_asked_for_by_a_command(chat: Chat) -> None:
    fill(chat, "..ee.")
    ben = chat.enter("ben").send(ask.Timeline(room=GENERAL, limit=2, id="a"))
    page = ben.last(Page)
    assert (page.re, seqs(page), page.first, page.last, page.head) == ("a", [2, 5], 2, 5, 5)
    chat.hub.rooms["general"].forget()
    ben.send(ask.Timeline(room=GENERAL, after=0, limit=1, id="b")).ping()
    await chat.quiet()
    assert ben.news()[-1] == "pong"
    page = ben.last(Page)
    assert (page.re, seqs(page), page.first, page.last) == ("b", [1], 1, 1)
    ben.send(ask.History(room=GENERAL, limit=3))
    await chat.quiet()
    assert seqs(ben.last(Page)) == [3, 4, 5], "the log has all"


async def test_a_page_has_one_place_in_a_room_that_is_there(chat: Chat) -> None:
    with pytest.raises(BadMessage):
        await chat.hub.timeline(ANYBODY, GENERAL, before=1, after=1)
    with pytest.raises(BadMessage):
        await chat.hub.timeline(ANYBODY, GENERAL, limit=201)
    with pytest.raises(NoSuchRoom):
        await chat.hub.timeline(ANYBODY, RoomName.parse("Attic"))


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize(
    "pattern, after", [(".eeee....", 6), (".....eeee", 2), ("..eeee..e", 1), (".eeeeeeee", 0)]
)
async def test_who_joins_is_shown_so_many_lines_and_what_is_between(
    pattern: str, after: int, forgotten: bool
) -> None:
    async with chatting(HubSettings(rate_limit=0, history_on_join=3)) as chat:
        fill(chat, pattern)
        ben = chat.enter("ben")
        if forgotten:
            chat.hub.rooms["general"].forget()
        ben.join()
        chat.commit()
        await chat.quiet()
        assert ben.last(RoomJoined).after == after
        assert [event.seq for event in ben.shown()] == [*range(after + 1, 11)]


@pytest.mark.parametrize("readable", [True, False])
async def test_a_join_looks_for_lines_in_bounded_time_and_waits_for_no_log(readable: bool) -> None:
    async with chatting(HubSettings(rate_limit=0, history_on_join=3)) as chat:
        fill(chat, "....")
        amend(chat, times=MOST_LOOKED_THROUGH + 10)
        head = chat.hub.rooms["general"].head
        chat.log.readable = readable
        ben = chat.enter("ben")
        ben.join()
        chat.commit()
        await chat.quiet()
        looked = 3 + MOST_LOOKED_THROUGH if readable else 3
        assert ben.last(RoomJoined).after == head - looked
        chat.log.readable = True
