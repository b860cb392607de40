"""What accounts say of themselves, whom they have blocked, and what is told of somebody.

A profile is an event of the directory, whole each time. Its changes are made one after the other,
by a lock of each account.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NoSuchUser, TooMany
from hubbub.domain.events import UNSEQUENCED, AnyEvent, ProfileSet
from hubbub.domain.ids import UserId
from hubbub.domain.names import UserName
from hubbub.domain.replies import Done, Person, ProfileChanged
from hubbub.domain.rules import MAX_BLOCKED, Profile, Role, Status
from hubbub.domain.text import parse_about, parse_note
from hubbub.hub.answering import answer_later
from hubbub.hub.directory import account_id, append, name_now
from hubbub.hub.moderating import target
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

# One's own profile


def set_profile(hub: Services, session: Session, command: ask.SetProfile, user: User) -> None:
    """Changes what the account says of itself."""
    about = None if command.about is None else parse_about(command.about)
    note = None if command.note is None else parse_note(command.note)
    for text in filter(None, (about, note)):
        hub.filters.check_everywhere(hub.access, user, text)
    said = {
        "about": about,
        "status": command.status,
        "note": note,
        "hides_seen": command.hides_seen,
    }
    changes = {field: value for field, value in said.items() if value is not None}
    _change(hub, session, command, user, lambda profile: replace(profile, **changes))


def block(hub: Services, session: Session, command: ask.Block, user: User) -> None:
    """Lets somebody not write to the account alone any more, or lets them again."""
    change = _blocking if command.on else _unblocking
    _change(hub, session, command, user, partial(change, hub, user, command.user))


def _change(
    hub: Services,
    session: Session,
    command: ask.SetProfile | ask.Block,
    user: User,
    changed: Callable[[Profile], Profile],
) -> None:
    """Saves what ``changed`` makes of the account's profile, if that is another one."""
    id = account_id(user)
    said = changed(hub.access.profile_of(id))
    names = (word for blocked in said.blocked.items() for word in blocked)
    hub.take_disk(session, command, user.name, said.about, said.note, *names)

    async def change() -> Done:
        async with hub.locks.of(id):
            name, before = name_now(hub, session, id), hub.access.profile_of(id)
            now = changed(before)
            if now != before:
                await append(hub, ProfileSet(UNSEQUENCED, hub.clock(), name, now, by_id=id))
        return Done()

    answer_later(hub, session, command, change)


def _blocking(hub: Services, user: User, name: UserName, profile: Profile) -> Profile:
    about = target(hub, hub.access.directory, name).user
    if about.id is None:
        raise NoSuchUser(f'There is nobody called "{name}" here.')
    if about.id == user.id:
        raise BadMessage("That is you. Whom do you mean?")
    if about.id in profile.blocked:
        return profile
    if len(profile.blocked) >= MAX_BLOCKED:
        raise TooMany(f"You have blocked {MAX_BLOCKED} people, as many as may be.")
    return replace(profile, blocked={**profile.blocked, about.id: str(about.name)})


def _unblocking(hub: Services, user: User, name: UserName, profile: Profile) -> Profile:
    """By the name that they have now, or had when they were blocked."""
    account, guest = hub.access.account(name), hub.users.get(name.key)
    now = {one.id for one in (account, guest) if one is not None}
    blocked = {
        id: known
        for id, known in profile.blocked.items()
        if id not in now and UserName.recall(known).key != name.key
    }
    return replace(profile, blocked=blocked)


# What others are told


def shown(hub: Services, events: Sequence[AnyEvent]) -> None:
    """``events`` of the directory are shown; what was told of accounts until now is still known."""
    for event in events:
        if isinstance(event, ProfileSet) and event.by_id is not None:
            _shown(hub, UserName.recall(event.by), event.by_id, event.profile)


def _shown(hub: Services, name: UserName, id: UserId, profile: Profile) -> None:
    before = hub.access.profile_of(id)
    user = hub.users.get(name.key)
    sessions = () if user is None or user.id != id else user.sessions
    told = ProfileChanged(profile=replace(profile, registered=before.registered))
    for session in sessions:
        session.outlet.reply(told)
    if user is not None and user.id == id and profile.blocked != before.blocked:
        hub.reading.recount(user)
    if (profile.status, profile.note) != (before.status, before.note):
        rooms = {room for session in sessions for room in session.rooms}
        if hub.tell_others is not None:  # the account may be in rooms at another server
            rooms |= {room for room in hub.rooms if room.live and name.key in room.state.members}
        for room in rooms.union(hub.belonging.of(id)):
            hub.appearances.changed(room, name.key)


def statuses(hub: Services, room: HubRoom) -> dict[str, Status]:
    """Of those in ``room`` who are not simply here by their own words."""
    found = {
        str(member.name): hub.access.profile_of(member.id).status
        for member in room.state.members.values()
    }
    return {name: status for name, status in found.items() if status is not Status.HERE}


def whois(hub: Services, session: Session, command: ask.Whois, user: User) -> None:
    """Tells what is known of somebody. Of guests that is whether they are connected."""
    account, guest = hub.access.account(command.user), hub.users.anywhere(command.user.key)
    if account is not None and account.id is not None:
        answer_later(hub, session, command, partial(_person, hub, session, user, account.id))
    elif guest is not None:
        # Of other nodes only the rooms tell: a name may be held there for who is gone.
        here = bool(guest.sessions) or any(hub.presence.is_elsewhere(r, guest) for r in hub.rooms)
        person = Person(re=command.id, user=guest.name, user_id=guest.id, here=here)
        session.outlet.reply(person)
    else:
        raise NoSuchUser(f'There is nobody called "{command.user}" here.')


async def _person(hub: Services, session: Session, asker: User, id: UserId) -> Person:
    async with hub.pages.turn(hub.reader(session), lambda: not session.ended):
        devices = await hub.log.devices(id)
    account, profile = hub.access.account_of(id), hub.access.profile_of(id)
    if account is None:
        raise NoSuchUser("This account is closed.")
    user = hub.users.get(account.name.key)
    connected = user is not None and user.id == id and bool(user.sessions)
    connected = connected or hub.presence.is_present(hub.access.directory, account.name.key)
    # Who asks again and again would else see when somebody goes who does not want that told.
    here = connected and (not profile.hides_seen or _meet(hub, asker, account.name))
    seen = hub.clock() if connected else max((one.seen for one in devices), default=None)
    return Person(
        user=account.name,
        user_id=id,
        here=here,
        account=True,
        role=hub.access.directory.state.facts.roles.get(id, Role.MEMBER),
        registered=profile.registered or None,
        seen=None if profile.hides_seen else seen,
        about=profile.about,
        status=profile.status,
        note=profile.note,
    )


def _meet(hub: Services, asker: User, name: UserName) -> bool:
    """Whether ``asker`` is in a room in which that user is: there it is seen who comes and goes."""
    rooms = {room for session in asker.sessions for room in session.rooms}
    return asker.name.key == name.key or any(
        hub.presence.is_present(room, name.key) for room in rooms
    )
