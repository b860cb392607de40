"""One task for all that the chat's own protocol can: a command, and its answer."""

from __future__ import annotations

from msgspec import Raw

from hubbub.admin.tasks import Arguments, Call, Result
from hubbub.domain.replies import Reply
from hubbub.wire.json import decode_command


class Do(Arguments, frozen=True, kw_only=True):
    """``command``: one of docs/protocol.md, as in ``{"type": "kick", "room": "Tea", …}``."""

    command: Raw


class Answered(Result, frozen=True, kw_only=True):
    """The answer, of docs/protocol.md."""

    reply: Reply


async def do(call: Call, asked: Do) -> Answered:
    """Does a command of the chat, with the rights of whoever asks."""
    return Answered(reply=await call.ask(decode_command(bytes(asked.command))))
