"""What a client has asked for, as a conversation with the hub: questions out, answers in."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from hubbub.domain.commands import Command
from hubbub.domain.events import AnyEvent
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Refused, Reply
from hubbub.wire.irc.message import Message

Conversation = Generator["Command | Sequence[Command] | None", Reply, None]
"""Asks the hub by ``yield``; is given the answer, or `Rejected` is raised there. ``yield None``
waits for one more answer to the same question. Of several commands the last one's answer is waited
for, and `Rejected` is raised if one of them is refused: what has no answer goes before a `Ping`.
"""

Handler = Callable[[Any, Message], Conversation | Command | None]
"""Begins what a message asks for, given the `IrcWire` that has taken it. A command that is
returned, and not yielded, is not waited for: only its refusal is told.
"""


class Row(Struct, frozen=True):
    """One command. ``least``: parameters that it needs. ``early``: before registration, too.

    ``late``: and after it.
    """

    handler: Handler
    least: int = 0
    early: bool = False
    late: bool = True


class Vocabulary(Struct, frozen=True):
    """What is understood and told: the tables of the modules that need `IrcWire`.

    ``told``: what each kind of reply says that was not asked for. ``beside``: what an event tells
    one client beside its messages. ``cut_off``: what is done with lines that have no end.
    """

    commands: Mapping[str, Row]
    told: Mapping[type[Reply], Callable[[Any, Any], None]]
    beside: Callable[[Any, RoomName, AnyEvent], list[str]]
    cut_off: Handler


class Rejected(Exception):
    """The hub has refused what a conversation has asked for."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message)
        self.refused = refused


class Running(Struct):
    """The conversation that goes on. ``re``: the id of the command whose answer it waits for.

    ``first``, ``last``: those of the commands that were asked together with it. ``lines``: what it
    has said so far. ``labelled``: nothing that was said has the label yet. ``does``: the key of the
    room in which it says or changes something, which the client is shown with the label;
    ``gathers``: with all else that the conversation says.
    """

    message: Message
    conversation: Conversation
    re: int = 0
    first: int = 0
    last: int = 0
    lines: list[str] = []
    label: str = ""
    labelled: bool = False
    does: str = ""
    gathers: bool = False


def nothing() -> Conversation:
    """Has nothing to ask."""
    yield from ()


def alone(command: Command) -> Conversation:
    """Asks for one thing whose answer says nothing more."""
    yield command
