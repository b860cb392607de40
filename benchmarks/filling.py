"""Makes databases with a long past, to start with and to join."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from hubbub.domain.events import UNSEQUENCED, Joined, Said
from hubbub.domain.ids import user_id
from hubbub.domain.names import RoomName, UserName
from hubbub.hub.ports import Draft, Entry, Guest, KeepGuest, Settled
from hubbub.storage.log import SqlLog

ROOM = "General"
TEXT = "x" * 100
WAITING = 4000  # entries that are given to the log ahead
FIRST_AT = 1_690_729_200_000  # 2023-07-30, in milliseconds


async def fill(folder: Path, length: int) -> None:
    """Makes a database with one room of ``length`` messages."""
    await save(folder, _texts([RoomName.parse(ROOM)], length))


async def fill_rooms(folder: Path, rooms: int, length: int, members: int) -> None:
    """Makes a database with ``rooms``, of ``length`` messages in all, each with ``members``.

    These are guests who can come back, so that a start leaves them in their rooms for a moment.
    """

    def entries() -> Iterator[Entry]:
        guests = [
            Guest(user_id(number), UserName.parse(f"guest{number}"), bytes(32))
            for number in range(1, rooms + 1)
        ]
        yield from map(KeepGuest, guests)
        for place, room in enumerate(names):
            for guest in (guests[(place + member) % rooms] for member in range(members)):
                yield Draft(room, Joined(UNSEQUENCED, FIRST_AT, guest.name, by_id=guest.id))
        yield from _texts(names, length)

    names = [RoomName.parse(f"room{number}") for number in range(rooms)]
    await save(folder, entries())


def _texts(rooms: Sequence[RoomName], length: int) -> Iterator[Entry]:
    """``length`` messages, by turns in each of ``rooms``."""
    ada = UserName.parse("ada")
    for number in range(length):
        said = Said(UNSEQUENCED, FIRST_AT + number, ada, TEXT)
        yield Draft(rooms[number % len(rooms)], said)


async def save(folder: Path, entries: Iterator[Entry]) -> None:
    log = await SqlLog.open(folder, durability="process")
    saved = 0
    progress = asyncio.Event()

    def settled(outcomes: Sequence[Settled]) -> None:
        nonlocal saved
        saved += len(outcomes)
        progress.set()

    log.listen(settled)
    for number, entry in enumerate(entries):
        log.append(entry)
        while number - saved >= WAITING:
            progress.clear()
            await progress.wait()
    await log.close()
