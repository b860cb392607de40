"""Rooms that are renamed, private or slow, direct conversations, and being put out, on a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from hubbub.client import (
    Action,
    Chat,
    Entered,
    Forbidden,
    Happened,
    Held,
    Invited,
    NeedPassword,
    NoSuchRoom,
    NotAllowed,
    NotInRoom,
    Resume,
    Role,
    RoomAccess,
    RoomInfo,
    RoomLost,
    RoomMoved,
    Said,
    StandingChanged,
    Unsent,
    connect,
)
from hubbub.domain.events import Kicked
from tests.client.taking import hear, take, texts
from tests.process import ServerProcess

SECRET = "correct horse battery"
DOOR = "open sesame please"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "0") as process:
        yield process


def where(process: ServerProcess) -> str:
    return f"127.0.0.1:{process.port}"


@asynccontextmanager
async def account(process: ServerProcess, user: str) -> AsyncIterator[Chat]:
    async with connect(where(process), user=user) as chat:
        await chat.account.register(SECRET)
        yield chat


def with_line(resume: Resume, room: str, text: str) -> Resume:
    """As the next run reads it, with a line that was written while there was no connection."""
    unsent = [Unsent(room=room, text=text, nonce=f"nonce of {text}")]
    resume = msgspec.structs.replace(resume, unsent=unsent)
    return msgspec.json.decode(msgspec.json.encode(resume), type=Resume)


async def test_a_room_that_is_renamed_keeps_cursor_queue_and_marker(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, connect(where(process), user="ben") as ben:
        await ada.join("Lab")
        await ben.join("Lab")
        first = await ada.say("Lab", "first")
        await hear(ben, "first")
        ben.read("Lab", first.seq)
        await ada.moderation.rename_room("Lab", "Cellar")
        assert await take(ben, RoomMoved) == RoomMoved("Lab", "Cellar")
        assert ben.is_in("Cellar")
        assert ben.is_in("Lab")
        await ben.say("Lab", "by its former name")
        assert (await hear(ben, "by its former name")).room == "Cellar"
        kept = ben.resume()
        assert list(kept.cursors) == ["Cellar"]
        assert list(kept.marks) == ["Cellar"]
        entered = await ben.join("lab")
        assert entered.room == "Cellar"
        assert not ben.is_in("lab of others")


async def test_a_room_that_was_renamed_while_one_was_away_is_found_and_a_line_arrives_there_once(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada:
        await ada.join("Lab")
        async with account(process, "ben") as ben:
            await ben.join("Lab")
            await ada.say("Lab", "first")
            await hear(ben, "first")
            kept = with_line(ben.resume(), "Lab", "later")
        await ada.moderation.rename_room("Lab", "Cellar")
        await ada.say("Cellar", "second")
        async with connect(where(process), resume=kept) as ben:
            assert await take(ben, RoomMoved) == RoomMoved("Lab", "Cellar")
            assert (await hear(ben, "second")).room == "Cellar"
            await ben.drain()
            assert list(ben.resume().cursors) == ["Cellar"]
        async with connect(where(process), resume=kept) as ben:  # as if it had been killed
            await ben.drain()
        assert await texts(ada, "Cellar") == ["first", "second", "later"]


async def test_who_is_in_a_room_and_enters_it_by_a_former_name_is_in_it_once(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, connect(where(process), user="ben") as ben:
        await ada.join("Lab")
        await ada.moderation.rename_room("Lab", "Cellar")
        await ben.join("Cellar")
        line = ben.send("Cellar", "one")
        entered = await ben.join("Lab")
        assert entered.room == "Cellar"
        await line.saved()
        await ben.say("Lab", "two")
        assert list(ben.resume().cursors) == ["Cellar"]
        assert await texts(ada, "Cellar") == ["one", "two"]
        await ada.leave("Cellar")
        # Somebody makes another room of the former name.
        await ada.moderation.rename_room("Cellar", "Attic")
        await take(ben, RoomMoved)


async def test_a_private_room_is_entered_by_invitation_and_left_without_a_trace(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, account(process, "ben") as ben:
        await ada.join("Club")
        await ada.moderation.set_rules("Club", access=RoomAccess.MEMBERS)
        with pytest.raises(NoSuchRoom):
            await ben.join("Club")
        await ada.moderation.invite("Club", "ben")
        assert await take(ben, Invited) == Invited("Club", "ada")
        entered = await ben.join("Club")
        assert entered.standing.access is RoomAccess.MEMBERS
        assert not ben.may(Action.KICK, "Club")
        assert ada.may(Action.KICK, "Club", to="ben")
        await ada.say("Club", "secret")
        await hear(ben, "secret")
        await ada.moderation.kick("Club", "ben", reason="noise")
        lost = await take(ben, RoomLost)
        assert lost.forget
        assert isinstance(lost.error, NotInRoom)
        with pytest.raises(NotInRoom):
            ben.send("Club", "hm")


async def test_a_room_that_one_was_put_out_of_while_away_refuses_what_waits_and_is_forgotten(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada:
        await ada.join("Club")
        await ada.moderation.set_rules("Club", access=RoomAccess.MEMBERS)
        async with account(process, "ben") as ben:
            await ada.moderation.invite("Club", "ben")
            await ben.join("Club")
            await ben.join("Kitchen")
            kept = with_line(ben.resume(), "Club", "late")
            kept = msgspec.structs.replace(
                kept, unsent=[*kept.unsent, Unsent(room="Kitchen", text="tea", nonce="tea")]
            )
        await ada.moderation.kick("Club", "ben")
        async with connect(where(process), resume=kept) as ben:
            late, tea = ben.unsent
            lost = await take(ben, RoomLost)
            assert (lost.room, lost.forget) == ("Club", True)
            await tea.saved()
            assert isinstance(late.error, NoSuchRoom)
            assert "Club" not in ben.resume().cursors
        assert await texts(ada, "Club") == []


async def test_who_is_banned_from_a_room_hears_why(process: ServerProcess) -> None:
    async with account(process, "ada") as ada, connect(where(process), user="ben") as ben:
        await ada.join("Lab")
        await ben.join("Lab")
        await ada.moderation.ban("Lab", "ben", seconds=3600, reason="spam")
        lost = await take(ben, RoomLost)
        assert "Lab" in lost.error.message
        with pytest.raises(Forbidden, match="spam"):
            await ben.join("Lab")
        bans = await ada.moderation.bans("Lab")
        assert [ban.user for ban in bans.bans] == ["ben"]
        await ada.moderation.unban("Lab", "ben")
        await ben.join("Lab")
        page = await ada.moderation.audit("Lab")
        assert [event.by for event in page.events][-2:] == ["ada", "ada"]


async def test_a_room_that_asks_for_a_password_is_entered_with_it_once(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, account(process, "ben") as ben:
        await ada.join("Vault")
        await ada.moderation.set_rules("Vault", access=RoomAccess.LOCKED, password=DOOR)
        with pytest.raises(NeedPassword, match="asks for a password"):
            await ben.join("Vault")
        await ben.join("Vault", password=DOOR)
        kept = ben.resume()
        await ben.leave("Vault")
        del kept


async def test_what_one_may_do_changes_while_one_is_there(process: ServerProcess) -> None:
    async with account(process, "ada") as ada, account(process, "ben") as ben:
        await ada.join("Lab")
        await ben.join("Lab")
        assert not ben.may(Action.RULES, "Lab")
        await ada.moderation.give_role("Lab", "ben", Role.MODERATOR)
        assert (await take(ben, StandingChanged)).standing.role is Role.MODERATOR
        assert ben.may(Action.KICK, "Lab")
        assert not ben.may(Action.KICK, "Lab", to="ada")
        refusal = ben.why_not(Action.RULES, "Lab")
        assert refusal is not None
        with pytest.raises(NotAllowed):
            await ben.moderation.set_rules("Lab", archived=True)
        await ada.moderation.give_role("Lab", "ben", Role.MEMBER)
        await ada.moderation.mute("Lab", "ben")
        while not (await take(ben, StandingChanged)).standing.muted:
            pass
        with pytest.raises(NotAllowed):
            await ben.say("Lab", "mm")
        await ada.moderation.unmute("Lab", "ben")
        await ada.moderation.set_rules("Lab", archived=True)
        while not (await take(ben, StandingChanged)).standing.archived:
            pass
        assert not ben.may(Action.SPEAK, "Lab")
        with pytest.raises(NotAllowed, match="closed"):
            await ben.say("Lab", "too late")
        assert await texts(ben, "Lab") == []


async def test_who_takes_another_name_keeps_their_role_in_what_others_know(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, connect(where(process), user="ben") as ben:
        await ada.join("Lab")
        await ben.join("Lab")
        assert ben.standing("Lab").roles == {"ada": Role.OWNER}
        await ada.account.rename("Lovelace")
        await ada.say("Lab", "hi")
        await hear(ben, "hi")
        assert ben.standing("Lab").roles == {"Lovelace": Role.OWNER}


async def test_in_slow_mode_texts_wait_keep_their_order_and_hold_up_no_other_room(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, connect(where(process), user="ben") as ben:
        for room in ("Lab", "Kitchen"):
            await ada.join(room)
            await ben.join(room)
        await ada.moderation.set_rules("Lab", slow=1)
        await take(ben, StandingChanged)
        lines = [ben.send("Lab", str(number)) for number in range(3)]
        held = await take(ben, Held)
        assert held.room == "Lab"
        assert "slow mode" in held.reason
        await ben.say("Kitchen", "elsewhere")
        assert lines[2].ack is None
        for line in lines:
            await line.saved()
        assert await texts(ben, "Lab") == ["0", "1", "2"]
        assert await texts(ben, "Kitchen") == ["elsewhere"]


async def test_a_direct_conversation_is_there_as_soon_as_something_is_said_in_it(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, account(process, "ben") as ben:
        found = await ada.direct("ben")
        assert ada.people(found.room) == ["ben"]
        await ada.say(found.room, "psst")
        entered = await take(ben, Entered)
        assert entered.room == found.room
        assert list(entered.standing.people) == ["ada"]
        assert (entered.unread, entered.mentions) == (1, 1)
        heard = await hear(ben, "psst")
        assert not heard.history
        assert ben.people(found.room) == ["ada"]
        assert (await ben.direct("ada")).room == found.room
        await ben.say(found.room, "yes?")
        await hear(ada, "yes?")
        info = _of(await ben.rooms(), found.room)
        assert (list(info.people), info.access) == (["ada"], RoomAccess.DIRECT)
        assert info.mentions == info.unread
        async with connect(where(process), user="eve") as eve:
            assert found.room not in [room.name for room in await eve.rooms()]


async def test_what_was_said_in_direct_conversations_while_one_was_away_comes_at_the_start(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada:
        async with account(process, "ben") as ben:
            kept = ben.resume()
        found = await ada.direct("ben")
        await ada.say(found.room, "are you there?")
        process.restart()
        for restored in (kept, msgspec.structs.replace(kept, log=None)):
            async with connect(where(process), resume=restored) as ben:
                heard = await hear(ben, "are you there?")
                assert not heard.history
                assert heard.room == found.room
        async with connect(where(process), resume=kept, directs=False) as script:
            await script.ping()
            assert not script.is_in(found.room)
            await script.join("Kitchen")
        async with connect(where(process), resume=kept) as ben:
            last = await hear(ben, "are you there?")
            ben.read(found.room, last.event.seq)
            await ben.ping()
        async with connect(where(process), resume=kept) as ben:
            await ben.rooms()
            assert not ben.is_in(found.room), "there is nothing new in it"


async def test_what_is_done_to_somebody_is_an_event_for_those_who_stay_and_is_done_once(
    process: ServerProcess,
) -> None:
    async with account(process, "ada") as ada, connect(where(process), user="ben") as ben:
        await ada.join("Lab")
        await ben.join("Lab")
        first = await ada.moderation.mute("Lab", "ben", nonce="once")
        assert (await ada.moderation.mute("Lab", "ben", nonce="once")).seq == first.seq
        await ada.moderation.kick("Lab", "ben")
        seen = await _kick(ada)
        assert seen.user == "ben"
        assert not (await take(ben, RoomLost)).forget, "everybody may read that room"


async def _kick(chat: Chat) -> Kicked:
    while True:
        event = (await take(chat, Happened)).event
        assert not isinstance(event, Said)
        if isinstance(event, Kicked):
            return event


def _of(rooms: object, name: str) -> RoomInfo:
    assert isinstance(rooms, list | tuple)
    (info,) = [room for room in rooms if room.name == name]
    assert isinstance(info, RoomInfo)
    return info
