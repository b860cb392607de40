from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.rules import Role, RoomAccess
from hubbub.hub.resending import MAKES
from tests.hub.chat import Chat, Person
from tests.hub.people import account, do, log_in, private, settle

LAB = RoomName.parse("Lab")

WRITES: list[tuple[type[ask.Write], dict[str, Any]]] = [
    (ask.Say, {"text": "hello"}),
    (ask.Edit, {"text": "bonjour"}),
    (ask.Redact, {}),
    (ask.React, {"emoji": "👍"}),
    (ask.Pin, {}),
    (ask.SetTopic, {"topic": "tea"}),
    (ask.SetRules, {"slow": 5}),
    (ask.SetRules, {"access": RoomAccess.LOCKED, "password": "correct horse"}),
    (ask.RenameRoom, {"name": "Kitchen"}),
    (ask.Invite, {"user": "eve"}),
    (ask.GiveRole, {"user": "cleo", "role": Role.VOICE}),
    (ask.Kick, {"user": "ben"}),
    (ask.Mute, {"user": "ben", "seconds": 60}),
    (ask.Unmute, {"user": "cleo"}),
    (ask.Ban, {"user": "ben"}),
    (ask.Unban, {"user": "dora"}),
    (ask.Exempt, {"user": "cleo"}),
    (ask.Exempt, {"pattern": "pal*", "on": False}),
    (ask.SetFilter, {"pattern": "spam*"}),
    (ask.SetFilter, {"pattern": "ham", "on": False}),
    (ask.EndInvitation, {"user": "fred"}),
]


def every_write(kind: type[ask.Write] = ask.Write) -> Iterator[type[ask.Write]]:
    """All commands that append, in the order of their classes."""
    for one in kind.__subclasses__():
        yield one
        yield from every_write(one)


def test_all_commands_that_append_are_here() -> None:
    assert set(MAKES) == set(every_write()) - {ask.Amend}
    assert {kind for kind, _ in WRITES} == set(MAKES) - {ask.SayTo}


async def laboratory(chat: Chat) -> Person:
    """Ada owns the Lab, where there is something to do for each command."""
    ada = await account(chat, "ada", "Lab")
    await account(chat, "cleo", "Lab")
    for name in ("ben", "dora"):
        chat.enter(name, "Lab")
    chat.enter("eve")
    await do(ada, ask.Say, text="hello")
    await do(ada, ask.Mute, user="cleo")
    await do(ada, ask.Ban, user="dora")
    await do(ada, ask.SetFilter, pattern="ham")
    await do(ada, ask.Exempt, pattern="pal*")
    chat.enter("fred")
    await do(ada, ask.Invite, user="fred")
    return ada


@pytest.mark.parametrize("kind, fields", WRITES, ids=lambda what: getattr(what, "__name__", ""))
async def test_a_resend_is_answered_as_the_first_time(
    chat: Chat, kind: type[ask.Write], fields: dict[str, Any]
) -> None:
    ada = await laboratory(chat)
    await do(ada, kind, nonce="1", **fields)
    first = ada.last(told.Ack)
    ada.lose_connection()
    head = chat.hub.rooms["lab"] if "lab" in chat.hub.rooms else chat.hub.rooms["kitchen"]
    written = head.head
    again = await log_in(chat, "ada", "Lab")
    assert not [one for one in await do(again, kind, nonce="1", **fields) if "error" in one]
    assert again.last(told.Ack) == first
    assert head.head - written <= 1  # the join
    assert not ada.all(told.Refused)


async def test_it_is_answered_before_what_was_asked_behind_it(chat: Chat) -> None:
    ada = await laboratory(chat)
    kick = ask.Kick(room=LAB, user=UserName.parse("ben"), nonce="1")
    ada.send(kick)
    await settle(chat)
    ada.news()
    ada.send(kick).ping()
    await settle(chat)
    first, last = ada.news()
    assert first.startswith("ack Lab")
    assert last == "pong"


async def test_what_was_never_done_is_refused(chat: Chat) -> None:
    ada = await laboratory(chat)
    for nonce in ("1", "2"):
        assert await do(ada, ask.Unmute, user="ben", nonce=nonce) == [f"error bad-message {nonce}"]
    await do(ada, ask.Kick, user="ben", nonce="3")
    assert await do(ada, ask.Kick, user="ben", nonce="4") == ["error no-such-user 4"]
    assert await do(ada, ask.Unmute, user="ben", nonce="3") == ["error bad-message 3"]


async def test_what_somebody_else_has_done_is_not_mine(chat: Chat) -> None:
    ada = await laboratory(chat)
    await do(ada, ask.GiveRole, user="cleo", role=Role.MODERATOR)
    cleo = await log_in(chat, "cleo", "Lab")
    await do(ada, ask.Kick, user="ben", nonce="1")
    assert await do(cleo, ask.Kick, user="ben", nonce="1") == ["error no-such-user 1"]


async def test_who_is_out_of_a_private_room_learns_only_that_their_text_was_said(
    chat: Chat,
) -> None:
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben")
    await private(chat, ada, ben)
    assert "ack Lab" in str(await do(ben, ask.Say, text="hello", nonce="1"))
    await do(ada, ask.Kick, user="ben")
    await do(ada, ask.RenameRoom, name="Secret")
    (answer,) = await do(ben, ask.Say, text="hello", outside=True, nonce="1")
    assert answer.startswith("ack Lab")
    other = await do(ben, ask.Say, text="hello", outside=True, nonce="2")
    assert other == ["error no-such-room 2"]


async def test_while_the_log_cannot_be_read_nobody_knows(chat: Chat) -> None:
    ada = await laboratory(chat)
    await do(ada, ask.Kick, user="ben", nonce="1")
    chat.log.readable = False
    assert await do(ada, ask.Kick, user="ben", nonce="1") == ["error log-unavailable 1"]
    chat.log.readable = True
    assert (await do(ada, ask.Kick, user="ben", nonce="1"))[0].startswith("ack Lab")


async def test_who_is_gone_meanwhile_is_told_nothing(chat: Chat) -> None:
    ada = await laboratory(chat)
    await do(ada, ask.Kick, user="ben", nonce="1")
    ada.send(ask.Kick(room=LAB, user=UserName.parse("ben"), nonce="1"))
    ada.lose_connection()
    await settle(chat)
    assert ada.news() == []
    assert not chat.lost_words
