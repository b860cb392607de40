"""What two do with one message at the same moment, and what comes while a page of it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.events import AnyEvent, Edited, Reacted, Redacted, Said
from hubbub.domain.ids import UserId
from hubbub.domain.names import RoomName
from hubbub.domain.projection import present
from hubbub.hub.access import ANYBODY
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import account, do, log_in, settle

LAB = RoomName.parse("Lab")
SECRET = "secret"


async def lab(chat: Chat) -> tuple[Person, Person]:
    """Ada owns the Lab; ben has said "secret" there, as event 3."""
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await do(ben, ask.Say, text=SECRET)
    ada.news()
    return ada, ben


def view(person: Person) -> list[AnyEvent]:
    """What a client has that applies all it was shown, in the order in which it came."""
    events = {event.seq: event for event in person.shown("Lab")}
    log = [events[seq] for seq in sorted(events)]
    return [event for event in present(log, log) if isinstance(event, Said)]  # type: ignore[arg-type]


async def fresh(chat: Chat) -> list[AnyEvent]:
    """What somebody sees who comes now."""
    chat.hub.rooms["lab"].forget()
    page = await chat.hub.timeline(ANYBODY, LAB)
    return [event for event in page.events if isinstance(event, Said)]


def bare(events: list[AnyEvent]) -> list[tuple[int, str, bool, str]]:
    return [
        (event.seq, event.text, event.redacted is not None, str(event.reactions))
        for event in events
        if isinstance(event, Said)
    ]


async def all_see_the_same(chat: Chat, *people: Person) -> None:
    now = bare(await fresh(chat))
    for person in people:
        assert bare(view(person)) == now


class SlowReads:
    """Reads of the log whose answer is there, and comes when it is let go."""

    def __init__(self, chat: Chat, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
        self.waiting: list[asyncio.Event] = []
        self.open = False
        for name in names:
            monkeypatch.setattr(chat.log, name, self._slow(getattr(chat.log, name)))

    def _slow(self, read: Callable[..., Any]) -> Callable[..., Any]:
        async def slowly(*args: Any) -> Any:
            found = await read(*args)
            if not self.open:
                self.waiting.append(asyncio.Event())
                await self.waiting[-1].wait()
            return found

        return slowly

    def let_go(self) -> None:
        self.open = True
        for one in self.waiting:
            one.set()


async def taken_back(chat: Chat) -> None:
    """Event 3 is taken back, by somebody for whom nothing has to be looked up."""
    event = Redacted(0, chat.hub.clock(), "ada", 3, author="ben")
    chat.log.append(chat.hub.rooms["lab"].draft(event))
    chat.commit()
    await chat.quiet()


async def test_of_an_edit_and_a_redaction_in_one_batch_the_redaction_holds(chat: Chat) -> None:
    ada, ben = await lab(chat)
    ben.send(ask.Edit(room=LAB, target=3, text="edited"))
    ada.send(ask.Redact(room=LAB, target=3))
    await settle(chat)
    assert isinstance(ben.shown("Lab")[-1], Redacted)
    await all_see_the_same(chat, ada, ben)
    assert SECRET not in str(await fresh(chat))


async def test_an_edit_that_comes_right_behind_a_redaction_is_refused(chat: Chat) -> None:
    ada, ben = await lab(chat)
    ada.send(ask.Redact(room=LAB, target=3))
    ben.send(ask.Edit(room=LAB, target=3, text="edited", nonce="1"))
    ben.send(ask.React(room=LAB, target=3, emoji="👍", nonce="2"))
    ada.send(ask.Pin(room=LAB, target=3, nonce="3"))
    await settle(chat)
    assert chat.story("Lab")[-1] == "4 ada takes back 3"
    refused = [(one.code, one.nonce) for one in (*ben.all(told.Refused), *ada.all(told.Refused))]
    assert refused == [("bad-message", "1"), ("bad-message", "2"), ("bad-message", "3")]
    await all_see_the_same(chat, ada, ben)


async def test_two_take_back_the_same_and_one_of_them_is_told_so(chat: Chat) -> None:
    ada, ben = await lab(chat)
    ada.send(ask.Redact(room=LAB, target=3, nonce="1"))
    ben.send(ask.Redact(room=LAB, target=3, nonce="2"))
    await settle(chat)
    assert chat.story("Lab")[-1] == "4 ada takes back 3"
    assert [one.nonce for one in ben.all(told.Refused)] == ["2"]
    await all_see_the_same(chat, ada, ben)


async def test_a_resend_is_answered_as_the_first_time_though_it_was_taken_back_since(
    chat: Chat,
) -> None:
    ada, ben = await lab(chat)
    asked: dict[type[ask.Command], dict[str, str]] = {
        ask.Edit: {"text": "edited", "nonce": "1"},
        ask.React: {"emoji": "👍", "nonce": "2"},
    }
    first = []
    for kind, fields in asked.items():
        await do(ben, kind, "Lab", target=3, **fields)
        first.append(ben.last(told.Ack))
    ben.lose_connection()
    await do(ada, ask.Redact, target=3)
    ben = await log_in(chat, "ben", "Lab")
    for (kind, fields), ack in zip(asked.items(), first, strict=True):
        await do(ben, kind, "Lab", target=3, **fields)
        assert ben.last(told.Ack) == ack
    assert not ben.all(told.Refused)


async def test_an_answer_to_what_is_taken_back_at_that_moment_quotes_nothing(chat: Chat) -> None:
    ada, ben = await lab(chat)
    ben.send(ask.Redact(room=LAB, target=3))
    ada.say("why?", "Lab", reply_to=3)
    await settle(chat)
    answer = ada.shown("Lab")[-1]
    assert isinstance(answer, Said)
    assert answer.quote is not None
    assert answer.quote.text == ""
    assert SECRET not in str(view(ada))
    await all_see_the_same(chat, ada, ben)


async def test_a_look_up_in_the_log_that_is_overtaken_by_a_redaction_decides_by_that(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ben = await lab(chat)
    chat.hub.rooms["lab"].forget()
    slow = SlowReads(chat, monkeypatch, "timeline")
    ben.send(ask.Edit(room=LAB, target=3, text="edited"))
    ben.news()
    await chat.quiet()
    assert slow.waiting
    await taken_back(chat)
    slow.let_go()
    await settle(chat)
    assert chat.story("Lab")[-1] == "4 ada takes back 3"
    assert [one.code for one in ben.all(told.Refused)] == ["bad-message"]


async def test_who_is_muted_while_the_log_is_looked_up_edits_nothing(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = await lab(chat)
    chat.hub.rooms["lab"].forget()
    slow = SlowReads(chat, monkeypatch, "timeline")
    ben.send(ask.Edit(room=LAB, target=3, text="edited"))
    await chat.quiet()
    assert slow.waiting
    await do(ada, ask.Mute, user="ben")
    slow.let_go()
    await settle(chat)
    assert [one.code for one in ben.all(told.Refused)] == ["not-allowed"]


@pytest.mark.parametrize("kind", [ask.Timeline, ask.History])
async def test_a_page_that_is_overtaken_by_the_live_stream_shows_what_is_now(
    chat: Chat, kind: type[ask.Command], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, ben = await lab(chat)
    await do(ada, ask.Say, text="why?", reply_to=3)
    await do(ben, ask.Edit, target=3, text=SECRET * 2)
    chat.hub.rooms["lab"].forget()
    slow = SlowReads(chat, monkeypatch, "timeline", "read")
    ada.send(kind(room=LAB))  # type: ignore[call-arg]
    await chat.quiet()
    assert slow.waiting
    since = len(ada.received)
    await taken_back(chat)
    chat.hub.rooms["lab"].forget()  # nor does it matter what memory has
    slow.let_go()
    await settle(chat)
    page = ada.last(told.Page)
    assert page.events
    assert SECRET not in str(ada.received[since:])


@pytest.mark.parametrize(
    "name, command",
    [
        ("messages", ask.Pins(room=LAB)),
        ("conversation", ask.Conversation(room=LAB, target=3)),
        ("versions", ask.Versions(room=LAB, target=3)),
    ],
)
async def test_passages_that_are_overtaken_by_a_redaction_tell_nothing_of_it(
    chat: Chat, name: str, command: ask.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, _ = await lab(chat)
    await do(ada, ask.Pin, target=3)
    slow = SlowReads(chat, monkeypatch, name)
    ada.send(command)
    await chat.quiet()
    assert slow.waiting
    since = len(ada.received)
    await taken_back(chat)
    slow.let_go()
    await settle(chat)
    assert len(ada.received) > since + 1
    assert SECRET not in str(ada.received[since:])


async def test_who_catches_up_while_it_is_taken_back_is_shown_nothing_of_it(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lab(chat)
    chat.hub.rooms["lab"].forget()
    eve = await account(chat, "eve")
    slow = SlowReads(chat, monkeypatch, "read")
    eve.join("Lab", after=0)
    for _ in range(4):
        await chat.quiet()
        chat.commit()
    assert slow.waiting
    await taken_back(chat)
    slow.let_go()
    await settle(chat)
    assert [event.seq for event in eve.shown("Lab")] == [*range(1, 6)]
    assert SECRET not in str(eve.received)
    await all_see_the_same(chat, eve)


async def test_a_page_that_was_read_for_one_is_not_given_to_the_next_with_what_is_gone(
    chat: Chat,
) -> None:
    ada, ben = await lab(chat)
    for number in range(600):
        await asyncio.sleep(0)
        ada.say(f"filler {number}", "Lab")
    await settle(chat)
    for name in ("eve", "fay"):
        person = await account(chat, name)
        person.join("Lab", after=0)
        await settle(chat)
        assert (SECRET in str(person.received)) is (name == "eve")
        if name == "eve":
            await do(ben, ask.Redact, target=3)


async def test_a_crash_between_the_disk_and_the_ack_takes_nothing_back_twice(chat: Chat) -> None:
    ada, ben = await lab(chat)
    await do(ben, ask.Say, text="another")
    ben.send(ask.Redact(room=LAB, nonce="1"))
    await chat.quiet()
    disk = chat.log.disk
    chat.commit()
    assert ada.story("Lab")[-1] == "5 ben takes back 4"
    async with chatting(disk=disk) as again:
        await settle(again)
        ben = await log_in(again, "ben", "Lab")
        (ack,) = [one for one in await do(ben, ask.Redact, nonce="1") if one.startswith("ack")]
        assert ack == "ack Lab 5 1"
        assert not ben.all(told.Refused)
        assert [one.seq for one in again.log.disk.events["lab"] if isinstance(one, Redacted)] == [5]


async def test_what_comes_twice_or_late_changes_nothing() -> None:
    said = Said(3, 0, "ben", "first", by_id=UserId("2"))
    edits = [
        Edited(4, 1, "ben", 3, "second"),
        Reacted(5, 1, "ada", 3, emoji="👍", by_id=UserId("1")),
    ]
    last = Redacted(6, 2, "ada", 3, author="ben")
    (now,) = present([said], [*edits, last])
    for again in ([*edits, last], [last, *edits], [edits[0]], [last, last]):
        assert present([now], again) == [now]
