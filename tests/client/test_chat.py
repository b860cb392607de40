"""The library against a server that keeps to the protocol, on a network that may not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import pytest

from hubbub.client import (
    Chat,
    ChatClosed,
    ChatFailed,
    Connected,
    ConnectionLost,
    Disconnected,
    Entered,
    Happened,
    Held,
    Joined,
    LineState,
    NameRefused,
    QueueFull,
    Resume,
    RoomReset,
    Said,
    SomeoneIsTyping,
    Unreachable,
    Unsent,
    Update,
    backoff,
    connect,
    connecting,
    opening,
    watch,
)
from hubbub.client.connection import Connection
from hubbub.domain import commands as ask
from hubbub.domain.errors import (
    AlreadyNamed,
    EmptyText,
    InvalidName,
    NameTaken,
    NoSuchRoom,
    NotInRoom,
    TextTooLong,
)
from hubbub.domain.replies import Ack, Events, Reply, SomeoneTyping
from tests.client.model import ModelServer
from tests.client.scripted import ScriptedServer
from tests.patience import PATIENCE_SECONDS

U = TypeVar("U", bound=Update)


async def until(chat: Chat, kind: type[U], condition: Callable[[U], bool] = lambda _: True) -> U:
    """Takes updates up to the first of that kind."""
    async for update in chat:
        if isinstance(update, kind) and condition(update):
            return update
    raise AssertionError(f"the chat ended without {kind.__name__}")


async def texts(chat: Chat, count: int) -> list[str]:
    """The next texts that are said."""
    found: list[str] = []
    async for update in chat:
        if isinstance(update, Happened) and isinstance(update.event, Said):
            found.append(update.event.text)
            if len(found) == count:
                return found
    raise AssertionError(f"the chat ended after {found}")


@pytest.fixture
async def ada(server: ScriptedServer) -> AsyncIterator[Chat]:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        await until(chat, Happened)
        yield chat


# Coming in


async def test_who_connects_is_told_so_and_then_of_the_room(server: ScriptedServer) -> None:
    server.model.say("General", "ben", "early")
    async with connect(server.address, user="ada") as chat:
        entered = await chat.join("general")
        server.model.say("General", "ben", "late")
        updates = [await anext(chat) for _ in range(5)]
    assert isinstance(updates[0], Connected)
    assert (updates[0].user, updates[0].log, updates[0].again) == ("ada", "log-1", False)
    assert updates[1] == entered == Entered("General", ("ada",), head=2, after=0)
    events = [update for update in updates[2:] if isinstance(update, Happened)]
    assert [event.event.seq for event in events] == [1, 2, 3]
    assert [event.history for event in events] == [True, True, False]
    assert isinstance(events[1].event, Joined)


async def test_the_rooms_are_listed_with_their_users(server: ScriptedServer, ada: Chat) -> None:
    server.model.room("tea")
    assert [(room.name, room.users) for room in await ada.rooms()] == [("General", 1), ("tea", 0)]
    assert await ada.who("General") == ["ada"]


async def test_many_rooms_are_listed_page_by_page(server: ScriptedServer, ada: Chat) -> None:
    for name in ("tea", "green-tea", "tea-green-old", "beer"):
        server.model.room(name)
    first = await ada.list_rooms("TEA", limit=2)
    assert [room.name for room in first.rooms] == ["green-tea", "tea"]
    assert (first.total, first.next is None) == (5, False)
    last = await ada.list_rooms("TEA", after=first.next, limit=2)
    assert ([room.name for room in last.rooms], last.next) == (["tea-green-old"], None)
    assert [room.name for room in await ada.rooms("green tea")] == ["green-tea", "tea-green-old"]


async def test_a_taken_name_is_refused_and_another_one_taken_on_the_same_connection(
    server: ScriptedServer, ada: Chat
) -> None:
    async with connect(server.address) as chat:
        with pytest.raises(NameTaken) as refused:
            await chat.hello("Ada")
        assert refused.value.suggestion == "Ada2"
        with pytest.raises(InvalidName):
            await chat.hello("a b")
        assert await chat.hello("Ada2") == "Ada2"
        assert chat.user == "Ada2"
        with pytest.raises(AlreadyNamed):
            await chat.hello("Ada3")
    assert len(server.got(ask.Hello)) == 3


async def test_a_taken_name_is_raised_by_connect(server: ScriptedServer, ada: Chat) -> None:
    with pytest.raises(NameTaken):
        async with connect(f"ada@{server.address}"):
            raise AssertionError("never")


async def test_a_connection_that_is_cut_before_the_name_is_known_is_made_again(
    server: ScriptedServer,
) -> None:
    async with connect(server.address) as chat:
        await server.until(lambda: len(server.model.peers) == 1)
        server.cut()
        await server.until(lambda: not server.model.peers)
        assert await chat.hello("ada") == "ada"


async def test_without_a_server_connect_says_so() -> None:
    async with ScriptedServer() as server:
        address = server.address
    with pytest.raises(Unreachable, match=f"no server at {address}: nobody listens there"):
        async with connect(address, user="ada"):
            raise AssertionError("never")


async def test_a_persistent_chat_begins_offline_and_sends_when_the_server_is_there() -> None:
    server = ScriptedServer()
    await server.start()
    await server.stop()
    async with connect(server.address, user="ada", persistent=True) as chat:
        lost = await until(chat, Disconnected)
        assert (lost.code, lost.attempt) == ("unreachable", 1)
        joining = asyncio.create_task(chat.join("General"))
        await asyncio.wait((joining,), timeout=0)
        line = chat.send("General", "hi")
        assert line.state is LineState.WAITING
        await server.start()
        assert (await line.saved()).seq == 2
        assert (await joining).room == "General"
    await server.stop()


# Saying


async def test_a_line_is_saved_and_comes_back_to_who_said_it(ada: Chat) -> None:
    ack = await ada.say("General", "hi\r\nthere  ")
    heard = await until(ada, Happened)
    assert heard == Happened("General", Said(ack.seq, ack.at, "ada", "hi\nthere"))
    assert ada.unsent == []


async def test_what_cannot_be_said_is_refused_at_once(ada: Chat) -> None:
    with pytest.raises(NotInRoom):
        ada.send("tea", "hi")
    with pytest.raises(EmptyText):
        ada.send("General", " \n")
    with pytest.raises(TextTooLong):
        ada.send("General", "x" * 4001)


async def test_a_text_that_is_too_long_for_a_frame_fails_alone() -> None:
    async with ScriptedServer(ModelServer(line=1000)) as server:
        async with connect(server.address, user="ada") as chat:
            await chat.join("General")
            with pytest.raises(TextTooLong, match="split"):
                await chat.say("General", "ä" * 900)
            await chat.say("General", "short")
        assert server.model.texts() == ["short"]


async def test_a_refused_line_has_failed_and_says_why(server: ScriptedServer, ada: Chat) -> None:
    server.model.peers[0].rooms.clear()
    line = ada.send("General", "hi")
    with pytest.raises(NotInRoom):
        await line.saved()
    assert line.state is LineState.FAILED
    assert isinstance(line.error, NotInRoom)


async def test_a_full_disk_holds_lines_back_and_they_are_sent_when_there_is_room(
    server: ScriptedServer, ada: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubbub.client.patience.FIRST_SECONDS", 0.0)
    server.model.log_is_full = True
    lines = [ada.send("General", text) for text in "abc"]
    assert (await until(ada, Held)).reason == "The disk is full."
    server.model.log_is_full = False
    await ada.drain()
    assert [line.state for line in lines] == [LineState.SAVED] * 3
    assert server.model.texts() == ["a", "b", "c"]


async def test_the_queue_of_unsent_lines_is_bounded(server: ScriptedServer) -> None:
    server.deaf = False
    async with connect(server.address, user="ada", max_unsent=3) as chat:
        await chat.join("General")
        server.deaf = True
        for text in "abc":
            chat.send("General", text)
        with pytest.raises(QueueFull, match="3 lines wait"):
            chat.send("General", "d")
        server.deaf = False
        server.cut()
        await chat.drain(below=3)
        chat.send("General", "d")
        await chat.drain()
    assert server.model.texts() == ["a", "b", "c", "d"]


# Losing the connection


async def test_a_lost_connection_is_told_and_resumed_without_a_hole_or_a_repeat(
    server: ScriptedServer, ada: Chat
) -> None:
    server.model.say("General", "ben", "one")
    await until(ada, Happened)
    server.cut()
    server.model.say("General", "ben", "two")
    server.model.say("General", "ben", "three")
    assert (await until(ada, Disconnected)).code == "lost"
    assert (await until(ada, Connected)).again
    assert (await until(ada, Entered)).again
    assert await texts(ada, 2) == ["two", "three"]
    server.model.say("General", "ben", "four")
    assert await texts(ada, 1) == ["four"]
    assert server.got(ask.Join)[-1].after == 2  # type: ignore[attr-defined]
    joins = [event for event in server.model.room("General").events if isinstance(event, Joined)]
    assert len(joins) == 1, "the others saw nothing of it"


async def test_a_line_whose_ack_was_lost_is_saved_once(server: ScriptedServer, ada: Chat) -> None:
    server.on_reply = lambda reply: [] if isinstance(reply, Ack | Events) else None
    line = ada.send("General", "once")
    await server.until(lambda: server.model.texts() == ["once"])
    server.on_reply = lambda _: None
    server.cut()
    ack = await line.saved()
    assert server.model.texts() == ["once"]
    assert await texts(ada, 1) == ["once"]
    assert ack.seq == 2
    says = server.got(ask.Say)
    assert len(says) == 2
    assert len({say.nonce for say in says if isinstance(say, ask.Say)}) == 1


async def test_lines_said_while_offline_are_sent_in_order(
    server: ScriptedServer, ada: Chat
) -> None:
    await server.stop()
    await until(ada, Disconnected)
    expected = [str(number) for number in range(60)]
    lines = [ada.send("General", text) for text in expected]
    assert not ada.online
    await server.start()
    await ada.drain()
    assert server.model.texts() == expected
    assert all(line.state is LineState.SAVED for line in lines)
    assert await texts(ada, 60) == expected


async def test_a_server_that_restarts_is_met_again_when_it_says_so(
    server: ScriptedServer, ada: Chat
) -> None:
    await ada.join("General")
    await server.restart(0.07)
    lost = await until(ada, Disconnected)
    assert (lost.code, lost.planned, lost.retry_in) == ("restarting", True, 0.07)
    line = ada.send("General", "while it was away")
    assert (await until(ada, Connected)).again
    await ada.drain()
    assert line.state is LineState.SAVED
    assert server.model.texts() == ["while it was away"]
    # On a connection that was not stable it is no plan any more.
    await server.restart(0.07)
    assert not (await until(ada, Disconnected)).planned


async def test_a_line_that_is_dead_without_a_word_is_noticed(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PING_SECONDS", 0.05)
    monkeypatch.setattr(opening, "CLOSE_SECONDS", 0.05)
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        server.stop_listening_to_anyone()
        lost = await until(chat, Disconnected)
        assert lost.reason.startswith("The server was not heard of for")
        await until(chat, Connected)


async def test_a_line_that_nobody_answers_shows_a_dead_connection_soon(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(watch, "ANSWER_SECONDS", 0.2)
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        server.stop_listening_to_anyone()
        line = chat.send("General", "Is anybody there?")
        lost = await until(chat, Disconnected)
        assert lost.reason == "The server does not answer any more."
        await chat.drain()
        assert line.state is LineState.SAVED
        assert server.model.texts() == ["Is anybody there?"]


async def test_a_server_that_is_only_slow_to_save_keeps_its_connections(
    server: ScriptedServer, ada: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "QUIET_SECONDS", 0.01)
    await ada.join("General")
    server.deaf = True
    line = ada.send("General", "No hurry.")
    await server.until_it_got(ask.Say)
    asked = asyncio.Semaphore(0)
    answers = Connection.answers

    async def counted(connection: Connection, seconds: float) -> bool:
        asked.release()
        return await answers(connection, seconds)

    monkeypatch.setattr(Connection, "answers", counted)
    async with asyncio.timeout(PATIENCE_SECONDS):
        for _ in range(3):
            await asked.acquire()
    assert ada.online
    assert line.state is LineState.WAITING
    server.cut()
    server.deaf = False
    await line.saved()


async def test_who_asks_to_connect_anew_does_not_wait_on_a_dead_connection(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", (3600.0, 3600.0))
    monkeypatch.setattr(watch, "HURRIED_SECONDS", PATIENCE_SECONDS)
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        chat.reconnect_now()  # the line is alive: nothing happens
        await chat.say("General", "still here")
        monkeypatch.setattr(watch, "HURRIED_SECONDS", 0.2)
        server.stop_listening_to_anyone()
        chat.reconnect_now()
        lost = await until(chat, Disconnected)
        assert lost.retry_in == 0
        await until(chat, Connected)


async def test_waiting_for_another_attempt_can_be_cut_short(
    server: ScriptedServer, ada: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", (3600.0, 3600.0))
    server.cut()
    assert (await until(ada, Disconnected)).retry_in == 3600
    ada.reconnect_now()
    await until(ada, Connected)


async def test_a_question_whose_answer_was_lost_is_asked_again(
    server: ScriptedServer, ada: Chat
) -> None:
    server.deaf = True
    asking = asyncio.create_task(ada.history("General"))
    await server.until_it_got(ask.History)
    server.deaf = False
    server.cut()
    assert [event.seq for event in (await asking).events] == [1]


@pytest.mark.parametrize(
    "features, command",
    [(("timeline",), ask.Timeline), (("read",), ask.History)],
    ids=["now", "an older server"],
)
async def test_a_timeline_is_asked_for_where_the_server_has_one(
    server: ScriptedServer, features: tuple[str, ...], command: type[ask.Command]
) -> None:
    server.model.features = features
    server.model.say("General", "eve", "Verse")
    async with connect(server.address, user="ada") as ada:
        page = await ada.timeline("General", before=9, limit=1)
        assert [event.seq for event in page.events] == [1]
        (asked,) = server.got(ask.Timeline) + server.got(ask.History)
        assert isinstance(asked, command)
        await ada.history("General", limit=1)
        assert isinstance(server.got(ask.History)[-1], ask.History), "the log is always the log"


async def test_a_question_that_is_refused_raises_the_refusal(ada: Chat) -> None:
    with pytest.raises(NoSuchRoom):
        await ada.history("nowhere")


async def test_a_server_that_shuts_down_is_waited_for(server: ScriptedServer, ada: Chat) -> None:
    await server.stop(politely=True)
    lost = await until(ada, Disconnected)
    assert (lost.code, lost.reason) == ("shutting-down", "The server is shutting down.")
    await server.start()
    await until(ada, Connected)
    await ada.say("General", "back")


async def test_a_hole_in_the_events_is_filled(server: ScriptedServer, ada: Chat) -> None:
    lost: list[Reply] = []

    def lose_one(reply: Reply) -> list[Reply] | None:
        if isinstance(reply, Events) and not lost:
            lost.append(reply)
            return []
        return None

    server.on_reply = lose_one
    server.model.say("General", "ben", "one")
    server.model.say("General", "ben", "two")
    assert await texts(ada, 2) == ["one", "two"]


async def test_frames_that_come_twice_are_shown_once(server: ScriptedServer, ada: Chat) -> None:
    server.on_reply = lambda reply: [reply, reply]
    await ada.say("General", "one")
    await ada.say("General", "two")
    assert await texts(ada, 2) == ["one", "two"]


async def test_frames_that_are_not_understood_are_left_out(
    server: ScriptedServer, ada: Chat
) -> None:
    await server.send_raw("{]")
    await server.send_raw('{"type": "confetti", "amount": 3}')
    await server.send_raw(
        '{"type":"events","room":"General","events":[{"kind":"danced","seq":2,"at":0,"by":"b"}]}'
    )
    unknown = await until(ada, Happened)
    assert (unknown.event.seq, unknown.event.by) == (2, "b")
    await ada.ping()


async def test_another_log_is_noticed_and_shown_from_its_beginning(
    server: ScriptedServer, ada: Chat
) -> None:
    await ada.say("General", "in the old log")
    await server.stop()
    server.model.become_another_log()
    server.model.say("General", "ben", "in the new log")
    await server.start()
    assert (await until(ada, RoomReset)).room == "General"
    assert not (await until(ada, Entered)).again
    heard = await until(ada, Happened)
    assert isinstance(heard.event, Said)
    assert (heard.event.seq, heard.event.text, heard.history) == (1, "in the new log", True)


async def test_a_log_that_lost_its_end_is_noticed_by_the_cursor(
    server: ScriptedServer, ada: Chat
) -> None:
    await ada.say("General", "in the old log")
    await server.stop()
    log, server.model.log = server.model.log, "log-1"
    server.model.room("General").events.pop()
    await server.start()
    assert log == "log-1"
    await until(ada, RoomReset)
    assert (await until(ada, Happened)).event.seq == 1


async def test_a_line_saved_under_a_forgotten_identity_is_not_sent_again(
    server: ScriptedServer, ada: Chat
) -> None:
    server.on_reply = lambda reply: [] if isinstance(reply, Ack | Events) else None
    saved = ada.send("General", "saved")
    await server.until(lambda: server.model.texts() == ["saved"])
    server.deaf = True
    lost = ada.send("General", "lost")
    await server.until_it_got(ask.Say, 2)
    await server.stop()
    server.model.forget_guests()
    server.on_reply, server.deaf = (lambda _: None), False
    await server.start()
    assert (await saved.saved()).seq == 2
    await lost.saved()
    assert server.model.texts() == ["saved", "lost"]


async def test_a_name_that_was_taken_meanwhile_can_be_changed(
    server: ScriptedServer, ada: Chat
) -> None:
    await server.stop()
    server.model.forget_guests()
    server.model.guests["ada"] = "someone else's"
    await server.start()
    refused = await until(ada, NameRefused)
    assert (refused.name, refused.error.code, refused.error.suggestion) == (
        "ada",
        "name-taken",
        "ada2",
    )
    assert await ada.hello("eve") == "eve"
    assert (await until(ada, Connected)).user == "eve"
    await ada.say("General", "it is me, ada")


async def test_a_name_that_was_taken_meanwhile_is_tried_again_until_it_is_free(
    server: ScriptedServer, ada: Chat
) -> None:
    await server.stop()
    server.model.guests["ada"] = "someone else's"
    await server.start()
    await until(ada, NameRefused)
    server.model.forget_guests()
    await until(ada, Connected)


# Programs that take little


async def test_a_program_that_takes_nothing_still_gets_its_acks_and_later_all_events(
    server: ScriptedServer, ada: Chat
) -> None:
    for number in range(3000):
        server.model.say("General", "ben", str(number))
    await ada.say("General", "mine")
    assert await texts(ada, 3001) == [*map(str, range(3000)), "mine"]


async def test_typing_is_told_but_not_kept(server: ScriptedServer, ada: Chat) -> None:
    ada.typing("General")
    await server.until_it_got(ask.Typing)
    server.model.peers[0].tell(SomeoneTyping(room="General", by="ben"))
    assert await until(ada, SomeoneIsTyping) == SomeoneIsTyping("General", "ben")


async def test_members_are_those_of_the_room_now(server: ScriptedServer, ada: Chat) -> None:
    assert ada.members("General") == ["ada"]
    async with connect(server.address, user="Ben") as ben:
        await ben.join("General")
        await until(ada, Happened)
        assert ada.members("general") == ["ada", "Ben"]
    await until(ada, Happened)
    assert ada.members("General") == ["ada"]


# Leaving


async def test_a_room_is_left_after_what_was_said_there_is_saved(
    server: ScriptedServer, ada: Chat
) -> None:
    line = ada.send("General", "bye")
    await ada.leave("General")
    assert line.state is LineState.SAVED
    with pytest.raises(NotInRoom):
        ada.send("General", "one more")
    assert (await ada.rooms())[0].users == 0
    assert ada.resume().cursors == {}


async def test_a_room_that_was_left_can_be_joined_again(ada: Chat) -> None:
    leaving = asyncio.create_task(ada.leave("General"))
    await asyncio.wait((leaving,), timeout=0)
    await ada.join("General")
    await ada.say("General", "here again")


async def test_leaving_says_goodbye_and_frees_the_name(server: ScriptedServer) -> None:
    for _ in range(2):
        async with connect(server.address, user="ada") as chat:
            await chat.join("General")
    assert len(server.got(ask.Bye)) == 2


async def test_lines_on_their_way_are_saved_before_the_end(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        for text in "abc":
            chat.send("General", text)
    assert server.model.texts() == ["a", "b", "c"]


async def test_what_was_not_saved_at_the_end_has_failed(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "SAVE_SECONDS", 0.0)
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        await server.stop()
        await until(chat, Disconnected)
        line = chat.send("General", "hi")
        waiting = asyncio.create_task(chat.rooms())
        await asyncio.wait((waiting,), timeout=0)
    with pytest.raises(ChatClosed):
        await line.saved()
    with pytest.raises(ChatClosed):
        await waiting
    with pytest.raises(ChatClosed):
        await chat.rooms()
    with pytest.raises(ChatClosed):
        chat.send("General", "hi")
    assert all([isinstance(update, Disconnected) async for update in chat])


async def test_a_connection_that_is_lost_right_after_the_welcome_is_followed_by_another(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, received = Connection.receive, 0

    async def lost_at_the_second(self: Connection) -> Reply:
        nonlocal received
        received += 1
        if received == 2:
            raise ConnectionLost("The server is shutting down.")
        return await receive(self)

    monkeypatch.setattr(Connection, "receive", lost_at_the_second)
    async with connect(server.address, user="ada") as chat:
        assert (await until(chat, Disconnected)).reason == "The server is shutting down."
        await chat.join("General")


async def test_an_error_in_the_program_leaves_politely(server: ScriptedServer) -> None:
    with pytest.raises(ZeroDivisionError):
        async with connect(server.address, user="ada"):
            _ = 1 / 0
    await server.until_it_got(ask.Bye)


async def test_a_defect_of_the_library_reaches_everyone_who_waits(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("defect")

    async def ask_and_listen() -> None:
        async with connect(server.address, user="ada") as chat:
            monkeypatch.setattr("hubbub.client.protocol.Protocol.receive", fail)
            with pytest.raises(ChatFailed, match=r"ZeroDivisionError: defect \(in test_chat.py"):
                await chat.rooms()
            await until(chat, Happened)

    with pytest.raises(ChatFailed):
        await ask_and_listen()


# Going on in another run of the program


async def test_another_run_goes_on_where_the_first_one_ended(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        await chat.say("General", "one")
        await texts(chat, 1)
        server.model.say("General", "ben", "not taken")
        await chat.ping()
        server.deaf = True
        chat.send("General", "two")
        kept = chat.resume()
        server.cut()
        await chat.close(patience=0)
    server.deaf = False
    assert kept.cursors == {"General": 2}
    assert [line.text for line in kept.unsent] == ["two"]
    server.model.say("General", "ben", "meanwhile")
    async with connect(server.address, resume=kept) as chat:
        assert await texts(chat, 3) == ["not taken", "meanwhile", "two"]
        assert chat.user == "ada"
    assert server.model.texts() == ["one", "not taken", "meanwhile", "two"]


async def test_where_another_run_goes_on_is_where_this_one_has_taken_to(
    server: ScriptedServer,
) -> None:
    server.model.say("General", "ben", "before")
    async with connect(server.address, user="ada") as chat:
        await chat.join("General")
        assert chat.resume().cursors == {"General": 0}, "nothing of its history was taken"
        await texts(chat, 1)
        assert (chat.resume().cursors, chat.resume().log) == ({"General": 1}, "log-1")
        await server.stop()
        server.model.become_another_log()
        await server.start()
        await chat.ping()
        assert (chat.resume().cursors, chat.resume().log) == ({"General": 1}, "log-1")
        log = (await until(chat, Connected)).log
        assert (chat.resume().cursors, chat.resume().log) == ({}, log), "never two logs mixed"


async def test_a_killed_run_whose_line_was_saved_does_not_say_it_twice(
    server: ScriptedServer,
) -> None:
    """What is kept was written before the line went, and the server has forgotten its nonce."""
    unsent = Unsent(room="General", text="hi", nonce="n", sent_as="ada")
    server.model.say("General", "ada", "hi")
    resume = Resume(user="ada", token="old", log="log-1", cursors={"General": 0}, unsent=[unsent])
    async with connect(server.address, resume=resume) as chat:
        await chat.drain()
    assert server.model.texts() == ["hi"]


async def test_another_run_begins_anew_when_the_log_is_another_one(
    server: ScriptedServer,
) -> None:
    resume = Resume(user="ada", token="old", log="log-0", cursors={"General": 1})
    server.model.say("General", "ben", "hello")
    async with connect(server.address, resume=resume) as chat:
        await until(chat, RoomReset)
        assert await texts(chat, 1) == ["hello"]
        await until(chat, Happened)
        assert chat.resume().cursors == {"General": 2}
        assert chat.resume().log == "log-1"


async def test_a_topic_is_set_once_although_the_answer_was_lost(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        server.deaf = True
        setting = asyncio.create_task(ada.set_topic("General", "Verse"))
        await server.until_it_got(ask.SetTopic)
        server.deaf = False
        server.cut()
        ack = await setting
        first, second = server.got(ask.SetTopic)
        assert isinstance(first, ask.SetTopic)
        assert isinstance(second, ask.SetTopic)
        assert first.nonce == second.nonce == ack.nonce
        await ada.ping()
        assert ada.topic("General") == "Verse"
