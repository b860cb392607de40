"""The door that every command goes through: what is checked once for all of them.

A `Handler` is what a command needs, and what it does then. A command without one does not exist for
the hub, and the tests ask each of them of every kind of room as every kind of viewer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hubbub.domain.rights import Action
from hubbub.hub.access import named
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Handler, Services
from hubbub.hub.session import Session, User


def for_anybody(run: Callable[[Services, Session, Any], None], *, free: bool = False) -> Handler:
    """A command that needs nothing."""
    return Handler(run, free)


def for_named(run: Callable[[Services, Session, Any, User], None]) -> Handler:
    """A command of somebody who has said hello."""

    def do(hub: Services, session: Session, command: Any) -> None:
        run(hub, session, command, named(session))

    return Handler(do)


def in_any_room(
    action: Action, run: Callable[[Services, Session, Any, User, HubRoom], None]
) -> Handler:
    """A command about a room, in which one need not be."""

    def do(hub: Services, session: Session, command: Any) -> None:
        user = named(session)
        run(hub, session, command, user, hub.access.room_named(user, action, command.room))

    return Handler(do)


def in_own_room(
    action: Action,
    run: Callable[[Services, Session, Any, User, HubRoom], None],
    *,
    free: bool = False,
) -> Handler:
    """A command in a room that the session is in."""

    def do(hub: Services, session: Session, command: Any) -> None:
        user = named(session)
        run(hub, session, command, user, hub.access.own_room(session, action, command.room))

    return Handler(do, free)
