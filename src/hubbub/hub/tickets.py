"""Tickets: secrets with a purpose, a number of uses and an end.

They let people come into a room, make an account, or choose a new password. Whoever has the code
uses it; the log has a hash of it, which is the ticket's id. What remains of a ticket is a fold of
the log, and its writer refuses the event that would use one too often.
"""

from __future__ import annotations

import secrets
from functools import partial
from hashlib import sha256

from hubbub.domain import commands as ask
from hubbub.domain.errors import (
    BadMessage,
    BadTicket,
    ChatError,
    NeedInvitation,
    NoSuchUser,
    NotAllowed,
    RegistrationClosed,
    TooMany,
)
from hubbub.domain.events import (
    UNSEQUENCED,
    AnyEvent,
    FactorSet,
    Invited,
    PasswordSet,
    TicketEnded,
    TicketMade,
)
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Done, TicketGiven, TicketList
from hubbub.domain.rules import MAX_TICKETS, Role, Ticket
from hubbub.domain.state import USED_UP
from hubbub.domain.tickets import CODE_CHARS
from hubbub.hub.answering import answer_later
from hubbub.hub.choosing import choose_password
from hubbub.hub.directory import append, settled, turn_of
from hubbub.hub.invitations import make_place
from hubbub.hub.ports import ForgetCertificates, ForgetDevices, KeepSecret, SecretKind
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

CODE_BYTES = CODE_CHARS * 3 // 4  # 144 bits: not to be guessed, so that its hash is no secret
MAX_BY_ONE = 20  # links to a room by one who does not moderate it: nobody takes them from others
ID_CHARS = 32  # of the hash


def id_of(code: str) -> str:
    """The id of the ticket with that code."""
    return sha256(code.strip().encode(errors="replace")).hexdigest()[:ID_CHARS]


def find(hub: Services, room: HubRoom, code: str, user: UserName | None = None) -> Ticket:
    """The ticket of the room with that code, about ``user`` if it is for a password.

    Raises `BadTicket`.
    """
    id, now = id_of(code), hub.clock()
    about = None if user is None else hub.access.account(user)
    for ticket in room.state.facts.tickets:
        mine = ticket.user_id is None if user is None else about and ticket.user_id == about.id
        if ticket.id == id and mine and not ticket.is_over(now):
            return ticket
    raise BadTicket(USED_UP)


def is_good(hub: Services, room: RoomName, code: str) -> bool:
    """Whether there is such a room, and a ticket of it with that code."""
    known = hub.rooms.get(room.key)
    if known is None:
        return False
    try:
        find(hub, known, code)
    except BadTicket:
        return False
    return True


# Making and ending them


def make(
    hub: Services, session: Session, command: ask.MakeTicket, user: User, room: HubRoom
) -> None:
    """Makes a ticket. Only who asks is told its code, and only now."""
    now = hub.clock()
    tickets = [ticket for ticket in room.state.facts.tickets if not ticket.is_over(now)]
    if len(tickets) >= MAX_TICKETS:
        raise TooMany(f"There are {MAX_TICKETS} links to {room.called}, as many as may be.")
    moderates = hub.access.role(user, room).rank >= Role.MODERATOR.rank
    if not moderates and sum(ticket.by_id == user.id for ticket in tickets) >= MAX_BY_ONE:
        raise TooMany(
            f"You have made {MAX_BY_ONE} links to {room.called}, as many as may be. To see and end "
            "them: /links"
        )
    about = None if command.user is None else _whose(hub, user, room, command.user)
    if about is None and command.factor:
        raise BadMessage("Whose second factor should end by it?")
    if about is not None and command.uses != 1:
        raise BadMessage("A link for a new password is good for one use.")
    hub.take_disk(session, command, user.name, command.user)
    code = secrets.token_urlsafe(CODE_BYTES)
    event = TicketMade(
        UNSEQUENCED,
        now,
        user.name,
        id_of(code),
        command.uses,
        None if command.seconds is None else now + 1000 * command.seconds,
        None if about is None else about.name,
        None if about is None else about.id,
        command.factor,
        by_id=user.id,
    )

    async def made() -> TicketGiven:
        await _append(hub, room, event)
        tickets = room.state.facts.tickets
        ticket = next((one for one in tickets if one.id == event.ticket), None)
        if ticket is None:
            raise BadTicket(USED_UP)
        return TicketGiven(room=room.name, code=code, ticket=ticket)

    answer_later(hub, session, command, made)


def _whose(hub: Services, user: User, room: HubRoom, name: UserName) -> User:
    """Whose password may be chosen anew by a ticket that ``user`` makes."""
    if room is not hub.access.directory:
        raise BadMessage("A link for a new password is made for the server, not for a room.")
    account = hub.access.account(name)
    if account is None:
        raise NoSuchUser(f"{name} has no account here.")
    about = User(account.name, account.id, account=True)
    mine, theirs = hub.access.server_role(user), hub.access.server_role(about)
    if mine is not Role.OWNER and theirs.rank >= mine.rank:
        raise NotAllowed(f"Only an owner of this server may do that for {about.name}.")
    return about


def list_them(
    hub: Services, session: Session, command: ask.Tickets, user: User, room: HubRoom
) -> None:
    """Lists the tickets that are good: all for who moderates, else one's own."""
    tickets = [one for one in _seen_by(hub, user, room) if not one.is_over(hub.clock())]
    session.outlet.reply(TicketList(re=command.id, room=room.name, tickets=tickets))


def end(hub: Services, session: Session, command: ask.EndTicket, user: User, room: HubRoom) -> None:
    """Ends a ticket."""
    if command.ticket not in {one.id for one in _seen_by(hub, user, room)}:
        raise BadTicket("There is no such link.")
    hub.take_disk(session, command, user.name)

    async def ended() -> Done:
        event = TicketEnded(UNSEQUENCED, hub.clock(), user.name, command.ticket, by_id=user.id)
        await _append(hub, room, event)
        return Done()

    answer_later(hub, session, command, ended)


def _seen_by(hub: Services, user: User, room: HubRoom) -> list[Ticket]:
    everything = hub.access.role(user, room).rank >= Role.MODERATOR.rank
    return [one for one in room.state.facts.tickets if everything or one.by_id == user.id]


async def _append(hub: Services, room: HubRoom, event: AnyEvent) -> None:
    hub.disk.check()
    hub.journal.check_not_frozen(room)
    await settled(hub, partial(room.draft, event))


# Using them


def check_registration(hub: Services, session: Session, command: ask.Register) -> str | None:
    """The id of the ticket that is needed to make an account; None if it needs none.

    Raises `RegistrationClosed`, `NeedInvitation`, `BadTicket`.
    """
    if hub.settings.registration == "open":
        return None
    if hub.settings.registration == "closed":
        raise RegistrationClosed("On this server nobody can make an account by themselves.")
    if command.invite is None:
        raise NeedInvitation("On this server one needs an invitation to make an account.")
    if hub.owner_code is not None and hub.is_owner_code(session, command.invite):
        return None  # nobody is there who could invite the first one
    return find(hub, hub.access.directory, command.invite).id


async def come_in(
    hub: Services, command: ask.Join, code: str, user: User, hidden: ChatError
) -> None:
    """Makes who has the ``code`` of a ticket of a room somebody who was invited.

    Raises ``hidden``, as if there were no ticket, if it is no good.
    """
    room = hub.rooms.get(command.room.key)
    if room is None or user.id is None:
        raise hidden
    try:
        ticket = find(hub, room, code)
    except BadTicket:
        raise hidden from None
    hub.access.check_may_be_invited(user, room)
    make_place(hub, room, user.id, User(UserName.recall(ticket.by), ticket.by_id))
    event = Invited(
        UNSEQUENCED,
        hub.clock(),
        ticket.by,
        user.name,
        user.id,
        ticket.id,
        by_id=ticket.by_id,
    )
    await _append(hub, room, event)


def reset(hub: Services, session: Session, command: ask.ResetPassword) -> None:
    """Gives an account a new password, by a ticket. Its devices are out, as with any new one."""
    directory, name = hub.access.directory, command.user
    ticket = find(hub, directory, command.code, name)
    account = hub.access.account(name)
    if account is None or account.id is None:
        raise BadTicket(USED_UP)
    id = account.id
    password = choose_password(hub, command.password, str(account.name))
    hub.take_disk(session, command, account.name)

    async def choose() -> Done:
        async with hub.locks.of(id):
            hashed = await hub.passwords.hash(password, turn_of(session))
            account = hub.access.account_of(id)
            if account is None or session.ended:
                raise BadTicket(USED_UP)
            find(hub, directory, command.code, account.name)  # it is still good
            now = hub.clock()
            if ticket.factor:  # first: what fails in between can be done again
                off = FactorSet(UNSEQUENCED, now, account.name, False, by_id=id)
                await append(hub, off, KeepSecret(SecretKind.FACTOR, id, None))
            await append(
                hub,
                PasswordSet(UNSEQUENCED, now, account.name, None, ticket.id, by_id=id),
                KeepSecret(SecretKind.PASSWORD, id, hashed),
                KeepSecret(SecretKind.SCRAM, id, None),
                ForgetDevices(id),
                ForgetCertificates(id),
            )
        return Done()

    answer_later(hub, session, command, choose)
