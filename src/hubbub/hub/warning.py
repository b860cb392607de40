"""Tells those who administer the server, and are here, that something will go wrong with it."""

from __future__ import annotations

from collections.abc import Container

from hubbub.domain.ids import UserId
from hubbub.domain.replies import Warned
from hubbub.domain.rules import Role
from hubbub.hub.services import Services


def warn(hub: Services, message: str, but: Container[UserId] = ()) -> set[UserId]:
    """Tells ``message``, a sentence, to all of them ``but`` those; who was told."""
    told: set[UserId] = set()
    for session in list(hub.sessions):
        user = session.user
        if user is None or user.id is None or session.ended or session.apart or user.id in but:
            continue
        if hub.access.server_role(user).rank >= Role.MODERATOR.rank:
            session.outlet.reply(Warned(message=message))
            told.add(user.id)
    return told
