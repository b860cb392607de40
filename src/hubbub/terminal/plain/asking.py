"""The first questions: a name and a room are answers, and so are a few commands."""

from __future__ import annotations

from hubbub.domain import slashes
from hubbub.terminal.plain.console import Console
from hubbub.terminal.safe import safe

EXIT = "exit"
NAME, ROOM = "Username", "Room"

_COMMANDS = ("help", "join", "rooms", "quit")
_HELP = {
    NAME: (
        "This is the name that others see before what you write.",
        "It may have letters, digits and signs such as - _ . but no spaces.",
        "Type exit to end.",
    ),
    ROOM: (
        "Type the name of a room to go there. A name that no room has makes a new room.",
        "/rooms WORD lists the rooms with WORD in their names, /rooms lists all.",
        "Type exit to end.",
    ),
}


class Leave(Exception):
    """The person is gone: ``exit``, Ctrl+D, or the end of a pipe."""


async def ask(console: Console, what: str, suggestion: str | None) -> str:
    """The answer to the question for `NAME` or `ROOM`; ``/rooms WORD`` may be one for a room.

    An empty answer is the ``suggestion``. Raises `Leave`.
    """
    question = f"{what} [{safe(suggestion)}]:" if suggestion else f"{what}:"
    while True:
        answer = await console.ask(question)
        if answer is None or answer.strip() == EXIT:
            raise Leave
        answer = answer.strip()
        match command_in(answer):
            case ("help", _):
                await console.write(_HELP[what])
            case ("quit", _):
                raise Leave
            case ("join", room) if room and what == ROOM:
                return room
            case ("rooms", wanted) if what == ROOM:
                return f"/rooms {wanted}".rstrip()
            case _:
                return answer or suggestion or ""


def command_in(typed: str) -> tuple[str, str] | None:
    """The command that was typed where a question was asked, and what is behind it."""
    if not typed.startswith("/"):
        return None
    word, _, rest = typed[1:].partition(" ")
    command = slashes.meant(word.lower(), _COMMANDS)
    return None if command is None else (command, rest.strip())
