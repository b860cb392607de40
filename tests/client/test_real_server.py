"""The library against the real server, in a process of its own that is killed now and then."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubbub.client import Chat, Happened, Held, Left, NameRefused, RoomReset, Said, connect
from hubbub.domain.errors import NameTaken, NoSuchRoom, RoomHasTexts
from hubbub.domain.events import TopicSet
from tests.process import ServerProcess

PEOPLE = ("ada", "ben", "eve")


@pytest.fixture
def process(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "data", "--rate-limit", "200") as process:
        yield process


def where(process: ServerProcess) -> str:
    return f"127.0.0.1:{process.port}"


async def see(chat: Chat, count: int) -> list[tuple[int, str, str]]:
    """Takes updates until so many texts were said: their seq, who, and what."""
    said: list[tuple[int, str, str]] = []
    seqs: list[int] = []
    async for update in chat:
        assert not isinstance(update, RoomReset | NameRefused | Held), update
        if isinstance(update, Happened):
            seqs.append(update.event.seq)
            if isinstance(update.event, Said):
                said.append((update.event.seq, update.event.by, update.event.text))
                if len(said) == count:
                    break
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), "twice, or missing"
    return said


async def test_two_people_talk(process: ServerProcess) -> None:
    async with connect(where(process), user="ada") as ada:
        with pytest.raises(NameTaken) as refused:
            async with connect(where(process), user="ADA"):
                raise AssertionError("never")
        assert refused.value.suggestion
        async with connect(where(process), user="ben") as ben:
            await ada.join("tea")
            entered = await ben.join("Tea")
            assert (entered.room, entered.users) == ("tea", ("ada", "ben"))
            ack = await ada.say("tea", "hello ben")
            assert await see(ben, 1) == [(ack.seq, "ada", "hello ben")]
            await ben.say("tea", "hello ada", reply_to=ack.seq)
            assert [text for _, _, text in await see(ada, 2)] == ["hello ben", "hello ada"]
            assert await ben.who("tea") == ["ada", "ben"]
            await ben.leave("tea")
            left = await anext(ada)
            assert isinstance(left, Happened)
            assert isinstance(left.event, Left)
            assert ada.members("tea") == ["ada"]
        page = await ada.history("tea", after=ack.seq, limit=1)
        assert [event.seq for event in page.events] == [ack.seq + 1]
    # The name is free at once.
    async with connect(where(process), user="ada"):
        pass


async def test_a_text_is_said_from_outside_and_a_room_made_by_mistake_is_deleted(
    process: ServerProcess,
) -> None:
    async with (
        connect(where(process), user="ada") as ada,
        connect(where(process), user="build") as build,
    ):
        await ada.join("tea")
        ack = await build.say("tea", "all is green", outside=True)
        assert await see(ada, 1) == [(ack.seq, "build", "all is green")]
        assert ada.members("tea") == ["ada"]
        assert (await build.join("taa")).new
        with pytest.raises(RoomHasTexts):
            await build.delete("tea")
        await build.delete("taa")
        assert not build.is_in("taa")
        with pytest.raises(NoSuchRoom):
            await build.who("taa")
        assert [room.name for room in await ada.rooms()] == ["tea", "General"]


async def test_a_topic_is_set_once_for_each_nonce_and_known_to_all(process: ServerProcess) -> None:
    async with connect(where(process), user="ada") as ada:
        await ada.join("tea")
        assert ada.topic("tea") == ""
        first = await ada.set_topic("tea", " Verse ", nonce="n")
        again = await ada.set_topic("tea", " Verse ", nonce="n")
        assert (first.seq, first.nonce) == (again.seq, again.nonce)
        await ada.ping()
        assert ada.topic("tea") == "Verse"
        page = await ada.timeline("tea", after=0)
        assert [event for event in page.events if isinstance(event, TopicSet)] == page.events[1:]
        async with connect(where(process), user="ben") as ben:
            assert (await ben.join("tea")).topic == ben.topic("tea") == "Verse"
            assert [room.topic for room in await ben.rooms("tea")] == ["Verse"]
            await ben.set_topic("tea", "")
        await ada.ping()
        assert ada.topic("tea") == ""


async def test_a_steady_stream_of_lines_is_never_refused(process: ServerProcess) -> None:
    said = [str(number) for number in range(400)]
    async with connect(where(process), user="ada") as ada:
        await ada.join("General")
        for text in said:
            ada.send("General", text)
        assert [text for _, _, text in await see(ada, len(said))] == said


async def test_killing_the_server_again_and_again_loses_and_repeats_nothing(
    process: ServerProcess,
) -> None:
    """Three talk while the server is killed; each sees all, once, and all see the same."""
    rounds, lines = 4, 25

    async def talk(name: str, ready: asyncio.Barrier) -> list[tuple[int, str, str]]:
        async with connect(where(process), user=name) as chat:
            await chat.join("General")
            await ready.wait()
            for number in range(rounds):
                for line in range(lines):
                    chat.send("General", f"{name} {number} {line}")
                await ready.wait()  # the server is killed now
            everything = await see(chat, len(PEOPLE) * rounds * lines)
            await ready.wait()
            return everything

    ready = asyncio.Barrier(len(PEOPLE) + 1)
    async with asyncio.TaskGroup() as tasks:
        talks = [tasks.create_task(talk(name, ready)) for name in PEOPLE]
        await ready.wait()
        for _ in range(rounds):
            await ready.wait()
            await asyncio.to_thread(process.restart)
        await ready.wait()
    views = [task.result() for task in talks]
    assert views[0] == views[1] == views[2]
    for name in PEOPLE:
        expected = [f"{name} {number} {line}" for number in range(rounds) for line in range(lines)]
        assert [text for _, by, text in views[0] if by == name] == expected


async def test_a_long_absence_is_caught_up_by_a_program_that_takes_its_time(
    process: ServerProcess,
) -> None:
    """More events than wait in the inbox; an answer is awaited between any two of the first."""
    count = 3000
    async with connect(where(process), user="ada") as ada:
        await ada.join("General")
        kept = ada.resume()
        await asyncio.gather(*(flood(process, name, count // 2) for name in ("ben", "eve")))
        seen: list[int] = []
        async with connect(where(process), resume=kept) as again:
            async for update in again:
                if isinstance(update, Happened) and isinstance(update.event, Said):
                    seen.append(update.event.seq)
                    if len(seen) % 500 == 1:
                        await again.ping()
                    if len(seen) == count:
                        break
    assert len(set(seen)) == count
    assert seen == sorted(seen)


async def flood(process: ServerProcess, name: str, count: int) -> None:
    """Says so many lines on connections of their own, each within the burst of a new session."""
    for start in range(0, count, 150):
        async with connect(where(process), user=f"{name}{start}") as chat:
            await chat.join("General")
            for number in range(start, min(count, start + 150)):
                chat.send("General", f"{name} {number}")
            await chat.drain()
