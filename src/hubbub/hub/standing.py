"""What holds in a room, and what somebody is there, as a client is told it."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Sequence
from typing import TypedDict

from hubbub.domain.ids import UserId
from hubbub.domain.replies import Reply, RoomStanding, Standing
from hubbub.domain.rights import Action
from hubbub.domain.rules import Role, shortest
from hubbub.hub.access import roles_in
from hubbub.hub.newcomers import is_newcomer
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

NOT_TOLD = (
    *("silent", "bans", "muted_names", "invited", "former", "tickets", "filters"),
    *("trusted", "queue", "floor", "exemptions", "passing", "made"),
    # Which everybody hears of by the events themselves.
    *("topic", "topic_by", "topic_by_id", "topic_at", "pins"),
)
"""The facts that a `Standing` does not tell to all who are in the room."""


class Origins(TypedDict):
    """What `hubbub.domain.replies.RoomJoined` and `hubbub.domain.replies.Members` tell of it."""

    topic_by: str | None
    topic_at: int | None
    made: int | None


AT_ONCE = 200  # sessions that are told in one step of the loop: about a millisecond


def standing_of(hub: Services, user: User, room: HubRoom) -> Standing | None:
    """None: everybody may do the same there, and ``user`` is nobody in particular."""
    facts = room.state.facts
    role = hub.access.role(user, room)
    keep_days = shortest(facts.keep_days, hub.access.directory.state.facts.keep_days)
    ruled = (
        *(facts.roles, facts.pins, keep_days, facts.most, not facts.signals),
        facts.labels,
    )
    if room.plain and not any(ruled) and role is Role.MEMBER:
        return None
    floor = hub.access.floor(user, room)
    until = facts.muted.get(user.id, 0) if user.id is not None else 0
    return Standing(
        access=facts.access,
        role=role,
        speak=facts.speak,
        slow=facts.slow,
        guests=facts.guests,
        history=facts.history,
        archived=facts.archived,
        owned=bool(facts.roles),
        muted=until is None or until > hub.clock(),
        roles=roles_in(room),
        people=people_of(room, user),
        newcomers=facts.newcomers,
        newcomer=is_newcomer(hub, user, room),
        keep_days=keep_days,
        topics=facts.topics,
        outside=facts.outside,
        most=facts.most,
        signals=facts.signals,
        labels=facts.labels,
        waiting=len(room.waiting) if hub.access.may(user, Action.AUDIT, room) else 0,
        pins=tuple(pin for pin in facts.pins if pin > floor),
    )


def origins_of(room: HubRoom) -> Origins:
    """Who has set the topic, if there is one, and when; and when the room was made."""
    facts = room.state.facts
    by, at = (facts.topic_by, facts.topic_at) if facts.topic else (None, None)
    return {"topic_by": by or None, "topic_at": at or None, "made": facts.made or None}


def people_of(room: HubRoom, user: User | None) -> tuple[str, ...]:
    """Whose direct conversation the room is, without ``user``; nobody's if it is none."""
    if not room.state.facts.direct:
        return ()
    members = room.state.members
    others = (members[key] for key in sorted(members))
    return tuple(str(one.name) for one in others if user is None or one.id != user.id)


def tell(hub: Services, room: HubRoom, only: Container[UserId | None] | None = None) -> None:
    """Tells all who are in the room what holds there now, or ``only`` some of them."""
    told = [
        session
        for here in hub.presence.in_room(room).values()
        if only is None or here.user.id in only
        for session in here.sessions
    ]
    hub.spawn(_tell(hub, room, told))


async def _tell(hub: Services, room: HubRoom, sessions: Sequence[Session]) -> None:
    for told, session in enumerate(sessions, 1):
        if session.user is not None and room in session.rooms and not session.ended:
            session.outlet.reply(_notice(hub, session.user, room))
        if told % AT_ONCE == 0:
            await asyncio.sleep(0)


def _notice(hub: Services, user: User, room: HubRoom) -> Reply:
    return RoomStanding(room=room.name, standing=standing_of(hub, user, room) or Standing())
