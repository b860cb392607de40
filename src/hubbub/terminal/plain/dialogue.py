"""The conversation with the person at the keyboard: who, which room, then what is said."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hubbub.client import Chat, ChatError, Entered, InvalidName, Line, LineState, Mark, NoSuchRoom
from hubbub.domain.alike import alike
from hubbub.domain.commands import MAX_NAME_QUERY_CHARS
from hubbub.domain.names import RoomName
from hubbub.domain.orders import Message, Mistake, Order
from hubbub.terminal.plain.asking import Leave, ask_name, ask_room
from hubbub.terminal.plain.commands import VOCABULARY, obey
from hubbub.terminal.plain.console import Console
from hubbub.terminal.plain.lines import event_lines, found_lines
from hubbub.terminal.plain.listener import Listener
from hubbub.terminal.plain.roompages import RoomPages
from hubbub.terminal.plain.teller import Teller
from hubbub.terminal.running import complain
from hubbub.terminal.safe import safe, safe_lines

if TYPE_CHECKING:
    from hubbub.client.cache import Cache

MADE = "This room is new: you have just made it. To take it back: /delete"
STAYS = "Your name stays as long as you are connected. Type exit, and come back with another."
MORE = "more"
RESULTS = 10  # of a search at a time: half a screen
MOST_LIKE = 5  # rooms that are told of when one is named that is not there
KEPT_LINES = 10_000  # of chat_history: hours of a busy room
KEPT_CHARS = 4_000_000  # of the same, however long its lines are
SAVE_SECONDS = 30.0  # in a pipe, without any line being saved: the server is away
ANSWER_SECONDS = 10.0  # for what was asked of the server, before we say that there is no answer
LAST_SECONDS = 0.5  # at the end, for what the server still has to say to a person who goes
LINES_AHEAD = 500  # that may wait to be saved before more is read from a pipe


class Dialogue:
    """One person's chat; a `Speaker`.

    ``chat_history`` has the lines that were shown. It keeps the newest `KEPT_LINES`, of
    `KEPT_CHARS` at most, so that a client that runs for months does not eat the computer's memory.
    ``refused`` counts the lines that the server did not take.
    """

    def __init__(
        self,
        chat: Chat,
        console: Console,
        teller: Teller | None = None,
        cache: Cache | None = None,
    ) -> None:
        """``cache`` keeps how far rooms were read; nothing does, if it is None."""
        self.chat_history: deque[str] = deque()
        self.refused = 0
        self._kept_chars = 0
        self._chat = chat
        self._console = console
        self._cache = cache
        self._listener = Listener(
            chat,
            teller or Teller(),
            self._show,
            watched=console.interactive,
            keep=self._keep_mark,
        )
        self._room: str | None = None
        self._rooms = RoomPages(chat)
        self._more: tuple[str, str] | None = None
        self._stopping = False
        self._asked: str | None = None
        self._refusals: asyncio.Queue[Line] = asyncio.Queue()

    # Coming in

    async def introduce(self, user: str | None) -> None:
        """Asks who it is, until the server agrees. Raises `Leave`, `ChatError`, `Unreachable`."""
        name, suggestion = user, None
        while True:
            if name is None:
                name = await ask_name(self._console, suggestion)
            try:
                await self._chat.hello(name)
                self._recall()
                return
            except ChatError as refusal:
                await self._ask_again(refusal, given=user)
                name, suggestion = None, refusal.suggestion

    def _recall(self) -> None:
        """Next day the server does not know any more what was read."""
        now = self._chat.resume()
        if self._cache is not None and now.user is not None:
            self._cache.log = now.log
            self._chat.recall(self._cache.marks(now.user))

    def _keep_mark(self, room: str, mark: Mark) -> None:
        if self._cache is not None and self._chat.user is not None:
            self._cache.keep_mark(self._chat.user, room, mark)

    async def choose_room(self, room: str | None = None) -> None:
        """Asks for the room, until the server agrees. Raises `Leave`, `ChatError`."""
        entered = await self._enter(room)
        self._room = entered.room
        # So that the prompt stands below it.
        await self._listener.show_history_of(entered)
        if entered.new and self._console.interactive:
            await self._tell_made(entered.room)

    async def _enter(self, room: str | None) -> Entered:
        name, suggestion, wanted = room, None, ""
        while True:
            if name is None:
                await self.tell(*await self._rooms.lines(wanted))
                answer = await ask_room(self._console, suggestion)
                if isinstance(answer, Order):
                    wanted = answer.argument
                    continue
                name, wanted = answer, ""
            try:
                return await self._chat.join(name)
            except ChatError as refusal:
                await self._ask_again(refusal, given=room)
                # Enter takes a room that is there rather than make one.
                near = await self._like(name) if isinstance(refusal, InvalidName) else []
                name, suggestion = None, near[0] if near else refusal.suggestion

    async def _ask_again(self, refusal: ChatError, *, given: str | None) -> None:
        if given is not None and not self._console.interactive:
            raise refusal  # what comes next in the pipe is meant for the room
        await self.tell(refusal.message)

    # Listening and talking

    async def listen(self) -> None:
        """Shows what happens, until the chat ends."""
        await self._listener.run()

    async def report_refusals(self) -> None:
        """Tells of each line that the server did not take, for as long as it is not cancelled."""
        while True:
            line = await self._refusals.get()
            await self._tell_refused(line.text, str(line.error))

    async def talk(self) -> None:
        """Says what is typed, and does what is commanded, until the person is gone."""
        while not self._stopping:
            typed = await self._console.read()
            if typed is None:
                return
            if not typed.strip():
                continue
            asked = VOCABULARY.read(typed)
            if isinstance(asked, Message):
                await self.say(asked.text)
                continue
            if isinstance(asked, Mistake):
                await self.tell(asked.why)
                continue
            try:
                await obey(self, asked)
            except ChatError as refusal:
                await self.tell(refusal.message)
            except TimeoutError:
                await self.tell("The server does not answer now. Please try again later.")
            except Leave:
                return

    async def reply(self, name: str, text: str) -> None:
        """Says ``text`` in answer to the last thing that was shown of ``name`` in the room."""
        seq = self._listener.newest_of(self._room or "", name)
        if seq is None:
            why = f'Nobody called "{name}" has said anything here lately.'
            await self._tell_refused(text, why)
        else:
            await self.say(text, reply_to=seq)

    async def act(self, text: str) -> None:
        """Says that we do something."""
        await self.say(f"*{self._chat.user} {text}*")

    async def say(self, text: str, *, reply_to: int | None = None) -> None:
        """Says ``text`` in the room; tells when it has to wait or cannot be said."""
        if not self._console.interactive:
            await self._chat.drain(below=LINES_AHEAD)
        try:
            line = self._chat.send(self._room or "", text, reply_to=reply_to)
        except ChatError as refusal:
            why = (
                refusal.message
                if self._room
                else "You are not in a room. To go to one, type /join ROOM"
            )
            await self._tell_refused(text, why)
            return
        line.result.then(lambda: self._settled(line))
        if self._console.interactive and not self._chat.online:
            await self.tell(*(f"(waiting) {part}" for part in safe_lines(text)))

    def _settled(self, line: Line) -> None:
        if line.state is LineState.FAILED and isinstance(line.error, ChatError):
            self._refusals.put_nowait(line)

    async def _tell_refused(self, text: str, why: str) -> None:
        self.refused += 1
        await self._warn(why, *(f"(not sent) {part}" for part in safe_lines(text)))

    # Commands

    async def tell(self, *lines: str) -> None:
        """Shows lines."""
        await self._show(lines)

    async def list_rooms(self, wanted: str) -> None:
        """Shows the rooms with ``wanted`` in their names, or those behind them for ``more``."""
        async with asyncio.timeout(ANSWER_SECONDS):
            lines = await self._rooms.lines(wanted)
        await self.tell(*lines)

    async def list_users(self) -> None:
        """Shows who is in the room."""
        room = self._room or ""
        async with asyncio.timeout(ANSWER_SECONDS):
            users = await self._chat.who(room)
        await self.tell(f"In {room}: {', '.join(users)}")

    async def show_history(self, count: int) -> None:
        """Shows the last lines of the room again."""
        most = self._chat.limits.history if self._chat.limits else count
        async with asyncio.timeout(ANSWER_SECONDS):
            page = await self._chat.history(self._room or "", limit=min(count, most))
        await self.tell(*(line for event in page.events for line in event_lines(event)))
        if page.events:
            self._listener.saw(page.events[0].seq)

    async def mark_read(self) -> None:
        """The person says that all in the room is read."""
        self._listener.read()
        await self.tell("All here is read.")

    async def search(self, query: str) -> None:
        """Shows the newest texts that fit, or those behind them for ``more``."""
        before = None
        if query == MORE:
            if self._more is None:
                await self.tell("There are no more results. To find something else: /search WORDS")
                return
            query, before = self._more
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._chat.search(query, before=before, limit=RESULTS)
        self._more = None if found.next is None else (query, found.next)
        await self.tell(*found_lines(found))

    async def go_to(self, room: str) -> None:
        """Leaves this room for another one. A person who names one that is not there is asked."""
        if self._console.interactive and await self._asks_about(room):
            return
        async with asyncio.timeout(ANSWER_SECONDS):
            entered = await self._chat.join(room)
        self._asked = None
        before, self._room = self._room, entered.room
        if before == entered.room:
            await self.tell(f"You are in {before} already.")
            return
        if before is not None:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._chat.leave(before)
        await self._listener.show_history_of(entered)
        if entered.new:
            await self.tell(MADE)

    async def _tell_made(self, room: str) -> None:
        """Nobody was asked whether it is to be made: its name may be a slip."""
        near = [one for one in await self._like(room) if one != room]
        await self.tell(MADE, *(f"Did you mean {one}? To go there: /join {one}" for one in near))

    async def _like(self, room: str) -> list[str]:
        """The rooms that may be meant by a name: written much like it, or of which it is a part."""
        query = room.strip()[:MAX_NAME_QUERY_CHARS]
        if not (query and self._console.interactive):
            return []
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                parts = (await self._chat.list_rooms(query, limit=MOST_LIKE)).rooms
                near = alike(room, [one.name for one in await self._chat.rooms()])
        except (ChatError, TimeoutError):
            return []
        return list(dict.fromkeys([*near, *(one.name for one in parts)]))

    async def _asks_about(self, room: str) -> bool:
        """Whether there is no such room; then those like it are told, and asking again makes it."""
        try:
            name = RoomName.parse(room)
        except InvalidName as refusal:
            near = await self._like(room)
            await self.tell(refusal.message, *(f"Did you mean /join {one}" for one in near))
            return True
        if name.key == self._asked or not self._chat.online:
            return False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._chat.history(name, limit=1)
        except NoSuchRoom:
            self._asked = name.key
        else:
            return False
        await self.tell(
            f"There is no room {name} yet. To make it, type /join {name} once more.",
            *(f"Did you mean /join {one}" for one in await self._like(name)),
        )
        return True

    async def leave_room(self, room: str) -> None:
        """Leaves this room, and asks for another one. ``room`` can only be this one, or ""."""
        if room and (
            self._room is None or RoomName.recall(room).key != RoomName.recall(self._room).key
        ):
            await self.tell(f"You are not in {room}.")
            return
        if self._room is not None:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._chat.leave(self._room)
            await self.tell(f"You have left {self._room}.")
        self._room = None
        await self.choose_room()

    async def delete_room(self, room: str) -> None:
        """Deletes ``room``, or this one; then there is another one to be chosen."""
        name = room or self._room
        if name is None:
            await self.tell(VOCABULARY.lacking("delete"))
            return
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._chat.delete(name)
        await self.tell(f"The room {name} is deleted.")
        if self._room is not None and not self._chat.is_in(self._room):
            self._room = None
            await self.choose_room()

    async def rename(self, name: str) -> None:
        """Takes another name, when the server does not let us in with ours."""
        if self._chat.online:
            await self.tell(STAYS)
        else:
            await self._chat.hello(name)

    def stop(self) -> None:
        """Ends the conversation."""
        self._stopping = True

    async def settle(self) -> None:
        """In a pipe, an answer stands behind all that was said before it was asked for."""
        if not self._console.interactive:
            await self._until_saved(SAVE_SECONDS)
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._listener.catch_up()

    async def _until_saved(self, patience: float) -> None:
        """Raises `TimeoutError` when no line is saved in so many seconds."""
        while self._chat.unsent:
            async with asyncio.timeout(patience):
                await self._chat.drain(below=len(self._chat.unsent))

    # Going

    async def finish(self, patience: float) -> None:
        """Waits until all that was said is saved and shown, as long as it goes on: ``patience``
        is in seconds without any line being saved.
        """
        waiting = len(self._chat.unsent)
        if waiting and self._console.interactive and not self._chat.online:
            lines = "One line waits" if waiting == 1 else f"{waiting} lines wait"
            await self.tell(f"{lines} for the server. Ctrl+C ends without waiting.")
        try:
            await self._until_saved(patience)
            if self._chat.online:
                # What others say meanwhile is for a file; a person has seen enough.
                wait = min(patience, LAST_SECONDS) if self._console.interactive else patience
                async with asyncio.timeout(wait):
                    await self._listener.catch_up()
        except TimeoutError:
            pass  # what is missing is told by `list_unsaved`
        while not self._refusals.empty():
            line = self._refusals.get_nowait()
            await self._tell_refused(line.text, str(line.error))

    async def list_unsaved(self) -> None:
        """Tells what is not saved, at the end."""
        unsaved = self._chat.unsent
        if unsaved:
            parts = [part for line in unsaved for part in safe_lines(line.text)]
            lines = [
                "These lines may not be saved; the server did not say:",
                *(f"(not saved) {part}" for part in parts),
            ]
            try:
                await self._warn(*lines)
            except OSError:
                raise
            except Exception:  # the console is what has failed
                complain(*lines)
                raise

    async def _show(self, lines: Sequence[str]) -> None:
        safely = [safe(line) for line in lines]
        for line in safely:
            self._keep(line)
        if safely:
            await self._console.write(safely)

    def _keep(self, line: str) -> None:
        history = self.chat_history
        history.append(line)
        self._kept_chars += len(line)
        while len(history) > KEPT_LINES or self._kept_chars > KEPT_CHARS:
            self._kept_chars -= len(history.popleft())

    async def _warn(self, *lines: str) -> None:
        await self._console.warn([safe(line) for line in lines])
