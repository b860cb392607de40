"""What programs of people in a room tell each other: not logged, and nobody is shown it later."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.domain import commands as ask
from hubbub.domain.errors import NotAllowed
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Signalled
from hubbub.domain.tags import check_tags
from hubbub.hub import directs
from hubbub.hub.ports import Signalling
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def signal(hub: Services, session: Session, command: ask.Signal, user: User, room: HubRoom) -> None:
    """Tells all other sessions in the room, those of the same user, too, unless it is too often."""
    check_tags(command.tags)
    if not room.state.facts.signals:
        raise NotAllowed(f"In {room.called} programs tell each other nothing but messages.")
    if not room.may_signal(hub.monotonic()):
        return
    _tell(hub, room, _told(room, user.name, user.id, command), but=(session,))
    if hub.tell_others is not None:
        hub.tell_others(
            Signalling(
                room.name.key, str(user.name), user.id, command.tags, command.text, command.notice
            )
        )


def signalled(hub: Services, message: Signalling) -> None:
    """Another server has told of it."""
    room = hub.rooms.get(message.room)
    if room is not None and _has_readers(room) and room.may_signal(hub.monotonic()):
        _tell(hub, room, _told(room, UserName.recall(message.user), message.id, message), but=())


def _has_readers(room: HubRoom) -> bool:
    return bool(room.live) or bool(room.state.facts.direct)


def _tell(hub: Services, room: HubRoom, told: Signalled, but: Sequence[Session]) -> None:
    """Tells it all who are there; in a direct conversation, its people wherever they are: whether
    they listen to it already nobody knows who asks what their program is.
    """
    with hub.gate:
        room.tell(told, but=but)
    if room.state.facts.direct:
        directs.signalled(hub, room, told)


def _told(
    room: HubRoom, by: UserName, by_id: UserId | None, what: ask.Signal | Signalling
) -> Signalled:
    return Signalled(
        room=room.name, by=by, by_id=by_id, tags=what.tags, text=what.text, notice=what.notice
    )
