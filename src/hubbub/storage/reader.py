"""Reads of the log, in threads and on connections of their own: they never wait for the writer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError

from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.quotes import LOOKED_AT
from hubbub.hub.ports import Guest, MemberRecord, RoomRecord
from hubbub.storage.errors import unreadable
from hubbub.storage.quoting import Texts, with_quotes
from hubbub.storage.rows import SAID, event_of, name_of
from hubbub.storage.schema import events, guests, members, rooms
from hubbub.storage.trouble import OnError, Trouble

THREADS = 4  # as many pages as the hub reads at a time

P = ParamSpec("P")
R = TypeVar("R")

READ = (
    select(events.c.seq, events.c.at, events.c.kind, events.c.by, events.c.text, events.c.extra)
    .where(
        events.c.room_id
        == select(rooms.c.id).where(rooms.c.key == bindparam("room")).scalar_subquery(),
        events.c.seq > bindparam("after"),
        events.c.seq <= bindparam("upto"),
    )
    .order_by(events.c.seq)
)
QUOTED = select(events.c.seq, events.c.by, func.substr(events.c.text, 1, LOOKED_AT)).where(
    events.c.room_id
    == select(rooms.c.id).where(rooms.c.key == bindparam("room")).scalar_subquery(),
    events.c.seq.in_(bindparam("seqs", expanding=True)),
    events.c.kind == SAID,
)
ROOMS = select(rooms.c.name, rooms.c.key, rooms.c.head, rooms.c.at).order_by(rooms.c.id)
MEMBERS = (
    select(rooms.c.name, rooms.c.key, members.c.name, members.c.user_key, members.c.author)
    .join_from(members, rooms)
    .order_by(members.c.room_id, members.c.user_key)
)
GUESTS = select(guests.c.id, guests.c.name, guests.c.key, guests.c.token_hash).order_by(
    guests.c.key
)


class Reader:
    """The queries of a log. Each raises `LogUnavailable` when the database cannot be read.

    ``engine`` must have a connection for each of `THREADS`.
    """

    def __init__(self, engine: Engine, on_error: OnError) -> None:
        self._engine = engine
        self._trouble = Trouble(on_error)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hubbub-reader")
        self._closed = False

    async def read(self, room: str, after: int, upto: int) -> list[AnyEvent]:
        """See `hubbub.hub.ports.Log`; so for the others."""
        return await self._in_thread(self._read, room, after, upto)

    async def rooms(self) -> list[RoomRecord]:
        return await self._in_thread(self._rooms)

    async def members(self) -> list[MemberRecord]:
        return await self._in_thread(self._members)

    async def guests(self) -> list[Guest]:
        return await self._in_thread(self._guests)

    async def close(self) -> None:
        """Ends the reads that wait, waits for those under way, and closes the connections."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    async def _in_thread(self, query: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        def guarded() -> R:
            if self._closed:
                raise unreadable()
            return query(*args, **kwargs)

        if self._closed:
            raise unreadable()
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, guarded)
        except (SQLAlchemyError, OSError) as error:
            self._trouble.met(error)
            raise unreadable() from error
        self._trouble.ended()
        return found

    def _read(self, room: str, after: int, upto: int) -> list[AnyEvent]:
        with self._engine.connect() as connection:
            found = connection.execute(READ, {"room": room, "after": after, "upto": upto})

            def quoted(seqs: Sequence[int]) -> Texts:
                rows = connection.execute(QUOTED, {"room": room, "seqs": seqs})
                return [(seq, by, text) for seq, by, text in rows]

            return with_quotes([event_of(*row) for row in found], quoted)

    def _rooms(self) -> list[RoomRecord]:
        with self._engine.connect() as connection:
            return [
                RoomRecord(name_of(RoomName, name, key), head, at)
                for name, key, head, at in connection.execute(ROOMS)
            ]

    def _members(self) -> list[MemberRecord]:
        with self._engine.connect() as connection:
            return [
                MemberRecord(
                    name_of(RoomName, room, room_key), name_of(UserName, user, key), author
                )
                for room, room_key, user, key, author in connection.execute(MEMBERS)
            ]

    def _guests(self) -> list[Guest]:
        with self._engine.connect() as connection:
            return [
                Guest(id, name_of(UserName, name, key), token_hash)
                for id, name, key, token_hash in connection.execute(GUESTS)
            ]
