"""What cannot be sent fails the call that asked for it, and nothing else of the chat."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hubbub.client import Change, Chat, Does, LineState, Resume, RoomLost, Unsent, connect
from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, InvalidName, LineTooLong, NoSuchRoom
from hubbub.domain.replies import Refused, Reply, RoomJoined
from tests.client.scripted import ScriptedServer
from tests.client.test_chat import until
from tests.patience import PATIENCE_SECONDS

HUGE = 10**5000
ODD: Any = "\ud800"
NUMBER: Any = 3
TAKEN_BACK = Change(does=Does.REDACT, target=1)

CALLS: dict[str, Callable[[Chat], Any]] = {
    "search half": lambda chat: chat.search("half \ud83d"),
    "search before": lambda chat: chat.search("tea", before="\ud83d"),
    "search limit": lambda chat: chat.search("tea", limit=HUGE),
    "search number": lambda chat: chat.search(NUMBER),
    "history limit": lambda chat: chat.history("General", limit=HUGE),
    "history negative": lambda chat: chat.history("General", before=-1),
    "history inexact": lambda chat: chat.history("General", around=2**53 + 1),
    "history odd": lambda chat: chat.history("General", after=ODD),
    "say to nothing": lambda chat: chat.say("General", "hi", reply_to=ODD),
    "say to huge": lambda chat: chat.say("General", "hi", reply_to=HUGE),
    "send to zero": lambda chat: chat.send("General", "hi", reply_to=0),
    "say half": lambda chat: chat.say("General", "half \ud83d"),
    "edit half": lambda chat: chat.edit("General", 1, "half \ud83d"),
    "edit huge": lambda chat: chat.edit("General", HUGE, "hi"),
    "redact negative": lambda chat: chat.redact("General", -1),
    "react odd": lambda chat: chat.react("General", ODD, "👍"),
    "react half": lambda chat: chat.react("General", 1, ODD),
    "react word": lambda chat: chat.react("General", 1, "no emoji"),
    "pin odd": lambda chat: chat.pin("General", ODD),
    "file half": lambda chat: chat.say("General", "", files=[ODD]),
    "file nothing": lambda chat: chat.say("General", "", files=[""]),
    "files many": lambda chat: chat.say("General", "", files=["f"] * 11),
    "versions huge": lambda chat: chat.versions("General", HUGE),
    "conversation odd": lambda chat: chat.conversation("General", ODD),
    "pins half": lambda chat: chat.pins(ODD),
    "join after": lambda chat: chat.join("Tea", after=HUGE),
    "join odd": lambda chat: chat.join("Tea", after=ODD),
    "join half": lambda chat: chat.join(ODD),
    "who half": lambda chat: chat.who(ODD),
    "read huge": lambda chat: chat.read("General", HUGE),
    "read odd": lambda chat: chat.read("General", ODD),
    "read half": lambda chat: chat.read(ODD, 1),
    "typing half": lambda chat: chat.typing(ODD),
}


async def call(what: Callable[[Chat], Any], chat: Chat) -> None:
    done = what(chat)
    if isinstance(done, Awaitable):
        await done


@pytest.mark.parametrize("what", CALLS)
async def test_what_no_frame_can_say_is_refused_at_the_call(
    what: str, server: ScriptedServer
) -> None:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        with pytest.raises((BadMessage, InvalidName)) as refused:
            await call(CALLS[what], chat)
        refused.value.message.encode()
        await chat.say("General", "still here")
    assert server.model.texts() == ["still here"]
    assert len(server.got(ask.Hello)) == 1


async def test_a_request_that_is_too_long_for_a_frame_fails_alone(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        limit = chat.limits.line if chat.limits else 0
        line = chat.send("General", "meanwhile")
        with pytest.raises(LineTooLong, match=f"{limit:,}"):
            await chat.search("word " * limit)
        await line.saved()
        await chat.ping()
    assert not server.got(ask.Search)
    assert len(server.got(ask.Hello)) == 1


async def test_a_request_made_before_the_limit_is_known_fails_alone(
    server: ScriptedServer,
) -> None:
    await server.stop()
    async with connect(server.address, user="ada", persistent=True) as chat:
        too_long = asyncio.ensure_future(chat.search("word " * 1_000_000))
        rooms = asyncio.ensure_future(chat.rooms())
        await asyncio.sleep(0)
        await server.start()
        with pytest.raises(LineTooLong):
            await too_long
        await rooms
    assert len(server.got(ask.Hello)) == 1


@pytest.mark.parametrize(
    "unsent",
    [
        Unsent(room="General", text="half \ud83d", nonce="n"),
        Unsent(room="General", text="hi", nonce="\ud83d"),
        Unsent(room="General", text="hi", nonce="n" * 65),
        Unsent(room="General", text="hi", nonce="n", reply_to=HUGE),
        Unsent(room="General", nonce="n", change=Change(does=Does.REDACT, target=HUGE)),
        Unsent(room="General", nonce="n", change=Change(does=Does.EDIT, target=1, text=ODD)),
    ],
    ids=["text", "nonce", "long nonce", "reply", "target", "new text"],
)
async def test_a_kept_line_that_cannot_be_sent_fails_alone(
    unsent: Unsent, server: ScriptedServer
) -> None:
    good = Unsent(room="General", text="good", nonce="good")
    resume = Resume(user="ada", unsent=[unsent, good])
    async with connect(server.address, resume=resume, persistent=True) as chat:
        bad, _ = chat.unsent
        await chat.drain()
        assert bad.state is LineState.FAILED
        assert isinstance(bad.error, BadMessage)
    assert server.model.texts() == ["good"]


@pytest.mark.parametrize(
    "resume",
    [
        Resume(user="ada", token="\ud800"),
        Resume(user="\ud800", token="t"),
        Resume(user="ada", cursors={"General": HUGE}),
        Resume(user="ada", cursors={"\ud800": 1}),
    ],
    ids=["token", "user", "cursor", "room"],
)
async def test_what_was_kept_and_can_be_said_to_no_server_is_refused_at_once(
    resume: Resume, server: ScriptedServer
) -> None:
    with pytest.raises((BadMessage, InvalidName)):
        async with connect(server.address, resume=resume, persistent=True):
            pass


# Calls that are cancelled, come twice, or from elsewhere


async def test_a_cancelled_join_is_a_wish_all_the_same(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as chat:
        joining = asyncio.ensure_future(chat.join("Tea"))
        await asyncio.sleep(0)
        joining.cancel()
        await asyncio.wait((joining,))
        await chat.ping()
        assert chat.members("Tea") == ["ada"]
        await chat.leave("Tea")
        assert chat.members("Tea") == []


async def test_a_cancelled_join_that_is_refused_is_told(server: ScriptedServer) -> None:
    def refuse(reply: Reply) -> list[Reply] | None:
        if isinstance(reply, RoomJoined):
            return [Refused.of(NoSuchRoom("There is none."), reply.re)]
        return None

    server.on_reply = refuse
    async with connect(server.address, user="ada") as chat:
        joining = asyncio.ensure_future(chat.join("Tea"))
        await server.until_it_got(ask.Join)
        joining.cancel()
        await asyncio.wait((joining,))
        assert isinstance((await until(chat, RoomLost)).error, NoSuchRoom)


async def test_joining_a_room_again_changes_nothing(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as chat:
        entered = await chat.join("General")
        await chat.say("General", "hi")
        assert await chat.join("General", after=0) == entered
        await chat.ping()
    assert len(server.got(ask.Join)) == 1


@pytest.mark.parametrize("below", [0, -1])
async def test_waiting_for_fewer_than_no_lines_is_refused(
    below: int, server: ScriptedServer
) -> None:
    async with connect(server.address, user="ada") as chat:
        with pytest.raises(ValueError, match="below=1"):
            await chat.drain(below=below)


VERBS: dict[str, Callable[[Chat], Any]] = {
    "hello": lambda chat: chat.hello("ben"),
    "formerly": lambda chat: chat.formerly("ben", "token"),
    "recall": lambda chat: chat.recall({}),
    "rooms": lambda chat: chat.rooms(),
    "list_rooms": lambda chat: chat.list_rooms(),
    "join": lambda chat: chat.join("General"),
    "leave": lambda chat: chat.leave("General"),
    "say": lambda chat: chat.say("General", "hi"),
    "send": lambda chat: chat.send("General", "hi"),
    "send_change": lambda chat: chat.send_change("General", TAKEN_BACK),
    "edit": lambda chat: chat.edit("General", 1, "hi"),
    "redact": lambda chat: chat.redact("General", 1),
    "react": lambda chat: chat.react("General", 1, "👍"),
    "pin": lambda chat: chat.pin("General", 1),
    "pins": lambda chat: chat.pins("General"),
    "versions": lambda chat: chat.versions("General", 1),
    "conversation": lambda chat: chat.conversation("General", 1),
    "history": lambda chat: chat.history("General"),
    "timeline": lambda chat: chat.timeline("General"),
    "set_topic": lambda chat: chat.set_topic("General", "Verse"),
    "delete": lambda chat: chat.delete("General"),
    "who": lambda chat: chat.who("General"),
    "attendance": lambda chat: chat.attendance("General"),
    "direct": lambda chat: chat.direct("ben"),
    "do": lambda chat: chat.do(ask.Devices()),
    "search": lambda chat: chat.search("tea"),
    "ping": lambda chat: chat.ping(),
    "read": lambda chat: chat.read("General", 1),
    "typing": lambda chat: chat.typing("General"),
    "drain": lambda chat: chat.drain(),
    "keep_state": lambda chat: chat.keep_state(done=False),
    "reconnect_now": lambda chat: chat.reconnect_now(),
    "iterate": anext,
    "close": lambda chat: chat.close(),
    "saved": lambda chat: chat.unsent[0].saved(),
}


@pytest.mark.parametrize("verb", VERBS)
async def test_a_call_from_another_loop_is_an_error_at_once(
    verb: str, server: ScriptedServer
) -> None:
    errors: list[BaseException] = []

    def elsewhere() -> None:
        try:
            asyncio.run(asyncio.wait_for(call(VERBS[verb], chat), PATIENCE_SECONDS))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at
            errors.append(error)

    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        server.deaf = True
        chat.send("General", "waits")
        thread = threading.Thread(target=elsewhere)
        thread.start()
        await asyncio.to_thread(thread.join)
        await chat.close(patience=0)
    (error,) = errors
    assert isinstance(error, RuntimeError)
    assert "another event loop" in str(error)


async def test_a_call_from_a_thread_without_a_loop_is_an_error_at_once(
    server: ScriptedServer,
) -> None:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        with pytest.raises(RuntimeError, match="another event loop"):
            await asyncio.to_thread(chat.send, "General", "hi")


def test_every_verb_of_a_chat_is_tried_from_elsewhere() -> None:
    verbs = {name for name in vars(Chat) if not name.startswith("_")}
    told = {"user", "online", "closed", "limits", "unsent", "members", "is_in", "resume"}
    told |= {"address", "has_updates", "me", "topic", "account", "moderation"}
    told |= {"standing", "people", "may", "why_not", "attachments"}
    assert verbs - told - {"start"} <= set(VERBS)
