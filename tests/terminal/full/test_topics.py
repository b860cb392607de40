"""What a room is about: in the status line, in the timeline, and in the lists of rooms."""

from __future__ import annotations

from hubbub.client import RoomLost
from hubbub.domain.errors import NotInRoom
from hubbub.domain.events import Kicked, TopicSet
from tests.terminal.full.conftest import Client, Starts
from tests.terminal.full.fake import FakeServer


def set_topic(server: FakeServer, topic: str, room: str = "General") -> None:
    """Ben says what a room is about."""
    server.append(room, lambda seq, at: TopicSet(seq, at, "ben", topic))


def status(client: Client) -> str:
    """The line above the input."""
    (row,) = [row for row in client.rows() if row.endswith("F1 help")]
    return row.removesuffix("F1 help").strip()


async def test_a_topic_is_in_the_status_line_and_a_line_of_the_timeline(start: Starts) -> None:
    async with start() as client:
        await client.send("/topic")
        await client.sees("General has no topic. To set one, type /topic TEXT")
        await client.send("/topic Verse")
        await client.sees("ada has set the topic: Verse")
        await client.until(lambda: status(client) == "Verse")
        await client.send("/topic")
        await client.sees("The topic of General: Verse")
        await client.send("/topic -")
        await client.sees("ada has taken the topic away.")
        await client.until(lambda: status(client) == "")


async def test_who_comes_in_sees_the_topic_and_the_picker_has_those_of_other_rooms(
    start: Starts, server: FakeServer
) -> None:
    set_topic(server, "Verse")
    set_topic(server, "Leaves and water", "tea")
    async with start() as client:
        await client.until(lambda: status(client) == "Verse")
        await client.press("ctrl+k", *"tea")
        await client.sees("Leaves and water")


async def test_before_a_room_is_chosen_the_list_of_rooms_has_their_topics(
    start: Starts, server: FakeServer
) -> None:
    set_topic(server, "Verse")
    async with start(room=None) as client:
        await client.sees("Verse")


async def test_a_long_topic_leaves_room_on_a_small_screen(
    start: Starts, server: FakeServer
) -> None:
    async with start(size=(40, 20)) as client:
        set_topic(server, "Verse and prose " * 18)
        await client.until(lambda: status(client).startswith("Verse and prose"))
        assert len(status(client)) <= 20
        assert max(map(len, client.rows())) <= 40
        await client.send("hello")
        await client.sees("hello")


async def test_control_characters_of_a_topic_stay_out_of_the_screen(
    start: Starts, server: FakeServer
) -> None:
    async with start() as client:
        set_topic(server, "a\x1b[2Jb\u202ec")
        await client.until(lambda: status(client).startswith("a"))
        await client.send("/topic")
        await client.sees("The topic of General: a")
        assert not {"\x1b", "\u202e"} & set(client.screen())


async def test_that_somebody_was_put_out_is_a_line(start: Starts, server: FakeServer) -> None:
    async with start() as client:
        server.join("eve")
        server.append("General", lambda seq, at: Kicked(seq, at, "ben", "eve"))
        await client.sees("eve was put out of the room by ben.")
        assert "eve" not in client.room.members


async def test_who_is_put_out_is_told_and_stays_out(start: Starts, server: FakeServer) -> None:
    async with start(size=(140, 30)) as client:
        client.chat.inside.clear()
        client.chat.cursors.clear()
        client.chat.tell(RoomLost("General", NotInRoom("You were put out of General.")))
        await client.sees("You were put out of General.")
        server.vanish()
        server.come_back()
        await client.until(client.chat.updates.empty)
        assert not client.room.inside
        assert not client.chat.inside
