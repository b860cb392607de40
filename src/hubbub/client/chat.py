"""A chat as a program sees it: rooms to join, lines to say, updates to take."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from hubbub.client.address import Address
from hubbub.client.backoff import Backoff
from hubbub.client.connection import Connection
from hubbub.client.errors import ChatClosed, ChatFailed
from hubbub.client.inbox import Inbox
from hubbub.client.line import Line, Unsent
from hubbub.client.me import Me
from hubbub.client.protocol import Protocol
from hubbub.client.resume import Mark, Resume
from hubbub.client.rooms import room_key
from hubbub.client.sendqueue import MAX_UNSENT
from hubbub.client.session import Session
from hubbub.client.statefile import StateFile
from hubbub.client.taken import Taken
from hubbub.client.updates import Entered, Update
from hubbub.domain import commands as ask
from hubbub.domain.commands import MAX_NONCE_CHARS, MAX_ROOMS_LISTED
from hubbub.domain.errors import AlreadyNamed, BadMessage, ChatError, NeedName
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import (
    Ack,
    Found,
    Limits,
    Members,
    Page,
    Pong,
    Reply,
    RoomDeleted,
    RoomInfo,
    RoomList,
)

SAVE_SECONDS = 5.0  # for lines that wait when a chat is closed
BYE_SECONDS = 0.8  # for the server's goodbye; what was said before is on its way in any case

R = TypeVar("R", bound=Reply)


class Chat:
    """One user's chat with one server. Made by `connect`; to be used from one event loop.

    What it awaits goes on over lost connections: a call returns when it is done, however often the
    connection is lost meanwhile. `asyncio.timeout` limits it. Refusals are raised as the
    `ChatError` of their code. Iterating gives all updates, once and in order; there is one reader.
    A call from another event loop, or another thread, raises `RuntimeError`.
    """

    def __init__(
        self,
        address: Address,
        *,
        resume: Resume | None = None,
        state: Path | None = None,
        persistent: bool = False,
        max_unsent: int = MAX_UNSENT,
        clock: Callable[[], float] | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        """Use `connect`. ``clock`` gives seconds that never go back: the event loop's, if None.

        ``state`` is the file that ``resume`` comes from.
        """
        self._loop = asyncio.get_running_loop()
        clock = clock or self._loop.time
        self.address = address
        self._protocol = Protocol(resume, max_unsent=max_unsent)
        self._inbox = Inbox(clock, self._catch_up)
        self._session = Session(
            address,
            self._protocol,
            self._inbox,
            backoff=backoff or Backoff(),
            clock=clock,
            persistent=persistent,
        )
        self._taken = Taken(resume)
        self._persistent = persistent
        self._state: StateFile | None = None
        if state is not None:
            later = self._loop.call_later
            self._state = StateFile(state, resume or Resume(), self._protocol, later)
            self._session.welcomed = self._state.save
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._failure: ChatFailed | None = None

    # What is known

    @property
    def user(self) -> str | None:
        """Our name as the server writes it; None before the first `hello`."""
        return self._protocol.user

    @property
    def me(self) -> Me:
        """Who we are: ``chat.me.did(event)`` tells whether an event is our own."""
        return self._protocol.me

    @property
    def online(self) -> bool:
        """Whether the server can be talked to now."""
        return self._protocol.online

    @property
    def closed(self) -> bool:
        """Whether the chat is over."""
        return self._closed

    @property
    def limits(self) -> Limits | None:
        """The server's limits, once it was met."""
        return self._protocol.limits

    @property
    def unsent(self) -> Sequence[Line]:
        """The lines that are not saved yet, in order; when the chat is closed, those that are not
        saved by then.
        """
        return list(self._protocol.queue)

    def members(self, room: str) -> list[str]:
        """Who is in a room that we are in, as far as we know now; in alphabetical order."""
        known = self._protocol.rooms.get(room)
        members = known.state.members.values() if known else ()
        return sorted((member.name for member in members), key=str.casefold)

    def is_in(self, room: str) -> bool:
        """Whether we are in a room, or want to be on every connection."""
        return self._protocol.rooms.get(room) is not None

    def resume(self) -> Resume:
        """What to keep, so that the next run of the program goes on here.

        Its cursors say what was *taken* from this chat: what waited untaken comes again.
        """
        return self._taken.resume(self._protocol.resume(), self._protocol.rooms.by_key)

    # What one can do

    async def hello(self, user: str) -> str:
        """Says who we are, when `connect` was not told or when the name was refused.

        Returns the name as the server writes it. Raises `InvalidName` and `NameTaken`, with a
        suggestion; then another name may be tried. Raises `Unreachable` when the server is gone
        before it has met us.
        """
        self._check_loop()
        if self.online:
            raise AlreadyNamed(f"You are {self.user} already.")
        self._check_open()
        return await self._session.introduce(UserName.parse(user)).wait()

    async def formerly(self, user: str, token: str) -> None:
        """Says by which other name we were here until now, before we enter its rooms.

        Others are told of a new name then. ``token`` proves that it was ours. Servers that know
        nothing of it are not asked. Raises `InvalidName` for a name that nobody can have had.
        """
        command = ask.Formerly(user=UserName.parse(user), token=token)
        self._check_named()
        if self._protocol.renames:
            pong = await self._ask(command, Pong)
            if pong.user_id is not None:
                self._protocol.known_as(Me(self.user, pong.user_id))

    async def rooms(self, query: str | None = None) -> Sequence[RoomInfo]:
        """The rooms whose names have all words of ``query``, those with the most users first.

        500 at most, and those where we were before: `list_rooms` tells whether there are more.
        """
        return (await self.list_rooms(query)).rooms

    async def list_rooms(
        self, query: str | None = None, *, after: str | None = None, limit: int = MAX_ROOMS_LISTED
    ) -> RoomList:
        """A page of the rooms whose names have all words of ``query``.

        ``after`` is the ``next`` of the page before; a page without ``next`` is the last one. There
        may be few rooms in one, or none, and yet more to come. ``total`` counts all rooms, whatever
        the query. The first page without a query ends with the rooms where we were before, however
        few it has; they come again in their places. Raises `BadMessage` for a query of more than
        100 characters, an ``after`` that was no ``next``, and a ``limit`` that is not 1 to 500.
        """
        return await self._ask(ask.Rooms(query=query, after=after, limit=limit), RoomList)

    async def join(
        self, room: str, *, after: int | None = None, after_at: int | None = None
    ) -> Entered:
        """Enters a room, making it if need be; stays in it over lost connections.

        The room's history comes as updates: the last events, or all behind the cursor ``after``.
        ``after_at`` is the time of that event (`Event.at`), if it is known: where the server has
        another event in its place, `RoomReset` says so, and the room begins afresh. In a room that
        we are in already nothing changes, and ``after`` is not looked at. Giving up waiting does
        not take the wish back; `leave` does.

        Raises `InvalidName`, `TooManyRooms` and other refusals; `NeedName` before `hello`.
        """
        self._check_named()
        known = self._protocol.rooms.get(room)
        if known is not None and known.leaving is not None:
            await self.leave(room)
        pending = self._protocol.join(room, after, after_at)
        self._session.wake()
        try:
            entered = await pending.wait()
        finally:
            if not pending.done:
                self._protocol.wait_no_more(room, pending)
        self._taken.note(entered)
        return entered

    async def leave(self, room: str) -> None:
        """Leaves a room, after what was said there is saved."""
        self._check_open()
        left = self._protocol.leave(room)
        self._session.wake()
        await left.wait()

    async def delete(self, room: str) -> None:
        """Deletes a room in which nothing was ever said; we leave it so, on all connections.

        Raises `NoSuchRoom`, `RoomHasTexts`, `RoomInUse` when somebody else is in it, and
        `RoomStays` for the one with which the server begins.
        """
        await self._ask(ask.Delete(room=RoomName.parse(room)), RoomDeleted)

    async def say(
        self,
        room: str,
        text: str,
        *,
        reply_to: int | None = None,
        outside: bool = False,
        nonce: str | None = None,
    ) -> Ack:
        """Says something and waits until it is saved, which the ack tells.

        Giving up waiting does not unsay it. Raises what `send` raises, and the server's refusal.
        """
        line = self.send(room, text, reply_to=reply_to, outside=outside, nonce=nonce)
        return await line.saved()

    def send(
        self,
        room: str,
        text: str,
        *,
        reply_to: int | None = None,
        outside: bool = False,
        nonce: str | None = None,
    ) -> Line:
        """Says something without waiting. `Line.state` tells how it goes, `Line.saved` waits.

        ``outside``: without entering the room, which is made if need be; nobody sees us come and
        go. Such a line fails with `InDoubt` when the server has forgotten us before it was saved.

        A ``nonce`` of one's own (1 to 64 characters) names the line: what has the same one in the
        same room is said once, and the second call gives the first one's line, or its ack.

        Raises `NotInRoom` for a room that was not joined, `InvalidName`, `QueueFull`, and
        `EmptyText`, `TextTooLong` or `BadMessage` for what cannot be said.
        """
        self._check_open()
        if nonce is None:
            nonce = os.urandom(12).hex()
        elif not 0 < len(nonce) <= MAX_NONCE_CHARS:
            raise BadMessage(f"A nonce has 1 to {MAX_NONCE_CHARS} characters.")
        elif (known := self._said(nonce)) is not None:
            if known.key == room_key(room):
                return known
            raise BadMessage("This nonce is that of a line in another room.")
        unsent = Unsent(room=room, text=text, nonce=nonce, reply_to=reply_to, outside=outside)
        line = self._protocol.send(unsent)
        if self._state is not None:
            self._state.said(line)
        self._session.wake()
        return line

    def _said(self, nonce: str) -> Line | None:
        """The line with that nonce, as far as it is known here."""
        known = self._protocol.queue.find(nonce)
        return known or (self._state.find(nonce) if self._state is not None else None)

    async def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
    ) -> Page:
        """A page of a room's log; at most one of ``before``, ``after``, ``around`` (a ``seq``)."""
        name = RoomName.parse(room)
        command = ask.History(room=name, before=before, after=after, around=around, limit=limit)
        return await self._ask(command, Page)

    async def who(self, room: str) -> Sequence[str]:
        """Who is in a room, in alphabetical order."""
        return (await self._ask(ask.Who(room=RoomName.parse(room)), Members)).users

    async def search(self, query: str, *, before: str | None = None, limit: int = 20) -> Found:
        """Texts of all rooms that fit ``query`` (docs/search.md), newest first.

        ``before`` is the ``next`` of the answer before. Raises `BadMessage` for what is no query,
        and `LineTooLong` for one that is longer than the server reads.
        """
        return await self._ask(ask.Search(query=query, before=before, limit=limit), Found)

    async def ping(self) -> None:
        """Returns when all that the server had for us before is here, ready to be taken."""
        await self._ask(ask.Ping(), Pong)

    def read(self, room: str, seq: int) -> None:
        """Says that a room was read up to ``seq``, so that it is so on all our connections.

        May be called for every event: the server is told of the newest, every other second.
        """
        self._check_loop()
        self._protocol.read(room, seq, self._taken.at(room, seq))
        self._session.wake()

    def recall(self, marks: Mapping[str, Mark]) -> None:
        """Says how far rooms were read in an earlier run (`Resume.marks`), to be called behind
        `hello` and before `join`: for who learns only then whose marks they are.

        Raises `InvalidName` and `BadMessage` for what can be no marks.
        """
        self._check_named()
        self._protocol.recall(marks)
        self._session.wake()

    def typing(self, room: str) -> None:
        """Lets a room know that we are writing; forgotten when that cannot be told now."""
        self._check_loop()
        self._protocol.typing(room)
        self._session.wake()

    async def drain(self, below: int = 1) -> None:
        """Waits until fewer than ``below`` lines (1 or more) wait to be saved.

        Raises `ChatClosed`.
        """
        self._check_loop()
        if below < 1:
            raise ValueError("Fewer than 1 line is none: drain(below=1) waits until none waits.")
        while len(self._protocol.queue) >= below:
            self._check_open()
            first = next(iter(self._protocol.queue))
            with contextlib.suppress(ChatError, ChatClosed):  # its sender is told, by the line
                await first.saved()

    def reconnect_now(self) -> None:
        """Does not wait before the next attempt to connect; a dead connection is left now."""
        self._check_loop()
        self._session.hurry()

    # What one is told

    def __aiter__(self) -> AsyncIterator[Update]:
        return self

    async def __anext__(self) -> Update:
        self._check_loop()
        if self._state is not None:
            self._state.taking()
        update = await self._inbox.take()
        if update is None:
            raise StopAsyncIteration
        self._taken.note(update)
        if self._state is not None:
            self._state.took(update)
        return update

    @property
    def has_updates(self) -> bool:
        """Whether there is an update to take without waiting."""
        return not self._inbox.empty

    # Life

    async def start(self, user: str | None) -> None:
        """Connects and says hello, as `connect` describes it."""
        name = UserName.parse(user) if user is not None else None
        if self._session.persistent:
            if name is not None:
                self._session.assume(name)
            await self._begin(None)
            return
        await self._begin(await Connection.open(self.address))
        if name is not None:
            await self._session.introduce(name).wait()

    async def close(self, *, patience: float = SAVE_SECONDS) -> None:
        """Leaves for good; lines that wait get ``patience`` seconds to be saved.

        The name is free at once, unless the server cannot be reached. Raises `ChatFailed` if that
        is how the chat has ended.
        """
        self._check_loop()
        if self._closed and self._failure is None:
            return
        task = self._task
        try:
            if self.online and patience > 0:
                with contextlib.suppress(TimeoutError, ChatClosed):
                    async with asyncio.timeout(patience):
                        await self.drain()
            self._closed = True
            if self.online and task is not None:
                self._session.end()
                await asyncio.wait((task,), timeout=BYE_SECONDS)
        finally:
            self._closed = True
            if task is not None:
                if not task.done():
                    self._session.abandon()
                task.cancel()
                await asyncio.wait((task,))
        if self._failure is not None:
            raise self._failure

    def keep_state(self, *, done: bool) -> None:
        """Writes the file of the state, if there is one; ``done``: with what was taken last."""
        self._check_loop()
        if self._state is not None:
            if done:
                self._state.taking()
            self._state.save()

    async def _begin(self, connection: Connection | None) -> None:
        self._task = asyncio.create_task(self._run(connection))
        # A task that is cancelled before its first step never closes what it was given.
        await asyncio.sleep(0)

    async def _run(self, connection: Connection | None) -> None:
        """The session; whatever ends it, nobody goes on waiting."""
        try:
            await self._session.run(connection)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self._failure = ChatFailed(error)
            if isinstance(error, (SystemExit, KeyboardInterrupt)):
                raise
        finally:
            self._closed = True
            end = self._failure or ChatClosed("The chat was closed.")
            self._session.give_up(end)
            self._protocol.close(end)
            self._inbox.end(self._failure)

    async def _ask(self, command: ask.Command, kind: type[R]) -> R:
        self._check_named()
        request = self._protocol.ask(command)
        self._session.wake()
        try:
            reply = await request.answer.wait()
        finally:
            if not request.answer.done:
                self._protocol.cancel(request)
        if not isinstance(reply, kind):
            raise BadMessage(f"The server answered a {type(command).__name__} with {reply!r}.")
        return reply

    def _check_loop(self) -> None:
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:  # there is none: this is another thread, or the loop has ended
            here = False
        if not here:
            raise RuntimeError(
                "This chat belongs to another event loop. Call it from there, or with "
                "asyncio.run_coroutine_threadsafe."
            )

    def _check_open(self) -> None:
        self._check_loop()
        if self._closed:
            raise self._failure or ChatClosed("The chat was closed.")

    def _check_named(self) -> None:
        """What waits for a name that nobody has said would wait for ever."""
        self._check_open()
        if not self._persistent and not self._session.has_name:
            raise NeedName("Nobody has said who you are. Give connect a user, or call hello.")

    def _catch_up(self) -> None:
        if self._protocol.rooms.catch_up():
            self._session.wake()
