"""Asks the server for what has an answer of a kind that is known."""

from __future__ import annotations

from typing import TypeVar

from hubbub.domain.commands import Command
from hubbub.domain.errors import BadMessage
from hubbub.domain.replies import Reply
from hubbub.terminal.full.ports import ChatPort

R = TypeVar("R", bound=Reply)


async def answer(chat: ChatPort, command: Command, kind: type[R]) -> R:
    """The answer to ``command``. Raises the server's refusal."""
    reply = await chat.do(command)
    if not isinstance(reply, kind):
        raise BadMessage("The server has answered something else than was asked.")
    return reply
