"""The drill: a backup under load, kill -9, a restore elsewhere, and the people come back."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from hubbub.client import Chat, Happened, Resume, RoomReset, Said, connect
from hubbub.storage.backup import Manifest, backups, restore, verify
from hubbub.storage.backup.loghash import log_of
from hubbub.storage.log import DATABASE
from tests.patience import PATIENCE_SECONDS
from tests.process import ServerProcess

ROOMS = {"ada": "General", "ben": "General", "eve": "Kitchen"}
TEXTS = 20  # of each before and after


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(
        tmp_path / "data",
        *("--rate-limit", "0", "--backup-to", str(tmp_path / "place")),
        environment={"BACKUP_DUE": str(tmp_path / "due")},
        module="tests.faults.eager_server",
    ) as process:
        yield process


class Talker:
    """Somebody who talks all the time."""

    def __init__(self, name: str, chat: Chat) -> None:
        self.name = name
        self.chat = chat
        self.room = ROOMS[name]
        self.acked: dict[int, str] = {}
        self._more = asyncio.Condition()

    async def talk(self) -> None:
        await self.chat.join(self.room)
        while True:
            text = f"{self.name} {len(self.acked)}"
            self.acked[(await self.chat.say(self.room, text)).seq] = text
            async with self._more:
                self._more.notify_all()

    async def listen(self) -> None:
        async for _ in self.chat:
            pass

    async def says(self, more: int) -> None:
        """Returns when so many more are saved."""
        upto = len(self.acked) + more
        async with self._more:
            await self._more.wait_for(lambda: len(self.acked) >= upto)


@asynccontextmanager
async def talking(address: str) -> AsyncIterator[dict[str, Talker]]:
    async with (
        connect(address, user="ada") as ada,
        connect(address, user="ben") as ben,
        connect(address, user="eve") as eve,
    ):
        people = {
            name: Talker(name, chat) for name, chat in zip(ROOMS, (ada, ben, eve), strict=True)
        }
        tasks = [
            asyncio.create_task(work())
            for one in people.values()
            for work in (one.talk, one.listen)
        ]
        yield people
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def shown(chat: Chat, upto: int, room: str = "General") -> list[str]:
    """What the chat tells of a room up to that event: texts, and whether it begins anew."""
    told: list[str] = []
    async for update in chat:
        match update:
            case RoomReset(room=where) if where == room:
                told.append("reset")
            case Happened(room=where, event=event) if where == room:
                if isinstance(event, Said):
                    told.append(event.text)
                if event.seq >= upto:
                    return told
    raise AssertionError("it ended")


def in_lines(address: tuple[str, int], name: str) -> str:
    """What somebody with netcat is shown who looks in."""
    with socket.create_connection(address, PATIENCE_SECONDS) as connection:
        connection.sendall(f"{name}\nGeneral\n/quit\n".encode())
        with connection.makefile("rb") as shown:
            return shown.read().decode()


def compare(data: Path, manifest: Manifest) -> None:
    """The hash over each log of the server that was killed, as far as the backup goes."""
    with closing(sqlite3.connect(data / DATABASE)) as original:
        for room in manifest.rooms:
            assert log_of(original, room.id, room.head, lambda: None) == room.sha256
            (head,) = original.execute(
                "SELECT max(seq) FROM events WHERE room_id = ?", (room.id,)
            ).fetchone()
            assert head >= room.head


async def test_a_backup_under_load_is_restored_and_everybody_comes_back(
    server: ServerProcess, tmp_path: Path
) -> None:
    address = f"127.0.0.1:{server.port}"
    kept: dict[str, Resume] = {}
    async with asyncio.timeout(PATIENCE_SECONDS * 3), talking(address) as people:
        await asyncio.gather(*(one.says(TEXTS) for one in people.values()))
        early = await connect_and_leave(address, "fay")
        before = {name: max(one.acked) for name, one in people.items()}
        (tmp_path / "due").write_text("")
        await asyncio.to_thread(server.tells, "A backup was made")
        after = {name: max(one.acked) for name, one in people.items()}
        late = await connect_and_leave(address, "gus")
        await asyncio.gather(*(one.says(TEXTS) for one in people.values()))
        server.kill()
        texts = {
            seq: text
            for one in people.values()
            if one.room == "General"
            for seq, text in one.acked.items()
        }
        for name, one in people.items():
            kept[name] = one.chat.resume()
            await one.chat.close(patience=0)

    (stored,) = await backups(str(tmp_path / "place"))
    manifest = (await verify(stored.where)).manifest
    compare(server.data, manifest)
    heads = sorted(room.head for room in manifest.rooms)
    general = heads[-1]
    assert max(before["ada"], before["ben"]) <= general <= max(after["ada"], after["ben"]) + 20
    assert before["eve"] <= heads[-2]

    restored = await restore(stored.where, tmp_path / "elsewhere")
    assert restored.manifest == manifest
    server.data = restored.folder
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(PATIENCE_SECONDS * 3):
        async with connect(address, resume=early) as fay:
            told = await shown(fay, general)
            seen = early.cursors["General"]
            missed = [texts[seq] for seq in sorted(texts) if seen < seq <= general]
            assert told == missed, "who has seen no more than the backup has goes on behind that"
        for name in ("ada", "gus"):
            mine = kept.get(name, late)
            assert mine.cursors["General"] > general
            async with connect(address, resume=mine) as chat:
                told = await shown(chat, general)
            assert told[0] == "reset", "who has seen more begins the room anew"
        page = await history(address, general)
        assert {seq: page[seq] for seq in texts if seq <= general} == {
            seq: text for seq, text in texts.items() if seq <= general
        }
    told_in_lines = await asyncio.to_thread(in_lines, server.address, "hal")
    last = max(seq for seq in texts if seq <= general)
    assert texts[last] in told_in_lines
    assert texts[max(texts)] not in told_in_lines
    assert server.stop() == 0


async def connect_and_leave(address: str, name: str) -> Resume:
    """Somebody who sees the room up to now, and is away then."""
    async with connect(address, user=name) as chat:
        await chat.join("General")
        async for update in chat:
            if isinstance(update, Happened) and update.event.by == name:
                break
        return chat.resume()


async def history(address: str, upto: int) -> dict[int, str]:
    """All texts of the room."""
    found: dict[int, str] = {}
    async with connect(address, user="ivy") as chat:
        await chat.join("General")
        after = 0
        while after < upto:
            page = await chat.history("General", after=after, limit=100)
            for event in page.events:
                after = event.seq
                if isinstance(event, Said):
                    found[event.seq] = event.text
    return found
