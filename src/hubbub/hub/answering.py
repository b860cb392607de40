"""Answers that take their time: what else the session asks for waits meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from hubbub.domain.commands import Command
from hubbub.domain.errors import ChatError
from hubbub.domain.replies import Reply
from hubbub.hub.services import Services
from hubbub.hub.session import Session


def answer_later(
    hub: Services, session: Session, command: Command, work: Callable[[], Awaitable[Reply]]
) -> None:
    """Answers with what ``work`` returns, or with the `ChatError` that it raises.

    Meanwhile the session's other commands wait.
    """

    async def answer() -> None:
        try:
            reply = await work()
        except ChatError as error:
            if not session.ended:
                hub.refuse(session, command, error)
        else:
            if not session.ended:
                session.outlet.reply(replace(reply, re=command.id))
        hub.done(session)

    session.busy = True
    hub.spawn(answer(), session.share)
