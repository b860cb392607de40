"""The first questions, as in the seed: who are you, and which room?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from hubbub.client.errors import ChatClosed, Unreachable
from hubbub.domain.errors import ChatError
from hubbub.domain.names import RoomName
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.ahead import ENTER, Ahead
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.helping import Section
from hubbub.terminal.full.model.news import fitting
from hubbub.terminal.full.model.status import Link
from hubbub.terminal.full.model.switching import RoomChoice
from hubbub.terminal.full.screens.app_port import AppPort
from hubbub.terminal.full.widgets.choices import Choices
from hubbub.terminal.full.widgets.field import Field

REFRESH_SECONDS = 5.0  # between two looks at the list of rooms
FIRST_ROOM = "General"
HINTS_NAME = ("F1 helps · Enter goes on · Esc ends", "F1 helps · Esc ends")
HINTS_ROOM = (
    "F1 helps · Enter goes on · Tab completes · Esc ends",
    "F1 helps · Tab completes · Esc ends",
    "F1 · Tab completes · Esc ends",
    "F1 · Tab · Esc ends",
)
PADDING = 4  # cells, left and right of everything
BANNER_ROWS = 14  # of the screen: below, the name of the program needs no room of its own


MANY_ROOMS = 10  # more do not fit on a small screen: those that fit what is typed are shown


ABOUT_NAME = (
    Section(
        "Your name",
        (
            "This is the name that others see before what you write. It may have letters, digits "
            "and signs such as - _ . but no spaces; up to 32 of them.",
            "If you have been here before, your name is filled in already. Press Enter to keep it, "
            "or write another one over it.",
            "If the name is in use, somebody else has it, or you have it yourself: on another "
            "device or in another window.",
        ),
    ),
    Section(
        "Keys",
        (
            ("Enter", "goes on to the rooms"),
            ("Ctrl+U", "deletes what is written"),
            ("Esc, Ctrl+Q", "end the program"),
        ),
    ),
)
ABOUT_ROOM = (
    Section(
        "The room",
        (
            "A room is where people talk. All that is said in it is kept, and everybody who comes "
            "later can read it.",
            "Write the name of a room, or a part of it to find one. Press Enter alone to go to the "
            "room whose name is offered. A name that no room has makes a new room.",
            "You can be in several rooms: type /join and a name when you are in the first one.",
        ),
    ),
    Section(
        "Keys",
        (
            ("Enter", "goes to the room"),
            ("Tab", "completes the name; again: the next one that fits"),
            ("Esc, Ctrl+Q", "end the program"),
        ),
    ),
)


class Answer(Field):
    """From Enter on, at once, it takes no more keys: they are for the next question.

    Tab calls ``complete``, at once too: an Enter right behind it is for what was completed.
    """

    def __init__(
        self,
        ahead: Ahead,
        value: str = "",
        *,
        id: str,
        complete: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(value, id=id, compact=True, select_on_focus=False)
        self._ahead = ahead
        self._complete = complete

    async def _on_key(self, event: events.Key) -> None:
        gives = event.key == ENTER and (self.value.strip() or self.placeholder)
        if self._ahead.key(event.key, event.character):
            pass
        elif gives:
            self._ahead.begin()
            await self.action_submit()
        elif event.key == "tab" and self._complete is not None:
            self._complete()
        else:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        if self._ahead.paste(event.text):
            event.stop()
            event.prevent_default()
        else:
            super()._on_paste(event)


class Welcome(Screen[None]):
    """Asks for the name, shows the rooms, and asks for the room."""

    CSS = """
    Welcome { background: $background; color: $foreground; layout: vertical; }
    Welcome > Vertical { max-width: 72; padding: 1 2; height: 1fr; }
    Welcome #banner { text-style: bold; color: $primary; height: auto; }
    Welcome #where { color: $secondary; height: auto; margin-bottom: 1; }
    Welcome .question { height: auto; }
    Welcome Input { height: 1; border: none; padding: 0; background: $surface; margin-bottom: 1; }
    Welcome #word { height: auto; margin-bottom: 1; }
    Welcome #hint { height: auto; color: $secondary; }
    Welcome #word.bad { color: $error; }
    Welcome Choices { height: auto; max-height: 40%; }
    Welcome #rooms-title { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    Welcome #more-rooms { height: auto; color: $secondary; }
    Welcome #which { margin-top: 1; }
    Welcome.-short #banner { display: none; }
    Welcome.-short #hint { height: 1; }
    Welcome.-short > Vertical { padding: 0 1; }
    Welcome.-short #where, Welcome.-short Input, Welcome.-short #word { margin-bottom: 0; }
    Welcome.-short #which { margin-top: 0; }
    Welcome.-short.-named #who, Welcome.-short.-named #name { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete the room's name"),
        Binding("f1", "help", "Help"),
        Binding("escape,ctrl+q,ctrl+c", "quit", "End"),
    ]

    def __init__(self, client: AppPort, user: str | None, room: str | None) -> None:
        """``user`` and ``room``, if given, are not asked for."""
        super().__init__()
        self._client = client
        self._given_user = user
        self._given_room = room
        self._conversation: Conversation | None = None
        self._named = False
        self._completions: list[str] = []
        self._ahead = Ahead()
        self._late: asyncio.Future[str] | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Hubbub", id="banner")
            yield Static(f"{self._client.where}", id="where", markup=False)
            yield Static("What is your name?", id="who", classes="question", markup=False)
            yield Answer(self._ahead, self._given_user or "", id="name")
            rooms = Static("Available rooms:", id="rooms-title", classes="question")
            choices = Choices()
            more = Static("", id="more-rooms", markup=False)
            which = Static("Which room?", id="which", classes="question")
            room = Answer(self._ahead, id="room", complete=self.action_complete)
            for later in (rooms, choices, more, which, room):
                later.display = False
                yield later
            word = Static("", id="word", markup=False)
            word.display = False
            yield word
            yield Static("", id="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#name", Input).focus()

    def on_resize(self) -> None:
        self.set_class(self.size.height < BANNER_ROWS, "-short")
        self._show_hint()
        if self._named:
            self._show_rooms()

    def _show_hint(self) -> None:
        wordings = HINTS_ROOM if self._named else HINTS_NAME
        self.query_one("#hint", Static).update(fitting(self.size.width - PADDING, *wordings))

    def begin(self, conversation: Conversation) -> None:
        """The conversation is there, connected or not yet."""
        self._conversation = conversation
        name = self.query_one("#name", Input)
        if conversation.cache.problem is not None:
            self.say(conversation.cache.problem, bad=True)
        last = conversation.cache.last_user
        if not name.value and last:
            name.value = last
            name.cursor_position = len(last)
        if self._given_user:
            self._client.run_soon(self._introduce(self._given_user))

    def show_status(self) -> None:
        """The state of the connection, below the banner."""
        conversation = self._conversation
        if conversation is None:
            return
        status = conversation.status
        words = status.words(conversation.clock())
        if status.link is Link.OFFLINE:
            words = f"{words}. {status.reason}"
        elif status.link is Link.CONNECTING:
            words = ""  # whether there is a server shows when it is told a name
        for where in self.query("#where").results(Static):  # at the end it is gone
            where.update(f"{self._client.where}  {words}")

    def say(self, text: str, *, bad: bool = False) -> None:
        """A word below the questions."""
        word = self.query_one("#word", Static)
        word.update(shown(text))
        word.display = bool(text)
        word.set_class(bad, "bad")

    # Who

    @on(Input.Submitted, "#name")
    def _name_given(self, given: Input.Submitted) -> None:
        name = given.value.strip()
        if name and self._conversation is None:
            self._given_user = name  # quicker than us: it counts as given from the start
            self._ahead.begin()
        elif name:
            self._client.run_soon(self._introduce(name))

    async def _introduce(self, name: str) -> None:
        assert self._conversation is not None
        self._ahead.begin()
        self.say("One moment…")
        hello = asyncio.ensure_future(self._conversation.introduce(name))
        offline = asyncio.ensure_future(self._without_server())
        await asyncio.wait((hello, offline), return_when=asyncio.FIRST_COMPLETED)
        user = name
        if not hello.done():
            offline.result()
        offline.cancel()
        if hello.done():
            try:
                user = hello.result()
            except (ChatError, Unreachable, ChatClosed) as error:
                self._refused(error)
                return
        else:
            self._late = hello
            hello.add_done_callback(self._named_late)
        self.say("")
        self.query_one("#name", Input).value = user
        self.query_one("#name", Input).disabled = True
        self._named = True
        self.add_class("-named")
        await self._ask_room()

    async def _without_server(self) -> None:
        """Returns when there is no server, and yet something to show: that of our last run."""
        assert self._conversation is not None
        await self._conversation.offline.wait()
        if not self._conversation.rooms:
            self.say("Waiting for the server. Esc ends.", bad=True)
            await asyncio.Event().wait()

    def _named_late(self, hello: asyncio.Future[str]) -> None:
        if hello.cancelled():
            return
        try:
            hello.result()
        except ChatClosed:
            pass  # we have ended, or are somebody else by now
        except (ChatError, Unreachable) as error:
            self._client.told(f"{error} To choose another name, type /nick NAME.", bad=True)

    def _refused(self, error: Exception) -> None:
        self._again("name", str(error))
        suggestion = getattr(error, "suggestion", None)
        name = self.query_one("#name", Input)
        if suggestion:
            name.value = suggestion
            name.cursor_position = len(suggestion)

    # Where

    async def _ask_room(self) -> None:
        assert self._conversation is not None
        for query in ("#rooms-title", "Choices", "#which", "#room"):
            self.query_one(query).display = True
        self._show_hint()
        room = self.query_one("#room", Input)
        known = self._given_room or next(iter(self._conversation.last_rooms), None)
        if known is not None:
            self._ahead.begin()
            await self._enter(known)
            return
        typed, entered = self._ahead.answer()
        room.value = typed
        room.cursor_position = len(typed)
        if not entered:
            self.set_focus(room)
        await self._refresh_rooms()
        likely = self._conversation.cache.rooms() or [
            one.name for one in self._client.finding.rooms
        ]
        room.placeholder = likely[0] if likely else FIRST_ROOM
        self.set_interval(REFRESH_SECONDS, self._refresh_if_seen)
        if entered:
            await room.action_submit()

    async def _refresh_if_seen(self) -> None:
        if self.app.screen is self:  # in a room nobody looks at the list
            await self._refresh_rooms()

    async def _refresh_rooms(self) -> None:
        conversation = self._conversation
        assert conversation is not None
        try:
            await self._client.finding.refresh()
        except (ChatError, ChatClosed):
            return
        self._show_rooms()

    def _show_rooms(self) -> None:
        assert self._conversation is not None
        finding, typed = self._client.finding, self.query_one("#room", Input).value
        infos, title, more = finding.rooms, "Available rooms:", ""
        if not infos:
            title = "There are no rooms yet."
        elif finding.total > MANY_ROOMS:
            fitting = finding.fitting(typed) if typed else ()
            title = f"Available rooms: {finding.total:,} (type to find one)"
            if fitting:
                infos = fitting
                more = (
                    "There are more rooms like that: type on." if finding.more_like(typed) else ""
                )
            elif finding.more:
                more = f"{finding.total - len(infos):,} more rooms: type to find one."
        self.query_one(Choices).tell(infos, typed, self._conversation.clock())
        self.query_one(Choices).styles.height = max(1, len(infos))
        self.query_one("#rooms-title", Static).update(title)
        self.query_one("#more-rooms", Static).update(more)
        # Where there is little room, the title alone says it.
        self.query_one("#more-rooms", Static).display = bool(more) and not self.has_class("-short")

    @on(Input.Changed, "#room")
    def _room_typed(self, changed: Input.Changed) -> None:
        if self._named:
            self._show_rooms()
            if self._client.finding.more:
                self._client.finding.look(changed.value, self._show_rooms)

    @on(Input.Submitted, "#room")
    def _room_given(self, given: Input.Submitted) -> None:
        room = given.value.strip() or given.input.placeholder
        self._ahead.begin()
        self._client.run_soon(self._choose(str(room)))

    async def _choose(self, typed: str) -> None:
        """Goes to the room of that name; asks when there is none, but for the very first one."""
        assert self._conversation is not None
        try:
            name = await self._client.finding.meant(typed)
            if name is None and self._client.finding.is_empty:
                name = str(RoomName.parse(typed))
        except (ChatError, ChatClosed) as error:
            self._again("room", str(error))
            return
        if name is not None:
            await self._enter(name)
        else:
            self._again("room", "")
            title = f"There is no room {typed} yet. Which one?"
            self._client.ask_room(self._conversation, self._chosen, title=title, typed=typed)

    async def _chosen(self, choice: RoomChoice) -> None:
        await self._enter(choice.name, made=choice.made)

    async def _enter(self, name: str, *, made: bool = False) -> None:
        try:
            await self._client.enter(name, made=made, typed=self._ahead.rest)
        except (ChatError, ChatClosed) as error:
            self._again("room", str(error))

    # While an answer is on its way

    def _again(self, field: str, why: str) -> None:
        """The same question is asked once more."""
        self._ahead.forget()
        self.say(why, bad=True)
        asked = self.query_one(f"#{field}", Input)
        asked.disabled = False
        self.set_focus(asked)  # at once: `focus` would leave a moment for keys to get lost in

    def on_key(self, event: events.Key) -> None:
        if self._ahead.key(event.key, event.character):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        self._ahead.paste(event.text)

    # Keys

    def action_complete(self) -> None:
        room = self.query_one("#room", Input)
        if not room.has_focus:
            return
        if room.value in self._completions:
            place = self._completions.index(room.value) + 1
            room.value = self._completions[place % len(self._completions)]
        else:
            self._completions = [info.name for info in self._client.finding.fitting(room.value)]
            if self._completions:
                room.value = self._completions[0]
            else:
                self.say(f'No room has "{room.value}" in its name.')
        room.cursor_position = len(room.value)

    def action_help(self) -> None:
        self._client.show_help(ABOUT_ROOM if self._named else ABOUT_NAME)

    def action_quit(self) -> None:
        self._client.end(leave_rooms=False)
