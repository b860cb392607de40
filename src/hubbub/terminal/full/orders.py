"""The commands that are typed: a table from word to what is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from hubbub.client.errors import ChatClosed, Unreachable
from hubbub.domain.errors import ChatError
from hubbub.domain.orders import Order, count, name_and_text, topic_in
from hubbub.domain.replies import Found, Result
from hubbub.domain.slashes import Part
from hubbub.terminal.full import account_orders, file_orders, room_orders
from hubbub.terminal.full.account_orders import AccountOrders
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.factor_orders import FactorOrders
from hubbub.terminal.full.file_orders import FileOrders
from hubbub.terminal.full.listing import Listing
from hubbub.terminal.full.loading import Loading
from hubbub.terminal.full.message_orders import MessageOrders, Showing
from hubbub.terminal.full.model.acts import Act
from hubbub.terminal.full.model.commands import VOCABULARY
from hubbub.terminal.full.model.display import shown
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.people_orders import PeopleOrders
from hubbub.terminal.full.ports import OpenChat
from hubbub.terminal.full.quiet import Quiet
from hubbub.terminal.full.renaming import CannotRename
from hubbub.terminal.full.room_orders import RoomOrders
from hubbub.terminal.full.searching import Searching

HISTORY_LINES = 100


ONLINE = frozenset(
    one.name
    for one in VOCABULARY.rows.values()
    if one.name in ("msg", "whois", "away", "busy", "back", "report", "knock", "pins")
    or one.name in ("send", "show")
    or (one.part is not Part.CHAT and one.name not in ("login", "rules", "pin", "unpin"))
)
"""Commands that do nothing without a connection."""


class Around(room_orders.Around, account_orders.Around, file_orders.Showing, Showing, Protocol):
    """The screen that commands do something to."""

    def draw(self, text: str) -> Sequence[str]: ...
    def set_theme(self, name: str | None) -> None: ...
    def set_notify(self, how: str | None) -> None: ...
    def set_times(self, how: str | None) -> None: ...
    def show_help(self) -> None: ...
    async def enter_named(self, typed: str) -> None: ...
    def show_results(
        self, query: str, found: Found, go_to: Callable[[Result], Awaitable[None]]
    ) -> None: ...
    def end(self, *, leave_rooms: bool) -> None: ...


class Orders:
    """Does what was ordered; what goes wrong is told to the person."""

    def __init__(
        self,
        conversation: Conversation,
        loading: Loading,
        open_chat: OpenChat,
        around: Around,
        quiet: Quiet,
    ) -> None:
        self._conversation = conversation
        self._loading = loading
        self._around = around
        self._quiet = quiet
        self._searching = Searching(conversation, loading)
        self._listing = Listing(conversation)
        self.people = PeopleOrders(conversation, quiet)
        self.messages = MessageOrders(conversation, loading, around)
        self.files = FileOrders(conversation, around)
        self._rooms = RoomOrders(conversation, loading, around)
        self._table: dict[str, Callable[[Room, str], Awaitable[None]]] = {
            "join": self._join,
            "leave": self._leave,
            "delete": self._delete,
            "read": self._read,
            "rooms": self._list,
            "who": self._who,
            "topic": self._topic,
            "reply": self._reply,
            "search": self._search,
            "me": self._me,
            "history": self._history,
            "clear": self._clear,
            "discard": self._discard,
            "alerts": self._alerts,
            "times": self._times,
            "theme": self._theme,
            "notify": self._notify,
            "help": self._help,
            "quit": self._quit,
            "exit": self._exit,
            **AccountOrders(conversation, open_chat, around).table,
            **FactorOrders(conversation, around, around.draw).table,
            **self.files.table,
            **self.people.table,
            **self.messages.table,
            **self._rooms.table,
        }

    async def obey(self, order: Order, room: Room) -> None:
        """Does it; in ``room``, as far as it matters."""
        if order.name in ONLINE and not self._is_online():
            return
        try:
            await self._table[order.name](room, order.argument)
        except (ChatError, CannotRename, ChatClosed, Unreachable) as error:
            self._conversation.listener.told(str(error), bad=True)

    async def do(self, work: Awaitable[None]) -> None:
        """Does ``work`` for a key; a refusal is told to the person."""
        try:
            await work
        except (ChatError, ChatClosed) as error:
            self._conversation.listener.told(str(error), bad=True)

    async def choose(self, act: Act, room: Room) -> None:
        """Does an action that was chosen from a menu; asks for what it lacks."""
        if act.asks:
            name, _, argument = act.typed.removeprefix("/").partition(" ")
            if self._is_online():
                await self._rooms.ask_first(act, Order(name, argument), room)
        elif isinstance(asked := VOCABULARY.read(act.typed), Order):
            await self.obey(asked, room)

    async def _join(self, room: Room, name: str) -> None:
        await self._around.enter_named(name)

    async def _read(self, room: Room, which: str) -> None:
        self._conversation.mark_read(self._conversation.rooms if which else [room])
        where = "in all rooms" if which else "here"
        self._conversation.listener.told(f"All {where} is read.")

    async def _delete(self, room: Room, name: str) -> None:
        gone = self._conversation.rooms.get(name) if name else room
        if len(self._conversation.rooms) == 1 and gone is not None:
            text = "This is your only room: /join another one first."
            self._conversation.listener.told(text, bad=True)
            return
        name = gone.name if gone is not None else name
        await self._conversation.delete(name)
        self._conversation.note(self._conversation.rooms.current or room, f"{name} is deleted.")

    async def _leave(self, room: Room, name: str) -> None:
        left = self._conversation.rooms.get(name) if name else room
        if left is None:
            self._conversation.listener.told(f"You are not in {name}.", bad=True)
            return
        if len(self._conversation.rooms) == 1:
            self._conversation.listener.told(
                "This is your only room: /join another one first, or type exit.",
                bad=True,
            )
            return
        await self._conversation.leave(left)

    async def _list(self, room: Room, wanted: str) -> None:
        if not self._is_online():
            return
        text = await self._listing.text(wanted)
        if text is None:
            self._conversation.listener.told(
                "There are no more rooms. /rooms starts from the first one."
            )
        else:
            self._conversation.note(room, text)

    async def _who(self, room: Room, _: str) -> None:
        names = ", ".join(shown(name) for name in room.members)
        self._conversation.note(room, f"In {shown(room.label)}: {names or 'nobody yet'}")

    async def _topic(self, room: Room, text: str) -> None:
        if text:
            if self._is_online():
                await self._conversation.chat.set_topic(room.name, topic_in(text))
        elif topic := self._conversation.chat.topic(room.name):
            self._conversation.note(room, f"The topic of {shown(room.label)}: {shown(topic)}")
        else:
            text = f"{shown(room.label)} has no topic. To set one, type /topic TEXT"
            self._conversation.note(room, text)

    async def _reply(self, room: Room, words: str) -> None:
        name, text = name_and_text(words)
        seq = self._searching.newest_of(room, name)
        if seq is None:
            self._conversation.listener.told(
                f"Nobody called {shown(name)} has said anything here lately. Nothing was sent.",
                bad=True,
            )
        else:
            self._conversation.say(room, text, reply_to=seq)

    async def _search(self, room: Room, query: str) -> None:
        if not self._is_online():
            return
        found = await self._searching.search(query)
        if found is None:
            self._conversation.listener.told(
                "There are no more results. To find something else: /search WORDS"
            )
        else:
            self._around.show_results(*found, self._searching.go_to)

    async def _me(self, room: Room, text: str) -> None:
        self._conversation.say(room, f"*{self._conversation.user} {text}*")

    async def _history(self, room: Room, number: str) -> None:
        await self._loading.back(room, count(number) or HISTORY_LINES)

    async def _clear(self, room: Room, _: str) -> None:
        room.timeline.clear()
        self._conversation.listener.changed()

    async def _discard(self, room: Room, _: str) -> None:
        room.drop([*room.failed(), *room.held()], self._conversation.user)
        self._conversation.listener.changed()

    async def _alerts(self, room: Room, how: str) -> None:
        if how:
            self._quiet.set_level(room.name, how)
        alert = {
            "all": "Every message in this room alerts you.",
            "mentions": "A mention of you in this room alerts you.",
            "off": "Nothing in this room alerts you.",
        }
        self._conversation.listener.told(alert[self._quiet.level(room.name)])

    async def _times(self, room: Room, how: str) -> None:
        self._around.set_times(how or None)

    async def _theme(self, room: Room, name: str) -> None:
        self._around.set_theme(name or None)

    async def _notify(self, room: Room, how: str) -> None:
        self._around.set_notify(how or None)

    async def _help(self, room: Room, _: str) -> None:
        self._around.show_help()

    async def _quit(self, room: Room, _: str) -> None:
        self._around.end(leave_rooms=False)

    async def _exit(self, room: Room, _: str) -> None:
        self._around.end(leave_rooms=True)

    def _is_online(self) -> bool:
        if not self._conversation.chat.online:
            self._conversation.listener.told(
                "You are not connected now. Try again when you are.", bad=True
            )
        return self._conversation.chat.online
