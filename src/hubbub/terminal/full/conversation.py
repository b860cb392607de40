"""One person's conversation: chat updates become rooms to show, typed texts become lines to send.

It needs no screen: a `Listener` is told that something changed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from hubbub.client.change import Change
from hubbub.client.errors import ChatClosed
from hubbub.client.line import Line
from hubbub.client.resume import Resume
from hubbub.domain.errors import ChatError, Filtered, Forbidden, NeedPassword
from hubbub.domain.names import UserName
from hubbub.domain.rules import KEEPS_MEMBERS, RoomAccess
from hubbub.terminal.full.joining import Joining
from hubbub.terminal.full.model.changing import in_words, not_changed
from hubbub.terminal.full.model.ignored import Ignored
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import Rooms
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.parting import Left, part
from hubbub.terminal.full.ports import CachePort, ChatPort, Listener, OpenChat
from hubbub.terminal.full.read_markers import ReadMarkers
from hubbub.terminal.full.state import LastRun, State
from hubbub.terminal.full.update_reader import UpdateReader

SAVE_SECONDS = 2.0  # for unsent lines when the program ends; those that remain stay in the cache


class Conversation(State):
    """The state, and what the person can do: say who they are, enter rooms, talk, end."""

    def __init__(
        self,
        cache: CachePort,
        open_chat: OpenChat,
        listener: Listener,
        *,
        ignored: Callable[[], Ignored] = Ignored,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``ignored``: see `Rooms`."""
        super().__init__(cache, listener, ignored=ignored, clock=clock)
        self.markers = ReadMarkers(self)
        self._open_chat = open_chat
        self._closing_chat = False
        self._of_another: set[str] = set()  # rooms of the last run, which was somebody else's
        self._updates = UpdateReader(self, self.markers)
        self._joining = Joining(self)
        self._reader: asyncio.Task[None] | None = None

    @property
    def last_rooms(self) -> list[str]:
        """The rooms in which the last run ended, the one that was on the screen first."""
        last = self.cache.last_room(self._name) if self._name is not None else None
        found = [name for name in self.last_run.resume.cursors if name not in self._of_another]
        return sorted(found, key=lambda room: room != last)

    # Beginning and end

    async def introduce(
        self,
        name: str,
        *,
        password: str | None = None,
        code: str | None = None,
        register: bool = False,
        invite: str | None = None,
        reset: str | None = None,
    ) -> str:
        """Connects as ``name``, where that user's last run ended; returns the name as the server
        writes it. ``password``: of the account of that name; ``code``: of its second factor. The
        others are as `hubbub.client.Chat.hello` has them.

        Cached rooms are shown at once; without a server this waits until there is one. Raises
        `InvalidName` and the server's refusals; then another name can be tried.
        """
        wanted = UserName.parse(name)
        if self._name is None or self._name.key != wanted.key:
            await self._begin(wanted)
        try:
            user = await self.chat.hello(
                name,
                password=password,
                code=code,
                register=register,
                invite=invite,
                reset=reset,
            )
        except (NeedPassword, Forbidden):
            if password is None and self.last_run.resume.account:
                self.cache.forget_private()  # this device was logged out meanwhile
            raise
        self._forget_another()
        self.cache.last_user = user
        self.keep()
        if self.chat.account.exists:
            self.tasks.start(self._enter_own_rooms())
        return user

    async def _enter_own_rooms(self) -> None:
        """Enters the rooms in which we stay members, also if we have never been there with this
        program. Direct conversations with something new come by themselves.
        """
        limits = self.chat.limits
        try:
            found = await self.chat.list_rooms(limit=1)  # our own follow, however many they are
        except (ChatError, ChatClosed):
            return
        # Others are not told how far such a room is read.
        own = [one for one in found.rooms if one.access in KEEPS_MEMBERS and one.read is not None]
        for info in sorted(own, key=lambda one: one.at or 0, reverse=True):
            comes = info.access is RoomAccess.DIRECT and info.unread
            free = limits is not None and len(self.rooms) < limits.rooms // 2
            if free and not comes and self.rooms.get(info.name) is None:
                self._joining.join_later(info.name)

    def _forget_another(self) -> None:
        """Shows nothing private of who had our name on this computer before, if that was somebody
        else. The server says whether these rooms are ours, too.
        """
        before, now = self.last_run.resume.user_id, self.chat.resume().user_id
        if before is None or now is None or before == now:
            return
        for room in self.rooms:
            if room.private and not room.inside:
                room.of_another = True
                self._of_another.add(room.name)
                room.draft = ""
                room.reset()

    def start_reading(self) -> None:
        """Starts to take the chat's updates."""
        self._reader = self.tasks.start(self._updates.read(self.chat))

    async def stop_reading(self) -> None:
        """Stops taking updates; those that were taken are shown."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.wait((self._reader,))
            self._reader = None
        self._updates.flush()

    def use(self, chat: ChatPort) -> None:
        """Goes on with another chat, which is in the same rooms."""
        self._chat = chat
        self._name = UserName.parse(chat.user) if chat.user else self._name
        self.start_reading()
        self.keep()

    async def go_on_as(
        self, name: str, *, password: str | None = None, code: str | None = None
    ) -> str:
        """Changes the user while the server does not accept the present one; the rooms stay.

        Unsent lines are not the new user's: they are sent when the old name is used again. Returns
        and raises what `introduce` does.
        """
        wanted = UserName.parse(name)
        if self._name is not None and self._name.key == wanted.key:
            return await self.introduce(name, password=password, code=code)
        before, current = self.user, self.rooms.current
        shared = [room for room in self.rooms if not (room.private or room.is_direct)]
        places = [(room.name, room.written) for room in shared]
        if before is not None:  # what is private stays with who was here before
            own = {room.name: room.written for room in self.rooms if room not in shared}
            self.cache.keep_drafts(before, {name: draft for name, draft in own.items() if draft})
        waiting = await self._begin(wanted)
        for place, draft in places:
            self._joining.join_later(place).draft = draft
        if current in shared:
            self.open(self.rooms.add(current.name))
        elif (first := self.rooms.at(1)) is not None:
            self.open(first)
        self.keep()
        if waiting:
            lines = "A message is" if waiting == 1 else f"{waiting:,} messages are"
            self.note_everywhere(f"{lines} kept, to be sent when you are {before} again.")
        return await self.introduce(name, password=password, code=code)

    async def stop(self, *, leave_rooms: bool) -> Left:
        """Ends the chat; returns what is left for the next run.

        ``leave_rooms``: the next run does not join them again.
        """
        try:
            texts = await self._stop(leave_rooms)
        finally:
            self.cache.close()
        rooms = {room.name: room.label for room in self.rooms}
        drafts = {rooms.get(name, name): draft for name, draft in self.drafts.items()}
        return Left(texts, drafts, self.cache.problem)

    async def _stop(self, leave_rooms: bool) -> list[str]:
        if self._chat is None:
            return []
        try:
            self.keep_drafts()
            await self.stop_reading()
            self.keep(rooms=not leave_rooms)
        finally:  # whatever failed above, the server hears a goodbye and unsent lines are kept
            unsent = await self._close_chat(patience=SAVE_SECONDS)
        return unsent

    async def _begin(self, name: UserName) -> int:
        """Opens a chat where the last run of ``name`` ended.

        Returns how many lines of the user before are not sent.
        """
        waiting = 0
        if self._chat is not None:
            if self._name is not None:
                self.cache.keep_drafts(self._name, self.last_run.drafts)
            await self.stop_reading()
            waiting = len(await self._close_chat(patience=0))
        self._name = name
        self.rooms = Rooms(self._ignored)
        resume = self.cache.resume(name) or Resume(user=name, log=self.cache.log)
        self.last_run = LastRun(resume, self.cache.take_drafts(name))
        self._chat = self._open_chat(resume)
        for room in resume.cursors:
            added = self.rooms.add(room)
            added.draft = self.last_run.drafts.pop(room, "")
            self._joining.show_cached(added)
        await self._chat.start(None)
        for line in self._chat.unsent:
            room_of_line = self.rooms.add(line.room)
            room_of_line.own.append(line)
            self._watch(room_of_line, line)
            room_of_line.settle_own(self.user)
        self.start_reading()
        return waiting

    async def _close_chat(self, *, patience: float) -> list[str]:
        """Ends the chat; its unsent lines are kept for its user. Returns their texts."""
        self._closing_chat = True
        try:
            unsent = await part(self.chat, patience)
        finally:
            self._closing_chat = False
        self.cache.keep_lines(unsent)
        return [one.text if one.change is None else in_words(one.change) for one in unsent]

    # Rooms

    async def join(
        self,
        name: str,
        *,
        made: bool = False,
        password: str | None = None,
        invite: str | None = None,
    ) -> Room:
        """As `Joining.join`."""
        return await self._joining.join(name, made=made, password=password, invite=invite)

    async def talk_to(self, *people: str) -> Room:
        """Goes to the direct conversation with these people. Raises the server's refusal."""
        found = await self.chat.direct(*people)
        known = self.rooms.add(found.room)
        known.people = known.people or found.users
        return await self._joining.join(found.room)

    def open(self, room: Room) -> None:
        """As `Joining.open`."""
        self._joining.open(room)

    async def leave(self, room: Room) -> None:
        """Leaves a room."""
        self.rooms.remove(room)
        self.listener.changed()
        await self.chat.leave(room.name)
        if room.standing.access in KEEPS_MEMBERS:
            self.cache.forget(room.name)  # we are no member any more, and may not read it
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

    # Texts

    def say(self, room: Room, text: str, *, reply_to: int | None = None) -> None:
        """Sends a text to a room. Raises `ChatError`: then nothing was sent."""
        line = self.chat.send(room.name, text, reply_to=reply_to)
        room.say(line, self.user)
        self._watch(room, line)
        self.keep_lines()
        self.listener.changed()

    def change(self, room: Room, change: Change) -> None:
        """Changes a message of a room; offline, as soon as there is a connection. Raises
        `ChatError`: then it is not changed.
        """
        line = self.chat.send_change(room.name, change)
        room.own.append(line)
        room.settle_own(self.user)
        self._watch(room, line)
        self.keep_lines()
        self.listener.changed()

    def say_again(self, room: Room) -> int:
        """Sends the failed lines of a room once more; returns how many."""
        failed = room.failed()
        for line in failed:
            self.say(room, line.text, reply_to=line.reply_to)
            room.drop([line], self.user)
        return len(failed)

    def _watch(self, room: Room, line: Line) -> None:
        """Shows the outcome of a line as soon as it is known."""
        line.result.then(lambda: self._completed(room, line))

    def _completed(self, room: Room, line: Line) -> None:
        """One of our lines was saved, or refused."""
        if line.change is not None and line.error is not None and not self._closing_chat:
            room.drop([line], self.user)
            self.note(room, not_changed(line.change, line.error), Role.WARNING)
        if isinstance(line.error, Filtered) and line.change is None:
            room.take_back(line, self.user)
            self.listener.given_back(room, line.error.message)
        room.settle_own(self.user)
        if not self._closing_chat:  # then `_close_chat` saves the lines as they were before
            self.keep_lines()
        self.listener.changed()

    # Reading

    def look(self, looking: bool) -> None:
        """The terminal reports that it has the focus, or has lost it."""
        self.attention.report_focus(looking)
        if looking and self.rooms.current is not None:
            self.rooms.current.open()
        self.listener.changed()

    def mark_read(self, rooms: Iterable[Room]) -> None:
        """As `ReadMarkers.mark_read`."""
        self.markers.mark_read(rooms)

    def hide(self, ignored: Ignored) -> None:
        """Others are ignored now."""
        for room in self.rooms:
            room.timeline.restyle(room.timeline.look._replace(ignored=ignored))
        self.recount_all()

    def recount_all(self) -> None:
        """As `ReadMarkers.recount_all`."""
        self.markers.recount_all()
