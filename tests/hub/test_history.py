"""Pages of a room's log."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NoSuchRoom
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, Refused
from hubbub.hub.access import ANYBODY
from hubbub.hub.history import Span
from hubbub.hub.pages import PAGE_BYTES, weigh
from hubbub.hub.settings import HubSettings
from tests.hub.chat import Chat, Person, chatting
from tests.patience import PATIENCE_SECONDS

GENERAL = RoomName.parse("General")
EVENTS = 1000  # of General; the newest few hundred of them are in memory


@pytest.mark.parametrize(
    "place, first, last",
    [
        ({}, 991, 1000),
        ({"before": 1001}, 991, 1000),
        ({"before": 991}, 981, 990),
        ({"before": 5}, 1, 4),
        ({"before": 1}, 0, 0),
        ({"before": 0}, 0, 0),
        ({"before": 5000}, 991, 1000),
        ({"after": 0}, 1, 10),
        ({"after": 500}, 501, 510),
        ({"after": 995}, 996, 1000),
        ({"after": 1000}, 0, 0),
        ({"after": 5000}, 0, 0),
        ({"around": 500}, 495, 504),
        ({"around": 1}, 1, 10),
        ({"around": 0}, 1, 10),
        ({"around": 998}, 991, 1000),
        ({"around": 5000}, 991, 1000),
    ],
)
async def test_a_page_lies_where_it_was_asked_for(
    chat: Chat, place: dict[str, int], first: int, last: int
) -> None:
    await fill(chat)
    page = await ask_for(chat, chat.enter("ben"), limit=10, **place)
    assert [event.seq for event in page.events] == (list(range(first, last + 1)) if first else [])
    assert page.head == EVENTS
    if first:
        assert (page.first, page.last) == (first, last)
    else:
        assert page.first is not None
        assert page.last == page.first - 1


@pytest.mark.parametrize("limit", [1, 2, 3, 199, 200])
async def test_a_page_has_as_many_events_as_were_asked_for(chat: Chat, limit: int) -> None:
    await fill(chat)
    ben = chat.enter("ben")
    for place in ({}, {"before": 700}, {"after": 100}, {"around": 300}, {"around": 900}):
        page = await ask_for(chat, ben, limit=limit, **place)
        assert len(page.events) == limit
        if "around" in place:
            assert place["around"] in [event.seq for event in page.events]


async def test_pages_put_together_are_the_log_in_both_directions(chat: Chat) -> None:
    await fill(chat)
    ben = chat.enter("ben")
    upward: list[int] = []
    while page := (await ask_for(chat, ben, after=upward[-1] if upward else 0, limit=77)).events:
        upward += [event.seq for event in page]
    downward: list[int] = []
    before = EVENTS + 1
    while page := (await ask_for(chat, ben, before=before, limit=77)).events:
        downward = [event.seq for event in page] + downward
        before = downward[0]
    assert upward == downward == list(range(1, EVENTS + 1))


async def test_a_page_is_cut_to_its_bytes_at_the_end_that_was_not_asked_for(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    for _ in range(400):
        ada.say("é" * 4000)
    chat.commit()
    ben = chat.enter("ben")
    fits = PAGE_BYTES // (16_000 + 64)
    for place, first in (
        ({"after": 1}, 2),
        ({"after": 300}, 301),
        ({"before": 100}, 100 - fits),
        ({}, 402 - fits),
        ({"around": 200}, 200 - fits // 2),
    ):
        page = await ask_for(chat, ben, limit=200, **place)
        seqs = [event.seq for event in page.events]
        assert seqs == list(range(first, first + len(seqs)))
        assert fits - 1 <= len(seqs) <= fits + 1
        assert sum(map(weigh, page.events)) <= PAGE_BYTES + 16_064


async def test_history_may_be_read_without_being_in_the_room(chat: Chat) -> None:
    chat.enter("ada", "General").say("hello")
    chat.commit()
    page = await ask_for(chat, chat.enter("ben"), limit=5)
    assert [event.seq for event in page.events] == [1, 2]


async def test_history_of_a_room_that_is_not_there_is_refused(chat: Chat) -> None:
    ben = chat.enter("ben").send(ask.History(room=RoomName.parse("Attic"), id=1))
    assert ben.last(Refused).code == "no-such-room"
    with pytest.raises(NoSuchRoom):
        await chat.hub.page(ANYBODY, RoomName.parse("Attic"))


async def test_only_one_place_may_be_given(chat: Chat) -> None:
    ben = chat.enter("ben").send(ask.History(room=GENERAL, before=5, after=1))
    assert ben.news() == ["error bad-message"]


@pytest.mark.parametrize("limit", [0, -1, 201])
async def test_a_limit_out_of_range_is_refused(chat: Chat, limit: int) -> None:
    with pytest.raises(BadMessage):
        await chat.hub.page(ANYBODY, GENERAL, limit=limit)


async def test_the_answer_carries_the_id_of_the_question(chat: Chat) -> None:
    await fill(chat)
    ben = chat.enter("ben")
    ben.send(ask.History(room=GENERAL, id="new"), ask.History(room=GENERAL, after=0, id="old"))
    await chat.quiet()
    assert [page.re for page in ben.all(Page)] == ["new", "old"]


async def test_the_next_command_waits_for_a_page_from_disk(chat: Chat) -> None:
    await fill(chat)
    ben = chat.enter("ben").send(ask.History(room=GENERAL, after=0, limit=1)).ping()
    assert ben.news() == []
    await chat.quiet()
    assert ben.news() == ["page of General: 1 ada joined", "pong"]


async def test_who_goes_while_a_page_is_being_read_is_not_answered(chat: Chat) -> None:
    await fill(chat)
    ben = chat.enter("ben").send(ask.History(room=GENERAL, after=0, limit=1))
    ben.lose_connection()
    await chat.quiet()
    assert ben.news() == []


async def test_the_page_for_other_readers_is_the_same(chat: Chat) -> None:
    await fill(chat)
    page = await chat.hub.page(ANYBODY, GENERAL, around=500, limit=3)
    assert [event.seq for event in page.events] == [499, 500, 501]


@pytest.mark.parametrize("head", [0, 1, 2, 10])
@pytest.mark.parametrize("limit", [1, 2, 5, 200])
def test_a_span_never_leaves_the_log_nor_grows_over_its_limit(head: int, limit: int) -> None:
    for place in range(13):
        for span in (
            Span(head, limit=limit),
            Span(head, before=place, limit=limit),
            Span(head, after=place, limit=limit),
            Span(head, around=place, limit=limit),
        ):
            assert 0 <= span.after <= head
            assert span.upto <= head
            assert span.upto - span.after <= limit


async def fill(chat: Chat) -> None:
    """Ada joins and says 999 texts."""
    ada = chat.enter("ada", "General")
    for number in range(EVENTS - 1):
        ada.say(str(number))
    chat.commit()


async def ask_for(chat: Chat, person: Person, *, limit: int, **place: int) -> Page:
    person.send(ask.History(room=GENERAL, limit=limit, **place))
    await chat.quiet()
    return person.last(Page)


async def test_pages_are_read_from_the_log_for_one_client_after_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting(HubSettings(rate_limit=0)) as chat:
        chat.enter("ada", "General").say("long ago")
        chat.commit()
        await chat.quiet()
        read, at_once, most = chat.hub.log.read, 0, 0
        left, all_read = 10, asyncio.Event()

        async def watched(room: str, after: int, upto: int) -> list[AnyEvent]:
            nonlocal at_once, most, left
            at_once += 1
            most = max(most, at_once)
            await asyncio.sleep(0)
            at_once -= 1
            left -= 1
            if not left:
                all_read.set()
            return await read(room, after, upto)

        monkeypatch.setattr(chat.hub.log, "read", watched)
        crowd = [chat.connect().hello(f"eve{n}") for n in range(10)]
        chat.commit()
        chat.hub.rooms["general"].forget()
        for eve in crowd:
            eve.send(ask.History(room=RoomName.parse("General")))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await all_read.wait()
        assert most == 1
