"""The first questions: the person's name, and the room to go to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Input, Static

from hubbub.client.errors import ChatClosed, Unreachable
from hubbub.domain.errors import (
    ChatError,
    GuestsOff,
    NeedCode,
    NeedPassword,
    RateLimited,
    WrongPassword,
)
from hubbub.domain.names import RoomName
from hubbub.domain.tickets import invitation_code
from hubbub.terminal.full.asking import AGAIN, Asked, same
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.ahead import Ahead
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.news import fitting
from hubbub.terminal.full.model.rooms import is_talk
from hubbub.terminal.full.model.status import Link
from hubbub.terminal.full.model.switching import RoomChoice
from hubbub.terminal.full.screens.app_port import AppPort
from hubbub.terminal.full.screens.welcome_style import STYLE
from hubbub.terminal.full.screens.welcome_texts import (
    ABOUT_NAME,
    ABOUT_ROOM,
    HINTS_NAME,
    HINTS_PASSWORD,
    HINTS_ROOM,
)
from hubbub.terminal.full.widgets.choices import Choices
from hubbub.terminal.full.widgets.question import QuestionField

REFRESH_SECONDS = 5.0  # between two requests for the list of rooms
FIRST_ROOM = "General"
PADDING = 4  # cells at the left and right edge together
BANNER_ROWS = 14  # of the screen: a smaller one has no place for the program's name


class Welcome(Screen[None]):
    """Asks for the name, shows the rooms, and asks for the room."""

    CSS = STYLE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete the room's name"),
        Binding("f1", "help", "Help"),
        Binding("ctrl+r", "forgotten", "A new password, by the code of a link", priority=True),
        Binding("escape", "back", "Back to the name, or the end"),
        Binding("ctrl+q,ctrl+c", "quit", "End"),
    ]

    def __init__(
        self, client: AppPort, user: str | None, room: str | None, password: str | None = None
    ) -> None:
        """``user``, ``room`` and ``password``, if given, are not asked for."""
        super().__init__()
        self._given_password = password
        self._wanted = ""  # the name whose password is asked for
        self._password: str | None = None  # which was right, while a code is lacking
        self._client = client
        self._given_user = user
        self._given_room = room
        self._conversation: Conversation | None = None
        self._named = False
        self._completions: list[str] = []
        self._ahead = Ahead()
        self._pending_hello: asyncio.Future[str] | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static("Hubbub", id="banner")
            yield Static(f"{self._client.where}", id="where", markup=False)
            yield Static("What is your name?", id="who", classes="question", markup=False)
            yield QuestionField(self._ahead, self._given_user or "", id="name")
            secret = Static("", id="secret-of", classes="question", markup=False)
            password = QuestionField(self._ahead, id="password", hidden=True)
            rooms = Static("Available rooms:", id="rooms-title", classes="question")
            choices = Choices()
            more = Static("", id="more-rooms", markup=False)
            which = Static("Which room?", id="which", classes="question")
            room = QuestionField(self._ahead, id="room", complete=self.action_complete)
            for later in (secret, password, rooms, choices, more, which, room):
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
        before = HINTS_PASSWORD if self._wanted else HINTS_NAME
        wordings: Sequence[str] = HINTS_ROOM if self._named else before
        self.query_one("#hint", Static).update(fitting(self.size.width - PADDING, *wordings))

    def begin(self, conversation: Conversation) -> None:
        """Goes on with a conversation, which may not be connected yet."""
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
            words = ""  # the client connects when it has a name
        for where in self.query("#where").results(Static):  # the screen may be closing
            where.update(f"{self._client.where}  {words}")

    def say(self, text: str, *, bad: bool = False) -> None:
        """Shows a message below the questions."""
        word = self.query_one("#word", Static)
        word.update(shown(text))
        word.display = bool(text)
        word.set_class(bad, "bad")

    # The name

    @on(Input.Submitted, "#name")
    def _name_given(self, given: Input.Submitted) -> None:
        name = given.value.strip()
        if name and self._conversation is None:
            self._given_user = name  # typed before `begin`: as if it had been given at the start
            self._ahead.begin()
        elif name:
            self._client.run_soon(self._introduce(name))

    async def _introduce(
        self,
        name: str,
        password: str | None = None,
        code: str | None = None,
    ) -> None:
        assert self._conversation is not None
        self._ahead.begin()
        self.say("One moment…")
        hello = asyncio.ensure_future(
            self._conversation.introduce(name, password=password, code=code)
        )
        offline = asyncio.ensure_future(self._without_server())
        await asyncio.wait((hello, offline), return_when=asyncio.FIRST_COMPLETED)
        user = name
        if not hello.done():
            offline.result()
        offline.cancel()
        if hello.done():
            try:
                user = hello.result()
            except (NeedPassword, WrongPassword, NeedCode) as error:
                await self._ask_secret(name, password, error)
                return
            except GuestsOff as error:
                self._refused(error)
                await self._make_account(name, error)
                return
            except (ChatError, Unreachable, ChatClosed) as error:
                self._refused(error)
                return
        else:
            self._pending_hello = hello
            hello.add_done_callback(self._answered_later)
        await self._go_on_as(user)

    async def _go_on_as(self, user: str) -> None:
        """The name is ours: asks for the room."""
        self.say("")
        self.query_one("#name", Input).value = user
        self.query_one("#name", Input).disabled = True
        self._hide_secret()
        self._named = True
        self.add_class("-named")
        await self._ask_room()

    async def _without_server(self) -> None:
        """Returns when there is no server, but rooms of the last run can be shown.

        Without such rooms it tells the person, and waits for ever.
        """
        assert self._conversation is not None
        await self._conversation.offline.wait()
        if not self._conversation.rooms:
            self.say("Waiting for the server. Esc ends.", bad=True)
            await asyncio.Event().wait()

    def _answered_later(self, hello: asyncio.Future[str]) -> None:
        if hello.cancelled():
            return
        try:
            hello.result()
        except ChatClosed:
            pass  # the program ends, or the user has changed
        except (NeedPassword, WrongPassword, NeedCode) as error:
            assert self._conversation is not None
            self._client.logged_out(self._conversation.user or "", error)
        except (ChatError, Unreachable) as error:
            self._client.told(f"{error} To choose another name, type /nick NAME.", bad=True)

    # The password of an account

    async def _ask_secret(self, name: str, tried: str | None, error: ChatError) -> None:
        """Asks for the password of an account, or for a code; or for the same again."""
        given, self._given_password = self._given_password, None
        if given is not None and isinstance(error, NeedPassword):
            await self._introduce(name, given)
            return
        first = not self._wanted
        needs_code = isinstance(error, NeedCode)
        self._wanted, self._password = name, tried if needs_code else None
        field = self.query_one("#password", Input)
        what = "The code of your second factor:" if needs_code else f"The password of {name}:"
        asked = self.query_one("#secret-of", Static)
        asked.update(shown(what))
        asked.display = field.display = True
        self.query_one("#name", Input).disabled = True
        self._show_hint()
        # What was typed ahead may be the password, as the next question is it; never a second try.
        typed, entered = self._ahead.answer() if first and tried is None else ("", False)
        field.value = ""
        if entered and typed:
            self.say("")
            await self._introduce(name, typed)
        else:
            plain = first and tried is None and error.sign_on is None
            self._again("password", "" if plain else error.message)
            field.value = typed
            field.cursor_position = len(typed)

    async def _make_account(self, name: str, why: GuestsOff) -> None:
        """Makes an account at once, where nobody comes in without one."""
        conversation = self._conversation
        assert conversation is not None

        async def register(answers: Sequence[str]) -> None:
            password, again, invite = answers
            await conversation.introduce(
                name,
                password=same(password, again),
                register=True,
                invite=invitation_code(invite) or None,
            )

        asked = [
            Asked("Password:", hidden=True),
            Asked(AGAIN, hidden=True),
            Asked("The link or the code of an invitation, if you have one:", needed=False),
        ]
        title = f"An account for {name}"
        if await self._client.ask(title, asked, register, about=f"{why.message} Esc: not."):
            await self._go_on_as(conversation.user or name)

    async def _choose_password(self, name: str) -> None:
        """Chooses a new password by the code of a link, and logs in with it."""
        conversation = self._conversation
        assert conversation is not None
        needed: NeedCode | None = None
        chosen = ""

        async def reset(answers: Sequence[str]) -> None:
            nonlocal needed, chosen
            link, password, again = answers
            chosen = same(password, again)
            try:
                await conversation.introduce(name, password=chosen, reset=link.strip())
            except NeedCode as error:
                needed = error

        asked = [
            Asked("The code of the link that an administrator has given you:"),
            Asked("The new password:", hidden=True),
            Asked(AGAIN, hidden=True),
        ]
        if not await self._client.ask(f"A new password for {name}", asked, reset):
            return
        if needed is None:
            await self._go_on_as(conversation.user or name)
        else:
            await self._ask_secret(name, chosen, needed)

    def _hide_secret(self) -> None:
        self._wanted, self._password = "", None
        field = self.query_one("#password", Input)
        field.value = ""
        self.query_one("#secret-of").display = field.display = False
        self._show_hint()

    @on(Input.Submitted, "#password")
    def _secret_given(self, given: Input.Submitted) -> None:
        if not given.value:
            return
        secret, name, password = given.value, self._wanted, self._password
        given.input.value = ""
        if password is None:
            self._client.run_soon(self._introduce(name, secret))
        else:
            self._client.run_soon(self._introduce(name, password, secret))

    def _refused(self, error: Exception) -> None:
        if self._wanted and isinstance(error, RateLimited):
            self._again("password", str(error))
            return
        self._hide_secret()
        self._again("name", str(error))
        suggestion = getattr(error, "suggestion", None)
        name = self.query_one("#name", Input)
        if suggestion:
            name.value = suggestion
            name.cursor_position = len(suggestion)

    # The room

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
        typed = self.query_one("#room", Input).value
        found = self._client.finding.listing(typed)
        choices, more = self.query_one(Choices), self.query_one("#more-rooms", Static)
        choices.show_rooms(found.rooms, typed, self._conversation.clock())
        choices.styles.height = max(1, len(found.rooms))
        self.query_one("#rooms-title", Static).update(found.title)
        more.update(found.more)
        more.display = bool(found.more) and not self.has_class("-short")  # no place for it there

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
        """Goes to the room of that name; asks if there is none, unless the server is empty."""
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

    # Keys while an answer is checked

    def _again(self, field: str, why: str) -> None:
        """Asks the question of ``field`` again, and says why."""
        self._ahead.forget()
        self.say(why, bad=True)
        asked = self.query_one(f"#{field}", Input)
        asked.disabled = False
        self.set_focus(asked)  # at once: keys that are pressed before `focus` acts would be lost

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
            self._completions = [
                info.name for info in self._client.finding.fitting(room.value) if not is_talk(info)
            ]
            if self._completions:
                room.value = self._completions[0]
            else:
                self.say(f'No room has "{room.value}" in its name.')
        room.cursor_position = len(room.value)

    def action_help(self) -> None:
        self._client.show_help(ABOUT_ROOM if self._named else ABOUT_NAME)

    def action_forgotten(self) -> None:
        if self._wanted and self._password is None and not self._ahead.waiting:
            self._client.run_soon(self._choose_password(self._wanted))

    def action_back(self) -> None:
        """From a password back to the name; else to the end."""
        if self._wanted and not self._ahead.waiting:
            self._hide_secret()
            self._again("name", "")
        else:
            self.action_quit()

    def action_quit(self) -> None:
        self._client.end(leave_rooms=False)
