"""The conversation with the person at the keyboard: name, room, then texts and commands."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

from hubbub.client import (
    Chat,
    ChatError,
    Connected,
    Event,
    GuestsOff,
    Line,
    LineState,
    LoggedOut,
    Mark,
    NeedCode,
    NeedPassword,
    Renamed,
    RoomMoved,
    TextHeld,
    Update,
    WrongPassword,
)
from hubbub.client.errors import ChatClosed
from hubbub.client.segment import Segment
from hubbub.domain import commands as ask
from hubbub.domain.deeds import deed
from hubbub.domain.filenames import spoken_size
from hubbub.domain.names import RoomName
from hubbub.domain.orders import Message, Mistake, Order
from hubbub.terminal.attaching import drawn, newest_file, send_files
from hubbub.terminal.plain.accounts import Accounts, Draw
from hubbub.terminal.plain.asking import Leave, ask_name
from hubbub.terminal.plain.changing import change_of, typed
from hubbub.terminal.plain.commands import VOCABULARY, obey
from hubbub.terminal.plain.console import Console
from hubbub.terminal.plain.entrance import ANSWER_SECONDS, MADE, Entrance
from hubbub.terminal.plain.howfar import HowFar
from hubbub.terminal.plain.lines import about, event_lines, found_lines
from hubbub.terminal.plain.listener import Listener
from hubbub.terminal.plain.people import People
from hubbub.terminal.plain.roompages import RoomPages
from hubbub.terminal.plain.teller import Teller
from hubbub.terminal.plain.transcript import Transcript
from hubbub.terminal.running import complain
from hubbub.terminal.safe import safe, safe_lines
from hubbub.wire.line.asking import Ask
from hubbub.wire.line.shown import members_lines

if TYPE_CHECKING:
    from hubbub.client.cache import Cache

STAYS = (
    "A guest's name stays as long as you are connected. Type exit, and come back with another; or "
    "make an account of it: /register"
)
MORE = "more"
RESULTS = 10  # of a search at a time: half a screen
SAVE_SECONDS = 30.0  # in a pipe, without any line being saved: the server is away
FILE_SECONDS = 300.0  # at the end, for files that are being sent
LAST_SECONDS = 0.5  # at the end, for the server's last updates to a person who goes
LINES_AHEAD = 500  # unsaved lines, before reading from a pipe pauses (back-pressure)


class LetOut(Exception):
    """The server has ended our login."""


class Dialogue:
    """One person's chat; a `Speaker`.

    ``transcript`` has the lines that were shown. ``refused`` counts the lines that the server
    refused.
    """

    def __init__(
        self,
        chat: Chat,
        console: Console,
        teller: Teller | None = None,
        cache: Cache | None = None,
        draw: Draw = lambda text: [],
    ) -> None:
        """``cache`` keeps the read markers; without one they end with the program.

        ``draw`` makes a QR code of a text.
        """
        self.transcript = Transcript(console)
        self.refused = 0
        self._chat = chat
        self._console = console
        self._cache = cache
        teller = teller or Teller()
        teller.people, teller.mine = chat.people, self._is_mine
        teller.site = lambda: chat.address.site
        teller.watched = console.interactive
        self._accounts = Accounts(chat, console, self.tell, draw)
        self._people = People(chat, self._accounts, VOCABULARY, self.tell)
        self._listener = Listener(
            chat,
            teller,
            self.transcript.show,
            watched=console.interactive,
            keep=self._keep_mark,
            noted=self._noted,
        )
        self._room: str | None = None
        self._pages = RoomPages(chat)
        self._entrance = Entrance(chat, console, self._pages, self.tell)
        self._more: tuple[str, str] | None = None
        self._stopping = False
        self._refusals: asyncio.Queue[Line] = asyncio.Queue()
        self._sending: set[asyncio.Task[None]] = set()
        self._let_out: asyncio.Queue[ChatError] = asyncio.Queue()

    # Coming in

    async def introduce(self, user: str | None, password: str | None = None) -> None:
        """Asks for the name, until the server accepts one, and for an account's password.

        ``password``: that of the first name. Raises `Leave`, `Unreachable`, and `ChatError` for a
        given ``user`` if nobody can be asked.
        """
        name, suggestion = user, None
        code: str | None = None
        while True:
            try:
                if name is None:
                    answered = await ask_name(self._console, suggestion)
                    if isinstance(answered, Order):
                        if await self._accounts.reset(answered.argument):
                            self._recall()
                            return
                        continue
                    name = answered
                token = self._cache.token(name) if self._cache is not None else None
                await self._chat.hello(name, password=password, code=code, token=token)
                self._recall()
                return
            except (NeedPassword, WrongPassword, NeedCode) as refusal:
                if not self._console.interactive:
                    raise
                await self.tell(refusal.message)
                if isinstance(refusal, NeedCode):
                    answer = code = await self._accounts.secret(Ask.CODE, name or "")
                else:
                    answer = password = await self._accounts.secret(Ask.LOGIN, name or "")
                    code = None
                if answer is None:
                    raise Leave from None
                if not answer:
                    name = password = code = suggestion = None
            except GuestsOff as refusal:
                if not self._console.interactive:
                    raise
                await self.tell(refusal.message)
                if name and await self._accounts.register_at_the_door(name):
                    self._recall()
                    return
                name = password = code = suggestion = None
            except ChatError as refusal:
                password = code = None
                if user is not None and not self._console.interactive:
                    raise  # the next line in the pipe is no answer: it is meant for the room
                await self.tell(refusal.message)
                name, suggestion = None, refusal.suggestion

    def _recall(self) -> None:
        """Gives the server the read markers of earlier runs, which it may have forgotten."""
        now = self._chat.resume()
        if self._cache is not None and now.user is not None:
            self._cache.log = now.log
            self._chat.recall(self._cache.marks(now.user))

    def _is_mine(self, event: Event) -> bool:
        return self._chat.me.did(event)

    def _noted(self, update: Update) -> None:
        match update:
            case RoomMoved(room, name) if room == self._room:
                self._room = name
            case Connected() | Renamed():
                self.keep_token()
            case LoggedOut(error=error) if not self._console.interactive:
                self._let_out.put_nowait(error)

    def keep_token(self) -> None:
        """Keeps what proves that we are the account that we are, for the next run."""
        now = self._chat.resume()
        if self._cache is not None and now.account and now.user and now.token:
            self._cache.keep_token(now.user, now.token)

    async def do(self, order: Order) -> None:
        """Does what was typed of accounts, rights and moderation."""
        await self._people.do(order, self._room)
        self.keep_token()

    async def change_later(self, order: Order) -> None:
        """Has a change of a message wait for the connection. Raises `ChatError`."""
        command = deed(VOCABULARY, order, RoomName.recall(self._room or ""))
        assert isinstance(command, ask.Amend)
        own = order.name in ("edit", "undo") and command.user is None
        if own and (self._people.aside or any(line.change is None for line in self._chat.unsent)):
            await self.tell("What you said last waits itself. Try again when you are connected.")
            return
        name = self._chat.user if own else command.user
        seq = self._listener.newest_of(self._room or "", name)
        if seq is None:
            await self.tell("There is no such message here. Nothing was done.")
            return
        line = self._chat.send_change(self._room or "", change_of(command, seq))
        line.result.then(lambda: self._completed(line))
        await self.tell(*(f"(waiting) {part}" for part in safe_lines(typed(line))))

    def _keep_mark(self, room: str, mark: Mark) -> None:
        if self._cache is not None and self._chat.user is not None:
            self._cache.keep_mark(self._chat.user, room, mark)

    async def choose_room(self, room: str | None = None) -> None:
        """Enters ``room``, or asks for one, as `Entrance.choose`; shows its history."""
        entered = await self._entrance.choose(room)
        self._room = entered.room
        # Before the prompt, which stands below it.
        await self._listener.show_history_of(entered)
        if entered.new and self._console.interactive:
            await self._entrance.tell_made(entered.room)

    # Listening and talking

    async def listen(self) -> None:
        """Shows what happens, until the chat ends."""
        await self._listener.run()

    async def report_refusals(self) -> None:
        """Tells of each line that the server refuses, until it is cancelled."""
        while True:
            await self._report(await self._refusals.get())

    async def _report(self, line: Line) -> None:
        state = "held" if isinstance(line.error, TextHeld) else "not sent"
        await self._tell_refused(typed(line), str(line.error), state)

    async def until_let_out(self) -> None:
        """Raises `LetOut`, told, when a pipe is logged out: nobody is there to log in again."""
        error = await self._let_out.get()
        await self.transcript.warn(error.message)
        raise LetOut from error

    async def talk(self) -> None:
        """Sends texts and obeys commands, as they are typed, until the input ends."""
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
        """Replies to the last text of ``name`` that was shown in the room."""
        seq = self._listener.newest_of(self._room or "", name)
        if seq is None:
            why = f'Nobody called "{name}" has said anything here lately.'
            await self._tell_refused(text, why)
        else:
            await self.say(text, reply_to=seq)

    async def act(self, text: str) -> None:
        """Says ``text`` as an action, as in ``*ada waves*``."""
        await self.say(f"*{self._chat.user} {text}*")

    async def send_files(self, typed: str) -> None:
        """Sends files; a person talks on meanwhile, a pipe waits."""
        sending = asyncio.create_task(self._send_files(typed, self._room or ""))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        if not self._console.interactive:
            await sending

    async def _send_files(self, typed: str, room: str) -> None:
        far = HowFar(self.tell if self._console.interactive else None)
        try:
            async with far:
                await send_files(self._chat, room, typed, far.told)
        except (ChatError, ChatClosed) as error:
            self.refused += 1
            await self.transcript.warn(str(error))

    async def show_file(self, name: str) -> None:
        """Draws the newest picture of the room, if that can be, and tells where the file is."""
        room, files = self._room or "", self._chat.attachments
        async with asyncio.timeout(ANSWER_SECONDS):
            file = await newest_file(self._chat, room, name)
            link = await files.link(file)
            picture = await files.thumbnail(file) if file.thumbnail else b""
        if picture and self._console.interactive:
            size = shutil.get_terminal_size()
            made = await drawn(picture, max(1, size.columns - 2), max(1, size.lines - 4))
            await self._console.draw(made.below)
        about = [safe(file.alt)] if file.alt else []
        await self.tell(*about, safe(f"{file.name} ({spoken_size(file.size)}) {link}"))

    async def say(self, text: str, *, reply_to: int | None = None) -> None:
        """Sends ``text`` to the room; tells when it has to wait, or is refused."""
        if not self._console.interactive:
            await self._chat.drain(below=LINES_AHEAD)
        try:
            line = self._chat.send(self._room or "", text, reply_to=reply_to)
            self._people.aside = None
        except ChatError as refusal:
            why = (
                refusal.message
                if self._room
                else "You are not in a room. To go to one, type /join ROOM"
            )
            await self._tell_refused(text, why)
            return
        line.result.then(lambda: self._completed(line))
        if self._console.interactive and not self._chat.online:
            await self.tell(*(f"(waiting) {part}" for part in safe_lines(text)))

    def _completed(self, line: Line) -> None:
        if line.state is LineState.FAILED and isinstance(line.error, ChatError):
            self._refusals.put_nowait(line)

    async def _tell_refused(self, text: str, why: str, state: str = "not sent") -> None:
        self.refused += 1
        await self.transcript.warn(why, *(f"({state}) {part}" for part in safe_lines(text)))

    # Commands

    async def tell(self, *lines: str) -> None:
        """Shows lines."""
        await self.transcript.show(lines)

    async def list_rooms(self, wanted: str) -> None:
        """Shows the rooms with ``wanted`` in their names, or the next page for ``more``."""
        async with asyncio.timeout(ANSWER_SECONDS):
            lines = await self._pages.lines(wanted)
        await self.tell(*lines)

    @property
    def online(self) -> bool:
        """Whether there is a connection."""
        return self._chat.online

    async def list_users(self) -> None:
        """Shows who is in the room."""
        room = self._room or ""
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._chat.attendance(room)
        await self.tell(*map(safe, members_lines(found)))

    async def show_topic(self) -> None:
        """Shows what the room is about."""
        await self.tell(about(self._room or "", self._chat.topic(self._room or "")))

    async def set_topic(self, topic: str) -> None:
        """Says what the room is about; all are told so by the event."""
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._chat.set_topic(self._room or "", topic)

    async def show_history(self, count: int) -> None:
        """Shows the last ``count`` lines of the room again."""
        most = self._chat.limits.history if self._chat.limits else count
        async with asyncio.timeout(ANSWER_SECONDS):
            page = await self._chat.timeline(self._room or "", limit=min(count, most))
        site = self._chat.address.site
        lines = (line for event in page.events for line in event_lines(event, site=site))
        await self.tell(*lines)
        covered = Segment.of(page)
        if not covered.empty:
            self._listener.saw(covered.first)

    async def mark_read(self) -> None:
        """Marks everything in the room as read."""
        self._listener.read()
        await self.tell("All here is read.")

    async def search(self, query: str) -> None:
        """Shows the newest texts that match, or the next page for ``more``."""
        before = None
        if query == MORE:
            if self._more is None:
                await self.tell("There are no more results. To find something else: /search WORDS")
                return
            query, before = self._more
        async with asyncio.timeout(ANSWER_SECONDS):
            found = await self._chat.search(query, before=before, limit=RESULTS)
        self._more = None if found.next is None else (query, found.next)
        await self.tell(*found_lines(found, self._chat.people))

    async def go_to(
        self, room: str, password: str | None = None, invite: str | None = None
    ) -> None:
        """Leaves this room for another one; a person is asked first if it does not exist.

        ``invite``: the code of a link.
        """
        if invite is None and not await self._entrance.exists(room, password):
            return
        async with asyncio.timeout(ANSWER_SECONDS):
            entered = await self._chat.join(room, password=password, invite=invite)
        self._entrance.entered()
        before, self._room = self._room, entered.room
        if before == entered.room:
            await self.tell(f"You are in {before} already.")
            return
        if before is not None:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._chat.leave(before, for_good=False)
        await self._listener.show_history_of(entered)
        if entered.new:
            await self.tell(MADE)

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
        """Deletes ``room``, or this one; after that, asks for another one."""
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
        """Takes another name if the server refuses ours; a connected client keeps its name."""
        if self._chat.online and self._chat.account.exists:
            await self.do(Order("nick", name))
        elif self._chat.online:
            await self.tell(STAYS)
        else:
            await self._chat.hello(name)

    def stop(self) -> None:
        """Ends the conversation."""
        self._stopping = True

    async def settle(self) -> None:
        """In a pipe, waits until all lines before a command are saved and shown: its answer comes
        behind them.
        """
        if not self._console.interactive:
            await self._until_saved(SAVE_SECONDS)
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._listener.catch_up()

    async def _until_saved(self, patience: float) -> None:
        """Waits until all lines are saved.

        Raises `TimeoutError` if no line is saved within ``patience`` seconds.
        """
        while self._chat.unsent:
            async with asyncio.timeout(patience):
                await self._chat.drain(below=len(self._chat.unsent))

    # Going

    async def finish(self, patience: float) -> None:
        """Waits until all lines are saved and shown; gives up after ``patience`` seconds in which
        none was saved.
        """
        if self._sending:
            await self.tell("A file is being sent. Ctrl+C ends without waiting.")
            await asyncio.wait(self._sending, timeout=FILE_SECONDS)
        for sending in list(self._sending):
            sending.cancel()
        waiting = len(self._chat.unsent)
        if waiting and self._console.interactive and not self._chat.online:
            lines = "One line waits" if waiting == 1 else f"{waiting} lines wait"
            await self.tell(f"{lines} for the server. Ctrl+C ends without waiting.")
        try:
            await self._until_saved(patience)
            if self._chat.online:
                # A file should have what others say meanwhile; a person need not wait for it.
                wait = min(patience, LAST_SECONDS) if self._console.interactive else patience
                async with asyncio.timeout(wait):
                    await self._listener.catch_up()
        except TimeoutError:
            pass  # `list_unsaved` tells which lines are missing
        while not self._refusals.empty():
            await self._report(self._refusals.get_nowait())

    async def list_unsaved(self) -> None:
        """Lists the lines that were not saved, at the end."""
        unsaved = self._chat.unsent
        if unsaved:
            parts = [part for line in unsaved for part in safe_lines(typed(line))]
            lines = [
                "These lines may not be saved; the server did not say:",
                *(f"(not saved) {part}" for part in parts),
            ]
            try:
                await self.transcript.warn(*lines)
            except OSError:
                raise
            except Exception:  # the console is what has failed
                complain(*lines)
                raise
