"""What can be typed beside messages: a table of commands that begin with a slash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from hubbub.domain import slashes

PAGE = 20  # lines of /history when nobody says how many: less than a screen


class Speaker(Protocol):
    """Who does what the commands say."""

    async def tell(self, *lines: str) -> None: ...
    async def settle(self) -> None: ...
    async def list_rooms(self, wanted: str) -> None: ...
    async def list_users(self) -> None: ...
    async def go_to(self, room: str) -> None: ...
    async def leave_room(self) -> None: ...
    async def delete_room(self, room: str) -> None: ...
    async def mark_read(self) -> None: ...
    async def show_history(self, count: int) -> None: ...
    async def search(self, query: str) -> None: ...
    async def rename(self, name: str) -> None: ...
    async def reply(self, name: str, text: str) -> None: ...
    async def act(self, text: str) -> None: ...
    async def say(self, text: str) -> None: ...
    def stop(self) -> None: ...


class Command(NamedTuple):
    """One command. ``usage`` is what is typed, ``about`` what it does. ``speaks``: it says a text,
    for which what was said before is not waited for.
    """

    usage: str
    about: str
    do: Callable[[Speaker, str], Awaitable[None]]
    speaks: bool = False


async def obey(speaker: Speaker, typed: str) -> None:
    """Does the command that was typed, or says what is wrong with it."""
    word, _, argument = typed[1:].partition(" ")
    command = COMMANDS.get(slashes.meant(word.lower(), COMMANDS) or "")
    if command is None:
        hint = slashes.advice(word.lower(), COMMANDS) or (
            f"/help lists all of them; a message that begins with a slash is said with /say {typed}"
        )
        await speaker.tell(f"There is no command /{word}. {hint}")
        return
    if not command.speaks:
        await speaker.settle()
    await command.do(speaker, argument.strip())


async def _help(speaker: Speaker, _: str) -> None:
    width = max(len(command.usage) for command in COMMANDS.values())
    await speaker.tell(
        "What you type is said in the room. These lines do something else:",
        *(f"  {command.usage:{width}}  {command.about}" for command in COMMANDS.values()),
        f"  {'exit':{width}}  leave and end, like /quit",
    )


async def _rooms(speaker: Speaker, wanted: str) -> None:
    await speaker.list_rooms(wanted)


async def _who(speaker: Speaker, _: str) -> None:
    await speaker.list_users()


async def _join(speaker: Speaker, room: str) -> None:
    if room:
        await speaker.go_to(room)
    else:
        await speaker.tell("Which room? For example: /join General")


async def _leave(speaker: Speaker, _: str) -> None:
    await speaker.leave_room()


async def _delete(speaker: Speaker, room: str) -> None:
    await speaker.delete_room(room)


async def _read(speaker: Speaker, _: str) -> None:
    await speaker.mark_read()


async def _history(speaker: Speaker, count: str) -> None:
    if not count:
        await speaker.show_history(PAGE)
    elif count.isascii() and count.isdigit() and int(count[:9]) > 0:
        await speaker.show_history(int(count[:9]))
    else:
        await speaker.tell(f'"{count}" is not a number of lines. For example: /history 50')


async def _search(speaker: Speaker, query: str) -> None:
    if query:
        await speaker.search(query)
    else:
        await speaker.tell("What are you looking for? For example: /search tea from:ada")


async def _name(speaker: Speaker, name: str) -> None:
    if name:
        await speaker.rename(name)
    else:
        await speaker.tell("Which name? For example: /name ada")


async def _reply(speaker: Speaker, words: str) -> None:
    name, _, text = words.partition(" ")
    if text.strip():
        await speaker.reply(name, text.strip())
    else:
        await speaker.tell(
            "Whom do you answer, and what do you say? For example: /reply ada Good idea!"
        )


async def _me(speaker: Speaker, text: str) -> None:
    if text:
        await speaker.act(text)
    else:
        await speaker.tell("What do you do? For example: /me waves")


async def _say(speaker: Speaker, text: str) -> None:
    await speaker.say(text)


async def _quit(speaker: Speaker, _: str) -> None:
    speaker.stop()


COMMANDS = {
    "help": Command("/help", "this list", _help),
    "rooms": Command(
        "/rooms [WORD]", "the rooms, and how many users are in each; /rooms more goes on", _rooms
    ),
    "who": Command("/who", "who is in this room", _who),
    "join": Command("/join ROOM", "go to another room; to make one, say it twice", _join),
    "leave": Command("/leave", "leave this room and choose another", _leave),
    "delete": Command("/delete [ROOM]", "delete a room in which nothing was said", _delete),
    "read": Command("/read", "mark all in this room as read", _read),
    "history": Command("/history [N]", f"the last N lines of this room ({PAGE})", _history),
    "search": Command(
        "/search WORDS", "texts in all rooms, newest first; /search more goes on", _search
    ),
    "name": Command(
        "/name NAME", "take another name, if yours was taken while you were away", _name
    ),
    "reply": Command("/reply NAME TEXT", "answer the last thing that NAME said here", _reply),
    "me": Command("/me TEXT", "say what you do, as in *ada waves*", _me, True),
    "say": Command("/say TEXT", "say it as it is, even if it begins with / or is exit", _say, True),
    "quit": Command("/quit", "leave and end", _quit),
}
