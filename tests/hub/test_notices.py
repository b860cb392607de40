"""Notices, and tags that programs put on messages: `Say.notice`, `Say.tags`."""

from __future__ import annotations

from typing import Any

from hubbub.domain import commands as ask
from hubbub.domain.events import Said
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Page, Refused
from hubbub.domain.tags import MAX_TAGS_BYTES
from tests.hub.chat import Chat, Person
from tests.hub.people import account, settle

GENERAL = RoomName.parse("General")
TAGS = {"+draft/reply": "7", "+typing": ""}


def say(person: Person, text: str = "hello", **more: Any) -> Person:
    return person.send(ask.Say(room=GENERAL, text=text, **more))


def newest(person: Person) -> Said:
    said = person.shown()[-1]
    assert isinstance(said, Said)
    return said


async def test_a_notice_and_its_tags_come_to_all_who_are_there_and_who_come(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben", "General")
    say(ada, notice=True, tags=TAGS)
    await settle(chat)
    assert (newest(ben).notice, newest(ben).tags) == (True, TAGS)
    eve = chat.enter("eve", "General")
    await settle(chat)
    assert [(one.notice, one.tags) for one in eve.shown() if isinstance(one, Said)] == [
        (True, TAGS)
    ]


async def test_an_answer_and_what_is_said_from_outside_have_them_too(chat: Chat) -> None:
    ada, ben = chat.enter("ada", "General"), chat.enter("ben")
    say(ada)
    await settle(chat)
    say(ada, reply_to=2, notice=True, tags=TAGS)
    await settle(chat)
    assert (newest(ada).reply_to, newest(ada).notice, newest(ada).tags) == (2, True, TAGS)
    say(ben, outside=True, tags=TAGS)
    await settle(chat)
    assert (newest(ada).by, newest(ada).tags) == ("ben", TAGS)


async def test_tags_are_as_many_bytes_as_may_be_and_no_more(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    fit = {f"+{number}": "ä" * 255 for number in range(9)}  # 9 × 512 bytes
    assert sum(len(name) + len(value.encode()) for name, value in fit.items()) == MAX_TAGS_BYTES
    say(ada, tags=fit)
    await settle(chat)
    assert newest(ada).tags == fit
    say(ada, tags=fit | {"+0": "ä" * 255 + "a"})
    await settle(chat)
    assert ada.last(Refused).code == "text-too-long"
    say(ada, tags={"+a": "\ud800"})
    await settle(chat)
    assert ada.last(Refused).code == "bad-message"
    assert len([event for event in ada.shown() if isinstance(event, Said)]) == 1


async def test_an_edit_leaves_them_and_a_redaction_takes_the_tags(chat: Chat) -> None:
    ada = chat.enter("ada", "General")
    say(ada, notice=True, tags=TAGS)
    await settle(chat)
    ada.send(ask.Edit(room=GENERAL, target=2, text="better"))
    ada.send(ask.Timeline(room=GENERAL))
    await settle(chat)
    said = ada.last(Page).events[-1]
    assert isinstance(said, Said)
    assert (said.text, said.notice, said.tags) == ("better", True, TAGS)
    ada.send(ask.Redact(room=GENERAL, target=2))
    ada.send(ask.Timeline(room=GENERAL))
    await settle(chat)
    for in_memory in (True, False):
        if not in_memory:
            chat.hub.rooms["general"].forget()
            ada.send(ask.Timeline(room=GENERAL))
            await settle(chat)
        said = ada.last(Page).events[-1]
        assert isinstance(said, Said)
        assert (said.text, said.notice, said.tags) == ("", True, {})


async def test_who_closes_the_account_and_takes_all_along_takes_tags_too(chat: Chat) -> None:
    eve, ada = chat.enter("eve", "General"), await account(chat, "ada", "General")
    say(ada, tags=TAGS)
    await settle(chat)
    ada.send(ask.CloseAccount(password="correct horse battery", empty=True))
    await settle(chat)
    for in_memory in (True, False):
        if not in_memory:
            chat.hub.rooms["general"].forget()
        eve.send(ask.History(room=GENERAL))
        await settle(chat)
        (said,) = [event for event in eve.last(Page).events if isinstance(event, Said)]
        assert (said.text, said.tags) == ("", {})
