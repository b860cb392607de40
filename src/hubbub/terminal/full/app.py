"""The full-screen client: connects the conversation, the screens and the terminal."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from textual import events
from textual.app import App
from textual.driver import Driver
from textual.screen import Screen

from hubbub.client.address import Address
from hubbub.client.errors import ChatClosed, Unreachable
from hubbub.domain import tickets
from hubbub.domain.commands import Knock
from hubbub.domain.errors import ChatError, NeedPassword, NoSuchRoom, WrongPassword
from hubbub.domain.events import Said
from hubbub.domain.files import File
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Done, Found, Result, Version
from hubbub.domain.rules import Profile, QueueItem
from hubbub.terminal.full import preferences as kept
from hubbub.terminal.full import signals, textual_internals
from hubbub.terminal.full.alerts import Alerts
from hubbub.terminal.full.answers import answer
from hubbub.terminal.full.asking import Asked, Do, log_in
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.finding import Finding
from hubbub.terminal.full.keys import add_alt_keys
from hubbub.terminal.full.loading import Loading
from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.ahead import Ahead
from hubbub.terminal.full.model.commands import THEMES as THEME_NAMES
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.helping import Section
from hubbub.terminal.full.model.queued import Chosen
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.model.rooms import is_talk
from hubbub.terminal.full.model.rows import Role
from hubbub.terminal.full.model.switching import RoomChoice
from hubbub.terminal.full.orders import Orders
from hubbub.terminal.full.parting import Left, last_words, lost_words
from hubbub.terminal.full.ports import CachePort, OpenChat
from hubbub.terminal.full.quiet import Quiet
from hubbub.terminal.full.room_orders import KNOCKED
from hubbub.terminal.full.screens.form import Form
from hubbub.terminal.full.screens.menus import Menu
from hubbub.terminal.full.screens.room import RoomScreen
from hubbub.terminal.full.screens.switcher import TITLE, Switcher
from hubbub.terminal.full.screens.welcome import Welcome
from hubbub.terminal.full.tasks import Tasks
from hubbub.terminal.full.theme import THEMES, fitting
from hubbub.terminal.running import FAILED, failed_callback
from hubbub.terminal.signalled import HUNG_UP

FILES = "/api/files/"
FULL_TIMES_FROM = 100  # columns: on a narrower screen the 22 of a full time are too many

ROOM_PASSWORD = Asked("Its password:", hidden=True)
KNOCK = Asked("Who moderates it is asked to let you in. Why should they?", needed=False)

T = TypeVar("T")
OpenCache = Callable[[], CachePort]


def driver_class() -> type[Driver] | None:
    """The driver for the terminal; None, on Windows, for Textual's own."""
    if sys.platform == "win32":
        return None
    from hubbub.terminal.full.driver import TerminalDriver

    return TerminalDriver


class FullScreen(App[int], inherit_bindings=False):
    """``open_cache`` and ``open_chat`` are called after the first frame is on the screen."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        address: Address,
        user: str | None,
        room: str | None,
        *,
        open_cache: OpenCache,
        open_chat: OpenChat,
        preferences_path: Path | None,
        password: str | None = None,
        draw: Callable[[str], Sequence[str]] = lambda _: (),
    ) -> None:
        """``password``: of the account of the first name that asks for one. ``draw`` gives the rows
        of a QR code.
        """
        # With NO_COLOR: no greys either, which is what Textual would make of a theme's colours.
        super().__init__(
            driver_class=driver_class(), ansi_color=True if "NO_COLOR" in os.environ else None
        )
        textual_internals.report_errors(self, self.failed)
        self.where = str(address)
        self._address = address
        self.preferences = kept.load(preferences_path)
        self.conversation: Conversation | None = None
        self.failure: BaseException | None = None
        self.quiet = Quiet(self.where, self.preferences, self._keep_quiet)
        self._alerts = Alerts(self._write, lambda: self.preferences, self.quiet)
        self.draw = draw
        self._user = user
        self._room = room
        self._password = password
        self.ahead = Ahead()
        self._open_cache = open_cache
        self._open_chat = open_chat
        self._preferences_path = preferences_path
        self._tasks = Tasks(self.failed)
        self._to_stop: Conversation | None = None
        self._last_words: list[str] = []
        self._ending = False
        self._gone = False

    # Beginning

    def on_mount(self) -> None:
        asyncio.get_running_loop().set_exception_handler(self._callback_failed)
        signals.listen(self._signalled)
        add_alt_keys()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "mono" if self.no_color else self.preferences.theme or fitting()
        self._welcome = Welcome(self, self._user, self._room, self._password)
        self.push_screen(self._welcome)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self.conversation = Conversation(
            self._open_cache(), self._open_chat, self, ignored=lambda: self.quiet.hidden
        )
        self._to_stop = self.conversation
        self.finding = Finding(self.conversation)
        self.loading = Loading(self.conversation)
        self.orders = Orders(self.conversation, self.loading, self._open_chat, self, self.quiet)
        self._welcome.begin(self.conversation)
        self.set_interval(0.5, self._welcome_status)

    async def enter(self, name: str, *, made: bool, typed: Callable[[], str]) -> None:
        """Goes from the first questions to a room; the rooms of the last run are beside it.

        Keys that were ``typed`` meanwhile go into its input, where the person sees them.
        """
        assert self.conversation is not None
        screen = RoomScreen(self, self.conversation, typed)
        self.room_screen = screen
        await self.join(name, made=made)
        await self.push_screen(screen)

    async def join(self, name: str, *, made: bool = False) -> None:
        """Goes to a room, and asks for its password if it has one, or offers to knock at one that
        is for its members only. Raises the refusal.
        """
        conversation = self.conversation
        assert conversation is not None
        try:
            await conversation.join(name, made=made)
        except (NeedPassword, WrongPassword) as refused:

            async def with_password(answers: Sequence[str]) -> None:
                await conversation.join(name, password=answers[0])

            title = f"The password of the room {name}"
            if not await self.ask(title, [ROOM_PASSWORD], with_password):
                raise refused from None
        except NoSuchRoom as refused:
            if not (conversation.chat.online and await self._knock(name, refused)):
                raise
            raise NoSuchRoom(KNOCKED.format(name)) from None

    async def _knock(self, name: str, refused: ChatError) -> bool:
        """Asks the person whether to knock, and does it."""
        conversation = self.conversation
        assert conversation is not None

        async def knock(answers: Sequence[str]) -> None:
            command = Knock(room=RoomName.parse(name), text=answers[0].strip() or None)
            await answer(conversation.chat, command, Done)

        title = f"To knock at {name}: Enter. Esc: not."
        return await self.ask(title, [KNOCK], knock, about=refused.message)

    async def enter_named(self, typed: str) -> None:
        """Goes to the room with that name or number, or asks if there is none. Raises `ChatError`
        and `ChatClosed`.
        """
        assert self.conversation is not None
        if (link := tickets.room_link(typed)) is not None:
            await self.conversation.join(link.room, invite=link.code)
            return
        name = await self.finding.meant(typed)
        first, _, secret = typed.partition(" ")
        secret = secret.strip()
        if name is None and tickets.is_code(secret):
            await self.conversation.join(first, invite=secret)
        elif name is None and secret and self.finding.is_locked(first):
            await self.conversation.join(first, password=secret)
        elif name is None:
            self.switch(f"There is no room {typed} yet. Which one?", typed)
        else:
            await self.join(name)

    def switch(self, title: str = TITLE, typed: str = "") -> None:
        """Opens the list of rooms, and goes to the one that is chosen."""
        assert self.conversation is not None
        conversation = self.conversation

        async def go(choice: RoomChoice) -> None:
            try:
                await self.join(choice.name, made=choice.made)
            except (ChatError, ChatClosed) as error:
                self.told(str(error), bad=True)

        self.ask_room(conversation, go, title=title, typed=typed)

    def ask_room(
        self,
        conversation: Conversation,
        then: Callable[[RoomChoice], Coroutine[Any, Any, None]],
        *,
        title: str,
        typed: str,
    ) -> None:
        """Opens the list of rooms; ``then`` is called with the choice."""

        def chosen(choice: RoomChoice | None) -> None:
            if choice is not None:
                self.run_soon(then(choice))

        switcher = Switcher(conversation.rooms, self.finding, title=title, typed=typed)
        self.push_screen(switcher, chosen)

    def _welcome_status(self) -> None:
        if (
            self.screen_stack and self.screen is self._welcome
        ):  # while the app ends, there is no screen
            self._welcome.show_status()

    # Called by the conversation

    def changed(self) -> None:
        self.show_title()
        if isinstance(self.screen, RoomScreen):
            self.screen.draw_soon()

    def show_title(self) -> None:
        """Shows in the terminal's title how much is unread."""
        if self.conversation is not None:
            self._alerts.show_title(self.conversation.rooms)

    def restore_title(self) -> None:
        """Gives the terminal the title that it had before."""
        self._alerts.restore_title()

    def told(self, text: str, *, bad: bool = False) -> None:
        for screen in reversed(self.screen_stack):  # below a form, too: it is seen when that closes
            if isinstance(screen, (RoomScreen, Welcome)):
                screen.say(text, bad=bad)
                return

    def mentioned(self, room: str, by: str, text: str) -> None:
        self._alerts.mention(room, by, text)

    def said(self, room: str, by: str, text: str) -> None:
        self._alerts.text(room, by, text)

    def invited(self, room: str, by: str) -> None:
        text = f"{shown(by)} invites you into {shown(room)}. To go there: /join {shown(room)}"
        if self.conversation is not None and self.conversation.rooms.current is not None:
            self.conversation.note(self.conversation.rooms.current, text, Role.WELCOME)
        self._alerts.mention(room, by, text)

    def warned(self, message: str) -> None:
        self._note_here(f"To who administers this server: {shown(message)}")

    def announced(self, by: str, text: str) -> None:
        self._note_here(f"{shown(by)} tells everybody: {shown(text)}")

    def _note_here(self, text: str) -> None:
        if self.conversation is not None and self.conversation.rooms.current is not None:
            self.conversation.note(self.conversation.rooms.current, text, Role.WELCOME)

    def moved(self, was: str, name: str) -> None:
        self.quiet.moved(was, name)

    def profiled(self, profile: Profile) -> None:
        if self.quiet.take(profile) and self.conversation is not None:
            self.conversation.hide(self.quiet.hidden)
        self.changed()

    def given_back(self, room: Room, why: str) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, RoomScreen):
                screen.give_back(room)
                screen.say(why, bad=True)

    def logged_out(self, user: str, error: ChatError) -> None:
        if isinstance(self.screen, RoomScreen) and isinstance(error, NeedPassword):
            self.run_soon(self._log_in_again(user, error))

    async def _log_in_again(self, user: str, error: ChatError) -> None:
        conversation = self.conversation
        assert conversation is not None

        async def do(password: str, code: str | None) -> None:
            await conversation.introduce(user, password=password, code=code)

        await log_in(self, user, do, about=f"{error.message} Esc closes this; /login opens it.")

    def _write(self, sequences: str) -> None:
        if sequences:
            textual_internals.write(self, sequences)

    # Called by screens and commands

    async def ask(
        self,
        title: str,
        asked: Sequence[Asked],
        do: Do,
        *,
        about: str = "",
        picture: Sequence[str] = (),
    ) -> bool:
        """Asks in a form over the screen, as `Asking`."""
        form = Form(title, asked, do, self.ahead.rest, about=about, picture=picture)
        return await self._asked(form) is True

    async def give(self, title: str, about: str, lines: Sequence[str]) -> None:
        """Shows what is told only now, to be copied."""
        from hubbub.terminal.full.screens.given import Given

        await self._asked(Given(title, about, lines))

    async def choose_queued(self, title: str, items: Sequence[QueueItem], at: int) -> Chosen | None:
        """Shows what waits for who moderates."""
        from hubbub.terminal.full.screens.queue import QueueScreen

        return await self._asked(QueueScreen(title, items, at))

    async def confirm(self, title: str, text: str, yes: str) -> bool:
        """Asks before something is done that cannot be undone."""
        from hubbub.terminal.full.screens.confirm import Confirm

        return await self._asked(Confirm(title, text, yes)) is True

    @property
    def recent_emoji(self) -> Sequence[str]:
        """With what the person has reacted last, the newest first."""
        return self.preferences.emoji

    def keep_emoji(self, recent: Sequence[str]) -> None:
        """Keeps them for the next time."""
        if recent != self.preferences.emoji:
            self.prefer(emoji=recent)

    async def choose_emoji(self, title: str, said: Said) -> str | None:
        """Shows emoji to react with."""
        from hubbub.terminal.full.screens.reacting import Reacting

        assert self.conversation is not None
        return await self._asked(
            Reacting(title, said, self.conversation.me, self.preferences.emoji)
        )

    async def choose_message(
        self, title: str, messages: Sequence[Said], *, at: int, more: bool
    ) -> Said | None:
        """Shows messages to go to."""
        from hubbub.terminal.full.screens.messages import MessageList

        return await self._asked(MessageList(title, messages, at=at, more=more))

    async def show_versions(self, title: str, versions: Sequence[Version]) -> None:
        """Shows what a message has said."""
        from hubbub.terminal.full.screens.messages import VersionsScreen

        await self._asked(VersionsScreen(title, versions))

    def link_to(self, room: str, code: str, user: str | None) -> str:
        """The link for a browser by which the code of a ticket is used."""
        return self._address.site + tickets.fragment(room, code, user)

    async def show_picture(self, file: File, picture: bytes) -> None:
        """Shows a picture over the room, and opens its file if the person wants that."""
        from hubbub.terminal.attaching import drawn
        from hubbub.terminal.full.screens.picture import AROUND, Picture

        assert self.conversation is not None
        columns, rows = self.size.width - AROUND[0], self.size.height - AROUND[1]
        made = await drawn(picture, max(1, columns), max(1, rows))
        opens = await self._asked(Picture(file, made, self._write))
        if made.how != "blocks":
            self.draw_all()
        if opens:
            self.open_link(await self.conversation.chat.attachments.link(file))

    async def choose(self, title: str, acts: Sequence[Act]) -> Act | None:
        """Shows actions to choose from."""
        return await self._asked(Menu(title, acts))

    async def _asked(self, screen: Screen[T]) -> T | None:
        """Shows a screen, and returns what it is closed with."""
        closed: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        self.push_screen(screen, closed.set_result)
        return await closed

    def known_rooms(self) -> list[str]:
        """The names of rooms, for completion."""
        rooms = self.conversation.rooms if self.conversation else ()
        mine = [room.name for room in rooms if not room.is_direct]
        return list(
            dict.fromkeys(
                [*mine, *(room.name for room in self.finding.fitting("") if not is_talk(room))]
            )
        )

    def prefer(self, **changes: object) -> None:
        """Changes preferences, and saves them."""
        self.preferences = msgspec.structs.replace(self.preferences, **changes)
        kept.save(self._preferences_path, self.preferences)
        if isinstance(self.screen, RoomScreen):
            self.screen.apply_preferences()

    def _keep_quiet(self, here: kept.Here) -> None:
        self.prefer(servers={**self.preferences.servers, self.where: here})

    def set_theme(self, name: str | None) -> None:
        """Changes the theme; None: to the next one."""
        if name is None:
            place = THEME_NAMES.index(self.theme) if self.theme in THEME_NAMES else -1
            name = THEME_NAMES[(place + 1) % len(THEME_NAMES)]
        self.theme = name
        self.prefer(theme=name)
        self.told(f"Theme: {name}")

    def set_notify(self, how: str | None) -> None:
        """Changes how a mention alerts; None only tells how it does now."""
        if how is not None:
            self.prefer(notify=how)
        self.told(
            {
                "auto": "A mention alerts you in the way that suits this terminal.",
                "bell": "A mention rings the terminal's bell.",
                "osc9": "A mention shows a notification (OSC 9).",
                "osc777": "A mention shows a notification (OSC 777).",
                "off": "A mention does not alert you.",
            }[self.preferences.notify]
        )

    def set_times(self, how: str | None) -> None:
        """Changes the format of times; None only tells the present one."""
        if how is not None:
            self.prefer(times=how)
        self.told(
            {
                "auto": f"Full dates and times from {FULL_TIMES_FROM} columns on, else short ones.",
                "short": "Short times, with a line for each day.",
                "full": "Full dates and times.",
            }[self.preferences.times]
        )

    @property
    def short_times(self) -> bool:
        """Whether times are short: by the preference, or by the width of the screen."""
        times = self.preferences.times
        return times == "short" or (times == "auto" and self.size.width < FULL_TIMES_FROM)

    def show_links(self, links: list[tuple[str, str]]) -> None:
        """Shows links with their authors; the one that is chosen is opened or copied."""
        from hubbub.terminal.full.screens.links import Choice, Links

        def chosen(choice: Choice | None) -> None:
            if choice is None:
                return
            if choice.copy:
                self.copy_to_clipboard(choice.url)
                self.told("The link is copied.")
            else:
                self.open_link(choice.url)

        self.push_screen(Links(links), chosen)

    def show_results(
        self, query: str, found: Found, go_to: Callable[[Result], Awaitable[None]]
    ) -> None:
        """Shows the results of a search; ``go_to`` is called with the one that is chosen."""

        from hubbub.terminal.full.screens.results import Results

        async def chosen(result: Result | None) -> None:
            if result is not None:
                try:
                    await go_to(result)
                except ChatError as error:
                    self.told(error.message, bad=True)

        label = self.conversation.rooms.label if self.conversation else str
        self.push_screen(Results(query, found, label, short=self.short_times), chosen)

    def copy_link(self, room: str) -> None:
        """Copies the URL of a room's page, which is an address for terminal clients, too."""
        link = self._address.page(room)
        self.copy_to_clipboard(link)
        self.told(f"Copied: {link}")

    def show_help(self, about: Sequence[Section] | None = None) -> None:
        from hubbub.terminal.full.screens.help import Help

        self.push_screen(Help(about))

    def open_link(self, url: str) -> None:
        """Opens a link if there is a desktop; otherwise copies it. ``url``: or the path of a file
        on the server.
        """
        if url.startswith(FILES):
            self.run_soon(self._open_file(url))
            return
        desktop = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        if not url.lower().startswith(("http://", "https://", "mailto:")):
            return
        if desktop or sys.platform in ("darwin", "win32"):
            self.open_url(url)
        else:
            self.copy_to_clipboard(url)
            self.told("The link is copied: no browser can be opened here.")

    async def _open_file(self, path: str) -> None:
        assert self.conversation is not None
        try:
            self.open_link(await self.conversation.chat.attachments.link_to(path))
        except (ChatError, Unreachable) as error:
            self.told(str(error), bad=True)

    def catch_mouse(self, ours: bool) -> None:
        """Whether the mouse is ours; otherwise the terminal itself selects with it."""
        letter = "h" if ours else "l"
        self._write("".join(f"\x1b[?{mode}{letter}" for mode in (1000, 1003, 1006)))

    def run_soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work`` in the background; an error in it ends the program."""
        self._tasks.start(work)

    # Looking and ending

    def on_app_focus(self) -> None:
        if self.conversation is not None:
            self.conversation.look(True)

    def on_app_blur(self, event: events.AppBlur) -> None:
        if self.conversation is not None:
            self.conversation.look(False)

    def end(self, *, leave_rooms: bool, code: int = 0) -> None:
        """Says goodbye and ends."""
        if not self._ending:
            self._ending = True
            self.run_soon(self._end(leave_rooms, code))

    def _signalled(self, code: int) -> None:
        """A signal ends the program; ending the chat frees our name at once."""
        self._gone = self._gone or signals.terminal_is_gone()
        self.end(leave_rooms=False, code=code)

    def hung_up(self) -> None:
        """The terminal was closed; there may have been no signal."""
        self._gone = True
        self.end(leave_rooms=False, code=HUNG_UP)

    def draw_all(self) -> None:
        """Draws everything again: the terminal has missed some output."""
        self.refresh(layout=True)

    async def action_quit(self) -> None:
        self.end(leave_rooms=False)

    async def _end(self, leave_rooms: bool, code: int) -> None:
        self.told("One moment…")
        words = await self._stop(leave_rooms)
        if self._gone:
            os._exit(
                code
            )  # all is saved; only the terminal, which is gone, would have to be restored
        self.restore_title()
        if self.failure is not None:
            self._last_words = words
            self.failed(self.failure)
        else:
            self._last_words = words
            self.exit(code)

    async def finish(self) -> list[str]:
        """Ends the conversation, if that was not done; the lines to print at the end."""
        return self._last_words or await self._stop(leave_rooms=False)

    async def _stop(self, leave_rooms: bool) -> list[str]:
        conversation, self._to_stop = self._to_stop, None
        if conversation is None:
            return []
        try:
            return last_words(await conversation.stop(leave_rooms=leave_rooms))
        except (asyncio.CancelledError, SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # noqa: BLE001  # reported, whatever it is
            self.failure = self.failure or error
            texts = [line.text for line in conversation.unsent]
            return lost_words(Left(texts, conversation.drafts))

    # Unexpected errors

    def failed(self, error: BaseException) -> None:
        """Ends the program at once. `failure` is reported when the terminal is restored."""
        self.failure = self.failure or error
        if self._gone:
            os._exit(FAILED)
        textual_internals.end_at_once(self, error)

    def _callback_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = failed_callback(context)
        if error is None:
            loop.default_exception_handler(context)
        else:
            self.failed(error)
