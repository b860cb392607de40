"""What the plain client does for each command that is typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple, Protocol

from hubbub.domain.orders import Order, Vocabulary, count, name_and_text, topic_in
from hubbub.domain.slashes import Client
from hubbub.domain.tickets import room_link
from hubbub.terminal.plain.changing import CHANGES

VOCABULARY = Vocabulary(Client.PLAIN)
HISTORY_LINES = 20  # when nobody says how many: less than a screen


class Speaker(Protocol):
    """Who does what the commands say."""

    @property
    def online(self) -> bool: ...
    async def tell(self, *lines: str) -> None: ...
    async def settle(self) -> None: ...
    async def list_rooms(self, wanted: str) -> None: ...
    async def list_users(self) -> None: ...
    async def show_topic(self) -> None: ...
    async def set_topic(self, topic: str) -> None: ...
    async def go_to(
        self, room: str, password: str | None = None, invite: str | None = None
    ) -> None: ...
    async def do(self, order: Order) -> None: ...
    async def change_later(self, order: Order) -> None: ...
    async def leave_room(self, room: str) -> None: ...
    async def delete_room(self, room: str) -> None: ...
    async def mark_read(self) -> None: ...
    async def show_history(self, count: int) -> None: ...
    async def search(self, query: str) -> None: ...
    async def rename(self, name: str) -> None: ...
    async def reply(self, name: str, text: str) -> None: ...
    async def act(self, text: str) -> None: ...
    async def send_files(self, typed: str) -> None: ...
    async def show_file(self, name: str) -> None: ...
    def stop(self) -> None: ...


class Deed(NamedTuple):
    """``do`` is given the argument. ``speaks``: it says a text, and need not wait until what was
    said before is saved. ``asks``: it asks the server, and so needs a connection.
    """

    do: Callable[[Speaker, str], Awaitable[None]]
    speaks: bool = False
    asks: bool = False


async def obey(speaker: Speaker, order: Order) -> None:
    """Does what was ordered."""
    deed = DEEDS.get(order.name) or Deed(partial(_people, order))
    if deed.asks and not speaker.online:
        # At once, or what is typed meanwhile would wait behind it.
        await speaker.tell("You are not connected now. Try again when you are.")
        return
    if not deed.speaks:
        await speaker.settle()
    await deed.do(speaker, order.argument)


async def _people(order: Order, speaker: Speaker, _: str) -> None:
    if order.name in CHANGES and not speaker.online:
        await speaker.change_later(order)
    elif order.name != "login" and not speaker.online:
        await speaker.tell("You are not connected now. Try again when you are.")
    else:
        await speaker.do(order)


async def _help(speaker: Speaker, part: str) -> None:
    await speaker.tell(*VOCABULARY.help_lines(part))


async def _rooms(speaker: Speaker, wanted: str) -> None:
    await speaker.list_rooms(wanted)


async def _who(speaker: Speaker, _: str) -> None:
    await speaker.list_users()


async def _topic(speaker: Speaker, text: str) -> None:
    await (speaker.set_topic(topic_in(text)) if text else speaker.show_topic())


async def _join(speaker: Speaker, argument: str) -> None:
    link = room_link(argument)
    if link is not None:
        await speaker.go_to(link.room, invite=link.code)
        return
    room, *password = argument.split(maxsplit=1)
    await speaker.go_to(room, "".join(password).strip() or None)


async def _leave(speaker: Speaker, room: str) -> None:
    await speaker.leave_room(room)


async def _delete(speaker: Speaker, room: str) -> None:
    await speaker.delete_room(room)


async def _read(speaker: Speaker, _: str) -> None:
    await speaker.mark_read()  # one is in one room: that is all of them


async def _history(speaker: Speaker, number: str) -> None:
    await speaker.show_history(count(number) or HISTORY_LINES)


async def _search(speaker: Speaker, query: str) -> None:
    await speaker.search(query)


async def _nick(speaker: Speaker, name: str) -> None:
    await speaker.rename(name)


async def _reply(speaker: Speaker, words: str) -> None:
    await speaker.reply(*name_and_text(words))


async def _me(speaker: Speaker, text: str) -> None:
    await speaker.act(text)


async def _send(speaker: Speaker, typed: str) -> None:
    await speaker.send_files(typed)


async def _show(speaker: Speaker, name: str) -> None:
    await speaker.show_file(name)


async def _quit(speaker: Speaker, _: str) -> None:
    speaker.stop()


DEEDS = {
    "join": Deed(_join, asks=True),
    "leave": Deed(_leave),
    "delete": Deed(_delete, asks=True),
    "read": Deed(_read),
    "rooms": Deed(_rooms, asks=True),
    "who": Deed(_who, asks=True),
    "topic": Deed(_topic, asks=True),
    "nick": Deed(_nick),
    "me": Deed(_me, speaks=True),
    "reply": Deed(_reply),
    "send": Deed(_send, asks=True),
    "show": Deed(_show, asks=True),
    "search": Deed(_search, asks=True),
    "history": Deed(_history, asks=True),
    "help": Deed(_help),
    "quit": Deed(_quit),
    "exit": Deed(_quit, speaks=True),
}
"""By the name of the command in `hubbub.domain.slashes`; ``say`` is done by reading it, and what is
about people by `Speaker.do`.
"""
