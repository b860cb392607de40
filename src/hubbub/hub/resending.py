"""What was done once is not refused when it is asked for again: a resend gets the first ack.

A client that lost the connection before the ack sends the command again. By then it may have to be
refused just because it was done: who was put out is not in the room. So the log is asked first.
"""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain import events
from hubbub.domain.commands import Command, Write
from hubbub.domain.errors import ChatError, LogUnavailable, RateLimited, ShuttingDown
from hubbub.domain.names import RoomName
from hubbub.domain.replies import Ack
from hubbub.hub.ports import Log
from hubbub.hub.room import HubRoom
from hubbub.hub.rooms import Rooms
from hubbub.hub.session import User

MAKES: dict[type[Write], type[events.Event]] = {
    ask.Say: events.Said,
    ask.SayTo: events.Said,
    ask.Edit: events.Edited,
    ask.Redact: events.Redacted,
    ask.React: events.Reacted,
    ask.Pin: events.Pinned,
    ask.SetTopic: events.TopicSet,
    ask.SetRules: events.RulesSet,
    ask.RenameRoom: events.RoomRenamed,
    ask.Invite: events.Invited,
    ask.GiveRole: events.RoleGiven,
    ask.Kick: events.Kicked,
    ask.Mute: events.Muted,
    ask.Unmute: events.Unmuted,
    ask.Ban: events.Banned,
    ask.Unban: events.Unbanned,
    ask.Exempt: events.Exempted,
    ask.EndInvitation: events.InvitationEnded,
    ask.SetFilter: events.FilterSet,
}
"""What each command appends, so that a nonce that was used for something else says nothing."""

_FOR_NOW = (RateLimited, LogUnavailable, ShuttingDown)  # the client asks once more by itself


def nonce_in(room: HubRoom | RoomName, nonce: str) -> str:
    """By what the log knows a ``nonce`` again: in any room, and its event is none of the others'.

    A room that is renamed is known by its first name.
    """
    return f"{room.first_key if isinstance(room, HubRoom) else room.key} {nonce}"


def may_be_known(user: User | None, command: Command, error: ChatError) -> bool:
    """Whether ``command``, which is refused for good, may be one that was done before."""
    return (
        isinstance(command, Write)
        and command.nonce is not None
        and user is not None
        and user.id is not None
        and not isinstance(error, _FOR_NOW)
    )


async def first_ack(log: Log, rooms: Rooms, user: User, command: Write) -> Ack | None:
    """The ack of the first time that ``user`` sent ``command``; None if there was none.

    Who may not read the room by now learns no more of it than that, nor how it is called today: a
    room that is not there is asked for as well. Raises `LogUnavailable`.
    """
    assert user.id is not None
    assert command.nonce is not None
    room = rooms.get(command.room.key) or command.room
    event = await log.written(user.id, nonce_in(room, command.nonce))
    if event is None or type(event) is not MAKES[type(command)]:
        return None
    return Ack(re=command.id, room=command.room, seq=event.seq, at=event.at, nonce=command.nonce)
