"""What accounts say of themselves, whom they have blocked, and what is told of somebody.

A profile is an event of the directory, whole each time. Its changes are made one after the other,
by a lock of each account.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from hubbub.domain import commands as ask
from hubbub.domain.errors import BadMessage, NoSuchUser, TooMany
from hubbub.domain.events import UNSEQUENCED, AnyEvent, ProfileSet
from hubbub.domain.ids import UserId
from hubbub.domain.labels import check_labels, labelled
from hubbub.domain.names import UserName
from hubbub.domain.replies import Done, Person, ProfileChanged
from hubbub.domain.rules import MAX_BLOCKED, Profile, Role, Status
from hubbub.domain.text import parse_about, parse_note
from hubbub.hub.answering import answer_later
from hubbub.hub.directory import account_id, append, name_now
from hubbub.hub.labelling import appears_otherwise, tell_labels
from hubbub.hub.moderating import target
from hubbub.hub.room import HubRoom
from hubbub.hub.services import Services
from hubbub.hub.session import Session, User

_BY_GUESTS = frozenset({"status", "note", "labels"})
"""What guests may say of themselves, too."""

# One's own profile


def set_profile(hub: Services, session: Session, command: ask.SetProfile, user: User) -> None:
    """Changes what the account says of itself."""
    about = None if command.about is None else parse_about(command.about)
    note = None if command.note is None else parse_note(command.note)
    labels = command.labels or {}
    check_labels(hub.access.profile_of(user.id).labels, labels)
    for text in filter(None, (about, note, *labels.values())):
        hub.filters.check_everywhere(hub.access, user, text)
    said = {
        "about": about,
        "status": command.status,
        "note": note,
        "hides_seen": command.hides_seen,
        "accounts_only": command.accounts_only,
    }
    changes = {field: value for field, value in said.items() if value is not None}

    def changed(profile: Profile) -> Profile:
        return replace(profile, **changes, labels=labelled(profile.labels, labels))

    if not user.account and not changes.keys() - _BY_GUESTS:
        _say_as_guest(hub, session, command, user, changed)
        return
    change_profile(hub, session, command, user, changed)


def _say_as_guest(
    hub: Services,
    session: Session,
    command: ask.SetProfile,
    user: User,
    changed: Callable[[Profile], Profile],
) -> None:
    """What a guest says holds for as long as they are connected."""
    if user.id is not None:
        before = hub.access.profile_of(user.id)
        now = changed(before)
        hub.access.said_by_guests.say(user.id, user.name.key, now)
        if appears_otherwise(before, now):
            _appears(hub, user.name, user.id, user.sessions)
        tell_labels(hub, user.name, user.id, before, now)
    session.outlet.reply(Done(re=command.id))


def block(hub: Services, session: Session, command: ask.Block, user: User) -> None:
    """Lets somebody not write to the account alone any more, or lets them again."""
    change = _blocking if command.on else _unblocking
    change_profile(hub, session, command, user, partial(change, hub, user, command.user))


def change_profile(
    hub: Services,
    session: Session,
    command: ask.SetProfile | ask.Block | ask.Accept,
    user: User,
    changed: Callable[[Profile], Profile],
) -> None:
    """Saves what ``changed`` makes of the account's profile, if that is another one."""
    id = account_id(user)
    said = changed(hub.access.profile_of(id))
    hub.take_disk(session, command, user.name, *words_of(said))

    async def change() -> Done:
        async with hub.locks.of(id):
            name, before = name_now(hub, session, id), hub.access.profile_of(id)
            now = changed(before)
            if now != before:
                await append(hub, ProfileSet(UNSEQUENCED, hub.clock(), name, now, by_id=id))
        return Done()

    answer_later(hub, session, command, change)


def words_of(profile: Profile) -> Iterator[str]:
    """All that is saved of it whenever something of it changes."""
    yield profile.about
    yield profile.note
    for held in (profile.blocked, profile.accepted, profile.labels):
        for one in held.items():
            yield from one


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
    accepted = {id: known for id, known in profile.accepted.items() if id != about.id}
    blocked = {**profile.blocked, about.id: str(about.name)}
    return replace(profile, blocked=blocked, accepted=accepted)


def _unblocking(hub: Services, user: User, name: UserName, profile: Profile) -> Profile:
    """By the name that they have now, or had when they were blocked."""
    account, guest = hub.access.account(name), hub.users.get(name.key)
    now = {one.id for one in (account, guest) if one is not None}
    return replace(profile, blocked=without(profile.blocked, name, now))


def without(
    held: Mapping[UserId, str], name: UserName, ids: Collection[UserId | None]
) -> dict[UserId, str]:
    """``held`` without who has one of ``ids``, or was called ``name``."""
    return {
        id: known
        for id, known in held.items()
        if id not in ids and UserName.recall(known).key != name.key
    }


# What others are told


def shown(hub: Services, events: Sequence[AnyEvent]) -> list[Callable[[], None]]:
    """``events`` of the directory are shown; what was told of accounts until now is still known.

    Returns what is to be done when the new profiles are.
    """
    return [
        _shown(hub, UserName.recall(event.by), event.by_id, event.profile)
        for event in events
        if isinstance(event, ProfileSet) and event.by_id is not None
    ]


def _shown(hub: Services, name: UserName, id: UserId, profile: Profile) -> Callable[[], None]:
    before = hub.access.profile_of(id)
    user = hub.users.get(name.key)
    sessions = () if user is None or user.id != id else user.sessions
    told = ProfileChanged(profile=replace(profile, registered=before.registered))
    for session in sessions:
        session.outlet.reply(told)
    if user is not None and user.id == id and profile.blocked != before.blocked:
        hub.reading.recount(user)
    tell_labels(hub, name, id, before, profile)
    if appears_otherwise(before, profile):
        return partial(_appears, hub, name, id, sessions)
    return partial(hub.watchers.changed, name.key)


def _appears(hub: Services, name: UserName, id: UserId, sessions: Sequence[Session]) -> None:
    """All rooms are told that somebody wants to be seen otherwise, and who watches them."""
    rooms = {room for session in sessions for room in session.rooms}
    if hub.tell_others is not None:  # they may be in rooms at another server
        rooms |= {room for room in hub.rooms if room.live and name.key in room.state.members}
    for room in rooms.union(hub.belonging.of(id)):
        hub.appearances.changed_by_themselves(room, name.key)
    hub.watchers.changed(name.key)


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
        # Of nodes of older versions only the rooms tell: a name may be held for who is gone.
        here = hub.is_connected(guest)
        here = here or any(hub.presence.is_elsewhere(room, guest) for room in hub.rooms)
        profile = hub.access.profile_of(guest.id)
        person = Person(
            re=command.id,
            user=guest.name,
            user_id=guest.id,
            here=here,
            role=hub.access.server_role(guest),
            status=profile.status,
            note=profile.note,
            labels=profile.labels,
        )
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
    here = connected and (not profile.hides_seen or meet(hub, asker, account.name))
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
        labels=profile.labels,
    )


def meet(hub: Services, asker: User, name: UserName) -> bool:
    """Whether ``asker`` is in a room in which that user is: there it is seen who comes and goes."""
    rooms = {room for session in asker.sessions for room in session.rooms}
    return asker.name.key == name.key or any(
        hub.presence.is_present(room, name.key) for room in rooms
    )
