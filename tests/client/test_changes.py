"""Messages are edited, taken back, reacted to and pinned, also by who is offline just then."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from hubbub.client import (
    BadMessage,
    Change,
    Chat,
    ChatError,
    Does,
    Edited,
    Happened,
    LineState,
    NotInRoom,
    Pinned,
    Reacted,
    Redacted,
    Said,
    StandingChanged,
    Unsent,
    connect,
)
from hubbub.client.line import Line
from hubbub.client.protocol import Protocol
from hubbub.client.resume import Resume
from hubbub.domain import commands as ask
from hubbub.domain.errors import RateLimited
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Ack, Events, Page, Refused, RoomJoined, Standing, Welcome
from hubbub.domain.rules import Role
from tests.client.model import ModelServer
from tests.client.scripted import ScriptedServer
from tests.client.taking import take
from tests.patience import PATIENCE_SECONDS


async def hear(chat: Chat, kind: type[object]) -> Happened:
    while not isinstance((update := await take(chat, Happened)).event, kind):
        pass
    return update


async def test_a_message_is_changed_and_all_hear_of_it(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as ada, connect(server.address) as ben:
        await ben.hello("ben")
        await ben.join("General")
        await ada.join("General")
        said = await ada.say("General", "tee?")
        edited = await ada.edit("General", said.seq, "tea?  ")
        reacted = await ben.react("General", said.seq, ":tea:")
        pinned = await ada.pin("General", said.seq)
        heard = [(await hear(ben, kind)).event for kind in (Said, Edited, Reacted, Pinned)]
        assert [one.seq for one in heard] == [said.seq, edited.seq, reacted.seq, pinned.seq]
        assert isinstance(heard[1], Edited)
        assert heard[1].text == "tea?"
        (found,) = (await ben.pins("General")).events
        assert isinstance(found, Said)
        assert (found.text, found.reactions[0].emoji) == ("tea?", "\N{TEACUP WITHOUT HANDLE}")
        assert [one.text for one in await ada.versions("General", said.seq)] == ["tee?", "tea?"]
        answer = await ben.say("General", "yes", reply_to=said.seq)
        talk = await ada.conversation("General", said.seq)
        assert [one.seq for one in talk.events] == [said.seq, answer.seq]
        await ben.react("General", said.seq, "🍵", on=False)
        await ada.redact("General", said.seq)
        page = await ben.timeline("General")
        (taken,) = (one for one in page.events if one.seq == said.seq)
        assert isinstance(taken, Said)
        assert (taken.text, taken.redacted is not None, taken.reactions) == ("", True, ())
        with pytest.raises(BadMessage, match="taken back"):
            await ada.edit("General", said.seq, "once more")
        with pytest.raises(BadMessage, match="emoji"):
            await ada.react("General", said.seq, "tea and cake")
        with pytest.raises(NotInRoom):
            await ada.redact("Tea", 1)


async def test_a_message_may_be_files_alone(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        await ada.say("General", " ", files=["f1"])
        (said,) = (e for e in server.model.room("General").events if isinstance(e, Said))
        assert (said.text, [file.id for file in said.files]) == ("", ["f1"])


async def test_changes_that_were_made_offline_survive_a_restart_and_are_done_once(
    server: ScriptedServer, tmp_path: Path
) -> None:
    state = tmp_path / "ada.state"
    async with connect(server.address, user="ada", state=state) as ada:
        await ada.join("General")
        said = await ada.say("General", "tee?")
        other = await ada.say("General", "oops")
        server.deaf = True
        edit = Change(does=Does.EDIT, target=said.seq, text="tea?")
        ada.send_change("General", edit, nonce="edit-1")
        await server.until_it_got(ask.Edit)  # it has it, and says nothing of it
        server.deaf = False
        await server.stop()
        ada.send_change("General", Change(does=Does.REACT, target=said.seq, emoji="👍"))
        ada.send_change("General", Change(does=Does.REDACT, target=other.seq))
        killed = state.read_bytes()
        await ada.close(patience=0)
    state.write_bytes(killed)
    await server.start()
    async with connect(server.address, user="ada", state=state, persistent=True) as ada:
        assert [line.change.does for line in ada.unsent if line.change] == [
            Does.EDIT,
            Does.REACT,
            Does.REDACT,
        ]
        async with asyncio.timeout(PATIENCE_SECONDS):
            await ada.drain()
        # A program that does it again by the same nonce does nothing.
        again = ada.send_change("General", edit, nonce="edit-1")
        ack = await again.saved()
    done = [e for e in server.model.room("General").events if isinstance(e, Edited | Reacted)]
    assert [type(one) for one in done] == [Edited, Reacted]
    assert ack.seq == done[0].seq
    assert any(isinstance(e, Redacted) for e in server.model.room("General").events)


async def test_a_change_whose_message_is_gone_meanwhile_fails_in_words(
    server: ScriptedServer,
) -> None:
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        said = await ada.say("General", "hi")
        await server.stop()
        line = ada.send_change("General", Change(does=Does.EDIT, target=said.seq, text="ho"))
        server.model.change("General", Redacted(0, 0, "ben", said.seq, author="ada"))
        await server.start()
        with pytest.raises(ChatError, match="taken back"):
            await line.saved()
        assert line.state is LineState.FAILED
        assert not ada.unsent


async def test_pins_of_a_room_are_known_without_asking(server: ScriptedServer) -> None:
    async with connect(server.address, user="ada") as ada:
        await ada.join("General")
        said = await ada.say("General", "read this")
        server.model.change("General", Pinned(0, 0, "ben", target=said.seq))
        assert (await take(ada, StandingChanged)).standing.pins == (said.seq,)
        assert ada.standing("General").pins == (said.seq,)
        server.model.change("General", Redacted(0, 0, "ben", said.seq))
        assert (await take(ada, StandingChanged)).standing.pins == ()


# Without a network


def in_general(model: ModelServer, standing: Standing | None = None) -> Protocol:
    """Ada is in General, where the event 1 is a message of hers."""
    protocol = Protocol()
    model.say("General", "ada", "hi")
    welcome = Welcome(user="ada", token="t", server="x", log="l", limits=model.limits)
    protocol.hello(UserName.parse("ada"), "test")
    protocol.connected(welcome, 0.0)
    protocol.join("General", after=0)
    (join,) = protocol.commands(0.0)
    joined = RoomJoined(re=join.id, room="General", users=["ada"], head=1, after=0)
    protocol.receive(replace(joined, standing=standing), 0.0)
    protocol.receive(Events(room="General", events=model.room("General").events), 0.0)
    return protocol


def reaction(protocol: Protocol, emoji: str, *, on: bool = True, target: int = 1) -> Line:
    change = Change(does=Does.REACT, target=target, emoji=emoji, on=on)
    return protocol.send(Unsent(room="General", nonce=f"{emoji}{on}{target}", change=change))


def test_a_page_is_as_live_events_that_overtook_it_have_it() -> None:
    """It was made before them, and has come behind them."""
    model = ModelServer()
    protocol = in_general(model)
    model.say("General", "ben", "why?")
    request = protocol.ask(ask.Timeline(room=RoomName.parse("General")))
    (command,) = protocol.commands(0.0)
    old = [Said(1, 0, "ada", "hi"), Said(2, 0, "ben", "why?", 1, None)]
    later = [
        model.room("General").events[1],
        Edited(3, 0, "ada", 1, "hello"),
        Reacted(4, 0, "ben", 1, emoji="👍"),
        Redacted(5, 0, "ben", 2),
    ]
    protocol.receive(Events(room="General", events=later), 0.0)
    page = Page(re=command.id, room="General", events=old, head=2, first=1, last=2)
    protocol.receive(page, 0.0)
    assert isinstance(request.answer.value, Page)
    first, second = request.answer.value.events
    assert isinstance(first, Said)
    assert isinstance(second, Said)
    assert (first.text, first.rev, [one.emoji for one in first.reactions]) == ("hello", 4, ["👍"])
    assert second.redacted is not None


def test_changes_of_one_message_wait_for_each_other_and_hold_up_nothing_else() -> None:
    """One that is refused for the moment does not come behind a later one."""
    protocol = in_general(ModelServer())
    on, off = reaction(protocol, "👍"), reaction(protocol, "👍", on=False)
    other = reaction(protocol, "👍", target=7)
    text = protocol.send(Unsent(room="General", text="and", nonce="text"))
    first, elsewhere, said = protocol.commands(0.0)
    assert isinstance(first, ask.React)
    assert isinstance(said, ask.Say)
    protocol.receive(Refused.of(RateLimited("Wait.", retry_after=1.0), first.id), 0.0)
    protocol.receive(Ack(re=elsewhere.id, room="General", seq=2, at=0), 0.0)
    protocol.receive(Ack(re=said.id, room="General", seq=3, at=0), 0.0)
    assert (other.state, text.state, on.state) == (*[LineState.SAVED] * 2, LineState.WAITING)
    (again,) = protocol.commands(2.0)
    assert (again.target, again.on) == (1, True)  # type: ignore[attr-defined]
    protocol.receive(Ack(re=again.id, room="General", seq=4, at=0), 2.0)
    (last,) = protocol.commands(2.0)
    assert not last.on  # type: ignore[attr-defined]
    protocol.receive(Ack(re=last.id, room="General", seq=5, at=0), 2.0)
    assert off.state is LineState.SAVED


def test_slow_mode_holds_up_texts_and_no_changes() -> None:
    protocol = in_general(ModelServer(), Standing(slow=60, role=Role.MEMBER))
    protocol.send(Unsent(room="General", text="one", nonce="1"))
    (say,) = protocol.commands(0.0)
    protocol.receive(Refused.of(RateLimited("Slowly.", retry_after=60.0), say.id), 0.0)
    reaction(protocol, "👍")
    (react,) = protocol.commands(0.0)
    assert isinstance(react, ask.React)
    protocol.receive(Ack(re=react.id, room="General", seq=2, at=0), 0.0)
    assert protocol.commands(0.0) == []
    assert len(protocol.commands(61.0)) == 1


def test_a_text_that_was_taken_back_before_its_ack_came_is_not_said_again() -> None:
    """The server has forgotten the guest, and a moderator was quick."""
    protocol = in_general(ModelServer())
    line = protocol.send(Unsent(room="General", text="rude", nonce="rude"))
    protocol.commands(0.0)
    protocol.disconnected()
    welcome = Welcome(user="ada", token="new", server="x", log="l", limits=ModelServer().limits)
    protocol.connected(welcome, 0.0)
    (join,) = protocol.commands(0.0)
    protocol.receive(RoomJoined(re=join.id, room="General", users=[], head=3, after=1), 0.0)
    model = ModelServer()
    for text in ("hi", "rude"):
        model.say("General", "ada", text)
    model.change("General", Redacted(0, 0, "ben", 2))
    protocol.receive(Events(room="General", events=model.room("General").present[1:]), 0.0)
    assert line.state is LineState.SAVED
    assert protocol.commands(0.0) == []


def test_an_older_version_does_not_say_what_is_a_change() -> None:
    """It has no change, and asks for a text: so it refuses the file, instead of saying ""."""
    change = Change(does=Does.EDIT, target=1, text="new")
    kept = Resume(user="ada", unsent=[Unsent(room="General", nonce="n", change=change)])
    written = msgspec.json.encode(kept)
    assert b'"change":{"does":"edit","target":1,"text":"new"}' in written
    (unsent,) = msgspec.json.decode(written, type=Resume).unsent
    assert unsent.change == change
    assert "text" not in msgspec.json.decode(written)["unsent"][0]
