"""What those who moderate a room do: rules, roles, putting out, muting, banning.

Each is an event of the room, or of the directory for the whole server, so that `audit` can tell who
did what to whom, when, and why.
"""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NoSuchUser, NotAllowed, TooMany
from hubbub.domain.events import (
    UNSEQUENCED,
    AnyEvent,
    Banned,
    Kicked,
    Muted,
    Redacted,
    RoleGiven,
    RulesSet,
    Unbanned,
    Unmuted,
)
from hubbub.domain.ids import UserId
from hubbub.domain.kinds import is_audited
from hubbub.domain.labels import check_labels
from hubbub.domain.names import UserName
from hubbub.domain.passwords import check_word
from hubbub.domain.patterns import parse_pattern
from hubbub.domain.projection import up_to_date
from hubbub.domain.replies import BanList, Page
from hubbub.domain.rights import Action
from hubbub.domain.rules import (
    MAX_BANS,
    MAX_MUTED,
    MAX_ROLES,
    NETWORK_TO_COME,
    CurrentBan,
    Role,
    RoomAccess,
)
from hubbub.domain.state import owners_of
from hubbub.domain.text import parse_reason
from hubbub.hub.access import named
from hubbub.hub.answering import answer_later
from hubbub.hub.directory import turn_of, work
from hubbub.hub.ports import ForgetDevices, KeepSecret, Row, SecretKind
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

AUDITED_AT_ONCE = 2000  # events that are looked through for one answer: some milliseconds


class Target(NamedTuple):
    """Whom a command is about. ``there``: a member of the room."""

    user: User
    there: bool


def target(hub: Services, room: HubRoom, name: UserName) -> Target:
    """The user of that name: in the room, else one with an account, else anybody who is here.

    Raises `NoSuchUser`.
    """
    account = hub.access.account(name)
    member = room.state.members.get(name.key)
    if member is not None:
        same = account is not None and account.id == member.id
        return Target(User(member.name, member.id, account=same), there=True)
    if account is not None:
        return Target(User(account.name, account.id, account=True), there=False)
    user = hub.users.anywhere(name.key)
    if user is not None and user.id is not None:
        return Target(user, there=False)
    raise NoSuchUser(f'There is nobody called "{name}" here.')


def check_known(about: User) -> None:
    """Raises `NoSuchUser` for who is in the room since a version that did not tell users apart."""
    if about.id is None:
        raise NoSuchUser(f"The server does not know well enough who {about.name} is for that.")


def _check_rank(hub: Services, room: HubRoom, user: User, about: User) -> None:
    """Raises `NotAllowed` unless ``user`` is more in ``room`` than ``about`` is."""
    if about.id == user.id and about.id is not None:
        raise BadMessage("That would be about yourself. To leave a room: /leave")
    here = hub.users.get(about.name.key)  # who may have rights that somebody lends them
    theirs = hub.access.role(here if here is not None and here.id == about.id else about, room)
    mine = hub.access.role(user, room)
    if theirs.rank >= mine.rank and hub.access.server_role(user) is not Role.OWNER:
        raise NotAllowed(
            f"{about.name} is {_ROLES[theirs]} of {room.called}, and you are no more than that, so "
            "you may not do that to them."
        )


_ROLES = {
    Role.VOICE: "a voice",
    Role.MODERATOR: "a moderator",
    Role.OWNER: "an owner",
}


def submit(
    hub: Services,
    session: Session,
    command: ask.Write,
    user: User,
    room: HubRoom,
    event: AnyEvent,
    *also: Row,
    words: str | None = None,
) -> None:
    """Sends the ``event`` that ``command`` asks for to the log; ``words``: what it has of them."""
    hub.take_disk(session, command, words, user.name, command.nonce)
    hub.journal.submit(session, room, command, event, also)


def _reason(command: ask.Kick | ask.Mute | ask.Ban) -> str | None:
    return parse_reason(command.reason) if command.reason else None


# What holds in the room


def set_rules(
    hub: Services, session: Session, command: ask.SetRules, user: User, room: HubRoom
) -> None:
    """Changes what holds in the room."""
    facts = room.state.facts
    if room is hub.access.directory:
        _check_server_rules(command)
    if command.access is RoomAccess.DIRECT:
        raise BadMessage("A room cannot become a direct conversation. To begin one: /msg NAME TEXT")
    locks = command.access is RoomAccess.LOCKED and facts.access is not RoomAccess.LOCKED
    if locks and command.password is None:
        raise BadMessage("Which password should it ask for?")
    if command.password is not None and (command.access or facts.access) is not RoomAccess.LOCKED:
        raise BadMessage('Only a room with the access "locked" asks for a password.')
    event = RulesSet(
        UNSEQUENCED,
        hub.clock(),
        user.name,
        command.access,
        command.speak,
        command.slow,
        command.guests,
        command.history,
        command.archived,
        command.password is not None,
        command.newcomers,
        command.keep_days,
        command.topics,
        command.outside,
        command.most,
        command.signals,
        _labels(hub, user, room, command.labels or {}),
        by_id=user.id,
    )
    if event == RulesSet(UNSEQUENCED, event.at, user.name, by_id=user.id):
        raise BadMessage("What should hold in the room? Nothing was said that would change.")
    if command.password is None:
        submit(hub, session, command, user, room, event, words=_words_of(command))
        return
    work(hub, session, command, _lock(hub, session, command, room, event))


def _labels(
    hub: Services, user: User, room: HubRoom, changes: dict[str, str | None]
) -> dict[str, str | None] | None:
    """Those that change; None if none do."""
    check_labels(room.state.facts.labels, changes)
    for value in filter(None, changes.values()):
        hub.filters.check(hub.access, user, room, value)
    return changes or None


def _check_server_rules(command: ask.SetRules) -> None:
    others = replace(command, id=None, nonce=None, keep_days=None)
    if others != ask.SetRules(room=command.room):
        raise BadMessage(
            "For the whole server only how long messages stay can be set: /server keep 90d"
        )


async def _lock(
    hub: Services,
    session: Session,
    command: ask.SetRules,
    room: HubRoom,
    event: RulesSet,
) -> None:
    password = check_word(command.password or "", name=str(room.name))
    hashed = await hub.passwords.hash(password, turn_of(session))
    if session.ended:
        return
    user = named(session)
    hub.access.check_still(user, Action.RULES, room)
    event = replace(event, at=hub.clock(), by=user.name)
    secret = KeepSecret(SecretKind.ROOM, room.name, hashed)
    submit(hub, session, command, user, room, event, secret, words=_words_of(command))


def _words_of(command: ask.SetRules) -> str:
    """What rules say in words of the client's choice."""
    said = chain.from_iterable((command.labels or {}).items())
    return " ".join(word for word in said if word)


# Who is what


def _check_owned(hub: Services, room: HubRoom, about: User) -> None:
    """Raises `BadMessage` if nobody else than ``about`` owns the server: a ban takes the role away.

    A room without an owner is kept by those of the server; a server without one is anybody's who
    reads the code in its log.
    """
    if room is hub.access.directory and owners_of(room.state.facts) == [about.id]:
        raise BadMessage(
            f"{about.name} is the only owner of this server. Make somebody else one first."
        )


def give_role(
    hub: Services, session: Session, command: ask.GiveRole, user: User, room: HubRoom
) -> None:
    """Gives somebody a role, or takes it away."""
    about, there = target(hub, room, command.user)
    roles = room.state.facts.roles
    check_known(about)
    if room is hub.access.directory and not about.account:
        raise NoSuchUser(
            f"{about.name} has no account here, and a role needs one: ask them to type /register"
        )
    if not (about.account or there):
        raise NoSuchUser(
            f"{about.name} has no account, and is not in {room.name}: a guest has a role only for "
            "as long as they are there."
        )
    if owners_of(room.state.facts) == [about.id] and command.role is not Role.OWNER:
        raise BadMessage(f"{about.name} is the only owner. Make somebody else an owner first.")
    if about.id not in roles and len(roles) >= MAX_ROLES:
        raise TooMany(f"There are {MAX_ROLES} roles in {room.called}, as many as may be.")
    if room is hub.access.directory and command.role is Role.VOICE:
        raise BadMessage("On the whole server there are owners and moderators, and no voices.")
    event = RoleGiven(
        UNSEQUENCED,
        hub.clock(),
        user.name,
        about.name,
        about.id,
        role=command.role,
        passing=not about.account and command.role is not Role.MEMBER,
        by_id=user.id,
    )
    submit(hub, session, command, user, room, event)


# Putting out, muting, banning


def kick(hub: Services, session: Session, command: ask.Kick, user: User, room: HubRoom) -> None:
    """Puts somebody out. Who is put out of the server has to log in again, on all devices."""
    about, there = target(hub, room, command.user)
    if not there and room is not hub.access.directory:
        raise NoSuchUser(f"{about.name} is not in {room.name}.")
    _check_rank(hub, room, user, about)
    reason = _reason(command)
    event = Kicked(UNSEQUENCED, hub.clock(), user.name, about.name, about.id, reason, by_id=user.id)
    also: tuple[Row, ...] = ()
    if room is hub.access.directory and about.account and about.id is not None:
        also = (ForgetDevices(about.id),)
    submit(hub, session, command, user, room, event, *also, words=reason)


def mute(hub: Services, session: Session, command: ask.Mute, user: User, room: HubRoom) -> None:
    """Takes the word from somebody."""
    about = target(hub, room, command.user).user
    _check_rank(hub, room, user, about)
    check_known(about)
    now = hub.clock()
    muted = [id for id, end in room.state.facts.muted.items() if end is None or end > now]
    if about.id not in muted and len(muted) >= MAX_MUTED:
        raise TooMany(f"{MAX_MUTED} people are muted in {room.called}, as many as may be.")
    reason = _reason(command)
    until = None if command.seconds is None else now + 1000 * command.seconds
    event = Muted(
        UNSEQUENCED, now, user.name, about.name, about.id, until=until, reason=reason, by_id=user.id
    )
    submit(hub, session, command, user, room, event, words=reason)


def unmute(hub: Services, session: Session, command: ask.Unmute, user: User, room: HubRoom) -> None:
    """Gives the word back."""
    muted = room.state.facts.muted
    listed = {name.key: id for id, name in _muted_names(hub, room).items()}
    id = listed.get(command.user.key)
    name = command.user
    if id is None:  # the list has another name of theirs
        about = target(hub, room, name).user
        id, name = about.id, about.name
    if id not in muted:
        raise BadMessage(f"{name} is not muted in {room.called}.")
    event = Unmuted(UNSEQUENCED, hub.clock(), user.name, name, id, by_id=user.id)
    submit(hub, session, command, user, room, event)


def _muted_names(hub: Services, room: HubRoom) -> dict[UserId, UserName]:
    """What those who are muted are called: in the room, as an account, else when it was done."""
    facts = room.state.facts
    here = {member.id: member for member in room.state.members.values()}
    return {
        id: UserName.recall(facts.muted_names.get(id, id)) if known is None else known.name
        for id in facts.muted
        for known in (here.get(id) or hub.access.account_of(id),)
    }


def invited_names(hub: Services, room: HubRoom) -> tuple[str, ...]:
    """What those who are invited are called: as an account, else when it was done."""
    invited = room.state.facts.invited
    accounts = ((hub.access.account_of(id), name) for id, name in invited.items())
    return tuple(str(name if known is None else known.name) for known, name in accounts)


def ban(hub: Services, session: Session, command: ask.Ban, user: User, room: HubRoom) -> None:
    """Keeps somebody out, or guests whose names fit a pattern."""
    if (command.user is None) is (command.pattern is None):
        raise BadMessage("Whom? Give either a name, or a pattern of guests' names, as in spam*")
    now = hub.clock()
    if sum(not ban.is_over(now) for ban in room.state.facts.bans) >= MAX_BANS:
        raise TooMany(f"There are {MAX_BANS} bans in {room.called}, as many as may be: /bans")
    about: User | None = None
    also: tuple[Row, ...] = ()
    network = None
    if command.user is not None:
        about = target(hub, room, command.user).user
        check_known(about)
        _check_rank(hub, room, user, about)
        _check_owned(hub, room, about)
    if command.network:
        connected = None if about is None else hub.users.get(about.name.key)
        also = hub.networks.prepare()
        network = None if connected is None else hub.networks.of(connected.client)
        if about is not None and (connected is None or not connected.sessions):
            network = NETWORK_TO_COME if _is_elsewhere(hub, about) else network
        if network is None:
            raise BadMessage(
                "There is no network to ban: whoever that is is not connected now, or on the same "
                "computer as the server."
            )
    reason = _reason(command)
    event = Banned(
        UNSEQUENCED,
        now,
        user.name,
        parse_pattern(command.pattern or "") if about is None else about.name,
        None if about is None else about.id,
        pattern=about is None,
        network=network,
        until=None if command.seconds is None else now + 1000 * command.seconds,
        reason=reason,
        by_id=user.id,
    )
    submit(hub, session, command, user, room, event, *also, words=reason)


def _is_elsewhere(hub: Services, user: User) -> bool:
    """Whether ``user`` is connected to another server, as far as that is known."""
    in_directory = user.account and hub.presence.is_present(hub.access.directory, user.name.key)
    return in_directory or any(hub.presence.is_elsewhere(room, user) for room in hub.rooms)


def ban_network(hub: Services, room: HubRoom, event: Banned) -> None:
    """``event`` was shown, and its network is that of somebody who may be connected here."""
    user = hub.users.get(UserName.recall(event.user).key)
    if user is None or user.id != event.user_id or not user.sessions:
        return
    network = hub.networks.of(user.client)
    if network is not None:
        again = replace(event, seq=UNSEQUENCED, at=hub.clock(), network=network)
        # They may be connected to several servers: the first ban is enough.
        hub.log.append(room.draft(again, nonce=f" network {event.seq} {room.first_key}"))


def unban(hub: Services, session: Session, command: ask.Unban, user: User, room: HubRoom) -> None:
    """Ends a ban."""
    found = _ban_named(hub, room, command)
    about: UserId | None = found.user_id
    event = Unbanned(
        UNSEQUENCED, hub.clock(), user.name, found.user, about, ban=found.seq, by_id=user.id
    )
    submit(hub, session, command, user, room, event)


def _ban_named(hub: Services, room: HubRoom, command: ask.Unban) -> CurrentBan:
    bans = room.state.facts.bans
    if (command.ban is None) is (command.user is None):
        raise BadMessage("Which ban? Give either its number, or the name or pattern: /bans")
    if command.ban is not None:
        found = [ban for ban in bans if ban.seq == command.ban]
    else:
        name = UserName.recall(command.user or "")
        account = hub.access.account(name)  # whose name was another one at that time, maybe
        found = [
            ban
            for ban in bans
            if UserName.recall(ban.user).key == name.key
            or (account is not None and account.id == ban.user_id)
        ]
    if not found:
        raise NoSuchUser(f"There is no such ban in {room.called}. To see all of them: /bans")
    return found[-1]


# What was done


def bans(hub: Services, session: Session, command: ask.Bans, user: User, room: HubRoom) -> None:
    """Lists who is banned, muted, exempt or invited, and what may not be said."""
    now, facts = hub.clock(), room.state.facts
    names = _muted_names(hub, room)
    muted = {
        str(names[id]): until for id, until in facts.muted.items() if until is None or until > now
    }
    current = [ban for ban in facts.bans if not ban.is_over(now)]
    invited = invited_names(hub, room)
    session.outlet.reply(
        BanList(
            re=command.id,
            room=room.name,
            bans=current,
            muted=muted,
            exemptions=facts.exemptions,
            filters=facts.filters,
            invited=invited,
        )
    )


def audit(hub: Services, session: Session, command: ask.Audit, user: User, room: HubRoom) -> None:
    """Answers with a page of what was done by those who moderate."""
    upto = room.head if command.before is None else min(room.head, command.before - 1)
    after = max(0, upto - AUDITED_AT_ONCE)

    async def page() -> Page:
        with room.reading() as meanwhile:
            async with hub.pages.turn(hub.reader(session), lambda: not session.ended):
                read = await room.read(hub.log, after, upto) if upto > after else []
            hub.access.check_still(named(session), Action.AUDIT, room)
            events = up_to_date(read, meanwhile)
        found = [event for event in events if _is_shown(event)][-command.limit :]
        first = found[0].seq if len(found) == command.limit else after + 1
        return Page(room=room.name, events=found, head=room.head, first=first, last=max(upto, 0))

    answer_later(hub, session, command, page)


def _is_shown(event: AnyEvent) -> bool:
    """Whether it is told what was done. Who takes back their own words moderates nobody."""
    own = isinstance(event, Redacted) and event.by_id is not None and event.by_id == event.author_id
    return is_audited(event) and not own
