"""Who administers the server tells everybody something, who is connected to whichever server."""

from __future__ import annotations

import asyncio
import logging

from hubbub.domain import commands as ask
from hubbub.domain.errors import EmptyText, NotAllowed
from hubbub.domain.replies import Announced, Done
from hubbub.domain.rules import Role
from hubbub.domain.text import parse_announcement
from hubbub.hub.ports import Announces
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

AT_ONCE = 200  # sessions that are told in one step of the loop: about a millisecond

logger = logging.getLogger(__name__)


def announce(hub: Services, session: Session, command: ask.Announce, user: User) -> None:
    """Tells everybody."""
    if hub.access.server_role(user).rank < Role.MODERATOR.rank:
        raise NotAllowed("Only who administers this server may do that.")
    text = parse_announcement(command.text)
    if not text:
        raise EmptyText("What shall everybody be told?")
    logger.info("%s tells everybody: %s", user.name, text)
    tell(hub, str(user.name), text)
    if hub.tell_others is not None:
        hub.tell_others(Announces(str(user.name), text))
    session.outlet.reply(Done(re=command.id))


def tell(hub: Services, by: str, text: str) -> None:
    """Tells everybody at this server."""
    hub.spawn(_tell(list(hub.sessions), Announced(by=by, text=text)))


async def _tell(sessions: list[Session], notice: Announced) -> None:
    for told, session in enumerate(sessions, 1):
        if session.user is not None and not (session.ended or session.apart):
            session.outlet.reply(notice)
        if told % AT_ONCE == 0:
            await asyncio.sleep(0)
