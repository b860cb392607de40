"""Invitations into rooms, and taking them back."""

from __future__ import annotations

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, ChatError, NoSuchUser, NotAllowed, TooMany
from hubbub.domain.events import UNSEQUENCED, InvitationEnded, Invited
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.rights import Action
from hubbub.domain.rules import MAX_INVITED, Role
from hubbub.hub.access import named
from hubbub.hub.directory import work
from hubbub.hub.moderating import AUDITED_AT_ONCE, check_known, invited_names, submit, target
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User


def invite(hub: Services, session: Session, command: ask.Invite, user: User, room: HubRoom) -> None:
    """Lets somebody come in."""
    if room is hub.access.directory:
        raise NotAllowed("To invite somebody to this server, make an invitation link.")
    about, there = target(hub, room, command.user)
    if there:
        raise BadMessage(f"{about.name} is in {room.name} already.")
    check_known(about)
    check_may_be_invited(hub, room, about)
    if (closed := hub.access.closed_to(user, about.id, about.name)) is not None:
        raise closed
    if hub.access.has_blocked(about.id, user.id):
        raise NotAllowed(f"{about.name} does not take invitations from you.")
    hub.take_disk(session, command, user.name, command.nonce)
    hub.journal.check_not_frozen(room)
    make_place(hub, room, about.id, user)
    event = Invited(UNSEQUENCED, hub.clock(), user.name, about.name, about.id, by_id=user.id)
    hub.journal.submit(session, room, command, event)


def check_may_be_invited(hub: Services, room: HubRoom, about: User) -> None:
    """Raises `NotAllowed` if the room's rules keep ``about`` out of it."""
    if hub.access.ban_of(about, room) is not None:
        raise NotAllowed(f"{about.name} is banned from {room.name}. To end that: /unban NAME")
    if not about.account and not room.state.facts.guests:
        raise NotAllowed(f"{about.name} is a guest, and {room.name} is not for guests.")


def make_place(hub: Services, room: HubRoom, about: UserId | None, by: User) -> None:
    """Sees to it that ``about`` can be invited into ``room``; raises `TooMany` if it is full.

    The invitation of a guest who is gone for good ends, by whom the place is needed.
    """
    invited = room.state.facts.invited
    if about in invited or len(invited) < MAX_INVITED:
        return
    alone = hub.node is None  # else who is gone for good is not known here
    for id, name in invited.items() if alone else ():
        known = hub.users.get(UserName.recall(name).key)
        if hub.access.account_of(id) is None and (known is None or known.id != id):
            event = InvitationEnded(UNSEQUENCED, hub.clock(), by.name, name, id, by_id=by.id)
            hub.log.append(room.draft(event))
            return
    raise TooMany(
        f"{MAX_INVITED} people are invited to {room.name} and have not come yet, as many as may be."
    )


# Taking them back


def end(
    hub: Services, session: Session, command: ask.EndInvitation, user: User, room: HubRoom
) -> None:
    """Takes an invitation back: who moderates any, others those that they made themselves."""
    if room is hub.access.directory:
        raise NotAllowed("To this server people are invited by links alone: /server links")
    names = zip(room.state.facts.invited, invited_names(hub, room), strict=True)
    about = {UserName.recall(name).key: id for id, name in names}.get(command.user.key)
    if about is None:
        raise NoSuchUser(f"{command.user} is not invited to {room.name}. To see who is: /bans")
    if hub.access.role(user, room).rank >= Role.MODERATOR.rank:
        _end(hub, session, command, room, about)
    else:
        work(hub, session, command, _end_own(hub, session, command, room, about))


def _end(
    hub: Services, session: Session, command: ask.EndInvitation, room: HubRoom, about: UserId
) -> None:
    user, now = named(session), hub.clock()
    event = InvitationEnded(UNSEQUENCED, now, user.name, command.user, about, by_id=user.id)
    submit(hub, session, command, user, room, event)


async def _end_own(
    hub: Services, session: Session, command: ask.EndInvitation, room: HubRoom, about: UserId
) -> None:
    """Looks in the log for who has invited them: nobody else needs to be told that."""
    after = max(0, room.head - AUDITED_AT_ONCE)
    async with hub.pages.turn(hub.reader(session), lambda: not session.ended):
        events = await room.read(hub.log, after, room.head)
    user = named(session)
    hub.access.check_still(user, Action.INVITE, room)
    made = [one for one in events if isinstance(one, Invited) and one.user_id == about]
    if not made or made[-1].by_id != user.id:
        refused: ChatError = NotAllowed(
            f"{command.user} was invited by somebody else. Whoever moderates {room.name} can take "
            "that back."
        )
        raise refused
    if about not in room.state.facts.invited:
        raise NoSuchUser(f"{command.user} is not invited to {room.name} any more.")
    if not session.ended:
        _end(hub, session, command, room, about)
