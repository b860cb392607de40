"""The first questions: a name and a room are answers, and so are a few commands."""

from __future__ import annotations

from hubbub.domain.orders import Order, Vocabulary
from hubbub.domain.slashes import Client
from hubbub.terminal.plain.console import Console
from hubbub.terminal.safe import safe

NAME, ROOM = "Username", "Room"

_VOCABULARY = Vocabulary(
    Client.PLAIN, only=("help", "join", "rooms", "login", "reset", "quit", "exit")
)
_HELP = {
    NAME: (
        "This is the name that others see before what you write.",
        "It may have letters, digits and signs such as - _ . but no spaces.",
        "Who has a link for a new password types /reset NAME CODE.",
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


async def ask_name(console: Console, suggestion: str | None) -> str | Order:
    """The name that was given; the ``suggestion``, if none was. An order for a new password may
    come instead. Raises `Leave`.
    """
    while True:
        answer, order = await _ask(console, NAME, suggestion)
        if order is None or order.name in ("join", "rooms"):
            return answer
        if order.name == "reset":
            return order
        if order.name == "login" and order.argument:
            return order.argument.removeprefix("@")


async def ask_room(console: Console, suggestion: str | None) -> str | Order:
    """The room that was named; the ``suggestion``, if none was. An order for a list of rooms may
    come instead. Raises `Leave`.
    """
    while True:
        answer, order = await _ask(console, ROOM, suggestion)
        if order is None or order.name in ("login", "reset"):
            return answer
        if order.name == "join":
            return order.argument
        if order.name == "rooms":
            return order


async def _ask(console: Console, what: str, suggestion: str | None) -> tuple[str, Order | None]:
    """What was answered, and what that orders, if anything; help is given already."""
    question = f"{what} [{safe(suggestion)}]:" if suggestion else f"{what}:"
    answer = await console.ask(question)
    if answer is None:
        raise Leave
    answer = answer.strip()
    asked = _VOCABULARY.read(answer)
    if not isinstance(asked, Order):
        return answer or suggestion or "", None
    if asked.name in ("quit", "exit"):
        raise Leave
    if asked.name == "help":
        await console.write(_HELP[what])
    return answer, asked
