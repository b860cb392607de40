"""One person's conversation: the chat's updates become rooms to show, what is typed becomes lines.

No screen is needed for that: a `Listener` is told that something changed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from hubbub.client.line import Line
from hubbub.client.me import Me
from hubbub.client.resume import Mark, Resume
from hubbub.domain.names import UserName
from hubbub.terminal.full.arriving import Arriving
from hubbub.terminal.full.joining import Joining
from hubbub.terminal.full.model.lines import Notice
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import Rooms, key_of
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.model.status import Status
from hubbub.terminal.full.parting import Left, part
from hubbub.terminal.full.ports import CachePort, ChatPort, Listener, OpenChat
from hubbub.terminal.full.recounting import Recounting
from hubbub.terminal.full.tasks import Tasks

WATCHED_SECONDS = 60.0  # without a key, on a terminal that does not report its focus
SAVE_SECONDS = 2.0  # for lines that wait when the program ends; the cache keeps them otherwise


class Conversation:
    """The rooms, the status of the connection, and what one can do."""

    def __init__(
        self,
        cache: CachePort,
        open_chat: OpenChat,
        listener: Listener,
        *,
        ignored: Callable[[], frozenset[str]] = frozenset,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``ignored``: see `Rooms`."""
        self.cache = cache
        self._ignored = ignored
        self.rooms = Rooms(ignored)
        self.status = Status()
        self.looking = True
        self.focus_told = False
        self.listener = listener
        self.clock = clock
        self.offline = asyncio.Event()
        self._touched_at = clock()
        self.tasks = Tasks(listener.failed)
        self._open_chat = open_chat
        self._chat: ChatPort | None = None
        self._parting = False
        self._resume = Resume()
        self._read_up_to: dict[str, int] = {}
        self._drafts: dict[str, str] = {}
        self._told_problem: str | None = None
        self._name: UserName | None = None
        self._arriving = Arriving(self)
        self._joining = Joining(self)
        self._recounting = Recounting(self)
        self._reader: asyncio.Task[None] | None = None

    @property
    def chat(self) -> ChatPort:
        """The chat; there is one from the first name on."""
        assert self._chat is not None
        return self._chat

    @property
    def user(self) -> str | None:
        """Our name."""
        return (self._chat and self._chat.user) or self._name

    @property
    def me(self) -> Me:
        """Who we are: our name, and what of others' lines is our own."""
        return self._chat.me if self._chat and self._chat.user else Me(self._name)

    @property
    def unsent(self) -> Sequence[Line]:
        """The lines that are not saved yet."""
        return self._chat.unsent if self._chat is not None else ()

    @property
    def drafts(self) -> dict[str, str]:
        """What is half written, by room."""
        return {**self._drafts, **{room.name: room.draft for room in self.rooms if room.draft}}

    @property
    def last_rooms(self) -> list[str]:
        """The rooms that our last run ended in; the one that was shown last is the first."""
        last = self.cache.last_room(self._name) if self._name is not None else None
        return sorted(self._resume.cursors, key=lambda room: room != last)

    def read_up_to(self, room: str) -> int | None:
        """How far a room was read when this run began, if that is known."""
        return self._read_up_to.get(key_of(room))

    # Beginning and end

    async def introduce(self, name: str) -> str:
        """Connects as ``name``, where that user's last run ended; returns the name as it is known.

        What the cache has is shown at once; without a server this returns when there is one.
        Raises `InvalidName` and the server's refusals; then another name can be tried.
        """
        wanted = UserName.parse(name)
        if self._name is None or self._name.key != wanted.key:
            await self._begin(wanted)
        user = await self.chat.hello(name)
        self.cache.last_user = user
        self.keep()
        return user

    def read(self) -> None:
        """Begins to take the chat's updates."""
        self._reader = self.tasks.start(self._arriving.read(self.chat))

    async def stop_reading(self) -> None:
        """Ends taking updates; what was taken is shown."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait((self._reader,))
            self._reader = None
        self._arriving.flush()

    def use(self, chat: ChatPort) -> None:
        """Goes on with another chat, which is in the same rooms."""
        self._chat = chat
        self._name = UserName.parse(chat.user) if chat.user else self._name
        self.read()
        self.keep()

    async def go_on_as(self, name: str) -> str:
        """Becomes someone else in the same rooms, when the server cannot be asked as who we were.

        Our lines that wait are not theirs: they go out when we have our name again. Returns and
        raises what `introduce` does.
        """
        wanted = UserName.parse(name)
        if self._name is not None and self._name.key == wanted.key:
            return await self.introduce(name)
        before, current = self.user, self.rooms.current
        places = [(room.name, room.draft) for room in self.rooms]
        waiting = await self._begin(wanted)
        for place, draft in places:
            self._joining.later(place).draft = draft
        if current is not None:
            self.open(self.rooms.add(current.name))
        self.keep()
        if waiting:
            lines = "A message is" if waiting == 1 else f"{waiting:,} messages are"
            self.note_everywhere(f"{lines} kept, to be sent when you are {before} again.")
        return await self.introduce(name)

    async def stop(self, *, leave_rooms: bool) -> Left:
        """Ends; returns what is left for the next time.

        ``leave_rooms``: they are not to be joined again then.
        """
        try:
            texts = await self._stop(leave_rooms)
        finally:
            self.cache.close()
        return Left(texts, self.drafts, self.cache.problem)

    async def _stop(self, leave_rooms: bool) -> list[str]:
        if self._chat is None:
            return []
        try:
            self._keep_drafts()
            await self.stop_reading()
            self.keep(rooms=not leave_rooms)
        finally:  # whatever is wrong here, the server is told, and lines are kept
            unsent = await self._part(patience=SAVE_SECONDS)
        return unsent

    def _keep_drafts(self) -> None:
        if self._name is not None:
            self.cache.keep_drafts(self._name, self.drafts)

    async def _begin(self, name: UserName) -> int:
        """Goes on where the last run of ``name`` ended; returns how many lines of ours wait."""
        waiting = 0
        if self._chat is not None:
            if self._name is not None:
                self.cache.keep_drafts(self._name, self._drafts)
            await self.stop_reading()
            waiting = len(await self._part(patience=0))
        self._name = name
        self.rooms = Rooms(self._ignored)
        self._resume = self.cache.resume(name) or Resume(user=name, log=self.cache.log)
        self._read_up_to = {key_of(room): mark.seq for room, mark in self._resume.marks.items()}
        self._drafts = self.cache.take_drafts(name)
        self._chat = self._open_chat(self._resume)
        for room in self._resume.cursors:
            added = self.rooms.add(room)
            added.draft = self._drafts.pop(room, "")
            self._joining.show_cached(added)
        await self._chat.start(None)
        for line in self._chat.unsent:
            self._watch(self.rooms.add(line.room), line)
        self.read()
        return waiting

    async def _part(self, *, patience: float) -> list[str]:
        """Ends the chat. Its lines that wait stay with its name; returns their texts."""
        self._parting = True
        try:
            unsent = await part(self.chat, patience)
        finally:
            self._parting = False
        self.cache.keep_lines(unsent)
        return [one.text for one in unsent]

    # What one does

    async def join(self, name: str, *, made: bool = False) -> Room:
        """Enters a room and shows it; offline, it is entered when that is possible again.

        ``made``: as far as we know it is a new one. Raises the server's refusal.
        """
        return await self._joining.join(name, made=made)

    async def leave(self, room: Room) -> None:
        """Leaves a room."""
        self.rooms.remove(room)
        self.listener.changed()
        await self.chat.leave(room.name)
        self.keep()

    async def delete(self, room: str) -> None:
        """Deletes a room in which nothing was ever said. Raises the server's refusal."""
        await self.chat.delete(room)
        ours = self.rooms.get(room)
        if ours is not None:
            self.rooms.remove(ours)
        self.cache.forget(room)
        self.keep()
        self.listener.changed()

    def open(self, room: Room) -> None:
        """Brings a room on the screen. That reads nothing yet: `see` does."""
        room.draft = room.draft or self._drafts.pop(room.name, "")
        self.rooms.open(room)
        if self.user is not None:
            self.cache.keep_last_room(self.user, room.name)
        self._tell_of_cache()
        self.listener.changed()

    def say(self, room: Room, text: str, *, reply_to: int | None = None) -> None:
        """Says a text. Raises `ChatError`: then nothing was sent."""
        line = self.chat.send(room.name, text, reply_to=reply_to)
        room.say(line, self.user)
        line.result.then(lambda: self._settled(room))
        self.keep_lines()
        self.listener.changed()

    def say_again(self, room: Room) -> int:
        """Sends the lines of a room that failed once more; returns how many."""
        failed = room.failed()
        for line in failed:
            self.say(room, line.text, reply_to=line.reply_to)
            room.drop([line], self.user)
        return len(failed)

    def look(self, looking: bool) -> None:
        """The person looks at the terminal, or at something else, as the terminal reports."""
        self.looking = looking
        self.focus_told = True
        if looking and self.rooms.current is not None:
            self.rooms.current.open()
        self.listener.changed()

    def touched(self) -> None:
        """A key is pressed: somebody is there."""
        self._touched_at = self.clock()

    @property
    def watched(self) -> bool:
        """Whether somebody looks at the terminal; a guess where it does not report that."""
        lately = self.clock() - self._touched_at < WATCHED_SECONDS
        return self.looking and (self.focus_told or lately)

    # What is read

    def see(self) -> None:
        """The room on the screen is drawn, and what is in view is read."""
        room = self.rooms.current
        if room is not None and self.looking and room.see():
            self.tell_read(room)

    def recount(self, room: Room) -> None:
        """The server has counted a room: with those whom we ignore, whom it does not know."""
        if room.unread.texts and room.timeline.look.ignored:
            self._recounting.later([room])

    def recount_all(self) -> None:
        """Others are ignored than before."""
        self._recounting.later(room for room in self.rooms if room.inside and room.unread.certain)

    def mark_read(self, rooms: Iterable[Room]) -> None:
        """All in these rooms is read: the person says so."""
        for room in rooms:
            room.mark_read()
            self.tell_read(room)
        self.listener.changed()

    def tell_read(self, room: Room) -> None:
        """What is read here is read on all our connections."""
        read = room.unread.read
        if room.inside and read:
            self.chat.read(room.name, read)
            if self.user is not None:
                self.cache.keep_mark(self.user, room.name, Mark(read, room.time_of(read)))

    def note_everywhere(self, text: str, role: Role = Role.NOTICE) -> None:
        """Says something in all rooms that only we see."""
        for room in self.rooms:
            self.note(room, text, role)

    def note(self, room: Room, text: str, role: Role = Role.NOTICE) -> None:
        """Says something in a room that only we see."""
        room.timeline.note(Notice(text, role))
        self.listener.changed()

    # What is kept on disk

    def keep(self, *, rooms: bool = True) -> None:
        """Keeps who we are and, if the next run is to join them again, in which rooms."""
        resume = self.chat.resume()
        self.cache.keep_resume(resume if rooms else replace(resume, cursors={}))
        self._tell_of_cache()

    def keep_lines(self) -> None:
        """Keeps the lines that are not saved yet."""
        self.cache.keep_lines(self.chat.resume().unsent)
        self._tell_of_cache()

    def _tell_of_cache(self) -> None:
        """When nothing can be kept, the person should know before it matters."""
        problem = self.cache.problem
        if problem is not None and problem != self._told_problem and len(self.rooms):
            self._told_problem = problem
            self.note_everywhere(problem, Role.WARNING)

    def _settled(self, room: Room) -> None:
        """A line was saved, or it was not."""
        room.settle_own(self.user)
        if not self._parting:  # then what could not be sent is kept as it was
            self.keep_lines()
        self.listener.changed()

    def _watch(self, room: Room, line: Line) -> None:
        """A line of the last run is on its way."""
        room.own.append(line)
        line.result.then(lambda: self._settled(room))
        room.settle_own(self.user)
