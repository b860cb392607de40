"""The chat as a program uses it: rooms to join, texts to send, updates to receive."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace

from hubbub.client.account import Account, check_secret
from hubbub.client.address import Address
from hubbub.client.attachments import Attachments
from hubbub.client.backoff import Backoff
from hubbub.client.change import Change, Does
from hubbub.client.connection import Connection
from hubbub.client.directs import with_mentions
from hubbub.client.doing import do
from hubbub.client.errors import ChatClosed
from hubbub.client.greeting import Proof
from hubbub.client.inbox import Inbox
from hubbub.client.lifetime import Lifetime
from hubbub.client.line import Line, Unsent
from hubbub.client.me import Me
from hubbub.client.moderation import Moderation, new_nonce
from hubbub.client.protocol import Protocol
from hubbub.client.requests import Then
from hubbub.client.resume import Mark, Resume
from hubbub.client.sendable import check
from hubbub.client.sendqueue import MAX_UNSENT
from hubbub.client.session import Session
from hubbub.client.statefile import StateFile
from hubbub.client.taken import Taken
from hubbub.client.trust import Trust
from hubbub.client.updates import Entered, Update
from hubbub.domain import commands as ask
from hubbub.domain.commands import MAX_NONCE_CHARS, MAX_ROOMS_LISTED
from hubbub.domain.emoji import parse_emoji
from hubbub.domain.errors import AlreadyNamed, BadMessage, ChatError, NeedName
from hubbub.domain.files import Attachment
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import (
    Ack,
    DirectRoom,
    Found,
    Limits,
    Members,
    Messages,
    Page,
    Pong,
    Reply,
    RoomDeleted,
    RoomInfo,
    RoomList,
    Standing,
    Version,
    VersionList,
)
from hubbub.domain.rights import Action, why_not
from hubbub.domain.rules import MAX_IN_DIRECT, Role

SAVE_SECONDS = 5.0  # for lines that wait when a chat is closed

R = TypeVar("R", bound=Reply)


class Chat:
    """One user's chat with one server. Made by `connect`; to be used from one event loop.

    A call that waits goes on across lost connections and returns when it is done; use
    `asyncio.timeout` to limit it. A refusal is raised as the `ChatError` with its code. Iterating
    gives every update once, in order; there may be one reader only. A call from another event loop
    or thread raises `RuntimeError`.
    """

    def __init__(
        self,
        address: Address,
        *,
        resume: Resume | None = None,
        state: Path | None = None,
        persistent: bool = False,
        max_unsent: int = MAX_UNSENT,
        directs: bool = False,
        clock: Callable[[], float] | None = None,
        backoff: Backoff | None = None,
        trust: Trust | None = None,
    ) -> None:
        """Use `connect`. ``state`` is the file that ``resume`` was read from. ``trust``: whose key
        is accepted; None: that of a certificate from a known authority only.

        ``clock`` is monotonic, in seconds; None: the event loop's.
        """
        self._loop = asyncio.get_running_loop()
        clock = clock or self._loop.time
        self._address = address
        self.trust = trust or Trust()
        self._protocol = Protocol(resume, max_unsent=max_unsent, directs=directs)
        self._inbox = Inbox(clock, self._catch_up)
        self._session = Session(
            address,
            self._protocol,
            self._inbox,
            backoff=backoff or Backoff(),
            clock=clock,
            persistent=persistent,
            trust=self.trust,
        )
        self._taken = Taken(resume)
        self._persistent = persistent
        self._state: StateFile | None = None
        if state is not None:
            later = self._loop.call_later
            self._state = StateFile(state, resume or Resume(), self._protocol, later)
            self._session.welcomed = self._state.save
        self._life = Lifetime(self._session, self._protocol, self._inbox)
        self._account = Account(self._protocol, self._ask, self._save)
        self._moderation = Moderation(self._ask)
        self._attachments = Attachments(lambda: self.address, self.trust, self._protocol.resume)

    # State

    @property
    def address(self) -> Address:
        """Where the server is; ``secure`` if we are connected to it over TLS."""
        return self.trust.resolved(self._address)

    @property
    def user(self) -> str | None:
        """Our name as the server writes it; None before the first `hello`."""
        return self._protocol.user

    @property
    def me(self) -> Me:
        """Who we are: ``chat.me.did(event)`` tells whether an event is our own."""
        return self._protocol.me

    @property
    def account(self) -> Account:
        """Our account: whether we have one, and what is done with it."""
        return self._account

    @property
    def moderation(self) -> Moderation:
        """What those do who moderate a room, or the server."""
        return self._moderation

    @property
    def attachments(self) -> Attachments:
        """Files: uploaded to be said, fetched, and linked to."""
        return self._attachments

    @property
    def online(self) -> bool:
        """Whether there is a connection on which the server knows us."""
        return self._protocol.online

    @property
    def closed(self) -> bool:
        """Whether the chat is over."""
        return self._life.closed

    @property
    def limits(self) -> Limits | None:
        """The server's limits; None before the first connection."""
        return self._protocol.limits

    @property
    def unsent(self) -> Sequence[Line]:
        """The lines that are not saved yet, in order; of a closed chat, those that never were."""
        return list(self._protocol.queue)

    def members(self, room: str) -> list[str]:
        """The known members of a room that we are in, in alphabetical order."""
        known = self._protocol.rooms.get(room)
        members = known.state.members.values() if known else ()
        return sorted((member.name for member in members), key=str.casefold)

    def topic(self, room: str) -> str:
        """What a room that we are in is about, as far as it is known; "" if nobody has said so."""
        known = self._protocol.rooms.get(room)
        return known.state.topic if known else ""

    def standing(self, room: str) -> Standing:
        """What holds in a room that we are in, and what we are there, as far as it is known."""
        known = self._protocol.rooms.get(room)
        return known.standing if known else Standing()

    def people(self, room: str) -> list[str]:
        """Whose direct conversation the room is, without us; [] if it is none."""
        known = self._protocol.rooms.get(room)
        if known is None or not known.is_direct:
            return []
        return [name for name in self.members(room) if name != self.user] or list(
            known.standing.people
        )

    def may(self, action: Action, room: str, *, to: str | None = None) -> bool:
        """Whether we may do ``action`` in a room that we are in; ``to``: to whom it is done."""
        return self.why_not(action, room, to=to) is None

    def why_not(self, action: Action, room: str, *, to: str | None = None) -> ChatError | None:
        """Why we may not do that, as a sentence for people; None if we may.

        The server decides. This tells beforehand what it will say, so that a user interface offers
        only what can be done.
        """
        standing = self.standing(room)
        theirs = Role.MEMBER if to is None else standing.roles.get(to, Role.MEMBER)
        known = self._protocol.rooms.get(room)
        shown = known.shown if known else room
        return why_not(action, standing, shown, account=self.account.exists, to=theirs)

    def is_in(self, room: str) -> bool:
        """Whether we are in a room, or enter it as soon as there is a connection."""
        return self._protocol.rooms.get(room) is not None

    def resume(self) -> Resume:
        """What to save, so that the next run of the program can continue from here.

        Its cursors are at the last update that was *taken* by iterating; later ones come again.
        """
        return self._taken.resume(self._protocol.resume(), self._protocol.rooms.by_key)

    # Actions

    async def hello(
        self,
        user: str,
        *,
        password: str | None = None,
        code: str | None = None,
        token: str | None = None,
        register: bool = False,
        invite: str | None = None,
        reset: str | None = None,
    ) -> str:
        """Introduces us, if `connect` was given no name, the name was refused, or we are logged
        out.

        ``password``: of the account of that name; ``code``: of its second factor. They are sent
        once, and kept until the server has answered. ``token``: of this name, from the `Resume` of
        an earlier run, if `connect` was given none. ``register``: makes the account, for who has
        none where guests are not let in, with the ``invite`` of a link where one needs it; then
        `WeakPassword`, `RegistrationClosed`, `NeedInvitation` and `BadTicket` are raised.
        ``reset``: the code of a link, by which ``password`` is the new one; then `WeakPassword` and
        `BadTicket` are raised.

        Returns the name as the server writes it. Raises `InvalidName` and `NameTaken`, with a
        suggestion; then another name may be tried. Raises `NeedPassword` for the name of an
        account, `WrongPassword`, `NeedCode`, `RateLimited` after too many wrong ones, `Forbidden`
        for who is banned, and `GuestsOff`. Raises `Unreachable` if the first connection is lost
        before the server has answered.
        """
        self._check_loop()
        if self.online:
            raise AlreadyNamed(f"You are {self.user} already.")
        self._check_open()
        name = UserName.parse(user)
        proof = _proof(name, password, code, register, invite, reset)
        if token is not None:
            check(ask.Hello(user=name, token=token), None)
            self._protocol.account.keep(name, token)
        return await self._session.introduce(name, proof).wait()

    async def formerly(self, user: str, token: str) -> None:
        """Tells the server the name that we had until now, before we enter that name's rooms.

        Then the rooms are told of a rename. ``token`` proves that the name was ours. Servers
        without this feature are not asked. Raises `InvalidName`.
        """
        command = ask.Formerly(user=UserName.parse(user), token=token)
        self._check_named()
        if self._protocol.renames:
            pong = await self._ask(command, Pong)
            if pong.user_id is not None:
                self._protocol.known_as(Me(self.user, pong.user_id))

    async def rooms(self, query: str | None = None) -> Sequence[RoomInfo]:
        """The rooms whose names have all words of ``query``, those with the most users first.

        At most 500, and those where we were before; `list_rooms` tells whether there are more.
        """
        return (await self.list_rooms(query)).rooms

    async def list_rooms(
        self, query: str | None = None, *, after: str | None = None, limit: int = MAX_ROOMS_LISTED
    ) -> RoomList:
        """A page of the rooms whose names have all words of ``query``.

        ``after`` is the ``next`` of the page before; a page without ``next`` is the last one. A
        page may have few rooms, or none, although more follow. ``total`` counts all rooms, whatever
        the query. The first page without a query ends with the rooms where we were before, which
        come again in their places. Raises `BadMessage` for a query of more than 100 characters, an
        ``after`` that is not the ``next`` of a page, and a ``limit`` outside of 1 to 500.
        """
        page = await self._ask(ask.Rooms(query=query, after=after, limit=limit), RoomList)
        return replace(page, rooms=[with_mentions(info) for info in page.rooms])

    async def do(self, command: ask.Command) -> Reply:
        """Does what a person has typed, as `hubbub.domain.deeds` reads it; returns the answer.

        Raises what the calls of `account` and `moderation` for the same raise.
        """
        return await do(self.account, self._ask, command)

    async def direct(self, *users: str) -> DirectRoom:
        """Finds the direct conversation with ``users``, or begins it, and enters it.

        Its ``room`` is a room like any other: texts are said there. Raises `NoSuchUser`,
        `BadMessage` for more than eight, and for nobody else than us.
        """
        names = tuple(UserName.parse(user) for user in users)
        if not 0 < len(names) < MAX_IN_DIRECT:
            raise BadMessage(f"A direct conversation is with 1 to {MAX_IN_DIRECT - 1} others.")
        found = await self._ask(ask.Direct(users=names), DirectRoom)
        await self.join(found.room)
        return found

    async def join(
        self,
        room: str,
        *,
        after: int | None = None,
        after_at: int | None = None,
        password: str | None = None,
        invite: str | None = None,
    ) -> Entered:
        """Enters a room, which is made if it does not exist; stays in it across lost connections.

        The room's history comes as updates: the last events, or all after the cursor ``after``.
        ``after_at`` is the time of that event (`Event.at`), if known: if the server has another
        event with that ``seq``, the update is a `RoomReset`, and the room starts again. A room that
        we are in is left unchanged, and ``after`` is ignored. Cancelling this call does not leave
        the room: `leave` does.

        ``password``: of a room that asks for one. ``invite``: the code of a link into the room.

        Raises `InvalidName`, `TooManyRooms` and other refusals; `NeedName` before `hello`.
        """
        self._check_named()
        known = self._protocol.rooms.get(room)
        if known is not None and known.leaving is not None:
            await self.leave(room)
        pending = self._protocol.join(room, after, after_at, password, invite)
        self._session.wake()
        try:
            entered = await pending.wait()
        finally:
            if not pending.done:
                self._protocol.wait_no_more(room, pending)
        self._taken.note(entered)
        return entered

    async def leave(self, room: str, *, for_good: bool = True) -> None:
        """Leaves a room, after our lines there are saved.

        ``for_good``: also where members stay while they are away. Without it we are a member of a
        private room still.
        """
        self._check_open()
        left = self._protocol.leave(room, for_good=for_good)
        self._session.wake()
        await left.wait()

    async def delete(self, room: str) -> None:
        """Deletes a room in which nothing was ever said; all our connections leave it.

        Raises `NoSuchRoom`, `RoomHasTexts`, `RoomInUse` when somebody else is in it, and
        `RoomStays` for the one with which the server begins.
        """
        await self._ask(ask.Delete(room=RoomName.parse(room)), RoomDeleted)

    async def set_topic(self, room: str, topic: str, *, nonce: str | None = None) -> Ack:
        """Says what a room that we are in is about; "" takes the topic away.

        ``nonce`` is an idempotency key of 1 to 64 characters: with the same one it is done once,
        however often it is asked for. Raises `NotInRoom`, `TextTooLong`.
        """
        nonce = new_nonce() if nonce is None else nonce
        command = ask.SetTopic(room=RoomName.parse(room), topic=topic, nonce=nonce)
        return await self._ask(command, Ack)

    async def say(
        self,
        room: str,
        text: str,
        *,
        reply_to: int | None = None,
        outside: bool = False,
        files: Sequence[str | Attachment] = (),
        nonce: str | None = None,
    ) -> Ack:
        """Sends a text and waits until it is saved; returns the server's acknowledgement.

        Cancelling this call does not take the text back. Raises what `send` raises, and the
        server's refusal.
        """
        line = self.send(room, text, reply_to=reply_to, outside=outside, files=files, nonce=nonce)
        return await line.saved()

    def send(
        self,
        room: str,
        text: str,
        *,
        reply_to: int | None = None,
        outside: bool = False,
        files: Sequence[str | Attachment] = (),
        nonce: str | None = None,
    ) -> Line:
        """Sends a text without waiting: see `Line.state`, and `Line.saved`, which waits.

        ``outside``: without entering the room, which is made if it does not exist; nobody sees us
        come and go. Such a line fails with `InDoubt` if the server has forgotten us before it was
        saved. ``files``: what we have uploaded for it, by id, or with what it shows in words; then
        the text may be "".

        ``nonce`` is an idempotency key of 1 to 64 characters: two texts with the same one in the
        same room are sent once, and the second call returns the first one's line.

        Raises `NotInRoom` for a room that was not joined, `InvalidName`, `QueueFull`, and
        `EmptyText`, `TextTooLong` or `BadMessage` for what cannot be said.
        """
        attached = tuple(Attachment(id=one) if isinstance(one, str) else one for one in files)
        unsent = Unsent(
            room=room,
            text=text,
            nonce=nonce or "",
            reply_to=reply_to,
            outside=outside,
            files=attached,
        )
        return self._queue(unsent, nonce)

    def send_change(self, room: str, change: Change, *, nonce: str | None = None) -> Line:
        """Changes a message of a room that we are in, without waiting; see `send`.

        As a text it waits for the connection, survives a restart (`Resume.unsent`), and is sent
        once. `edit`, `redact`, `react` and `pin` do the same, and wait until it is saved.
        """
        return self._queue(Unsent(room=room, nonce=nonce or "", change=change), nonce)

    def _queue(self, unsent: Unsent, nonce: str | None) -> Line:
        self._check_open()
        if nonce is None:
            unsent = replace(unsent, nonce=new_nonce())
        elif not 0 < len(nonce) <= MAX_NONCE_CHARS:
            raise BadMessage(f"A nonce has 1 to {MAX_NONCE_CHARS} characters.")
        elif (known := self._said(nonce)) is not None:
            if known.key == self._protocol.rooms.key_of(unsent.room):
                return known
            raise BadMessage("This nonce is that of a line in another room.")
        line = self._protocol.send(unsent)
        if self._state is not None:
            self._state.said(line)
        self._session.wake()
        return line

    def _said(self, nonce: str) -> Line | None:
        """The line with that nonce, as far as it is known here."""
        known = self._protocol.queue.find(nonce)
        return known or (self._state.find(nonce) if self._state is not None else None)

    # What was said

    async def edit(self, room: str, seq: int, text: str, *, nonce: str | None = None) -> Ack:
        """Changes the text of our own message ``seq``; returns when that is saved.

        "" is for a message with files. Raises what `send` raises, and the server's refusal:
        `NotAllowed`, `BadMessage` for what is no message or was taken back.
        """
        change = Change(does=Does.EDIT, target=seq, text=text)
        return await self.send_change(room, change, nonce=nonce).saved()

    async def redact(self, room: str, seq: int, *, nonce: str | None = None) -> Ack:
        """Takes a message back, with its files: our own, or as a moderator another's.

        What it said is gone from the server's disk, from quotes and searches, and from the caches
        of clients when they hear of it.
        """
        change = Change(does=Does.REDACT, target=seq)
        return await self.send_change(room, change, nonce=nonce).saved()

    async def react(
        self, room: str, seq: int, emoji: str, *, on: bool = True, nonce: str | None = None
    ) -> Ack:
        """Reacts to a message with an emoji; with ``on`` false, not any more.

        Raises `BadMessage` for what is not one emoji, and `TooMany`.
        """
        change = Change(does=Does.REACT, target=seq, emoji=parse_emoji(emoji), on=on)
        return await self.send_change(room, change, nonce=nonce).saved()

    async def pin(self, room: str, seq: int, *, on: bool = True, nonce: str | None = None) -> Ack:
        """Pins a message to the room; with ``on`` false, unpins it. Moderators may, and both in a
        direct conversation.
        """
        change = Change(does=Does.PIN, target=seq, on=on)
        return await self.send_change(room, change, nonce=nonce).saved()

    async def pins(self, room: str) -> Messages:
        """The messages that are pinned to a room, the newest pin first."""
        return await self._ask(ask.Pins(room=RoomName.parse(room)), Messages)

    async def versions(self, room: str, seq: int) -> Sequence[Version]:
        """What a message has said, oldest first; the last one is what it says now.

        For its author, and who moderates the room; others get `NotAllowed`.
        """
        command = ask.Versions(room=RoomName.parse(room), target=seq)
        return (await self._ask(command, VersionList)).versions

    async def conversation(self, room: str, seq: int) -> Messages:
        """All messages that answer that one, or what it answers, or each other, in order."""
        command = ask.Conversation(room=RoomName.parse(room), target=seq)
        return await self._ask(command, Messages)

    async def history(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
    ) -> Page:
        """A page of a room's log: ``limit`` events at most, as they were appended.

        At most one of ``before``, ``after`` and ``around`` may be given, each a ``seq``.
        """
        name = RoomName.parse(room)
        command = ask.History(room=name, before=before, after=after, around=around, limit=limit)
        return await self._ask(command, Page)

    async def timeline(
        self,
        room: str,
        *,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        limit: int = 50,
    ) -> Page:
        """A page of what people read: ``limit`` lines at most, each in its present form.

        An older server without timelines is asked for a page of its log instead, which may also
        have events that are no lines (`hubbub.domain.kinds.is_line`). The arguments are those of
        `history`.
        """
        if not self._protocol.timelines:
            return await self.history(room, before=before, after=after, around=around, limit=limit)
        name = RoomName.parse(room)
        command = ask.Timeline(room=name, before=before, after=after, around=around, limit=limit)
        return await self._ask(command, Page)

    async def who(self, room: str) -> Sequence[str]:
        """Who is in a room, in alphabetical order."""
        return (await self.attendance(room)).users

    async def attendance(self, room: str) -> Members:
        """Who is in a room, with their roles, and who of them is a member and not here now."""
        return await self._ask(ask.Who(room=RoomName.parse(room)), Members)

    async def search(self, query: str, *, before: str | None = None, limit: int = 20) -> Found:
        """The texts in all rooms that match ``query`` (docs/search.md), newest first.

        ``before`` is the ``next`` of the page before. Raises `BadMessage` for an invalid query,
        and `LineTooLong` for one that is longer than the server accepts.
        """
        return await self._ask(ask.Search(query=query, before=before, limit=limit), Found)

    async def ping(self) -> None:
        """A barrier: returns when everything that the server has sent before can be taken."""
        await self._ask(ask.Ping(), Pong)

    def read(self, room: str, seq: int) -> None:
        """Moves the read marker of a room to ``seq``, for all our connections.

        May be called for every event: the server gets the newest one every two seconds.
        """
        self._check_loop()
        self._protocol.read(room, seq, self._taken.at(room, seq))
        self._session.wake()

    def recall(self, marks: Mapping[str, Mark]) -> None:
        """Restores read markers of an earlier run (`Resume.marks`), for a program that knows only
        after `hello` whose markers to use. To be called before `join`.

        Raises `InvalidName` and `BadMessage` for invalid markers.
        """
        self._check_named()
        self._protocol.recall(marks)
        self._session.wake()

    def typing(self, room: str) -> None:
        """Tells a room that we are typing; dropped if that cannot be sent now."""
        self._check_loop()
        self._protocol.typing(room)
        self._session.wake()

    async def drain(self, below: int = 1) -> None:
        """Waits until fewer than ``below`` lines (1 or more) are unsaved.

        Raises `ChatClosed`.
        """
        self._check_loop()
        if below < 1:
            raise ValueError("Fewer than 1 line is none: drain(below=1) waits until none waits.")
        while len(self._protocol.queue) >= below:
            self._check_open()
            first = next(iter(self._protocol.queue))
            with contextlib.suppress(ChatError, ChatClosed):  # the line's sender gets the error
                await first.saved()

    def reconnect_now(self) -> None:
        """Tries to connect at once; on a connection, checks at once whether it is dead."""
        self._check_loop()
        self._session.hurry()

    # Updates

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

    # Start and end

    async def start(
        self, user: str | None, password: str | None = None, code: str | None = None
    ) -> None:
        """Connects and introduces us, as `connect` describes it."""
        name = UserName.parse(user) if user is not None else None
        proof = Proof() if name is None else _proof(name, password, code)
        if self._session.persistent:
            if name is not None:
                self._session.assume(name, proof)
            await self._life.begin(None)
            return
        await self._life.begin(await Connection.open(self._address, self.trust))
        if name is not None:
            await self._session.introduce(name, proof).wait()

    async def close(self, *, patience: float = SAVE_SECONDS) -> None:
        """Ends the chat; unsaved lines get ``patience`` seconds.

        The name is free at once, unless the server cannot be reached. Raises `ChatFailed` if an
        error has ended the chat.
        """
        self._check_loop()
        await self._life.end(self.drain, patience)

    def keep_state(self, *, done: bool) -> None:
        """Writes the state file, if there is one.

        ``done``: the update that was taken last has been processed.
        """
        self._check_loop()
        if self._state is not None:
            if done:
                self._state.taking()
            self._state.save()

    def _save(self) -> None:
        if self._state is not None:
            self._state.save()

    async def _ask(
        self, command: ask.Command, kind: type[R], *, repeat: bool = True, then: Then | None = None
    ) -> R:
        self._check_named()
        request = self._protocol.ask(command, repeat=repeat, then=then)
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
        except RuntimeError:  # no loop runs here: another thread, or the loop has ended
            here = False
        if not here:
            raise RuntimeError(
                "This chat belongs to another event loop. Call it from there, or with "
                "asyncio.run_coroutine_threadsafe."
            )

    def _check_open(self) -> None:
        self._check_loop()
        self._life.check_open()

    def _check_named(self) -> None:
        """Raises `NeedName` if nobody has given a name: the call would wait for ever."""
        self._check_open()
        if self._session.logged_out:
            raise NeedName("You are logged out. Call hello with the password to go on.")
        if not self._persistent and not self._session.has_name:
            raise NeedName("Nobody has said who you are. Give connect a user, or call hello.")

    def _catch_up(self) -> None:
        if self._protocol.rooms.catch_up():
            self._session.wake()


def _proof(
    name: UserName,
    password: str | None,
    code: str | None,
    register: bool = False,
    invite: str | None = None,
    reset: str | None = None,
) -> Proof:
    """What to log in with; raises `BadMessage` for what cannot be sent."""
    for secret in (password, code, invite, reset):
        if secret is not None:
            check_secret(secret)
    check(ask.Hello(user=name, password=password, code=code), None)
    if (register or reset is not None) and password is None:
        raise BadMessage("An account needs a password.")
    proof = Proof(password, code, register, invite, reset)
    for command in proof.before_hello(name):
        check(command, None)
    return proof
